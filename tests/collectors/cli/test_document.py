"""The document of a visit holds what the facts hold."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest

from collectors.checks import judge
from collectors.document import visit_document
from collectors.facts.snmp import facts_from_snmp
from collectors.model import Exchange, Target, Transcript, Visit
from collectors.outcome import Outcome
from collectors.simulator import mibs


@pytest.mark.parametrize("kind", ["switch", "ups", "printer", "nas", "firewall"])
def test_every_field_but_the_evidence_is_there(kind: str) -> None:
    lines = "\n".join(mibs.build(kind, "one", 3, 1e6, ("hot",)).lines()).encode() + b"\n"
    target = Target("1", "127.0.0.1", ())
    exchange = Exchange("snmp", "walk 1.3.6.1", lines)
    facts = facts_from_snmp((exchange,), target=target)
    at = datetime(2026, 3, 2, tzinfo=UTC)
    findings = tuple(judge(facts, target, at))
    document = visit_document(
        Visit(Transcript("1", "127.0.0.1", at, 1.0, (exchange,), Outcome.OK), facts, findings)
    )
    found = 0
    for name in ("processors", "memory", "storage", "interfaces", "sensors", "supplies", "inventory"):
        expected: list[dict[str, Any]] = [asdict(item) for item in getattr(facts, name)]
        for one in expected:
            del one["evidence"]
        assert document[name] == expected
        found += len(expected)
    assert found
    assert {name for row in document["findings"] if row["levels"] for name in row["levels"]} <= {
        "warning_upper",
        "critical_upper",
        "warning_lower",
        "critical_lower",
    }
