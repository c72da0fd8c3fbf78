"""The half-yearly report in a browser: trends that answer, texts kept as they are typed, two writers."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from redis import RedisError

from servicedesk.reports.deep import jobs, texts
from tests.browser.conftest import Screen
from tests.servicedesk.reports.deep.play import built, half_year
from tests.servicedesk.world import PASSWORD, World, fresh

expect.set_options(timeout=10_000)


@pytest.fixture(autouse=True)
def no_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work is done when a test says so."""

    def gone(*_args: object, **_kwargs: object) -> None:
        raise RedisError("no Redis in this test")

    monkeypatch.setattr(jobs.Queues, "connect", gone)


def test_a_trend_is_drawn_on_screen_and_is_a_drawing_on_paper(screen: Screen, world: World) -> None:
    half_year(world)
    page = screen.sign_in("emma", PASSWORD)
    page.goto(f"/reports/deep/{built(world).id}")
    figure = page.locator("[data-trend]").last
    figure.scroll_into_view_if_needed()
    expect(figure.locator(".uplot")).to_be_visible()
    expect(figure.locator("> svg")).to_be_hidden()
    assert figure.locator(".u-legend .u-series").count() >= 2
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.emulate_media(media="print")
    expect(figure.locator(".uplot")).to_be_hidden()
    expect(figure.locator("> svg")).to_be_visible()


def test_what_is_typed_is_kept_and_a_second_writer_sees_both(screen: Screen, world: World) -> None:
    half_year(world)
    number = built(world).id
    address = f"/reports/deep/{number}/write/summary"
    emma, sue = screen.sign_in("emma", PASSWORD), screen.sign_in("sue", PASSWORD)
    emma.goto(address)
    sue.goto(address)
    emma.locator("textarea[name=text]").fill("Of **Emma**")
    expect(emma.locator(".text-kept [role=status]")).to_be_visible()
    expect(emma.locator(".text-preview strong")).to_have_text("Emma")
    fresh()
    assert texts.bodies(number) == {"summary": "Of **Emma**"}
    sue.locator("textarea[name=text]").fill("Of Sue")
    expect(sue.locator(".text-theirs")).to_have_text("Of **Emma**")
    assert sue.locator("textarea[name=text]").input_value() == "Of Sue"
    assert sue.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    sue.locator("button[name=over]").click()
    sue.wait_for_load_state()
    expect(sue.locator("textarea[name=text]")).to_have_value("Of Sue")
    fresh()
    assert texts.bodies(number) == {"summary": "Of Sue"}
    # The browser itself says that an answer was a refusal.
    screen.complaints = [text for text in screen.complaints if "409" not in text]


def test_what_cannot_be_kept_says_so_while_one_types(screen: Screen, world: World) -> None:
    half_year(world)
    number = built(world).id
    emma = screen.sign_in("emma", PASSWORD)
    emma.goto(f"/reports/deep/{number}/write/summary")
    emma.locator("textarea[name=text]").fill("A bell \x07 from a terminal")
    expect(emma.locator(".text-kept [role=alert]")).to_contain_text("control characters")
    emma.locator("textarea[name=text]").fill("No bell")
    expect(emma.locator(".text-kept [role=status]")).to_be_visible()
    fresh()
    assert texts.bodies(number) == {"summary": "No bell"}
    screen.complaints = [text for text in screen.complaints if "422" not in text]
