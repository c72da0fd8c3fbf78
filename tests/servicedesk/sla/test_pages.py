"""Pages of service levels: calendars, promises, files of official holidays."""

from __future__ import annotations

import io
from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError
from servicedesk.organisations.models import Contract
from servicedesk.sla.escalation import who_is_told
from servicedesk.sla.importing import HOLIDAY, MAKE_UP, read_official
from servicedesk.sla.models import SlaCalendar, SlaPolicy
from servicedesk.sla.policies import TicketFacts, office_calendar, policy_for, save_calendar, work_calendar
from servicedesk.sla.promises import PolicyData, save_policy
from servicedesk.sla.texts import format_days, parse_days, parse_hours
from tests.servicedesk.sla.test_clocks import clock
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
WEEK = {**dict.fromkeys(DAYS, "08:30-12:00, 14:00-17:30"), "saturday": "-", "sunday": "-"}


def calendar_of_north(world: World, name: str = "Office") -> SlaCalendar:
    with unit_of_work():
        return save_calendar(
            None,
            office_calendar("Asia/Shanghai"),
            client_id=world.organisations["north"].id,
            name=name,
            actor=SYSTEM,
            now=world.now,
        )


def test_a_supervisor_makes_a_calendar_and_a_promise_that_holds(app: Flask, world: World) -> None:
    sam, north = Browser(app, "sam"), world.organisations["north"].id
    given = {"client_id": north, "name": "Ward", "timezone": "Asia/Shanghai", **WEEK}
    made = sam.post("/service-levels/calendars/new", **given, days="2026-12-25 -\n2026-12-26 09:00-10:00")
    assert made.status_code == 302
    page = sam.get(made.location).text
    for words in ("The next 14 days", "08:30-12:00, 14:00-17:30", "version 1"):
        assert words in page
    fresh()
    number = db.session.scalars(sa.select(SlaCalendar.id)).one()
    promise = {"calendar_id": number, "response_minutes": 20, "restore_minutes": 90, "category": "fault"}
    assert sam.post(f"/service-levels/policies/new?client={north}", **promise, marks="50").status_code == 302
    ticket = world.ticket()
    assert clock(ticket).target_seconds == 90 * 60
    assert clock(ticket).marks == [50, 100]
    tried = sam.get(f"/service-levels/?try=1&client={north}&category=fault&priority=3").text
    assert "1 hour 30 minutes" in tried


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"monday": "12:00-08:00"}, "Write hours in order"),
        ({"monday": "8-12"}, "Write hours in order"),
        ({"monday": "08:00-25:00"}, "Write hours in order"),
        ({"days": "2026-12-25 -\nChristmas"}, "Line 2: Christmas is no date"),
        ({"days": "2026-12-25 -\n2026-12-25 -"}, "Line 2: this day is there twice"),
        ({"days": "2026-12-25 lunch"}, "Line 1: write hours"),
        ({"timezone": "Mars/Base"}, "no time zone of this name"),
        ({"timezone": "../../etc/passwd"}, "no time zone of this name"),
        (dict.fromkeys(DAYS, "-"), "at least one day"),
        ({"name": ""}, "This field is required"),
    ],
)
def test_a_calendar_that_cannot_be_is_refused_in_words(
    app: Flask, world: World, given: dict[str, str], said: str
) -> None:
    fields = {
        "client_id": world.organisations["north"].id,
        "name": "x",
        "timezone": "Asia/Shanghai",
        **WEEK,
        **given,
    }
    answer = Browser(app, "sam").post("/service-levels/calendars/new", **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SlaCalendar)) == 0


def test_two_people_who_change_a_calendar_at_once_are_told(app: Flask, world: World) -> None:
    row = calendar_of_north(world)
    sam = Browser(app, "sam")
    given = {"client_id": row.client_id, "name": "Office", "timezone": "Asia/Shanghai", **WEEK}
    path = f"/service-levels/calendars/{row.id}"
    assert sam.post(path, **given, version="1").status_code == 302
    late = sam.post(path, **given, version="1")
    assert late.status_code == 422
    assert "Somebody changed this calendar" in late.text


def test_an_edit_leaves_clocks_that_began_before_alone(app: Flask, world: World) -> None:
    row = calendar_of_north(world)
    with unit_of_work():
        save_policy(None, row.client_id, PolicyData(row.id, 60, 600), actor=SYSTEM, now=world.now)
    ticket = world.ticket()
    before = (clock(ticket).due_at, clock(ticket).snapshot_id, clock(ticket).calendar_version)
    given = {"client_id": row.client_id, "name": "Office", "timezone": "Asia/Shanghai", "always": "y"}
    path = f"/service-levels/calendars/{row.id}"
    assert Browser(app, "sam").post(path, **given, version="1").status_code == 302
    assert (clock(ticket).due_at, clock(ticket).snapshot_id, clock(ticket).calendar_version) == before
    later = clock(world.ticket())
    assert later.calendar_version == 2
    assert later.due_at != before[0]


