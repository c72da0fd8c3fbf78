"""Forms that came back: where the reader stands, and whether every sentence is in its place."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Screen
from tests.servicedesk.world import PASSWORD, World


def test_a_form_is_gone_on_with_at_the_first_field_in_error(screen: Screen, world: World) -> None:
    page = screen.sign_in("sue", PASSWORD)
    page.goto("/equipment/devices/new")
    page.locator("[name=name]").fill("SW-9")
    page.locator("[name=height_u]").fill("")
    page.locator("main form:not(.inline-form) button[type=submit]").first.click()
    expect(page.locator("[name=height_u]")).to_be_focused()
    expect(page.locator("#height_u-error")).to_be_in_viewport(ratio=1)
    screen.complaints = [text for text in screen.complaints if "422" not in text]


def test_a_word_without_a_break_does_not_make_the_page_wider(screen: Screen, world: World) -> None:
    north = world.organisations["north"].id
    page = screen.sign_in("admin", PASSWORD)
    page.goto(f"/inspections/files/new?client={north}")
    page.locator("[name=paths]").fill("x" * 300)
    page.locator("[name=reason]").fill("kept")
    page.locator("main form:not(.inline-form) button[type=submit]").first.click()
    sentence = page.locator("#paths-error > span")
    expect(sentence).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= screen.width
    sign = page.locator("#paths-error > svg").bounding_box()
    words = sentence.bounding_box()
    assert sign is not None
    assert words is not None
    assert words["x"] >= sign["x"] + sign["width"]
    assert abs(words["y"] - sign["y"]) < 4
    screen.complaints = [text for text in screen.complaints if "422" not in text]
