"""What one visit to a command line says when its answers are put together: joins, clocks, failures."""

from __future__ import annotations

import pytest

from collectors.facts.cli.assembly import facts_from_cli
from collectors.facts.cli.registry import parser_for
from collectors.facts.host import Clock
from collectors.model import DeviceFacts, Exchange
from collectors.outcome import Outcome
from tests.support.answers import visit

VRP_PORTS = """
10GE1/0/1 current state : UP (ifindex: 6)
Line protocol current state : UP
Description:

100GE1/0/1 current state : DOWN (ifindex: 55)
Line protocol current state : DOWN
Description:
"""


VRP_BRIEF = """
PHY: Physical
Interface                  PHY      Protocol  InUti OutUti   inErrors  outErrors
10GE1/0/1                  up       up        0.01%  0.01%          7          0
100GE1/0/1                 down     down         0%     0%          0          3
"""


def test_ports_whose_names_differ_by_their_speed_alone_keep_their_own_errors() -> None:
    facts = visit("huawei_vrp", display_interface=VRP_PORTS, display_interface_brief=VRP_BRIEF)
    assert [(one.name, one.in_errors, one.out_errors) for one in facts.interfaces] == [
        ("10GE1/0/1", 7, 0),
        ("100GE1/0/1", 0, 3),
    ]


IOS_PORTS = """
TwoGigabitEthernet1/0/1 is up, line protocol is up (connected)
  Hardware is Ethernet, address is 0011.2233.4401
TwentyFiveGigE1/0/1 is up, line protocol is up (connected)
  Hardware is Ethernet, address is 0011.2233.4403
GigabitEthernet1/0/2 is down, line protocol is down (notconnect)
  Hardware is Ethernet, address is 0011.2233.4402
GigabitEthernet1/0/3 is down, line protocol is down (notconnect)
  Hardware is Ethernet, address is 0011.2233.4404
"""


IOS_STATUS = """
Port      Name               Status       Vlan       Duplex  Speed Type
Tw1/0/1   uplink core        connected    trunk        full   1000 10/100/1000BaseTX
Gi1/0/2   desk               notconnect   12           auto   auto 10/100/1000BaseTX
"""


def test_short_names_of_ports_fill_only_the_port_they_can_mean() -> None:
    facts = visit("cisco_ios", show_interfaces=IOS_PORTS, show_interfaces_status=IOS_STATUS)
    assert [(one.name, one.alias) for one in facts.interfaces] == [
        ("TwoGigabitEthernet1/0/1", ""),  # "Tw1/0/1" may be either
        ("TwentyFiveGigE1/0/1", ""),
        ("GigabitEthernet1/0/2", "desk"),
        ("GigabitEthernet1/0/3", ""),
    ]
    alone = visit("cisco_ios", show_interfaces_status=IOS_STATUS)
    assert [one.name for one in alone.interfaces] == ["Tw1/0/1", "Gi1/0/2"]


def clock_of(facts: DeviceFacts) -> Clock:
    clock = facts.extra["clock"]
    assert isinstance(clock, Clock)
    return clock


@pytest.mark.parametrize(
    ("shown", "offset_s", "synchronised"),
    [
        ("10:00:04.000 UTC Mon Jun 1 2026", 2.5, None),
        (".10:00:04.000 UTC Mon Jun 1 2026", 2.5, False),
        ("10:00:04.000 CST Mon Jun 1 2026", None, None),  # a zone without an offset says too little
    ],
)
def test_a_clock_shown_is_compared_with_ours(
    shown: str, offset_s: float | None, synchronised: bool | None
) -> None:
    clock = clock_of(visit("cisco_ios", show_clock=shown))
    assert (clock.offset_s, clock.synchronised) == (offset_s, synchronised)
    assert clock.uncertainty_s == (1.5 if offset_s is not None else 0)


SYNCHRONISED = """
Clock is synchronized, stratum 3, reference is 192.0.2.1
clock offset is 12.5 msec, root delay is 1.20 msec
"""


def test_the_time_service_is_asked_before_the_clock_shown() -> None:
    both = {"show_ntp_status": SYNCHRONISED, "show_clock": "10:00:04.000 UTC Mon Jun 1 2026"}
    clock = clock_of(visit("cisco_ios", **both))
    assert (clock.service, clock.synchronised, clock.offset_s) == ("ntp", True, 0.0125)
    without = {**both, "show_ntp_status": "Clock is unsynchronized, stratum 16, no reference clock"}
    clock = clock_of(visit("cisco_ios", **without))
    assert (clock.service, clock.synchronised, clock.offset_s) == ("ntp", False, 2.5)
    no_service = {**both, "show_ntp_status": "%NTP is not enabled."}
    clock = clock_of(visit("cisco_ios", **no_service))
    assert (clock.service, clock.synchronised, clock.offset_s) == ("ntp", None, 2.5)


