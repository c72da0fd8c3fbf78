"""Runs a zone's worker: keeps its queue process going, delivers answers, gives signs of life, ends cleanly.

The queue process is below this one and ends with it, so ``kill -9`` leaves nobody behind. Answers survive on
disk; they are taken away only after Redis has confirmed them, and the server recognises one that came twice.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import random
import signal
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from multiprocessing.context import ForkProcess

from redis import Redis, RedisError

import collectors
from collectors.zone import names, station
from collectors.zone.errands import MAX_UNDER_WAY, Beat, seal_beat
from collectors.zone.outbox import write_durably
from collectors.zone.queue_worker import serve
from collectors.zone.station import Station

log = logging.getLogger(__name__)
TICK_S = 0.5
PAUSE_MAX_S = 60.0
STEADY_S = 20.0  # a queue process that ran this long is well, whatever was before
GRACE_S = 300.0  # visits under way may end when we are asked to stop
STATUS_FILE = "status.json"
FAILING_AFTER = 3  # ends of the queue process, one soon after the other
WORKING, FULL, FAILING, STOPPED = "working", "full", "failing", "stopped"
_ENDS_AGAIN = "The process that takes visits ends again and again; see the log"


def pause_s(failures: int, *, most_s: float = PAUSE_MAX_S) -> float:
    """How long to wait after so many failures: doubling, and never the same for two workers."""
    return min(2.0 ** min(failures, 10), most_s) * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, hides nothing


@dataclass(slots=True)
class Keeper:
    """``run()`` returns when SIGTERM or Ctrl-C came and everything was ended."""

    station: Station
    grace_s: float = GRACE_S
    _redis: Redis | None = None
    _process: ForkProcess | None = None
    _started: float = 0.0
    _crashes: int = 0
    _not_before: float = 0.0
    _failures: int = 0
    _connect_at: float = 0.0
    _beat_at: float = 0.0
    _since: datetime = field(default_factory=lambda: datetime.now(UTC))
    _delivered: int = 0
    _error: str = ""
    _full: bool = False
    _stop: threading.Event = field(default_factory=threading.Event)

    def stop(self, *_: object) -> None:
        """Begin to end; from a signal handler too."""
        self._stop.set()

    def run(self) -> None:
        """Work until ``stop``.

        Raises:
            StationError: another worker has the folder.
        """
        here = self.station
        with station.held(here.folder):
            here.outbox.prepare()
            here.under_way.prepare()
            here.stopping.unlink(missing_ok=True)
            self._redis = here.connect()
            try:
                while not self._stop.is_set():
                    self._watch_room()
                    self._watch_process()
                    self._exchange(WORKING)
                    self._stop.wait(TICK_S)
                self._end()
            finally:
                self._end_process(0.0)
                here.stopping.unlink(missing_ok=True)

    # the queue process ---------------------------------------------------------------------------

    def _watch_room(self) -> None:
        """Stop taking jobs while the disk is used up; go on when there is room again."""
        full = self.station.outbox.full
        if full and not self._full:
            log.warning("the space for answers is used up: no further visits until they are delivered")
            if self._process is not None and self._process.is_alive():
                self._process.terminate()
        elif self._full and not full:
            log.warning("there is room for answers again")
        self._full = full

    def _watch_process(self) -> None:
        now = time.monotonic()
        if self._process is not None and self._process.is_alive():
            if now - self._started > STEADY_S:
                self._crashes = 0
            return
        if self._process is not None:
            self._process.join()
            self._process = None
            self._crashes += not self._full  # a full one was asked to end
            self._not_before = now + (0.0 if self._crashes <= 1 else pause_s(self._crashes - 1, most_s=30.0))
        # Without Redis there is nothing to take: RQ would only fail and be started again.
        if self._full or self._failures or now < self._not_before:
            return
        context = multiprocessing.get_context("fork")
        self._process = context.Process(target=serve, args=(self.station,), name="queue")
        self._process.start()
        self._started = now

    def _end_process(self, grace_s: float) -> None:
        if self._process is None:
            return
        self._process.terminate()
        ends = time.monotonic() + grace_s
        while self._process.is_alive() and time.monotonic() < ends:
            self._process.join(TICK_S)
            self._exchange(WORKING)
        if self._process.is_alive():
            self._process.kill()
        self._process.join()
        self._process = None

    # delivering ----------------------------------------------------------------------------------

    def _exchange(self, state: str) -> None:
        """Deliver what waits and say that we live; a Redis that is away is tried again later and later."""
        now = time.monotonic()
        if self._redis is None or now < self._connect_at:
            return
        try:
            if self._deliver(self._redis) and now < self._beat_at:
                self._write_status(state)
            if now >= self._beat_at or state == STOPPED:
                self._beat(self._redis, state)
                self._beat_at = now + self.station.beat_s
            self._failures, self._error = 0, _ENDS_AGAIN if self._crashes >= FAILING_AFTER else ""
        except RedisError as error:
            if not self._failures:
                log.warning("Redis does not answer (%s); answers are kept here", type(error).__name__)
            self._failures += 1
            self._connect_at = time.monotonic() + pause_s(self._failures)
            self._error = f"Redis does not answer: {type(error).__name__}"
            self._write_status(state)

    def _deliver(self, redis: Redis) -> int:
        waiting = self.station.outbox.waiting()
        if not waiting:
            return 0
        key = names.answers_key(self.station.zone)
        room = names.MAX_UNDELIVERED - int(redis.xlen(key))
        sent = waiting[: max(0, room)]
        for path in sent:
            redis.xadd(key, {"answer": path.read_text()})
            # Confirmed. If we are killed here it is sent again, and the server knows it already.
            path.unlink(missing_ok=True)
            self._delivered += 1
        return len(sent)

    def _beat(self, redis: Redis, state: str) -> None:
        here = self.station
        claims = [*here.under_way.claims(), *here.outbox.claims()]
        beat = Beat(
            worker=here.name,
            version=collectors.__version__,
            at=datetime.now(UTC),
            state=self._told(state),
            buffered=len(here.outbox.waiting()),
            buffered_bytes=here.outbox.used_bytes(),
            limit_bytes=here.limit_bytes,
            under_way=tuple(claims[:MAX_UNDER_WAY]),
        )
        redis.hset(names.beats_key(here.zone), here.name, seal_beat(beat, here.key))
        self._write_status(beat.state)

    def _told(self, state: str) -> str:
        if state != WORKING:
            return state
        return FULL if self._full else FAILING if self._crashes >= FAILING_AFTER else WORKING

    def _write_status(self, state: str) -> None:
        here = self.station
        document = {
            "zone": here.zone,
            "worker": here.name,
            "version": collectors.__version__,
            "pid": os.getpid(),
            "state": self._told(state),
            "since": self._since.isoformat(timespec="seconds"),
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "buffered": len(here.outbox.waiting()),
            "buffered_bytes": here.outbox.used_bytes(),
            "limit_bytes": here.limit_bytes,
            "under_way": len(here.under_way.claims()),
            "delivered": self._delivered,
            "error": self._error,
        }
        write_durably(here.folder / STATUS_FILE, json.dumps(document, indent=2) + "\n")

    def _end(self) -> None:
        """Let visits under way end, give the others back, deliver, say goodbye."""
        log.warning("stopping: visits under way end first")
        self.station.stopping.touch(mode=0o600)
        self._end_process(self.grace_s)
        self._connect_at = 0.0
        self._exchange(STOPPED)


def run(here: Station) -> None:
    """Work until SIGTERM or Ctrl-C."""
    keeper = Keeper(here)
    signal.signal(signal.SIGTERM, keeper.stop)
    signal.signal(signal.SIGINT, keeper.stop)
    keeper.run()
