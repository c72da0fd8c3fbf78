"""Firewalls whose answers no manual shows are asked as unknown devices, and nothing of them is invented.

Prompts, pagers and refusals are those that public programs for these devices expect; the answers
themselves are placeholders: no real device was seen.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from ssh_helpers import access_to

from collectors import runner
from collectors.facts.cli.screen import is_prompt, render
from collectors.model import Target, Visit
from collectors.outcome import Outcome
from collectors.platforms.cli_dialects import GENERIC, dialects
from collectors.simulator.cli_device import CliDevice, Traps
from collectors.simulator.cli_persona import PERSONAS, Persona
from collectors.simulator.ssh_server import SshServer

MAKERS = {
    "DPtech": replace(
        PERSONAS["huawei_vrp"],
        prompt="<%s>",
        greeting="SSH-2.0-device",
        pager=" --More(CTRL+C break)-- ",
        erase="\r                         \r",
        pager_off=frozenset(),
        unknown="% Unknown command.",
    ),
    "Topsec": replace(
        PERSONAS["huawei_vrp"],
        prompt="%s%% ",
        greeting="SSH-2.0-device",
        pager="--More--",
        erase="\r        \r",
        pager_off=frozenset(),
        unknown="error: command",
    ),
}
ANSWER = "\n".join([f"line {number} 版本" for number in range(1, 41)])


def visited(persona: Persona, device: CliDevice) -> Visit:
    device.persona = persona
    with SshServer(host=device) as running:
        target = Target("t", "127.0.0.1", (access_to(running),), device_class="firewall", deadline_s=20.0)
        return runner.visit(target)


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
@pytest.mark.parametrize("maker", sorted(MAKERS))
def test_a_firewall_of_an_unknown_platform_is_read_to_the_last_page(maker: str, encoding: str) -> None:
    device = CliDevice("FW-1", {"show version": ANSWER}, page_lines=10, traps=Traps(encoding=encoding))
    visit = visited(MAKERS[maker], device)
    assert visit.transcript.outcome is Outcome.OK, visit.transcript.error
    exchange = next(one for one in visit.transcript.exchanges if one.question == "show version")
    assert exchange.outcome is Outcome.OK, exchange.error
    assert render(exchange.answer, exchange.question) == ANSWER


@pytest.mark.parametrize("maker", sorted(MAKERS))
def test_its_name_is_that_of_the_prompt_and_its_platform_is_said_to_be_unknown(maker: str) -> None:
    device = CliDevice("FW-1", {"show version": ANSWER})
    visit = visited(MAKERS[maker], device)
    assert (visit.transcript.platform, visit.facts.identity.name) == ("", "FW-1")
    assert [(one.fact, one.outcome) for one in visit.facts.errors] == [("identity", Outcome.UNSUPPORTED)]
    assert not visit.facts.processors
    generic = dialects()[GENERIC].grammar
    probes = {one.probe for one in dialects().values()}
    assert all(not line or line in probes or generic.permits(line) for line in device.typed)


def test_a_command_that_a_firewall_does_not_know_is_no_answer() -> None:
    device = CliDevice("FW-1", {"show version": ANSWER})
    visit = visited(MAKERS["DPtech"], device)
    told = {one.question: one.outcome for one in visit.transcript.exchanges}
    assert told["display version"] is Outcome.UNSUPPORTED
    assert told["show version"] is Outcome.OK


@pytest.mark.parametrize("line", ["39%", "5.5%", "Idle 39%", "CPU: 5%"])
def test_a_share_is_no_prompt(line: str) -> None:
    assert not is_prompt(line)
    assert render(f"show cpu\r\n{line}\r\nFW1#".encode(), "show cpu") == line
