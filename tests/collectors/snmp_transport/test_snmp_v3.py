"""SNMP version 3: PySNMP against the simulated agents' own security model."""

from __future__ import annotations

import time

import pytest
from snmp_helpers import IF_TABLE, IF_X_TABLE, Start, access_to, damaging, small_mib, visit, walk_of

from collectors.errors import ParseError
from collectors.model import SnmpAccess
from collectors.outcome import Outcome
from collectors.simulator.snmp_agent import SnmpAgent
from collectors.simulator.snmp_usm import V3User
from collectors.transports.snmp_v3_message import decode_v3, discovery, read_discovery
from tests.support.waiting import SOON_S

PASSWORD, SECRET = "inspect-me-auth", "inspect-me-priv"
USERS = (
    V3User("noauth"),
    V3User("authonly", "SHA256", PASSWORD),
    V3User("sha", "SHA", PASSWORD, "AES", SECRET),
    V3User("sha512", "SHA512", PASSWORD, "AES", SECRET),
    V3User("md5", "MD5", PASSWORD, "AES", SECRET),
)


def v3(agent: SnmpAgent, user: str = "sha", **values: object) -> SnmpAccess:
    known = next((known for known in USERS if known.name == user), USERS[2])
    given: dict[str, object] = {
        "version": "3",
        "user": user,
        "auth_protocol": known.auth_protocol,
        "auth_key": known.auth_key,
        "priv_protocol": known.priv_protocol,
        "priv_key": known.priv_key,
        "timeout_s": 0.6,
        "retries": 0,
    }
    return access_to(agent, **(given | values))


@pytest.mark.parametrize(
    ("user", "level"),
    [("noauth", "noAuthNoPriv"), ("authonly", "authNoPriv"), ("sha", "authPriv"), ("sha512", "authPriv")],
)
def test_every_security_level_reads_the_same(start: Start, user: str, level: str) -> None:
    agent = start(users=USERS, community=None)
    result = visit(v3(agent, user))
    assert (result.outcome, result.error) == (Outcome.OK, "")
    expected = [line for line in small_mib().lines() if line.startswith(f"{IF_TABLE}.")]
    assert walk_of(result, IF_TABLE).answer.decode().splitlines() == expected
    assert result.session["snmp.security_level"] == level
    assert result.session["snmp.user"] == user
    assert PASSWORD not in repr(result)
    assert SECRET not in repr(result)
    assert agent.pdu_kinds == {0xA0, 0xA5}


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"user": "nobody"}, "does not know the user"),
        ({"auth_key": "wrong-password"}, "authentication password"),
        ({"priv_key": "wrong-password"}, "Check user, passwords"),
        ({"priv_protocol": ""}, "security level"),
        ({"auth_protocol": "MD5"}, "authentication password"),
    ],
)
def test_a_refused_credential_is_told(start: Start, values: dict[str, object], reason: str) -> None:
    result = visit(v3(start(users=USERS), **values))
    assert (result.outcome, result.exchanges) == (Outcome.AUTH_FAILED, ())
    assert reason in result.error


@pytest.mark.parametrize(
    "values",
    [
        {"user": ""},
        {"auth_key": "short"},
        {"priv_key": "short"},
        {"auth_protocol": "", "auth_key": ""},
        {"auth_protocol": "ROT13"},
        {"priv_protocol": "ROT13"},
    ],
)
def test_an_access_that_cannot_work_is_refused_without_asking(
    start: Start, values: dict[str, object]
) -> None:
    agent = start(users=USERS)
    assert visit(v3(agent, **values)).outcome is Outcome.AUTH_FAILED
    assert agent.requests == 0


def test_an_agent_without_version_3_is_silent(start: Start) -> None:
    result = visit(v3(start(), timeout_s=0.2))
    assert (result.outcome, "silent" in result.error) == (Outcome.UNREACHABLE, True)


def test_garbage_is_told_apart_from_silence(start: Start) -> None:
    result = visit(v3(start(users=USERS, garbage=True), timeout_s=0.2))
    assert (result.outcome, "bad reply" in result.error) == (Outcome.PARSE_FAILED, True)


def test_a_loop_ends_the_walk(start: Start) -> None:
    result = visit(v3(start(users=USERS, loop=IF_TABLE)))
    assert walk_of(result, IF_TABLE).outcome is Outcome.PARSE_FAILED
    assert result.outcome is Outcome.OK


def test_an_agent_that_falls_silent_ends_the_visit_and_the_part_is_kept(start: Start) -> None:
    result = visit(v3(start(users=USERS, stop_after=60)))
    assert (result.outcome, "fell silent" in result.error) == (Outcome.TIMEOUT, True)
    partial = walk_of(result, IF_TABLE)
    assert (partial.outcome, bool(partial.answer)) == (Outcome.TIMEOUT, True)


def test_an_endless_walk_ends_at_the_deadline(start: Start) -> None:
    started = time.monotonic()
    result = visit(v3(start(users=USERS, endless=IF_TABLE)), deadline_s=1.0, max_bytes=2**30)
    assert time.monotonic() - started < SOON_S
    assert result.outcome is Outcome.TIMEOUT
    assert walk_of(result, IF_TABLE).answer


def test_a_silent_root_times_out_alone(start: Start) -> None:
    result = visit(v3(start(users=USERS, silent_under=IF_TABLE)))
    assert walk_of(result, IF_TABLE).outcome is Outcome.TIMEOUT
    assert walk_of(result, IF_X_TABLE).outcome is Outcome.OK


def test_discovery_reads_its_own_answer_alone(start: Start) -> None:
    agent = start(users=USERS)
    (answer,) = agent.answer(discovery(77))
    assert read_discovery(answer, 77) == decode_v3(answer).engine_id
    assert read_discovery(answer, 78) is None
    with pytest.raises(ParseError):
        read_discovery(discovery(77), 77)


@pytest.mark.parametrize("seed", range(4))
def test_an_agent_whose_answers_are_damaged_ends_in_outcomes(
    start: Start, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    agent = start(users=USERS)
    monkeypatch.setattr(agent, "answer", damaging(agent.answer, seed, spare=4))
    result = visit(v3(agent, "noauth", timeout_s=0.1, retries=1), deadline_s=2.0)
    assert result.outcome in (Outcome.OK, Outcome.TIMEOUT, Outcome.PARSE_FAILED, Outcome.AUTH_FAILED)
    assert result.exchanges


@pytest.mark.parametrize("noise", [b"stray", b"\x30\x05\x02\x01\x03\x30\x00", b"\x30\x82\xff\xff", b""])
def test_garbage_behind_the_discovery_ends_the_visit(
    start: Start, monkeypatch: pytest.MonkeyPatch, noise: bytes
) -> None:
    agent = start(users=USERS)
    genuine = agent.answer
    monkeypatch.setattr(agent, "answer", lambda data: genuine(data) if agent.requests < 8 else [noise])
    result = visit(v3(agent, timeout_s=0.2, retries=0))
    assert result.outcome in (Outcome.TIMEOUT, Outcome.PARSE_FAILED)
    assert any(exchange.answer for exchange in result.exchanges)
