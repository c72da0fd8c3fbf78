"""A ticket as people meet it in the browser: reported, talked about, resolved, confirmed, rated."""

from __future__ import annotations

import threading
from io import BytesIO

import pytest
from flask import Flask

from servicedesk.audit.service import verify
from servicedesk.core.db import db, unit_of_work
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.service import NewTicket, TransitionInput, create_ticket, transition
from tests.servicedesk.world import Browser, World, fresh

REPORT = {"title": "Printer jams", "impact": "3", "urgency": "2"}
DATA = {
    "detail_purpose": "audit",
    "detail_scope": "invoices",
    "detail_sensitivity": "internal",
    "detail_recipient": "finance",
}


def only_ticket() -> Ticket:
    fresh()
    return db.session.query(Ticket).one()


def resolved(world: World) -> Ticket:
    """A fault of rita's that emma has resolved."""
    ticket = world.ticket("rita")
    mended = TransitionInput(resolution="new rollers", details=world.mended())
    for name, given in (("start", TransitionInput()), ("resolve", mended)):
        with unit_of_work():
            transition(ticket, name, given, actor=world.actor("emma"), now=world.now)
    return ticket


def test_a_fault_is_reported_with_a_sentence_and_gets_a_number(app: Flask, world: World) -> None:
    browser = Browser(app, "rita")
    answer = browser.post("/tickets/new/fault", **REPORT, detail_place="room 302")
    ticket = only_ticket()
    assert answer.location == f"/tickets/{ticket.id}"
    page = browser.get(answer.location).text
    assert "FLT-000001" in page
    assert "room 302" in page
    assert ticket.client_id == world.organisations["north"].id
    assert ticket.requester_id == world.users["rita"].id
    assert ticket.priority == 4  # one person, hindered


@pytest.mark.parametrize(
    ("category", "missing"),
    [("fault", "title"), ("data_request", "detail_purpose"), ("data_request", "detail_sensitivity")],
)
def test_what_is_missing_is_said_beside_its_field_and_the_rest_is_kept(
    app: Flask, world: World, category: str, missing: str
) -> None:
    fields = {**REPORT, **DATA, "description": "since Monday", missing: "  "}
    answer = Browser(app, "rita").post(f"/tickets/new/{category}", **fields)
    assert answer.status_code == 422
    assert f'id="{missing}-error"' in answer.text
    assert "since Monday" in answer.text
    assert db.session.query(Ticket).count() == 0


def test_a_data_request_is_in_the_queue_of_the_data_owner(app: Flask, world: World) -> None:
    Browser(app, "rita").post("/tickets/new/data_request", **REPORT, **DATA)
    ticket = only_ticket()
    assert ticket.state == "awaiting_approval"
    assert ticket.number in Browser(app, "dora").get("/tickets/?queue=all").text
    assert ticket.number in Browser(app, "dora").get("/approvals/").text


def test_the_requester_confirms_with_stars(app: Flask, world: World) -> None:
    ticket = resolved(world)
    browser = Browser(app, "rita")
    assert browser.post(f"/tickets/{ticket.id}/do/confirm").status_code == 422
    answer = browser.post(f"/tickets/{ticket.id}/do/confirm", rating="5", rating_comment="within the hour")
    assert answer.status_code == 302
    fresh()
    assert (ticket.state, ticket.rating, ticket.rating_comment) == ("closed", 5, "within the hour")
    assert ticket.closed_at is not None
    assert "5 / 5" in browser.get(f"/tickets/{ticket.id}").text


@pytest.mark.parametrize("rating", ["0", "6", "-1", "²", "five", "5.0", "9" * 5000, ""])
def test_stars_that_do_not_exist_are_refused(app: Flask, world: World, rating: str) -> None:
    ticket = resolved(world)
    answer = Browser(app, "rita").post(f"/tickets/{ticket.id}/do/confirm", rating=rating)
    assert answer.status_code == 422
    assert "Choose 1 to 5 stars." in answer.text
    assert ticket.state == "resolved"


def test_only_the_requester_can_confirm_but_a_supervisor_can_close(app: Flask, world: World) -> None:
    ticket = resolved(world)
    sam = Browser(app, "sam")
    assert sam.post(f"/tickets/{ticket.id}/do/confirm", rating="5").status_code in (403, 422)
    fresh()
    assert ticket.state == "resolved"
    assert sam.post(f"/tickets/{ticket.id}/do/close", reason="she has left").status_code == 302


