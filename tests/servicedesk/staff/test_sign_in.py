"""Signing in: what a wrong try tells, when an account locks, how a session ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.staff.service import create_user, reset_password
from tests.servicedesk.world import PASSWORD, SYSTEM, Browser, World, fresh

WRONG = "User name or password is wrong."


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> dict[str, datetime]:
    """The time of web and sign-in; tests move it."""
    hand = {"now": datetime.now(UTC)}
    for module in ("servicedesk.core.web", "servicedesk.staff.views", "servicedesk.staff.sessions"):
        monkeypatch.setattr(f"{module}.utcnow", lambda: hand["now"])
    return hand


def one_time_account(world: World) -> str:
    """A new account "nina", whose one-time password this is."""
    with unit_of_work():
        _user, password = create_user(
            SYSTEM,
            organisation=world.organisations["north"],
            username="nina",
            display_name="Nina",
            now=world.now,
        )
    return password


def test_a_wrong_name_and_a_wrong_password_are_told_alike(app: Flask, world: World) -> None:
    answers = []
    for username, password in (("rita", "wrong"), ("nobody", "wrong"), ("nobody", PASSWORD)):
        answer = Browser(app).post("/sign-in", username=username, password=password)
        assert answer.status_code == 422
        assert WRONG in answer.text
        answers.append(answer.text.replace(username, "-"))
    lines = [{line for line in text.splitlines() if "csrf" not in line} for text in answers]
    assert lines[0] == lines[1] == lines[2]


def test_the_password_of_a_failed_try_is_not_in_the_page(app: Flask, world: World) -> None:
    answer = Browser(app).post("/sign-in", username="rita", password="almost-right-8")
    assert "almost-right-8" not in answer.text


def test_the_user_name_may_be_written_in_capitals_and_with_blanks(app: Flask, world: World) -> None:
    assert Browser(app, " RITA ").get("/").status_code == 200


def test_five_failures_lock_the_account_for_a_quarter_of_an_hour(
    app: Flask, world: World, clock: dict[str, datetime]
) -> None:
    browser = Browser(app)
    for _unused in range(5):
        assert WRONG in browser.post("/sign-in", username="rita", password="wrong").text
    locked = browser.post("/sign-in", username="rita", password=PASSWORD)
    assert locked.status_code == 422
    assert "locked" in locked.text
    assert "15 minutes" in locked.text or "16 minutes" in locked.text
    clock["now"] += timedelta(minutes=14)
    assert browser.post("/sign-in", username="rita", password=PASSWORD).status_code == 422
    clock["now"] += timedelta(minutes=2)
    assert browser.post("/sign-in", username="rita", password=PASSWORD).status_code == 302
    fresh()
    actions = [entry.action for entry in db.session.query(AuditEntry).filter_by(object_label="rita")]
    assert actions.count("sign_in.failed") == 5
    assert actions.count("account.locked") == 1


def test_trying_a_locked_account_does_not_lock_it_for_longer(
    app: Flask, world: World, clock: dict[str, datetime]
) -> None:
    browser = Browser(app)
    for _unused in range(12):
        browser.post("/sign-in", username="rita", password="wrong")
        clock["now"] += timedelta(seconds=30)
    clock["now"] += timedelta(minutes=12)
    assert browser.post("/sign-in", username="rita", password=PASSWORD).status_code == 302


def test_four_failures_are_forgotten_after_a_right_password(app: Flask, world: World) -> None:
    for _round in range(2):
        browser = Browser(app)
        for _unused in range(4):
            browser.post("/sign-in", username="rita", password="wrong")
        assert browser.post("/sign-in", username="rita", password=PASSWORD).status_code == 302


def test_a_closed_account_signs_in_nowhere_and_its_session_ends(app: Flask, world: World) -> None:
    browser, admin = Browser(app, "rita"), Browser(app, "admin")
    closed = admin.post(f"/accounts/{world.users['rita'].id}", display_name="Rita")  # without "active"
    assert closed.status_code == 302
    assert browser.get("/").status_code == 302
    answer = Browser(app).post("/sign-in", username="rita", password=PASSWORD)
    assert WRONG in answer.text


def test_a_one_time_password_opens_nothing_but_its_own_change(app: Flask, world: World) -> None:
    browser = Browser(app, "nina", one_time_account(world))
    for rule in app.url_map.iter_rules():
        if rule.arguments or rule.endpoint in ("staff.change_password", "staff.sign_out", "main.set_locale"):
            continue
        path = rule.rule
        answer = browser.get(path) if "GET" in (rule.methods or ()) else browser.post(path)
        assert answer.status_code == 302, path
        assert answer.location in ("/account/password", "/"), path  # "/" from the sign-in page
    assert "navigation" not in browser.get("/account/password").text


def test_after_the_change_everything_opens(app: Flask, world: World) -> None:
    password = one_time_account(world)
    browser = Browser(app, "nina", password)
    fields = {
        "current_password": password,
        "new_password": "a good new one",
        "repeat_password": "a good new one",
    }
    assert browser.post("/account/password", **fields).status_code == 302
    assert browser.get("/").status_code == 200
    assert Browser(app, "nina", "a good new one").get("/").status_code == 200


@pytest.mark.parametrize(
    ("current", "new", "again", "sentence"),
    [
        ("wrong", "a good new one", "a good new one", "The current password is wrong."),
        (PASSWORD, "a good new one", "another", "The two passwords differ."),
        (PASSWORD, PASSWORD, PASSWORD, "must differ from the current one"),
        (PASSWORD, "short", "short", "at least 10 characters"),
        (PASSWORD, "my name is Rita", "my name is Rita", "too easy to guess"),
        (PASSWORD, "aaaaaaaaaaaa", "aaaaaaaaaaaa", "too easy to guess"),
        (PASSWORD, "1234567890", "1234567890", "too easy to guess"),
        (PASSWORD, "x" * 257, "x" * 257, "256"),
    ],
)
def test_a_password_that_will_not_do_is_refused_with_the_reason(
    app: Flask, world: World, current: str, new: str, again: str, sentence: str
) -> None:
    browser = Browser(app, "rita")
    answer = browser.post(
        "/account/password", current_password=current, new_password=new, repeat_password=again
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{new}"' not in answer.text
    assert Browser(app, "rita").get("/").status_code == 200


def test_a_changed_password_ends_every_other_session(app: Flask, world: World) -> None:
    here, elsewhere = Browser(app, "rita"), Browser(app, "rita")
    here.post(
        "/account/password",
        current_password=PASSWORD,
        new_password="a good new one",
        repeat_password="a good new one",
    )
    assert here.get("/").status_code == 200
    assert elsewhere.get("/").location.startswith("/sign-in")


def test_a_reset_password_ends_all_sessions_and_unlocks(app: Flask, world: World) -> None:
    browser = Browser(app, "rita")
    for _unused in range(5):
        Browser(app).post("/sign-in", username="rita", password="wrong")
    with unit_of_work():
        password = reset_password(world.users["rita"], actor=SYSTEM, now=world.now)
    assert browser.get("/").status_code == 302
    assert Browser(app, "rita", password).get("/").location == "/account/password"


def test_an_hour_without_activity_signs_out(app: Flask, world: World, clock: dict[str, datetime]) -> None:
    browser = Browser(app, "rita")
    clock["now"] += timedelta(minutes=59)
    assert browser.get("/").status_code == 200
    clock["now"] += timedelta(minutes=59)
    assert browser.get("/").status_code == 200
    clock["now"] += timedelta(minutes=61)
    answer = browser.get("/tickets/?queue=all")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in?next=")
    assert "signed out after a while" in browser.get(answer.location).text
    assert browser.get("/").status_code == 302


def test_a_page_that_refreshes_itself_is_no_activity(
    app: Flask, world: World, clock: dict[str, datetime]
) -> None:
    browser = Browser(app, "emma")
    for _unused in range(7):
        clock["now"] += timedelta(minutes=10)
        last = browser.get("/inspections/?poll=1")
    assert last.status_code == 302


def test_signing_out_ends_the_session_of_this_browser_alone(app: Flask, world: World) -> None:
    here, elsewhere = Browser(app, "rita"), Browser(app, "rita")
    assert here.post("/sign-out").status_code == 302
    assert here.get("/").status_code == 302
    assert elsewhere.get("/").status_code == 200


def test_a_forged_or_cut_cookie_is_nobody(app: Flask, world: World, client: FlaskClient) -> None:
    browser = Browser(app, "rita")
    cookie = browser.client.get_cookie("servicedesk")
    assert cookie is not None
    for value in (cookie.value[:-3], "x" + cookie.value, "", "." * 50, cookie.value * 5):
        client.set_cookie("servicedesk", value)
        assert client.get("/").status_code == 302
