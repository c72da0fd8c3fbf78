"""What reviewers say to the authors about a chapter: open until somebody resolves it, with answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.core.sentences import N_
from servicedesk.notifications.events import Event, Subject
from servicedesk.notifications.service import notify
from servicedesk.reports.deep.models import DeepRemark, DeepReport, DeepText
from servicedesk.reports.deep.sections import BY_KEY
from servicedesk.reports.deep.service import label
from servicedesk.reports.deep.states import DRAFT, UNDER_REVIEW
from servicedesk.reports.deep.texts import SUMMARY, is_inside, plain

KIND = "deep_report"
OPEN_IN = frozenset({DRAFT, *UNDER_REVIEW})


@dataclass(slots=True)
class Thread:
    """A remark and its answers, oldest first."""

    remark: DeepRemark
    answers: list[DeepRemark] = field(default_factory=list)


def may_remark(report: DeepReport, actor: Actor) -> bool:
    """Until it is issued, by all who have a part in making it."""
    return report.state in OPEN_IN and is_inside(report, actor)


def by_chapter(report_id: int) -> Mapping[str, Sequence[Thread]]:
    """All remarks of a report; open ones first."""
    rows = db.session.scalars(
        sa.select(DeepRemark).where(DeepRemark.report_id == report_id).order_by(DeepRemark.id)
    ).all()
    threads = {row.id: Thread(row) for row in rows if row.parent_id is None}
    for row in rows:
        if row.parent_id is not None:
            threads[row.parent_id].answers.append(row)
    found: dict[str, list[Thread]] = defaultdict(list)
    for thread in sorted(threads.values(), key=lambda one: one.remark.resolved_at is not None):
        found[thread.remark.chapter].append(thread)
    return found


def open_among(threads: Mapping[str, Sequence[Thread]]) -> int:
    """How many are not resolved."""
    return sum(one.remark.resolved_at is None for found in threads.values() for one in found)


def add(
    report_id: int, chapter: str, body: str, parent_id: int | None = None, *, actor: Actor, now: datetime
) -> DeepRemark:
    """Say something about a chapter, or answer; those who wrote there are told.

    Raises:
        InvalidError, NotAllowedError, ConflictError.
        NotFoundError: no such chapter, or no such remark in it.
    """
    report = _locked(report_id, actor)
    body = plain(body)
    if not body:
        raise InvalidError(_("Please write a few words."))
    if chapter != SUMMARY and chapter not in BY_KEY:
        raise NotFoundError
    if parent_id is not None:
        parent = _remark(report_id, parent_id)
        if parent.parent_id is not None or parent.chapter != chapter:
            raise NotFoundError
    made = DeepRemark(
        report_id=report_id,
        parent_id=parent_id,
        chapter=chapter,
        body=body,
        author_id=actor.user_id,
        author=actor.name,
        created_at=now,
    )
    db.session.add(made)
    db.session.flush()
    audit.record(actor, "deep_report.remarked", report, now=now, label=label(report), after=_kept(made))
    _tell(report, made, actor=actor, now=now)
    return made


def resolve(report_id: int, remark_id: int, *, resolved: bool, actor: Actor, now: datetime) -> DeepRemark:
    """Say that a remark is dealt with, or open it again."""
    report = _locked(report_id, actor)
    found = _remark(report_id, remark_id)
    if found.parent_id is not None:
        raise NotFoundError
    if (found.resolved_at is not None) == resolved:
        raise ConflictError(_("This was done already. Load the page again."))
    found.resolved_at, found.resolved_by = (now, actor.name) if resolved else (None, "")
    action = "deep_report.remark_resolved" if resolved else "deep_report.remark_reopened"
    audit.record(actor, action, report, now=now, label=label(report), after=_kept(found))
    return found


def _locked(report_id: int, actor: Actor) -> DeepReport:
    report = db.session.scalars(for_update(sa.select(DeepReport).where(DeepReport.id == report_id))).one()
    if not is_inside(report, actor):
        raise NotAllowedError
    if report.state not in OPEN_IN:
        raise ConflictError(_("The report is issued; what is to be changed makes a new edition."))
    return report


def _remark(report_id: int, remark_id: int) -> DeepRemark:
    found = db.session.get(DeepRemark, remark_id)
    if found is None or found.report_id != report_id:
        raise NotFoundError
    return found


def _kept(remark: DeepRemark) -> dict[str, str]:
    return {"section": remark.chapter, "text": remark.body[:200]}


def _tell(report: DeepReport, remark: DeepRemark, *, actor: Actor, now: datetime) -> None:
    """Who ordered the report, who wrote in the chapter, and who said something in the same thread."""
    people = {report.created_by_id}
    in_chapter = sa.or_(
        DeepText.slot == remark.chapter,
        *(DeepText.slot.startswith(f"{remark.chapter}{mark}", autoescape=True) for mark in ".:"),
    )
    people |= set(
        db.session.scalars(
            sa.select(DeepText.author_id).where(DeepText.report_id == report.id, in_chapter).distinct()
        )
    )
    if remark.parent_id is not None:
        same = sa.or_(DeepRemark.id == remark.parent_id, DeepRemark.parent_id == remark.parent_id)
        people |= set(db.session.scalars(sa.select(DeepRemark.author_id).where(same)))
    title = f"{report.period} · {report.client.name}"
    path = f"/reports/deep/{report.id}#{remark.chapter}"
    event = Event(
        name="report.remark",
        key=f"deep-remark:{remark.id}",
        subject=Subject(KIND, report.id, "", title, path, report.client_id, report.site_id),
        template=N_("%(actor)s commented on the half-yearly report %(title)s"),
        values={"actor": actor.name, "title": title},
        people={"author": {one for one in people if one is not None}},
        excerpt=remark.body,
        internal=True,
    )
    notify(event, actor=actor, now=now)


def who_may_see(report_id: int, actors: Sequence[Actor], internal: bool) -> set[int]:
    """Account numbers of those among the actors who may see the report, or what is said about it inside."""
    report = db.session.get(DeepReport, report_id)
    if report is None:
        return set()
    return {
        actor.user_id
        for actor in actors
        if actor.user_id is not None
        and actor.allows(Permission.INSPECTION_VIEW, report.client_id, report.site_id)
        and (not internal or is_inside(report, actor))
    }