def upload(browser: Browser, number: int, name: str, content: bytes, **given: object):  # type: ignore[no-untyped-def]
    path = f"/service-levels/calendars/{number}/import"
    return browser.post(path, file=(io.BytesIO(content), name), **given)


def test_a_file_is_looked_at_before_it_is_taken_over(app: Flask, world: World) -> None:
    row = calendar_of_north(world)
    sam = Browser(app, "sam")
    text = "date,kind,name\n2027-01-01,holiday,New Year <b>\n2027-01-02,work,\n"
    preview = upload(sam, row.id, "2027.csv", text.encode())
    assert preview.status_code == 200
    assert "Would count" in preview.text
    assert "New Year <b>" not in preview.text
    fresh()
    assert row.version == 1
    path = f"/service-levels/calendars/{row.id}/import"
    assert sam.post(path, name="2027.csv", text=text, apply="y").status_code == 302
    fresh()
    by = work_calendar(row)
    assert row.version == 2
    assert by.hours_on(date(2027, 1, 1)) == ()
    assert by.hours_on(date(2027, 1, 2)) == by.weekly[0]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"2027-01-01,holiday\n2027-13-01,holiday", "Line 2: 2027-13-01 is no date"),
        ("a.csv", b"2027-01-01,party", "Line 1: the second column"),
        ("a.csv", b"2027-01-01", "Line 1: the second column"),
        ("a.csv", b"2027-01-01,off\n2027-01-01,off", "Line 2: 2027-01-01 is there twice"),
        ("a.csv", b'2027-01-01,off\n"2027', "Line 2: this is no line of a CSV"),
        ("a.csv", b"", "no day in this file"),
        ("a.csv", b"\xff\xfe\x00", "no text in UTF-8"),
        ("a.csv", b"2027-01-01,off\x00", "no text in UTF-8"),
        ("a.csv", b"x" * (256 * 1024 + 1), "too large"),
        ("a.exe", b"MZ", "ends in .toml, .csv or .ics"),
        ("a.toml", b"[[year]]\nyear = 2027\nholidays = [", "no TOML"),
        ("a.toml", b"year = 2027", "no [[year]]"),
        ("a.toml", b"[[year]]\nholidays = 5", "no [[year]]"),
        ("a.toml", b"[[year]]\nholidays = [\n['2027-01-01']]", "a first and a last day"),
        ("a.toml", b"[[year]]\nholidays = [['2027-01-05', '2027-01-01']]", "Line 2: the last day"),
        ("a.toml", b"[[year]]\nholidays = [['1999-01-01', '2190-01-01']]", "more than 60 days"),
        ("a.toml", b"[[year]]\nmake_up = ['soon']", "Line 2: soon is no date"),
        ("a.ics", b"BEGIN:VEVENT\nDTSTART:soon\nEND:VEVENT", "Line 3: an event whose day"),
        ("a.ics", b"BEGIN:VEVENT\nEND:VEVENT", "Line 2: an event without"),
        ("a.ics", b"BEGIN:VEVENT\nDTSTART:20270101\nRRULE:FREQ=DAILY\nEND:VEVENT", "Line 3: events"),
    ],
)  # fmt: skip
def test_a_bad_file_ends_in_a_sentence_with_its_line(
    app: Flask, name: str, content: bytes, said: str
) -> None:
    with app.test_request_context(), pytest.raises(InvalidError) as refused:
        read_official(name, content)
    assert said in str(refused.value)


def test_a_bad_file_is_told_on_the_page(app: Flask, world: World) -> None:
    row = calendar_of_north(world)
    answer = upload(Browser(app, "sam"), row.id, "a.csv", b"2027-01-01,party")
    assert answer.status_code == 422
    assert "Line 1: the second column" in answer.text
    assert Browser(app, "sam").post(f"/service-levels/calendars/{row.id}/import").status_code == 422


def test_the_three_kinds_of_file_say_the_same(app: Flask) -> None:
    toml = b'[[year]]\nyear = 2027\nholidays = [["2027-01-01", "2027-01-02"]]\nmake_up = ["2027-01-09"]'
    csv = "2027-01-01,\u4f11,x\n2027-01-02,holiday,x\n2027-01-09,\u73ed,x".encode()
    ics = (
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270101\r\nDTEND;VALUE=DATE:20270103\r\n"
        b"SUMMARY:New\r\n  Year\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20270109\r\n"
        b"SUMMARY:Working day\r\nEND:VEVENT\r\nEND:VCALENDAR"
    )
    expected = [(date(2027, 1, 1), HOLIDAY), (date(2027, 1, 2), HOLIDAY), (date(2027, 1, 9), MAKE_UP)]
    for name, content in (("a.toml", toml), ("a.csv", csv), ("a.ics", ics)):
        assert [(entry.day, entry.kind) for entry in read_official(name, content)] == expected, name


