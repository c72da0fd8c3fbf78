"""Visits to simulated network devices: whatever their command line does, nothing but questions is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from ssh_helpers import access_to

from collectors import runner
from collectors.facts.cli.screen import render
from collectors.model import OwnCheck, SshAccess, Target, Visit
from collectors.outcome import Outcome
from collectors.platforms.cli_dialects import dialects
from collectors.simulator.cli_device import CliDevice, Traps
from collectors.simulator.cli_persona import PERSONAS
from collectors.simulator.ssh_server import SshServer

Answer = Callable[..., Visit]
LOG = {
    "cisco_ios": "*Jun  1 10:00:00.123: %LINK-3-UPDOWN: Interface GigabitEthernet1/0/9, changed state to up",
    "huawei_vrp": "Jun  1 2026 18:00:00+08:00 SW01 %%01IFNET/4/IF_STATE(l)[9]:Interface has turned up.",
    "hp_comware": "%Jun  1 18:00:00:123 2026 SW01 IFNET/3/PHY_UPDOWN: Physical state changed to up.",
    "ruijie_os": "*Jun  1 18:00:00: %LINK-3-UPDOWN: Interface GigabitEthernet 0/9, changed state to up.",
}


@pytest.fixture
def ask() -> Iterator[Answer]:
    """Visit a device through a server of its own; values are those of the access."""
    servers: list[SshServer] = []

    def visit(
        device: CliDevice,
        *,
        deadline_s: float = 20.0,
        target: dict[str, object] | None = None,
        **values: object,
    ) -> Visit:
        server = SshServer(host=device).start()
        servers.append(server)
        access: SshAccess = access_to(server, **values)
        wanted = {"deadline_s": deadline_s, "max_output_bytes": 1024 * 1024, **(target or {})}
        return runner.visit(Target("t", "127.0.0.1", (access,), **wanted))  # type: ignore[arg-type]  # tests name them

    yield visit
    for server in servers:
        server.stop()


def without_evidence(rows: Sequence[Any]) -> list[Any]:
    """What stands elsewhere in the transcript is the same fact."""
    return [replace(one, evidence=None) for one in rows]


def permitted(device: CliDevice) -> bool:
    """Whether everything typed was on the platform's list, an empty line or a refusal."""
    grammar = dialects()[next(name for name, one in PERSONAS.items() if one is device.persona)].grammar
    probes = {one.probe for one in dialects().values()}
    refusals = {"", "N", "n", "no", "(secret)"}
    return all(line.strip() in refusals | probes or grammar.permits(line.strip()) for line in device.typed)


@pytest.mark.parametrize("platform", sorted(PERSONAS))
def test_a_device_is_recognised_and_read(ask: Answer, platform: str) -> None:
    device = CliDevice.of(platform, "office-sw-1")
    visit = ask(device)
    assert visit.transcript.outcome is Outcome.OK, visit.transcript.error
    assert visit.transcript.platform == platform
    identity = visit.facts.identity
    assert identity.platform == platform
    assert identity.name == "office-sw-1"
    assert all((identity.model, identity.serial, identity.version, identity.uptime_s))
    facts = visit.facts
    assert all((facts.processors, facts.memory, facts.interfaces, facts.sensors))
    assert not [error for error in visit.facts.errors if error.outcome is Outcome.PARSE_FAILED]
    assert permitted(device)


@pytest.mark.parametrize("platform", sorted(PERSONAS))
def test_a_pager_that_may_not_be_switched_off_is_answered(ask: Answer, platform: str) -> None:
    plain = ask(CliDevice.of(platform))
    paged = ask(CliDevice.of(platform, page_lines=3, traps=Traps(keeps_pager=True)))
    for exchange in paged.transcript.exchanges:
        assert "more" not in render(exchange.answer, exchange.question).lower()
    assert paged.facts.interfaces == plain.facts.interfaces
    assert [one.name for one in paged.facts.sensors] == [one.name for one in plain.facts.sensors]


def test_a_question_after_the_login_is_refused(ask: Answer) -> None:
    device = CliDevice.of("huawei_vrp", asks="The password needs to be changed. Change now?")
    assert ask(device).transcript.outcome is Outcome.OK
    assert device.changes == []


def test_a_text_that_must_be_accepted_is_accepted_and_nothing_else(ask: Answer) -> None:
    visit = ask(CliDevice.of("fortinet", traps=Traps(disclaimer=True)))
    assert visit.transcript.outcome is Outcome.OK
    assert visit.facts.identity.vendor == "Fortinet"


