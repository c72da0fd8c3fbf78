"""Runs as far as an actor may see them: with the ticket they belong to, for those who work on it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.inspections.models import Finding
from servicedesk.runbooks.library import Situation
from servicedesk.runbooks.models import RunbookRun
from servicedesk.tickets.models import Attachment, ListEntry, Ticket
from servicedesk.tickets.queries import visible_clause


def visible_runs(actor: Actor) -> sa.ColumnElement[bool]:
    """Condition on the joined tickets: those whose runs the actor may see."""
    works = actor.scope(Permission.TICKET_WORK).clause(Ticket.client_id, Ticket.site_id)
    return sa.and_(visible_clause(actor), works)


def get_visible_run(run_id: int, actor: Actor) -> RunbookRun:
    """The run with all its page shows, or NotFoundError."""
    run = db.session.scalar(
        sa.select(RunbookRun)
        .join(Ticket, Ticket.id == RunbookRun.ticket_id)
        .where(RunbookRun.id == run_id, visible_runs(actor))
        .options(
            joinedload(RunbookRun.ticket),
            joinedload(RunbookRun.version),
            joinedload(RunbookRun.device),
            joinedload(RunbookRun.owner),
            selectinload(RunbookRun.steps),
        )
    )
    if run is None:
        raise NotFoundError
    return run


def runs_of(ticket: Ticket) -> Sequence[RunbookRun]:
    """A ticket's runs, oldest first."""
    return db.session.scalars(
        sa.select(RunbookRun)
        .where(RunbookRun.ticket_id == ticket.id)
        .options(joinedload(RunbookRun.version), joinedload(RunbookRun.owner), selectinload(RunbookRun.steps))
        .order_by(RunbookRun.id)
    ).all()


def runs_under_way(actor: Actor, *, limit: int = 20) -> Sequence[RunbookRun]:
    """Runs that can be gone on with, the actor's own first."""
    own = sa.case((RunbookRun.owner_id == actor.user_id, 0), else_=1)
    return db.session.scalars(
        sa.select(RunbookRun)
        .join(Ticket, Ticket.id == RunbookRun.ticket_id)
        .where(RunbookRun.state == "active", Ticket.phase != "closed", visible_runs(actor))
        .options(
            joinedload(RunbookRun.ticket),
            joinedload(RunbookRun.version),
            joinedload(RunbookRun.owner),
            selectinload(RunbookRun.steps),
        )
        .order_by(own, RunbookRun.started_at.desc(), RunbookRun.id)
        .limit(limit)
    ).all()


def photos(run: RunbookRun) -> dict[int, list[Attachment]]:
    """Photos of a run's steps by timeline entry, in one query."""
    entries = [step.entry_id for step in run.steps if step.entry_id is not None]
    found: dict[int, list[Attachment]] = {}
    if entries:
        rows = sa.select(Attachment).where(Attachment.entry_id.in_(entries)).order_by(Attachment.id)
        for attachment in db.session.scalars(rows):
            found.setdefault(attachment.entry_id, []).append(attachment)
    return found


def situation(ticket: Ticket) -> Situation:
    """What suggestions go by."""
    checks = db.session.scalars(sa.select(Finding.check).where(Finding.ticket_id == ticket.id)).all()
    cause = db.session.get(ListEntry, ticket.cause_id) if ticket.cause_id is not None else None
    return Situation(
        category=ticket.category,
        checks=frozenset(checks),
        device_class=ticket.device.device_class if ticket.device is not None else "",
        cause=cause.name_en if cause is not None else "",
        words=f"{ticket.title} {ticket.description[:2000]}",
    )
