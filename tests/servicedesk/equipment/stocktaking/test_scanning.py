"""The scanner on the page of a stock-taking: answered in JSON, and a camera allowed there alone."""

from __future__ import annotations

import pytest
from flask import Flask

from servicedesk.core.db import unit_of_work
from servicedesk.equipment.stocktaking import service
from tests.servicedesk.equipment.stocktaking.test_stocktaking import begun, device
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

POLICY = "Permissions-Policy"


def scan(browser: Browser, path: str, text: str) -> tuple[int, dict[str, str]]:
    answer = browser.client.post(
        f"{path}/count",
        data={"csrf_token": browser.token, "text": text},
        headers={"Accept": "application/json"},
    )
    return answer.status_code, answer.get_json()


def test_each_label_is_answered_in_words_without_leaving_the_page(app: Flask, world: World) -> None:
    device(world, "here", None, serial="S-1")
    device(world, "<b>elsewhere</b>", None, "north-2")
    taking = begun(world, None)
    emma, path = Browser(app, "emma"), f"/equipment/stock-taking/{taking.id}"
    assert scan(emma, path, "s-1") == (200, {"tone": "success", "message": "here is here."})
    assert scan(emma, path, "S-1") == (200, {"tone": "info", "message": "here was counted before."})
    status, found = scan(emma, path, "<b>elsewhere</b>")
    assert (status, found["tone"]) == (200, "warning")
    assert "North site 2" in found["message"]
    status, found = scan(emma, path, "nothing of ours")
    assert (status, found["tone"]) == (422, "error")
    assert "No device has the label" in found["message"]
    fresh()
    assert service.tally(taking) == {"here": 1, "missing": 0, "surplus": 1}


@pytest.mark.parametrize("text", ["", " ", "a\x00b", "x" * 400])
def test_what_is_no_label_is_answered_in_words_as_well(app: Flask, world: World, text: str) -> None:
    device(world, "here", None)
    taking = begun(world, None)
    status, found = scan(Browser(app, "emma"), f"/equipment/stock-taking/{taking.id}", text)
    assert (status, found["tone"]) == (422, "error")
    assert found["message"]


def test_a_stock_taking_of_others_or_that_is_over_counts_nothing(app: Flask, world: World) -> None:
    device(world, "here", None)
    taking = begun(world, None)
    path = f"/equipment/stock-taking/{taking.id}"
    for who, status in (("stan", 404), ("rita", 404)):
        assert scan(Browser(app, who), path, "here")[0] == status
    with unit_of_work():
        service.end(taking, "", actor=SYSTEM, now=world.now)
    status, found = scan(Browser(app, "emma"), path, "here")
    assert status == 409
    assert found["error"]


def test_the_camera_is_allowed_on_the_page_that_counts_and_nowhere_else(app: Flask, world: World) -> None:
    device(world, "here", None)
    taking = begun(world, None)
    emma, path = Browser(app, "emma"), f"/equipment/stock-taking/{taking.id}"
    page = emma.get(path)
    assert "camera=(self)" in page.headers[POLICY]
    assert "scan.js" in page.text
    assert page.headers["Content-Security-Policy"] == emma.get("/").headers["Content-Security-Policy"]
    for other in (
        "/",
        "/equipment/devices",
        "/equipment/stock-taking/",
        "/tickets/new/fault",
        "/static/js/app.js",
    ):
        assert "camera=()" in emma.get(other).headers[POLICY], other
    with unit_of_work():
        service.end(taking, "", actor=SYSTEM, now=world.now)
    ended = emma.get(path)
    assert "camera=()" in ended.headers[POLICY]
    assert "scan.js" not in ended.text