def test_without_our_own_time_a_clock_says_only_that_it_is_there() -> None:
    exchange = Exchange("ssh", "show clock", b"10:00:04.000 UTC Mon Jun 1 2026")
    clock = facts_from_cli([exchange], "cisco_ios").extra["clock"]
    assert isinstance(clock, Clock)
    assert clock.offset_s is None


def test_a_refusal_a_form_not_known_and_a_parser_s_defect_cost_one_fact_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_text: str) -> tuple[()]:
        raise KeyError("secret")

    monkeypatch.setattr(
        "collectors.facts.cli.assembly.parser_for",
        lambda platform, command: broken if command == "show inventory" else parser_for(platform, command),
    )
    exchanges = [
        Exchange("ssh", "show version", b"", Outcome.TIMEOUT, "too slow"),
        Exchange("ssh", "show inventory", b"anything"),
        Exchange("ssh", "show interfaces", b"nothing of that form"),
        Exchange("ssh", "show vrrp brief", b"% Invalid input", Outcome.UNSUPPORTED, "not known there"),
    ]
    facts = facts_from_cli(exchanges, "cisco_ios")
    errors = {one.fact: (one.outcome, one.message) for one in facts.errors}
    assert errors["identity"] == (Outcome.TIMEOUT, "too slow")
    assert errors["inventory"][0] is Outcome.PARSE_FAILED
    assert "secret" not in errors["inventory"][1]
    assert errors["interfaces"][0] is Outcome.PARSE_FAILED
    assert "peers" not in errors  # a model without it


def test_one_that_fails_is_no_failure_while_another_part_is_read() -> None:
    optics = Exchange("ssh", "show interfaces transceiver", b"", Outcome.TIMEOUT, "too slow")
    strange = Exchange("ssh", "show environment all", b"nothing of that form")
    failed = facts_from_cli([strange, optics], "cisco_ios")
    assert {one.outcome for one in failed.errors} == {Outcome.PARSE_FAILED, Outcome.TIMEOUT}
    known = Exchange(
        "ssh",
        "show environment all",
        b"FAN 1 is OK\nTEMPERATURE is OK\nTemperature Value: 30 Degree Celsius\n",
    )
    facts = facts_from_cli([known, optics], "cisco_ios")
    assert facts.sensors
    assert not facts.errors


@pytest.mark.parametrize(
    ("answer", "outcome", "failed"),
    [
        (b"!\nversion 17.9\nhostname SW1\nend\n", Outcome.OK, None),
        (b"!\nversion 17.9\nhostname SW1\ninterface Vl", Outcome.OK, Outcome.PARSE_FAILED),
        (b"", Outcome.AUTH_FAILED, Outcome.AUTH_FAILED),
    ],
)
def test_a_configuration_is_whole_or_told_as_missing(
    answer: bytes, outcome: Outcome, failed: Outcome | None
) -> None:
    facts = facts_from_cli([Exchange("ssh", "show running-config", answer, outcome, "denied")], "cisco_ios")
    assert [one.outcome for one in facts.errors] == ([failed] if failed else [])
    assert ("configuration" in facts.extra) is (failed is None)


def test_an_unknown_platform_keeps_its_answers_as_evidence() -> None:
    facts = facts_from_cli([Exchange("ssh", "show version", b"Something 1.0")], "generic")
    assert [(one.fact, one.outcome) for one in facts.errors] == [("identity", Outcome.UNSUPPORTED)]


def test_the_same_failure_of_two_commands_is_told_once_and_uptime_counts_as_asked() -> None:
    exchanges = [
        Exchange("ssh", "show version", b"Cisco IOS Software, Version 15.2(2)E\nsw1 uptime is 2 weeks\n"),
        Exchange("ssh", "show environment all", b"", Outcome.TIMEOUT, "too slow"),
        Exchange("ssh", "show interfaces transceiver", b"", Outcome.TIMEOUT, "too slow"),
    ]
    facts = facts_from_cli(exchanges, "cisco_ios")
    assert [one.fact for one in facts.errors] == ["sensors"]
    assert facts.identity.uptime_s == 14 * 86_400
    assert "uptime" in facts.asked
