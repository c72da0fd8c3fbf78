"""History judged again: what would be otherwise today, and not a row touched."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from collectors import transcripts
from collectors.model import Exchange, OwnCheck, Target, Transcript, Visit
from collectors.outcome import Outcome
from collectors.runner import judge_transcript
from servicedesk.cli.rejudge import rejudge as command
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.equipment.models import Device
from servicedesk.inspections import rejudging
from servicedesk.inspections.levels.models import LevelSetting
from servicedesk.inspections.models import Finding, InspectionRecord, InspectionRun, Reading
from servicedesk.inspections.own.models import OwnCheckDefinition
from servicedesk.inspections.own.service import OwnCheckData, save_own_check
from servicedesk.inspections.rejudging import Period, Rejudged, record_numbers
from servicedesk.inspections.runs import start_device
from servicedesk.inspections.signing import content_hash
from tests.servicedesk.inspections.play import finish, take
from tests.servicedesk.world import SYSTEM, World, fresh

OID = "1.3.6.1.4.1.99.1.2"


def visited(world: World, device: Device, text: str = "2|31") -> InspectionRun:
    """A visit whose transcript was truly judged."""
    with unit_of_work():
        run = start_device(device, actor=SYSTEM, now=world.now)
    claimed = take(run, world.now + timedelta(seconds=1))
    target: Target = claimed[1]
    exchange = Exchange("snmp", f"walk {OID}", f"{OID}.0|{text}\n".encode())
    told = {"snmp.outcome": "ok", "snmp.error": ""}
    transcript = Transcript(target.key, "127.0.0.1", world.now, 0.5, (exchange,), Outcome.OK, session=told)
    visit = Visit(transcript, *judge_transcript(transcript, target))
    assert finish(claimed, visit, world.now + timedelta(seconds=2))
    fresh()
    return run


def define(world: World, critical: float, found: OwnCheckDefinition | None = None) -> OwnCheckDefinition:
    data = OwnCheckData("Room", "oid", OID, unit="°C", critical=critical)
    client = world.organisations["north"].id
    with unit_of_work():
        return save_own_check(found, client, data, actor=SYSTEM, now=world.now)


def again(world: World, who: str = "") -> list[Rejudged]:
    period = Period(world.now - timedelta(days=1), world.now + timedelta(days=1))
    actor = world.actor(who) if who else SYSTEM
    return list(rejudging.rejudge(record_numbers(period, actor), runtime().blobs))


def state() -> list[object]:
    counts = [
        db.session.scalar(sa.select(sa.func.count()).select_from(model))
        for model in (Reading, Finding, InspectionRecord, LevelSetting)
    ]
    runs = db.session.scalars(sa.select(InspectionRun)).all()
    return [*counts, *(content_hash(run) for run in runs)]


def test_the_same_parsers_and_levels_give_the_same_verdicts(any_world: World) -> None:
    define(any_world, 30)
    visited(any_world, any_world.device(protocol="snmp"))
    (result,) = again(any_world)
    assert (result.changes, result.problem) == ((), "")


def test_another_level_shows_the_verdict_that_would_change_and_changes_nothing(any_world: World) -> None:
    world = any_world
    own = define(world, 30)
    visited(world, world.device(protocol="snmp"))
    before = state()
    define(world, 40, own)
    (result,) = again(world)
    (change,) = result.changes
    assert (change.check, change.kind, change.old, change.new) == (
        own.check,
        "changed",
        Outcome.CRITICAL,
        Outcome.OK,
    )
    fresh()
    assert state() == before


def test_a_mended_parser_shows_what_appears_and_what_is_gone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = define(world, 30)
    visited(world, world.device(protocol="snmp"))
    original = rejudging.judging_target

    def mended(device: Device, **values: object) -> Target:
        target = original(device, **values)  # type: ignore[arg-type]  # passed on
        return replace(target, own_checks=(OwnCheck("own:new", "New", "oid", OID, scale=2.0),))

    monkeypatch.setattr(rejudging, "judging_target", mended)
    (result,) = again(world)
    assert {(change.check, change.kind) for change in result.changes} == {
        (own.check, "gone"),
        ("own:new", "appeared"),
    }


def test_a_transcript_that_is_gone_or_was_altered_is_named_and_the_rest_goes_on(world: World) -> None:
    define(world, 30)
    for name in ("a", "b", "c"):
        visited(world, world.device(name, protocol="snmp"), f"2|3{ord(name) - 97}")
    records = db.session.scalars(sa.select(InspectionRecord).order_by(InspectionRecord.id)).all()
    blobs = runtime().blobs
    first, second = (blobs.root / r.transcript_sha256[:2] / r.transcript_sha256 for r in records[:2])
    first.unlink()
    genuine = transcripts.unpack(second.read_bytes())
    second.write_bytes(transcripts.pack(replace(genuine, address="10.9.9.9")))
    results = again(world)
    assert [bool(result.problem) for result in results] == [True, True, False]


def test_only_what_one_may_see_is_judged(world: World) -> None:
    define(world, 30)
    visited(world, world.device(protocol="snmp"))
    assert [len(again(world, who)) for who in ("sam", "erik", "stan", "rita")] == [1, 1, 0, 0]


def test_the_command_tells_what_would_change_by_its_exit_status(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = define(world, 30)
    visited(world, world.device(protocol="snmp"))
    data = str(runtime().settings.data)
    monkeypatch.setenv("SERVICEDESK_DATA", data)
    day = world.now.date().isoformat()
    arguments = ["--data", data, "--from", day, "--to", day]
    same = CliRunner().invoke(command, arguments)
    assert (same.exit_code, "1 records judged again: 0 verdicts would change" in same.output) == (0, True)
    define(world, 40, own)
    other = CliRunner().invoke(command, [*arguments, "--device", "sw1", "--json"])
    assert other.exit_code == 3
    assert '"would be": "ok (31)"' in other.output
    for wrong in (["--device", "nothing"], ["--from", "2026-12-02", "--to", "2026-12-01"], ["--from", "x"]):
        assert CliRunner().invoke(command, ["--data", data, *wrong]).exit_code in (1, 2)
