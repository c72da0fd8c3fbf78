"""Labels of rooms, the start of a round by scanning one, and finished rooms folded in a round."""

from __future__ import annotations

from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.inspections import signing
from servicedesk.inspections.models import InspectionRun
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.manual.rounds import begin, item, plan, room, rows, say
from tests.servicedesk.world import Browser, World, fresh

EVIL = "<script>alert(1)</script>"


def test_who_scans_is_in_the_newest_open_round_at_this_room(any_app: Flask, any_world: World) -> None:
    number, found = room(any_world), plan(any_world, item(any_world))
    begin(any_world, found)
    run = begin(any_world, found, days=1)
    answer = Browser(any_app, "erik").get(f"/inspections/rooms/{number}/round")
    assert (answer.status_code, answer.location) == (302, f"/inspections/{run.id}/round#room-{number}")
    page = Browser(any_app, "erik").get(answer.location.partition("#")[0]).text
    assert f'id="room-{number}"' in page


def test_without_an_open_round_one_is_begun_by_a_plan(app: Flask, world: World) -> None:
    number, found = room(world), plan(world, item(world))
    path = f"/inspections/rooms/{number}/round"
    browser = Browser(app, "erik")
    page = browser.get(path)
    assert page.status_code == 200
    assert "Begin: Day" in page.text
    run = begin(world, found)
    with unit_of_work():
        kept = db.session.get_one(InspectionRun, run.id)
        kept.state = "complete"
        signing.sign(kept, note="closed", actor=world.actor("erik"), now=world.now)
    fresh()
    assert browser.get(path).status_code == 200  # what is signed is not open


def test_others_who_scan_see_nothing(app: Flask, world: World) -> None:
    number = room(world)
    for who in ("rita", "stan", "carl"):
        assert Browser(app, who).get(f"/inspections/rooms/{number}/round").status_code == 404
    assert Browser(app, "erik").get("/inspections/rooms/999999/round").status_code == 404
    signed_out = Browser(app).get(f"/inspections/rooms/{number}/round")
    assert signed_out.status_code == 302
    assert "/sign-in" in signed_out.location or "/login" in signed_out.location


def test_the_sheet_of_labels(app: Flask, world: World, queries: Queries) -> None:
    room(world, EVIL)
    site = world.sites["north-1"].id
    browser = Browser(app, "sam")
    with queries:
        page = browser.get(f"/inspections/rooms/labels?site={site}")
    few = queries.count
    assert page.text.count('<div class="label">') == 1
    assert EVIL not in page.text
    for number in range(4):
        room(world, f"Room {number}")
    with queries:
        assert browser.get(f"/inspections/rooms/labels?site={site}").text.count('<div class="label">') == 5
    assert queries.count - few == few  # counted on from before
    pdf = browser.get(f"/inspections/rooms/labels?site={site}&format=pdf")
    assert pdf.data.startswith(b"%PDF")
    # The site of another client is not offered: one's own first site comes instead.
    south = Browser(app, "stan").get(f"/inspections/rooms/labels?site={site}").text
    assert "Room 1" not in south
    assert Browser(app, "rita").get("/inspections/rooms/labels").status_code == 404


def test_a_finished_room_is_folded(app: Flask, world: World) -> None:
    room(world)
    room(world, "Room B")
    run = begin(world, plan(world, item(world)))
    browser = Browser(app, "erik")
    path = f"/inspections/{run.id}/round"
    assert browser.get(path).text.count('<details class="round-part" open>') == 2
    say(world, next(iter(rows(run).values())), "21")
    page = browser.get(path).text
    assert page.count('<details class="round-part" open>') == 1
    assert page.count('<details class="round-part">') == 1
    assert "1 / 1" in page
