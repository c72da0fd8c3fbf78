"""The round on a phone: answers at once, without a network, and what somebody else answered meanwhile."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from servicedesk.core.db import db
from servicedesk.inspections.manual.models import ManualAnswer, ManualDelivery
from tests.browser.conftest import Screen
from tests.servicedesk.inspections.manual.rounds import LAMP, PNG, begin, item, plan, room, say
from tests.servicedesk.world import PASSWORD, World, fresh

expect.set_options(timeout=10_000)  # as the fixture gives actions: the machine may be busy
PHOTO = {"name": "p.png", "mimeType": "image/png", "buffer": PNG}


def opened(screen: Screen, world: World, locale: str = "en-US") -> tuple[Page, int]:
    """A round of a room's temperature and two switches' lamps, opened and kept; the run's number."""
    room(world)
    for name in ("sw1", "sw2"):
        world.device(name, device_class="switch")
    run_id = begin(world, plan(world, item(world), item(world, LAMP))).id
    page = screen.sign_in("emma", PASSWORD, locale)
    page.goto(f"/inspections/{run_id}/round")
    page.locator("[data-round][data-opens-offline]").wait_for(state="attached")
    return page, run_id


def answered() -> dict[str, ManualAnswer]:
    fresh()
    return {row.place_name: row for row in db.session.scalars(sa.select(ManualAnswer))}


def forgive(screen: Screen) -> None:
    """Without a network the console says so; anything else still fails the test."""
    screen.complaints = [text for text in screen.complaints if "ERR_INTERNET_DISCONNECTED" not in text]


def type_temperature(page: Page, value: str) -> None:
    page.locator("input[inputmode=decimal]").fill(value)
    page.locator(".round-row", has=page.locator("input[inputmode=decimal]")).get_by_role(
        "button", name="Save"
    ).click()


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_a_choice_is_saved_by_a_touch_and_the_page_fits(screen: Screen, world: World, locale: str) -> None:
    page, _run_id = opened(screen, world, locale)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.locator(".round-warning").first.click()
    expect(page.locator("[data-done]")).to_have_text("1")
    assert answered()["sw1"].outcome == "warning"


def test_all_normal_here_asks_and_leaves_what_is_answered(screen: Screen, world: World) -> None:
    page, _run_id = opened(screen, world)
    page.locator(".round-critical").first.click()
    expect(page.locator("[data-done]")).to_have_text("1")
    page.locator("#elsewhere [data-all-normal] button").click()
    page.locator("dialog .primary").click()
    expect(page.locator("[data-done]")).to_have_text("2")
    found = answered()
    assert (found["sw1"].outcome, found["sw2"].outcome) == ("critical", "ok")
    assert found["Room A"].outcome == "not_inspected"


def test_answers_wait_without_a_network_over_a_reload_and_are_delivered_once(
    screen: Screen, world: World
) -> None:
    page, _run_id = opened(screen, world)
    page.context.set_offline(True)
    type_temperature(page, "22.5")
    page.locator(".round-ok").first.click()
    expect(page.locator("[data-queue]")).to_contain_text("2 answers wait on this phone")
    page.reload()
    expect(page.locator("[data-queue]")).to_contain_text("2 answers wait on this phone")
    assert {row.outcome for row in answered().values()} == {"not_inspected"}
    page.context.set_offline(False)
    expect(page.locator("[data-queue]")).to_be_hidden()
    expect(page.locator("[data-done]")).to_have_text("2")
    page.reload()
    found = answered()
    assert (found["Room A"].value, found["sw1"].outcome) == (22.5, "ok")
    assert db.session.scalar(sa.select(sa.func.count(ManualDelivery.id))) == 2
    forgive(screen)


def test_a_photo_waits_with_its_answer(screen: Screen, world: World) -> None:
    page, _run_id = opened(screen, world)
    page.context.set_offline(True)
    page.locator(".round-row summary").first.click()
    page.locator("input[type=file]").first.set_input_files([PHOTO])
    type_temperature(page, "23")
    expect(page.locator("[data-queue]")).to_contain_text("1 answer waits")
    type_temperature(page, "24")  # thought better of it before there was a network
    page.wait_for_timeout(500)
    expect(page.locator("[data-queue]")).to_contain_text("1 answer waits")
    page.context.set_offline(False)
    expect(page.locator("[data-queue]")).to_be_hidden()
    found = answered()["Room A"]
    assert (found.value, found.photo_type) == (24, "image/png")
    forgive(screen)


def test_what_somebody_else_answered_meanwhile_is_shown_not_replaced(screen: Screen, world: World) -> None:
    page, _run_id = opened(screen, world)
    page.context.set_offline(True)
    type_temperature(page, "22")
    say(world, answered()["Room A"], "24", "erik")
    page.context.set_offline(False)
    page.get_by_text("Somebody else answered this meanwhile").wait_for()
    expect(page.locator("#room-1 [data-state]").first).to_contain_text("24 °C")
    assert answered()["Room A"].value == 24
    page.get_by_role("button", name="Replace with mine").click()
    expect(page.locator("[data-queue]")).to_be_hidden()
    assert (answered()["Room A"].value, answered()["Room A"].answered_by) == (22, "Emma")
    screen.complaints = [text for text in screen.complaints if "409" not in text]
    forgive(screen)


def test_whoever_signs_out_leaves_no_page_behind(screen: Screen, world: World) -> None:
    page, _run_id = opened(screen, world)
    assert page.evaluate("caches.keys()") == ["servicedesk-round"]
    page.context.clear_cookies()
    page.goto("/sign-in")
    page.wait_for_function("async () => (await caches.keys()).length === 0")
