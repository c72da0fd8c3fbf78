"""The program of a visit under a real BusyBox: its shell and its commands, none of the machine's own."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.facts.linux import facts_from_linux
from collectors.outcome import Outcome
from collectors.platforms import linux_script

BUSYBOX = shutil.which("busybox")
pytestmark = pytest.mark.skipif(BUSYBOX is None, reason="the package busybox is not installed")


def test_a_small_system_tells_all_it_has(tmp_path: Path) -> None:
    applets = tmp_path / "bin"
    applets.mkdir()
    subprocess.run([str(BUSYBOX), "--install", "-s", str(applets)], check=True)
    marker = linux_script.new_marker()
    script = linux_script.build_script(marker)
    assert script.startswith("PATH=")
    alone = f"PATH={applets};" + script[script.index(";") + 1 :]
    started_at = datetime.now(UTC)
    answer = subprocess.run(
        [str(applets / "sh"), "-c", 'eval "$(cat)"'],
        input=alone.encode(),
        capture_output=True,
        timeout=60,
        env={"PATH": str(applets)},
    )
    exchanges, complete = linux_script.split_output(answer.stdout, answer.stderr, marker, transport="ssh")
    assert complete
    facts = facts_from_linux(exchanges, started_at=started_at)
    assert facts.identity.name
    assert facts.identity.uptime_s
    assert facts.processors[0].name == "total"
    assert facts.memory
    assert any(one.name == "/" for one in facts.storage)
    assert any(one.name == "lo" and one.addresses for one in facts.interfaces)
    assert set(facts.extra) >= {"load", "clock", "accounts", "processes", "listening", "file_descriptors"}
    failed = [error for error in facts.errors if error.outcome is Outcome.PARSE_FAILED]
    assert failed == []
    # Programs that BusyBox has not are named, never taken for "nothing is wrong".
    assert {error.fact for error in facts.errors} >= {"failed_units", "journal_errors", "smart"}