def test_a_forced_change_of_password_ends_the_visit_without_typing_one(ask: Answer) -> None:
    device = CliDevice.of("huawei_vrp", traps=Traps(expired=True))
    visit = ask(device)
    assert visit.transcript.outcome is Outcome.AUTH_FAILED
    assert "new password" in visit.transcript.error
    assert all(not line for line in device.typed)


def test_a_greeting_of_ten_thousand_lines_is_read_to_its_end(ask: Answer) -> None:
    visit = ask(CliDevice.of("cisco_ios", traps=Traps(banner_lines=10_000)))
    assert visit.facts.identity.model == "WS-C2960X-24TS-L"


@pytest.mark.parametrize("platform", sorted(LOG))
def test_log_lines_in_an_answer_do_not_reach_the_parsers(ask: Answer, platform: str) -> None:
    clean = ask(CliDevice.of(platform))
    noisy = ask(CliDevice.of(platform, traps=Traps(log_line=LOG[platform])))
    assert without_evidence(noisy.facts.interfaces) == without_evidence(clean.facts.interfaces)
    assert without_evidence(noisy.facts.inventory) == without_evidence(clean.facts.inventory)
    raw = next(
        one.answer for one in noisy.transcript.exchanges if b"LINK" in one.answer or b"IFNET" in one.answer
    )
    assert LOG[platform].encode() in raw  # the evidence stays as it came


@pytest.mark.parametrize("platform", sorted(LOG))
def test_an_answer_that_a_log_line_cut_in_two_is_asked_for_again(ask: Answer, platform: str) -> None:
    clean = ask(CliDevice.of(platform))
    device = CliDevice.of(platform, traps=Traps(log_within=LOG[platform]))
    noisy = ask(device)
    assert noisy.transcript.outcome is Outcome.OK
    for name in ("processors", "memory", "interfaces", "sensors", "inventory"):
        assert without_evidence(getattr(noisy.facts, name)) == without_evidence(getattr(clean.facts, name))
    spoilt = [one for one in noisy.transcript.exchanges if one.outcome is Outcome.PARSE_FAILED]
    assert spoilt, "the evidence shows both answers"
    for one in spoilt:
        answers = [other for other in noisy.transcript.exchanges if other.question == one.question]
        assert [other.outcome for other in answers] == [Outcome.PARSE_FAILED, Outcome.OK]
        assert LOG[platform].encode() in one.answer
        assert device.typed.count(one.question) == 2
    assert permitted(device)


def test_a_log_line_after_the_prompt_does_not_hide_it(ask: Answer) -> None:
    visit = ask(CliDevice.of("cisco_ios", traps=Traps(late_log=LOG["cisco_ios"])))
    assert visit.transcript.outcome is Outcome.OK
    assert visit.facts.identity.serial == "FOC0000X0SM"


@pytest.mark.parametrize("platform", ["huawei_vrp", "hillstone_stoneos"])
def test_chinese_in_gbk_is_read(ask: Answer, platform: str) -> None:
    visit = ask(CliDevice.of(platform, traps=Traps(encoding="gbk")))
    assert visit.facts.interfaces[0].alias == "到核心交换机 core"


def test_an_echo_broken_at_the_screen_s_edge_is_removed(ask: Answer) -> None:
    visit = ask(CliDevice.of("cisco_ios", "a-rather-long-name-of-a-switch", traps=Traps(wraps_at=40)))
    for exchange in visit.transcript.exchanges:
        assert exchange.question not in render(exchange.answer, exchange.question)
    assert visit.facts.interfaces[1].alias == "uplink 核心交换机"


def test_a_device_without_echo_is_read(ask: Answer) -> None:
    visit = ask(CliDevice.of("fortinet", traps=Traps(echoes=False)), deadline_s=60.0)
    assert visit.facts.identity.serial == "FG100F0000000001"


@pytest.mark.parametrize(
    ("platform", "new_role"), [("huawei_vrp", "HRP_S<FW1>"), ("hillstone_stoneos", "FW1(D0M1)# ")]
)
def test_a_fail_over_during_the_visit_changes_the_prompt_s_role(
    ask: Answer, platform: str, new_role: str
) -> None:
    visit = ask(CliDevice.of(platform, "FW1", traps=Traps(new_role=new_role)))
    assert visit.transcript.outcome is Outcome.OK
    assert visit.facts.identity.name == "FW1"


