"""Everything is killed in the middle of a run: the next start goes on, and nothing is there twice.

The tests share one data folder; each begins a run of its own.
"""

from __future__ import annotations

import signal

import pytest

from tests.system import devices
from tests.system.installation import Installation, until

pytestmark = pytest.mark.slow


@pytest.fixture
def interrupted(shared: Installation) -> int:
    """The number of a run whose visits are under way."""
    run_id = devices.begin_run(shared.data)
    devices.visits_under_way(shared, run_id)
    return run_id


def test_ctrl_c_lets_the_visits_under_way_end(shared: Installation, interrupted: int) -> None:
    assert shared.interrupt() < 15
    assert shared.processes() == []
    assert "killed" not in shared.console
    assert devices.states(shared, interrupted) == {"done": 12}
    shared.start()
    devices.completed(shared, interrupted, runs=1)


def test_after_a_power_cut_the_run_goes_on(shared: Installation, interrupted: int) -> None:
    shared.kill_everything()
    shared.start()
    devices.completed(shared, interrupted, runs=2)
    devices.is_sound(shared)


def test_a_run_goes_on_after_every_queued_job_was_lost(shared: Installation, interrupted: int) -> None:
    shared.kill_everything()
    shared.forget_redis()
    shared.start()
    devices.completed(shared, interrupted, runs=3)


def test_a_supervisor_that_is_killed_takes_all_with_it_and_may_be_started_at_once(
    shared: Installation, interrupted: int
) -> None:
    assert shared.process is not None
    orphans = shared.processes()
    shared.process.send_signal(signal.SIGKILL)
    shared.process.wait()
    shared.start()
    until("the old ones are gone", lambda: not any(old.is_running() for old in orphans))
    devices.completed(shared, interrupted, runs=4)
    assert "was ended" not in shared.console
