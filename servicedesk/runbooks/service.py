"""Following a runbook: begun, taken over, answered step by step, skipped with a reason, ended."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.i18n import select_locale
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.runbooks import notices
from servicedesk.runbooks.definition import ROLES, Runbook, Step
from servicedesk.runbooks.library import of_text
from servicedesk.runbooks.models import RunbookRun, RunbookStep, RunbookVersion
from servicedesk.runbooks.progress import Progress, progress
from servicedesk.staff.models import User
from servicedesk.staff.queries import holders
from servicedesk.tickets import belongings
from servicedesk.tickets import service as tickets
from servicedesk.tickets.models import Ticket, TimelineEntry

MOVED = _l("Somebody has gone on with this runbook meanwhile. Look at it again, then decide.")


def may_work(ticket: Ticket, actor: Actor) -> bool:
    """Whether runs of this ticket are the actor's business."""
    return actor.allows(Permission.TICKET_WORK, ticket.client_id, ticket.site_id)


def holds(role: str, ticket: Ticket, actor: Actor) -> bool:
    """Whether the actor has this role of a runbook in the ticket's scope."""
    return actor.allows(ROLES[role], ticket.client_id, ticket.site_id)


def _require(ticket: Ticket, actor: Actor) -> None:
    if not may_work(ticket, actor):
        raise NotAllowedError
    if ticket.phase == "closed":
        raise ConflictError(_("The ticket is closed. Reopen it to go on."))


def start(
    ticket: Ticket, runbook: Runbook, *, device_id: int | None = None, actor: Actor, now: datetime
) -> RunbookRun:
    """Begin to follow a runbook for a ticket.

    Args:
        device_id: which of the ticket's devices its steps ask; the ticket's own without it.
    Raises:
        NotAllowedError: the runbook asks for a role the actor has not.
        ConflictError: it is being followed already, or the ticket is closed.
    """
    ticket = tickets.locked(ticket)
    _require(ticket, actor)
    if not holds(runbook.role, ticket, actor):
        raise NotAllowedError
    device = _device(ticket, device_id)
    active = sa.select(RunbookRun.id).where(
        RunbookRun.ticket_id == ticket.id, RunbookRun.key == runbook.key, RunbookRun.state == "active"
    )
    if db.session.scalar(active) is not None:
        raise ConflictError(_("This runbook is being followed already: go on with it."))
    run = RunbookRun(
        ticket_id=ticket.id,
        version_id=_version(runbook, now).id,
        key=runbook.key,
        device_id=device.id if device else None,
        owner_id=actor.user_id,
        started_by=actor.name,
        started_at=now,
        step_since=now,
        blocking=progress(runbook, ()).blocking,
    )
    db.session.add(run)
    db.session.flush()
    say(run, ticket, "started", actor=actor, now=now)
    notices.stands_at(run, runbook, progress(runbook, ()).current, actor=actor, now=now)
    after = {"runbook": runbook.key, "version": runbook.version}
    audit.record(
        actor, "runbook.started", run, now=now, label=ticket.number, client_id=ticket.client_id, after=after
    )
    return run


def _device(ticket: Ticket, device_id: int | None) -> Device | None:
    if device_id is None:
        return ticket.device
    device = next((one for one in belongings.devices_of(ticket) if one.id == device_id), None)
    if device is None:
        raise InvalidError(_("There is no such device here."), "device_id")
    return device


def _version(runbook: Runbook, now: datetime) -> RunbookVersion:
    """The stored text, stored now when it is followed for the first time."""
    sha256 = hashlib.sha256(runbook.text.encode()).hexdigest()
    wanted = sa.select(RunbookVersion).where(
        RunbookVersion.key == runbook.key, RunbookVersion.sha256 == sha256
    )
    row = db.session.scalar(wanted)
    if row is None:
        row = RunbookVersion(
            key=runbook.key, number=runbook.version, sha256=sha256, source=runbook.text, created_at=now
        )
        db.session.add(row)
        db.session.flush()
    return row


def runbook_of(run: RunbookRun) -> Runbook:
    """The text this run follows."""
    return of_text(run.version.source)


def standing(run: RunbookRun) -> Progress:
    """Where it stands."""
    return progress(runbook_of(run), run.steps)


def locked(run: RunbookRun) -> RunbookRun:
    """The run read again and locked, its ticket before it: always in this order."""
    tickets.locked(run.ticket)
    row = db.session.scalars(for_update(sa.select(RunbookRun).where(RunbookRun.id == run.id))).one()
    db.session.refresh(row, ["steps", "state", "step_since", "owner_id"])
    return row


def current_step(run: RunbookRun, key: str, actor: Actor) -> Step:
    """The present step of an active run, which the actor's page must have shown.

    Raises:
        ConflictError: the run is over or has gone on.
    """
    _require(run.ticket, actor)
    step = standing(run).current
    if run.state != "active" or step is None or step.key != key:
        raise ConflictError(MOVED)
    return step


def record_of(run: RunbookRun, step: Step) -> RunbookStep | None:
    """What was begun at a step."""
    return next((record for record in run.steps if record.step == step.key), None)


