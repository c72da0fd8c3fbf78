"""After a visit: keep a changed configuration, and judge what differs from the record.

A difference within an approved change becomes evidence of that change; any other is an unregistered
change until somebody accepts it or the device is as it was.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from collectors.checks.device.configuration import CONFIGURATION_CHANGE, IDENTITY_DRIFT
from collectors.configuration import Configuration
from collectors.files import ChosenFile, ChosenFiles
from collectors.messages import N_
from collectors.model import Evidence, Identity, Message, Visit
from collectors.model import Finding as Judgement
from collectors.outcome import Outcome
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.equipment.models import Device
from servicedesk.inspections.drift.changes import approved_change
from servicedesk.inspections.drift.composing import note_composition
from servicedesk.inspections.drift.models import ABSENT, ACCEPTED, UNREGISTERED, ConfigurationVersion
from servicedesk.inspections.models import InspectionRecord
from servicedesk.tickets import service as tickets
from servicedesk.tickets.models import Ticket

ACTOR = Actor.system(N_("inspection"))
# Recorded by hand as people write it, told by the device as it does: both are looked at loosely.
IDENTITY = (("model", "model"), ("serial", "serial"), ("software_version", "version"))


@dataclass(frozen=True, slots=True)
class ReadText:
    """What a visit read: the configuration (``path`` "") or a file; ``ABSENT`` instead of a digest when the
    file is gone."""

    path: str
    text: str
    lines: int
    sha256: str
    evidence: Evidence | None = None

    @classmethod
    def of(cls, found: Configuration | ChosenFile, path: str = "") -> ReadText:
        """From what the collector brought."""
        return cls(path, found.text, found.lines, found.sha256, found.evidence)


def note(device: Device, record: InspectionRecord, visit: Visit, *, now: datetime) -> list[Judgement]:
    """The judgements of what differs from the record, in the caller's transaction."""
    judged = _identity(device, record, visit.facts.identity, now) if visit.facts.asked else []
    configuration = visit.facts.extra.get("configuration")
    if isinstance(configuration, Configuration):
        text = ReadText(
            "", configuration.text, configuration.lines, configuration.sha256, configuration.evidence
        )
        judged.append(note_text(device, record, text, latest(device.id), now))
    chosen = visit.facts.extra.get("chosen_files")
    if isinstance(chosen, ChosenFiles):
        judged += _files(device, record, chosen, now)
    judged += note_composition(device, record, visit, now=now)
    return judged


def present_texts(device_id: int) -> dict[str, ConfigurationVersion]:
    """The newest version of each path, without the texts; the configuration of network gear is ""."""
    newest = (
        sa.select(sa.func.max(ConfigurationVersion.id))
        .where(ConfigurationVersion.device_id == device_id)
        .group_by(ConfigurationVersion.path)
    )
    rows = db.session.scalars(
        sa.select(ConfigurationVersion)
        .where(ConfigurationVersion.id.in_(newest))
        .order_by(ConfigurationVersion.path)
    )
    return {row.path: row for row in rows}


def _files(device: Device, record: InspectionRecord, chosen: ChosenFiles, now: datetime) -> list[Judgement]:
    """Each file that was read, each that is gone, and those that nobody asks for any more."""
    known = present_texts(device.id)
    judged, gone = [], []
    for one in chosen.files:
        if one.outcome is Outcome.OK:
            judged.append(note_text(device, record, ReadText.of(one, one.path), known.get(one.path), now))
        elif one.outcome is Outcome.NOT_APPLICABLE and one.path in known:
            gone.append(one.path)
    gone += [path for path in known if path and chosen.gone(path)]
    judged += [note_text(device, record, ReadText(path, "", 0, ABSENT), known[path], now) for path in gone]
    for path, version in known.items():
        if path and version.state == UNREGISTERED and not chosen.asked(path):
            sentence = Message(N_("This file is no longer chosen."))
            judged.append(Judgement(CONFIGURATION_CHANGE, path, Outcome.OK, sentence))
    return judged


def latest(device_id: int, path: str = "") -> ConfigurationVersion | None:
    """The device's present configuration, or that of one of its files."""
    statement = sa.select(ConfigurationVersion).where(
        ConfigurationVersion.device_id == device_id, ConfigurationVersion.path == path
    )
    return db.session.scalar(statement.order_by(ConfigurationVersion.id.desc()).limit(1))


def counted(before: str, after: str) -> tuple[int, int]:
    """Lines added and removed."""
    old, new = before.splitlines(), after.splitlines()
    added = removed = 0
    for tag, a, b, c, d in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            removed, added = removed + b - a, added + d - c
    return added, removed


def note_text(
    device: Device,
    record: InspectionRecord,
    found: ReadText,
    before: ConfigurationVersion | None,
    now: datetime,
) -> Judgement:
    """Keep a text when it is another than before, and judge whether it is as it was accepted."""
    version = before
    if version is not None and version.sha256 == found.sha256:
        version.last_at = now
    else:
        version = _keep(device, record, found, before, now)
    if version.state == ACCEPTED:
        sentence = Message(N_("As accepted: version %(number)s"), {"number": version.number})
        return Judgement(CONFIGURATION_CHANGE, found.path, Outcome.OK, sentence, evidence=found.evidence)
    if version.absent:
        sentence = Message(
            N_("The file is gone, outside an approved change (version %(number)s)"),
            {"number": version.number},
        )
        return Judgement(CONFIGURATION_CHANGE, found.path, Outcome.WARNING, sentence)
    values = {"added": version.added, "removed": version.removed, "number": version.number}
    sentence = Message(
        N_(
            "Changed outside an approved change: %(added)s lines added, %(removed)s removed"
            " (version %(number)s)"
        ),
        values,
    )
    return Judgement(CONFIGURATION_CHANGE, found.path, Outcome.WARNING, sentence, evidence=found.evidence)


def _keep(
    device: Device,
    record: InspectionRecord,
    found: ReadText,
    before: ConfigurationVersion | None,
    now: datetime,
) -> ConfigurationVersion:
    added, removed = counted(before.text, found.text) if before is not None else (found.lines, 0)
    version = ConfigurationVersion(
        device_id=device.id,
        path=found.path,
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
    if before is None or _was_accepted(device.id, found):
        version.state, version.accepted_at = ACCEPTED, now
    elif change is not None:
        version.state, version.accepted_at, version.change_id = ACCEPTED, now, change.id
        data = {
            "event": "configuration",
            "device_id": device.id,
            "device": f"{device.name} {found.path}".strip(),
            "path": found.path,
            "number": version.number,
            "added": added,
            "removed": removed,
            "record_id": record.id,
        }
        tickets.add_entry(change, "drift", actor=ACTOR, now=now, data=data)
    db.session.flush()
    return version


def _was_accepted(device_id: int, found: ReadText) -> bool:
    """Whether the text is as it was accepted last: somebody took the change back."""
    statement = sa.select(ConfigurationVersion.sha256).where(
        ConfigurationVersion.device_id == device_id,
        ConfigurationVersion.path == found.path,
        ConfigurationVersion.state == ACCEPTED,
    )
    return db.session.scalar(statement.order_by(ConfigurationVersion.id.desc()).limit(1)) == found.sha256


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
