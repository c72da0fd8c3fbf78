"""Visits over SNMP to agents that behave, and to those that do not."""

from __future__ import annotations

import socket
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from snmp_helpers import IF_TABLE, IF_X_TABLE, Start, access_to, damaging, small_mib, visit, walk_of

from collectors.model import SnmpAccess
from collectors.outcome import Outcome
from collectors.simulator.snmp_agent import AgentServer, Quirks, SnmpAgent
from collectors.transports.ber import END_OF_MIB_VIEW, decode_oid, encode_oid
from collectors.transports.snmp_message import (
    AUTHORIZATION_ERROR,
    RESPONSE,
    decode_message,
    encode_message,
    encode_pdu,
    encode_varbind,
)
from collectors.transports.snmp_roots import STANDARD_ROOTS
from tests.support.waiting import SOON_S


def lines_under(root: str) -> list[str]:
    return [line for line in small_mib().lines() if line.startswith(f"{root}.")]


def test_a_visit_gets_the_system_group_and_walks_every_root(start: Start) -> None:
    result = visit(access_to(start()))
    assert (result.outcome, result.error) == (Outcome.OK, "")
    assert result.exchanges[0].question == "get 1.3.6.1.2.1.1"
    assert result.exchanges[0].answer.decode().splitlines() == lines_under("1.3.6.1.2.1.1")
    assert walk_of(result, IF_TABLE).answer.decode().splitlines() == lines_under(IF_TABLE)
    assert all(exchange.outcome is Outcome.OK for exchange in result.exchanges)
    assert all(exchange.duration_s >= 0 and exchange.started_s >= 0 for exchange in result.exchanges)


