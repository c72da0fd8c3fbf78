"""What workers do for reports: build those that wait. The database says which."""

from __future__ import annotations

import contextlib
import logging

import sqlalchemy as sa
from flask_babel import gettext as _
from redis import RedisError
from rq import get_current_job
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError

from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.names import DEFAULT
from servicedesk.core.queues import RESULT_TTL_S, Queues
from servicedesk.core.runtime import runtime
from servicedesk.reports.deep import building, service
from servicedesk.reports.deep.models import DeepReport
from servicedesk.reports.deep.states import BUILDING
from servicedesk.reports.improvement import chapter

log = logging.getLogger(__name__)
BUILD = "servicedesk.reports.deep.jobs.build_report"


def build_report(report_id: int) -> bool:
    """Worker job: nothing of it is seen before all of it is there; done twice it changes nothing."""
    with unit_of_work():
        begun = service.begin_attempt(report_id)
    if not begun:
        return False
    try:
        building.read_steadily()
        content = building.build(db.session.get_one(DeepReport, report_id), _tell_progress)
    except (SQLAlchemyError, ValueError, OSError) as error:
        log.exception("report %d could not be built", report_id)
        with unit_of_work():
            service.give_up(
                report_id, _("The records could not be read: %(what)s", what=type(error).__name__)
            )
        return False
    with unit_of_work():
        # What the data propose is put on the plan with the report, or neither is there.
        report, now = service.still_building(report_id), utcnow()
        if report is None:
            return False
        sha256, blob = building.store(chapter.with_plan(report, content, now=now), runtime().blobs)
        return building.settle(report_id, sha256, blob, now=now)


def _tell_progress(done: int, total: int) -> None:
    """For the page only: written into Redis, since the database waits for the end."""
    job = get_current_job()
    if job is not None:
        job.meta.update(done=done, total=total)
        with contextlib.suppress(RedisError):
            job.save_meta()  # type: ignore[no-untyped-call]  # RQ has no types here


def progress_of(report_id: int) -> tuple[int, int]:
    """How many devices of how many are read, as far as Redis knows."""
    try:
        job = Job.fetch(_job_id(report_id), Queues.connect(runtime().settings).redis, JSONSerializer)
        return int(job.meta.get("done", 0)), int(job.meta.get("total", 0))
    except (RedisError, NoSuchJobError, ValueError, TypeError):
        return 0, 0


def _job_id(report_id: int) -> str:
    return f"deep-report-{report_id}"


def enqueue(report_id: int) -> None:
    """Put a report on the queue; without Redis the sweep does it later."""
    with contextlib.suppress(RedisError):
        Queues.connect(runtime().settings).queue(DEFAULT).enqueue(
            BUILD, report_id, job_id=_job_id(report_id), result_ttl=RESULT_TTL_S, failure_ttl=RESULT_TTL_S
        )


def sweep() -> int:
    """Periodic: enqueue again the reports that wait and are in no queue. Returns how many wait."""
    ids = db.session.scalars(sa.select(DeepReport.id).where(DeepReport.state == BUILDING)).all()
    if not ids:
        return 0
    queue = Queues.connect(runtime().settings).queue(DEFAULT)
    for number in ids:
        job = queue.fetch_job(_job_id(number))
        if job is None or not (job.is_queued or job.is_started):
            log.warning("report %d waits and is queued again", number)
            enqueue(number)
    return len(ids)
