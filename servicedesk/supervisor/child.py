"""One supervised process: started, watched, restarted with growing pauses, stopped."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from collectors.processes import die_with_parent

LOG_LIMIT_BYTES = 10 * 1024 * 1024
STEADY_S = 60.0  # a child that ran this long starts its pauses anew
PAUSE_MAX_S = 30.0


@dataclass(slots=True)
class Child:
    """A command of the installation.

    ``grace_s``: how long it may take to end after SIGTERM before it is killed.
    """

    name: str
    command: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    grace_s: float = 10.0
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    not_before: float = 0.0
    failures: int = 0
    asked_at: float | None = None  # to end

    def start(self, now: float) -> None:
        """Start the process; its output goes to the log file."""
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own programs
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **self.environment},
                start_new_session=True,  # Ctrl-C reaches the supervisor alone
                preexec_fn=die_with_parent,
            )
        self.started_at = now

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def watch(self, now: float) -> str | None:
        """Restart the process if it ended; returns a sentence when that was noticed just now."""
        if self.alive:
            return None
        if self.process is not None:
            status = self.process.returncode
            self.process = None
            self.failures = 1 if now - self.started_at > STEADY_S else self.failures + 1
            pause = 0.0 if self.failures == 1 else min(2.0 ** (self.failures - 1), PAUSE_MAX_S)
            self.not_before = now + pause
            word = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
            when = f"in {pause:.0f} s" if pause else "now"
            return f"{self.name} {word}; it is started again {when}. Its log: {self.log}"
        if now >= self.not_before:
            self.start(now)
        return None

    def signal(self, number: int) -> None:
        """Send a signal to the whole process group; one that is gone already is no error."""
        if self.process is not None and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)

    def ask(self, now: float) -> None:
        """Ask the process to end, once; its grace counts from here."""
        if self.asked_at is None and self.process is not None and self.alive:
            # Only the leader: gunicorn and RQ tell their own children themselves.
            self.process.terminate()
            self.asked_at = now

    def stop(self, now: float) -> bool:
        """End the process: SIGTERM, then SIGKILL after the grace. Returns whether it ended by itself."""
        self.ask(now)
        if self.process is None or self.asked_at is None:
            return True
        try:
            self.process.wait(max(0.0, self.asked_at + self.grace_s - now))
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait()
            return False
        return True
