"""Runs, records and findings as far as an actor may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from collectors.outcome import Outcome, worst
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.natural import natural_key
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.queries import devices_found
from servicedesk.inspections.models import (
    Finding,
    InspectionPlan,
    InspectionRecord,
    InspectionRun,
    LevelSet,
    Reading,
    ReadingItem,
)
from servicedesk.inspections.outcomes import BY_CODE, Verdict, verdict
from servicedesk.inspections.own.models import PREFIX
from servicedesk.inspections.required import from_json
from servicedesk.organisations.models import Site
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.queries import visible_clause

FINDING_STATES = ("open", "watched", "recovered", "closed")


def run_rows(actor: Actor, *, site_id: int | None = None, state: str = "") -> sa.Select[*tuple[Any, ...]]:
    """Columns of the list of runs."""
    statement = (
        sa.select(InspectionRun, Site.name.label("site_name"), Site.timezone.label("timezone"))
        .with_only_columns(
            InspectionRun.id,
            InspectionRun.name,
            InspectionRun.day,
            InspectionRun.state,
            InspectionRun.trigger,
            InspectionRun.started_at,
            InspectionRun.finished_at,
            InspectionRun.device_count,
            InspectionRun.inspected_count,
            (InspectionRun.abnormal_count + InspectionRun.manual_abnormal).label("abnormal_count"),
            InspectionRun.manual_count,
            InspectionRun.manual_done,
            InspectionRun.signed_by,
            InspectionRun.reviewed_by,
            InspectionRun.note,
            Site.name.label("site_name"),
        )
        .join(Site, Site.id == InspectionRun.site_id)
        .where(scope_of(actor, InspectionRun))
    )
    if site_id:
        statement = statement.where(InspectionRun.site_id == site_id)
    match state:
        case "unsigned":
            statement = statement.where(InspectionRun.state == "complete", InspectionRun.signed_at.is_(None))
        case "unreviewed":
            statement = statement.where(
                InspectionRun.signed_at.is_not(None), InspectionRun.reviewed_at.is_(None)
            )
        case "amended":
            # By its table: the model builds upon this module.
            waiting = sa.table("inspection_amendments", sa.column("run_id"), sa.column("state"))
            statement = statement.where(
                sa.exists().where(waiting.c.run_id == InspectionRun.id, waiting.c.state == "open")
            )
        case "running" | "missed" | "complete":
            statement = statement.where(InspectionRun.state == state)
    return statement


def scope_of(actor: Actor, model: Any) -> sa.ColumnElement[bool]:
    return actor.scope(Permission.INSPECTION_VIEW).clause(model.client_id, model.site_id)


def latest_runs(actor: Actor, *, limit: int) -> Sequence[Any]:
    """The newest runs, for the overview."""
    statement = run_rows(actor).order_by(InspectionRun.started_at.desc(), InspectionRun.id.desc())
    return db.session.execute(statement.limit(limit)).all()


def get_visible_run(run_id: int, actor: Actor) -> InspectionRun:
    """The run with its site, or NotFoundError."""
    run = db.session.scalar(
        sa.select(InspectionRun)
        .where(InspectionRun.id == run_id, scope_of(actor, InspectionRun))
        .options(joinedload(InspectionRun.site), joinedload(InspectionRun.plan))
    )
    if run is None:
        raise NotFoundError
    return run


def get_visible_record(record_id: int, actor: Actor) -> InspectionRecord:
    """The record with its run and device, or NotFoundError."""
    record = db.session.scalar(
        sa.select(InspectionRecord)
        .join(InspectionRun, InspectionRun.id == InspectionRecord.run_id)
        .where(InspectionRecord.id == record_id, scope_of(actor, InspectionRun))
        .options(
            joinedload(InspectionRecord.run).joinedload(InspectionRun.site),
            joinedload(InspectionRecord.device),
        )
    )
    if record is None:
        raise NotFoundError
    return record


def visible_plans(actor: Actor) -> sa.Select[InspectionPlan]:
    """Plans with their sites."""
    return (
        sa.select(InspectionPlan)
        .where(scope_of(actor, InspectionPlan))
        .options(joinedload(InspectionPlan.site))
        .order_by(InspectionPlan.name, InspectionPlan.id)
    )


def get_visible_plan(plan_id: int, actor: Actor) -> InspectionPlan:
    """The plan, or NotFoundError."""
    plan = db.session.scalar(visible_plans(actor).where(InspectionPlan.id == plan_id))
    if plan is None:
        raise NotFoundError
    return plan


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One judged item as a page shows it."""

    check: str
    item: str
    unit: str
    value: float | None
    outcome: Outcome
    levels: LevelSet | None
    exchange: int | None
    line: int | None
    message: dict[str, Any] | None

    @property
    def verdict(self) -> Verdict:
        """Normal, abnormal, not applicable, not inspected."""
        return verdict(self.outcome)


