"""The job of a zone's queue: makes the visits of a batch, each sealed for itself, and keeps their answers.

An errand is opened when its visit begins and forgotten when it ends. Nothing is sent from here: the answer
goes to the disk, and the keeper delivers it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from collectors import runner
from collectors.errors import SealError
from collectors.messages import N_
from collectors.model import Target, Visit
from collectors.zone.errands import Answer, Errand, open_errand, seal_answer
from collectors.zone.outbox import OutboxFullError
from collectors.zone.station import Station

log = logging.getLogger(__name__)
FULL = N_("the worker's disk space for answers is used up")
STOPPING = N_("the worker is being stopped")

_station: Station | None = None


def settle(station: Station) -> None:
    """Say whose errands this process runs, before it forks for each job."""
    global _station
    _station = station


def visit_errands(sealed: list[str]) -> int:
    """Worker job: make these visits; returns how many answers are kept."""
    if _station is None:
        raise RuntimeError("this process is no zone's worker")
    return make_visits(_station, sealed)


def make_visits(
    station: Station, sealed: list[str], *, visitor: Callable[[Target], Visit] = runner.visit
) -> int:
    """See ``visit_errands``."""
    with ThreadPoolExecutor(station.threads, thread_name_prefix="visit") as pool:
        return sum(pool.map(lambda one: _one(station, one, visitor), sealed))


def _one(station: Station, sealed: str, visitor: Callable[[Target], Visit]) -> int:
    try:
        errand = open_errand(sealed, station.key, now=datetime.now(UTC))
    except SealError as error:
        # Whose it is cannot be known; the server's lease runs out and it is sent again.
        log.warning("an errand was refused: %s", error)
        return 0
    with station.under_way.noted(errand.record_id, errand.attempt):
        answer = _answer(station, errand, visitor)
        return _keep(station, answer)


def _answer(station: Station, errand: Errand, visitor: Callable[[Target], Visit]) -> Answer:
    reason = STOPPING if station.stopping.exists() else FULL if station.outbox.full else ""
    if reason:
        return Answer(errand.record_id, errand.attempt, None, reason)
    visit = visitor(errand.target)
    return Answer(errand.record_id, errand.attempt, visit.transcript)


def _keep(station: Station, answer: Answer) -> int:
    try:
        station.outbox.put(answer.record_id, answer.attempt, seal_answer(answer, station.key))
    except OutboxFullError:
        # Not even room for the answer of a visit made: the server waits for its lease and asks again.
        log.warning("no room for the answer of record %d", answer.record_id)
        return 0
    return 1
