"""Shortcuts the SNMP transport's tests share."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from collectors.model import Exchange, SnmpAccess, Target
from collectors.simulator.mib import Mib, Row
from collectors.simulator.snmp_agent import SnmpAgent
from collectors.transports import TransportResult, snmp

Start = Callable[..., SnmpAgent]

IF_TABLE = "1.3.6.1.2.1.2.2"
IF_X_TABLE = "1.3.6.1.2.1.31.1.1"


def small_mib(interfaces: int = 30) -> Mib:
    """The system group, ifTable's and ifXTable's counters."""
    system = (1, 3, 6, 1, 2, 1, 1)
    rows: list[Row] = [
        ((*system, 1, 0), 4, "Simulated switch"),
        ((*system, 2, 0), 6, (1, 3, 6, 1, 4, 1, 99999, 1)),
        ((*system, 3, 0), 67, 4711),
        ((*system, 5, 0), 4, "sw-01"),
    ]
    for column, tag in ((1, 2), (10, 65), (16, 65)):
        rows += [((1, 3, 6, 1, 2, 1, 2, 2, 1, column, n), tag, n) for n in range(1, interfaces + 1)]
    rows += [((1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6, n), 70, n * 10**12) for n in range(1, interfaces + 1)]
    return Mib(rows)


def access_to(agent: SnmpAgent, **values: object) -> SnmpAccess:
    given: dict[str, object] = {"port": agent.port, "timeout_s": 0.15, "retries": 1, "max_repetitions": 20}
    return SnmpAccess(**(given | values))  # type: ignore[arg-type]  # tests name them


def visit(
    access: SnmpAccess, *, deadline_s: float = 10.0, address: str = "127.0.0.1", max_bytes: int = 1024 * 1024
) -> TransportResult:
    target = Target("t", address, (access,), max_output_bytes=max_bytes)
    return snmp.visit(target, access, deadline=time.monotonic() + deadline_s)


def walk_of(result: TransportResult, root: str) -> Exchange:
    return next(exchange for exchange in result.exchanges if exchange.question == f"walk {root}")


def damaging(
    genuine: Callable[[bytes], list[bytes]], seed: int, *, spare: int = 1
) -> Callable[[bytes], list[bytes]]:
    """An agent's ``answer`` that spoils a byte or the length of every third answer behind the first."""
    dice = random.Random(seed)
    asked = 0

    def answer(data: bytes) -> list[bytes]:
        nonlocal asked
        asked += 1
        spoiled = []
        for reply in genuine(data):
            raw = bytearray(reply)
            if asked > spare and dice.random() < 0.35:
                raw[dice.randrange(len(raw))] = dice.randrange(256)
                if dice.random() < 0.3:
                    del raw[dice.randrange(len(raw)) :]
            spoiled.append(bytes(raw))
        return spoiled

    return answer