def readings(record_id: int) -> list[ReadingRow]:
    """All items of a record."""
    return readings_of([record_id]).get(record_id, [])


def readings_of(record_ids: Sequence[int]) -> dict[int, list[ReadingRow]]:
    """All items of some records, by record, in the order of their names; one query."""
    rows = db.session.execute(
        sa.select(Reading, ReadingItem, LevelSet)
        .join(ReadingItem, ReadingItem.id == Reading.item_id)
        .outerjoin(LevelSet, LevelSet.id == Reading.level_set_id)
        .where(Reading.record_id.in_(record_ids))
    )
    found: dict[int, list[ReadingRow]] = {}
    for reading, item, levels in rows:
        row = ReadingRow(
            item.check,
            item.item,
            item.unit,
            reading.value,
            BY_CODE[reading.outcome],
            levels,
            reading.exchange,
            reading.line,
            reading.message,
        )
        found.setdefault(reading.record_id, []).append(row)
    for of_record in found.values():
        of_record.sort(key=lambda row: (row.check, natural_key(row.item)))
    return found


@dataclass(frozen=True, slots=True)
class RequiredRow:
    """One line of the required list in a record. Without readings, ``reason`` says why."""

    check: str
    outcome: Outcome
    verdict: Verdict
    readings: list[ReadingRow]
    reason: str = ""


def required_rows(
    run: InspectionRun, record: InspectionRecord, device_class: str, found: list[ReadingRow]
) -> list[RequiredRow]:
    """Every required item of this device: judged, or with the reason why not. None is left out."""
    by_check: dict[str, list[ReadingRow]] = {}
    for row in found:
        by_check.setdefault(row.check, []).append(row)
    rows = []
    for item in from_json(run.required):
        if not item.applies_to(device_class):
            continue
        mine = by_check.get(item.check, [])
        if mine:
            outcome = worst(r.outcome for r in mine)
            rows.append(RequiredRow(item.check, outcome, verdict(outcome), mine))
        else:
            failed = record.outcome not in (Outcome.OK.value, Outcome.PARSE_FAILED.value)
            if item.check.startswith(PREFIX) and not failed:
                continue  # an own check that is not defined for this device
            outcome = Outcome(record.outcome) if failed else Outcome.NOT_INSPECTED
            reason = record.error if failed else ""
            rows.append(RequiredRow(item.check, outcome, Verdict.NOT_INSPECTED, [], reason))
    return rows


@dataclass(frozen=True, slots=True)
class Coverage:
    """ "38 of 40 inspected; 2 could not be: why"."""

    total: int
    done: int
    inspected: int
    failures: list[tuple[str, str, str, int]]  # device, outcome, error, record id


def record_rows(run_id: int) -> Sequence[Any]:
    """Columns of a run's records with their devices, worst first."""
    return db.session.execute(
        sa.select(
            InspectionRecord.id,
            InspectionRecord.device_id,
            InspectionRecord.state,
            InspectionRecord.outcome,
            InspectionRecord.worst,
            InspectionRecord.error,
            InspectionRecord.abnormal_count,
            InspectionRecord.finished_at,
            InspectionRecord.duration_ms,
            InspectionRecord.not_before,
            InspectionRecord.attempt,
            Device.name.label("device_name"),
            Device.address.label("address"),
            Device.device_class.label("device_class"),
        )
        .join(Device, Device.id == InspectionRecord.device_id)
        .where(InspectionRecord.run_id == run_id)
        .order_by(Device.name, Device.id)
    ).all()


