"""One process after the other is killed in a running installation: the site goes on and nothing is lost.

The tests share one installation; each that inspects begins a run of its own.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import count

import pytest

from tests.system import devices
from tests.system.installation import Installation, until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return count(1)


def again(one: Installation, *words: str) -> None:
    """Kill a child; wait until the supervisor has another in its place."""
    old = one.child(*words)
    old.kill()
    until("it is gone", lambda: not old.is_running() or one.child(*words).pid != old.pid)
    assert one.child(*words).pid != old.pid
    until("its end is told", lambda: "was ended by signal 9; it is started again now" in one.console)


def test_a_killed_web_server_answers_again(shared: Installation) -> None:
    again(shared, "gunicorn")
    until("the site answers", shared.answers)
    assert "web was ended by signal 9" in shared.console


def test_a_collector_killed_during_its_visits_loses_none(
    shared: Installation, numbers: Iterator[int]
) -> None:
    run_id = devices.begin_run(shared.data)
    devices.visits_under_way(shared, run_id)
    (horse,) = shared.horses()
    worker = horse.parent()
    assert worker is not None
    worker.kill()
    until("its fork ends with it", lambda: not horse.is_running(), within_s=3)
    devices.completed(shared, run_id, runs=next(numbers))
    interruptions = shared.rows(f"SELECT sum(interruptions) FROM inspection_records WHERE run_id = {run_id}")
    assert interruptions[0][0] >= 4


def test_a_work_horse_killed_alone_loses_no_visit(shared: Installation, numbers: Iterator[int]) -> None:
    run_id = devices.begin_run(shared.data)
    devices.visits_under_way(shared, run_id)
    (horse,) = shared.horses()
    horse.kill()
    devices.completed(shared, run_id, runs=next(numbers))


def test_a_redis_killed_during_visits_loses_none(shared: Installation, numbers: Iterator[int]) -> None:
    run_id = devices.begin_run(shared.data)
    devices.visits_under_way(shared, run_id)
    again(shared, "unixsocket:")  # Redis changes its title
    devices.completed(shared, run_id, runs=next(numbers))
    assert shared.answers()


def test_a_killed_scheduler_begins_runs_again(shared: Installation, numbers: Iterator[int]) -> None:
    again(shared, "servicedesk.schedule")
    run_id = devices.begin_run(shared.data)
    devices.completed(shared, run_id, runs=next(numbers))


def test_a_killed_worker_of_the_default_queue_sweeps_again(
    shared: Installation, numbers: Iterator[int]
) -> None:
    again(shared, "servicedesk.worker", "default")
    run_id = devices.begin_run(shared.data)
    devices.completed(shared, run_id, runs=next(numbers))


def test_a_database_locked_for_seconds_while_visits_end_loses_none(
    shared: Installation, numbers: Iterator[int]
) -> None:
    run_id = devices.begin_run(shared.data)
    devices.visits_under_way(shared, run_id)
    path = shared.data / "servicedesk.db"
    with closing(sqlite3.connect(path, isolation_level=None, timeout=20)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        time.sleep(5)  # the visits end and want to be recorded
        assert shared.answers(), "reading goes on"
        holder.execute("ROLLBACK")
    devices.completed(shared, run_id, runs=next(numbers))


def test_after_all_that_it_stops_at_once_and_leaves_nothing(shared: Installation) -> None:
    assert shared.interrupt() < 15
    assert shared.console.rstrip().endswith("Stopped.")
    assert shared.processes() == []
    devices.is_sound(shared)
