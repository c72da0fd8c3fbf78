"""Debian's Chromium on a running application."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from tests.conftest import program
from tests.servicedesk.conftest import app, cheap_passwords, migrated, populated, world  # noqa: F401 - fixtures


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of this folder: Playwright's event loop must not be there for others."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program("chromium"), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture
def base_url(app: Flask) -> Iterator[str]:  # noqa: F811
    """The application's address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Screen:
    """Opens windows; what the console complains about is kept."""

    def __init__(self, browser: Browser, base_url: str, width: int) -> None:
        self.browser, self.base_url, self.width = browser, base_url, width
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def sign_in(self, username: str, password: str, locale: str = "en-US") -> Page:
        """A signed-in person's window."""
        context = self.browser.new_context(
            viewport={"width": self.width, "height": 900}, base_url=self.base_url, locale=locale
        )
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto("/sign-in")
        page.locator("[name=username]").fill(username)
        page.locator("[name=password]").fill(password)
        page.locator("main button[type=submit]").click()
        page.wait_for_url("**/")
        return page

    def _note(self, message: object) -> None:
        if getattr(message, "type", "") in ("error", "warning"):
            self.complaints.append(getattr(message, "text", ""))


@pytest.fixture(params=[1440, 390], ids=["desktop", "phone"])
def screen(request: pytest.FixtureRequest, chromium: Browser, base_url: str) -> Iterator[Screen]:
    """At desktop and at phone width; a complaint of the console fails the test."""
    made = Screen(chromium, base_url, request.param)
    yield made
    for context in made.contexts:
        context.close()
    assert made.complaints == []
