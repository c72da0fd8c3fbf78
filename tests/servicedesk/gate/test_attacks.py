"""What strangers try at the gate, and what a worker tries that wants more than is his."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import time
import warnings
from contextlib import ExitStack, closing, suppress

import pytest
from redis.exceptions import AuthenticationError, RedisError, ResponseError

from servicedesk.inspections.zones import logins
from tests.servicedesk.gate.conftest import PASSWORD, USER, Embedded, Open, command, everything
from tests.support.waiting import SOON_S

REFUSAL = b"-NOAUTH Log in as a worker of a zone first.\r\n"


LOGIN = command("AUTH", USER, PASSWORD)
ENDS = command("ECHO", "the end") + command("QUIT")


@pytest.mark.parametrize(
    "sent",
    [
        command("PING"),
        b"PING\r\n",
        b"AUTH default x\r\n",
        f"AUTH {USER} {PASSWORD}\r\n".encode(),
        command("AUTH", "x"),
        command("AUTH", "default", ""),
        command("AUTH", "default", "x"),
        command("AUTH", "servicedesk", "x"),
        command("AUTH", USER.upper(), PASSWORD),
        command("HELLO", "3"),
        command("HELLO", "3", "AUTH", "default", "x"),
        command("HELLO", "3", "SETNAME", "x", "AUTH", USER, PASSWORD),
        command("HELLO", "4", "AUTH", USER, PASSWORD),
        command("AUTH", USER, ""),
        command("RESET"),
        command("FLUSHALL") + LOGIN,
        b"\r\n" + LOGIN,
        b"*0\r\n" + LOGIN,
        b"*-1\r\n",
        b"*3\r\n$-1\r\n",
        b"*99999999999999999999\r\n",
        b"*3\r\n$4\r\nAUTHxx",
        b"A" * 10_000,
        b"*3\r\n$4\r\nAUTH\r\n$256\r\n" + b"x" * 256 + b"\r\n$256\r\n" + b"y" * 10_000,
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x00" * 100,
        b"\xff",
    ],
)
def test_whoever_does_not_log_in_as_a_worker_never_reaches_redis(
    open_gate: Open, embedded: Embedded, sent: bytes
) -> None:
    gate = open_gate()
    with closing(embedded.connect()) as redis:
        before = redis.info("stats")["total_connections_received"]
        with gate.tls() as stranger:
            stranger.sendall(sent)
            assert everything(stranger) == REFUSAL
        assert redis.info("stats")["total_connections_received"] == before


@pytest.mark.parametrize(
    "sent",
    [
        command("AUTH", USER, "wrong"),
        command("AUTH", "zone_branch_8", PASSWORD),
        command("HELLO", "3", "AUTH", USER, "wrong"),
        command("HELLO", "2", "AUTH", USER, "wrong", "SETNAME", "x"),
        command("AUTH", USER, "wrong") + LOGIN + command("PING"),
        command("HELLO", "3", "AUTH", USER, PASSWORD, "SETNAME", "a b") + command("PING"),
    ],
)
def test_a_login_redis_does_not_take_ends_the_connection(open_gate: Open, sent: bytes) -> None:
    gate = open_gate()
    with gate.tls() as stranger:
        stranger.sendall(sent)
        answer = everything(stranger)
    assert answer.startswith((b"-WRONGPASS", b"-ERR Client names"))
    assert answer.count(b"\r\n") == 1, "one sentence of Redis, and nothing of what came after"


def test_a_worker_that_gives_its_login_back_is_nobody(open_gate: Open, embedded: Embedded) -> None:
    gate = open_gate()
    tried = [
        command("RESET"),
        command("PING"),
        command("ACL", "WHOAMI"),
        command("KEYS", "*"),
        command("AUTH", "default", ""),
        command("AUTH", ""),
        command("HELLO", "3"),
        command("FLUSHALL"),
        LOGIN,
    ]
    with gate.tls() as worker:
        worker.sendall(LOGIN + b"".join(tried) + ENDS)
        answers = everything(worker).split(b"\r\n")
    assert answers[:2] == [b"+OK", b"+RESET"]
    assert all(one.startswith((b"-NOAUTH", b"-WRONGPASS", b"-ERR AUTH")) for one in answers[2:9]), answers
    assert answers[9:11] == [b"+OK", b"$7"], "with its login it is a worker again"
    with closing(embedded.connect()) as redis:
        default = redis.acl_getuser("default")
        assert default is not None
        assert default["enabled"] is False
        assert redis.acl_whoami() == "servicedesk"


def test_a_worker_cannot_become_the_server(open_gate: Open, embedded: Embedded) -> None:
    gate = open_gate()
    with closing(gate.redis()) as redis:
        assert redis.ping()
        for user in ("default", "servicedesk"):
            for password in ("", "x", PASSWORD):
                with pytest.raises(AuthenticationError):
                    redis.execute_command("AUTH", user, password)
        for words in (("ACL", "LIST"), ("CONFIG", "GET", "*"), ("CLIENT", "LIST"), ("GET", "rq:job:x")):
            with pytest.raises(ResponseError, match="permission"):
                redis.execute_command(*words)


def test_both_forms_of_the_protocol_serve_a_worker(open_gate: Open) -> None:
    gate = open_gate()
    for protocol in (2, 3):
        with closing(gate.redis(protocol=protocol)) as redis:
            text = "x" * 3_000_000  # more than all buffers on the way hold
            redis.xadd("answers:branch", {"answer": text})
            assert redis.xrange("answers:branch")[0][1] == {b"answer": text.encode()}
            redis.delete("answers:branch")


def test_plain_text_is_refused_before_any_tls(open_gate: Open) -> None:
    gate = open_gate()
    for sent in (
        b"PING\r\n",
        LOGIN,
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x15\x03\x01",
        os.urandom(20).replace(b"\x16", b"x"),
    ):
        with gate.tcp() as stranger:
            stranger.sendall(sent)
            assert everything(stranger) == b""
    gate.settled()
    assert gate.gate.refusals["not TLS"] == 5


def test_silent_and_slow_ones_are_sent_away_in_time(open_gate: Open) -> None:
    gate = open_gate(login_s=1.0)
    with ExitStack() as stack:
        begun = time.monotonic()
        silent = stack.enter_context(gate.tcp())
        half = stack.enter_context(gate.tcp())
        half.sendall(b"\x16\x03\x01\x02\x00\x01")  # a TLS record that never ends
        mute = stack.enter_context(gate.tls())
        dripping = stack.enter_context(gate.tls())
        with suppress(OSError):
            for byte in LOGIN:
                dripping.sendall(bytes((byte,)))
                time.sleep(0.1)
        for one in (silent, half, mute, dripping):
            everything(one)
        assert time.monotonic() - begun < SOON_S
    gate.settled()
    assert gate.gate.refusals["too slow"] == 4


def test_old_tls_is_refused(open_gate: Open) -> None:
    gate = open_gate()
    context = gate.trusted
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that these versions are old is the point
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(ssl.SSLError), gate.tcp() as tcp:
        context.wrap_socket(tcp, server_hostname="localhost")
    assert gate.gate.context.minimum_version == ssl.TLSVersion.TLSv1_2, "whatever OpenSSL would allow"
    with gate.tls() as worker:
        assert worker.version() == "TLSv1.3"


def test_one_that_says_nothing_any_more_is_closed_and_one_that_waits_long_is_not(open_gate: Open) -> None:
    gate = open_gate(idle_s=1.0)
    with closing(gate.redis(single_connection_client=True)) as redis:
        redis.ping()
        for _ in range(4):
            time.sleep(0.5)
            redis.ping()
        begun = time.monotonic()
        with pytest.raises(RedisError):
            redis.blpop(["rq:queue:collect:branch"], timeout=60)
        assert time.monotonic() - begun < SOON_S


def test_one_that_asks_for_much_and_takes_nothing_is_closed(open_gate: Open) -> None:
    gate = open_gate(stalled_s=1.0)
    with closing(gate.redis()) as redis:
        redis.hset("beats:branch", "big", "x" * 4_000_000)
    with gate.tls() as greedy:
        greedy.sendall(LOGIN + command("HGET", "beats:branch", "big") * 20)
        gate.settled()
    with closing(gate.redis()) as redis:
        redis.delete("beats:branch")


def test_redis_that_is_away_is_nobodys_fault_and_comes_back(open_gate: Open, embedded: Embedded) -> None:
    gate = open_gate(failures=3)
    embedded.kill()
    try:
        for _ in range(5):
            with gate.tls() as worker:
                worker.sendall(LOGIN)
                assert everything(worker) == b""
        gate.settled()
        assert gate.gate.refusals == {"Redis does not answer": 5}
    finally:
        embedded.start()
    with closing(gate.redis()) as redis:
        assert redis.ping()


def test_redis_that_hangs_does_not_hang_the_gate(
    open_gate: Open, embedded: Embedded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("servicedesk.gate.server.REDIS_S", 0.5)
    gate = open_gate()
    assert embedded.child.process is not None
    embedded.child.process.send_signal(signal.SIGSTOP)
    try:
        with gate.tls() as worker:
            worker.sendall(LOGIN)
            assert everything(worker) == b""
        gate.settled()
    finally:
        embedded.child.process.send_signal(signal.SIGCONT)
    assert gate.gate.refusals == {"Redis does not answer": 1}


def test_a_redis_whose_default_user_is_open_is_kept_shut(open_gate: Open, embedded: Embedded) -> None:
    """Should the access lists ever be wrong, the gate does not let a worker become everybody."""
    gate = open_gate()
    with closing(embedded.connect()) as redis:
        redis.acl_setuser("default", enabled=True, nopass=True)
        try:
            with gate.tls() as worker:
                worker.sendall(LOGIN)
                assert everything(worker) == b""
        finally:
            redis.acl_setuser("default", enabled=False, reset=True)
    gate.settled()
    assert gate.gate.refusals == {"Redis serves whoever has not logged in": 1}


def test_a_login_that_is_taken_away_ends_the_connection(open_gate: Open, embedded: Embedded) -> None:
    gate = open_gate()
    with closing(gate.redis(single_connection_client=True)) as worker, closing(embedded.connect()) as redis:
        worker.ping()
        redis.acl_deluser(USER)
        gate.settled()
        with pytest.raises(RedisError):
            worker.ping()
        logins.give(redis, USER, PASSWORD, "branch")
        worker.ping()


def test_logins_outlive_the_embedded_redis_and_those_taken_away_do_not_come_back(embedded: Embedded) -> None:
    with closing(embedded.connect()) as redis:
        logins.give(redis, "zone_branch_8", "x", "branch")
        logins.give(redis, "zone_branch_9", "x", "branch")
        logins.take_away(redis, "zone_branch_9")
        embedded.kill()
        embedded.start()
        assert {"default", "servicedesk", USER, "zone_branch_8"} == set(redis.acl_users())
        default = redis.acl_getuser("default")
        assert default is not None
        assert default["enabled"] is False
        logins.take_away(redis, "zone_branch_8")


def test_connections_that_break_off_leave_nothing(open_gate: Open) -> None:
    gate = open_gate()
    for number in range(60):
        tcp = gate.tcp()
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")  # RST
        with suppress(OSError):
            if number % 3:
                tcp.sendall(b"\x16\x03\x01")
            if number % 3 == 2:
                tls = gate.trusted.wrap_socket(gate.tcp(), server_hostname="localhost")
                tls.sendall(LOGIN)
                tls.close()
        tcp.close()
    gate.settled()


def test_whoever_does_not_let_himself_be_closed_keeps_his_place_until_it_is(open_gate: Open) -> None:
    """Else thousands that linger while they are closed would use up the files of the process."""
    gate = open_gate(waiting_of_source=3)
    with ExitStack() as stack:
        for _ in range(3):
            one = stack.enter_context(gate.tls())
            one.sendall(b"PING\r\n")  # refused; it reads nothing and does not answer the end of TLS
        with pytest.raises(OSError), gate.tls():
            pass
        assert gate.gate.crowd.sizes[1] == 3
        gate.settled()
