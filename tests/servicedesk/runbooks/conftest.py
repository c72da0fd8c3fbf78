"""The library holds one runbook of every kind for these tests."""

from __future__ import annotations

import pytest

from servicedesk.runbooks import library
from servicedesk.runbooks.definition import Runbook
from servicedesk.runbooks.parsing import parse_runbook
from tests.servicedesk.runbooks.texts import EVERY_KIND


@pytest.fixture
def every_kind(monkeypatch: pytest.MonkeyPatch) -> Runbook:
    runbook, _problems = parse_runbook(EVERY_KIND)
    assert runbook is not None
    monkeypatch.setattr(library, "library", lambda: {runbook.key: runbook})
    return runbook
