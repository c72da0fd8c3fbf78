"""A visit never raises, judges from the transcript alone and loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from collectors import runner, transcripts
from collectors.facts.linux import memory
from collectors.facts.merge import merge_facts
from collectors.model import (
    DeviceFacts,
    FactError,
    Identity,
    LocalAccess,
    MemoryPool,
    SshAccess,
    Target,
)
from collectors.outcome import Outcome
from collectors.simulator.linux_host import FAULTS, Answer, SimulatedHost
from collectors.simulator.ssh_server import SshServer
from collectors.transports import TransportResult, ssh

# fault → check that must find it
FOUND_BY = {
    "disk_full": "filesystem_used",
    "inode_exhaustion": "inodes_free",
    "memory_pressure": "memory_used",
    "high_load": "load_per_core",
    "failed_unit": "failed_units",
    "clock_drift": "clock_offset",
    "degraded_raid": "raid_state",
    "readonly_fs": "readonly_filesystem",
    "certificate_expiring": "certificate_days",
    "bond_down": "bond_state",
    "zombies": "zombies",
    "empty_password": "empty_passwords",
    "disk_failing": "smart",
    "controller_disk_failed": "raid_state",
    "log_not_archived": "database_archive",
}


@pytest.fixture
def server() -> Iterator[SshServer]:
    with SshServer(host=SimulatedHost()) as running:
        yield running


def target_of(server: SshServer, **values: object) -> Target:
    access = SshAccess(
        port=server.port, user="inspector", password="inspect-me", host_keys=(server.host_key_line,)
    )
    return Target("7", server.address, (access,), **values)  # type: ignore[arg-type]  # tests name them


def test_every_fault_of_the_simulator_has_its_check() -> None:
    assert set(FOUND_BY) == FAULTS


def test_a_healthy_host_has_no_abnormal_finding(server: SshServer) -> None:
    visit = runner.visit(target_of(server))
    assert visit.transcript.outcome is Outcome.OK
    assert [f for f in visit.findings if f.outcome in (Outcome.WARNING, Outcome.CRITICAL)] == []
    assert [f for f in visit.findings if f.outcome is Outcome.PARSE_FAILED] == []


@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_each_fault_is_found_and_gone_when_mended(server: SshServer, fault: str) -> None:
    assert isinstance(server.host, SimulatedHost)
    server.host.faults.add(fault)
    broken = runner.visit(target_of(server))
    abnormal = {f.check for f in broken.findings if f.outcome in (Outcome.WARNING, Outcome.CRITICAL)}
    assert FOUND_BY[fault] in abnormal
    server.host.faults.clear()
    mended = runner.visit(target_of(server))
    assert [f for f in mended.findings if f.outcome in (Outcome.WARNING, Outcome.CRITICAL)] == []


def test_a_transcript_is_judged_the_same_again(server: SshServer) -> None:
    target = target_of(server)
    visit = runner.visit(target)
    kept = transcripts.unpack(transcripts.pack(visit.transcript))
    assert runner.judge_transcript(kept, target) == (visit.facts, visit.findings)


def test_evidence_points_at_the_answer(server: SshServer) -> None:
    visit = runner.visit(target_of(server))
    (finding,) = (f for f in visit.findings if f.check == "memory_used")
    assert finding.evidence is not None
    assert visit.transcript.exchanges[finding.evidence.exchange].question == "cat /proc/meminfo"


def test_no_secret_is_in_the_transcript(server: SshServer) -> None:
    visit = runner.visit(target_of(server))
    assert b"inspect-me" not in transcripts.canonical(visit.transcript)


def test_a_target_without_any_access_is_not_inspected() -> None:
    visit = runner.visit(Target("7", "127.0.0.1", ()))
    assert visit.transcript.outcome is Outcome.NOT_INSPECTED


def test_a_broken_parser_takes_nothing_else_with_it(
    server: SshServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(output: str) -> memory.Memory:
        raise ZeroDivisionError

    monkeypatch.setattr(memory, "parse_meminfo", broken)
    visit = runner.visit(target_of(server))
    failed = [f for f in visit.findings if f.check == "memory_used"]
    assert [f.outcome for f in failed] == [Outcome.PARSE_FAILED]
    assert any(f.check == "filesystem_used" and f.outcome is Outcome.OK for f in visit.findings)


def test_a_broken_transport_is_an_outcome(server: SshServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(target: Target, access: SshAccess, *, deadline: float) -> TransportResult:
        raise RuntimeError("bug")

    monkeypatch.setattr(ssh, "visit", broken)
    visit = runner.visit(target_of(server))
    assert visit.transcript.outcome is Outcome.PARSE_FAILED
    assert "RuntimeError" in visit.transcript.error


def test_one_dead_access_leaves_the_other_and_is_shown(server: SshServer) -> None:
    dead = SshAccess(port=1, user="x", password="y")
    visit = runner.visit(Target("7", "127.0.0.1", (dead, LocalAccess())))
    assert visit.transcript.outcome is Outcome.UNREACHABLE
    assert visit.facts.memory
    reachable = {f.item: f.outcome for f in visit.findings if f.check == "reachable"}
    assert reachable == {"ssh": Outcome.UNREACHABLE, "local": Outcome.OK}


@pytest.mark.parametrize(("minutes", "outcome"), [(10, Outcome.CRITICAL), (0, Outcome.OK)])
def test_a_wrong_clock_is_found_without_any_time_service(
    server: SshServer, minutes: int, outcome: Outcome
) -> None:
    assert isinstance(server.host, SimulatedHost)
    server.host.overrides = {
        name: Answer(status="missing") for name in ("chrony", "ntpq", "timesync", "timedatectl")
    }
    now = datetime.now(UTC) - timedelta(minutes=minutes)
    visit = runner.visit(target_of(server), now=lambda: now)
    assert [f.outcome for f in visit.findings if f.check == "clock_offset"] == [outcome]
    assert [f.outcome for f in visit.findings if f.check == "ntp_sync"] == [Outcome.WARNING]


def test_lists_of_two_transports_are_never_mixed() -> None:
    ours = DeviceFacts(memory=(MemoryPool("RAM", 10.0),), asked=frozenset({"memory"}))
    theirs = DeviceFacts(
        identity=Identity(name="x", location="room 2"),
        memory=(MemoryPool("Physical memory", 95.0),),
        errors=(FactError("memory", Outcome.TIMEOUT, "late"), FactError("supplies", Outcome.TIMEOUT, "late")),
        asked=frozenset({"memory", "supplies"}),
    )
    merged = merge_facts([ours, theirs])
    assert [pool.name for pool in merged.memory] == ["RAM"]
    assert merged.identity.location == "room 2"
    assert [error.fact for error in merged.errors] == ["supplies"]
