"""Nothing dangles: every check has its words, its facts and a place in the judgement."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from types import ModuleType, SimpleNamespace

import pytest

from collectors.checks import catalogue, discovery, judge
from collectors.checks.discovery import discover
from collectors.errors import CollectorError
from collectors.facts.host import (
    Bond,
    BondMember,
    Certificate,
    Clock,
    Load,
    RaidArray,
    SmartDisk,
    SshdSettings,
    Updates,
)
from collectors.facts.linux.assembly import facts_from_linux
from collectors.model import (
    DeviceFacts,
    Evidence,
    Exchange,
    FactError,
    Finding,
    Interface,
    LevelRule,
    Levels,
    Processor,
    Sensor,
    SensorLimits,
    Supply,
    Target,
    Volume,
)
from collectors.outcome import Outcome
from collectors.platforms.cli_dialects import dialects
from collectors.platforms.linux_commands import SECTIONS

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TARGET = Target("7", "10.0.0.1", ())


def findings(facts: DeviceFacts, check: str, target: Target = TARGET) -> list[Finding]:
    return [finding for finding in judge(facts, target, NOW) if finding.check == check]


def outcome_of(facts: DeviceFacts, check: str, target: Target = TARGET) -> list[str]:
    return [finding.outcome.value for finding in findings(facts, check, target)]


def extra(name: str, value: object) -> DeviceFacts:
    return DeviceFacts(extra={name: value}, asked=frozenset({name}))


def test_discovery_finds_every_check_without_problems() -> None:
    _, problems = discover()
    assert problems == ()
    assert len(catalogue()) > 40


@pytest.mark.parametrize("spec", catalogue().values(), ids=lambda spec: spec.name)
def test_every_check_has_title_standard_and_facts(spec: discovery.CheckSpec) -> None:
    assert re.fullmatch(r"[a-z0-9_]+", spec.name)
    assert spec.title
    assert spec.facts
    for sentence in spec.standard_messages():
        assert "%(" not in str(sentence), "every number of the standard is filled in"
        assert "%%" not in str(sentence)


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        (Levels(warning_upper=27, critical_upper=35), "Below 27 °C; critical from 35 °C"),
        (Levels(critical_upper=60), "Critical from 60 °C"),
        (Levels(warning_lower=18), "Above 18 °C"),
        (Levels(18, None, None, 5), "Critical at 5 °C and below; Below 18 °C"),
        (Levels(), "No limit is known: the value is only recorded"),
    ],
)
def test_the_standard_of_a_sensor_has_the_numbers_it_was_judged_by(levels: Levels, words: str) -> None:
    said = catalogue()["sensor_temperature"].standard_messages(levels)
    assert "; ".join(map(str, said)) == words


def test_every_fact_a_check_needs_is_read_somewhere() -> None:
    linux = facts_from_linux([Exchange("ssh", section.command, b"") for section in SECTIONS]).asked
    gear = {fact for one in dialects().values() for entry in one.commands for fact in entry.facts}
    elsewhere = {"accesses", "ssh_legacy", "supplies", "configuration", "chosen_files"}
    for spec in catalogue().values():
        assert set(spec.facts) <= linux | gear | elsewhere, spec.name


def test_a_broken_module_is_told_and_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    real = discovery.importlib.import_module

    def fail_one(name: str) -> ModuleType:
        if name.endswith("host.disks"):
            raise ImportError("no such thing")
        return real(name)

    discover.cache_clear()
    monkeypatch.setattr(discovery, "importlib", SimpleNamespace(import_module=fail_one))
    try:
        found, problems = discover()
        assert "cpu_used" in found
        assert "raid_state" not in found
        assert len(problems) == 1
        with pytest.raises(CollectorError, match=r"host\.disks"):
            catalogue()
    finally:
        discover.cache_clear()


@pytest.mark.parametrize("outcome", [Outcome.TIMEOUT, Outcome.UNSUPPORTED, Outcome.PARSE_FAILED])
def test_a_failed_fact_is_a_finding_of_each_of_its_checks(outcome: Outcome) -> None:
    facts = DeviceFacts(errors=(FactError("clock", outcome, "why", Evidence(3)),), asked=frozenset({"clock"}))
    found = judge(facts, TARGET, NOW)
    assert {finding.check for finding in found} == {"clock_offset", "ntp_sync"}
    assert {finding.outcome for finding in found} == {outcome}
    assert all("why" in str(finding.message) for finding in found)
    assert all(finding.evidence == Evidence(3) for finding in found)


def test_a_failed_fact_nobody_checks_is_still_shown() -> None:
    facts = DeviceFacts(errors=(FactError("neighbours", Outcome.TIMEOUT, "late"),))
    assert [(f.check, f.item, f.outcome) for f in judge(facts, TARGET, NOW)] == [
        ("readings", "neighbours", Outcome.TIMEOUT)
    ]


def test_nothing_asked_gives_nothing() -> None:
    assert judge(DeviceFacts(), TARGET, NOW) == ()


def test_an_empty_answer_is_no_zero() -> None:
    facts = DeviceFacts(asked=frozenset({"processors", "memory", "supplies"}))
    assert outcome_of(facts, "cpu_used") == ["unsupported"]
    assert outcome_of(facts, "memory_used") == ["unsupported"]
    assert outcome_of(facts, "supply_level") == ["not_applicable"]


def test_a_check_that_breaks_is_told_and_the_others_go_on() -> None:
    facts = DeviceFacts(
        processors=(Processor("cpu", "x"),),  # type: ignore[arg-type]  # what a faulty parser may give
        storage=(Volume("/", 1, 1, 50.0),),
        asked=frozenset({"processors", "storage"}),
    )
    assert outcome_of(facts, "cpu_used") == ["parse_failed"]
    assert outcome_of(facts, "filesystem_used") == ["ok"]


def test_a_cpu_at_zero_is_a_reading() -> None:
    facts = DeviceFacts(processors=(Processor("slot 1", 0.0),), asked=frozenset({"processors"}))
    assert outcome_of(facts, "cpu_used") == ["ok"]


def test_a_rule_of_the_site_changes_the_verdict_and_is_named() -> None:
    target = Target(
        "7", "10.0.0.1", (), levels=(LevelRule("filesystem_used", "site: Main", "/", critical=50),)
    )
    facts = DeviceFacts(storage=(Volume("/", 100, 60, 60.0),), asked=frozenset({"storage"}))
    (finding,) = findings(facts, "filesystem_used", target)
    assert finding.outcome is Outcome.CRITICAL
    assert finding.levels is not None
    assert finding.levels.provenance == "site: Main"


@pytest.mark.parametrize(
    ("admin", "oper", "octets", "watched", "expected"),
    [
        ("up", "up", 1, (), ["ok"]),
        ("up", "down", 1, (), ["critical"]),
        ("up", "down", 0, (), ["ok"]),
        ("up", "down", 0, ("GE*",), ["critical"]),
        ("down", "down", 0, (), ["not_applicable"]),
        ("up", "unknown", 0, (), ["unsupported"]),
        ("up", "up", 1, ("XGE*",), ["not_applicable"]),
    ],
)
def test_interface_state(
    admin: str, oper: str, octets: int, watched: tuple[str, ...], expected: list[str]
) -> None:
    interface = Interface(
        1, "GE1/0/1", type="ethernetCsmacd", admin_status=admin, oper_status=oper, in_octets=octets
    )
    facts = DeviceFacts(interfaces=(interface,), asked=frozenset({"interfaces"}))
    target = Target("7", "10.0.0.1", (), watched_interfaces=watched)
    assert outcome_of(facts, "interface_state", target) == expected


@pytest.mark.parametrize(
    ("errors", "packets", "expected"),
    [(0, 10**6, "ok"), (100, 10**6, "warning"), (1000, 10**6, "critical"), (50, 100, "not_applicable")],
)
def test_interface_errors_are_a_share_of_packets(errors: int, packets: int, expected: str) -> None:
    interface = Interface(1, "e", admin_status="up", in_errors=errors, in_packets=packets)
    facts = DeviceFacts(interfaces=(interface,), asked=frozenset({"interfaces"}))
    assert outcome_of(facts, "interface_errors") == [expected]


@pytest.mark.parametrize(
    ("value", "limits", "expected"),
    [
        (50, SensorLimits(), "ok"),
        (50, SensorLimits(high_warning=45, high_critical=60), "warning"),
        (70, SensorLimits(high_warning=45, high_critical=60), "critical"),
        (-5, SensorLimits(low_critical=0, high_critical=60), "critical"),
    ],
)
def test_temperature_by_the_devices_limits(value: float, limits: SensorLimits, expected: str) -> None:
    sensor = Sensor("temperature", "board", value, "°C", limits)
    facts = DeviceFacts(sensors=(sensor,), asked=frozenset({"sensors"}))
    assert outcome_of(facts, "sensor_temperature") == [expected]


@pytest.mark.parametrize(
    ("device_class", "name", "value", "expected"),
    [
        ("environment", "Room", 22, "ok"),
        ("environment", "Room", 36, "critical"),
        ("environment", "Room", 27, "warning"),
        ("environment", "Room", 9, "critical"),
        ("air_conditioner", "Return air", 30, "warning"),
        ("air_conditioner", "Supply air", 14, "ok"),  # cold on purpose
        ("switch", "board", 36, "ok"),  # a board is no room
    ],
)
def test_the_air_of_a_room_is_judged_by_the_profile_of_machine_rooms(
    device_class: str, name: str, value: float, expected: str
) -> None:
    sensor = Sensor("temperature", name, value, "°C")
    facts = DeviceFacts(sensors=(sensor,), asked=frozenset({"sensors"}))
    target = Target("7", "10.0.0.1", (), device_class=device_class)
    (found,) = findings(facts, "sensor_temperature", target)
    assert found.outcome == expected
    named = found.levels is not None and found.levels.provenance == "product default for machine rooms"
    assert named is (device_class != "switch" and name != "Supply air")


def test_what_the_sensor_or_the_site_says_stands_above_the_profile() -> None:
    sensor = Sensor("temperature", "Room", 36, "°C", SensorLimits(high_warning=40, high_critical=45))
    facts = DeviceFacts(sensors=(sensor,), asked=frozenset({"sensors"}))
    target = Target("7", "10.0.0.1", (), device_class="environment")
    assert outcome_of(facts, "sensor_temperature", target) == ["ok"]


@pytest.mark.parametrize(
    ("kind", "check", "value", "expected"),
    [
        ("runtime", "ups_minutes", 4, "critical"),
        ("runtime", "ups_minutes", 9, "warning"),
        ("charge", "ups_charge", 100, "ok"),
        ("load", "ups_load", 85, "warning"),
        ("humidity", "sensor_humidity", 35, "warning"),
        ("humidity", "sensor_humidity", 90, "critical"),
    ],
)
def test_power_and_room_by_product_defaults(kind: str, check: str, value: float, expected: str) -> None:
    facts = DeviceFacts(sensors=(Sensor(kind, "x", value),), asked=frozenset({"sensors"}))
    assert outcome_of(facts, check) == [expected]


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [(Outcome.CRITICAL, "critical"), (Outcome.OK, "ok"), (None, "unsupported")],
)
def test_states_follow_the_platforms_map(outcome: Outcome | None, expected: str) -> None:
    sensor = Sensor("state", "PSU 1", 2, state_text="failed", state_outcome=outcome)
    facts = DeviceFacts(sensors=(sensor,), asked=frozenset({"sensors"}))
    assert outcome_of(facts, "sensor_state") == [expected]


@pytest.mark.parametrize(("used", "expected"), [(50.0, "ok"), (85.0, "warning"), (None, "unsupported")])
def test_supplies_count_what_is_left(used: float | None, expected: str) -> None:
    facts = DeviceFacts(supplies=(Supply("Black", "toner", used),), asked=frozenset({"supplies"}))
    assert outcome_of(facts, "supply_level") == [expected]


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (RaidArray("md0", "raid1", "active", 2, 2), "ok"),
        (RaidArray("md0", "raid1", "active", 1, 2), "critical"),
        (RaidArray("md0", "raid1", "inactive"), "critical"),
        (RaidArray("md0", "raid6", "active", 4, 4, recovery="recovery = 3%"), "warning"),
        (RaidArray("md0", "raid6", "active", 4, 4, recovery="check = 3%"), "ok"),
    ],
)
def test_raid(array: RaidArray, expected: str) -> None:
    assert outcome_of(extra("raid", (array,)), "raid_state") == [expected]


@pytest.mark.parametrize(
    ("bond", "expected"),
    [
        (Bond("bond0", "802.3ad", True, (BondMember("a", True), BondMember("b", True))), "ok"),
        (Bond("bond0", "802.3ad", True, (BondMember("a", True), BondMember("b", False))), "critical"),
        (Bond("bond0", "802.3ad", False, (BondMember("a", False),)), "critical"),
        (Bond("bond0", "802.3ad", True, ()), "critical"),
    ],
)
def test_bonds(bond: Bond, expected: str) -> None:
    assert outcome_of(extra("bonds", (bond,)), "bond_state") == [expected]


@pytest.mark.parametrize(
    ("disk", "expected"),
    [
        (SmartDisk("sda", True), "ok"),
        (SmartDisk("sda", True, counters={"Current_Pending_Sector": 8}), "warning"),
        (SmartDisk("sda", False), "critical"),
        (SmartDisk("sda", None), "unsupported"),
    ],
)
def test_disks(disk: SmartDisk, expected: str) -> None:
    assert outcome_of(extra("smart", (disk,)), "smart") == [expected]


@pytest.mark.parametrize(
    ("days", "expected"), [(100, "ok"), (20, "warning"), (3, "critical"), (-1, "critical")]
)
def test_certificates_are_judged_at_the_time_of_the_visit(days: int, expected: str) -> None:
    certificate = Certificate("/etc/x.pem", "CN=x", NOW + timedelta(days=days))
    assert outcome_of(extra("certificates", (certificate,)), "certificate_days") == [expected]


@pytest.mark.parametrize(
    ("clock", "offset", "sync"),
    [
        (Clock("chrony", True, 0.0001, 3), "ok", "ok"),
        (Clock("chrony", True, -0.3, 3), "warning", "ok"),
        (Clock("chrony", True, 2.0, 12), "critical", "warning"),
        (Clock("chrony", False), "unsupported", "warning"),
        (Clock("", None, 3.0, uncertainty_s=5.0), "ok", "warning"),
        (Clock("", True, -700.0, uncertainty_s=5.0), "critical", "ok"),
    ],
)
def test_clock(clock: Clock, offset: str, sync: str) -> None:
    assert outcome_of(extra("clock", clock), "clock_offset") == [offset]
    assert outcome_of(extra("clock", clock), "ntp_sync") == [sync]


def test_load_needs_the_number_of_cores() -> None:
    assert outcome_of(extra("load", Load(1, 1, 24.0, 4)), "load_per_core") == ["warning"]
    assert outcome_of(extra("load", Load(1, 1, 24.0, None)), "load_per_core") == ["not_applicable"]


def test_security_updates_are_a_warning() -> None:
    assert outcome_of(extra("updates", Updates(5, 0)), "updates_waiting") == ["ok"]
    assert outcome_of(extra("updates", Updates(5, 2)), "updates_waiting") == ["warning"]


def test_sshd_that_lets_root_in_with_a_password() -> None:
    found = findings(
        extra("sshd", SshdSettings({"permitrootlogin": "yes", "maxauthtries": "20"})), "sshd_settings"
    )
    outcomes = {finding.item: finding.outcome for finding in found}
    assert outcomes["permitrootlogin"] is Outcome.WARNING
    assert outcomes["maxauthtries"] is Outcome.WARNING
    assert outcomes["permitemptypasswords"] is Outcome.OK


def test_outdated_algorithms_are_a_finding() -> None:
    assert outcome_of(extra("ssh_legacy", ("ssh-rsa",)), "legacy_crypto") == ["warning"]
    assert outcome_of(extra("ssh_legacy", ()), "legacy_crypto") == ["ok"]


@pytest.mark.parametrize(
    ("device_class", "expected"), [("switch", Outcome.UNSUPPORTED), ("ups", Outcome.NOT_APPLICABLE)]
)
def test_that_a_ups_tells_no_processor_load_is_as_it_should_be(device_class: str, expected: Outcome) -> None:
    target = Target("1", "127.0.0.1", (), device_class=device_class)
    facts = DeviceFacts(asked=frozenset({"processors", "memory"}))
    found = {finding.check: finding.outcome for finding in judge(facts, target, datetime.now(UTC))}
    assert (found["cpu_used"], found["memory_used"]) == (expected, expected)
