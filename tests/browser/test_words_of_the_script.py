"""What the page's script says, it says in the page's language."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Screen
from tests.servicedesk.world import PASSWORD, World


@pytest.mark.parametrize(("locale", "words"), [("en-US", "Nothing found"), ("zh-CN", "没有匹配项")])
def test_a_choice_that_finds_nothing_says_so(screen: Screen, world: World, locale: str, words: str) -> None:
    world.device("sw1", protocol="snmp")
    page = screen.sign_in("sue", PASSWORD, locale)
    page.goto("/inspections/plans/new")
    box = page.locator(".ts-wrapper input").first
    box.click()
    box.press_sequentially("no such thing")
    expect(page.locator(".no-results").first).to_have_text(words)


@pytest.mark.parametrize(("locale", "words"), [("en-US", "Cancel"), ("zh-CN", "取消")])
def test_a_question_can_be_cancelled(screen: Screen, world: World, locale: str, words: str) -> None:
    device = world.device("sw1", protocol="snmp")
    page = screen.sign_in("sue", PASSWORD, locale)
    page.goto(f"/equipment/devices/{device.id}")
    page.locator("#access form[data-confirm] button").first.click()
    page.get_by_role("dialog").get_by_text(words, exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
