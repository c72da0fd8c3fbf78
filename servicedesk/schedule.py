"""Every periodic job, in one table. ``python -m servicedesk.schedule`` runs it with RQ's scheduler.

The database decides what is due; these jobs only ask it often enough. Two schedulers at once do no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from redis import Redis
from rq.cron import CronJob, CronScheduler
from rq.job import Job

from servicedesk.approvals import jobs as approval_jobs
from servicedesk.config import Settings, load_settings
from servicedesk.core.names import DEFAULT
from servicedesk.core.queues import RESULT_TTL_S, Queues
from servicedesk.core.statistics import gather_statistics
from servicedesk.discovery import jobs as discovery_jobs
from servicedesk.equipment import jobs as equipment_jobs
from servicedesk.inspections import jobs as inspection_jobs
from servicedesk.inspections import systems
from servicedesk.inspections.days import jobs as day_jobs
from servicedesk.inspections.retention import jobs as retention_jobs
from servicedesk.inspections.whatif import jobs as whatif_jobs
from servicedesk.inspections.zones import jobs as zone_jobs
from servicedesk.knowledge import jobs as knowledge_jobs
from servicedesk.maintenance import jobs as maintenance_jobs
from servicedesk.notifications import jobs as notification_jobs
from servicedesk.repairs.returns import jobs as return_jobs
from servicedesk.reports.deep import jobs as report_jobs
from servicedesk.reports.improvement import jobs as improvement_jobs
from servicedesk.runbooks import jobs as runbook_jobs
from servicedesk.tickets import jobs as ticket_jobs
from servicedesk.tickets import mail_jobs


@dataclass(frozen=True, slots=True)
class Periodic:
    function: Callable[[], object]
    every_s: int
    why: str


def table(settings: Settings) -> tuple[Periodic, ...]:
    """All of them."""
    sweep_s = max(1, min(10, round(settings.visit_lease_s / 4)))
    return (
        Periodic(
            inspection_jobs.sweep, sweep_s, "begin due runs, take back lost visits, enqueue waiting ones"
        ),
        Periodic(zone_jobs.sweep, min(5, sweep_s), "exchange visits and answers with zones"),
        Periodic(day_jobs.ask, 1800, "ask why days of inspection were missed or stayed incomplete"),
        Periodic(approval_jobs.sweep, 60, "remind of approvals, escalate, fill seats of those who left"),
        Periodic(notification_jobs.sweep, 5, "send what is due, mark what a lost worker was sending"),
        Periodic(notification_jobs.forget_old, 86400, "forget notifications that were read long ago"),
        Periodic(mail_jobs.poll_mailboxes, 60, "take new mail out of the mailboxes"),
        Periodic(retention_jobs.sweep, 3600, "remove readings and raw answers that policies let go"),
        Periodic(systems.record_systems, 3600, "record the operating systems that inspections read"),
        Periodic(gather_statistics, 86400, "let SQLite choose its indexes well"),
        Periodic(equipment_jobs.sweep, 30, "enqueue imports again that Redis lost"),
        Periodic(discovery_jobs.forget_old, 86400, "remove hosts that old sweeps of ranges found"),
        Periodic(discovery_jobs.sweep_lost, 30, "enqueue sweeps of ranges again that Redis or a worker lost"),
        Periodic(whatif_jobs.sweep, 30, "enqueue history to judge again that Redis lost"),
        Periodic(report_jobs.sweep, 30, "enqueue reports again that Redis lost"),
        Periodic(improvement_jobs.sweep, 60, "bring improvements to where their tickets are"),
        Periodic(improvement_jobs.verify, 3600, "let later records verify improvements that are done"),
        Periodic(runbook_jobs.open_due, 60, "begin runbooks whose time has come"),
        Periodic(knowledge_jobs.remind, 3600, "remind authors of articles that are to be looked at"),
        Periodic(maintenance_jobs.open_due, 300, "open tickets of maintenance that is due"),
        Periodic(return_jobs.remind, 1800, "tell of returns that suppliers keep too long"),
        Periodic(ticket_jobs.check_clocks, 60, "say which response and restore times run out"),
    )


class JsonCronJob(CronJob):
    """RQ's cron enqueues pickles; ours are JSON like every other job."""

    def enqueue(self, connection: Redis) -> Job:
        """Enqueue unless the one before is still waiting: a stopped worker must not find a heap."""
        queue = Queues(connection).queue(self.queue_name)
        job_id = "periodic-" + self.name.replace(".", "-")
        waiting = queue.fetch_job(job_id)
        # The list is asked, not the job's state: a worker that dies between taking a job and starting it
        # leaves one that says "queued" and is in no queue, and nothing periodic would ever run again.
        if waiting is not None and queue.get_job_position(job_id) is not None:
            return waiting
        return queue.enqueue(
            str(self.func_name),
            job_id=job_id,
            job_timeout=600,
            result_ttl=RESULT_TTL_S,
            failure_ttl=RESULT_TTL_S,
        )


def build(settings: Settings, connection: Redis) -> CronScheduler:
    """RQ's scheduler with the table's jobs."""
    scheduler = CronScheduler(connection=connection, logging_level=logging.WARNING)
    for periodic in table(settings):
        job = JsonCronJob(queue_name=DEFAULT, func=periodic.function, interval=periodic.every_s)
        scheduler.get_jobs().append(job)
    return scheduler


def main() -> None:
    """Run until SIGTERM."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = load_settings()
    build(settings, Queues.connect(settings).redis).start()  # type: ignore[no-untyped-call]  # RQ has no types here


if __name__ == "__main__":
    main()