def coverage(rows: Sequence[Any]) -> Coverage:
    """Counted from ``record_rows``."""
    done = [r for r in rows if r.state == "done"]
    bad = [r for r in done if r.outcome not in ("ok", "parse_failed")]
    return Coverage(
        total=len(rows),
        done=len(done),
        inspected=len(done) - len(bad),
        failures=[(r.device_name, r.outcome, r.error, r.id) for r in bad],
    )


@dataclass(frozen=True, slots=True)
class FindingFilters:
    """What a list of findings is narrowed to. ``state``: active, all, or one of a finding's own."""

    state: str = "active"
    text: str = ""  # of the device
    site_id: int | None = None
    device_id: int | None = None
    outcome: str = ""


def finding_rows(actor: Actor, filters: FindingFilters) -> sa.Select[*tuple[Any, ...]]:
    """Findings with their devices and tickets."""
    statement = (
        sa.select(Finding)
        .where(scope_of(actor, Finding))
        .options(joinedload(Finding.device).joinedload(Device.site), joinedload(Finding.ticket))
    )
    if filters.state == "active":
        statement = statement.where(Finding.state != "closed")
    elif filters.state in FINDING_STATES:
        statement = statement.where(Finding.state == filters.state)
    if filters.text:
        statement = statement.where(Finding.device_id.in_(devices_found(actor, text=filters.text)))
    if filters.site_id:
        statement = statement.where(Finding.site_id == filters.site_id)
    if filters.device_id:
        statement = statement.where(Finding.device_id == filters.device_id)
    if filters.outcome:
        statement = statement.where(Finding.outcome == filters.outcome)
    return statement


def tickets_of_record(record: InspectionRecord) -> dict[tuple[str, str], Ticket]:
    """The fault tickets of what a record found abnormal, by check and item: those of that time."""
    if record.finished_at is None:
        return {}
    rows = db.session.scalars(
        sa.select(Finding)
        .where(
            Finding.device_id == record.device_id,
            Finding.ticket_id.is_not(None),
            Finding.first_at <= record.finished_at,
            Finding.last_at >= record.finished_at,
        )
        .options(joinedload(Finding.ticket))
    )
    return {(row.check, row.item): row.ticket for row in rows if row.ticket is not None}


def ticket_counts(actor: Actor) -> dict[str, int]:
    """Open tickets by what they wait for, in one query."""
    row = db.session.execute(
        sa.select(
            *(
                sa.func.count().filter(condition).label(name)
                for name, condition in (
                    ("open", Ticket.phase == "open"),
                    ("unassigned", sa.and_(Ticket.phase == "open", Ticket.assignee_id.is_(None))),
                    ("mine", Ticket.assignee_id == actor.user_id),
                    ("waiting", Ticket.phase == "waiting"),
                    ("resolved", Ticket.phase == "resolved"),
                )
            )
        ).where(visible_clause(actor), Ticket.phase.in_(("open", "waiting", "resolved")))
    ).one()
    return dict(row._mapping)


def device_outcomes(actor: Actor) -> dict[str, int]:
    """How many active devices are in which state of health."""
    clause = actor.scope(Permission.INSPECTION_VIEW).clause(Device.client_id, Device.site_id)
    rows = db.session.execute(
        sa.select(Device.last_outcome, sa.func.count())
        .where(clause, Device.state == "active")
        .group_by(Device.last_outcome)
    )
    return dict(rows.all())


def trend(device_id: int, item_id: int, *, limit: int = 400) -> list[tuple[float, float]]:
    """(unix seconds, value) of one item of one device, oldest first."""
    rows = db.session.execute(
        sa.select(InspectionRecord.finished_at, Reading.value)
        .join(Reading, sa.and_(Reading.record_id == InspectionRecord.id, Reading.item_id == item_id))
        .where(InspectionRecord.device_id == device_id, Reading.value.is_not(None))
        .order_by(InspectionRecord.id.desc())
        .limit(limit)
    ).all()
    return [(at.timestamp(), value) for at, value in reversed(rows) if at is not None and value is not None]
