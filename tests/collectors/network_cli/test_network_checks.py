"""What network gear tells of itself, as findings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.checks import judge
from collectors.facts.cli import facts_from_cli
from collectors.facts.cli.rows import Alarm, DeviceLog, ErrorDisabled, Member, Peer, Startup
from collectors.model import DeviceFacts, Exchange, Finding, Target
from collectors.outcome import Outcome

NOW = datetime(2026, 6, 1, 10, tzinfo=UTC)


def findings(check: str, name: str, *items: object) -> list[Finding]:
    facts = DeviceFacts(extra={name: items}, asked=frozenset({name}))
    return [one for one in judge(facts, Target("t", "192.0.2.1", ()), NOW) if one.check == check]


def test_a_member_out_of_step_is_critical() -> None:
    members = (
        Member("fw1", "Primary", "in-sync"),
        Member("fw2", "Secondary", "out-of-sync", Outcome.CRITICAL),
    )
    assert [one.outcome for one in findings("device_members", "members", *members)] == [
        Outcome.OK,
        Outcome.CRITICAL,
    ]


def test_no_alarm_and_no_shut_port_are_normal_findings() -> None:
    assert [one.outcome for one in findings("device_alarms", "alarms")] == [Outcome.OK]
    assert [one.outcome for one in findings("error_disabled_ports", "error_disabled")] == [Outcome.OK]


def test_a_red_alarm_and_a_shut_port_are_critical() -> None:
    alarm = Alarm("Fan failed", "Major", Outcome.CRITICAL, "2026-06-01")
    assert [(one.item, one.outcome) for one in findings("device_alarms", "alarms", alarm)] == [
        ("Fan failed", Outcome.CRITICAL)
    ]
    port = ErrorDisabled("Gi1/0/7", "bpduguard")
    (finding,) = findings("error_disabled_ports", "error_disabled", port)
    assert finding.outcome is Outcome.CRITICAL
    assert "bpduguard" in str(finding.message)


@pytest.mark.parametrize(
    ("counts", "outcome"),
    [
        ({}, Outcome.OK),
        ({3: 900, 5: 10}, Outcome.OK),
        ({2: 1}, Outcome.WARNING),
        ({1: 40, 2: 432}, Outcome.CRITICAL),
    ],
)
def test_only_grave_messages_of_the_log_count(counts: dict[int, int], outcome: Outcome) -> None:
    assert [one.outcome for one in findings("device_log", "device_log", DeviceLog("Slot 1", counts))] == [
        outcome
    ]


@pytest.mark.parametrize(
    ("startup", "outcome"),
    [
        (Startup("", "a.cfg", "a.cfg", "1.cc", "1.cc"), Outcome.OK),
        (Startup("", "a.cfg", "b.cfg", "1.cc", "1.cc"), Outcome.WARNING),
        (Startup("", "a.cfg", "a.cfg", "1.cc", "2.cc"), Outcome.WARNING),
        (Startup("", "a.cfg", ""), Outcome.WARNING),
    ],
)
def test_another_file_at_the_next_start_is_a_warning(startup: Startup, outcome: Outcome) -> None:
    assert [one.outcome for one in findings("startup_files", "startup", startup)] == [outcome]


def exchange(question: str, answer: str, outcome: Outcome = Outcome.OK) -> Exchange:
    return Exchange("ssh", question, answer.encode(), outcome, "" if outcome is Outcome.OK else "refused")


def test_a_command_the_model_lacks_is_no_failure_but_a_refused_one_is() -> None:
    lacking = facts_from_cli([exchange("show power inline", "", Outcome.UNSUPPORTED)], "cisco_ios")
    assert lacking.errors == ()
    refused = facts_from_cli([exchange("show power inline", "", Outcome.AUTH_FAILED)], "cisco_ios")
    assert [(one.fact, one.outcome) for one in refused.errors] == [("poe", Outcome.AUTH_FAILED)]


def test_garbage_is_a_failed_fact_and_never_a_good_one() -> None:
    facts = facts_from_cli([exchange("display cpu-usage", "nothing of the kind\n")], "huawei_vrp")
    assert [(one.fact, one.outcome) for one in facts.errors] == [("processors", Outcome.PARSE_FAILED)]
    assert facts.processors == ()


def test_a_clock_in_another_zone_is_compared_in_utc() -> None:
    answer = "2026-06-01 18:00:05+08:00\nMonday\n"
    clock = facts_from_cli([exchange("display clock", answer)], "huawei_vrp", started_at=NOW).extra["clock"]
    assert getattr(clock, "offset_s") == 5  # noqa: B009 - the type is known only here


def test_the_short_list_fills_what_the_long_one_leaves_out() -> None:
    long = "GigabitEthernet0/0/1 current state : UP\nLine protocol current state : UP\n"
    short = (
        "Interface                   PHY   Protocol  InUti OutUti   inErrors  outErrors\n"
        "GigabitEthernet0/0/1        up    up           0%     0%         17          3\n"
    )
    asked = [exchange("display interface", long), exchange("display interface brief", short)]
    (port,) = facts_from_cli(asked, "huawei_vrp").interfaces
    assert (port.in_errors, port.out_errors, port.oper_status) == (17, 3, "up")


@pytest.mark.parametrize(
    ("peer", "outcome"),
    [
        (Peer("bgp", "10.0.0.2", "Established"), Outcome.OK),
        (Peer("bgp", "10.0.0.2", "Idle"), Outcome.CRITICAL),
        (Peer("bgp", "10.0.0.2", "Idle (Admin)"), Outcome.NOT_APPLICABLE),
        (Peer("ospf", "10.0.0.2", "FULL/DR", "Vlan10"), Outcome.OK),
        (Peer("ospf", "10.0.0.2", "2-Way/DROther", "Vlan10"), Outcome.OK),
        (Peer("ospf", "10.0.0.2", "EXSTART/BDR", "Vlan10"), Outcome.CRITICAL),
        (Peer("hsrp", "10.1.1.1", "Init", "Vlan10"), Outcome.CRITICAL),
        (Peer("vrrp", "10.1.1.1", "Backup", "Vlanif10"), Outcome.OK),
        (Peer("vpc", "Po10", "down*"), Outcome.CRITICAL),
        (Peer("vpc", "peer", "peer adjacency formed ok"), Outcome.OK),
        (Peer("lacp", "Po1", "down"), Outcome.CRITICAL),
        (Peer("lacp", "Po1", "down", "Gi1/0/1"), Outcome.WARNING),
        (Peer("lacp", "BAGG1", "0 selected, 2 unselected", "BAGG1"), Outcome.CRITICAL),
        (Peer("lacp", "BAGG1", "1 selected, 1 unselected", "BAGG1"), Outcome.WARNING),
        (Peer("lacp", "BAGG1", "2 selected, 0 unselected", "BAGG1"), Outcome.OK),
    ],
)
def test_a_neighbour_or_a_port_of_a_bundle_that_is_lost(peer: Peer, outcome: Outcome) -> None:
    (finding,) = findings("protocol_peers", "peers", peer)
    assert finding.outcome is outcome
    assert finding.item.startswith(f"{peer.protocol.upper()} {peer.name}")


def test_roles_of_ports_are_no_neighbours_and_no_protocol_is_nothing_abnormal() -> None:
    roles = (Peer("stp", "0", "FORWARDING", "Gi0/0/1"), Peer("ospf", "Vlan10", "DR", "Vlan10"))
    assert [one.outcome for one in findings("protocol_peers", "peers", *roles)] == [Outcome.NOT_APPLICABLE]
    assert [one.outcome for one in findings("protocol_peers", "peers")] == [Outcome.NOT_APPLICABLE]


def test_each_protocol_is_read_by_a_command_of_its_own() -> None:
    answers = {
        "show etherchannel summary": b"Flags:  D - down\n1      Po1(SU)  LACP  Gi1/0/1(P)  Gi1/0/2(D)\n",
        "show ip bgp summary": b"% BGP not active\n",
        "show ip ospf neighbor": b"10.0.0.2  1  FULL/DR  00:00:31  10.1.1.2  Vlan10\n",
    }
    exchanges = [Exchange("ssh", question, answer) for question, answer in answers.items()]
    facts = facts_from_cli(exchanges, "cisco_ios")
    found = {
        one.item: one.outcome
        for one in judge(facts, Target("t", "192.0.2.1", ()), NOW)
        if one.check == "protocol_peers"
    }
    assert found == {
        "LACP Po1": Outcome.OK,
        "LACP Po1 Gi1/0/1": Outcome.OK,
        "LACP Po1 Gi1/0/2": Outcome.WARNING,
        "OSPF 10.0.0.2 Vlan10": Outcome.OK,
    }
    assert not facts.errors
