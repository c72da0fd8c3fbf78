"""The list of items by hand, the round, and where its answers are shown."""

from __future__ import annotations

import io
from uuid import uuid4

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.equipment import labels
from servicedesk.inspections.models import InspectionRun
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.manual.rounds import LAMP, PNG, begin, item, plan, room, rows, say
from tests.servicedesk.world import SYSTEM, Browser, World

EVIL = "<script>alert(1)</script>"


def fields(**changed: object) -> dict[str, object]:
    return {
        "title_en": "Lamps",
        "title_zh": "L",
        "looks_at": "room",
        "kind": "choice",
        "options": "Good | G = ok\nBad | B = critical",
        "active": "y",
        **changed,
    }


def test_the_starter_set_is_added_once(app: Flask, world: World) -> None:
    browser = Browser(app, "sam")
    client_id = world.organisations["north"].id
    for _time in range(2):
        assert browser.post("/inspections/manual-items/starter", client_id=client_id).status_code == 302
    page = browser.get("/inspections/manual-items/").text
    assert page.count("UPS panel") == 1
    south = world.organisations["south"].id
    assert browser.post("/inspections/manual-items/starter", client_id=south).status_code == 404


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title_zh", ""),
        ("title_en", "\x00"),
        ("looks_at", "moon"),
        ("options", "Good = ok"),
        ("options", "Bad | B = critical\nWorse | W = critical"),
        ("options", f"{EVIL} | x = excellent\nB | b = ok"),
        ("site_id", "999"),
    ],
)
def test_what_is_not_right_is_refused_beside_its_field(
    app: Flask, world: World, name: str, value: str
) -> None:
    answer = Browser(app, "sam").post("/inspections/manual-items/new", **fields(**{name: value}))
    assert answer.status_code == 422
    assert "field-error" in answer.text
    assert EVIL not in answer.text


@pytest.mark.parametrize(
    "limits", [{}, {"warning_lower": "30", "warning_upper": "20"}, {"warning_upper": "nan"}]
)
def test_a_number_needs_limits_that_rise(app: Flask, world: World, limits: dict[str, str]) -> None:
    answer = Browser(app, "sam").post("/inspections/manual-items/new", **fields(kind="number", **limits))
    assert answer.status_code == 422


def test_only_who_edits_plans_sees_the_list(app: Flask, world: World) -> None:
    found = item(world)
    for who in ("emma", "rita"):
        assert Browser(app, who).get("/inspections/manual-items/").status_code == 404
    assert Browser(app, "stan").get(f"/inspections/manual-items/{found.id}").status_code == 404
    assert Browser(app, "sam").get(f"/inspections/manual-items/{found.id}").status_code == 200


def test_the_list_takes_as_many_queries_for_many_items(app: Flask, world: World) -> None:
    browser, counts = Browser(app, "sam"), []
    for first, last in ((0, 1), (1, 9)):
        for number in range(first, last):
            answer = browser.post("/inspections/manual-items/new", **fields(title_en=f"Lamps {number}"))
            assert answer.status_code == 302
        browser.get("/inspections/manual-items/")
        with Queries() as counted:
            browser.get("/inspections/manual-items/")
        counts.append(counted.count)
    assert counts[0] == counts[1]


def test_a_round_without_a_script_saves_and_shows_the_previous_value(app: Flask, world: World) -> None:
    room(world, EVIL)
    found = plan(world, item(world))
    say(world, rows(begin(world, found))["Temperature", EVIL], "21.5")
    run = begin(world, found, 1)
    row = rows(run)["Temperature", EVIL]
    browser = Browser(app, "erik")
    page = browser.get(f"/inspections/{run.id}/round").text
    assert "last time: 21.5 °C" in page
    assert EVIL not in page
    sent = browser.post(
        f"/inspections/answers/{row.id}",
        uuid=str(uuid4()),
        seen="0",
        value="40",
        remark=EVIL,
        photo=(io.BytesIO(PNG), "p.png"),
    )
    assert sent.status_code == 302
    row = rows(run)["Temperature", EVIL]
    assert (row.outcome, row.photo_type) == ("critical", "image/png")
    for path in (
        f"/inspections/{run.id}",
        "/inspections/findings",
        "/inspections/",
        "/inspections/board/?day=2026-11-25",
    ):
        shown = browser.get(path)
        assert shown.status_code == 200
        assert EVIL not in shown.text
    assert "40 °C" in browser.get(f"/inspections/{run.id}").text
    sheet = browser.get(f"/inspections/board/{run.id}/record.csv").text
    assert "40 °C" in sheet
    assert "By hand" in sheet


