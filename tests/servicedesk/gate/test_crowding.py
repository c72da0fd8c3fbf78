"""Many at the gate at once: who is kept out, who gives way, and who does not notice."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, closing

import pytest

from tests.servicedesk.gate.conftest import USER, Open, command, everything


def test_a_crowd_is_kept_out_and_a_worker_inside_does_not_notice(open_gate: Open) -> None:
    gate = open_gate(login_s=3.0)
    with closing(gate.redis(single_connection_client=True)) as redis, ExitStack() as stack:
        assert redis.ping()
        refused = 0
        for _ in range(500):
            one = stack.enter_context(gate.tcp())
            one.setblocking(False)
        deadline = time.monotonic() + 2
        while refused < 484 and time.monotonic() < deadline:
            refused = gate.gate.refusals["no room for this address"]
            time.sleep(0.02)
        assert refused == 484, "sixteen of one address may wait"
        assert gate.gate.crowd.sizes == (17, 16)
        assert redis.ping()
        gate.settled((1, 0))
        assert redis.ping()


def test_a_crowd_of_many_addresses_keeps_no_worker_out(open_gate: Open) -> None:
    gate = open_gate(waiting=6, waiting_of_source=3, login_s=30.0)

    def stranger(number: int) -> socket.socket:
        address = ("127.0.0.1", gate.settings.zone_port)
        return socket.create_connection(address, 10, source_address=(f"127.0.0.{number}", 0))

    with ExitStack() as stack:
        many = [stack.enter_context(stranger(number)) for number in (2, 2, 2, 3, 3, 3)]
        gate.settled((6, 6))
        with closing(gate.redis(single_connection_client=True)) as redis:
            assert redis.ping()
        assert gate.gate.refusals["gave way"] == 1
        gate.settled((5, 5))
        assert [_stays(one) for one in many] == [False] + [True] * 5, "the one that waited longest"
        few = [stack.enter_context(stranger(number)) for number in range(10, 20)]
        gate.settled((6, 6))
        with closing(gate.redis(single_connection_client=True)) as redis:
            assert redis.ping(), "nor do those of ever new addresses"
        assert _stays(few[-1])
        assert not _stays(few[0])


def _stays(connection: socket.socket) -> bool:
    """Whether the gate has not closed it."""
    connection.settimeout(0.2)
    try:
        return bool(connection.recv(1))
    except TimeoutError:
        return True
    except ConnectionError:
        return False


def test_whoever_is_refused_too_often_is_not_listened_to_for_a_while(open_gate: Open) -> None:
    gate = open_gate(failures=3, failures_s=2.0)
    with closing(gate.redis(single_connection_client=True)) as inside:
        inside.ping()
        for _ in range(3):
            with gate.tls() as stranger:
                stranger.sendall(command("AUTH", USER, "guess"))
                assert everything(stranger).startswith(b"-WRONGPASS")
        gate.settled((1, 0))
        with pytest.raises(OSError), gate.tls():
            pass
        assert gate.gate.refusals["refused too often"] == 1
        assert inside.ping(), "who is inside stays"
        time.sleep(2.1)
        with closing(gate.redis()) as redis:
            assert redis.ping()


def test_monitors_that_only_connect_are_not_counted_as_refused(open_gate: Open) -> None:
    gate = open_gate(failures=3)
    for _ in range(10):
        gate.tcp().close()
    gate.settled()
    with closing(gate.redis()) as redis:
        assert redis.ping()
