"""From a broken printer to five stars, by clicking."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Screen
from tests.servicedesk.world import PASSWORD, World

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def open_action(page: Page, name: str) -> None:
    page.locator("details.action > summary", has_text=name).first.click()


def test_report_resolve_confirm(screen: Screen, world: World, tmp_path: Path) -> None:
    rita = screen.sign_in("rita", PASSWORD)
    rita.goto("/tickets/new")
    rita.get_by_role("link", name=re.compile("Something is broken")).click()
    rita.get_by_label("In a few words").fill("Printer <b>jams</b> 打印机")
    rita.get_by_label(re.compile("What happens")).fill("Since this morning.")
    photo = tmp_path / "photo.png"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 64)
    rita.get_by_label("Photos and files").set_input_files(str(photo))
    assert fits(rita)
    rita.get_by_role("button", name="Send").click()
    expect(rita.locator("h1")).to_contain_text("Printer <b>jams</b> 打印机")
    expect(rita.get_by_role("link", name="photo.png")).to_be_visible()
    ticket = rita.url

    emma = screen.sign_in("emma", PASSWORD)
    emma.goto("/tickets/?queue=unassigned")
    emma.get_by_text("Printer <b>jams</b> 打印机").first.click()
    emma.get_by_role("button", name="Start work").click()
    expect(emma.get_by_text("In progress").first).to_be_visible()
    open_action(emma, "Resolve")
    emma.get_by_label(re.compile("What was done|Resolution", re.I)).first.fill(
        "Removed the paper and cleaned the rollers."
    )
    emma.get_by_label("Cause category").first.select_option(label="Wear or consumables")
    emma.get_by_label("Handling method").first.select_option(label="Cleaned up")
    emma.locator("details.action[open] button[type=submit]").click()
    expect(emma.get_by_text("Resolved").first).to_be_visible()
    assert fits(emma)

    rita.goto(ticket)
    expect(rita.get_by_text("Removed the paper and cleaned the rollers.").first).to_be_visible()
    confirm = rita.locator("details.action", has_text="Confirm and close").first
    if confirm.get_attribute("open") is None:
        confirm.locator("summary").click()
    confirm.locator("input[type=radio][value='5']").check(force=True)
    confirm.locator("button[type=submit]").click()
    expect(rita.get_by_text("Closed").first).to_be_visible()
    assert fits(rita)


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/tickets/",
        "/tickets/new/change",
        "/inspections/",
        "/inspections/plans/new",
        "/equipment/devices/new",
    ],
)
def test_every_page_fits_its_screen(screen: Screen, world: World, path: str, locale: str) -> None:
    world.device("a-very-long-name-" * 10, protocol="ssh")
    page = screen.sign_in("sue", PASSWORD, locale)
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert fits(page), page.evaluate(
        "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth)"
        ".slice(0, 5).map(e => e.outerHTML.slice(0, 120))"
    )


def test_the_keyboard_alone_reaches_the_content(screen: Screen, world: World) -> None:
    page = screen.sign_in("sue", PASSWORD)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_attribute("id", "main")
