"""What a person would have seen of an answer, and the words all makers share."""

from __future__ import annotations

import pytest

from collectors.errors import ParseError
from collectors.facts.cli.screen import render
from collectors.facts.cli.values import cells, oper_word
from tests.support.answers import read


@pytest.mark.parametrize("shown", ["10:00:04.000 UTC Mon Foo 1 2026", "25:00:04.000 UTC Mon Jun 1 2026"])
def test_a_time_that_cannot_be_is_refused(shown: str) -> None:
    with pytest.raises(ParseError):
        read("cisco_ios", "show clock", shown)


@pytest.mark.parametrize(
    ("platform", "command", "answer"),
    [
        ("huawei_vrp", "display hrp state", "HRP is not enabled on this device"),
        ("huawei_vrp", "display ntp status", "what is this"),
        ("cisco_ios", "show ntp status", "what is this"),
        ("cisco_nxos", "show ntp peer-status", "what is this"),
        ("juniper_junos", "show ntp status", "what is this"),
    ],
)
def test_a_form_not_known_is_said(platform: str, command: str, answer: str) -> None:
    with pytest.raises(ParseError):
        read(platform, command, answer)


@pytest.mark.parametrize(
    ("word", "known"),
    [
        ("*up", "up"),
        ("standby", "dormant"),
        ("lowerLayerDown", "lowerLayerDown"),
        ("lower layer down", "lowerLayerDown"),
        ("not present", "notPresent"),
        ("sfpAbsent", "notPresent"),
        ("xcvrAbsen", "notPresent"),
        ("xcvrInval", "down"),
        ("linkFlapE", "down"),
        ("mystery", "unknown"),
        ("^down", "down"),
        ("err-disabled", "down"),
        ("testing", "testing"),
    ],
)
def test_words_of_a_port_s_state(word: str, known: str) -> None:
    assert oper_word(word) == known


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"abc\x1b[2Dxy", "axy"),  # left
        (b"ab\x1b[3Cc", "ab   c"),  # right
        (b"abc\x1b[1Gx", "xbc"),  # to a column
        (b"abc\x1b[2Kd", "   d"),  # the whole line erased, the cursor stays
        (b"abc\r\x1b[1Kd", "dbc"),  # what is left of the cursor
        (b"abc\x1bQd", "abcQd"),  # no sequence known
    ],
)
def test_moves_of_the_cursor(raw: bytes, shown: str) -> None:
    assert render(raw) == shown


def test_an_unfinished_echo_is_no_echo() -> None:
    assert render(b"show\nversion of something else entirely\n", "show version") == (
        "show\nversion of something else entirely"
    )
    assert render(b"x" * 400 + b"\nanswer", "show version").endswith("answer")


def test_prompts_below_an_answer_and_headings_without_columns_are_left_out() -> None:
    assert render(b"show x\nanswer\n\nSW1#", "show x") == "answer"
    assert render(b"show x\nanswer\n{master:0}\nuser@sw1>", "show x") == "answer"
    assert cells("text", "") == {}