def test_photos_and_rounds_of_another_client_do_not_exist(app: Flask, world: World) -> None:
    room(world)
    run = begin(world, plan(world, item(world)))
    say(world, rows(run)["Temperature", "Room A"], "22", photo=PNG)
    row = rows(run)["Temperature", "Room A"]
    path = f"/inspections/answers/{row.id}/photos/{row.photo_sha256}"
    shown = Browser(app, "emma").get(path)
    assert (shown.status_code, shown.mimetype) == (200, "image/png")
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    stranger = Browser(app, "stan")
    assert stranger.get(path).status_code == 404
    assert stranger.get(f"/inspections/{run.id}/round").status_code == 404
    assert stranger.post(f"/inspections/answers/{row.id}", value="1").status_code == 404
    assert Browser(app, "emma").get(path[:-2] + "zz").status_code == 404


def test_a_script_is_told_of_saving_conflict_and_refusal(app: Flask, world: World) -> None:
    room(world)
    run = begin(world, plan(world, item(world)))
    row = rows(run)["Temperature", "Room A"]
    url = f"/inspections/answers/{row.id}"

    def send(who: str, **given: str) -> tuple[int, dict[str, object]]:
        browser = Browser(app, who)
        data = {"csrf_token": browser.token, "uuid": str(uuid4()), "seen": "0", **given}
        answer = browser.client.post(url, data=data, headers={"Accept": "application/json"})
        return answer.status_code, answer.get_json()

    assert send("emma", value="x")[0] == 422
    status, told = send("emma", value="22")
    assert (status, told["state"], told["version"], told["done"]) == (200, "saved", 1, 1)
    status, told = send("erik", value="25")
    assert (status, told["state"]) == (409, "conflict")
    assert "22 °C" in str(told["html"])


def test_the_round_takes_as_many_queries_for_many_rows(app: Flask, world: World) -> None:
    room(world)
    lamps, temperature = item(world, LAMP), item(world)
    found, browser, counts = plan(world, lamps, temperature), Browser(app, "emma"), []
    for first, last in ((0, 1), (1, 9)):
        for number in range(first, last):
            world.device(f"sw{number}", device_class="switch")
        run = begin(world, found, first)
        browser.get(f"/inspections/{run.id}/round")
        with Queries() as counted:
            page = browser.get(f"/inspections/{run.id}/round").text
        counts.append(counted.count)
    assert counts[0] == counts[1]
    assert page.count("data-answer=") == 10


def test_a_scanned_label_leads_on_with_the_round_that_is_open(app: Flask, world: World) -> None:
    device = world.device("sw1", device_class="switch")
    with unit_of_work():
        labels.issue([device], actor=SYSTEM, now=world.now)
    token = labels.valid([device.id])[device.id]
    found = plan(world, item(world, LAMP))
    for days in (0, 1):
        run = begin(world, found, days)
    row = rows(run)["Lamps", "sw1"]
    browser = Browser(app, "erik")
    landed = browser.get(f"/r/{token}")
    assert (landed.status_code, landed.location) == (302, f"/equipment/devices/{device.id}")
    assert f'href="/inspections/{run.id}/round#answer-{row.id}"' in browser.get(landed.location).text
    assert "/round#" not in Browser(app, "carl").get(landed.location).text  # may look, not inspect
    with unit_of_work():
        db.session.execute(sa.update(InspectionRun).values(signed_at=world.now))
    assert "/round#" not in browser.get(landed.location).text