def test_the_exchanges_stand_in_the_order_of_the_roots(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    roots = (IF_X_TABLE, IF_TABLE, "1.3.6.1.2.1.99")
    monkeypatch.setattr("collectors.transports.snmp_roots.detect", lambda system: ("lab", roots))
    result = visit(access_to(start()))
    assert [exchange.question for exchange in result.exchanges[1:]] == [f"walk {root}" for root in roots]
    assert result.platform == "lab"


def test_a_table_that_is_not_there_is_an_empty_answer(start: Start) -> None:
    exchange = walk_of(visit(access_to(start())), "1.3.6.1.2.1.25.2")
    assert (exchange.outcome, exchange.answer) == (Outcome.OK, b"")


def test_version_1_walks_by_get_next_and_sees_no_64_bit_counters(start: Start) -> None:
    agent = start()
    result = visit(access_to(agent, version="1"))
    assert result.outcome is Outcome.OK
    assert walk_of(result, IF_TABLE).answer.decode().splitlines() == lines_under(IF_TABLE)
    assert walk_of(result, IF_X_TABLE).answer == b""
    assert agent.pdu_kinds == {0xA0, 0xA1}


def test_nothing_is_ever_written(start: Start) -> None:
    agent = start()
    visit(access_to(agent))
    assert agent.pdu_kinds == {0xA0, 0xA5}


def test_the_session_tells_the_version_and_keeps_the_community(start: Start) -> None:
    result = visit(access_to(start(community="s3cret"), community="s3cret"))
    assert dict(result.session) == {"snmp.version": "2c"}
    assert "s3cret" not in repr(result)


def test_a_wrong_community_is_silence_and_says_what_to_check(start: Start) -> None:
    result = visit(access_to(start(), community="wrong"))
    assert result.outcome is Outcome.UNREACHABLE
    assert "silent" in result.error
    assert "community" in result.error
    assert result.exchanges == ()


def test_a_version_the_agent_does_not_speak_is_silence(start: Start) -> None:
    agent = start(versions=(0,))
    assert visit(access_to(agent)).outcome is Outcome.UNREACHABLE
    assert visit(access_to(agent, version="1")).outcome is Outcome.OK


def test_a_silent_address_is_unreachable_within_its_time(start: Start) -> None:
    started = time.monotonic()
    assert visit(access_to(start(silent=True))).outcome is Outcome.UNREACHABLE
    assert time.monotonic() - started < SOON_S


def test_a_refused_port_is_unreachable_at_once() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.monotonic()
    result = visit(SnmpAccess(port=port, timeout_s=60.0))
    assert (result.outcome, "refuses" in result.error) == (Outcome.UNREACHABLE, True)
    assert time.monotonic() - started < SOON_S


def test_a_name_that_does_not_resolve_is_unreachable() -> None:
    result = visit(SnmpAccess(), address="no-such-host.invalid")
    assert (result.outcome, "resolved" in result.error) == (Outcome.UNREACHABLE, True)


def test_an_agent_that_talks_garbage_is_told_apart_from_silence(start: Start) -> None:
    result = visit(access_to(start(garbage=True)))
    assert (result.outcome, "bad reply" in result.error) == (Outcome.PARSE_FAILED, True)


def test_an_unknown_version_is_refused_before_anything_is_sent() -> None:
    assert visit(SnmpAccess(version="4")).outcome is Outcome.UNSUPPORTED


def test_a_root_without_answer_times_out_alone(start: Start) -> None:
    result = visit(access_to(start(silent_under=IF_TABLE)))
    exchange = walk_of(result, IF_TABLE)
    assert (exchange.outcome, "No answer" in exchange.error) == (Outcome.TIMEOUT, True)
    assert result.outcome is Outcome.OK
    assert walk_of(result, IF_X_TABLE).outcome is Outcome.OK


def test_an_agent_that_falls_silent_ends_the_visit_and_the_part_is_kept(start: Start) -> None:
    result = visit(access_to(start(stop_after=60)))
    assert (result.outcome, "fell silent" in result.error) == (Outcome.TIMEOUT, True)
    partial = walk_of(result, IF_TABLE)
    assert partial.outcome is Outcome.TIMEOUT
    assert 0 < len(partial.answer.splitlines()) < 90
    assert len(result.exchanges) < len(STANDARD_ROOTS)


def test_an_agent_that_repeats_an_oid_ends_the_walk(start: Start) -> None:
    result = visit(access_to(start(loop=IF_TABLE)))
    exchange = walk_of(result, IF_TABLE)
    assert (exchange.outcome, "circles" in exchange.error) == (Outcome.PARSE_FAILED, True)
    assert exchange.answer.decode().splitlines() == lines_under(IF_TABLE)
    assert result.outcome is Outcome.OK


def test_an_endless_walk_ends_at_the_limit_of_one_answer(start: Start) -> None:
    result = visit(access_to(start(endless=IF_TABLE)), max_bytes=20_000)
    exchange = walk_of(result, IF_TABLE)
    assert (exchange.outcome, "20000 bytes" in exchange.error) == (Outcome.TIMEOUT, True)
    assert 19_000 < len(exchange.answer) <= 20_000
    assert result.outcome is Outcome.OK


def test_an_endless_walk_ends_at_the_deadline(start: Start) -> None:
    started = time.monotonic()
    result = visit(access_to(start(endless=IF_TABLE)), max_bytes=2**30, deadline_s=0.5)
    assert time.monotonic() - started < SOON_S
    assert result.outcome is Outcome.TIMEOUT
    assert walk_of(result, IF_TABLE).outcome is Outcome.TIMEOUT
    assert walk_of(result, IF_TABLE).answer


def test_a_slow_agent_is_waited_for_until_the_deadline(start: Start) -> None:
    started = time.monotonic()
    result = visit(access_to(start(delay_s=0.1)), deadline_s=0.45)
    assert time.monotonic() - started < SOON_S
    assert result.outcome is Outcome.TIMEOUT
    assert result.exchanges[0].outcome is Outcome.OK


def test_an_answer_later_than_the_time_out_still_counts(start: Start) -> None:
    result = visit(access_to(start(delay_s=0.08), retries=3, timeout_s=0.05))
    assert result.outcome is Outcome.OK
    assert walk_of(result, IF_TABLE).answer.decode().splitlines() == lines_under(IF_TABLE)


def test_too_big_is_answered_by_asking_for_less(start: Start) -> None:
    result = visit(access_to(start(too_big=3), max_repetitions=50))
    assert result.exchanges[0].answer.decode().splitlines() == lines_under("1.3.6.1.2.1.1")
    assert walk_of(result, IF_TABLE).answer.decode().splitlines() == lines_under(IF_TABLE)


@pytest.mark.parametrize("version", ["1", "2c"])
def test_an_object_the_agent_breaks_at_ends_its_walk_alone(start: Start, version: str) -> None:
    agent = start(broken=f"{IF_TABLE}.1.10")
    result = visit(access_to(agent, version=version))
    exchange = walk_of(result, IF_TABLE)
    assert (exchange.outcome, "genErr" in exchange.error) == (Outcome.PARSE_FAILED, True)
    assert len(exchange.answer.splitlines()) == 30  # all there is before the broken column
    assert result.outcome is Outcome.OK


def test_an_answer_to_another_request_is_passed_over(start: Start) -> None:
    result = visit(access_to(start(wrong_id_first=True)))
    assert result.outcome is Outcome.OK
    assert walk_of(result, IF_TABLE).answer.decode().splitlines() == lines_under(IF_TABLE)


def test_lost_requests_are_asked_again(start: Start) -> None:
    result = visit(access_to(start(drop_every=4), retries=2, timeout_s=0.05))
    assert result.outcome is Outcome.OK
    assert all(exchange.outcome is Outcome.OK for exchange in result.exchanges)


def test_a_name_in_gbk_arrives_in_hex(start: Start) -> None:
    result = visit(access_to(start(gbk_name="核心交换机")))
    line = f"1.3.6.1.2.1.1.5.0|4x|{'核心交换机'.encode('gbk').hex()}"
    assert line in result.exchanges[0].answer.decode().splitlines()


def test_an_agent_on_ipv6_is_visited_too() -> None:
    agent = SnmpAgent(small_mib(), address="::1")
    try:
        server = AgentServer([agent]).start()
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    try:
        assert visit(access_to(agent), address="::1").outcome is Outcome.OK
    finally:
        server.stop()


@pytest.mark.parametrize("seed", range(8))
def test_an_agent_whose_answers_are_damaged_ends_in_outcomes(
    start: Start, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    agent = start()
    monkeypatch.setattr(agent, "answer", damaging(agent.answer, seed))
    result = visit(access_to(agent, timeout_s=0.02, retries=1), deadline_s=2.0)
    assert result.outcome in (Outcome.OK, Outcome.TIMEOUT, Outcome.PARSE_FAILED, Outcome.UNREACHABLE)
    for exchange in result.exchanges:
        for line in exchange.answer.splitlines():
            assert line.count(b"|") >= 2


def test_a_flood_of_strays_does_not_outlast_the_deadline(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = start()
    genuine = agent.answer
    monkeypatch.setattr(agent, "answer", lambda data: [*[b"stray"] * 500, *genuine(data)[:0]])
    started = time.monotonic()
    assert visit(access_to(agent, timeout_s=60.0), deadline_s=0.4).outcome is Outcome.PARSE_FAILED
    assert time.monotonic() - started < SOON_S


def test_an_agent_that_ends_in_the_middle_is_a_time_out_and_the_part_is_kept() -> None:
    agent = SnmpAgent(small_mib(), quirks=Quirks(delay_s=0.05))
    server = AgentServer([agent]).start()
    stopper = threading.Timer(0.3, server.stop)
    stopper.start()
    result = visit(access_to(agent, timeout_s=0.2))
    stopper.join()
    assert (result.outcome, "fell silent" in result.error) == (Outcome.TIMEOUT, True)
    assert result.exchanges[0].outcome is Outcome.OK


def test_a_community_without_rights_is_refused_rather_than_unreachable(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = start()

    def refuse(data: bytes) -> list[bytes]:
        request = decode_message(data)
        pdu = encode_pdu(RESPONSE, request.pdu.request_id, AUTHORIZATION_ERROR, 0, b"")
        return [encode_message(request.version, request.community, pdu)]

    monkeypatch.setattr(agent, "answer", refuse)
    result = visit(access_to(agent))
    assert (result.outcome, "authorizationError" in result.error) == (Outcome.AUTH_FAILED, True)


def test_the_platform_chooses_the_roots(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str]] = []

    def roots_for(object_id: str, description: str) -> tuple[str, ...]:
        asked.append((object_id, description))
        return (IF_TABLE,)

    platforms = SimpleNamespace(detect=lambda object_id, description: "lab", roots_for=roots_for)
    monkeypatch.setitem(sys.modules, "collectors.platforms.snmp", platforms)
    result = visit(access_to(start()))
    assert (result.platform, asked) == ("lab", [("1.3.6.1.4.1.99999.1", "Simulated switch")])
    assert [exchange.question for exchange in result.exchanges] == ["get 1.3.6.1.2.1.1", f"walk {IF_TABLE}"]


def test_tables_out_of_order_are_read_whole(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some agents sort 10 before 2: each name is new, so it is no loop."""
    names = [(1, 3, 6, 1, 2, 1, 2, 2, 1, 1, n) for n in (1, 10, 2, 20, 3)]
    after = dict(zip([(1, 3, 6, 1, 2, 1, 2, 2), *names[:-1]], names, strict=True))
    agent = start()

    def answer(data: bytes) -> list[bytes]:
        request = decode_message(data)
        asked = decode_oid(request.pdu.varbinds[0].name)[0]
        found = after.get(asked)
        body = encode_varbind(
            encode_oid(found or asked), 2 if found else END_OF_MIB_VIEW, b"\1" if found else b""
        )
        pdu = encode_pdu(RESPONSE, request.pdu.request_id, 0, 0, body)
        return [encode_message(request.version, request.community, pdu)]

    monkeypatch.setattr(agent, "answer", answer)
    exchange = walk_of(visit(access_to(agent)), IF_TABLE)
    assert exchange.outcome is Outcome.OK
    assert [line.split(b"|")[0].rsplit(b".", 1)[1] for line in exchange.answer.splitlines()] == [
        b"1",
        b"10",
        b"2",
        b"20",
        b"3",
    ]
