"""Every periodic job, in one table. ``python -m servicedesk.schedule`` runs it with RQ's scheduler.

The database decides what is due; these jobs only ask it often enough. Two schedulers at once do no harm.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from redis import Redis
from rq.cron import CronJob, CronScheduler
from rq.job import Job

from servicedesk.config import load_settings
from servicedesk.core.queues import DEFAULT, RESULT_TTL_S, Queues
from servicedesk.inspections import jobs as inspection_jobs


@dataclass(frozen=True, slots=True)
class Periodic:
    function: object
    every_s: int
    why: str


TABLE: tuple[Periodic, ...] = (
    Periodic(inspection_jobs.sweep, 10, "begin due runs, take back lost visits, enqueue waiting ones"),
)


class JsonCronJob(CronJob):
    """RQ's cron enqueues pickles; ours are JSON like every other job."""

    def enqueue(self, connection: Redis) -> Job:
        """Enqueue unless the one before is still waiting: a stopped worker must not find a heap."""
        queue = Queues(connection).queue(self.queue_name)
        waiting = queue.fetch_job(f"periodic:{self.name}")
        if waiting is not None and waiting.is_queued:
            return waiting
        return queue.enqueue(
            self.func,
            job_id=f"periodic:{self.name}",
            job_timeout=600,
            result_ttl=RESULT_TTL_S,
            failure_ttl=RESULT_TTL_S,
        )


def build(connection: Redis) -> CronScheduler:
    """RQ's scheduler with the table's jobs."""
    scheduler = CronScheduler(connection=connection, logging_level=logging.WARNING)
    for periodic in TABLE:
        job = JsonCronJob(queue_name=DEFAULT, func=periodic.function, interval=periodic.every_s)
        scheduler.get_jobs().append(job)
    return scheduler


def main() -> None:
    """Run until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    build(Queues.connect(load_settings()).redis).start()


if __name__ == "__main__":
    main()
