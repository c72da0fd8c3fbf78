"""What was asked once can be read for ever: transcripts name the question, and are judged again years later.

``tests/recordings/asked/hosts.json`` keeps the digest of every command that hosts were ever asked. A command
that changes leaves its old text in its section's ``earlier``; what is new is added to the list.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from collectors.facts.linux.reader import Reader
from collectors.model import Exchange
from collectors.outcome import Outcome
from collectors.platforms import aix_commands, linux_commands, windows_script

KEPT = Path(__file__).parents[2] / "recordings/asked/hosts.json"
ASKED: Mapping[str, Mapping[str, str]] = {
    "linux": linux_commands.NAME_OF,
    "aix": aix_commands.NAMES,
    "windows": windows_script.NAMES,
}


def digests(names: Mapping[str, str]) -> dict[str, str]:
    return {hashlib.sha256(text.encode()).hexdigest()[:16]: name for text, name in names.items()}


@pytest.mark.parametrize("platform", ASKED)
def test_every_command_that_was_ever_asked_is_known(platform: str) -> None:
    kept, now = json.loads(KEPT.read_text())[platform], digests(ASKED[platform])
    gone = sorted({name for digest, name in kept.items() if now.get(digest) != name})
    assert gone == [], f"Keep the old text of {gone} in their sections' `earlier`."
    new = {digest: name for digest, name in now.items() if digest not in kept}
    assert new == {}, f"Add these to {KEPT.name}: {json.dumps(new, indent=2)}"


def test_an_answer_to_an_earlier_text_is_read_as_one_to_the_present() -> None:
    section = linux_commands.BY_NAME["failed_units"]
    exchange = Exchange("ssh", section.earlier[0], b"x.service loaded failed failed X\n", Outcome.OK, "", 0)
    assert Reader([exchange]).exchange("failed_units") is exchange
