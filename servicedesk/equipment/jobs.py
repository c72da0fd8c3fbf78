"""What workers do for equipment: carry out the imports that wait. The database says which."""

from __future__ import annotations

import contextlib
import logging
from dataclasses import replace

import sqlalchemy as sa
from redis import RedisError
from rq import get_current_job
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.serializers import JSONSerializer

from servicedesk.core.blobs import BlobMissingError
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.names import DEFAULT
from servicedesk.core.queues import RESULT_TTL_S, Queues
from servicedesk.core.runtime import runtime
from servicedesk.equipment import importing
from servicedesk.equipment.import_models import DeviceImport
from servicedesk.staff.actors import actor_for
from servicedesk.staff.models import User

log = logging.getLogger(__name__)
RUN_IMPORT = "servicedesk.equipment.jobs.run_import"
STEP = 25  # rows between two words on the progress


def run_import(import_id: int) -> bool:
    """Worker job: carry an import out, or take it back; done twice it changes nothing the second time."""
    now = utcnow()
    row = db.session.execute(
        sa.select(DeviceImport.user_id).where(DeviceImport.id == import_id)
    ).one_or_none()
    user = db.session.get(User, row.user_id) if row is not None and row.user_id else None
    if user is None:
        return False
    actor = replace(actor_for(user, today=now.date()), request_id=f"import-{import_id}")
    try:
        with unit_of_work():
            done = importing.work(
                import_id, actor=actor, blobs=runtime().blobs, now=now, progress=_tell_progress
            )
    except (DomainError, BlobMissingError) as error:
        with unit_of_work():
            importing.refuse(import_id, str(error))
        return False
    return done is not None


def _tell_progress(done: int, total: int) -> None:
    """For the page only: written into Redis, since the database waits for the end."""
    job = get_current_job()
    if job is not None and (done % STEP == 0 or done == total):
        job.meta.update(done=done, total=total)
        with contextlib.suppress(RedisError):
            job.save_meta()  # type: ignore[no-untyped-call]  # RQ has no types here


def progress_of(import_id: int) -> tuple[int, int]:
    """How many rows of how many are done, as far as Redis knows."""
    try:
        job = Job.fetch(_job_id(import_id), Queues.connect(runtime().settings).redis, JSONSerializer)
        return int(job.meta.get("done", 0)), int(job.meta.get("total", 0))
    except (RedisError, NoSuchJobError, ValueError, TypeError):
        return 0, 0


def _job_id(import_id: int) -> str:
    return f"device-import-{import_id}"


def enqueue(import_id: int) -> None:
    """Put an import on the queue; without Redis the sweep does it later."""
    with contextlib.suppress(RedisError):
        Queues.connect(runtime().settings).queue(DEFAULT).enqueue(
            RUN_IMPORT,
            import_id,
            job_id=_job_id(import_id),
            result_ttl=RESULT_TTL_S,
            failure_ttl=RESULT_TTL_S,
        )


def sweep() -> int:
    """Periodic: enqueue again the imports that wait and are in no queue. Returns how many wait."""
    ids = db.session.scalars(
        sa.select(DeviceImport.id).where(DeviceImport.state.in_(sorted(importing.WAITING)))
    ).all()
    queue = Queues.connect(runtime().settings).queue(DEFAULT)
    for number in ids:
        job = queue.fetch_job(_job_id(number))
        if job is None or not (job.is_queued or job.is_started):
            log.warning("import %d waits and is queued again", number)
            enqueue(number)
    return len(ids)
