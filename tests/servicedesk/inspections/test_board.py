"""The board of a day and the daily record as a file."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from openpyxl import load_workbook

from collectors.outcome import Outcome
from servicedesk.core.db import unit_of_work
from servicedesk.inspections import board, signing
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.play import inspect, judged
from tests.servicedesk.world import Browser, World

EVIL = '=HYPERLINK("http://x")<script>alert(1)</script>'


def lines(world: World, days: int = 0) -> dict[str, board.Line]:
    day = (world.now + timedelta(days=days)).date()
    return {line.name: line for line in board.day_of(world.sites["north-1"].id, day)[0]}


def test_each_group_shows_its_worst_and_how_many(any_world: World) -> None:
    device = any_world.device("web", device_class="server", protocol="ssh")
    found = [
        judged(Outcome.OK, "/"),
        judged(Outcome.CRITICAL, "/data"),
        judged(Outcome.OK, "", check="cpu_used"),
    ]
    inspect(device, found, any_world.now)
    cells = lines(any_world)["web"].cells
    assert (cells["disk"].outcome, cells["disk"].abnormal, cells["disk"].items) == ("critical", 1, 2)
    assert cells["cpu"].outcome == "ok"


def test_what_was_expected_and_is_not_there_is_never_normal(any_world: World) -> None:
    device = any_world.device("web", device_class="server", protocol="ssh")
    any_world.device("new", device_class="server", protocol="ssh")
    inspect(device, [judged(Outcome.OK)], any_world.now)
    today = lines(any_world)
    assert today["web"].cells["memory"].outcome == "not_inspected"
    assert "power" not in today["web"].cells  # nobody expects a server to be a UPS
    assert today["new"].cells["reach"].outcome == "not_inspected"
    assert lines(any_world, 1)["web"].cells["reach"].outcome == "stale"


def test_a_device_that_could_not_be_visited_says_why_in_every_expected_group(any_world: World) -> None:
    device = any_world.device("web", device_class="server", protocol="ssh")
    inspect(device, [], any_world.now, outcome=Outcome.UNREACHABLE, error="no route")
    cells = lines(any_world)["web"].cells
    assert {cells[name].outcome for name in ("cpu", "disk", "services")} == {"unreachable"}
    assert cells["reach"].outcome == "critical"  # that nobody answers is a finding of its own


def test_the_page_takes_as_many_queries_for_many_devices(app: Flask, world: World) -> None:
    browser, counts = Browser(app, "emma"), []
    for first, last in ((0, 1), (1, 9)):
        for number in range(first, last):
            device = world.device(f"web{number}", device_class="server", protocol="ssh")
            inspect(device, [judged(Outcome.WARNING)], world.now)
        day = world.now.date()
        browser.get(f"/inspections/board/?day={day}")
        with Queries() as counted:
            page = browser.get(f"/inspections/board/?day={day}").text
        counts.append(counted.count)
    assert counts[0] == counts[1]
    assert page.count('scope="row"') == 9


@pytest.mark.parametrize("day", ["", "x", "0001-01-01", "9999-12-31", "2026-13-01", "<script>"])
def test_odd_days_are_some_day(app: Flask, world: World, day: str) -> None:
    world.device(EVIL)
    page = Browser(app, "emma").get(f"/inspections/board/?day={day}&site=x&after=%27")
    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_nobody_sees_another_client_s_board(app: Flask, world: World) -> None:
    world.device("secretbox")
    north = world.sites["north-1"].id
    assert Browser(app, "rita").get("/inspections/board/").status_code == 404
    assert "secretbox" not in Browser(app, "stan").get(f"/inspections/board/?site={north}").text


def test_the_daily_record_is_a_sheet_with_its_signatures(app: Flask, world: World) -> None:
    device = world.device(EVIL, device_class="server", protocol="ssh")
    run = inspect(device, [judged(Outcome.CRITICAL, "/data", 97.0)], world.now)
    with unit_of_work():
        signing.sign(run, note="looked at", actor=world.actor("emma"), now=world.now)
    answer = Browser(app, "emma").get(f"/inspections/board/{run.id}/record.xlsx")
    cells = [
        [cell.value for cell in row]
        for sheet in load_workbook(BytesIO(answer.data)).worksheets
        for row in sheet.iter_rows()
    ]
    text = [str(value) for row in cells for value in row if value is not None]
    assert cells[0][:4] == ["Device", "Address", "Item", "Of which"]
    assert "/data" in text
    assert "Abnormal" in text
    assert "Not inspected" in text  # memory and the others that are required
    assert any("Emma" in value for value in text)
    assert not any(value.startswith("=") for value in text)
    assert Browser(app, "stan").get(f"/inspections/board/{run.id}/record.csv").status_code == 404
