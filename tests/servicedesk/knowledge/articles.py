"""Articles as people make them."""

from __future__ import annotations

from servicedesk.core.db import unit_of_work
from servicedesk.knowledge import service
from servicedesk.knowledge.models import ArticleVersion
from servicedesk.knowledge.service import Content
from tests.servicedesk.world import World

BODY = "## What to do\n\n1. Open the lid.\n2. Pull the paper out **slowly**.\n"


def draft(world: World, who: str = "emma", where: str = "north", **values: object) -> ArticleVersion:
    """A draft; ``where`` is an organisation."""
    organisation = world.organisations[where]
    kind = "client" if organisation.kind == "client" else "company"
    given = {"title": "Paper jam in the printer", "body": BODY, **values}
    content = Content(**given)  # type: ignore[arg-type]  # as the test says
    with unit_of_work():
        return service.begin(f"{kind}:{organisation.id}", content, actor=world.actor(who), now=world.now)


def published(
    world: World, who: str = "emma", where: str = "north", reviewer: str = "sam", **values: object
) -> ArticleVersion:
    """An article that holds."""
    version = draft(world, who, where, **{"audience": "requesters", **values})
    publish(world, version, who, reviewer)
    return version


def publish(world: World, version: ArticleVersion, who: str = "emma", reviewer: str = "sam") -> None:
    """Submit and publish."""
    with unit_of_work():
        service.move(version, "submit", actor=world.actor(who), now=world.now)
        service.move(version, "publish", actor=world.actor(reviewer), now=world.now)
