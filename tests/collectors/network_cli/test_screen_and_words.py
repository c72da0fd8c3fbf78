"""What a person would have seen of an answer, and the words all makers share."""

from __future__ import annotations

import pytest

from collectors.errors import ParseError
from collectors.facts.cli.screen import render
from collectors.facts.cli.values import cells, oper_word
from collectors.outcome import Outcome
from collectors.platforms.cli_dialects import complaint, dialects
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


@pytest.mark.parametrize(
    ("platform", "words", "outcome"),
    [
        ("hp_comware", " % Too many parameters found at '^' position.", Outcome.UNSUPPORTED),
        ("hp_comware", "The operation is not supported.", Outcome.UNSUPPORTED),
        ("hp_comware", "This operation is not supported in IRF mode.", Outcome.UNSUPPORTED),
        ("hp_comware", "Access denied.", Outcome.AUTH_FAILED),
        ("huawei_vrp", "Error: The device does not support this command.", Outcome.UNSUPPORTED),
        ("huawei_vrp", "错误：在'^'处有无法识别的命令。", Outcome.UNSUPPORTED),
        ("huawei_vrp", "错误：您没有执行该命令的权限。", Outcome.AUTH_FAILED),
        (
            "ruijie_os",
            "% User doesn't have sufficient privilege to execute this command.",
            Outcome.AUTH_FAILED,
        ),
        ("juniper_junos", "missing argument.", Outcome.UNSUPPORTED),
    ],
)
def test_refusals_in_words_of_every_maker(platform: str, words: str, outcome: Outcome) -> None:
    told = complaint(dialects()[platform], words)
    assert told is not None
    assert told[0] is outcome


def test_a_board_without_manufacturing_data_is_no_refusal() -> None:
    answer = (
        "Slot 1\nDEVICE_NAME : S5500\nSubslot 1\nThe operation is not supported on the specified board.\n"
    )
    assert complaint(dialects()["hp_comware"], answer) is None


def test_the_load_and_the_time_that_ios_puts_before_an_answer_are_left_out() -> None:
    raw = (
        b"SW1#show version\nLoad for five secs: 7%/0%; one minute: 8%; five minutes: 9%\n"
        b"Time source is NTP, 10:00:00.123 UTC Mon Jun 1 2026\n\nCisco IOS Software\n"
    )
    assert render(raw, "show version").strip() == "Cisco IOS Software"
