"""Each fault of the simulator leads to its runbook, whose steps see the fault and see it gone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

import pytest

from collectors import runner
from collectors.model import DeviceFacts, Finding, SnmpAccess, SshAccess, Target, Transcript
from collectors.outcome import ABNORMAL
from collectors.simulator.past import PastDevice
from collectors.simulator.site import DeviceSpec, FaultTimes, host_key_of
from collectors.transports.ssh_keys import key_line
from servicedesk.runbooks import library
from servicedesk.runbooks.library import Situation

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
SEED = 7
FAULTS = (
    ("linux", "server", "disk_full", "linux-disk-full"),
    ("linux", "server", "inode_exhaustion", "linux-inodes"),
    ("linux", "server", "memory_pressure", "linux-memory-pressure"),
    ("linux", "server", "high_load", "linux-high-load"),
    ("linux", "server", "zombies", "linux-high-load"),
    ("linux", "server", "failed_unit", "linux-failed-unit"),
    ("linux", "server", "clock_drift", "clock-drift"),
    ("linux", "server", "degraded_raid", "raid-degraded"),
    ("linux", "server", "disk_failing", "disk-smart-failure"),
    ("linux", "server", "controller_disk_failed", "raid-degraded"),
    ("linux", "server", "readonly_fs", "readonly-filesystem"),
    ("linux", "server", "certificate_expiring", "certificate-expiring"),
    ("linux", "server", "log_not_archived", "backup-missing"),
    ("linux", "server", "bond_down", "stack-or-cluster-member"),
    ("linux", "server", "empty_password", "security-baseline"),
    ("switch-h3c", "switch", "port_down", "switch-port-down"),
    ("switch-huawei", "switch", "psu_failed", "fan-or-power-supply"),
    ("switch-h3c", "switch", "fan_failed", "fan-or-power-supply"),
    ("switch-huawei", "switch", "cpu_high", "switch-high-cpu"),
    ("switch-h3c", "switch", "hot", "over-temperature"),
    ("ups", "ups", "on_battery", "ups-on-battery"),
    ("ups", "ups", "battery_old", "ups-battery-weak"),
    ("printer", "printer", "toner_low", "printer-supplies"),
)


def visit(kind: str, device_class: str, fault: str = "") -> tuple[Transcript, tuple[Finding, ...]]:
    """One visit of a simulated device, without a network."""
    ssh = kind == "linux"
    spec = DeviceSpec(
        name="sim1",
        address="127.0.0.1",
        kind=kind,
        seed=SEED,
        transport="ssh" if ssh else "snmp",
        port=1022,
        users={"inspector": "inspect-me"},
        faults=(FaultTimes(fault),) if fault else (),
    )
    access: SshAccess | SnmpAccess = SnmpAccess(community=spec.community)
    if ssh:
        keys = (key_line(host_key_of(spec.name, spec.seed)),)
        access = SshAccess(user="inspector", password="inspect-me", host_keys=keys)
    target = Target("1", spec.address, (access,), device_class=device_class)
    result = PastDevice(spec, NOW - timedelta(days=1)).visit(target, access, NOW)
    transcript = runner.transcript_of(target, NOW, 0.5, [("ssh" if ssh else "snmp", result)])
    facts, findings = runner.judge_transcript(transcript, target)
    assert isinstance(facts, DeviceFacts)
    return transcript, findings


def abnormal(findings: tuple[Finding, ...]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in findings:
        if one.outcome in ABNORMAL:
            found.setdefault(one.check, set()).add(one.item)
    return found


@pytest.mark.parametrize(("kind", "device_class", "fault", "key"), FAULTS, ids=lambda value: str(value))
def test_the_fault_leads_to_its_runbook_which_sees_it(
    kind: str, device_class: str, fault: str, key: str
) -> None:
    transcript, findings = visit(kind, device_class, fault)
    healthy = abnormal(visit(kind, device_class)[1])
    new = {check for check, items in abnormal(findings).items() if items - healthy.get(check, set())}
    assert new, "the simulated fault is not seen at all"
    offered = [
        runbook.key
        for check in new
        for runbook in library.suggested(Situation("fault", frozenset({check}), device_class))
    ]
    assert key in offered, new
    runbook = library.get(key)
    asking = [step for step in runbook.steps if step.checks]
    assert new & set(asking[0].checks), "the first look does not show the fault"
    judged = {one.check for one in findings}
    for step in asking:
        assert set(step.checks) & judged, f"{step.key}: nothing is said of its checks"
    if kind == "linux":
        questions = [exchange.question for exchange in transcript.exchanges]
        for step in runbook.steps:
            assert not step.show or any(fnmatchcase(q, p) for q in questions for p in step.show), step.key
