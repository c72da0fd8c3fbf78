"""Tickets that belong together: linked, above and below each other, merged, split, followed up."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.search import index
from servicedesk.tickets import belongings, links
from servicedesk.tickets.attachments import attach
from servicedesk.tickets.models import Attachment, Ticket, TicketCost, TimelineEntry
from servicedesk.tickets.service import NewTicket, TransitionInput, comment, transition
from tests.servicedesk.world import Browser, World, fresh


def entries(ticket: Ticket) -> list[TimelineEntry]:
    statement = (
        sa.select(TimelineEntry).where(TimelineEntry.ticket_id == ticket.id).order_by(TimelineEntry.id)
    )
    return list(db.session.scalars(statement))


def test_both_tickets_say_that_they_are_linked_once(any_world: World) -> None:
    one, other = any_world.ticket(), any_world.ticket()
    emma = any_world.actor("emma")
    for _ in range(2):
        with unit_of_work():
            links.link(one, other, "related", actor=emma, now=any_world.now)
    assert [row.id for row in links.links_of(one, emma)] == [other.id]
    assert [row.id for row in links.links_of(other, emma)] == [one.id]
    assert [e.kind for e in entries(other)].count("link") == 1
    assert links.links_of(one, any_world.actor("rolf")) == []


@pytest.mark.parametrize("kind", ["", "parent", "nonsense"])
def test_an_unknown_kind_of_link_is_refused(world: World, kind: str) -> None:
    one, other = world.ticket(), world.ticket()
    with pytest.raises(InvalidError), unit_of_work():
        links.link(one, other, kind, actor=world.actor("emma"), now=world.now)


def test_tickets_of_two_clients_are_never_put_together(world: World) -> None:
    here, there = world.ticket("rita"), world.ticket("rolf")
    admin = world.actor("sam")
    for act in (
        lambda: links.link(here, there, "related", actor=admin, now=world.now),
        lambda: links.set_parent(here, there, actor=admin, now=world.now),
        lambda: links.merge(here, there, reason="", actor=admin, now=world.now),
    ):
        with pytest.raises((InvalidError, NotAllowedError)), unit_of_work():
            act()
    with pytest.raises(InvalidError, match="may not see"):
        links.find_visible(there.number, world.actor("emma"))


def test_a_parent_waits_for_its_children(any_world: World) -> None:
    world = any_world
    parent, child = world.ticket(), world.ticket()
    emma = world.actor("emma")
    with unit_of_work():
        links.set_parent(child, parent, actor=emma, now=world.now)
        transition(parent, "start", TransitionInput(), actor=emma, now=world.now)
    done = TransitionInput(resolution="mended", details=world.mended())
    with pytest.raises(InvalidError, match=child.number), unit_of_work():
        transition(parent, "resolve", done, actor=emma, now=world.now)
    with unit_of_work():
        transition(child, "cancel", TransitionInput(reason="twice"), actor=world.actor("sam"), now=world.now)
        transition(parent, "resolve", done, actor=emma, now=world.now)
    assert parent.state == "resolved"


def test_no_circles_and_no_towers(world: World) -> None:
    a, b, c, d = (world.ticket() for _ in range(4))
    emma = world.actor("emma")
    with unit_of_work():
        links.set_parent(b, a, actor=emma, now=world.now)
        links.set_parent(c, b, actor=emma, now=world.now)
    for child, parent in ((a, a), (a, c), (d, c)):
        with pytest.raises(InvalidError), unit_of_work():
            links.set_parent(child, parent, actor=emma, now=world.now)
    with unit_of_work():
        links.set_parent(b, None, actor=emma, now=world.now)
        links.set_parent(d, c, actor=emma, now=world.now)
    assert links.family(c, emma)[0] == b


def test_a_merge_takes_everything_along(any_world: World) -> None:
    world = any_world
    lost, kept, child = world.ticket(description="smells of burning"), world.ticket(), world.ticket()
    emma = world.actor("emma")
    with unit_of_work():
        entry = comment(lost, "photo of the fuser", internal=False, actor=world.actor("rita"), now=world.now)
        attach(entry, [("fuser.png", b"\x89PNG\r\n\x1a\n...")], blobs=runtime().blobs, now=world.now)
        comment(lost, "he always says that", internal=True, actor=emma, now=world.now)
        belongings.add_cost(
            lost,
            kind="part",
            description="fuser",
            quantity="2",
            unit_price="99.50",
            actor=emma,
            now=world.now,
        )
        links.set_parent(child, lost, actor=emma, now=world.now)
        links.merge(lost, kept, reason="Same printer.", actor=emma, now=world.now)
    copied = [e for e in entries(kept) if e.data.get("copied_from") == lost.number]
    assert [e.body.split("\n")[-1] for e in copied[:2]] == ["smells of burning", "photo of the fuser"]
    assert [e.internal for e in copied] == [False, False, True]
    assert [file.name for e in copied for file in e.attachments] == ["fuser.png"]
    assert db.session.scalar(sa.select(TicketCost.ticket_id)) == kept.id
    assert (lost.state, lost.phase, lost.merged_into_id) == ("merged", "closed", kept.id)
    assert child.parent_id == kept.id
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 2
    assert kept.id in db.session.scalars(index.found("ticket", "burning")).all()


def test_nothing_is_merged_into_what_is_done_or_into_itself(world: World) -> None:
    ticket, done, child = world.ticket(), world.ticket(), world.ticket()
    emma = world.actor("emma")
    with unit_of_work():
        links.set_parent(child, ticket, actor=emma, now=world.now)
        transition(done, "cancel", TransitionInput(reason="no"), actor=world.actor("sam"), now=world.now)
    for into, error in ((done, ConflictError), (ticket, InvalidError), (child, InvalidError)):
        with pytest.raises(error), unit_of_work():
            links.merge(ticket, into, reason="", actor=emma, now=world.now)
    assert ticket.state == "new"


def test_a_part_becomes_a_ticket_of_its_own_for_the_same_requester(any_world: World) -> None:
    world = any_world
    ticket = world.ticket()
    with unit_of_work():
        entry = comment(
            ticket, "And the scanner too!", internal=False, actor=world.actor("rita"), now=world.now
        )
        attach(entry, [("scan.txt", b"text")], blobs=runtime().blobs, now=world.now)
        new = NewTicket(ticket.client_id, "fault", "Scanner", description=entry.body)
        made = links.split(ticket, entry, new, actor=world.actor("emma"), now=world.now)
    assert made.requester_id == world.users["rita"].id
    assert [e.body for e in entries(made) if e.body] == ["And the scanner too!"]
    assert [f.name for e in entries(made) for f in e.attachments] == ["scan.txt"]
    assert links.links_of(made, world.actor("rita"))[0].id == ticket.id


def test_a_follow_up_is_begun_from_the_page(app: Flask, world: World) -> None:
    ticket = world.ticket(description="it breaks each week")
    browser = Browser(app, "emma")
    page = browser.get(f"/tickets/new/change?follow={ticket.id}").text
    assert ticket.number in page
    assert "Printer jams" in page
    answer = browser.post(
        f"/tickets/new/change?follow={ticket.id}",
        title="Replace the printer",
        detail_subtype="normal",
        detail_reason_for_change="it breaks each week",
        impact="3",
        urgency="2",
        client_id=str(ticket.client_id),
    )
    assert answer.status_code == 302, answer.text
    fresh()
    made = db.session.scalars(sa.select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()
    assert [(row.kind, row.id) for row in links.links_of(made, world.actor("emma"))] == [
        ("follow_up", ticket.id)
    ]
    assert browser.get("/tickets/new/change?follow=99999").status_code == 404


def test_pages_of_links_answer_with_a_sentence(app: Flask, world: World) -> None:
    ticket, other = world.ticket(), world.ticket()
    browser = Browser(app, "emma")
    for number in ("", "FLT-999999", other.number.lower(), "<script>", "\u0000", "#" * 5000):
        answer = browser.post(f"/tickets/{ticket.id}/links", kind="related", number=number)
        assert answer.status_code == (302 if number == other.number.lower() else 422)
    assert other.number in browser.get(f"/tickets/{ticket.id}/rest").text
    refused = browser.post(f"/tickets/{ticket.id}/merge", number="FLT-9", reason="why <b>")
    assert refused.status_code == 422
    assert "why &lt;b&gt;" in refused.text
    answer = browser.post(f"/tickets/{ticket.id}/merge", number=other.number, reason="same")
    assert answer.status_code == 302
    assert "was merged" in browser.get(f"/tickets/{ticket.id}").text
