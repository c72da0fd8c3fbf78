"""What workers and the scheduler call. Jobs carry numbers only; the database is the truth."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from itertools import groupby

import sqlalchemy as sa

from collectors.processes import VISITS_AT_ONCE
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.queues import Queues
from servicedesk.core.runtime import runtime
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.inspections.own import trials
from servicedesk.inspections.recording import complete_if_done
from servicedesk.inspections.runs import open_due_runs
from servicedesk.inspections.visiting import Visiting, release_lost
from servicedesk.inspections.zones.models import ZoneSite
from servicedesk.inspections.zones.service import visited_from_here

log = logging.getLogger(__name__)
BATCH = VISITS_AT_ONCE  # devices in a job: a fork costs as much as three or four visits
SITE_CONCURRENCY = 4  # jobs of one site at once
LOST_AFTER_LEASES = 4 / 3  # an enqueued visit nobody claimed for so many leases is enqueued again


def visit_batch(record_ids: list[int]) -> int:
    """Worker job: visit these records' devices; those done or taken by others are skipped."""
    here = runtime()
    visiting = Visiting(
        keyring=here.keyring,
        blobs=here.blobs,
        threads=here.settings.collect_threads,
        deadline_s=here.settings.visit_deadline_s,
        lease=timedelta(seconds=here.settings.visit_lease_s),
        aaa_visits=here.settings.aaa_group_visits,
    )
    # A site that was given to a zone meanwhile is another network: the same address may be another machine.
    return visiting.run(visited_from_here(record_ids))


def try_own_check(trial_id: int) -> bool:
    """Worker job: try a definition on its device; one that was tried already is left alone."""
    return trials.run_trial(trial_id, runtime().keyring)


def sweep() -> int:
    """Periodic: begin what is due, take back what was lost, enqueue what waits. Returns visits enqueued."""
    now = utcnow()
    with unit_of_work():
        open_due_runs(now)
        released = release_lost(now)
        _complete_stragglers(now)
        waiting_trials = trials.waiting(now)
    if released:
        log.warning("%d visits were interrupted and are queued again", released)
    queues = Queues.connect(runtime().settings)
    queues.release_abandoned()
    for trial_id in waiting_trials:
        queues.enqueue_trial(trial_id)
    return enqueue_waiting(now)


def _complete_stragglers(now: datetime) -> None:
    """Runs whose last visit was recorded while the run itself could not be completed."""
    unfinished = sa.exists().where(
        InspectionRecord.run_id == InspectionRun.id, InspectionRecord.state != "done"
    )
    for run in db.session.scalars(
        sa.select(InspectionRun).where(InspectionRun.state == "running", ~unfinished)
    ):
        complete_if_done(run, now)


def enqueue_waiting(now: datetime) -> int:
    """Put queued visits on the collecting queue, in batches of one site.

    Sites of other zones are not among them: ``zones.dispatching`` sends theirs out.
    A visit enqueued long ago that nobody claimed was lost with Redis or a worker, unless other jobs of its
    site wait still: then its turn has not come. A large run would else be enqueued again every minute.
    """
    lost_before = now - timedelta(seconds=runtime().settings.visit_lease_s * LOST_AFTER_LEASES)
    queues = Queues.connect(runtime().settings)
    busy = [site_id for site_id in _overdue_sites(lost_before) if queues.waiting_visits(_rate_key(site_id))]
    with unit_of_work() as session:
        rows = session.execute(
            sa.select(InspectionRecord.id, InspectionRun.site_id)
            .join(InspectionRun, InspectionRun.id == InspectionRecord.run_id)
            .where(
                InspectionRecord.state == "queued",
                InspectionRecord.not_before <= now,
                InspectionRun.site_id.not_in(sa.select(ZoneSite.site_id)),
                sa.or_(
                    InspectionRecord.enqueued_at.is_(None),
                    sa.and_(InspectionRecord.enqueued_at < lost_before, InspectionRun.site_id.not_in(busy)),
                ),
            )
            .order_by(InspectionRun.site_id, InspectionRecord.id)
        ).all()
        ids = [row.id for row in rows]
        for start in range(0, len(ids), 500):
            session.execute(
                sa.update(InspectionRecord)
                .where(InspectionRecord.id.in_(ids[start : start + 500]))
                .values(enqueued_at=now)
            )
    # Enqueued after the commit: a job that starts at once must find its rows. If we die in between,
    # the time after which they count as lost brings them back.
    for site_id, group in groupby(rows, key=lambda row: row.site_id):
        site_ids = [row.id for row in group]
        batches = [site_ids[i : i + BATCH] for i in range(0, len(site_ids), BATCH)]
        queues.enqueue_visits(batches, rate_key=_rate_key(site_id), concurrency=SITE_CONCURRENCY)
    return len(rows)


def _overdue_sites(lost_before: datetime) -> list[int]:
    """Sites with visits that were enqueued long ago and that nobody has claimed."""
    statement = (
        sa.select(InspectionRun.site_id)
        .join(InspectionRecord, InspectionRecord.run_id == InspectionRun.id)
        .where(InspectionRecord.state == "queued", InspectionRecord.enqueued_at < lost_before)
        .distinct()
    )
    return list(db.session.scalars(statement))


def _rate_key(site_id: int) -> str:
    return f"site:{site_id}"
