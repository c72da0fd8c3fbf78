"""What network gear tells of itself, as findings."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from collectors.checks import judge
from collectors.facts.cli import facts_from_cli
from collectors.facts.cli.rows import Alarm, DeviceLog, ErrorDisabled, Member, Startup
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
