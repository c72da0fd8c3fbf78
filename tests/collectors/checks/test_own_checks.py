"""Own checks: patterns that cannot be slow, commands that only read, answers of any kind."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.checks.spec import number
from collectors.model import Exchange, Finding, LevelRule, Levels, OwnCheck, Target, Transcript
from collectors.outcome import Outcome
from collectors.own import PatternError, commands_for, compile_pattern, judge_own, refuse_command, require_oid
from collectors.sealing import open_sealed, seal

AT = datetime(2026, 11, 24, tzinfo=UTC)
FANS = OwnCheck(
    "own:1",
    "Fan load",
    "command",
    "display fan-load",
    dialects=("huawei_vrp",),
    pattern=r"^(?P<item>FAN\d+) +(?P<value>\S+)%",
    unit="%",
    levels=Levels(warning_upper=70, critical_upper=90),
)
STATE = replace(FANS, pattern=r"^Clock: (?P<value>\w+)", states=(("synced", "ok"), ("free", "critical")))
OID = OwnCheck("own:2", "Load", "oid", "1.3.6.1.4.1.99.1.2", scale=0.1)


def transcript(*exchanges: Exchange, dialect: str = "huawei_vrp", **session: str) -> Transcript:
    told = {"ssh.cli": dialect, "ssh.outcome": "ok", **session}
    return Transcript("1", "10.0.0.1", AT, 1.0, exchanges, Outcome.OK, session=told)


def command(answer: bytes, outcome: Outcome = Outcome.OK, error: str = "") -> Exchange:
    return Exchange("ssh", "display fan-load", answer, outcome, error)


def walk(answer: str, root: str = "1.3.6.1.4.1.99.1.2") -> Exchange:
    return Exchange("snmp", f"walk {root}", answer.encode())


def judge(check: OwnCheck, *exchanges: Exchange, **values: object) -> list[Finding]:
    target = Target("1", "10.0.0.1", (), own_checks=(check,), **values)  # type: ignore[arg-type]  # by name
    return list(judge_own(transcript(*exchanges), target))


def test_every_line_that_fits_is_an_item_with_its_evidence() -> None:
    found = judge(FANS, command(b"display fan-load\r\nFAN1  20%\r\nFAN2  75%\r\nFAN3  95%\r\n<SW01>"))
    assert [(one.item, one.value, one.outcome.value) for one in found] == [
        ("FAN1", 20.0, "ok"),
        ("FAN2", 75.0, "warning"),
        ("FAN3", 95.0, "critical"),
    ]
    assert [one.evidence.line for one in found if one.evidence] == [2, 3, 4]


def test_levels_of_the_ladder_hold_for_own_checks_too() -> None:
    rule = LevelRule("own:1", "level of site Main, set 2026-01-01 by wang", warning=10, critical=15)
    (found,) = judge(FANS, command(b"FAN1  20%\n"), levels=(rule,))
    assert (found.outcome, found.levels and found.levels.provenance) == (Outcome.CRITICAL, rule.provenance)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [(b"Clock: SYNCED\n", "ok"), (b"Clock: free\n", "critical"), (b"Clock: odd\n", "parse_failed")],
)
def test_a_state_that_is_not_defined_is_never_normal(answer: bytes, outcome: str) -> None:
    (found,) = judge(STATE, command(answer))
    assert found.outcome.value == outcome


@pytest.mark.parametrize("answer", [b"", b"nothing here\n", b"\xff\xfe\x00", b"FAN 20%\n" * 3])
def test_an_answer_without_a_match_is_not_normal(answer: bytes) -> None:
    (found,) = judge(FANS, command(answer))
    assert found.outcome is Outcome.PARSE_FAILED


def test_a_value_that_is_no_number_is_not_understood() -> None:
    outcomes = [
        one.outcome for one in judge(FANS, command(b"FAN1 n/a%\nFAN2 nan%\nFAN3 1e999%\nFAN4 1_0%\n"))
    ]
    assert outcomes == [Outcome.PARSE_FAILED] * 4


def test_a_refused_command_keeps_the_devices_reason() -> None:
    (found,) = judge(FANS, command(b"", Outcome.UNSUPPORTED, "The device does not know this command: x"))
    assert found.outcome is Outcome.UNSUPPORTED
    assert "does not know" in str(found.message.values["reason"])


def test_a_device_with_another_command_line_is_not_asked() -> None:
    target = Target("1", "10.0.0.1", (), own_checks=(FANS,))
    assert commands_for(target, "huawei_vrp") == ("display fan-load",)
    assert commands_for(target, "cisco_ios") == ()
    (found,) = judge_own(transcript(dialect="cisco_ios"), target)
    assert found.outcome is Outcome.NOT_APPLICABLE


def test_a_device_nobody_could_log_into_says_why() -> None:
    target = Target("1", "10.0.0.1", (), own_checks=(FANS, OID))
    told = {"ssh.cli": "", "ssh.outcome": "auth_failed", "ssh.error": "wrong password"}
    found = judge_own(replace(transcript(), session=told), target)
    assert [one.outcome for one in found] == [Outcome.AUTH_FAILED, Outcome.NOT_INSPECTED]


def test_a_scalar_and_a_column_are_read_with_their_factor() -> None:
    (scalar,) = judge(OID, walk("1.3.6.1.4.1.99.1.2.0|2|235\n1.3.6.1.4.1.99.1.20.0|2|9\n"))
    assert (scalar.item, scalar.value) == ("", 23.5)
    column = judge(OID, walk("1.3.6.1.4.1.99.1.2.1|66|10\n1.3.6.1.4.1.99.1.2.2|4|12 C\n"))
    assert [(one.item, one.outcome.value) for one in column] == [("1", "ok"), ("2", "parse_failed")]


def test_a_value_within_a_text_is_taken_out_by_the_pattern() -> None:
    check = replace(OID, pattern=r"(?P<value>\d+) C", scale=1.0)
    (found,) = judge(check, walk("1.3.6.1.4.1.99.1.2.0|4x|3132204300\n"))
    assert found.value == 12


@given(st.binary(max_size=400))
def test_no_answer_breaks_an_own_check(answer: bytes) -> None:
    for check, exchange in (
        (FANS, command(answer)),
        (STATE, command(answer)),
        (OID, walk("")),
    ):
        assert judge(check, replace(exchange, answer=answer))


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        "no group",
        "(?P<value>",
        r"(?P<value>x)\1",
        r"(?=x)(?P<value>x)",
        r"(?P<value>a{1000}){1000}",
        r"(?P<other>x)(?P<value>y)",
        "(?P<value>" + "x" * 300 + ")",
    ],
)
def test_a_pattern_that_cannot_be_used_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern)


def test_a_pattern_that_would_take_others_years_is_answered() -> None:
    assert compile_pattern(r"(?P<value>(a+)+)$").search("a" * 2000 + "b") is None


@pytest.mark.parametrize(
    "oid", ["", "1.3", "1.3.6.1", "2.1.3.4.5.6", "1.3.6.1.4.x", "1.3.6.1.4.1.9;", "1..3.6.1.4.1"]
)
def test_what_is_no_oid_of_an_object_is_refused(oid: str) -> None:
    with pytest.raises(PatternError):
        require_oid(oid)


def test_the_instance_of_a_scalar_is_taken_off() -> None:
    assert require_oid(" .1.3.6.1.4.1.99.1.2.0 ") == "1.3.6.1.4.1.99.1.2"


@pytest.mark.parametrize(
    "words",
    [
        "reboot",
        "reset saved-configuration",
        "display current-configuration",
        "disp fan",
        "display fan | save x",
        "display fan\nreboot",
        "display fan; reboot",
        "display ?",
        "",
        "显示",
        "system-view",
        "display" + " a" * 200,
    ],
)
def test_a_command_that_does_not_only_read_is_refused_with_a_sentence(words: str) -> None:
    assert refuse_command(words, ["huawei_vrp"])
    own = replace(FANS, question=words)
    assert commands_for(Target("1", "a", (), own_checks=(own,)), "huawei_vrp") == ()


def test_own_checks_travel_sealed() -> None:
    key = b"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
    target = Target("1", "a", (), own_checks=(FANS, STATE, OID), only_own=True)
    assert open_sealed(seal(target, key), key) == target


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (1_601_783_700.0, "1601783700"),
        (0.00001, "0.00001"),
        (999_999.9, "1000000"),
        (96.0, "96"),
        (10.512345678, "10.5123"),
        (-3.0, "-3"),
        (None, "–"),
    ],
)
def test_no_number_is_written_with_an_exponent(value: float | None, written: str) -> None:
    assert number(value) == written
