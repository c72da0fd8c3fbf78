"""A kept transcript is read again offline: by the same parsers, with the same result, and only if intact."""

from __future__ import annotations

import json
import zlib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from collectors import transcripts
from collectors.cli import collect
from collectors.cli_replay import replay
from collectors.transcripts import MAGIC


def run(command: object, *arguments: str) -> Result:
    return CliRunner().invoke(command, list(arguments))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """This machine's transcript, and what was said of it at the time."""
    path = tmp_path_factory.mktemp("kept") / "visit.transcript"
    answer = run(collect, "--local", "--json", "--transcript", str(path))
    return path, json.loads(answer.stdout)


def test_it_says_again_what_it_said(kept: tuple[Path, dict[str, object]]) -> None:
    path, before = kept
    answer = run(replay, str(path), "--json")
    assert answer.exit_code == 0, answer.output
    assert json.loads(answer.stdout) == before


def test_a_blob_is_checked_by_its_name(kept: tuple[Path, dict[str, object]], tmp_path: Path) -> None:
    content = kept[0].read_bytes()
    digest = transcripts.digest(transcripts.unpack(content))
    right, wrong = tmp_path / digest, tmp_path / ("0" * 64)
    for path in (right, wrong):
        path.write_bytes(content)
    assert digest in run(replay, str(right)).stdout
    refused = run(replay, str(wrong))
    assert refused.exit_code == 2
    assert "was altered or is another" in refused.output


def test_another_digest_than_the_records_is_refused(kept: tuple[Path, dict[str, object]]) -> None:
    digest = transcripts.digest(transcripts.unpack(kept[0].read_bytes()))
    assert run(replay, str(kept[0]), "--sha256", digest.upper(), "--json").exit_code == 0
    assert run(replay, str(kept[0]), "--sha256", "f" * 64).exit_code == 2


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"SDT1",
        b"SDT2" + zlib.compress(b"{}"),
        MAGIC + zlib.compress(b"[1]"),
        b"\x00" * 1000,
        MAGIC + b"x" * 50,
    ],
)
def test_what_is_no_transcript_ends_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken"
    path.write_bytes(content)
    answer = run(replay, str(path))
    assert answer.exit_code == 2
    assert "broken: " in answer.output
    assert "Traceback" not in answer.output


def test_a_file_that_is_not_there_is_said() -> None:
    assert run(replay, "nowhere").exit_code == 2
