"""A client's own texts: written, reviewed by somebody else, published, followed, taken back."""

from __future__ import annotations

import pytest
from flask import Flask

from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.runbooks import service, texts
from servicedesk.runbooks.definition import Runbook
from servicedesk.runbooks.models import RunbookText
from servicedesk.runbooks.texts import Place
from tests.servicedesk.runbooks.texts import EVERY_KIND
from tests.servicedesk.world import Browser, World, fresh

OURS = EVERY_KIND.replace("title_en: One step of every kind", "title_en: The way it is done here")


def place(world: World, site: str = "") -> Place:
    number = world.sites[site].id if site else None
    return Place(world.organisations["north"].id, number)


def written(world: World, where: Place, source: str = OURS, who: str = "emma") -> RunbookText:
    """A text that waits for its review."""
    actor = world.actor(who)
    with unit_of_work():
        text = texts.begin("every-kind", where, actor=actor, now=world.now)
        texts.save(text, source, actor=actor, now=world.now)
        texts.submit(text, actor=actor, now=world.now)
    return text


def published(world: World, where: Place, source: str = OURS) -> RunbookText:
    text = written(world, where, source)
    with unit_of_work():
        texts.publish(text, actor=world.actor("sam"), now=world.now)
    return text


def title(world: World, where: Place) -> str:
    fresh()
    return texts.get("every-kind", where).title.en


def test_a_site_s_text_goes_before_the_client_s_before_the_product_s(
    any_world: World, every_kind: Runbook
) -> None:
    world = any_world
    client, first, second = place(world), place(world, "north-1"), place(world, "north-2")
    south = Place(world.organisations["south"].id)
    assert title(world, first) == "One step of every kind"
    published(world, client)
    published(world, first, OURS.replace("done here", "done at site 1"))
    assert title(world, first) == "The way it is done at site 1"
    assert title(world, second) == title(world, client) == "The way it is done here"
    assert title(world, south) == "One step of every kind"


def test_what_is_followed_is_the_text_of_the_ticket_s_place(world: World, every_kind: Runbook) -> None:
    text = published(world, place(world))
    ticket = world.ticket()
    holding = texts.get("every-kind", Place(ticket.client_id, ticket.site_id))
    with unit_of_work():
        run = service.start(ticket, holding, actor=world.actor("emma"), now=world.now)
        texts.retire(text, actor=world.actor("sam"), now=world.now)
    assert title(world, place(world)) == "One step of every kind"
    assert service.runbook_of(run).title.en == "The way it is done here"  # it goes on as it began


def test_a_newer_text_retires_the_older_one(any_world: World, every_kind: Runbook) -> None:
    old = published(any_world, place(any_world))
    new = published(any_world, place(any_world), OURS.replace("done here", "done now"))
    fresh()
    assert (old.state, new.state, new.number) == ("retired", "published", 2)


def test_nobody_publishes_their_own_text(world: World, every_kind: Runbook) -> None:
    text = written(world, place(world), who="sue")  # who may publish those of others
    with pytest.raises(NotAllowedError, match="their own work"), unit_of_work():
        texts.publish(text, actor=world.actor("sue"), now=world.now)
    with pytest.raises(NotAllowedError), unit_of_work():
        texts.publish(text, actor=world.actor("emma"), now=world.now)


def test_a_text_with_a_mistake_is_kept_but_not_submitted(world: World, every_kind: Runbook) -> None:
    wrong = OURS.replace("(approval)", "(aproval)")
    line = wrong[: wrong.index("(aproval)")].count("\n") + 1
    emma = world.actor("emma")
    with unit_of_work():
        text = texts.begin("every-kind", place(world), actor=emma, now=world.now)
        texts.save(text, wrong, actor=emma, now=world.now)
    with pytest.raises(InvalidError, match=f"Line {line}"), unit_of_work():
        texts.submit(text, actor=emma, now=world.now)
    fresh()
    assert (text.state, text.source) == ("draft", wrong)
    with unit_of_work():
        texts.save(text, OURS.replace("id: every-kind", "id: another"), actor=emma, now=world.now)
    with pytest.raises(InvalidError, match="named 'every-kind'"), unit_of_work():
        texts.submit(text, actor=emma, now=world.now)


