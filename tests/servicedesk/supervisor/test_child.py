"""One supervised process: restarted with growing pauses, ended in its own time or by force."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from servicedesk.supervisor import child as supervised
from servicedesk.supervisor.child import PAUSE_MAX_S, STEADY_S, Child

STUBBORN = (
    "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "print('ready', flush=True); time.sleep(60)"
)


class Made:
    """Makes children and ends them all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: list[Child] = []

    def __call__(self, code: str, *, grace_s: float = 10.0) -> Child:
        log = self.folder / f"{len(self.children)}.log"
        made = Child("worker", [sys.executable, "-c", code], log, grace_s=grace_s)
        self.children.append(made)
        return made


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Made]:
    made = Made(tmp_path)
    yield made
    for child in made.children:
        child.signal(signal.SIGKILL)
        if child.process is not None:
            child.process.wait(5)


def ended(child: Child) -> Child:
    """The same, once its process is over."""
    assert child.process is not None
    child.process.wait(10)
    return child


def test_one_that_dies_at_once_again_and_again_is_started_with_growing_pauses(make: Made) -> None:
    child = make("raise SystemExit(3)")
    now, pauses = 1000.0, []
    child.start(now)
    for _ in range(8):
        message = ended(child).watch(now)
        assert message is not None
        assert "worker ended with status 3" in message
        pauses.append(child.not_before - now)
        if pauses[-1]:
            assert child.watch(now + pauses[-1] - 0.1) is None
            assert child.process is None, "not before its time"
        now += pauses[-1]
        child.watch(now)
        assert child.process is not None
    assert pauses == [0.0, 2.0, 4.0, 8.0, 16.0, PAUSE_MAX_S, PAUSE_MAX_S, PAUSE_MAX_S]


def test_one_that_ran_for_a_while_is_started_again_at_once(make: Made) -> None:
    child = make("raise SystemExit(3)")
    child.start(0.0)
    child.failures = 7
    message = ended(child).watch(STEADY_S + 1)
    assert message is not None
    assert "started again now" in message
    assert child.not_before == STEADY_S + 1


def test_one_that_runs_is_left_alone(make: Made) -> None:
    child = make("import time; time.sleep(60)")
    child.start(0.0)
    assert child.watch(1.0) is None
    assert child.alive
    assert child.failures == 0


def test_a_signal_is_named(make: Made) -> None:
    child = make("import os; os.kill(os.getpid(), 9)")
    child.start(0.0)
    message = ended(child).watch(0.0)
    assert message is not None
    assert message.startswith("worker was ended by signal 9; it is started again now. Its log: ")


def test_stubborn_ones_have_their_graces_side_by_side(make: Made) -> None:
    children = [make(STUBBORN, grace_s=2.0) for _ in range(4)]
    for child in children:
        child.start(time.monotonic())
    while not all(child.log.read_text() for child in children):
        time.sleep(0.02)
    begun = time.monotonic()
    for child in children:
        child.ask(time.monotonic())
    assert [child.stop(time.monotonic()) for child in children] == [False] * 4
    assert 1.9 < time.monotonic() - begun < 8  # eight seconds and more, had each its turn
    assert not any(child.alive for child in children)


def test_one_that_is_gone_already_stops_without_a_word(make: Made) -> None:
    child = make("pass")
    assert child.stop(0.0), "never started"
    child.start(0.0)
    assert ended(child).stop(0.0)


def test_a_log_that_grew_too_long_is_put_aside(make: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervised, "LOG_LIMIT_BYTES", 5)
    child = make("print('hello')")
    for _ in range(2):
        child.start(0.0)
        ended(child)
    assert child.log.read_text() == "hello\n"
    assert child.log.with_suffix(".log.1").read_text() == "hello\n"
