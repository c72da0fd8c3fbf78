"""Every table of every definition with values that a device should not send: none becomes a wrong reading."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from collectors.checks import judge
from collectors.facts.snmp import facts_from_recording
from collectors.facts.snmp.entity import NEVER_NEGATIVE
from collectors.model import DeviceFacts, Sensor, Target
from collectors.outcome import Outcome
from collectors.platforms.definitions import Definition, Table, definitions

NOW = datetime(2026, 1, 1, tzinfo=UTC)
INDEXES = ("0", "1", "2", "1.1", "1.2", "1.1.1", "1.1.1.2", "3.117.112.115", "7.1.49.3.1.2.3", "4294967295")
VALUES = (
    "2|0",
    "2|1",
    "2|2",
    "2|3",
    "2|42",
    "2|-1",
    "2|-255",
    "2|255",
    "2|65535",
    "2|-32768",
    "2|2147483647",
    "2|-2147483648",
    "66|4294967295",
    "66|4294967286",
    "70|18446744073709551615",
    "4|",
    "4|N/A",
    "4|42 C/107.6 F",
    "4|-42",
    "4|1,5",
    "4|Normal",
    "4x|00430050005500",  # UTF-16
    "4x|d6f7bfd8b0e5",  # GBK
    "4x|666f6f0000",  # NULs behind
    "4x|ff",
    "4|{index} %(x)s",
    "5|",
    "6|1.3.6.1.4.1.1",
    "67|123456",
    "68x|9f780442280000",
)


def tables_of(definition: Definition) -> Iterator[Table]:
    for group in (
        definition.processors,
        definition.memory,
        definition.storage,
        definition.sensors,
        definition.licences,
        definition.signatures,
    ):
        yield from group


def answers(definition: Definition, chance: random.Random) -> list[str]:
    """For each table a few rows, in each of which some columns are missing."""
    lines: list[str] = []
    for table in tables_of(definition):
        places = {table.value, table.total, table.used, table.free, table.percent, table.size_column}
        places |= {place.split("@")[0] for place in table.columns.values()}
        for index in chance.sample(INDEXES, 4):
            lines += [
                f"{place}.{index}|{chance.choice(VALUES)}"
                for place in sorted(filter(None, places))
                if chance.random() < 0.8 and place[0].isdigit()
            ]
    chance.shuffle(lines)
    return lines


def head(definition: Definition) -> list[str]:
    object_id = (definition.object_ids or ("1.3.6.1.4.1.99999",))[0]
    return [
        f"1.3.6.1.2.1.1.1.0|4|{definition.name}",
        f"1.3.6.1.2.1.1.2.0|6|{object_id}",
        *(f"{place}.0|2|1" for place in definition.present),
    ]


def sane(sensor: Sensor) -> bool:
    limits = sensor.limits
    low = [one for one in (limits.low_critical, limits.low_warning) if one is not None]
    high = [one for one in (limits.high_critical, limits.high_warning) if one is not None]
    return (
        math.isfinite(sensor.value)
        and all(map(math.isfinite, [*low, *high]))
        and not (low and high and max(low) >= min(high))
        and not (sensor.kind in NEVER_NEGATIVE and sensor.value < 0)
        and not (sensor.kind == "temperature" and not -100 < sensor.value < 250)
        and not (sensor.kind == "humidity" and not 0 < sensor.value <= 100)
        and not (sensor.kind == "dbm" and not -40 < sensor.value < 30)
    )


def printable(name: str) -> bool:
    return bool(name.strip()) and name.isprintable() and "{i" not in name.replace("{index} %(x)s", "")


def assert_sane(facts: DeviceFacts) -> None:
    assert not [one for one in facts.processors if not 0 <= one.usage_percent <= 100]
    for pool in (*facts.memory, *facts.storage):
        assert 0 <= pool.used_percent <= 100
        if pool.total_bytes is not None and pool.used_bytes is not None:
            assert 0 <= pool.used_bytes <= pool.total_bytes
    assert not [one for one in facts.sensors if not sane(one)]
    states = [one for one in facts.sensors if one.kind == "state"]
    assert not [one for one in states if one.state_outcome is None]
    named = (*facts.processors, *facts.memory, *facts.storage, *facts.sensors)
    assert not [one.name for one in named if not printable(one.name)]


@pytest.mark.parametrize("seed", [3, 17, 2026])
@pytest.mark.parametrize("name", sorted(definitions()))
def test_no_value_of_any_table_becomes_a_wrong_reading(name: str, seed: int) -> None:
    definition = definitions()[name]
    lines = [*head(definition), *answers(definition, random.Random(f"{name} {seed}"))]
    facts = facts_from_recording("\n".join(lines).encode("utf-8"))
    assert_sane(facts)
    findings = judge(facts, Target("key", "192.0.2.1", ()), NOW)
    assert not [
        one for one in findings if one.outcome is Outcome.PARSE_FAILED and "rule itself" in str(one.message)
    ]


@pytest.mark.parametrize("name", sorted(definitions()))
def test_states_that_no_map_knows_are_never_well(name: str) -> None:
    for table in tables_of(definitions()[name]):
        if table.kind != "state" or table.convert == "bits":
            continue
        numbers = {key for key in table.states if key.lstrip("-").isdigit()}
        strange = next(str(number) for number in range(40, 4000) if str(number) not in numbers)
        lines = [
            *head(definitions()[name]),
            f"{table.value}.{'0' if table.indexes is None else '1'}|2|{strange}",
        ]
        found = facts_from_recording("\n".join(lines).encode())
        told = [
            one.state_outcome
            for one in found.sensors
            if one.state_type == table.type
            and one.evidence
            and one.evidence.oid.startswith(table.value + ".")
        ]
        assert set(told) <= {Outcome.UNSUPPORTED}, table.value
