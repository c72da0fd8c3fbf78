"""Costs, time, checklist, drafts, canned replies, saved views, lists, and one action on many tickets."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.tickets import belongings, bulk, drafts, fields, lists, macros, saved_views
from servicedesk.tickets.editing import edit_fields
from servicedesk.tickets.models import Draft, ListEntry, SavedView, Ticket, TicketCost
from servicedesk.tickets.service import TransitionInput, transition
from servicedesk.tickets.workflows import WORKFLOWS
from tests.servicedesk.world import Browser, World, fresh

COST = {"kind": "part", "description": "fuser", "quantity": "2", "unit_price": "1,250.50"}


def test_a_cost_is_quantity_times_price_to_the_cent(any_world: World) -> None:
    ticket = any_world.ticket()
    with unit_of_work():
        cost = belongings.add_cost(ticket, **COST, actor=any_world.actor("emma"), now=any_world.now)
    assert str(cost.amount) == "2501.00"


def test_a_refused_cost_is_said_in_its_form_and_nothing_typed_is_lost(app: Flask, world: World) -> None:
    ticket, browser = world.ticket(), Browser(app, "emma")
    typed = {**COST, "quantity": "-1", "description": '"><script>alert(1)</script>'}
    refused = browser.post(f"/tickets/{ticket.id}/costs", **typed)
    assert refused.status_code == 422
    assert "Give a number from" in refused.text
    assert 'name="quantity" value="-1"' in refused.text
    assert "&gt;&lt;script&gt;alert(1)" in refused.text
    assert "<script>alert" not in refused.text
    kept = browser.post(f"/tickets/{ticket.id}/costs", **COST)
    assert kept.location == f"/tickets/{ticket.id}#costs"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "bribe"),
        ("description", "  "),
        ("quantity", "0"),
        ("quantity", "-1"),
        ("quantity", "many"),
        ("quantity", "1e999"),
        ("quantity", "nan"),
        ("unit_price", "-0.01"),
        ("unit_price", "Infinity"),
        ("unit_price", "9" * 400),
    ],
)
def test_a_cost_that_makes_no_sense_is_refused(world: World, field: str, value: str) -> None:
    ticket = world.ticket()
    with pytest.raises(InvalidError) as refusal, unit_of_work():
        belongings.add_cost(ticket, **{**COST, field: value}, actor=world.actor("emma"), now=world.now)
    assert refusal.value.field == field
    assert db.session.scalar(sa.select(sa.func.count()).select_from(TicketCost)) == 0


def test_what_hangs_on_a_closed_ticket_stays_as_it_is(world: World) -> None:
    ticket, emma = world.ticket(), world.actor("emma")
    with unit_of_work():
        cost = belongings.add_cost(ticket, **COST, actor=emma, now=world.now)
        transition(ticket, "cancel", TransitionInput(reason="no"), actor=world.actor("sam"), now=world.now)
    for act in (
        lambda: belongings.add_cost(ticket, **COST, actor=emma, now=world.now),
        lambda: belongings.remove_cost(ticket, cost.id, actor=emma, now=world.now),
        lambda: belongings.add_point(ticket, "x", mandatory=False, actor=emma),
        lambda: belongings.log_work(
            ticket, minutes=5, day=world.now.date(), note="", actor=emma, now=world.now
        ),
    ):
        with pytest.raises(ConflictError), unit_of_work():
            act()


@pytest.mark.parametrize(("minutes", "days"), [(None, 0), (0, 0), (1441, 0), (5, -400), (5, 4000)])
def test_time_that_cannot_have_been_spent_is_refused(world: World, minutes: int | None, days: int) -> None:
    ticket = world.ticket()
    day = world.now.date() + timedelta(days=days)
    with pytest.raises(InvalidError), unit_of_work():
        belongings.log_work(
            ticket, minutes=minutes, day=day, note="", actor=world.actor("emma"), now=world.now
        )


def test_only_who_spent_the_time_takes_it_back(world: World) -> None:
    ticket = world.ticket()
    with unit_of_work():
        log = belongings.log_work(
            ticket, minutes=30, day=world.now.date(), note="drove", actor=world.actor("emma"), now=world.now
        )
    with pytest.raises(NotAllowedError), unit_of_work():
        belongings.remove_work(ticket, log.id, actor=world.actor("sam"))
    with unit_of_work():
        belongings.remove_work(ticket, log.id, actor=world.actor("emma"))
    assert belongings.work_of(ticket) == []


def test_a_mandatory_point_comes_before_the_resolution(world: World) -> None:
    ticket, emma = world.ticket(), world.actor("emma")
    done = TransitionInput(resolution="mended", details=world.mended())
    with unit_of_work():
        point = belongings.add_point(ticket, "print a test page", mandatory=True, actor=emma)
        belongings.add_point(ticket, "say hello", mandatory=False, actor=emma)
        transition(ticket, "start", TransitionInput(), actor=emma, now=world.now)
    with pytest.raises(InvalidError, match="print a test page"), unit_of_work():
        transition(ticket, "resolve", done, actor=emma, now=world.now)
    with unit_of_work():
        belongings.tick(ticket, point.id, done=True, actor=emma, now=world.now)
    with pytest.raises(ConflictError), unit_of_work():
        belongings.remove_point(ticket, point.id, actor=emma)
    with unit_of_work():
        transition(ticket, "resolve", done, actor=emma, now=world.now)
    assert ticket.state == "resolved"


def test_a_point_of_another_ticket_is_not_found(world: World) -> None:
    one, other = world.ticket(), world.ticket()
    with unit_of_work():
        point = belongings.add_point(one, "x", mandatory=False, actor=world.actor("emma"))
    with pytest.raises(NotFoundError), unit_of_work():
        belongings.tick(other, point.id, done=True, actor=world.actor("emma"), now=world.now)


# fields ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "name", "value"),
    [
        ("fault", "cause", "99999"),
        ("fault", "cause", "x"),
        ("change", "window_start", "tomorrow"),
        ("change", "window_start", "2026-13-01T00:00"),
        ("change", "window_start", "0001-01-01T00:00"),
        ("general", "topic", "nonsense"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_its_name(
    world: World, category: str, name: str, value: str
) -> None:
    details = {"subtype": "normal", "reason_for_change": "x"} if category == "change" else {}
    ticket = world.ticket("rita", category, details=details)
    with pytest.raises(InvalidError) as refusal, unit_of_work():
        edit_fields(ticket, {name: value}, actor=world.actor("emma"), now=world.now)
    assert refusal.value.field == name


def test_a_field_that_is_read_only_in_this_state_is_not_changed(world: World) -> None:
    ticket = world.ticket("rita", "data_request", details={
        "purpose": "a", "scope": "b", "recipient": "c", "sensitivity": "internal"})  # fmt: skip
    for who in ("emma", "rita"):
        with pytest.raises(NotAllowedError), unit_of_work():
            edit_fields(ticket, {"scope": "everything"}, actor=world.actor(who), now=world.now)


def test_what_depends_on_another_answer_goes_with_it(world: World) -> None:
    details = {"subtype": "emergency", "reason_for_change": "x", "urgency_reason": "burning"}
    ticket = world.ticket("rita", "change", details=details)
    assert ticket.details["urgency_reason"] == "burning"
    with unit_of_work():
        edit_fields(ticket, {"subtype": "normal"}, actor=world.actor("emma"), now=world.now)
    assert "urgency_reason" not in ticket.details
    with pytest.raises(InvalidError, match="Why it cannot wait"):
        world.ticket("rita", "change", details={"subtype": "emergency", "reason_for_change": "x"})


def test_times_are_typed_and_shown_in_the_zone_of_the_site(world: World) -> None:
    site = world.sites["north-1"]
    details = {"subtype": "normal", "reason_for_change": "x"}
    ticket = world.ticket("rita", "change", site_id=site.id, details=details)
    with unit_of_work():
        edit_fields(ticket, {"window_start": "2026-12-05T22:00"}, actor=world.actor("sam"), now=world.now)
    assert ticket.window_start is not None
    assert ticket.window_start.hour == 14
    shown = fields.values_of(ticket, WORKFLOWS["change"])["window_start"]
    assert shown == "2026-12-05T22:00"


# drafts ---------------------------------------------------------------------------------------------


def test_a_draft_is_there_again_and_gone_when_it_was_sent(app: Flask, world: World) -> None:
    ticket, browser = world.ticket(), Browser(app, "emma")
    assert browser.post(f"/tickets/{ticket.id}/presence", text="half a <b>sentence").status_code == 200
    assert "half a &lt;b&gt;sentence" in browser.get(f"/tickets/{ticket.id}").text
    assert "half a" not in Browser(app, "sam").get(f"/tickets/{ticket.id}").text
    browser.post(f"/tickets/{ticket.id}/comment", text="half a sentence, ended")
    fresh()
    assert drafts.at(ticket, world.actor("emma"), world.now)[0] == ""


def test_two_people_who_answer_at_once_are_told(app: Flask, world: World) -> None:
    ticket = world.ticket()
    sam, emma = Browser(app, "sam"), Browser(app, "emma")
    assert "Emma" not in sam.post(f"/tickets/{ticket.id}/presence").text
    emma.post(f"/tickets/{ticket.id}/presence")
    assert "Emma has this ticket open too" in sam.post(f"/tickets/{ticket.id}/presence").text
    emma.post(f"/tickets/{ticket.id}/presence", text="I am on it")
    assert "Emma is writing an answer right now" in sam.post(f"/tickets/{ticket.id}/presence").text
    told = Browser(app, "rita").post(f"/tickets/{ticket.id}/presence").text
    assert "Emma" not in told, "a requester is not told who looks"


def test_a_page_that_is_older_than_its_ticket_says_so(app: Flask, world: World) -> None:
    ticket, browser = world.ticket(), Browser(app, "emma")
    assert "changed since" not in browser.post(f"/tickets/{ticket.id}/presence", version="1").text
    with unit_of_work():
        ticket.version += 1
    for version, told in (("1", True), ("2", False), ("x", False), ("\u00b2", True)):
        answer = browser.post(f"/tickets/{ticket.id}/presence", version=version)
        assert ("changed since" in answer.text) == told, version


def test_rows_of_those_who_looked_long_ago_are_forgotten_but_no_draft(any_world: World) -> None:
    world = any_world
    ticket = world.ticket()
    with unit_of_work():
        drafts.keep(ticket, None, actor=world.actor("sam"), now=world.now)
        drafts.keep(ticket, "words", actor=world.actor("emma"), now=world.now)
    with unit_of_work():
        assert drafts.forget_old(world.now + timedelta(days=2)) == 1
    assert [draft.body for draft in db.session.scalars(sa.select(Draft))] == ["words"]


# canned replies, lists, views ----------------------------------------------------------------------


def save_macro(world: World, who: str = "admin", client: str = "", **values: object) -> None:
    given = {
        "category": "",
        "title": "Hello",
        "body": "Dear {requester}, about {title}: {me}",
        "active": True,
    }
    client_id = world.organisations[client].id if client else None
    with unit_of_work():
        macros.save(None, client_id=client_id, **{**given, **values}, actor=world.actor(who), now=world.now)  # type: ignore[arg-type]


def test_placeholders_are_filled_once(world: World) -> None:
    save_macro(world)
    ticket = world.ticket()
    with unit_of_work():
        ticket.title = "{me} jams {nonsense}"
    assert macros.offered(ticket, world.actor("emma")) == [
        ("Hello", "Dear Rita, about {me} jams {nonsense}: Emma")
    ]
    assert macros.offered(ticket, world.actor("rita")) == []


def test_canned_replies_reach_as_far_as_who_wrote_them(world: World) -> None:
    save_macro(world, "sam", "north", title="North only")
    save_macro(world, category="change", title="Changes only")
    assert [title for title, _ in macros.offered(world.ticket("rita"), world.actor("emma"))] == ["North only"]
    assert macros.offered(world.ticket("rolf"), world.actor("stan")) == []
    for who, client in (("sam", ""), ("sam", "south"), ("emma", "north")):
        with pytest.raises(NotAllowedError):
            save_macro(world, who, client)


@pytest.mark.parametrize(("field", "value"), [("title", " "), ("body", ""), ("category", "nonsense")])
def test_a_canned_reply_that_says_nothing_is_refused(world: World, field: str, value: str) -> None:
    with pytest.raises(InvalidError):
        save_macro(world, **{field: value})


def test_an_entry_that_is_switched_off_stays_on_the_tickets_that_have_it(world: World) -> None:
    ticket, emma = world.ticket(), world.actor("emma")
    entry = lists.entries(["cause"], ticket.client_id)["cause"][0]
    with unit_of_work():
        edit_fields(ticket, {"cause": str(entry.id)}, actor=emma, now=world.now)
        data = lists.EntryData("cause", None, entry.name_zh, entry.name_en, active=False)
        lists.save(entry.id, data, actor=world.actor("admin"), now=world.now)
    assert entry not in lists.entries(["cause"], ticket.client_id)["cause"]
    with unit_of_work():
        edit_fields(ticket, {"cause": str(entry.id), "diagnosis": "worn"}, actor=emma, now=world.now)
    other = world.ticket()
    with pytest.raises(InvalidError), unit_of_work():
        edit_fields(other, {"cause": str(entry.id)}, actor=emma, now=world.now)


def test_a_client_adds_to_the_lists_and_others_do_not_see_it(app: Flask, world: World) -> None:
    browser = Browser(app, "sam")
    north = world.organisations["north"].id
    assert (
        browser.post("/tickets/lists/cause/new", name_zh="水浸", name_en="", client_id=north).status_code
        == 422
    )
    answer = browser.post(
        "/tickets/lists/cause/new", name_zh="水浸", name_en="Flood", client_id=north, active="y"
    )
    assert answer.status_code == 302, answer.text
    assert "Flood" in browser.get("/tickets/lists/cause").text
    assert "Flood" not in Browser(app, "stan").get("/tickets/lists/cause").text
    fresh()
    entry = db.session.scalars(sa.select(ListEntry).where(ListEntry.name_en == "Flood")).one()
    assert entry not in lists.entries(["cause"], world.organisations["south"].id)["cause"]
    shared = db.session.scalars(sa.select(ListEntry).where(ListEntry.client_id.is_(None)).limit(1)).one()
    assert browser.get(f"/tickets/lists/{shared.list_name}/{shared.id}").status_code == 404
    assert browser.get("/tickets/lists/nonsense").status_code == 404


def test_a_view_keeps_the_filters_and_nothing_else(app: Flask, world: World) -> None:
    browser = Browser(app, "emma")
    query = "queue=mine&category=fault&cursor=abc&evil=<script>&q=printer"
    answer = browser.post("/tickets/views", name="My printers", query=query)
    assert answer.location == "/tickets/?queue=mine&category=fault&q=printer"
    assert "My printers" in browser.get("/tickets/").text
    assert "My printers" not in Browser(app, "sam").get("/tickets/").text
    fresh()
    view = db.session.scalars(sa.select(SavedView)).one()
    assert Browser(app, "sam").post(f"/tickets/views/{view.id}/remove").status_code == 404
    assert browser.post(f"/tickets/views/{view.id}/remove").status_code == 302
    assert "My printers" not in browser.get("/tickets/").text


def test_a_view_is_shared_with_a_clients_people_by_those_who_assign(world: World) -> None:
    north = world.organisations["north"].id
    with pytest.raises(NotAllowedError), unit_of_work():
        saved_views.save("x", "", share_with=north, actor=world.actor("emma"), now=world.now)
    with unit_of_work():
        saved_views.save(
            "Overdue", "queue=breached", share_with=north, actor=world.actor("sam"), now=world.now
        )
    assert [row.name for row in saved_views.visible(world.actor("emma"))] == ["Overdue"]
    assert saved_views.visible(world.actor("stan")) == []


# many at once ---------------------------------------------------------------------------------------


def test_what_cannot_be_done_is_named_and_the_rest_is_done(any_world: World) -> None:
    world = any_world
    free, foreign, done = world.ticket(), world.ticket("rolf"), world.ticket()
    with unit_of_work():
        transition(done, "cancel", TransitionInput(reason="no"), actor=world.actor("sam"), now=world.now)
    wanted = bulk.Wanted("assign", assignee_id=world.users["emma"].id)
    outcome = bulk.carry_out(
        [free.id, foreign.id, done.id, free.id, 99999], wanted, actor=world.actor("sam"), now=world.now
    )
    assert outcome.done == 1
    assert [number for number, _ in outcome.refused] == [done.number]
    fresh()
    assert [db.session.get_one(Ticket, t.id).assignee_id for t in (free, foreign)] == [
        world.users["emma"].id,
        None,
    ]


def test_what_is_worked_on_is_handed_over(world: World) -> None:
    ticket = world.ticket()
    with unit_of_work():
        transition(ticket, "start", TransitionInput(), actor=world.actor("sue"), now=world.now)
    wanted = bulk.Wanted("assign", assignee_id=world.users["emma"].id)
    assert bulk.carry_out([ticket.id], wanted, actor=world.actor("sam"), now=world.now).done == 1
    fresh()
    assert (ticket.state, ticket.assignee_id) == ("in_progress", world.users["emma"].id)


@pytest.mark.parametrize(
    ("ids", "action"), [([], "note"), ([1], ""), ([1], "delete"), (list(range(1, 102)), "note")]
)
def test_nothing_to_do_is_said(world: World, ids: list[int], action: str) -> None:
    with pytest.raises(InvalidError):
        bulk.carry_out(ids, bulk.Wanted(action, text="x"), actor=world.actor("sam"), now=world.now)


def test_in_the_browser_several_are_ticked(app: Flask, world: World) -> None:
    tickets = [world.ticket() for _ in range(3)]
    browser = Browser(app, "sam")
    answer = browser.post(
        "/tickets/bulk",
        ticket=[str(t.id) for t in tickets] + ["x"],
        action="note",
        text="seen",
        next="/tickets/?queue=all",
    )
    assert answer.location == "/tickets/?queue=all"
    assert "Done for 3 tickets" in browser.get("/tickets/").text
    assert browser.post("/tickets/bulk", next="//evil.example").location == "/"


def test_a_closed_ticket_shows_no_empty_boxes(app: Flask, world: World) -> None:
    ticket, path = world.ticket(), "/tickets/{}/rest".format
    kept = world.ticket()
    boxes = ('id="checklist"', 'id="work"', 'id="costs"')
    emma = Browser(app, "emma")
    assert all(box in emma.get(path(ticket.id)).text for box in boxes)
    with unit_of_work():
        belongings.add_cost(kept, **COST, actor=world.actor("emma"), now=world.now)
        for one in (ticket, kept):
            transition(one, "cancel", TransitionInput(reason="no"), actor=world.actor("sam"), now=world.now)
    assert not any(box in emma.get(path(ticket.id)).text for box in boxes)
    page = emma.get(path(kept.id)).text
    assert [box in page for box in boxes] == [False, False, True]
