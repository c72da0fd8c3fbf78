"""The pages in a browser: teams, rules, roster, absences, hand-over; and what they do with nonsense."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.assignment import labels
from servicedesk.assignment.models import Absence, AssignmentRule, Duty, Team
from servicedesk.audit.models import AuditEntry
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.permissions import Role
from servicedesk.staff.service import grant_role
from servicedesk.tickets.models import Ticket
from tests.servicedesk.assignment.play import duty, rule, team
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

ADMIN_PAGES = ("/assignment/", "/assignment/rules", "/assignment/teams/new", "/assignment/rules/new")
RULE = {"category": "", "subtype": "", "device_class": "", "duty": "", "skill": "", "active": "y"}
SCRIPT = "<script>alert(1)</script>"


def count(model: type) -> int:
    fresh()
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def test_a_supervisor_makes_a_team_and_says_what_its_people_know(app: Flask, world: World) -> None:
    browser = Browser(app, "sam")
    emma, sue = world.users["emma"].id, world.users["sue"].id
    fields = {"name": "Network", "members": [str(emma), str(sue)], f"skills-{emma}": "network", "active": "y"}
    answer = browser.post("/assignment/teams/new", leader_id=sue, **fields)
    assert answer.status_code == 302, answer.text
    fresh()
    made = db.session.scalars(sa.select(Team)).one()
    assert {member.user_id: member.skills for member in made.members} == {emma: ["network"], sue: []}
    page = browser.get(answer.location)
    assert f'name="skills-{emma}" value="network" checked' in page.text
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "team.created")).one()
    assert entry.after is not None
    assert entry.after["people"] == ["Emma (network)", "Sue"]
    browser.post(f"/assignment/teams/{made.id}", name="Network", members=str(sue), site_id="", leader_id="")
    fresh()
    made = db.session.get_one(Team, made.id)
    assert ([m.user_id for m in made.members], made.active, made.leader_id) == ([sue], False, None)
    listed = browser.get("/assignment/")
    assert "Network" in listed.text
    assert "switched off" in listed.text


@pytest.mark.parametrize("who", ["rita", "carl", "dora", "emma"])
def test_only_who_assigns_learns_of_the_pages(app: Flask, world: World, who: str) -> None:
    desk, one = team(world, "emma"), None
    one = rule(world, labels.TEAM, team_id=desk.id)
    browser = Browser(app, who)
    paths = [
        *ADMIN_PAGES,
        f"/assignment/teams/{desk.id}",
        f"/assignment/rules/{one.id}",
        "/tickets/hand-over",
    ]
    assert {path: browser.get(path).status_code for path in paths} == dict.fromkeys(paths, 404)
    posts = [
        f"/assignment/rules/{one.id}/move",
        f"/assignment/rules/{one.id}/remove",
        f"/duty/{desk.id}/weekly",
        f"/duty/{desk.id}/single",
        f"/duty/{desk.id}/import",
        f"/duty/{desk.id}/entries/1/remove",
        f"/tickets/hand-over/{world.users['emma'].id}",
    ]
    assert {path: browser.post(path).status_code for path in posts} == dict.fromkeys(posts, 404)
    assert count(AssignmentRule) == 1


def test_another_clients_supervisor_reaches_nothing(app: Flask, world: World) -> None:
    desk = team(world, "emma")
    one = rule(world, labels.TEAM, team_id=desk.id)
    duty(world, desk.id, "emma", hours=(8, 17), weekday=1)
    north = world.organisations["north"].id
    browser = Browser(app, "stan")
    gets = [
        f"/assignment/?client={north}",
        f"/assignment/rules?client={north}",
        f"/assignment/rules/new?client={north}",
        f"/assignment/teams/{desk.id}",
        f"/assignment/rules/{one.id}",
        f"/duty/?team={desk.id}",
    ]
    assert {path: browser.get(path).status_code for path in gets} == dict.fromkeys(gets, 404)
    posts = [
        f"/assignment/teams/{desk.id}",
        f"/assignment/rules/{one.id}/remove",
        f"/duty/{desk.id}/entries/1/remove",
        f"/duty/{desk.id}/weekly",
    ]
    assert {path: browser.post(path).status_code for path in posts} == dict.fromkeys(posts, 404)
    own = browser.post("/assignment/rules/new", **RULE, name="x", action="team", team_id=desk.id)
    assert own.status_code == 422
    person = browser.post(
        "/assignment/rules/new", **RULE, name="x", action="person", user_id=world.users["emma"].id
    )
    assert person.status_code == 422
    absent = browser.post(
        "/duty/absences",
        user_id=world.users["emma"].id,
        from_at="2026-11-24T08:00",
        until="2099-01-01T00:00",
    )
    assert absent.status_code == 422
    assert "Emma" not in absent.text
    assert "All teams" not in browser.get("/tickets/").text
    assert (count(Absence), count(AssignmentRule), count(Duty)) == (0, 1, 1)


def test_a_team_of_north_is_no_choice_for_a_ticket_of_south(app: Flask, world: World) -> None:
    desk = team(world, "emma")
    ticket = world.ticket("rolf", "fault")
    answer = Browser(app, "stan").post(f"/tickets/{ticket.id}/team", team_id=desk.id, version=ticket.version)
    assert answer.status_code == 422
    fresh()
    assert db.session.get_one(Ticket, ticket.id).team_id is None


def test_rules_are_made_moved_tried_and_removed(app: Flask, world: World) -> None:
    browser = Browser(app, "sam")
    desk = team(world, "emma", "sue")
    for name in ("First", "Second"):
        answer = browser.post(
            "/assignment/rules/new",
            **{**RULE, "category": "fault"},
            name=name,
            action="round_robin",
            team_id=desk.id,
        )
        assert answer.status_code == 302, answer.text
    fresh()
    first, second = db.session.scalars(sa.select(AssignmentRule.id).order_by(AssignmentRule.id)).all()
    tried = browser.get("/assignment/rules?try=1&category=fault&priority=3&site=&device=&subtype=")
    assert "This ticket would go to Emma." in tried.text
    assert "The rule “First” gives it to Emma, whose turn it is in the team Desk." in tried.text
    assert browser.post(f"/assignment/rules/{second}/move", where="up").status_code == 302
    page = browser.get("/assignment/rules").text
    assert page.index("Second") < page.index("First")
    nobody = browser.get("/assignment/rules?try=1&category=general&priority=3&site=&device=&subtype=").text
    assert "Nobody would get this ticket" in nobody
    assert browser.post(f"/assignment/rules/{first}/remove").status_code == 302
    assert count(AssignmentRule) == 1
    assert browser.get(f"/assignment/rules/{first}").status_code == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "x", "action": "drop table"},
        {"name": "x", "action": "skill", "team_id": "1"},
        {"name": "x", "action": "round_robin"},
        {"name": "x", "action": "person"},
        {"name": "x", "action": "team", "team_id": "999999999"},
        {"name": "x", "action": "team", "team_id": "²"},
        {"name": "x", "action": "responsible", "priority": "9"},
        {"name": "x", "action": "responsible", "category": "nonsense"},
        {"name": "x", "action": "responsible", "site_id": "999"},
        {"name": "x", "action": "responsible", "duty": "inside"},
        {"name": "x\x00y", "action": "responsible"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(app: Flask, world: World, fields: dict[str, str]) -> None:
    answer = Browser(app, "sam").post("/assignment/rules/new", **{**RULE, "action": "responsible", **fields})
    assert answer.status_code == 422
    assert answer.text.count('class="field-error"') == 1
    assert count(AssignmentRule) == 0


@pytest.mark.parametrize(
    "query", ["try=1", "try=1&priority=x&category=fault", "try=1&device=99999999999", "client=0"]
)
def test_the_tester_survives_what_an_address_may_say(app: Flask, world: World, query: str) -> None:
    assert Browser(app, "sam").get(f"/assignment/rules?{query}").status_code in (200, 404)


def test_names_are_text_wherever_they_are_shown(app: Flask, world: World) -> None:
    desk = team(world, "emma", name=SCRIPT)
    rule(world, labels.ROUND_ROBIN, SCRIPT, team_id=desk.id)
    ticket = world.ticket("rita", "fault")
    browser = Browser(app, "sam")
    for path in (
        "/assignment/",
        f"/assignment/teams/{desk.id}",
        "/assignment/rules?try=1&category=fault&priority=3&site=&device=&subtype=",
        f"/duty/?team={desk.id}",
        f"/tickets/{ticket.id}",
        "/tickets/",
    ):
        page = browser.get(path)
        assert page.status_code == 200, path
        assert SCRIPT not in page.text, path
        assert "&lt;script&gt;" in page.text, path


def test_a_week_of_the_roster_with_a_day_that_differs(app: Flask, world: World) -> None:
    desk = team(world, "emma", "sue")
    browser = Browser(app, "sam")
    emma, sue = world.users["emma"].id, world.users["sue"].id
    weekly = browser.post(f"/duty/{desk.id}/weekly", user_id=emma, weekdays=["0", "1"], hours="08:30-17:30")
    assert weekly.status_code == 302, weekly.text
    single = browser.post(f"/duty/{desk.id}/single", user_id=sue, day="2030-01-07", hours="18：00-08：00")
    assert single.status_code == 302, single.text
    nobody = browser.post(f"/duty/{desk.id}/single", user_id="", day="2030-01-08", hours="00:00-24:00")
    assert nobody.status_code == 302, nobody.text
    page = browser.get(f"/duty/?team={desk.id}&week=2030-01-09").text
    week = page[page.index('class="month week"') : page.index("</table>")]
    assert "18:00-08:00</span> Sue" in week
    assert "00:00-24:00</span> nobody" in week
    assert "Emma" not in week
    usual = browser.get(f"/duty/?team={desk.id}&week=2030-01-15").text
    assert "08:30-17:30</span> Emma" in usual
    reader = Browser(app, "emma").get(f"/duty/?team={desk.id}")
    assert reader.status_code == 200
    assert "/weekly" not in reader.text
    fresh()
    first = db.session.scalars(sa.select(Duty.id)).first()
    assert browser.post(f"/duty/{desk.id}/entries/{first}/remove").status_code == 302
    assert count(Duty) == 3


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("weekly", {"user_id": "", "weekdays": "0", "hours": "08:00-09:00"}),
        ("weekly", {"user_id": "emma", "hours": "08:00-09:00"}),
        ("weekly", {"user_id": "emma", "weekdays": "7", "hours": "08:00-09:00"}),
        ("weekly", {"user_id": "emma", "weekdays": "0", "hours": "25:00-26:00"}),
        ("weekly", {"user_id": "sam", "weekdays": "0", "hours": "08:00-09:00"}),
        ("single", {"user_id": "emma", "day": "2026-02-30", "hours": "08:00-09:00"}),
        ("single", {"user_id": "emma", "day": "9999-12-31", "hours": "08:00-09:00"}),
        ("single", {"user_id": "emma", "day": "2026-02-03", "hours": "always"}),
    ],
)
def test_roster_entries_that_make_no_sense_are_refused(
    app: Flask, world: World, path: str, fields: dict[str, str]
) -> None:
    desk = team(world, "emma")
    named = {name: world.users[v].id if v in world.users else v for name, v in fields.items()}
    answer = Browser(app, "sam").post(f"/duty/{desk.id}/{path}", **named)
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert count(Duty) == 0


def test_a_file_is_previewed_and_writes_nothing_until_it_is_taken_over(app: Flask, world: World) -> None:
    desk = team(world, "emma", "sue")
    browser = Browser(app, "sam")
    text = (
        "day,user,hours\n2030-01-07,emma,08:00-18:00\n2030-01-07,sue,18:00-08:00\n2030-01-08,-,00:00-24:00\n"
    )
    preview = browser.post(f"/duty/{desk.id}/import", file=(io.BytesIO(text.encode()), "roster.csv"))
    assert preview.status_code == 200, preview.text
    assert "Take over 3 entries" in preview.text
    assert count(Duty) == 0
    for _again in range(2):  # the same file twice gives the same roster
        taken = browser.post(f"/duty/{desk.id}/import", text=text, apply="y")
        assert taken.status_code == 302, taken.text
    assert count(Duty) == 3


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "Choose a file"),
        (b"day,user,hours\n", "There is no entry"),
        (b"2030-01-07,nobody-known,08:00-09:00", "Line 1: nobody-known is nobody of the team."),
        (b"2030-01-07,emma,08:00-09:00\n2030-13-07,emma,08:00-09:00", "Line 2: 2030-13-07 is no date"),
        (b"2030-01-07,emma,8-9", "Line 1: hours are written like 08:30-17:30."),
        (b"2030-01-07,emma", "Line 1: a line has a day, a user name and hours."),
        (b"2030-01-07,emma,08:00-09:00\n" * 2, "Line 2: this entry is there twice."),
        (b'2030-01-07,"emma,08:00-09:00', "this is no line of a CSV file."),
        ("2030-01-07,emma,08:00-09:00".encode("utf-16"), "no text in UTF-8"),
        (b"\x00\x01\x02", "no text in UTF-8"),
        (b"2030-01-07,emma,08:00-09:00\n" * 10000, "too large"),
        (b"2030-01-07,<script>,08:00-09:00", "&lt;script&gt; is nobody of the team."),
    ],
)
def test_files_that_are_none_end_in_one_sentence(
    app: Flask, world: World, content: bytes, sentence: str
) -> None:
    desk = team(world, "emma")
    answer = Browser(app, "sam").post(f"/duty/{desk.id}/import", file=(io.BytesIO(content), "r.csv"))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert count(Duty) == 0


def test_somebody_names_their_own_absence_and_comes_back(app: Flask, world: World) -> None:
    browser = Browser(app, "emma")
    emma, sue = world.users["emma"].id, world.users["sue"].id
    period = {"from_at": "2020-01-01T08:00", "until": "2020-06-01T08:00"}
    over = browser.post("/duty/absences", user_id=emma, **period)
    assert over.status_code == 422
    assert "over already" in over.text
    now = utcnow()
    period = {
        "from_at": (now - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
        "until": (now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M"),
    }
    for refused in (
        {"user_id": sue, "substitute_id": "", **period},  # somebody else's
        {"user_id": emma, "substitute_id": emma, **period},
        {"user_id": emma, "substitute_id": world.users["stan"].id, **period},
        {"user_id": emma, "substitute_id": "", **period, "until": "soon"},
        {"user_id": emma, "substitute_id": "", **period, "until": "2099-01-01T00:00"},
        {"user_id": emma, "substitute_id": "", "from_at": period["until"], "until": period["from_at"]},
    ):
        assert browser.post("/duty/absences", **refused).status_code == 422, refused
    assert count(Absence) == 0
    assert browser.post("/duty/absences", user_id=emma, substitute_id=sue, **period).status_code == 302
    twice = browser.post("/duty/absences", user_id=emma, substitute_id=sue, **period)
    assert twice.status_code == 422
    assert "Emma is away in this period already" in twice.text
    page = Browser(app, "sam").get("/duty/absences").text
    assert "Emma" in page
    assert "away" in page
    fresh()
    absence = db.session.scalars(sa.select(Absence)).one()
    assert Browser(app, "stan").post(f"/duty/absences/{absence.id}/end").status_code == 404
    assert browser.post(f"/duty/absences/{absence.id}/end").status_code == 302
    fresh()
    assert db.session.scalars(sa.select(Absence)).one().until_at <= utcnow()
    assert browser.post(f"/duty/absences/{absence.id}/end").status_code == 404


def test_a_ticket_is_given_to_a_team_and_found_in_its_queue(app: Flask, world: World) -> None:
    desk = team(world, "emma")
    ticket, other = world.ticket("rita", "fault"), world.ticket("rita", "general")
    browser = Browser(app, "emma")
    answer = browser.post(
        f"/tickets/{ticket.id}/team", team_id=desk.id, reason="theirs", version=ticket.version
    )
    assert answer.status_code == 302, answer.text
    stale = browser.post(f"/tickets/{ticket.id}/team", team_id="", version=ticket.version)
    assert stale.status_code == 422
    assert "meanwhile" in stale.text
    queue = browser.get(f"/tickets/?team={desk.id}").text
    assert ticket.number in queue
    assert other.number not in queue
    page = browser.get(f"/tickets/{ticket.id}").text
    assert "gave it to the team Desk" in page
    assert Browser(app, "rita").post(f"/tickets/{ticket.id}/team", team_id=desk.id).status_code in (403, 422)


def test_the_button_of_the_ticket_page_asks_the_rules(app: Flask, world: World) -> None:
    ticket = world.ticket("rita", "fault")
    rule(world, labels.PERSON, "To Emma", user_id=world.users["emma"].id)
    browser = Browser(app, "sam")
    assert "Assign by the rules" in browser.get(f"/tickets/{ticket.id}/rest").text
    assert browser.post(f"/tickets/{ticket.id}/rules", version=ticket.version).status_code == 302
    page = browser.get(f"/tickets/{ticket.id}?whole").text
    assert "The rule “To Emma” names Emma." in page
    assert "Assign by the rules" not in page
    requester = Browser(app, "rita").get(f"/tickets/{ticket.id}").text
    assert "To Emma" not in requester


def test_a_supervisor_of_one_site_keeps_to_it(app: Flask, world: World) -> None:
    with unit_of_work():
        grant_role(
            world.users["erik"], Role.SUPERVISOR, actor=SYSTEM, now=world.now, site=world.sites["north-1"]
        )
    everywhere = team(world, "emma")
    here = team(world, "erik", name="Here", site="north-1")
    browser = Browser(app, "erik")
    assert browser.get(f"/assignment/teams/{everywhere.id}").status_code == 404
    assert browser.get(f"/assignment/teams/{here.id}").status_code == 200
    first, second = world.sites["north-1"].id, world.sites["north-2"].id
    for place, status in (("", 422), (second, 422), (first, 302)):
        answer = browser.post("/assignment/rules/new", **RULE, name="x", action="responsible", site_id=place)
        assert answer.status_code == status, (place, answer.text)