def test_what_is_sent_back_is_changed_and_submitted_again(world: World, every_kind: Runbook) -> None:
    text = written(world, place(world))
    sam, emma = world.actor("sam"), world.actor("emma")
    with pytest.raises(InvalidError), unit_of_work():
        texts.send_back(text, " ", actor=sam, now=world.now)
    with pytest.raises(ConflictError), unit_of_work():
        texts.save(text, OURS, actor=emma, now=world.now)  # it is being reviewed
    with unit_of_work():
        texts.send_back(text, "Name the telephone number.", actor=sam, now=world.now)
        texts.submit(text, actor=emma, now=world.now)
        texts.publish(text, actor=sam, now=world.now)


def test_one_text_of_a_place_is_written_at_a_time(any_world: World, every_kind: Runbook) -> None:
    written(any_world, place(any_world))
    with pytest.raises(ConflictError), unit_of_work():
        texts.begin("every-kind", place(any_world), actor=any_world.actor("sue"), now=any_world.now)
    with unit_of_work():  # another place is another text
        texts.begin(
            "every-kind", place(any_world, "north-1"), actor=any_world.actor("sue"), now=any_world.now
        )


def test_texts_are_nobody_else_s_business(world: World, every_kind: Runbook) -> None:
    text = written(world, place(world))
    for who in ("stan", "rita", "carl"):
        with pytest.raises(NotFoundError):
            texts.get_visible(text.id, world.actor(who))
        with pytest.raises(NotAllowedError), unit_of_work():
            texts.begin("every-kind", place(world, "north-2"), actor=world.actor(who), now=world.now)
    with pytest.raises(NotAllowedError), unit_of_work():  # Erik works at the first site alone
        texts.begin("every-kind", place(world, "north-2"), actor=world.actor("erik"), now=world.now)
    wrong = Place(world.organisations["north"].id, world.sites["south-1"].id)
    with pytest.raises(InvalidError), unit_of_work():  # a site of another client
        texts.begin("every-kind", wrong, actor=world.actor("emma"), now=world.now)


def test_from_the_first_word_to_publication_in_the_browser(
    app: Flask, world: World, every_kind: Runbook
) -> None:
    emma, sam = Browser(app, "emma"), Browser(app, "sam")
    assert "Write a text of one" in emma.get("/runbooks/every-kind").text
    begun = emma.post("/runbooks/every-kind/texts", place=f"client:{world.organisations['north'].id}")
    url = begun.headers["Location"]
    assert "No problem found." in emma.get(url).text
    shown = emma.post(f"{url}/preview", source=OURS.replace("(approval)", "(aproval)")).text
    assert "unknown kind" in shown
    assert "<html" not in shown
    hostile = emma.post(f"{url}/preview", source="\x00<script>alert(1)</script>" + "x" * 300_000)
    assert hostile.status_code == 200
    assert "<script>alert" not in hostile.text
    refused = emma.post(f"{url}/submit", source="nonsense")
    assert refused.status_code == 422
    assert "nonsense" in refused.text  # nothing typed is lost
    assert emma.post(f"{url}/submit", source=OURS).status_code == 302
    assert emma.post(f"{url}/publish").status_code == 403
    assert "Publish" in sam.get(url).text
    assert sam.post(f"{url}/publish").status_code == 302
    ticket = world.ticket()
    assert "The way it is done here" in emma.get(f"/tickets/{ticket.id}/rest").text
    assert "The way it is done here" in emma.get(f"/runbooks/every-kind?ticket={ticket.id}").text
    assert Browser(app, "stan").get(url).status_code == 404
    for place_ in ("", "client:999999", "site:x", f"client:{world.organisations['south'].id}"):
        assert emma.post("/runbooks/every-kind/texts", place=place_).status_code == 404
