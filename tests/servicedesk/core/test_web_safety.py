"""What protects a browser: tokens, cookies, headers, and pages without code of their own."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from servicedesk import create_app
from servicedesk.core.web import document
from servicedesk.staff.views import safe_next
from tests.servicedesk.belongings import Belongings, addresses, lists
from tests.servicedesk.conftest import settings_for
from tests.servicedesk.world import PASSWORD, Browser, World, csrf, fresh

TEMPLATES = sorted((Path(__file__).resolve().parents[3] / "templates").rglob("*.html"))
ELSEWHERE = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "/\n/evil.example",
    "javascript:alert(1)",
    "evil.example",
    "http:evil.example",
    "/%5cevil\\.example",
    "",
]


def test_a_form_without_its_token_is_refused_and_nothing_changes(app: Flask, world: World) -> None:
    own = Belongings.make(world, "south")
    browser = Browser(app, "stan")
    fresh()
    before = (own.ticket.version, own.host_key.state, own.person.password_hash)
    forms = [
        *addresses(app, own.ids, "POST"),
        "/sign-out",
        "/language",
        "/tickets/new/fault",
        "/account/password",
    ]
    for token in ("", "forged", csrf(app.test_client().get("/sign-in"))):
        for path in forms:
            answer = browser.client.post(path, data={"csrf_token": token, "title": "x", "text": "x"})
            assert answer.status_code == 400, path
            assert "This page was open too long" in answer.text
    fresh()
    assert (own.ticket.version, own.host_key.state, own.person.password_hash) == before
    assert browser.get("/").status_code == 200


@pytest.mark.parametrize("target", ELSEWHERE)
def test_after_sign_in_nobody_is_sent_to_another_host(app: Flask, world: World, target: str) -> None:
    client = app.test_client()
    token = csrf(client.get("/sign-in", query_string={"next": target}))
    answer = client.post(
        "/sign-in",
        query_string={"next": target},
        data={"csrf_token": token, "username": "rita", "password": PASSWORD},
    )
    assert (answer.status_code, answer.location) == (302, "/")
    again = client.get("/sign-in", query_string={"next": target})
    assert again.location == "/"


@pytest.mark.parametrize("target", ELSEWHERE)
def test_the_choice_of_language_sends_nobody_elsewhere(app: Flask, world: World, target: str) -> None:
    answer = Browser(app).post("/language", locale="zh_CN", next=target)
    assert answer.location == "/"


def test_after_sign_in_one_is_where_one_wanted_to_be(app: Flask) -> None:
    with app.test_request_context():
        assert safe_next("/tickets/?queue=all&q=a") == "/tickets/?queue=all&q=a"


def test_the_cookie_is_for_http_and_this_site_alone(app: Flask, world: World) -> None:
    client = app.test_client()
    answer = client.post(
        "/sign-in",
        data={"csrf_token": csrf(client.get("/sign-in")), "username": "rita", "password": PASSWORD},
    )
    (cookie,) = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("servicedesk=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_behind_https_the_cookie_is_secure_and_browsers_are_told_to_stay(tmp_path: Path) -> None:
    app = create_app(replace(settings_for(tmp_path), secure_cookies=True))
    answer = app.test_client().get("/sign-in", base_url="https://localhost")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_a_session_of_before_the_sign_in_is_not_carried_over(app: Flask, world: World) -> None:
    """Else whoever planted a cookie in somebody's browser would share their session."""
    client = app.test_client()
    token = csrf(client.get("/sign-in"))
    with client.session_transaction() as session:
        session["planted"] = "x"
    client.post("/sign-in", data={"csrf_token": token, "username": "rita", "password": PASSWORD})
    with client.session_transaction() as session:
        assert "planted" not in session


class Pieces(HTMLParser):
    """What a page may not contain under the content security policy."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = {name for name, _value in attrs}
        if tag == "style" or (tag == "script" and "src" not in names):
            self.wrong.append(f"<{tag}> in line {self.getpos()[0]}")
        for name, value in attrs:
            if name == "style" or name.startswith("on"):
                self.wrong.append(f"{name}= in line {self.getpos()[0]}")
            if name in ("href", "src", "action") and (value or "").strip().lower().startswith(
                ("javascript:", "data:text", "http:", "https:", "//")
            ):
                self.wrong.append(f"{name}={value} in line {self.getpos()[0]}")


@pytest.mark.parametrize("who", ["stan", "admin", "rolf"])
def test_every_page_has_its_headers_and_no_code_of_its_own(app: Flask, world: World, who: str) -> None:
    own = Belongings.make(world, "south")
    browser = Browser(app, who)
    paths = [*addresses(app, own.ids), *lists(app), "/tickets/new/change", "/nowhere"]
    for path in paths:
        answer = browser.get(path)
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert policy.startswith(("default-src 'self'", "default-src 'none'"))
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["X-Request-ID"]
        if "/files/" not in path:
            assert answer.headers["Cache-Control"] == "no-store", path
        if answer.mimetype == "text/html":
            pieces = Pieces()
            pieces.feed(answer.text)
            assert pieces.wrong == [], path


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_no_template_marks_text_as_safe_or_brings_code(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not re.search(r"\|\s*safe\b|Markup\(|autoescape\s+false", text)
    written = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", text, flags=re.DOTALL)
    # Programs that show mail know no style sheets, and our pages' policy does not reach them.
    styles = "" if path.parent.name == "mail" else r"\sstyle=|"
    assert not re.search(rf"{styles}\son[a-z]+=|<style|hx-on|javascript:", written, re.IGNORECASE)
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", text, flags=re.DOTALL):
        assert "csrf" in form


def test_a_request_id_is_taken_over_only_when_it_is_harmless(client: FlaskClient) -> None:
    for given, taken in (
        ("abcdef-123456", True),
        ("short", False),
        ("x" * 65, False),
        ("<script>aaa", False),
    ):
        answer = client.get("/healthz", headers={"X-Request-ID": given})
        assert (answer.headers["X-Request-ID"] == given) is taken


def test_the_health_check_needs_no_session_and_tells_nothing(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert answer.json == {"status": "ok"}
    assert "Set-Cookie" not in answer.headers


def test_a_part_that_refreshes_itself_never_gets_the_sign_in_page(app: Flask, world: World) -> None:
    nobody = Browser(app)
    polled = nobody.get("/notifications/bell", HX_Request="true", HX_Trigger_Name="poll")
    assert (polled.status_code, polled.text, polled.headers.get("HX-Redirect")) == (204, "", None)
    clicked = nobody.get("/tickets/", HX_Request="true")
    assert (clicked.status_code, clicked.headers["HX-Redirect"]) == (204, "/sign-in")
    assert nobody.get("/tickets/?queue=all").location == "/sign-in?next=/tickets/?queue%3Dall"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("map.pdf", "attachment; filename=map.pdf"),
        ("a/拓.pdf", "attachment; filename=a-.pdf; filename*=UTF-8''a-%E6%8B%93.pdf"),
        ("拓扑.pdf", "attachment; filename=file.pdf; filename*=UTF-8''%E6%8B%93%E6%89%91.pdf"),
        ("a\r\nSet-Cookie: x=1.pdf", 'attachment; filename="aSet-Cookie: x=1.pdf"'),
        ("", "attachment; filename=file"),
    ],
)
def test_a_file_has_a_name_that_every_web_server_sends(app: Flask, name: str, said: str) -> None:
    with app.app_context():
        assert document(b"", name).headers["Content-Disposition"] == said
