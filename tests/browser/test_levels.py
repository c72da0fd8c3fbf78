"""Levels, own checks and coverage in a real browser, wide and narrow, in both languages."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from collectors.model import Finding, Levels, Message
from collectors.outcome import Outcome
from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work
from servicedesk.inspections.levels.service import LevelData, save_level
from servicedesk.inspections.own.models import OwnCheckTrial
from servicedesk.inspections.own.service import OwnCheckData, begin_trial, save_own_check
from tests.browser.conftest import Screen
from tests.servicedesk.inspections.play import inspect
from tests.servicedesk.world import PASSWORD, SYSTEM, World

ITEM = "/srv/backup/of-the-registry-of-births-deaths-and-marriages/2026"


def filled(world: World) -> int:
    """A device with a long name, history, a level and an own check; its number."""
    name = "core-switch-of-the-machine-room-on-the-second-floor-north-wing-01"
    device = world.device(name, protocol="snmp", device_class="server")
    for age in range(20, 0, -1):
        value = 60.0 + age
        reading = Finding("filesystem_used", ITEM, Outcome.OK, Message("x"), value, "%", Levels(80, 90))
        gap = Finding("cpu_used", "", Outcome.PARSE_FAILED, Message("line 3: no number"))
        inspect(device, [reading, gap], utcnow() - timedelta(days=age))
    level = LevelData(
        "device",
        "filesystem_used",
        "The backup fills it every night; agreed with the client's information department.",
        warning=75,
        critical=92,
        runs=3,
        margin=2.5,
        device_id=device.id,
    )
    own = OwnCheckData("Battery room", "oid", "1.3.6.1.4.1.99.1.2", unit="°C", warning=27, critical=30)
    with unit_of_work():
        save_level(None, device.client_id, level, actor=SYSTEM, now=utcnow())
        save_own_check(None, device.client_id, own, actor=SYSTEM, now=utcnow())
        begin_trial(device, device.client_id, own, actor=SYSTEM, now=utcnow())
    return device.id


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_the_pages_fit_and_the_form_shows_what_belongs_to_the_place(
    screen: Screen, world: World, locale: str
) -> None:
    device_id = filled(world)
    page = screen.sign_in("sam", PASSWORD, locale)
    for path in (
        "/inspections/levels/",
        f"/inspections/levels/device/{device_id}",
        "/inspections/own-checks/",
        "/inspections/own-checks/1",
        f"/inspections/coverage/?device={device_id}",
        "/inspections/levels/1",
    ):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), path
    assert page.locator("[data-when-values=device]").is_visible()
    assert page.locator("[data-when-values=site]").is_hidden()
    page.locator("[name=rung]").select_option("site")
    assert page.locator("[data-when-values=site]").is_visible()
    page.locator("[name=rung]").select_option("device")
    page.locator("[name=test]").click()
    page.locator("#history").wait_for()
    assert page.locator("#history tbody tr").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_a_trial_shows_that_it_waits_and_then_what_was_found(screen: Screen, world: World) -> None:
    filled(world)
    page = screen.sign_in("sam", PASSWORD)
    page.goto("/inspections/own-checks/1")
    page.locator("[name=device_id]").select_option(index=1)
    page.locator("[name=try]").click()
    page.get_by_text("waits for a worker").wait_for()
    with unit_of_work() as session:
        trial = session.scalars(sa.select(OwnCheckTrial).order_by(OwnCheckTrial.id.desc())).first()
        assert trial is not None
        row = {"item": "<i>room</i>", "value": 31.2, "unit": "°C", "outcome": "critical", "message": {}}
        answer = {"question": "walk 1.3.6.1.4.1.99.1.2", "answer": "x" * 500, "error": ""}
        trial.result = {"rows": [row], "found": 1, "answers": [answer], "outcome": "ok", "error": ""}
        trial.state = "done"
    page.get_by_text("<i>room</i>").wait_for()  # fetched by the page itself
    page.locator("#trial summary").click()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
