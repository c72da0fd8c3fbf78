"""Own OID checks against an agent: walked beside the platform's roots, or alone in a trial."""

from __future__ import annotations

import time

from snmp_helpers import Start, access_to

from collectors import runner
from collectors.model import Levels, OwnCheck, Target
from collectors.outcome import Outcome
from collectors.transports import snmp

ERRORS = OwnCheck(
    "own:1",
    "Errors",
    "oid",
    "1.3.6.1.2.1.2.2.1.10",
    names_oid="1.3.6.1.2.1.2.2.1.1",
    scale=0.5,
    levels=Levels(warning_upper=14.5, critical_upper=15),
)
ABSENT = OwnCheck("own:2", "Absent", "oid", "1.3.6.1.4.1.99999.7")


def test_a_column_is_read_row_by_row_under_its_names(start: Start) -> None:
    access = access_to(start())
    visit = runner.visit(Target("t", "127.0.0.1", (access,), own_checks=(ERRORS, ABSENT)))
    own = [finding for finding in visit.findings if finding.check == "own:1"]
    assert [(one.item, one.value) for one in own[:3]] == [("1", 0.5), ("2", 1.0), ("3", 1.5)]
    assert [one.outcome for one in own[-3:]] == [Outcome.OK, Outcome.WARNING, Outcome.CRITICAL]
    assert own[0].evidence is not None
    assert own[0].evidence.oid == "1.3.6.1.2.1.2.2.1.10.1"
    (absent,) = (finding for finding in visit.findings if finding.check == "own:2")
    assert absent.outcome is Outcome.UNSUPPORTED


def test_a_trial_asks_for_its_own_alone_and_only_reads(start: Start) -> None:
    agent = start()
    access = access_to(agent)
    target = Target("t", "127.0.0.1", (access,), own_checks=(ERRORS,), only_own=True)
    result = snmp.visit(target, access, deadline=time.monotonic() + 10)
    assert [exchange.question for exchange in result.exchanges] == [
        "get 1.3.6.1.2.1.1",
        "walk 1.3.6.1.2.1.2.2.1.10",
        "walk 1.3.6.1.2.1.2.2.1.1",
    ]
    assert agent.pdu_kinds <= {0xA0, 0xA1, 0xA5}