def skip(run: RunbookRun, key: str, reason: str, *, actor: Actor, now: datetime) -> RunbookStep:
    """Go on without doing the present step. A mandatory one keeps the ticket open until a supervisor
    accepts that (who skips as a supervisor has accepted it)."""
    run = locked(run)
    step = current_step(run, key, actor)
    if not reason.strip():
        raise InvalidError(_("Say why this step is skipped."), "note")
    record = record_of(run, step) or RunbookStep(run_id=run.id, step=step.key, began_at=run.step_since)
    record.note = reason.strip()[:4000]
    if step.mandatory and holds("supervisor", run.ticket, actor):
        record.accepted_by = actor.name
    put(run, record, "skipped", actor, now)
    say(run, run.ticket, "skipped", step=step, body=record.note, actor=actor, now=now)
    if step.mandatory:
        _audit(run, "runbook.step_skipped", actor, now, step=step.key, reason=record.note)
        if not record.accepted_by:
            notices.skipped(run, runbook_of(run), step, actor=actor, now=now)
    return record


def accept_skip(run: RunbookRun, key: str, *, actor: Actor, now: datetime) -> None:
    """A supervisor lets a skipped mandatory step be."""
    run = locked(run)
    _require(run.ticket, actor)
    if not holds("supervisor", run.ticket, actor):
        raise NotAllowedError
    record = next((one for one in run.steps if one.step == key and one.state == "skipped"), None)
    if record is None or record.accepted_by:
        raise ConflictError(MOVED)
    record.accepted_by = actor.name
    run.blocking = standing(run).blocking
    _audit(run, "runbook.skip_accepted", actor, now, step=key)
    db.session.flush()


def put(run: RunbookRun, record: RunbookStep, state: str, actor: Actor, now: datetime) -> None:
    """Store a step that is over, and bring the run up to date."""
    record.state, record.done_at = state, now
    record.actor_id, record.actor_name = actor.user_id, actor.name
    if record not in run.steps:
        run.steps.append(record)
    db.session.flush()
    run.step_since = now
    stands = standing(run)
    run.blocking = stands.blocking
    if stands.current is None:
        run.state, run.finished_at = "done", now
        say(run, run.ticket, "finished", actor=actor, now=now)
        _audit(run, "runbook.finished", actor, now)
    db.session.flush()
    notices.stands_at(run, runbook_of(run), stands.current, actor=actor, now=now)


def take_over(run: RunbookRun, *, actor: Actor, now: datetime) -> None:
    """Go on with somebody else's run."""
    run = locked(run)
    _require(run.ticket, actor)
    if run.state != "active":
        raise ConflictError(MOVED)
    if actor.user_id is None:
        raise NotAllowedError
    give_to(run, db.session.get_one(User, actor.user_id), actor=actor, now=now)


def give_to(run: RunbookRun, person: User, *, actor: Actor, now: datetime) -> None:
    """Make somebody the one who goes on."""
    if run.owner_id == person.id:
        return
    run.owner_id = person.id
    say(run, run.ticket, "handed_over", actor=actor, now=now, to=person.display_name)
    _audit(run, "runbook.handed_over", actor, now, to=person.display_name)


def people(ticket: Ticket) -> list[User]:
    """Who may go on with a run of this ticket."""
    found = holders(Permission.TICKET_WORK, ticket.client_id, site_id=ticket.site_id)
    return sorted(found, key=lambda user: user.display_name)


def end_early(run: RunbookRun, reason: str, *, actor: Actor, now: datetime) -> None:
    """End a run before its end, so that it keeps the ticket no longer. Whoever works on the ticket may while
    nothing was done at it yet; afterwards it takes a supervisor, and is audited as an override."""
    run = locked(run)
    _require(run.ticket, actor)
    unfinished = run.state == "active" or (run.state == "done" and run.blocking)
    if not unfinished:
        raise ConflictError(MOVED)
    begun = any(record.state in ("done", "skipped") for record in run.steps)
    if begun and not holds("supervisor", run.ticket, actor):
        raise NotAllowedError(_("Steps were done already: a supervisor may end it before its end."))
    if not reason.strip():
        raise InvalidError(_("Say why it is ended."), "reason")
    run.state = "overridden" if begun else "stopped"
    run.reason, run.finished_at, run.blocking = reason.strip()[:4000], now, 0
    say(run, run.ticket, run.state, body=run.reason, actor=actor, now=now)
    _audit(run, "runbook.overridden" if begun else "runbook.stopped", actor, now, reason=run.reason)


def say(
    run: RunbookRun,
    ticket: Ticket,
    event: str,
    *,
    step: Step | None = None,
    body: str = "",
    actor: Actor,
    now: datetime,
    **more: Any,
) -> TimelineEntry:
    """An internal entry of the ticket: a run is part of its record. Titles are kept in both languages."""
    title = runbook_of(run).title
    data: dict[str, Any] = {"event": event, "run_id": run.id, "en": title.en, "zh": title.zh, **more}
    if step is not None:
        data |= {"step_en": step.title.en, "step_zh": step.title.zh}
    return tickets.add_entry(ticket, "runbook", actor=actor, now=now, body=body, internal=True, data=data)


def _audit(run: RunbookRun, action: str, actor: Actor, now: datetime, **after: Any) -> None:
    audit.record(
        actor,
        action,
        run,
        now=now,
        label=run.ticket.number,
        client_id=run.ticket.client_id,
        after={"runbook": run.key, **after},
    )


def objection(ticket: Ticket, now: datetime) -> str | None:
    """Why a ticket with an unfinished runbook is not resolved yet."""
    run = db.session.scalars(
        sa.select(RunbookRun).where(RunbookRun.ticket_id == ticket.id, RunbookRun.blocking > 0).limit(1)
    ).first()
    if run is None:
        return None
    title = runbook_of(run).title.say(select_locale())
    if run.state == "active":
        return _("Finish the runbook “%(title)s” first, or let a supervisor end it.", title=title)
    return _("A mandatory step of “%(title)s” was skipped: a supervisor accepts that first.", title=title)
