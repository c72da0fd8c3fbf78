"""The JSON document of every recorded device fits the schema that is documented."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from collectors.checks import judge
from collectors.document import visit_document
from collectors.facts.snmp import facts_from_recording
from collectors.model import Target, Transcript, Visit
from collectors.outcome import Outcome
from tests.conftest import ROOT, recordings_folder

FOLDER = recordings_folder()
RECORDINGS = sorted((FOLDER / "snmp").glob("*.snmprec")) if FOLDER else [Path("none")]


@pytest.mark.recordings
@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_it_fits_the_schema(path: Path) -> None:
    schema = json.loads((ROOT / "docs" / "collect.schema.json").read_text(encoding="utf-8"))
    at = datetime(2026, 11, 24, tzinfo=UTC)
    facts = facts_from_recording(path.read_bytes())
    target = Target("1", "127.0.0.1", ())
    transcript = Transcript("1", "127.0.0.1", at, 1.0, (), Outcome.OK)
    document = visit_document(Visit(transcript, facts, tuple(judge(facts, target, at))))
    jsonschema.validate(json.loads(json.dumps(document)), schema)
