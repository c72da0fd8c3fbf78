"""The RQ worker of a zone: one queue, one function, no callbacks, no webhooks.

Whoever could write into Redis could otherwise name any function of this machine in a job.
"""

from __future__ import annotations

import logging
import secrets
import signal
from collections.abc import Callable
from typing import Any

from rq import Queue, Worker, worker_registration
from rq.job import Job, JobStatus
from rq.registry import FailedJobRegistry, StartedJobRegistry
from rq.serializers import JSONSerializer
from rq.utils import now

from collectors.processes import die_with_parent
from collectors.zone import names, visits
from collectors.zone.station import Station

log = logging.getLogger(__name__)


class ErrandJob(Job):
    """A job that can be nothing but a batch of errands, whatever its hash in Redis says."""

    @property
    def func(self) -> Callable[..., Any]:
        """``visits.visit_errands``.

        Raises:
            PermissionError: the job names something else.
        """
        if self.func_name != names.ERRANDS or self.instance:
            raise PermissionError("this worker runs errands only")
        return visits.visit_errands

    def send_webhooks(self, status: str | JobStatus, *, exc_string: str | None = None) -> None:
        """Nothing is ever sent to addresses a job names."""

    @property
    def success_callback(self) -> None:
        """None is ever called."""

    @property
    def failure_callback(self) -> None:
        """None is ever called."""

    @property
    def stopped_callback(self) -> None:
        """None is ever called."""


class ErrandWorker(Worker):
    """Its forks do not outlive it, and it tidies up its own queue only."""

    def run_maintenance_tasks(self) -> None:
        """Without what RQ does for groups and rate limits of all queues: this login does not reach them."""
        for queue in self.queues:
            for kind in (StartedJobRegistry, FailedJobRegistry):
                kind(queue=queue, job_class=ErrandJob, serializer=JSONSerializer).cleanup()
            worker_registration.clean_worker_registry(queue)
        self.last_cleaned_at = now()  # type: ignore[assignment]  # RQ declares it by its first value, None

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """In the fork: ask the kernel to end it with its parent, then work."""
        die_with_parent(signal.SIGKILL)
        super().main_work_horse(job, queue)


def serve(station: Station) -> None:
    """Work until SIGTERM; runs in a process of its own below the keeper's."""
    die_with_parent(signal.SIGKILL)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    # RQ tells each job's text, and with a failed one its arguments; ours are sealed, yet no log needs them.
    for name in ("rq", "rq.worker"):
        logging.getLogger(name).setLevel(logging.ERROR)
    visits.settle(station)
    redis = station.connect()
    queue = Queue(
        names.queue_name(station.zone), connection=redis, serializer=JSONSerializer, job_class=ErrandJob
    )
    worker = ErrandWorker(
        [queue],
        # RQ remembers the name of a killed worker for minutes and would refuse the next one.
        name=f"{names.job_prefix(station.zone)}{station.name}-{secrets.token_hex(4)}",
        connection=redis,
        serializer=JSONSerializer,
        job_class=ErrandJob,
        queue_class=Queue,
        log_job_description=False,
    )
    worker.work(logging_level="ERROR")
