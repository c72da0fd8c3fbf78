"""The first minute of an installation, and the second start."""

from __future__ import annotations

import re

import pytest

from tests.system.conftest import Install
from tests.system.installation import Installation, until

pytestmark = pytest.mark.slow


def kept(one: Installation) -> list[object]:
    """What a second start must not change."""
    return [
        *(one.rows("SELECT id, username, password_hash FROM users")),
        *(one.rows("SELECT id, name FROM devices")),
        *(one.rows("SELECT id, state, outcome, finished_at, transcript_sha256 FROM inspection_records")),
        *((one.data / name).read_bytes() for name in ("master.key", "secret.key")),
    ]


def test_the_first_start_inspects_this_machine_and_the_second_changes_nothing(install: Install) -> None:
    one = install().start()
    assert one.answers()
    assert len(re.findall(r"One-time password: \S{10,}\n", one.console)) == 1
    until(
        "this machine is inspected",
        lambda: one.rows("SELECT 1 FROM inspection_records WHERE state = 'done' AND outcome = 'ok'"),
        within_s=60,
    )
    assert one.rows("SELECT address, state FROM devices") == [("127.0.0.1", "active")]
    first = kept(one)
    assert one.interrupt() < 15
    assert one.processes() == []

    one.start()
    assert one.answers()
    assert "password" not in one.console.lower()
    assert kept(one) == first
    assert one.interrupt() < 15
    assert one.processes() == []
    assert "Traceback" not in "".join(one.log(name) for name in ("web", "worker", "collector", "scheduler"))
