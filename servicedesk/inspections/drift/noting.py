"""After a visit: keep a changed configuration, and judge what differs from the record.

A difference within an approved change becomes evidence of that change; any other is an unregistered
change until somebody accepts it or the device is as it was.
"""

from __future__ import annotations

import difflib
from datetime import datetime

import sqlalchemy as sa

from collectors.checks.device.configuration import CONFIGURATION_CHANGE, IDENTITY_DRIFT
from collectors.configuration import Configuration
from collectors.messages import N_
from collectors.model import Finding as Judgement
from collectors.model import Identity, Message, Visit
from collectors.outcome import Outcome
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.equipment.models import Device
from servicedesk.inspections.drift.changes import approved_change
from servicedesk.inspections.drift.composing import note_composition
from servicedesk.inspections.drift.models import ACCEPTED, UNREGISTERED, ConfigurationVersion
from servicedesk.inspections.models import InspectionRecord
from servicedesk.tickets import service as tickets
from servicedesk.tickets.models import Ticket

ACTOR = Actor.system(N_("inspection"))
# Recorded by hand as people write it, told by the device as it does: both are looked at loosely.
IDENTITY = (("model", "model"), ("serial", "serial"), ("software_version", "version"))


def note(device: Device, record: InspectionRecord, visit: Visit, *, now: datetime) -> list[Judgement]:
    """The judgements of what differs from the record, in the caller's transaction."""
    judged = _identity(device, record, visit.facts.identity, now) if visit.facts.asked else []
    configuration = visit.facts.extra.get("configuration")
    if isinstance(configuration, Configuration):
        judged.append(_configuration(device, record, configuration, now))
    judged += note_composition(device, record, visit, now=now)
    return judged


def latest(device_id: int) -> ConfigurationVersion | None:
    """The device's present configuration."""
    statement = sa.select(ConfigurationVersion).where(ConfigurationVersion.device_id == device_id)
    return db.session.scalar(statement.order_by(ConfigurationVersion.id.desc()).limit(1))


def counted(before: str, after: str) -> tuple[int, int]:
    """Lines added and removed."""
    old, new = before.splitlines(), after.splitlines()
    added = removed = 0
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            removed, added = removed + b - a, added + d - c
    return added, removed


def _configuration(
    device: Device, record: InspectionRecord, found: Configuration, now: datetime
) -> Judgement:
    version = latest(device.id)
    if version is not None and version.sha256 == found.sha256:
        version.last_at = now
    else:
        version = _keep(device, record, found, version, now)
    if version.state == ACCEPTED:
        sentence = Message(N_("As accepted: version %(number)s"), {"number": version.number})
        return Judgement(CONFIGURATION_CHANGE, "", Outcome.OK, sentence, evidence=found.evidence)
    values = {"added": version.added, "removed": version.removed, "number": version.number}
    sentence = Message(
        N_(
            "Changed outside an approved change: %(added)s lines added, %(removed)s removed"
            " (version %(number)s)"
        ),
        values,
    )
    return Judgement(CONFIGURATION_CHANGE, "", Outcome.WARNING, sentence, evidence=found.evidence)


def _keep(
    device: Device,
    record: InspectionRecord,
    found: Configuration,
    before: ConfigurationVersion | None,
    now: datetime,
) -> ConfigurationVersion:
    added, removed = counted(before.text, found.text) if before is not None else (found.lines, 0)
    version = ConfigurationVersion(
        device_id=device.id,
        number=before.number + 1 if before is not None else 1,
        sha256=found.sha256,
        content=ConfigurationVersion.packed(found.text),
        lines=found.lines,
        added=added,
        removed=removed,
        first_at=now,
        last_at=now,
        record_id=record.id,
        state=UNREGISTERED,
    )
    db.session.add(version)
    change = approved_change(device, before.last_at, now) if before is not None else None
    if before is None or _was_accepted(device.id, found.sha256):
        version.state, version.accepted_at = ACCEPTED, now
    elif change is not None:
        version.state, version.accepted_at, version.change_id = ACCEPTED, now, change.id
        data = {
            "event": "configuration",
            "device_id": device.id,
            "device": device.name,
            "number": version.number,
            "added": added,
            "removed": removed,
            "record_id": record.id,
        }
        tickets.add_entry(change, "drift", actor=ACTOR, now=now, data=data)
    db.session.flush()
    return version


def _was_accepted(device_id: int, sha256: str) -> bool:
    """Whether the device is as it was accepted last: somebody took the change back."""
    statement = sa.select(ConfigurationVersion.sha256).where(
        ConfigurationVersion.device_id == device_id, ConfigurationVersion.state == ACCEPTED
    )
    return db.session.scalar(statement.order_by(ConfigurationVersion.id.desc()).limit(1)) == sha256


def _identity(device: Device, record: InspectionRecord, found: Identity, now: datetime) -> list[Judgement]:
    judged = []
    for name, told in IDENTITY:
        recorded, value = str(getattr(device, name) or ""), str(getattr(found, told) or "").strip()[:200]
        if not recorded or not value:
            continue
        if same(recorded, value):
            sentence = Message(N_("As recorded: %(value)s"), {"value": value})
            judged.append(Judgement(IDENTITY_DRIFT, name, Outcome.OK, sentence))
            continue
        change = approved_change(device, device.last_inspected_at or now, now)
        if change is not None:
            judged.append(_registered(device, record, change, name, value, now))
            continue
        values = {"recorded": recorded, "value": value}
        sentence = Message(N_("Recorded %(recorded)s, found %(value)s"), values)
        judged.append(Judgement(IDENTITY_DRIFT, name, Outcome.WARNING, sentence))
    return judged


def same(recorded: str, found: str) -> bool:
    """Whether what people wrote and what the device tells mean the same: one contains the other."""
    a, b = ("".join(text.casefold().split()) for text in (recorded, found))
    return a in b or b in a


def _registered(
    device: Device, record: InspectionRecord, change: Ticket, name: str, value: str, now: datetime
) -> Judgement:
    """Within an approved change the record follows the device, and the change says so."""
    before = {name: getattr(device, name)}
    put_into_record(device, name, value, actor=ACTOR, now=now)
    data = {
        "event": "identity",
        "device_id": device.id,
        "device": device.name,
        "field": name,
        "before": before[name],
        "after": value,
        "record_id": record.id,
    }
    tickets.add_entry(change, "drift", actor=ACTOR, now=now, data=data)
    sentence = Message(
        N_("Changed to %(value)s within %(change)s"), {"value": value, "change": change.number}
    )
    return Judgement(IDENTITY_DRIFT, name, Outcome.OK, sentence)


def put_into_record(device: Device, name: str, value: str, *, actor: Actor, now: datetime) -> None:
    """Let the record say what the device told; part of its history."""
    before, after = {name: getattr(device, name)}, {name: value}
    setattr(device, name, value)
    audit.record(actor, "device.updated", device, now=now, label=device.name, before=before, after=after)
