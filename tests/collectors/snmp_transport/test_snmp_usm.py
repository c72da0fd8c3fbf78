"""Signatures, ciphers and clocks of SNMP version 3 conversations."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pysnmp.hlapi.v3arch.asyncio import (  # type: ignore[import-untyped]  # no stubs of it
    USM_AUTH_HMAC96_SHA,
    USM_PRIV_CFB128_AES,
    ContextData,
    ObjectIdentity,
    ObjectType,
    SnmpEngine,
    UdpTransportTarget,
    UsmUserData,
    bulk_cmd,
)
from snmp_helpers import IF_TABLE, Start, access_to, visit, walk_of

from collectors.errors import ParseError
from collectors.model import SnmpAccess
from collectors.outcome import Outcome
from collectors.simulator.snmp_agent import SnmpAgent
from collectors.simulator.snmp_usm import UsmResponder, V3User
from collectors.transports.ber import encode_oid, parse_oid
from collectors.transports.snmp_message import GET, encode_request
from collectors.transports.snmp_usm import AUTH_PROTOCOLS, PRIV_PROTOCOLS, UsmWire

PASSWORD, SECRET = "inspect-me-auth", "inspect-me-priv"
USER = V3User("sha", "SHA", PASSWORD, "AES", SECRET)
ENGINE = bytes.fromhex("80000000051122334455667788")
NAMES = (encode_oid(parse_oid("1.3.6.1.2.1.1.5.0")),)


def access(**values: object) -> SnmpAccess:
    given_values: dict[str, object] = {
        "version": "3",
        "user": "sha",
        "auth_protocol": "SHA",
        "auth_key": PASSWORD,
        "priv_protocol": "AES",
        "priv_key": SECRET,
    }
    return SnmpAccess(**(given_values | values))  # type: ignore[arg-type]  # tests name them


def wire(**values: object) -> UsmWire:
    return UsmWire("127.0.0.1", access(**values), ENGINE, 1, 1000)


def to(agent: SnmpAgent, **values: object) -> SnmpAccess:
    user = {"version": "3", "user": "sha", "auth_protocol": "SHA", "auth_key": PASSWORD}
    return access_to(agent, **user, priv_protocol="AES", priv_key=SECRET, **values)


def responder(agent: SnmpAgent) -> UsmResponder:
    assert agent._usm is not None
    return agent._usm


@pytest.mark.parametrize("priv", ["", *PRIV_PROTOCOLS])
@pytest.mark.parametrize("auth", AUTH_PROTOCOLS)
def test_every_pair_of_protocols_reads_what_it_wrote(auth: str, priv: str) -> None:
    values = {"auth_protocol": auth, "priv_protocol": priv}
    data = wire(**values).encode(GET, 4711, NAMES, 0)
    number, pdu = wire(**values).decode(data)
    assert (number, pdu.kind, pdu.varbinds[0].name) == (4711, GET, NAMES[0])
    assert (NAMES[0] in data) is (priv == "")


@pytest.mark.parametrize("other", [{"auth_key": "another-word"}, {"auth_protocol": "SHA256"}, {"user": "x"}])
def test_what_somebody_else_signed_is_no_answer(other: dict[str, object]) -> None:
    theirs = wire(**other)
    if "user" in other:
        theirs.engine_id = b"another engine"
    with pytest.raises(ParseError):
        wire().decode(theirs.encode(GET, 1, NAMES, 0))


def test_a_message_changed_on_the_way_is_no_answer() -> None:
    data = bytearray(wire(priv_protocol="").encode(GET, 1, NAMES, 0))
    data[-3] ^= 1
    with pytest.raises(ParseError):
        wire(priv_protocol="").decode(bytes(data))


def test_an_old_message_played_again_is_no_answer() -> None:
    here = wire()
    old = UsmWire("127.0.0.1", access(), ENGINE, 1, 1000).encode(GET, 1, NAMES, 0)
    before_restart = UsmWire("127.0.0.1", access(), ENGINE, 1, 10_000).encode(GET, 1, NAMES, 0)
    here.decode(UsmWire("127.0.0.1", access(), ENGINE, 1, 1140).encode(GET, 1, NAMES, 0))
    here.decode(old)  # within the window
    here.decode(UsmWire("127.0.0.1", access(), ENGINE, 2, 0).encode(GET, 1, NAMES, 0))
    for stale in (old, before_restart):
        with pytest.raises(ParseError, match="played again"):
            here.decode(stale)


def test_two_conversations_never_share_their_salts() -> None:
    assert wire().encode(GET, 1, NAMES, 0) != wire().encode(GET, 1, NAMES, 0)


@given(st.binary(max_size=300))
def test_noise_is_a_parse_error_and_nothing_else(noise: bytes) -> None:
    with pytest.raises(ParseError):
        wire(auth_protocol="", priv_protocol="").decode(noise)


@given(st.integers(0, 10_000), st.integers(0, 255))
def test_damage_is_a_parse_error_and_nothing_else(at: int, byte: int) -> None:
    for priv in ("", "AES", "DES"):
        data = bytearray(_READY[priv])
        data[at % len(data)] = byte
        try:
            _WIRES[priv].decode(bytes(data))
        except ParseError:
            continue


_WIRES = {priv: wire(priv_protocol=priv) for priv in ("", "AES", "DES")}
_READY = {priv: one.encode(GET, 1, NAMES, 0) for priv, one in _WIRES.items()}


def test_a_clock_told_in_signed_messages_alone_is_learned(start: Start) -> None:
    agent = start(users=(USER,))
    responder(agent).hides_clock, responder(agent).boots = True, 7
    result = visit(to(agent))
    assert (result.outcome, result.error) == (Outcome.OK, "")
    assert walk_of(result, IF_TABLE).answer


def test_a_device_that_restarts_in_between_is_read_to_the_end(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = start(users=(USER,))
    genuine = agent.answer

    def answer(data: bytes) -> list[bytes]:
        if agent.requests == 5:
            responder(agent).boots += 1
        return genuine(data)

    monkeypatch.setattr(agent, "answer", answer)
    result = visit(to(agent))
    assert (result.outcome, result.error) == (Outcome.OK, "")


def test_a_clock_that_never_settles_ends_the_visit(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = start(users=(USER,))
    genuine = agent.answer

    def answer(data: bytes) -> list[bytes]:
        responder(agent).boots += 1
        return genuine(data)

    monkeypatch.setattr(agent, "answer", answer)
    result = visit(to(agent))
    assert (result.outcome, "does not settle" in result.error) == (Outcome.AUTH_FAILED, True)
    assert agent.requests < 10


def test_an_unsigned_answer_to_a_signed_question_is_not_taken(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent, open_door = start(users=(USER,)), UsmResponder((V3User("sha"),))
    open_door.engine_id = responder(agent).engine_id
    genuine = agent.answer

    def answer(data: bytes) -> list[bytes]:
        if agent.requests == 0:
            return genuine(data)  # the discovery
        forged = wire(auth_protocol="", priv_protocol="")
        forged.engine_id = open_door.engine_id
        return [open_door.answer(forged.encode(GET, 1, NAMES, 0), agent._respond_v3) or b""]

    monkeypatch.setattr(agent, "answer", answer)
    result = visit(to(agent))
    assert (result.outcome, result.exchanges) == (Outcome.AUTH_FAILED, ())


def test_a_community_message_is_no_answer_in_version_3() -> None:
    with pytest.raises(ParseError):
        wire().decode(encode_request(1, b"public", GET, 1, NAMES))


def test_pysnmp_reads_the_same_values(start: Start) -> None:
    """An engine that shares no code with ours, against the same agent."""
    agent = start(users=(USER,))

    async def read() -> list[tuple[str, int]]:
        engine = SnmpEngine()
        user = UsmUserData(
            "sha", PASSWORD, SECRET, authProtocol=USM_AUTH_HMAC96_SHA, privProtocol=USM_PRIV_CFB128_AES
        )
        where = await UdpTransportTarget.create(("127.0.0.1", agent.port), timeout=2, retries=1)
        column = ObjectType(ObjectIdentity(f"{IF_TABLE}.1.10"))
        answer: Any = await bulk_cmd(engine, user, where, ContextData(), 0, 30, column, lookupMib=False)
        engine.close_dispatcher()
        await asyncio.sleep(0)
        assert not answer[0]
        return [(str(name), int(value)) for name, value in answer[3]]

    theirs = asyncio.run(read())
    ours = walk_of(visit(to(agent)), IF_TABLE).answer.decode().splitlines()
    column = [line.split("|") for line in ours if line.startswith(f"{IF_TABLE}.1.10.")]
    assert theirs == [(oid, int(value)) for oid, _, value in column]
    assert len(column) == 30
