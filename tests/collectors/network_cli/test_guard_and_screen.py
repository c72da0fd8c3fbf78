"""The read-only grammar and the screen: pure functions under random input."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.facts.cli.assembly import name_in_prompt
from collectors.facts.cli.screen import is_log, last_line, render
from collectors.outcome import Outcome
from collectors.platforms.cli_dialects import GENERIC, by_prompt, complaint, dialects
from collectors.platforms.cli_guard import CommandRefusedError

GRAMMARS = {name: dialect.grammar for name, dialect in dialects().items()}
BLANK = b" " * 40
ERASE = b"\x08" * 10 + b" " * 10 + b"\x08" * 10
JOINERS = st.sampled_from(
    [";", "|", ">", ">>", "&", "`", "$(", "\n", "\r", "\x03", "\x1b", "?", "!", '"', "\\", ",", "\t", "  "]
)


@given(
    st.sampled_from(sorted(GRAMMARS)),
    st.sampled_from(["show version", "display version", "get system status"]),
    JOINERS,
    st.text(max_size=20),
)
def test_nothing_can_be_joined_to_a_question(platform: str, question: str, joiner: str, rest: str) -> None:
    assert not GRAMMARS[platform].permits(f"{question}{joiner}{rest}")
    assert not GRAMMARS[platform].permits(f"{question} {joiner} {rest}")


@given(st.sampled_from(sorted(GRAMMARS)), st.text(max_size=60))
def test_what_is_permitted_begins_with_a_verb_of_reading(platform: str, text: str) -> None:
    grammar = GRAMMARS[platform]
    if grammar.permits(text):
        assert text in grammar.exact or text.split(" ")[0] in {"show", "display", "get"}
        assert text.isascii()
        assert text.isprintable()


@pytest.mark.parametrize(
    "command",
    [
        "configure terminal", "system-view", "reload", "reboot", "delete flash:/x",
        "copy running-config tftp",
        "reset saved-configuration",
        "write memory", "save", "undo shutdown", "show running-config", "show run", "show startup-config",
        "display current-configuration",
        "display cur", "display saved-configuration", "show tech-support", "show configuration",
        "execute reboot", "config system global",
        "diagnose sys kill 9 1", "show version | redirect tftp",
        "debug all", "shell", "request system halt", "",
    ],
)  # fmt: skip
def test_commands_that_change_or_tell_secrets_are_refused_everywhere(command: str) -> None:
    for name, grammar in GRAMMARS.items():
        assert not grammar.permits(command), name
        with pytest.raises(CommandRefusedError):
            grammar.require(command)


def test_a_refusal_shows_no_control_characters() -> None:
    with pytest.raises(CommandRefusedError) as refused:
        GRAMMARS[GENERIC].require("show version\x1b[2J\n")
    assert str(refused.value).isprintable()


@given(st.binary(max_size=400), st.sampled_from(["show version", "show logging", ""]))
def test_any_bytes_become_text(raw: bytes, command: str) -> None:
    shown = render(raw, command)
    assert "\x1b" not in shown
    assert "\x08" not in shown
    assert isinstance(last_line(raw), str)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"show clock\r\n10:00\r\nSW1#", "10:00"),
        (b"show cl\x08\x08clock\r\n10:00\r\nSW1#", "10:00"),
        (b"<SW1>show clo \r\nck\r\n10:00\r\n<SW1>", "10:00"),
        (b"show clock\r\none\r\n --More-- " + ERASE + b"two\r\nSW1#", "one\ntwo"),
        (
            b"show clock\r\none\r\n---(more 42%)---\r" + BLANK + b"\rtwo\r\n\r\n{master:0}\r\nu@SW1> ",
            "one\ntwo",
        ),
        (b"show clock\r\none\r\n  ---- More ----\x1b[16D                \x1b[16Dtwo\r\n<SW1>", "one\ntwo"),
        (b"show clock\r\n\x1b[1;31m10:00\x1b[0m\r\nSW1#", "10:00"),
        (b"show clock\r\nold text\rnew\x1b[K\r\nSW1#", "new"),
        ("show clock\r\n接口状态\r\nSW1#".encode("gbk"), "接口状态"),
        (b"show clock\r\nMemory Using Percentage Is: 39%\r\n<SW1>", "Memory Using Percentage Is: 39%"),
    ],
)  # fmt: skip
def test_what_a_person_would_see(raw: bytes, shown: str) -> None:
    assert render(raw, "show clock") == shown


def test_one_broken_line_spoils_only_itself() -> None:
    raw = "名称\r\n".encode("gbk") + b"\xff\xff\xff\r\n" + b"good\r\n"
    assert render(raw).split("\n")[0] == "名称"


@pytest.mark.parametrize(
    "line",
    [
        "*Jun  1 10:00:00.123: %LINK-3-UPDOWN: Interface up",
        "000123: Jun  1 10:00:00: %SYS-5-CONFIG_I: Configured",
        "%Jul 10 10:00:00:123 2026 H3C SHELL/5/SHELL_LOGIN: admin logged in",
        "Jul 10 2026 10:00:00+08:00 HUAWEI %%01IFNET/4/IF_STATE(l)[0]:Interface down",
        "2026 Jun  1 10:00:00 N9K1 %ETHPORT-5-IF_UP: Interface Ethernet1/1 is up",
    ],
)
def test_log_lines_are_known(line: str) -> None:
    assert is_log(line)


@pytest.mark.parametrize(
    "line", ["Interface GigabitEthernet0/1 is up", "% Invalid input", "10:00:00 UTC Mon Jun 1 2026", "CPU 5%"]
)
def test_answers_are_no_log_lines(line: str) -> None:
    assert not is_log(line)


@pytest.mark.parametrize(
    ("prompt", "platform", "name"),
    [
        ("<SW1>", "huawei_vrp", "SW1"),
        ("HRP_M<FW1>", "huawei_vrp", "FW1"),
        ("RBM_P<FW1>", "hp_comware", "FW1"),
        ("SW1#", "cisco_ios", "SW1"),
        ("SW1>", "ruijie_os", "SW1"),
        ("ASA1#", "cisco_asa", "ASA1"),
        ("FW1(M0D1)#", "hillstone_stoneos", "FW1"),
        ("admin@mx1>", "juniper_junos", "mx1"),
        ("FGT-1 #", "fortinet", "FGT-1"),
        ("admin@PA-1>", "paloalto_panos", "PA-1"),
        ("admin@PA-1(active)>", "paloalto_panos", "PA-1"),
        ("FGT-1 (root) $", "fortinet", "FGT-1"),
    ],
)
def test_prompts_tell_who_it_may_be(prompt: str, platform: str, name: str) -> None:
    found = [dialect.name for dialect in by_prompt(prompt)]
    assert platform in found
    assert found[-1] == GENERIC
    assert name_in_prompt(prompt) == name


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ("      ^\n% Invalid input detected at '^' marker.", Outcome.UNSUPPORTED),
        ("Error: Unrecognized command found at '^' position.", Outcome.UNSUPPORTED),
        (" % Unrecognized command found at '^' position.", Outcome.UNSUPPORTED),
        ("% Authorization failed.", Outcome.AUTH_FAILED),
        ("Command authorization failed.", Outcome.AUTH_FAILED),
        ("error: permission denied", Outcome.AUTH_FAILED),
        ("unknown command.", Outcome.UNSUPPORTED),
        ("command parse error before 'x'\nCommand fail. Return code -61", Outcome.UNSUPPORTED),
    ],
)
def test_complaints_of_all_makers_are_outcomes(answer: str, outcome: Outcome) -> None:
    found = complaint(dialects()[GENERIC], answer)
    assert found is not None
    assert found[0] is outcome


def test_a_long_answer_with_such_words_is_an_answer() -> None:
    assert complaint(dialects()[GENERIC], "Error: unknown command\n" * 30) is None
