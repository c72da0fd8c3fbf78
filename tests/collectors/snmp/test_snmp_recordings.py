"""Recordings of real devices, where they are beside the checkout: everything is read, nothing breaks."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.checks import judge
from collectors.facts.snmp import facts_from_recording
from collectors.model import DeviceFacts, Target
from collectors.outcome import Outcome
from collectors.score import GROUPS, Group, score_folder
from collectors.snmprec import Walk, parse_lines

pytestmark = pytest.mark.recordings
DATA = Path(os.environ.get("COLLECTOR_RECORDINGS", Path(__file__).resolve().parents[4] / "shared" / "data"))
FOLDER = DATA / "snmp" if (DATA / "snmp").is_dir() else DATA
RECORDINGS = sorted(FOLDER.glob("*.snmprec")) if FOLDER.is_dir() else []
ABSENT = f"the recordings of real devices are not beside the checkout ({FOLDER})"

_NOW = datetime(2026, 1, 1, tzinfo=UTC)
# What another system finds in these recordings and we do not, and why: recording, words of the reading.
KNOWN_BETTER = (
    ("apc_inrow-dx", "Rack Inlet Temperature", "no sensor is connected: the row has no value"),
    ("apc_smart1500", "Battery Recommended Days", "a date; the days depend on when one asks"),
    ("apc_smart1500", "Last Battery Replacement", "a date"),
    ("apc_smx750", "Battery Recommended Days", "a date"),
    ("apc_smx750", "Last Battery Replacement", "a date"),
    ("apc_surt3000xl", "Bad batteries = -1", "-1: the UPS does not know"),
    ("eatonups", "Battery Test Status 0.0", "an index that no MIB has"),
    ("huaweiups_ups2000", " = 5 (", "50 Hz: RFC 1628 counts tenths"),
    ("huaweiups_ups2000", "4294967295", "2^32 - 1 minutes is a filler"),
    ("ios", "catalyst2950t24", "the name of the sysObjectID in a MIB; sysDescr says C2950"),
    ("jetdirect_m252dw", "Tray 2", "-3: some paper is left, nobody knows how much"),
    ("nxos_n3k-3064pq", "Receive Power = 0 ", "exactly 0 dBm: no light"),
    ("panos", "Log Collection", "not in the recording"),
    ("windows_svr_2019_1809", "loopback_0", "a text broken over lines in the recording"),
)
LEAST_PERCENT = {
    "identity": 98,
    "processors": 100,
    "memory": 100,
    "storage": 100,
    "ports": 99,
    "sensors": 98,
    "supplies": 85,
}


@pytest.fixture(scope="module")
def scores() -> dict[str, dict[str, Group]]:
    if not RECORDINGS:
        pytest.skip(ABSENT)
    return score_folder(FOLDER)


@pytest.fixture(scope="module")
def totals(scores: dict[str, dict[str, Group]]) -> dict[str, Group]:
    found = {name: Group() for name in GROUPS}
    for groups in scores.values():
        for name, group in groups.items():
            found[name].add(group)
    return found


@pytest.mark.parametrize("path", RECORDINGS or [None], ids=lambda path: path.stem if path else "absent")
def test_every_recording_is_read_and_judged(path: Path | None) -> None:
    if path is None:
        pytest.skip(ABSENT)
    raw = path.read_bytes()
    facts = facts_from_recording(raw)
    identity = facts.identity
    walk = Walk((0, varbind) for varbind in parse_lines(raw, []))
    said = walk.text("1.3.6.1.2.1.1.5") or walk.text("1.3.6.1.2.1.1.1")
    assert identity.name or identity.description or not said
    assert identity.object_id
    assert identity.platform
    if walk.column("1.3.6.1.2.1.2.2.1.2"):
        assert facts.interfaces
    _readings_are_sane(facts)
    findings = judge(facts, Target("key", "192.0.2.1", ()), _NOW)
    assert not [
        one for one in findings if one.outcome is Outcome.PARSE_FAILED and "rule itself" in str(one.message)
    ]


def _readings_are_sane(facts: DeviceFacts) -> None:
    assert len({(one.kind, one.name) for one in facts.sensors}) == len(facts.sensors)
    for group in (facts.processors, facts.memory, facts.storage):
        assert len({one.name for one in group}) == len(group)
    for sensor in facts.sensors:
        assert sensor.name, sensor
        assert abs(sensor.value) < 1e10, sensor
        if sensor.kind == "temperature":
            assert -60 < sensor.value < 200, sensor
        if sensor.kind == "dbm":
            assert -40 < sensor.value < 30, sensor
        if sensor.kind == "state":
            assert sensor.state_outcome is not None
            assert sensor.state_type
    for pool in facts.memory:
        assert 0 <= pool.used_percent <= 100
    for volume in facts.storage:
        assert volume.total_bytes > 0
    for processor in facts.processors:
        assert 0 <= processor.usage_percent <= 100


@pytest.mark.parametrize("group", GROUPS)
def test_we_find_what_another_system_finds(group: str, totals: dict[str, Group]) -> None:
    share = totals[group].share_percent
    if share is None:
        pytest.skip(f"no recording in {FOLDER} expects any of these")
    assert share >= LEAST_PERCENT[group]


def test_what_we_do_not_find_is_known_and_has_a_reason(scores: dict[str, dict[str, Group]]) -> None:
    missing = [
        (name, words)
        for name, groups in scores.items()
        for group in groups.values()
        for words in group.missing
    ]
    known = {(name, part) for name, part, _ in KNOWN_BETTER}
    unexplained = [
        (name, words)
        for name, words in missing
        if name in {one for one, _ in known} and not any(name == one and part in words for one, part in known)
    ]
    assert not unexplained
