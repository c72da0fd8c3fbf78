"""What a policy lets go, and what holds it."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError
from servicedesk.core.permissions import Permission
from servicedesk.inspections.amending.models import Amendment
from servicedesk.inspections.models import Finding, InspectionRecord, InspectionRun
from servicedesk.inspections.retention.models import READINGS, RetentionPolicy, RetentionRemoval
from servicedesk.inspections.reviewing.models import OPEN, RecordReview
from servicedesk.organisations.models import CLIENT, OPERATOR, Contract, Organisation, contract_sites

LEAST_MONTHS = 13  # the half-yearly report compares two half-years, and is written in the month after


@dataclass(frozen=True, slots=True)
class Amount:
    """What would go: inspections, visits of devices in them, and the first and last day."""

    runs: int
    visits: int
    first: date | None
    last: date | None


def months_before(now: datetime, months: int) -> datetime:
    """The same day so many months ago, or the last one of a shorter month."""
    year, month = divmod(now.year * 12 + now.month - 1 - months, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, monthrange(year, month + 1)[1]))


def refuse_without_readings(run_id: int) -> None:
    """What is not there can be neither printed nor signed.

    Raises:
        ConflictError: the readings of the run were removed, or are being removed.
    """
    removal = removals_of_run(run_id).get(READINGS)
    if removal is not None:
        raise ConflictError(
            _(
                "The readings of this inspection were removed by the policy of retention on %(day)s.",
                day=removal.begun_at.date(),
            )
        )


def organisations_to_keep(actor: Actor) -> Sequence[Organisation]:
    """Clients whose retention the actor settles, after the operator, whose policy is the default."""
    scope = actor.scope(Permission.ORGANISATION_MANAGE)
    return db.session.scalars(
        sa.select(Organisation)
        .where(Organisation.kind.in_((CLIENT, OPERATOR)), scope.clause(Organisation.id))
        .order_by(Organisation.kind.desc(), Organisation.name)
    ).all()


def policy_of(organisation_id: int) -> RetentionPolicy | None:
    """The organisation's own policy."""
    return db.session.scalar(
        sa.select(RetentionPolicy).where(RetentionPolicy.organisation_id == organisation_id)
    )


def clients_kept_by(organisation: Organisation) -> list[int]:
    """Clients that an organisation's policy is for: itself, or all without one of their own."""
    if organisation.kind != OPERATOR:
        return [organisation.id]
    own = sa.exists().where(RetentionPolicy.organisation_id == Organisation.id)
    return list(db.session.scalars(sa.select(Organisation.id).where(Organisation.kind == CLIENT, ~own)))


def policies() -> list[tuple[int, RetentionPolicy]]:
    """Each client that has a policy, its own or the default, by number."""
    found = db.session.execute(
        sa.select(RetentionPolicy, Organisation)
        .join(Organisation, Organisation.id == RetentionPolicy.organisation_id)
        .where(Organisation.kind.in_((CLIENT, OPERATOR)))
    ).all()
    pairs = [(number, row.RetentionPolicy) for row in found for number in clients_kept_by(row.Organisation)]
    return sorted(pairs, key=lambda pair: pair[0])


def removals_of(client_ids: Sequence[int]) -> sa.Select[RetentionRemoval]:
    """What was removed of clients."""
    return (
        sa.select(RetentionRemoval)
        .where(RetentionRemoval.client_id.in_(client_ids))
        .options(joinedload(RetentionRemoval.run))
    )


def removals_of_run(run_id: int) -> dict[str, RetentionRemoval]:
    """What was removed of a run, by kind."""
    rows = db.session.scalars(sa.select(RetentionRemoval).where(RetentionRemoval.run_id == run_id))
    return {row.kind: row for row in rows}


def due(client_ids: Sequence[int], kind: str, months: int | None, now: datetime) -> sa.Select[InspectionRun]:
    """Runs of which something may go, or has begun to go."""
    run, removal = InspectionRun, RetentionRemoval
    until = months_before(now, max(months or LEAST_MONTHS, LEAST_MONTHS))
    finished = sa.exists().where(
        removal.run_id == run.id, removal.kind == kind, removal.finished_at.is_not(None)
    )
    bound = run.signed_at.is_not(None) if months is not None else sa.true()
    return sa.select(run).where(
        run.client_id.in_(client_ids),
        run.started_at < until,
        run.state != "running",
        ~finished,
        sa.or_(~bound, _contracts_are_over(now.date())),
        *(~held for held in _holds()),
    )


def _contracts_are_over(today: date) -> sa.ColumnElement[bool]:
    """There was a contract for the run's day and site, and all of them have ended."""
    run = InspectionRun
    covers = [
        Contract.client_id == run.client_id,
        Contract.starts_on <= run.day,
        Contract.ends_on >= run.day,
        sa.or_(
            ~sa.exists().where(contract_sites.c.contract_id == Contract.id),
            sa.exists().where(
                contract_sites.c.contract_id == Contract.id, contract_sites.c.site_id == run.site_id
            ),
        ),
    ]
    return sa.exists().where(*covers) & ~sa.exists().where(*covers, Contract.ends_on >= today)


def _holds() -> list[Any]:
    """What somebody still works on keeps its readings: open findings, reviews and amendments."""
    run, record = InspectionRun, InspectionRecord
    return [
        sa.exists().where(
            Finding.client_id == run.client_id,
            Finding.state != "closed",
            Finding.last_record_id == record.id,
            record.run_id == run.id,
        ),
        sa.exists().where(RecordReview.run_id == run.id, RecordReview.state == OPEN),
        sa.exists().where(Amendment.run_id == run.id, Amendment.state == "open"),
    ]


def amount(client_ids: Sequence[int], kind: str, months: int | None, now: datetime) -> Amount:
    """How much a policy would remove tonight, without removing it."""
    found = due(client_ids, kind, months, now).with_only_columns(InspectionRun.id, InspectionRun.day)
    runs = found.subquery()
    count, first, last = db.session.execute(
        sa.select(sa.func.count(), sa.func.min(runs.c.day), sa.func.max(runs.c.day))
    ).one()
    visits = db.session.scalar(
        sa.select(sa.func.count())
        .select_from(InspectionRecord)
        .join(runs, runs.c.id == InspectionRecord.run_id)
    )
    return Amount(count, visits or 0, first, last)
