"""Logins are told by name and counted; a level that people set is held."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from collectors.checks import judge
from collectors.facts.host import Login, PastLogin
from collectors.model import DeviceFacts, Finding, LevelRule, Target
from collectors.outcome import Outcome

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def finding(check: str, fact: str, value: object, *rules: LevelRule) -> Finding:
    facts = DeviceFacts(extra={fact: value}, asked=frozenset({fact}))
    (found,) = (one for one in judge(facts, Target("7", "h", (), levels=rules), NOW) if one.check == check)
    return found


def words(found: Finding) -> str:
    return found.message.template % dict(found.message.values)


def test_who_is_logged_in_stands_in_the_record() -> None:
    two = (
        Login("ops", "pts/0", "x", "10.1.1.9"),
        Login("root", "tty1", "x"),
        Login("ops", "pts/1", "x", "10.1.1.9"),
    )
    found = finding("logged_in", "logins", two)
    assert (found.outcome, found.value, words(found)) == (
        Outcome.OK,
        3,
        "ops (10.1.1.9) × 2, root (tty1) (3 in all)",
    )
    assert words(finding("logged_in", "logins", ())) == "Nobody"


def test_logins_of_a_day_are_counted_and_held_against_a_level() -> None:
    logins = tuple(
        PastLogin("ops", "pts/0", "10.1.1.9", NOW - timedelta(hours=hours)) for hours in (1, 23, 25, 80)
    )
    assert words(finding("past_logins", "past_logins", logins)) == "ops (10.1.1.9) × 2 (2 in all)"
    rule = LevelRule("past_logins", "level of the device", warning=1)
    found = finding("past_logins", "past_logins", logins, rule)
    assert (found.outcome, found.value, words(found)) == (Outcome.WARNING, 2, "ops (10.1.1.9) × 2 (2 in all)")
    assert words(finding("past_logins", "past_logins", logins[2:])) == "Nobody"


def test_more_than_are_asked_for_are_not_called_all() -> None:
    many = tuple(PastLogin(f"u{number}", "pts/0", "", NOW) for number in range(50))
    assert words(finding("past_logins", "past_logins", many)).startswith("u0 (pts/0), ")
    assert words(finding("past_logins", "past_logins", many)).endswith(", u7 (pts/0), … (50+ in all)")


def test_times_without_a_zone_are_not_taken_for_days() -> None:
    found = finding("past_logins", "past_logins", (PastLogin("ops", "pts/0"),))
    assert found.outcome is Outcome.NOT_APPLICABLE
