"""One installation in processes of its own: started, looked into, hurt, stopped."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, TypeVar

import psutil
import psycopg

from tests.conftest import ROOT

_MARK = "SYSTEM_TEST_MARK"  # in the environment of every process we caused
_KEPT = ("PATH", "LANG", "PYTHONPATH", "VIRTUAL_ENV")
LEASE_S = 4  # the shortest allowed: a killed visit is made again that soon
T = TypeVar("T")


def until(what: str, look: Callable[[], T | None], *, within_s: float = 30.0) -> T:
    """Look until there is something true; its value. Fails with ``what`` when the time is over."""
    deadline = time.monotonic() + within_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s:.0f} s: {what}")
        time.sleep(0.1)


class Installation:
    """``python -m servicedesk run`` on a data folder; ``close()`` leaves no process behind.

    Args:
        home: an empty folder: HOME, the console's text and, unless ``data`` is given, the data.
        environment: settings besides those of every installation here.
    """

    def __init__(self, home: Path, port: int, environment: Mapping[str, str] | None = None) -> None:
        self.home = home
        self.data = home / "data"
        self.port = port
        self.extra = dict(environment or {})
        self.mark = uuid.uuid4().hex
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        self.others: list[subprocess.Popen[bytes]] = []

    # starting and stopping ----------------------------------------------------------------------

    def launch(self, *, workers: int = 2) -> Installation:
        """Start it without waiting for anything."""
        self.home.mkdir(parents=True, exist_ok=True)
        self.starts += 1
        command = (sys.executable, "-m", "servicedesk", "run", "--port", str(self.port))
        with self._console.open("wb") as output:
            self.process = subprocess.Popen(
                (*command, "--data", str(self.data), "--workers", str(workers)),
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def start(self, *, workers: int = 2) -> Installation:
        """Start it; returns itself when it says where to open it."""
        return self.launch(workers=workers).await_open()

    def await_open(self) -> Installation:
        """Wait until a launched one says where to open it."""
        until("it is open", lambda: "Open http" in self.console or self._ended(), within_s=60)
        assert "Open http" in self.console, self.console
        return self

    def also(self, *module: str) -> subprocess.Popen[bytes]:
        """One more program of the installation, which its supervisor does not know."""
        with (self.home / "also.txt").open("ab") as output:
            process = subprocess.Popen(
                (sys.executable, "-m", *module),
                cwd=ROOT,
                env={**self._environment, "SERVICEDESK_DATA": str(self.data)},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.others.append(process)
        return process

    @property
    def _environment(self) -> dict[str, str]:
        return {name: os.environ[name] for name in _KEPT if name in os.environ} | {
            "HOME": str(self.home),
            "SERVICEDESK_LOCALE": "en",
            "SERVICEDESK_VISIT_LEASE_S": str(LEASE_S),
            _MARK: self.mark,
            **self.extra,
        }

    def _ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def wait(self, within_s: float = 20.0) -> int:
        """Its exit status."""
        assert self.process is not None
        return self.process.wait(within_s)

    def interrupt(self) -> float:
        """Ctrl-C; how many seconds it took to end with status 0."""
        assert self.process is not None
        begun = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        assert self.wait(30) == 0, self.console
        return time.monotonic() - begun

    def close(self) -> None:
        """End it in whatever state it is; everything we caused is gone afterwards."""
        self.kill_everything()

    # processes ----------------------------------------------------------------------------------

    def processes(self) -> list[psutil.Process]:
        """Every living process this installation caused, whoever its parent is now."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if process.environ().get(_MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def child(self, *words: str) -> psutil.Process:
        """The supervisor's own child whose command line has these words."""
        return until(f"a process {words}", lambda: self._child(words))

    def _child(self, words: tuple[str, ...]) -> psutil.Process | None:
        assert self.process is not None
        for process in psutil.Process(self.process.pid).children():
            with suppress(psutil.Error):
                line = " ".join(process.cmdline())
                if all(word in line for word in words):
                    return process
        return None

    def horses(self) -> list[psutil.Process]:
        """The forks of collecting workers that have a job now."""
        assert self.process is not None
        found = []
        for process in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.Error):
                parent = process.parent()
                if parent is None or parent.pid == self.process.pid:
                    continue
                if "servicedesk.worker collect" in " ".join(parent.cmdline()):
                    found.append(process)
        return found

    def kill_everything(self) -> None:
        """``kill -9`` for all of them at once, as a power cut would."""
        for _ in range(3):
            living = self.processes()
            for process in living:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            psutil.wait_procs(living, timeout=5)
        for started in (self.process, *self.others):
            if started is not None:
                started.wait(5)
        assert not self.processes()

    # what can be seen from outside --------------------------------------------------------------

    @property
    def _console(self) -> Path:
        return self.home / f"console-{self.starts}.txt"

    @property
    def console(self) -> str:
        """What the last start printed so far."""
        return self._console.read_text(encoding="utf-8")

    def log(self, name: str) -> str:
        """The text of a log: web, worker, collector, scheduler, redis."""
        return (self.data / "logs" / f"{name}.log").read_text(encoding="utf-8", errors="replace")

    def answers(self) -> bool:
        """Whether the site works: /healthz asks the database."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Read the database without the application."""
        url = self.extra.get("DATABASE_URL", "")
        if url:
            with psycopg.connect(url.replace("+psycopg", "")) as connection:
                return connection.execute(statement).fetchall()
        path = self.data / "servicedesk.db"
        if not path.exists():
            return []
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(statement).fetchall()

    def forget_redis(self) -> None:
        """Lose every queued job."""
        shutil.rmtree(self.data / "redis")
