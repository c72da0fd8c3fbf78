"""What people write into a report: state, analysis and recommendation of each chapter, and the summary.

A written text stands in place of what rules drafted; an empty one lets the draft stand. Every text is kept
in versions. Texts are no part of the gathered data: they have a hash of their own beside it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.reports.deep.building import canonical
from servicedesk.reports.deep.content import PARTS
from servicedesk.reports.deep.models import DeepReport, DeepSignature, DeepText
from servicedesk.reports.deep.sections import BY_KEY
from servicedesk.reports.deep.service import label
from servicedesk.reports.deep.states import DRAFT

FORMAT = 1
SUMMARY = "summary"
BURST = timedelta(minutes=10)  # from its first save on, one author's saves are one version
NEARBY = timedelta(minutes=2)  # somebody who saved so short ago is probably still writing
MAX_LENGTH = 20_000
INSIDE = (Permission.REPORT_EDIT, Permission.INSPECTION_REVIEW, Permission.REPORT_ISSUE)
_SLOT = re.compile(r"([a-z_]+)(?::([a-z_]+))?\.([a-z]+)")


class TextConflictError(ConflictError):
    """Somebody else saved the text meanwhile; ``latest`` is theirs."""

    def __init__(self, latest: DeepText | None) -> None:
        name = latest.author if latest is not None else ""
        super().__init__(_("%(name)s saved this text meanwhile. Nothing is lost: see both below.", name=name))
        self.latest = latest


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a text stands. ``subject``: a device class in the chapter about systems, else empty."""

    chapter: str
    subject: str = ""
    part: str = ""

    @property
    def key(self) -> str:
        """As stored and in addresses: "summary", "health.state", "classes:server.advice"."""
        if self.chapter == SUMMARY:
            return SUMMARY
        return f"{self.chapter}{':' if self.subject else ''}{self.subject}.{self.part}"


def slots_of(chapter: str, data: Mapping[str, Any]) -> list[Slot]:
    """The texts a chapter of this report has: one for each part, of each class where rules draft by class."""
    if chapter == SUMMARY:
        return [Slot(SUMMARY)]
    if chapter not in BY_KEY or chapter not in data["sections"]:
        raise NotFoundError
    sentences = data["sections"][chapter]["sentences"]
    subjects = list(dict.fromkeys(one["subject"] for one in sentences)) or [""]
    return [Slot(chapter, subject, part) for subject in subjects for part in PARTS]


def slot_named(key: str, data: Mapping[str, Any]) -> Slot:
    """The slot of an address.

    Raises:
        NotFoundError: this report has no such text.
    """
    if key == SUMMARY:
        return Slot(SUMMARY)
    found = _SLOT.fullmatch(key)
    if found is None:
        raise NotFoundError
    slot = Slot(found[1], found[2] or "", found[3])
    if slot not in slots_of(slot.chapter, data):
        raise NotFoundError
    return slot


def may_write(report: DeepReport, actor: Actor) -> bool:
    """Before the first signature, by those who write reports of the place."""
    return report.state == DRAFT and actor.allows(Permission.REPORT_EDIT, report.client_id, report.site_id)


def is_inside(report: DeepReport, actor: Actor) -> bool:
    """Whether the actor has a part in making the report, and so sees versions and remarks."""
    return any(actor.allows(one, report.client_id, report.site_id) for one in INSIDE)


def current(report_id: int) -> dict[str, DeepText]:
    """The last version of every text, by slot."""
    last = (
        sa.select(DeepText.slot, sa.func.max(DeepText.number).label("number"))
        .where(DeepText.report_id == report_id)
        .group_by(DeepText.slot)
        .subquery()
    )
    found = db.session.scalars(
        sa.select(DeepText)
        .join(last, sa.and_(last.c.slot == DeepText.slot, last.c.number == DeepText.number))
        .where(DeepText.report_id == report_id)
    )
    return {one.slot: one for one in found}


def bodies(report_id: int) -> dict[str, str]:
    """What stands in the report, by slot; empty texts are none."""
    return {slot: one.body for slot, one in current(report_id).items() if one.body}


def raw(texts: Mapping[str, str]) -> bytes:
    """Texts as they are hashed and handed out."""
    return canonical({"format": FORMAT, "texts": dict(texts)})


def hash_of(texts: Mapping[str, str]) -> str:
    """SHA-256 of ``raw``."""
    return hashlib.sha256(raw(texts)).hexdigest()


