"""Proposals from a report's tables: pure, so no database is asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from servicedesk.reports.deep.sections import BY_KEY
from servicedesk.reports.improvement import rules
from servicedesk.reports.improvement.rules import Frame, propose
from servicedesk.tickets.periods import Period

FRAME = Frame(Period("half", date(2026, 7, 1)), date(2026, 11, 26))


def sections(**tables: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """``section__table`` → rows by column; what a row does not name stays empty."""
    found: dict[str, dict[str, Any]] = {}
    for name, rows in tables.items():
        section, _, key = name.partition("__")
        table = BY_KEY[section].table(key)
        assert table is not None, name
        columns = [column.key for column in table.columns]
        assert all(set(row) <= set(columns) for row in rows), name
        made = [[row.get(column) for column in columns] for row in rows]
        found.setdefault(section, {"tables": {}})["tables"][key] = made
    return found


def crossing(expected: str | None, earliest: str | None = None, device: int = 1) -> dict[str, Any]:
    return {
        "device": [device, f"db{device}"],
        "check": "filesystem_used",
        "item": "/var",
        "now": [78.0, "%"],
        "limit": [90.0, "%"],
        "earliest": earliest,
        "expected": expected,
    }


def test_a_limit_that_is_reached_within_half_a_year_is_proposed_and_a_later_one_is_not() -> None:
    rows = [crossing("2027-01-10", "2026-12-28"), crossing("2027-08-01", device=2)]
    (one,) = propose(sections(capacity__crossing=rows), FRAME)
    assert (one.rule, one.devices, one.priority) == (rules.CAPACITY, ((1, "db1"),), 2)
    assert one.due_on == date(2026, 12, 14)  # two weeks before the earliest day
    assert one.facts == {"check": "filesystem_used", "item": "/var", "now": 78.0, "limit": 90.0, "unit": "%"}
    assert one.reason["values"] == {"now": "78 %", "limit": "90 %", "day": "2027-01-10"}


def test_a_due_date_is_never_so_near_that_nobody_can_keep_it() -> None:
    (one,) = propose(sections(capacity__crossing=[crossing("2026-11-27", "2026-11-26")]), FRAME)
    assert one.due_on == date(2026, 12, 10)


def test_only_the_upper_end_of_the_interval_reaches_the_limit() -> None:
    (one,) = propose(sections(capacity__crossing=[crossing(None, "2027-03-01")]), FRAME)
    assert one.priority == 3


def life(device: int, support: str | None, phase: str, end: str | None = None) -> dict[str, Any]:
    return {
        "device": [device, f"sw{device}"],
        "model": "Acme X1",
        "version": "1.2",
        "support": support,
        "life": end,
        "phase": phase,
    }


def test_models_whose_support_ends_before_the_next_half_year_does_are_one_item_a_site() -> None:
    rows = [
        life(1, "2026-01-01", "ended"),
        life(2, "2026-01-01", "ended"),
        life(3, "2027-06-30", "ending"),
        life(4, "2027-07-01", "ending"),
        life(5, None, "unknown"),
    ]
    places = [{"device": [n, f"sw{n}"], "site": [n % 2, "s"]} for n in range(1, 6)]
    found = propose(sections(versions__devices=rows, coverage__devices=places), FRAME)
    assert [(one.site_id, one.devices, one.priority) for one in found] == [
        (1, ((1, "sw1"),), 2),
        (0, ((2, "sw2"),), 2),
        (1, ((3, "sw3"),), 3),
    ]
    assert found[0].due_on == date(2027, 2, 24)  # 90 days from the report: the day itself is long over
    assert found[2].due_on == date(2027, 6, 30)


def test_failing_checks_of_the_baseline_are_one_item_a_check_and_site() -> None:
    rows = [
        {"device": [1, "a"], "check": "root_accounts", "item": "x", "outcome": "critical", "record": 7},
        {"device": [1, "a"], "check": "root_accounts", "item": "y", "outcome": "warning", "record": 7},
        {"device": [2, "b"], "check": "root_accounts", "item": "x", "outcome": "warning", "record": 8},
        {"device": [2, "b"], "check": "sshd_settings", "item": "x", "outcome": "warning", "record": 8},
    ]
    first, second = propose(sections(security__abnormal=rows), FRAME)
    assert (first.subject, first.devices, first.priority) == ("root_accounts", ((1, "a"), (2, "b")), 2)
    assert first.evidence == ({"kind": "record", "value": 7}, {"kind": "record", "value": 8})
    assert (second.subject, second.priority, second.due_on) == ("sshd_settings", 3, date(2027, 1, 25))


def test_repeats_contracts_bare_devices_and_single_points() -> None:
    found = propose(
        sections(
            repeated__clusters=[
                {
                    "device": [1, "a"],
                    "check": "interface_state",
                    "item": "Gi0/1",
                    "times": 3,
                    "relapses": 2,
                    "open": "yes",
                    "change": [5, "CHG-000005", "New switch"],
                    "record": 9,
                }
            ],
            repeated__devices=[{"device": [1, "a"], "faults": 4}],
            support__contracts=[
                {"contract": [3, "C-3 Care"], "ends": "2026-12-31", "devices": 12},
                {"contract": [4, "C-4 Care"], "ends": "2027-09-30", "devices": 2},
            ],
            support__bare=[{"device": [2, "b"], "site": [6, "North"]}],
            reliance__points=[{"device": [1, "a"], "site": [6, "North"], "stopped": 10, "named": "b, c"}],
        ),
        FRAME,
    )
    assert {one.rule: (one.priority, one.devices) for one in found} == {
        rules.REPEATED: (2, ((1, "a"),)),
        rules.FAULTS: (2, ((1, "a"),)),
        rules.CONTRACT: (2, ()),
        rules.BARE: (4, ((2, "b"),)),
        rules.SINGLE: (2, ((1, "a"),)),
    }
    assert [one.priority for one in found] == sorted(one.priority for one in found)
    repeated = next(one for one in found if one.rule == rules.REPEATED)
    assert [piece["kind"] for piece in repeated.evidence] == ["record", "ticket"]


def test_a_report_without_a_section_proposes_nothing_of_it() -> None:
    assert propose({}, FRAME) == []