def test_official_days_of_a_year_are_copied(app: Flask, world: World) -> None:
    row = calendar_of_north(world)
    with unit_of_work():
        bare = office_calendar("UTC")  # no country's holidays
        row = save_calendar(None, bare, client_id=row.client_id, name="Bare", actor=SYSTEM, now=world.now)
    sam = Browser(app, "sam")
    path = f"/service-levels/calendars/{row.id}/official"
    assert "Import a file" in sam.client.get(sam.post(path, year="2026").location).text
    with unit_of_work():
        row.timezone = "Asia/Shanghai"
    assert sam.post(path, year="2026").status_code == 302
    fresh()
    assert work_calendar(row).hours_on(date(2026, 10, 1)) == ()
    assert work_calendar(row).hours_on(date(2026, 10, 10)) != ()


def test_a_contract_that_is_not_in_force_promises_nothing(world: World) -> None:
    row = calendar_of_north(world)
    north = row.client_id
    assert world.contract is not None
    contract_id = world.contract.id
    with unit_of_work():
        save_policy(None, north, PolicyData(row.id, 7, contract_id=contract_id), actor=SYSTEM, now=world.now)
    facts = TicketFacts(1, north, world.sites["north-1"].id, "fault", 3)
    assert policy_for(facts, world.now).response_minutes == 7
    with unit_of_work() as session:
        session.get_one(Contract, contract_id).sites = [world.sites["north-2"]]
    assert policy_for(facts, world.now).response_minutes == 120
    with unit_of_work() as session:
        contract = session.get_one(Contract, contract_id)
        contract.sites, contract.ends_on = [], date(2026, 11, 23)
    assert policy_for(facts, world.now).response_minutes == 120


def test_a_promise_is_changed_and_removed(app: Flask, world: World) -> None:
    row = calendar_of_north(world)
    with unit_of_work():
        number = save_policy(None, row.client_id, PolicyData(row.id, 7), actor=SYSTEM, now=world.now).id
    sam, path = Browser(app, "sam"), f"/service-levels/policies/{number}"
    for wrong in (
        {"response_minutes": "0"},
        {"response_minutes": "soon"},
        {"calendar_id": "999"},
        {"marks": "3"},
    ):
        given = {"calendar_id": row.id, "response_minutes": "9", "category": "", **wrong}
        assert sam.post(path, **given).status_code == 422, wrong
    assert sam.post(path, calendar_id=row.id, response_minutes="9", category="").status_code == 302
    fresh()
    assert db.session.get_one(SlaPolicy, number).response_minutes == 9
    assert sam.post(f"{path}/remove").status_code == 302
    fresh()
    assert db.session.get(SlaPolicy, number) is None


def test_only_supervisors_of_the_client_and_administrators_reach_these_pages(
    app: Flask, world: World
) -> None:
    row = calendar_of_north(world, "North ward")
    for who, expected in (("sam", 200), ("admin", 200), ("stan", 404), ("emma", 404), ("rita", 404)):
        assert Browser(app, who).get(f"/service-levels/calendars/{row.id}").status_code == expected, who
    assert Browser(app, "rita").get("/service-levels/").status_code == 404
    assert "North" not in Browser(app, "stan").get("/service-levels/").text


def test_hours_are_read_as_people_write_them(app: Flask) -> None:
    with app.test_request_context():
        expected = ((510, 720), (840, 1050))
        for text in (
            "08:30-12:00, 14:00-17:30",
            "8:30–12:00 14:00–17:30",
            "08\uff1a30-12\uff1a00\uff0c14:00~17:30",
        ):
            assert parse_hours(text) == expected, text
        days = {date(2026, 10, 1): (), date(2026, 10, 10): expected}
        assert parse_days(format_days(days)) == days


def test_what_is_urgent_is_told_to_supervisors_at_half_of_the_time() -> None:
    def told(mark: int, priority: int, *, major: bool = False) -> tuple[str, ...]:
        return who_is_told(mark, TicketFacts(1, 1, None, "fault", priority, major))

    assert told(50, 3) == ("assignee",)
    assert "supervisors" in told(50, 1)
    assert "supervisors" in told(50, 3, major=True)
    assert told(90, 3) == ("assignee", "assignee_supervisor")
    assert told(100, 5) == ("assignee", "assignee_supervisor", "supervisors")
