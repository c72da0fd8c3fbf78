"""The menu is drawn once and kept: for each set of entries, page, number and language its own."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from flask import Flask

from servicedesk import navigation
from servicedesk.navigation import MENU, Counts
from tests.servicedesk.world import Browser, World


def sidebar(browser: Browser, path: str) -> str:
    found = re.search(r'<nav id="sidebar".*?</nav>', browser.get(path).text, re.DOTALL)
    assert found is not None
    return found[0]


def current(menu: str) -> list[str]:
    return re.findall(r'aria-current="page"><svg.*?</svg><span>(.*?)</span>', menu)


def test_each_sees_what_they_may_open_whoever_came_before(app: Flask, world: World) -> None:
    emma, rita = Browser(app, "emma"), Browser(app, "rita")
    for _ in range(2):
        assert "Devices" in sidebar(emma, "/tickets/")
        assert "Devices" not in sidebar(rita, "/tickets/")
    assert current(sidebar(emma, "/tickets/")) == ["Tickets"]
    assert current(sidebar(emma, "/equipment/devices")) == ["Devices"]
    assert current(sidebar(rita, "/tickets/new")) == ["Report or request"]


def test_each_reads_it_in_their_language(app: Flask, world: World) -> None:
    emma, erik = Browser(app, "emma"), Browser(app, "erik")
    emma.post("/language", locale="zh_CN", next="/")
    erik.post("/language", locale="en", next="/")
    for _ in range(2):
        assert "工单" in sidebar(emma, "/tickets/")
        assert "Tickets" in sidebar(erik, "/tickets/")


@pytest.mark.parametrize(("number", "shown"), [(0, ""), (1, "1"), (99, "99"), (100, "99+")])
def test_what_waits_is_said_as_it_is_now(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch, number: int, shown: str
) -> None:
    emma = Browser(app, "emma")
    monkeypatch.setattr(navigation, "counts", lambda actor: Counts(approvals=5, unread=3))
    assert re.findall(r'nav-badge" title="5 wait for you">(.*?)<', sidebar(emma, "/")) == ["5"]
    monkeypatch.setattr(navigation, "counts", lambda actor: Counts(approvals=number))
    assert re.findall(r"nav-badge.*?>(.*?)<", sidebar(emma, "/")) == ([shown] if shown else [])


def test_an_entry_stands_once_in_its_group() -> None:
    for label, entries in MENU:
        assert max(Counter(entry.endpoint for entry in entries).values()) == 1, label
