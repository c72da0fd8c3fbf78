"""Long lists: the menu shows where one is, and all found hosts of a page are ticked at once."""

from __future__ import annotations

from playwright.sync_api import expect

from collectors.discovery.sweep import Host
from tests.browser.conftest import Screen
from tests.servicedesk.discovery.test_discovery import allowed, carry_on, started
from tests.servicedesk.world import PASSWORD, World


def test_the_menu_shows_the_entry_of_the_page(screen: Screen, world: World) -> None:
    page = screen.sign_in("sue", PASSWORD)
    page.goto("/equipment/documents/")
    if screen.width < 800:
        page.locator(".nav-toggle").click()
    expect(page.locator("#sidebar [aria-current=page]")).to_be_in_viewport(ratio=1)


def test_all_hosts_of_a_page_are_ticked_at_once(screen: Screen, world: World) -> None:
    sweep = started(world, allowed(world))
    carry_on(sweep, Host("192.0.2.7", ("icmp",)), Host("192.0.2.8", ("icmp",)))
    page = screen.sign_in("sue", PASSWORD)
    page.goto(f"/equipment/discovery/{sweep.id}")
    every = page.get_by_label("Tick all")
    if not every.is_visible():
        return  # a phone shows rows without their headings
    every.check()
    assert [box.is_checked() for box in page.locator("[name=host]").all()] == [True, True]
