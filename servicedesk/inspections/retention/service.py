"""Settle a policy, and remove by it, a bounded batch at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobStore
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.inspections.models import InspectionRecord, InspectionRun, Reading
from servicedesk.inspections.retention import queries
from servicedesk.inspections.retention.models import KINDS, READINGS, RetentionPolicy, RetentionRemoval
from servicedesk.tickets.models import Attachment

MOST_MONTHS = 600
BATCH = 250  # records a transaction: some ten thousand readings
_FIELDS = ("readings_months", "evidence_months")


def save_policy(
    organisation_id: int,
    *,
    readings_months: int | None,
    evidence_months: int | None,
    actor: Actor,
    now: datetime,
) -> RetentionPolicy:
    """Settle how long a client's readings and raw answers are kept; None: for the contract.

    Raises:
        NotAllowedError: the actor does not manage this client.
        InvalidError: shorter than the comparison of half-years needs, or endless.
    """
    if not actor.allows(Permission.ORGANISATION_MANAGE, organisation_id):
        raise NotAllowedError
    check_months(readings_months, "readings_months")
    check_months(evidence_months, "evidence_months")
    policy = queries.policy_of(organisation_id)
    before = audit.snapshot(policy, _FIELDS) if policy is not None else None
    if policy is None:
        policy = RetentionPolicy(organisation_id=organisation_id)
        db.session.add(policy)
    policy.readings_months, policy.evidence_months = readings_months, evidence_months
    policy.changed_by, policy.changed_at = actor.name, now
    after = audit.snapshot(policy, _FIELDS)
    audit.record(
        actor, "retention.settled", policy, now=now, client_id=organisation_id, before=before, after=after
    )
    return policy


def check_months(months: int | None, field: str) -> None:
    """Refuse a number of months that cannot be kept to."""
    if months is not None and not queries.LEAST_MONTHS <= months <= MOST_MONTHS:
        raise InvalidError(
            _(
                "Between %(least)d and %(most)d months: the half-yearly report compares two half-years.",
                least=queries.LEAST_MONTHS,
                most=MOST_MONTHS,
            ),
            field,
        )


def begin_next(client_id: int, policy: RetentionPolicy, *, now: datetime) -> RetentionRemoval | None:
    """The removal to go on with, or a new one for the oldest run that is due; None: nothing is due.

    It is written down before anything goes, so that no page lacks the reason why something is not there.
    """
    for kind in KINDS:
        months = policy.readings_months if kind == READINGS else policy.evidence_months
        oldest = queries.due([client_id], kind, months, now)
        oldest = oldest.order_by(InspectionRun.started_at, InspectionRun.id).limit(1)
        # Its lock is that of signing: whoever signs waits, and is then told what is gone.
        run = db.session.scalar(for_update(oldest))
        if run is not None:
            found = queries.removals_of_run(run.id).get(kind)
            if found is None:
                found = RetentionRemoval(client_id=run.client_id, run_id=run.id, kind=kind, begun_at=now)
                db.session.add(found)
                db.session.flush()
            return found
    return None


def remove_batch(removal_id: int, blobs: BlobStore, *, actor: Actor, now: datetime) -> bool:
    """Remove what the next records of a run have. Returns whether there is more."""
    removal = db.session.scalars(
        for_update(sa.select(RetentionRemoval).where(RetentionRemoval.id == removal_id))
    ).one()
    if removal.finished_at is not None:
        return False
    records = db.session.execute(
        sa.select(
            InspectionRecord.id,
            InspectionRecord.device_id,
            InspectionRecord.transcript_sha256,
            InspectionRecord.attempts,
        )
        .where(InspectionRecord.run_id == removal.run_id, InspectionRecord.id > removal.upto)
        .order_by(InspectionRecord.id)
        .limit(BATCH)
    ).all()
    if removal.kind == READINGS:
        numbers = [row.id for row in records]
        gone = db.session.execute(sa.delete(Reading).where(Reading.record_id.in_(numbers)))
        removal.removed += cast("sa.CursorResult[Any]", gone).rowcount
    else:
        removal.removed += _remove_answers(records, removal.run_id, blobs)
    if len(records) == BATCH:
        removal.upto = records[-1].id
        return True
    removal.finished_at = now
    run = removal.run
    after = {"kind": removal.kind, "removed": removal.removed, "content_hash": run.content_hash}
    audit.record(actor, "retention.removed", run, now=now, label=f"{run.name} {run.day}", after=after)
    return False


def _remove_answers(records: Sequence[sa.Row[Any]], run_id: int, blobs: BlobStore) -> int:
    """Remove the raw answers of records. Returns of how many.

    A file that is gone already, since a crash came between it and the commit, is no error.
    """
    addresses = {row.transcript_sha256 for row in records}
    addresses |= {str(tried.get("transcript", "")) for row in records for tried in row.attempts}
    addresses.discard("")
    # A raw answer names its device, so that only visits of the same devices can have the same.
    others = sa.select(InspectionRecord.transcript_sha256).where(
        InspectionRecord.device_id.in_({row.device_id for row in records}),
        InspectionRecord.transcript_sha256.in_(addresses),
        InspectionRecord.run_id != run_id,
    )
    # What somebody attached to a ticket stays, even where its content is the same.
    files = sa.select(Attachment.sha256).where(Attachment.sha256.in_(addresses))
    needed = {*db.session.scalars(others), *db.session.scalars(files)}
    for address in sorted(addresses - needed):
        blobs.remove(address)
    return sum(1 for row in records if row.transcript_sha256)
