"""After a restart the first requests come at once, in several threads of a process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from flask import Flask

from servicedesk.core.db import db
from tests.conftest import ROOT
from tests.servicedesk.world import Browser, World
from tests.support.first_requests import ROUNDS, THREADS

PATHS = ("/tickets/?queue=all", "/", "/equipment/devices", "/inspections/", "/approvals/")


def test_first_requests_that_meet_are_all_answered(app: Flask, world: World) -> None:
    browser = Browser(app, "emma")
    browser.get("/")
    cookie = browser.client.get_cookie("servicedesk")
    assert cookie is not None
    db.session.remove()
    folder = app.extensions["servicedesk"].settings.data
    for _ in range(2):  # whether they meet is chance; each time is a process that has compiled nothing yet
        run = subprocess.run(
            [
                *(sys.executable, "-m", "tests.support.first_requests", str(folder)),
                *(f"servicedesk={cookie.value}", *PATHS),
            ],
            cwd=Path(ROOT),
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert run.returncode == 0, run.stderr[-2000:]
        assert json.loads(run.stdout) == {path: {"200": THREADS * ROUNDS} for path in PATHS}, run.stderr[
            -3000:
        ]