def test_an_answer_cut_off_half_way_is_no_success(ask: Answer) -> None:
    visit = ask(CliDevice.of("huawei_vrp", traps=Traps(closes_at="display interface")))
    assert visit.transcript.outcome is Outcome.PARSE_FAILED
    failed = [error for error in visit.facts.errors if error.fact == "interfaces"]
    assert [error.outcome for error in failed] == [Outcome.PARSE_FAILED]
    assert visit.facts.identity.model == "S5735-L24T4X-A"  # what came before stays
    assert visit.facts.interfaces == ()


def test_an_answer_without_end_is_cut_off(ask: Answer) -> None:
    visit = ask(CliDevice.of("hp_comware", traps=Traps(floods_at="display interface")))
    assert visit.transcript.outcome is Outcome.TIMEOUT
    assert all(len(one.answer) <= 1024 * 1024 for one in visit.transcript.exchanges)


def test_a_command_that_takes_too_long_is_broken_off(ask: Answer) -> None:
    visit = ask(CliDevice.of("cisco_ios", traps=Traps(slow="show inventory")), command_timeout_s=1.0)
    slow = next(one for one in visit.transcript.exchanges if one.question == "show inventory")
    assert slow.outcome is Outcome.TIMEOUT
    assert [error.outcome for error in visit.facts.errors if error.fact == "inventory"] == [Outcome.TIMEOUT]


def test_the_visit_ends_at_its_deadline_with_what_it_has(ask: Answer) -> None:
    visit = ask(CliDevice.of("cisco_ios", traps=Traps(delay_s=0.4)), deadline_s=3.0)
    assert visit.transcript.outcome is Outcome.TIMEOUT
    assert visit.facts.identity.model == "WS-C2960X-24TS-L"


@pytest.mark.parametrize(
    ("platform", "model"), [("juniper_junos", "ex3400-24t"), ("hillstone_stoneos", "SG-6000-A2000")]
)
def test_a_command_line_that_takes_programs_for_commands_is_still_recognised(
    ask: Answer, platform: str, model: str
) -> None:
    visit = ask(CliDevice.of(platform, traps=Traps(answers_exec=True)))
    assert visit.transcript.platform == platform
    assert visit.facts.identity.model == model


def test_an_unknown_command_line_is_said_to_be_unknown(ask: Answer) -> None:
    device = CliDevice.of("cisco_ios")
    device.outputs = {"show version": "Acme Switch Software 1.0", "show clock": "10:00"}
    device.persona = PERSONAS["juniper_junos"]
    visit = ask(device)
    assert visit.transcript.platform == ""
    assert [(error.fact, error.outcome) for error in visit.facts.errors] == [
        ("identity", Outcome.UNSUPPORTED)
    ]


def test_the_second_password_raises_the_level_and_is_in_no_transcript(ask: Answer) -> None:
    device = CliDevice.of(
        "cisco_ios", enable_secret="second-word", persona=replace(PERSONAS["cisco_ios"], prompt="%s>")
    )
    visit = ask(device, enable_secret="second-word")
    assert visit.transcript.session["ssh.enabled"] == "yes"
    assert all(b"second-word" not in one.answer for one in visit.transcript.exchanges)
    assert visit.facts.identity.name == "SW01"


def test_a_wrong_second_password_is_tried_once(ask: Answer) -> None:
    device = CliDevice.of(
        "cisco_ios", enable_secret="right", persona=replace(PERSONAS["cisco_ios"], prompt="%s>")
    )
    visit = ask(device, enable_secret="wrong")
    assert visit.transcript.session["ssh.enabled"] == "no"
    assert device.typed.count("(secret)") == 1
    assert visit.facts.identity.model == "WS-C2960X-24TS-L"


def test_an_own_command_is_asked_under_the_same_guard(ask: Answer) -> None:
    device = CliDevice.of("huawei_vrp", "office-sw-1")
    own = tuple(
        OwnCheck(f"own:{n}", "x", "command", question, ("huawei_vrp",), pattern="(?P<value>.+)")
        for n, question in enumerate(
            ("display version", "display own-thing", "reboot", "display fan | no-more")
        )
    )
    visit = ask(device, target={"own_checks": own, "only_own": True})
    assert permitted(device)
    assert not any("reboot" in line or "|" in line for line in device.typed)
    assert any("display own-thing" in line for line in device.typed)
    outcomes = {finding.check: finding.outcome for finding in visit.findings if finding.check != "reachable"}
    assert outcomes["own:1"] is Outcome.UNSUPPORTED
    assert outcomes["own:2"] is outcomes["own:3"] is Outcome.NOT_INSPECTED