@pytest.mark.parametrize("version", ["0", "1", "²", "-3", "x", "9" * 5000, "\x00"])
def test_a_page_that_is_older_than_the_ticket_decides_nothing(app: Flask, world: World, version: str) -> None:
    ticket = resolved(world)
    browser = Browser(app, "rita")
    answer = browser.post(f"/tickets/{ticket.id}/do/confirm", rating="5", version=version)
    assert answer.status_code == 422
    assert "Somebody changed this ticket meanwhile" in answer.text
    assert ticket.state == "resolved"
    assert f'name="version" value="{ticket.version}"' in answer.text  # one can decide from here


def test_internal_notes_are_for_those_who_work(app: Flask, world: World) -> None:
    ticket = world.ticket("rita")
    emma, rita = Browser(app, "emma"), Browser(app, "rita")
    path = f"/tickets/{ticket.id}"
    emma.post(f"{path}/comment", text="ask for the invoice", internal="y")
    emma.post(f"{path}/comment", text="we come at nine")
    assert "ask for the invoice" in emma.get(path).text
    assert "ask for the invoice" not in rita.get(path).text
    assert "we come at nine" in rita.get(path).text
    assert 'name="internal"' not in rita.get(path).text
    refused = rita.post(f"{path}/comment", text="hidden", internal="y")
    assert refused.status_code in (403, 422)
    assert db.session.query(TimelineEntry).filter_by(body="hidden").count() == 0


def test_the_file_of_an_internal_note_is_internal_too(app: Flask, world: World) -> None:
    ticket = world.ticket("rita")
    emma = Browser(app, "emma")
    emma.post(f"/tickets/{ticket.id}/comment", internal="y", files=(BytesIO(b"x"), "a.txt"))
    assert emma.get("/tickets/files/1").status_code == 200
    assert Browser(app, "rita").get("/tickets/files/1").status_code == 404


def test_an_empty_comment_is_refused(app: Flask, world: World) -> None:
    ticket = world.ticket("rita")
    answer = Browser(app, "rita").post(f"/tickets/{ticket.id}/comment", text=" \n ")
    assert answer.status_code == 422
    assert "Please write a few words." in answer.text


def test_what_looks_like_html_is_shown_as_text(app: Flask, world: World) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} %(x)s"
    browser = Browser(app, "rita")
    browser.post(
        "/tickets/new/fault", **REPORT | {"title": hostile}, description=hostile, detail_place=hostile
    )
    ticket = only_ticket()
    browser.post(f"/tickets/{ticket.id}/comment", text=hostile)
    for path in (f"/tickets/{ticket.id}", "/tickets/?queue=all", "/"):
        page = browser.get(path).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        assert "&lt;script&gt;alert(1)" in page


def test_a_search_finds_no_word_of_an_internal_note_for_the_requester(
    any_app: Flask, any_world: World
) -> None:
    ticket = any_world.ticket("rita")
    emma, rita = Browser(any_app, "emma"), Browser(any_app, "rita")
    emma.post(f"/tickets/{ticket.id}/comment", text="suspicious invoice", internal="y")
    emma.post(f"/tickets/{ticket.id}/comment", text="tomorrow morning")
    for browser, word, seen in (
        (emma, "suspicious", True),
        (rita, "suspicious", False),
        (rita, "tomorrow", True),
    ):
        assert (ticket.number in browser.get(f"/tickets/?queue=all&q={word}").text) is seen, word


def test_numbers_stay_unique_when_many_report_at_once(any_app: Flask, any_world: World) -> None:
    """Six people, five tickets each, at the same moment; the audit chain holds as well."""
    client = any_world.organisations["north"].id
    actor, now = any_world.actor("rita"), any_world.now
    errors: list[BaseException] = []
    start = threading.Barrier(6)

    def report() -> None:
        with any_app.app_context():
            try:
                start.wait(10)
                for _unused in range(5):
                    with unit_of_work():
                        create_ticket(NewTicket(client, "fault", "jam"), actor=actor, now=now)
            except BaseException as error:  # noqa: BLE001 -- told below, in the test's own thread
                errors.append(error)

    db.session.remove()
    threads = [threading.Thread(target=report) for _unused in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    numbers = [ticket.number for ticket in db.session.query(Ticket)]
    assert len(set(numbers)) == len(numbers) == 30
    assert verify().broken_id is None