def versions(report_id: int, slot: Slot) -> Sequence[DeepText]:
    """All versions of a text, newest first."""
    return db.session.scalars(
        sa.select(DeepText)
        .where(DeepText.report_id == report_id, DeepText.slot == slot.key)
        .order_by(DeepText.number.desc())
    ).all()


def save(report_id: int, slot: Slot, body: str, revision: int, *, actor: Actor, now: datetime) -> int:
    """Keep a text as it is typed.

    Args:
        revision: that of the text the author has before them; 0 for none.

    Returns:
        The revision from now on.

    Raises:
        TextConflictError: somebody else saved it since; nothing is overwritten.
        ConflictError: the report is signed, and must be handed back first.
        NotAllowedError, InvalidError.
    """
    report = _writable(report_id, actor)
    last = _last(report_id, slot)
    if (last.revision if last is not None else 0) != revision:
        raise TextConflictError(last)
    body = plain(body)
    if last is None and not body:
        return 0
    if last is not None and last.body == body:
        return last.revision
    if last is not None and _goes_on(last, actor, now):
        last.body, last.saved_at, last.revision = body, now, last.revision + 1
        db.session.flush()
        return last.revision
    return _add(report, slot, body, last, actor=actor, now=now).revision


def restore(report_id: int, slot: Slot, number: int, *, actor: Actor, now: datetime) -> DeepText:
    """Make an older version the last one again, as a new version.

    Raises:
        NotFoundError, ConflictError, NotAllowedError.
    """
    report = _writable(report_id, actor)
    older = db.session.scalar(
        sa.select(DeepText).where(
            DeepText.report_id == report_id, DeepText.slot == slot.key, DeepText.number == number
        )
    )
    last = _last(report_id, slot)
    if older is None or last is None:
        raise NotFoundError
    if older.body == last.body:
        return last
    return _add(report, slot, older.body, last, actor=actor, now=now, restored=number)


def _writable(report_id: int, actor: Actor) -> DeepReport:
    report = db.session.scalars(for_update(sa.select(DeepReport).where(DeepReport.id == report_id))).one()
    if not actor.allows(Permission.REPORT_EDIT, report.client_id, report.site_id):
        raise NotAllowedError
    if report.state != DRAFT:
        raise ConflictError(_("The report is signed. Whoever wants to change its texts hands it back first."))
    return report


def _last(report_id: int, slot: Slot) -> DeepText | None:
    return db.session.scalar(
        sa.select(DeepText)
        .where(DeepText.report_id == report_id, DeepText.slot == slot.key)
        .order_by(DeepText.number.desc())
        .limit(1)
    )


def _goes_on(last: DeepText, actor: Actor, now: datetime) -> bool:
    """Whether a save belongs to the author's burst; what was restored or signed stays as it is."""
    burst = last.author_id == actor.user_id and last.restored is None and now - last.begun_at < BURST
    if not burst:
        return False
    signed = sa.select(DeepSignature.id).where(
        DeepSignature.report_id == last.report_id, DeepSignature.at >= last.saved_at
    )
    return db.session.scalar(signed.limit(1)) is None


def plain(body: str, most: int = MAX_LENGTH) -> str:
    """What somebody typed, with line ends of one kind.

    Raises:
        InvalidError: too long, or with control characters.
    """
    text = body.replace("\r\n", "\n").replace("\r", "\n").strip()
    if len(text) > most:
        raise InvalidError(_("This text is too long: at most %(count)s characters.", count=most))
    if any(ord(character) < 32 and character not in "\t\n" for character in text):
        raise InvalidError(_("This text contains control characters. Please type it again."))
    return text


def _add(
    report: DeepReport,
    slot: Slot,
    body: str,
    last: DeepText | None,
    *,
    actor: Actor,
    now: datetime,
    restored: int | None = None,
) -> DeepText:
    made = DeepText(
        report_id=report.id,
        slot=slot.key,
        number=last.number + 1 if last is not None else 1,
        revision=last.revision + 1 if last is not None else 1,
        body=body,
        restored=restored,
        author_id=actor.user_id,
        author=actor.name,
        begun_at=now,
        saved_at=now,
    )
    db.session.add(made)
    db.session.flush()
    after = {"text": slot.key, "version": made.number}
    audit.record(actor, "deep_report.written", report, now=now, label=label(report), after=after)
    return made
