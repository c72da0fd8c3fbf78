"""Settings that are wrong say which and why; pages of errors speak both languages."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import OperationalError

from servicedesk.config import Settings, SettingsError, load_settings
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, DomainError, NotAllowedError, first_error
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Organisation
from tests.servicedesk.world import Browser, World, fresh


def test_without_anything_the_defaults_hold() -> None:
    assert load_settings({}) == Settings()


def test_the_environment_wins_over_the_file_which_wins_over_the_default(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('locale = "en"\nlockout_failures = 7\nsecure_cookies = true\nvisit_deadline_s = 60\n')
    settings = load_settings({"SERVICEDESK_CONFIG": str(path), "SERVICEDESK_LOCKOUT_FAILURES": "3"})
    assert (settings.locale, settings.lockout_failures, settings.secure_cookies) == ("en", 3, True)
    assert (settings.visit_deadline_s, settings.idle_logout_minutes) == (60.0, 60)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("LOCALE", "de", "locale must be one of zh_CN, en"),
        ("TIMEZONE", "Mars/Olympus", "timezone 'Mars/Olympus' is not known"),
        ("TIMEZONE", "../../etc/passwd", "is not known"),
        ("TIMEZONE", "", "is not known"),
        ("LOCKOUT_FAILURES", "many", "lockout_failures must be a value of type int"),
        ("LOCKOUT_FAILURES", "1.5", "type int"),
        ("LOCKOUT_FAILURES", "", "type int"),
        ("SECURE_COOKIES", "perhaps", "secure_cookies must be a value of type bool"),
        ("VISIT_DEADLINE_S", "soon", "type float"),
    ],
)
def test_a_value_that_does_not_fit_is_named(name: str, value: str, sentence: str) -> None:
    with pytest.raises(SettingsError, match=sentence):
        load_settings({f"SERVICEDESK_{name}": value})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("pasword_min_length = 12\n", "Unknown setting: pasword_min_length. Known: aaa_group_visits"),
        ("locale = \n", "is not valid TOML"),
        ('[server]\nlocale = "en"\n', "Unknown setting: server"),
        ("lockout_failures = [1]\n", "type int"),
        ("upload_max_bytes = true\n", "type int"),
    ],
)
def test_a_file_that_cannot_be_used_says_what_is_wrong(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=sentence):
        load_settings({"SERVICEDESK_CONFIG": str(path)})


def test_a_file_that_is_missing_or_binary_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        load_settings({"SERVICEDESK_CONFIG": str(tmp_path / "none.toml")})
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="not valid TOML"):
        load_settings({"SERVICEDESK_CONFIG": str(tmp_path / "binary")})


@pytest.mark.parametrize(
    ("text", "meant"), [("1", True), ("ON", True), (" yes ", True), ("0", False), ("", False)]
)
def test_switches_take_the_usual_words(text: str, meant: bool) -> None:
    assert load_settings({"SERVICEDESK_SECURE_COOKIES": text}).secure_cookies is meant


def test_a_data_folder_too_deep_for_a_socket_gets_one_elsewhere(tmp_path: Path) -> None:
    near, deep = Settings(data=Path("/srv/sd")), Settings(data=tmp_path / ("d" * 90))
    assert near.redis_socket == Path("/srv/sd/redis.sock")
    assert len(str(deep.redis_socket)) < 100
    assert deep.redis_socket != Settings(data=tmp_path / ("e" * 90)).redis_socket
    assert deep.effective_redis_url == f"unix://{deep.redis_socket}"
    many_bytes = Settings(data=Path("/srv/" + "数据" * 20))
    assert len(str(many_bytes.redis_socket).encode()) < 100


def raise_in(app: Flask, path: str, error: Exception) -> None:
    """A page that fails."""

    def fail() -> str:
        raise error

    app.add_url_rule(path, path, fail)


def test_an_unexpected_error_shows_a_number_and_no_stack(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    raise_in(app, "/fails", RuntimeError("secret detail in line 12"))
    answer = app.test_client().get("/fails")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text
    assert answer.headers["X-Request-ID"] in answer.text
    assert answer.headers["X-Request-ID"] in caplog.text


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (DomainError("the words"), 409),
        (ConflictError("the words"), 409),
        (NotAllowedError("the words"), 403),
        (OperationalError("SELECT", {}, Exception("gone")), 503),
    ],
)
def test_a_refusal_is_a_page_and_json_where_that_is_asked_for(
    app: Flask, error: Exception, status: int
) -> None:
    raise_in(app, "/refuses", error)
    page = app.test_client().get("/refuses")
    assert page.status_code == status
    assert "<h1>" in page.text
    answer = app.test_client().get("/refuses", headers={"Accept": "application/json"})
    assert (answer.status_code, set(answer.json or {})) == (status, {"error", "request_id"})


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 418, 422, 429, 500, 502])
def test_every_error_has_a_page_in_the_readers_language(app: Flask, language: str, status: int) -> None:
    def fail() -> str:
        from flask import abort

        abort(status)

    app.add_url_rule("/fails", "fails", fail)
    answer = app.test_client().get("/fails", headers={"Accept-Language": language})
    assert answer.status_code == status
    assert f'<html lang="{language}">' in answer.text
    assert "<h1>" in answer.text
    assert "Traceback" not in answer.text


def test_a_run_begins_even_when_the_workers_are_out_of_reach(app: Flask, world: World) -> None:
    device = world.device(protocol="ssh")
    browser = Browser(app, "emma")
    answer = browser.post(f"/inspections/start/device/{device.id}")
    assert answer.status_code == 302
    page = browser.get(answer.location)
    assert "as soon as the workers are reachable again" in page.text
    polled = browser.get(f"{answer.location}?poll=1")
    assert polled.status_code == 200
    assert "<html" not in polled.text


def test_first_error_finds_words_in_any_depth() -> None:
    assert first_error({"a": [], "b": {"c": ["words"]}}) == "words"
    assert first_error({}) == ""


def test_one_transaction_at_a_time_and_nothing_outside_of_it(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="inside"), unit_of_work(), unit_of_work():
        pass
    db.session.add(Organisation(kind="client", name="stray"))
    with pytest.raises(RuntimeError, match="outside"), unit_of_work():
        pass
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count(Organisation.id))) == 0


def test_two_people_saving_the_same_name_at_once_get_a_sentence(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.device("sw1")
    # The second one looked before the first had saved.
    monkeypatch.setattr("servicedesk.equipment.service._require_free_name", lambda *_: None)
    answer = Browser(app, "sue").post(
        "/equipment/devices/new",
        name="sw1",
        site_id=world.sites["north-1"].id,
        device_class="switch",
        state="active",
        height_u=1,
    )
    assert answer.status_code == 409
    assert "at this moment" in answer.text
    fresh()
    assert db.session.scalar(sa.select(sa.func.count(Device.id)).where(Device.name == "sw1")) == 1
