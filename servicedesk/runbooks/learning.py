"""What runs teach: steps that take long or are skipped, faults that could have a runbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.inspections.models import Finding
from servicedesk.runbooks.definition import Runbook, Text
from servicedesk.runbooks.library import library, of_text
from servicedesk.runbooks.models import RunbookRun, RunbookStep, RunbookVersion
from servicedesk.runbooks.queries import visible_runs
from servicedesk.tickets.models import ListEntry, Ticket

PERIOD = timedelta(days=180)
MAX_STEPS = 20_000  # newest first; more teach nothing new
ALIKE = 3  # times that make a habit


@dataclass(frozen=True, slots=True)
class StepUse:
    """One step over all its runs; ``minutes``: the median of those that were done, None without any."""

    key: str
    title: Text | None  # None when the runbook has no such step any more
    done: int
    skipped: int
    minutes: float | None


@dataclass(frozen=True, slots=True)
class Use:
    """One runbook of which there were runs; ``minutes``: the median of the finished ones."""

    key: str
    title: Text
    runs: int
    finished: int
    minutes: float | None
    planned_minutes: int
    steps: tuple[StepUse, ...]


def usage(actor: Actor, now: datetime) -> list[Use]:
    """Runbooks by how often they were followed within the period, as far as the actor sees the tickets.
    A fixed number of queries."""
    since = now - PERIOD
    runs = db.session.execute(
        sa.select(
            RunbookRun.id, RunbookRun.key, RunbookRun.state, RunbookRun.started_at, RunbookRun.finished_at
        )
        .join(Ticket, Ticket.id == RunbookRun.ticket_id)
        .where(RunbookRun.started_at >= since, RunbookRun.state != "stopped", visible_runs(actor))
        .order_by(RunbookRun.id.desc())
        .limit(MAX_STEPS)
    ).all()
    steps = db.session.execute(
        sa.select(
            RunbookRun.key, RunbookStep.step, RunbookStep.state, RunbookStep.began_at, RunbookStep.done_at
        )
        .join(RunbookRun, RunbookRun.id == RunbookStep.run_id)
        .join(Ticket, Ticket.id == RunbookRun.ticket_id)
        .where(RunbookRun.started_at >= since, RunbookStep.done_at.is_not(None), visible_runs(actor))
        .order_by(RunbookStep.id.desc())
        .limit(MAX_STEPS)
    ).all()
    keys = {run.key for run in runs}
    books = {**_newest_texts(keys - set(library())), **{k: b for k, b in library().items() if k in keys}}
    found = [_use(key, books[key], [r for r in runs if r.key == key], steps) for key in keys if key in books]
    return sorted(found, key=lambda use: (-use.runs, use.key))


def _newest_texts(keys: set[str]) -> dict[str, Runbook]:
    """Texts of runbooks that are no longer in the library."""
    rows = db.session.execute(
        sa.select(RunbookVersion.key, RunbookVersion.source)
        .where(RunbookVersion.key.in_(keys))
        .order_by(RunbookVersion.id)
    )
    return {row.key: of_text(row.source) for row in rows}


def _use(key: str, book: Runbook, runs: Sequence[Any], steps: Sequence[Any]) -> Use:
    mine = [row for row in steps if row.key == key]
    finished = [run for run in runs if run.state == "done"]
    order = {step.key: at for at, step in enumerate(book.steps)}
    names = sorted({row.step for row in mine}, key=lambda name: order.get(name, len(order)))
    return Use(
        key=key,
        title=book.title,
        runs=len(runs),
        finished=len(finished),
        minutes=_median([run.finished_at - run.started_at for run in finished]),
        planned_minutes=book.minutes,
        steps=tuple(_step_use(name, book, [row for row in mine if row.step == name]) for name in names),
    )


def _step_use(name: str, book: Runbook, rows: Sequence[Any]) -> StepUse:
    step = book.step(name)
    done = [row.done_at - row.began_at for row in rows if row.state == "done"]
    return StepUse(name, step.title if step else None, len(done), len(rows) - len(done), _median(done))


def _median(spans: Sequence[timedelta]) -> float | None:
    return median(span.total_seconds() / 60 for span in spans) if spans else None


def handled_alike(actor: Actor, now: datetime, *, limit: int = 20) -> Sequence[Any]:
    """Faults of one check that were handled by the same method again and again without a runbook: (check,
    handling_id, English and Chinese name of the handling, times), most often first."""
    followed = aliased(RunbookRun)
    statement = (
        sa.select(
            Finding.check,
            ListEntry.name_en,
            ListEntry.name_zh,
            sa.func.count(sa.distinct(Ticket.id)).label("times"),
        )
        .join(Ticket, Ticket.id == Finding.ticket_id)
        .join(ListEntry, ListEntry.id == Ticket.handling_id)
        .where(
            Ticket.created_at >= now - PERIOD,
            Ticket.phase.in_(("resolved", "closed")),
            ~sa.exists().where(followed.ticket_id == Ticket.id, followed.state == "done"),
            visible_runs(actor),
        )
        .group_by(Finding.check, ListEntry.name_en, ListEntry.name_zh)
        .having(sa.func.count(sa.distinct(Ticket.id)) >= ALIKE)
        .order_by(sa.desc("times"), Finding.check)
    )
    return db.session.execute(statement.limit(limit)).all()
