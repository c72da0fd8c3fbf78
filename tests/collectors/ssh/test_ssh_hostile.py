"""Every way a host can misbehave ends in its own outcome, in time."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from ssh_helpers import Start, access_to, visit

from collectors.model import SshAccess
from collectors.outcome import JUDGED, Outcome
from tests.support.ports import free_port
from tests.support.waiting import SOON_S


@contextmanager
def raw_server(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            try:
                serve(connection)
            except OSError:
                return

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.close()


def test_a_healthy_host_is_ok(start: Start) -> None:
    result = visit(access_to(start()))
    assert (result.outcome, result.error, result.platform) == (Outcome.OK, "", "linux")
    assert result.session["host_key_fingerprint"].startswith("SHA256:")


def test_a_refused_port_is_unreachable() -> None:
    result = visit(SshAccess(port=free_port(), user="x", password="y"))
    assert result.outcome is Outcome.UNREACHABLE
    assert "refuses TCP port" in result.error


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    result = visit(SshAccess(user="x", password="y"), address="no-such-host.invalid")
    assert result.outcome is Outcome.UNREACHABLE
    assert "cannot be resolved" in result.error


def test_a_host_that_accepts_and_never_speaks_is_unreachable_in_time(start: Start) -> None:
    begun = time.monotonic()
    result = visit(access_to(start(silent=True), connect_timeout_s=1.0))
    assert result.outcome is Outcome.UNREACHABLE
    assert "stays silent" in result.error
    assert time.monotonic() - begun < SOON_S


def test_an_endless_greeting_is_cut_off(start: Start) -> None:
    begun = time.monotonic()
    result = visit(access_to(start(banner_flood=True), connect_timeout_s=2.0))
    assert result.outcome is Outcome.TIMEOUT
    assert time.monotonic() - begun < SOON_S


def test_greeting_lines_without_end_are_cut_off() -> None:
    def serve(connection: socket.socket) -> None:
        while True:
            connection.sendall(b"authorised use only\r\n" * 100)

    with raw_server(serve) as port:
        result = visit(SshAccess(port=port, user="x", password="y", connect_timeout_s=2.0))
    assert result.outcome in (Outcome.TIMEOUT, Outcome.UNREACHABLE)
    assert result.error


def test_a_web_server_on_the_port_is_unreachable() -> None:
    def serve(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with raw_server(serve) as port:
        result = visit(SshAccess(port=port, user="x", password="y", connect_timeout_s=2.0))
    assert result.outcome is Outcome.UNREACHABLE


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\x00\x00\x0c\x0a\x14" + b"\xff" * 400,
        b"\x00\x00\x01\x0c\x0a\x14" + b"\xff" * 400,
        b"\xff" * 400,
        b"\x00" * 400,
        b"\x00\x00\x00\x0c\x0a\x01" + bytes(range(256)),
    ],
)
def test_garbage_after_the_greeting_is_an_outcome_not_a_crash(garbage: bytes) -> None:
    def serve(connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-Garbage\r\n" + garbage)
        connection.recv(4096)

    with raw_server(serve) as port:
        result = visit(SshAccess(port=port, user="x", password="y", connect_timeout_s=2.0))
    assert result.outcome not in JUDGED
    assert result.error


def test_a_wrong_password_is_tried_exactly_once(start: Start) -> None:
    server = start()
    result = visit(access_to(server, password="guess"))
    assert result.outcome is Outcome.AUTH_FAILED
    assert "guess" not in result.error
    assert server.logins == 1


def test_a_wrong_password_by_questions_is_tried_exactly_once(start: Start) -> None:
    server = start(keyboard_interactive=True)
    result = visit(access_to(server, password="guess"))
    assert result.outcome is Outcome.AUTH_FAILED
    assert server.logins == 1


def test_keyboard_interactive_gets_the_password(start: Start) -> None:
    assert visit(access_to(start(keyboard_interactive=True))).outcome is Outcome.OK


def test_a_demand_for_a_new_password_is_never_answered(start: Start) -> None:
    server = start(keyboard_interactive=True, asks_new_password=True)
    result = visit(access_to(server))
    assert result.outcome is Outcome.AUTH_FAILED
    assert "expired" in result.error
    assert server.logins == 1


def test_no_password_and_no_key_sends_nothing(start: Start) -> None:
    server = start()
    assert visit(access_to(server, password="")).outcome is Outcome.AUTH_FAILED
    assert server.logins == 0


def test_an_unknown_host_key_stops_before_the_login(start: Start) -> None:
    server = start()
    result = visit(access_to(server, host_keys=()))
    assert result.outcome is Outcome.HOST_KEY_CHANGED
    assert "not yet approved" in result.error
    assert result.session["host_key"] == server.host_key_line
    assert server.logins == 0


def test_a_changed_host_key_stops_even_when_new_ones_are_accepted(start: Start) -> None:
    server, other = start(), start()
    access = access_to(server, host_keys=(other.host_key_line,), accept_new_host_key=True)
    result = visit(access)
    assert result.outcome is Outcome.HOST_KEY_CHANGED
    assert "CHANGED" in result.error
    assert server.logins == 0


def test_a_first_host_key_may_be_accepted_on_purpose(start: Start) -> None:
    assert visit(access_to(start(), host_keys=(), accept_new_host_key=True)).outcome is Outcome.OK


def test_half_an_answer_is_not_success(start: Start) -> None:
    result = visit(access_to(start(half_output=True)))
    assert result.outcome is Outcome.PARSE_FAILED
    outcomes = {exchange.outcome for exchange in result.exchanges}
    assert Outcome.OK in outcomes, "what arrived whole is kept"
    assert result.exchanges[-1].outcome is Outcome.PARSE_FAILED
    assert result.exchanges[-1].exit_status is None


def test_endless_output_ends_at_the_limit(start: Start) -> None:
    begun = time.monotonic()
    result = visit(access_to(start(endless_output=True)))
    assert result.outcome is Outcome.TIMEOUT
    assert "more than 1048576 bytes" in result.error
    assert sum(len(exchange.answer) for exchange in result.exchanges) <= 1024 * 1024
    assert time.monotonic() - begun < SOON_S


def test_a_command_that_hangs_ends_at_the_deadline(start: Start) -> None:
    begun = time.monotonic()
    result = visit(access_to(start(hang=True)), deadline_s=2.0)
    assert result.outcome is Outcome.TIMEOUT
    assert {exchange.outcome for exchange in result.exchanges} == {Outcome.TIMEOUT}
    assert time.monotonic() - begun < SOON_S


def test_a_slow_host_within_its_deadline_is_ok(start: Start) -> None:
    assert visit(access_to(start(delay_s=0.5))).outcome is Outcome.OK


def test_outdated_algorithms_are_off_by_default(start: Start) -> None:
    result = visit(access_to(start(legacy=True)))
    assert result.outcome is Outcome.UNSUPPORTED
    assert "legacy" in result.error


def test_outdated_algorithms_can_be_allowed_and_are_named(start: Start) -> None:
    result = visit(access_to(start(legacy=True), legacy_crypto=True))
    assert result.outcome is Outcome.OK
    assert result.session["kex"] == "diffie-hellman-group14-sha1"
    assert "diffie-hellman-group14-sha1" in result.session["legacy"]


@pytest.mark.parametrize("count", [3])
def test_many_visits_leave_no_threads_behind(start: Start, count: int) -> None:
    server = start()
    visit(access_to(server))
    time.sleep(0.3)
    before = threading.active_count()
    for _ in range(count):
        visit(access_to(server))
    time.sleep(0.5)
    assert threading.active_count() <= before + 1
