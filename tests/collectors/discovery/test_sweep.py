"""Who is asked, and what is made of the answers: nothing outside the allowed, no harm by hostile hosts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from collectors.discovery import probes, sweep
from collectors.discovery.ranges import Allowed, RangeError, hosts_of, network_of, require_allowed
from collectors.discovery.sweep import Plan
from collectors.model import SnmpAccess
from tests.support.waiting import SOON_S

LOOPBACK = (Allowed("127.77.0.0/24", special=True),)


@contextmanager
def server(greeting: bytes, address: str = "127.77.0.5") -> Iterator[int]:
    """A TCP server that says one thing to everybody; its port."""
    listening = socket.create_server((address, 0))
    listening.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connected, _ = listening.accept()
            except TimeoutError:
                continue
            with connected:
                connected.settimeout(2)
                try:
                    connected.sendall(greeting)
                except OSError:
                    continue  # whoever asked had enough

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        over.set()
        thread.join()
        listening.close()


@pytest.mark.parametrize(
    "prefix",
    [
        "127.0.0.0/24",
        "224.0.0.0/24",
        "169.254.0.0/24",
        "0.0.0.0/24",
        "240.0.0.0/24",
        "fe80::/120",
        "ff02::/120",
        "10.0.0.0/15",
        "0.0.0.0/0",
        "::/0",
        "2001:db8::/64",
        "x",
        "10.0.0.1/24",
        "",
        "::1/128",
    ],
)
def test_ranges_that_name_no_devices_or_too_many_are_refused(prefix: str) -> None:
    with pytest.raises(RangeError):
        network_of(prefix)


def test_loopback_is_swept_when_it_is_allowed_explicitly() -> None:
    assert list(hosts_of(network_of("127.0.0.0/30", special=True))) == ["127.0.0.1", "127.0.0.2"]
    with pytest.raises(RangeError):
        network_of("127.0.0.0/8", special=True)


@pytest.mark.parametrize("address", ["10.0.1.1", "127.0.0.1", "224.0.0.1", "::1"])
def test_nothing_is_sent_when_one_address_is_outside(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    asked: list[str] = []
    monkeypatch.setattr(probes, "ping", lambda where, _timeout: bool(asked.append(where)))
    with pytest.raises(RangeError, match=address):
        list(sweep.sweep(["10.0.0.1", address], Plan((Allowed("10.0.0.0/24"),))))
    assert asked == []
    require_allowed(["10.0.0.1"], (Allowed("10.0.0.0/24"),))


@pytest.mark.parametrize(
    ("greeting", "banner"),
    [
        (b"SSH-2.0-OpenSSH_9.2p1\r\n", "SSH-2.0-OpenSSH_9.2p1"),
        (b"Welcome\r\nto us\r\nSSH-2.0-X\r\n", "SSH-2.0-X"),
        (b"SSH-2.0-" + b"A" * 100_000 + b"\r\n", "SSH-2.0-" + "A" * 192),
        (b"x\r\n" * 100_000, ""),
        (bytes(range(256)) * 40, ""),
        (b"SSH-2.0-\x1b[31m\x00<script>\xff\xfe\r\n", "SSH-2.0-?[31m?<script>\ufffd\ufffd"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", ""),
        (b"", ""),
    ],
)
def test_banners_are_cut_and_cleaned(greeting: bytes, banner: str) -> None:
    with server(greeting) as port:
        assert probes.ssh_banner("127.77.0.5", port, 2) == banner


def test_a_host_that_says_nothing_is_left_after_its_time() -> None:
    with socket.create_server(("127.77.0.5", 0)) as listening:
        began = time.monotonic()
        assert probes.ssh_banner("127.77.0.5", listening.getsockname()[1], 0.3) == ""
        assert time.monotonic() - began < SOON_S


def test_ports_and_banners_tell_who_is_there() -> None:
    with server(b"SSH-2.0-Test\r\n") as port:
        plan = Plan(LOOPBACK, ("tcp", "ssh"), (port, 1), ssh_port=port, packets_per_s=500)
        found = list(sweep.sweep([f"127.77.0.{n}" for n in range(1, 9)], plan))
    assert [(one.address, one.answered, one.banner) for one in found] == [
        ("127.77.0.5", (f"tcp/{port}", "ssh"), "SSH-2.0-Test")
    ]


def test_loopback_answers_an_echo() -> None:
    if not probes.can_ping():
        pytest.skip("this machine lets nobody send echo requests, and has no ping")
    assert probes.ping("127.0.0.1", 2)
    assert not probes.ping("240.0.0.1", 0.2)


def test_no_further_address_is_begun_once_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(probes, "ping", lambda where, _timeout: bool(asked.append(where)))
    plan = Plan(LOOPBACK, packets_per_s=1000)
    assert list(sweep.sweep([f"127.77.0.{n}" for n in range(1, 200)], plan, stopped=lambda: True)) == []
    assert asked == []


def test_questions_are_paced(monkeypatch: pytest.MonkeyPatch) -> None:
    moments: list[float] = []
    monkeypatch.setattr(probes, "ping", lambda _where, _timeout: bool(moments.append(time.monotonic())))
    list(sweep.sweep([f"127.77.0.{n}" for n in range(1, 12)], Plan(LOOPBACK, packets_per_s=100)))
    assert len(moments) == 11
    assert max(moments) - min(moments) >= 0.09  # eleven questions, ten gaps of 10 ms: never faster


def test_broken_answers_of_an_agent_are_no_device() -> None:
    """What is not BER is neither an answer nor an end of the sweep."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent:
        agent.bind(("127.77.0.6", 0))
        agent.settimeout(5)
        over = threading.Event()

        def answer() -> None:
            while not over.is_set():
                try:
                    _, sender = agent.recvfrom(4096)
                    agent.sendto(b"\x30\x84\xff\xff\xff\xff" + b"\x02" * 300, sender)
                except OSError:
                    return

        thread = threading.Thread(target=answer)
        thread.start()
        access = SnmpAccess(port=agent.getsockname()[1], timeout_s=0.2, retries=1)
        plan = Plan(LOOPBACK, ("snmp",), snmp=access, packets_per_s=100, visit_s=5)
        found = list(sweep.sweep(["127.77.0.6", "127.77.0.7"], plan))
        over.set()
        agent.sendto(b"end", agent.getsockname())
        thread.join()
    assert [one for one in found if "snmp" in one.answered] == []
