"""Runbooks the product does not have: begun in the browser, reviewed, published, found and followed."""

from __future__ import annotations

import pytest
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.runbooks import service, texts
from servicedesk.runbooks.library import library
from servicedesk.runbooks.models import RunbookText
from servicedesk.runbooks.texts import NewRunbook, Place
from tests.servicedesk.world import Browser, World, fresh

DOOR = NewRunbook("door-access-reset", "Reset the door", "重置门禁", "general")


def begun(world: World, new: NewRunbook = DOOR, who: str = "emma", client: str = "north") -> RunbookText:
    place = Place(world.organisations[client].id)
    with unit_of_work():
        return texts.begin_new(new, place, actor=world.actor(who), now=world.now)


def published(world: World) -> RunbookText:
    text = begun(world)
    with unit_of_work():
        texts.submit(text, actor=world.actor("emma"), now=world.now)
        texts.publish(text, actor=world.actor("sam"), now=world.now)
    return text


def test_a_new_runbook_can_be_followed_as_it_begins(any_world: World) -> None:
    text = begun(any_world)
    runbook, problems = texts.lint(text, text.source)
    assert problems == []
    assert runbook is not None
    assert (runbook.title.en, runbook.title.zh, runbook.category) == ("Reset the door", "重置门禁", "general")


def test_it_holds_at_its_client_once_it_is_published(any_world: World) -> None:
    world = any_world
    published(world)
    fresh()
    ticket = world.ticket(category="general")
    found = texts.get("door-access-reset", Place(ticket.client_id))
    with unit_of_work():
        run = service.start(ticket, found, actor=world.actor("emma"), now=world.now)
    assert run.key == "door-access-reset"
    with pytest.raises(NotFoundError):
        texts.get("door-access-reset", Place(world.organisations["south"].id))
    assert list(texts.own_runbooks(world.actor("emma"))) == ["door-access-reset"]
    assert texts.own_runbooks(world.actor("stan")) == {}


@pytest.mark.parametrize("key", ["", "Door", "door access", "../x", "x" * 61, "门禁", "a--b", "door\nid: x"])
def test_a_name_is_a_name(world: World, key: str) -> None:
    with pytest.raises(InvalidError, match="Small letters"):
        begun(world, NewRunbook(key, "A", "甲"))


def test_a_name_stands_for_one_runbook(world: World) -> None:
    with pytest.raises(InvalidError, match="already"):
        begun(world, NewRunbook(next(iter(library())), "A", "甲"))
    published(world)
    with pytest.raises(InvalidError, match="already"):
        begun(world)
    with pytest.raises(InvalidError, match="both languages"):
        begun(world, NewRunbook("other", "A", " \n "))
    with pytest.raises(NotAllowedError):
        begun(world, NewRunbook("other", "A", "甲"), client="south")


def test_a_title_cannot_bring_lines_of_its_own(world: World) -> None:
    text = begun(world, NewRunbook("other", "A\nrole: supervisor {title_zh}", "甲"))
    runbook, _problems = texts.lint(text, text.source)
    assert runbook is not None
    assert runbook.role == "engineer"


def test_in_the_browser(app: Flask, world: World) -> None:
    emma, sam, stan = (Browser(app, who) for who in ("emma", "sam", "stan"))
    place = f"client:{world.organisations['north'].id}"
    fields = {"place": place, "title_en": "Reset <the> door", "title_zh": "重置门禁", "category": "general"}
    refused = emma.post("/runbooks/new", key="Nice Name", **fields)
    assert refused.status_code == 422
    assert "Reset &lt;the&gt; door" in refused.text
    page = emma.post("/runbooks/new", key="door-access-reset", **fields).headers["Location"]
    assert "No problem found." in emma.get(page).text
    fresh()
    source = db.session.query(RunbookText).one().source
    emma.post(f"{page}/submit", source=source)
    sam.post(f"{page}/publish")
    assert "/runbooks/door-access-reset" in emma.get("/runbooks/?q=door").text
    assert "Reset &lt;the&gt; door" in emma.get("/runbooks/door-access-reset").text
    assert "/runbooks/door-access-reset" in emma.get("/search?list=1&q=door").text
    assert stan.get("/runbooks/door-access-reset").status_code == 404
    assert "door-access" not in stan.get("/runbooks/").text
    assert stan.post("/runbooks/new", key="other", **fields).status_code == 404
    assert Browser(app, "rita").get("/runbooks/new").status_code == 404
