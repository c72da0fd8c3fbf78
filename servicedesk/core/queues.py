"""The queues in Redis: they carry work and may be lost at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from redis import Redis
from rq import Queue
from rq.rate_limit import RateLimit, RateLimitRegistry
from rq.registry import StartedJobRegistry
from rq.serializers import JSONSerializer

from servicedesk.config import Settings
from servicedesk.core.names import COLLECT

VISIT_BATCH = "servicedesk.inspections.jobs.visit_batch"
TRIAL = "servicedesk.inspections.jobs.try_own_check"
JOB_TIMEOUT_S = 3600  # visits have their own deadlines; this only ends a job that went mad
RESULT_TTL_S = 600


@dataclass(frozen=True, slots=True)
class Queues:
    """A connection with time-outs, so that a hanging Redis never hangs a page."""

    redis: Redis

    @classmethod
    def connect(cls, settings: Settings) -> Queues:
        """Nothing is sent yet."""
        return cls(
            Redis.from_url(
                settings.effective_redis_url,
                socket_timeout=5,
                socket_connect_timeout=2,
                health_check_interval=30,
            )
        )

    def queue(self, name: str) -> Queue:
        """A queue whose jobs are JSON, never pickles."""
        return Queue(name, connection=self.redis, serializer=JSONSerializer, default_timeout=JOB_TIMEOUT_S)

    def release_abandoned(self) -> None:
        """Give back the places that jobs of dead workers hold: RQ's own workers look for them too seldom."""
        StartedJobRegistry(queue=self.queue(COLLECT)).cleanup()
        for limit in RateLimitRegistry.all(self.redis):
            limit.cleanup()

    def enqueue_trial(self, trial_id: int) -> None:
        """A try of an own check, before the visits that wait: somebody looks at the page."""
        self.queue(COLLECT).enqueue(
            TRIAL, trial_id, at_front=True, result_ttl=RESULT_TTL_S, failure_ttl=RESULT_TTL_S
        )

    def enqueue_visits(self, batches: Sequence[list[int]], *, rate_key: str, concurrency: int) -> None:
        """One job a batch; at most ``concurrency`` jobs of one ``rate_key`` run at once."""
        queue = self.queue(COLLECT)
        for batch in batches:
            queue.enqueue(
                VISIT_BATCH,
                batch,
                rate_limit=RateLimit(rate_key, concurrency),
                result_ttl=RESULT_TTL_S,
                failure_ttl=RESULT_TTL_S,
            )

    def enqueue_sealed(
        self, queue_name: str, function: str, sealed: Sequence[str], *, job_id: str, ttl_s: int
    ) -> None:
        """One job of a zone's queue; Redis forgets it when nobody took it in time, and once it is done."""
        self.queue(queue_name).enqueue(
            function,
            list(sealed),
            job_id=job_id,
            description="sealed",
            ttl=ttl_s,
            result_ttl=0,
            failure_ttl=60,
        )

    def waiting_visits(self, rate_key: str) -> int:
        """How many jobs of this key wait for a place, so that what they carry is not lost."""
        return RateLimitRegistry(rate_key, self.redis).get_rate_limited_job_count()
