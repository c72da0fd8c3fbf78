"""Answers that are changed on purpose: what is damaged is lost, and nothing else."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.checks import judge
from collectors.facts.snmp import facts_from_recording
from collectors.model import DeviceFacts, Target
from collectors.outcome import Outcome
from collectors.simulator.mibs import KINDS, build
from tests.conftest import recordings_folder
from tests.support.snmp_answers import told, under, values

HR_STORAGE = "1.3.6.1.2.1.25.2.3.1."
NOW = datetime(2026, 1, 1, tzinfo=UTC)
Reading = tuple[str, str, object]


def _recordings() -> list[Path]:
    folder = recordings_folder()
    return [] if folder is None else sorted((folder / "snmp").glob("*.snmprec"))


def _simulated(kind: str) -> list[str]:
    return build(kind, "dev-1", 3, 1_800_000_000.0).lines()


def _recorded(path: Path) -> list[str]:
    return path.read_text("utf-8", errors="surrogateescape").split("\n")


SOURCES: list[tuple[str, Callable[[], list[str]]]] = [
    *((kind, lambda kind=kind: _simulated(kind)) for kind in KINDS),
    *((path.stem, lambda path=path: _recorded(path)) for path in _recordings()),
]
CASES = pytest.mark.parametrize(
    "lines_of", [source for _, source in SOURCES], ids=[name for name, _ in SOURCES]
)


def _facts(lines: list[str]) -> DeviceFacts:
    return facts_from_recording("\n".join(lines).encode("utf-8", errors="surrogateescape"))


def _readings(facts: DeviceFacts) -> set[Reading]:
    """Everything that was read, by where it was found; names may change when a neighbour is lost."""
    found: set[Reading] = set()
    for kind in ("processors", "memory", "storage", "sensors", "supplies"):
        for one in getattr(facts, kind):
            number = next(
                getattr(one, name)
                for name in ("value", "usage_percent", "used_percent")
                if hasattr(one, name)
            )
            found.add((kind, one.evidence.oid, number))
    return found


def _judged(facts: DeviceFacts) -> None:
    """No check breaks over what is left."""
    findings = judge(facts, Target("key", "192.0.2.1", ()), NOW)
    assert not [
        one for one in findings if one.outcome is Outcome.PARSE_FAILED and "rule itself" in str(one.message)
    ]


@CASES
def test_the_order_in_which_an_agent_answers_does_not_matter(lines_of: Callable[[], list[str]]) -> None:
    lines = lines_of()
    names = [line.split("|")[0].removeprefix(".") for line in lines]
    if len(set(names)) < len(names):
        pytest.skip("an OID stands there twice: of duplicates the last holds")
    mixed = random.Random(7).sample(lines, len(lines))
    assert _readings(_facts(mixed)) == _readings(_facts(lines))


@CASES
def test_a_lost_value_loses_its_own_reading_alone(lines_of: Callable[[], list[str]]) -> None:
    lines = lines_of()
    whole = _readings(_facts(lines))
    places = sorted({oid for _, oid, _ in whole})
    for oid in random.Random(11).sample(places, min(6, len(places))):
        left = [line for line in lines if line.split("|")[0].removeprefix(".") != oid]
        lost = {reading for reading in whole - _readings(_facts(left)) if reading[1] != oid}
        # What net-snmp lends to caches is part of its physical memory, whose share is told by all of them.
        if oid.startswith(HR_STORAGE):
            lost = {reading for reading in lost if not reading[1].startswith(HR_STORAGE)}
        assert not lost, oid


@CASES
def test_ports_stay_without_the_newer_table(lines_of: Callable[[], list[str]]) -> None:
    lines = lines_of()
    older = [line for line in lines if "1.3.6.1.2.1.31.1.1." not in line.split("|")[0]]
    known = {
        line.split("|")[0].rsplit(".", 1)[1]
        for line in older
        if line.split("|")[0].removeprefix(".").startswith("1.3.6.1.2.1.2.2.1.8.")
    }
    assert {str(port.index) for port in _facts(older).interfaces} >= known


NOTHING = (
    "4|",
    "5|",
    "4|No Such Instance currently exists at this OID",
    "4x|",
    "2|",
    "4x|b5e7c1a6",
    "2|-1",
    "4|x",
)


@CASES
@pytest.mark.parametrize("seed", [1, 2])
def test_values_of_any_form_are_passed_over(lines_of: Callable[[], list[str]], seed: int) -> None:
    chance = random.Random(seed)
    lines = [
        f"{line.split('|')[0]}|{chance.choice(NOTHING)}" if chance.random() < 0.3 and "|" in line else line
        for line in lines_of()
    ]
    _judged(_facts(lines))


@CASES
def test_columns_that_are_lost_and_indexes_that_go_on(lines_of: Callable[[], list[str]]) -> None:
    chance = random.Random(5)
    lines = [line for line in lines_of() if "|" in line]
    columns = sorted({line.split("|")[0].rsplit(".", 1)[0] for line in lines})
    gone = set(chance.sample(columns, len(columns) // 3))
    _judged(_facts([line for line in lines if line.split("|")[0].rsplit(".", 1)[0] not in gone]))
    longer = [line.replace("|", ".1|", 1) if chance.random() < 0.5 else line for line in lines]
    _judged(_facts(longer))


@settings(max_examples=60)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    changes=st.lists(
        st.tuples(
            st.integers(0, 5000),
            st.sampled_from(["2", "4", "4x", "5", "6", "64", "65", "66", "67", "68", "68x", "70"]),
            st.one_of(st.text(max_size=12), st.integers().map(str), st.binary(max_size=12).map(bytes.hex)),
        ),
        max_size=40,
    ),
)
def test_no_value_breaks_the_reading(kind: str, changes: list[tuple[int, str, str]]) -> None:
    lines = _simulated(kind)
    for place, tag, value in changes:
        at = place % len(lines)
        lines[at] = f"{lines[at].split('|')[0]}|{tag}|{value}".replace("\n", " ")
    facts = facts_from_recording("\n".join(lines).encode("utf-8", errors="surrogatepass"))
    _judged(facts)


SENSOR = "1.3.6.1.2.1.99.1.1.1"


@pytest.mark.parametrize(
    ("kind", "scale", "precision", "raw", "expected"),
    [
        (8, 9, 0, "66|4294967286", -10.0),  # a signed number that the agent sends as unsigned
        (14, 9, 2, "66|4294966065", -12.31),
        (8, 99, 99, "2|31", 31.0),  # neither is a number the MIB knows
        (4, 1, 0, "2|5", 0.0),
        (4, 8, -2, "2|12", 1.2),
        (8, 9, 1, "4|234 units", 23.4),
    ],
)
def test_scales_and_signs_of_entity_sensors(
    kind: int, scale: int, precision: int, raw: str, expected: float
) -> None:
    facts = told(
        "1.3.6.1.4.1.99999",
        "unknown",
        *under(SENSOR, f"1.0|2|{kind}", f"2.0|2|{scale}", f"3.0|2|{precision}", f"4.0|{raw}", "5.0|2|1"),
    )
    assert list(values(facts).values()) == [expected]


def test_numbers_of_net_snmp_come_in_two_widths_and_names_in_gbk() -> None:
    load = "1.3.6.1.4.1.2021.10.1.3"
    facts = told(
        "1.3.6.1.4.1.8072.3.2.10",
        "Linux host 6.1.0",
        f"{load}.1|68x|9f78043f000000",
        f"{load}.2|68x|9f7908" + "3fe8000000000000",
        f"{load}.3|4|0.25",
        "1.3.6.1.2.1.1.5.0|4x|bac4d0c4bdbbbbbbbbfa",
        "1.3.6.1.2.1.2.2.1.2.1|4x|b9dcc0edbfda",
        "1.3.6.1.2.1.2.2.1.8.1|2|1",
        "1.3.6.1.2.1.31.1.1.1.1.1|4|",
    )
    found = facts.extra["load"]
    assert (found.one, found.five, found.fifteen) == (0.5, 0.75, 0.25)  # type: ignore[attr-defined]
    assert facts.identity.name == bytes.fromhex("bac4d0c4bdbbbbbbbbfa").decode("gb18030")
    assert facts.interfaces[0].name == bytes.fromhex("b9dcc0edbfda").decode("gb18030")


def test_a_supply_without_a_description_is_still_one() -> None:
    facts = told(
        "1.3.6.1.4.1.11.2.3.9.1",
        "HP ETHERNET MULTI-ENVIRONMENT",
        *under(
            "1.3.6.1.2.1.43.11.1.1", "8.1.2|2|100", "9.1.2|2|30", "6.1.1|4|Black", "8.1.1|2|100", "9.1.1|2|80"
        ),
    )
    assert [(one.name, one.used_percent) for one in facts.supplies] == [("Black", 20.0), ("Supply 1.2", 70.0)]


def test_a_sensor_whose_scale_was_lost_is_no_reading_and_an_agent_without_scales_has_some() -> None:
    rows = ("1.1|2|8", "2.1|2|8", "3.1|2|1", "4.1|2|2150", "5.1|2|1", "1.2|2|8", "4.2|2|21", "5.2|2|1")
    assert [one.index for one in told("1.2", "unknown", *under(SENSOR, *rows)).sensors] == ["1"]
    bare = told("1.2", "unknown", *under(SENSOR, *rows[5:]))
    assert [(one.index, one.value) for one in bare.sensors] == [("2", 21)]


def test_shares_of_a_memory_that_is_not_told_are_no_pools() -> None:
    pool = [f"{column}.7|{value}" for column, value in ((3, "4|Cached memory"), (4, "2|1024"), (5, "2|9"))]
    swap = [f"{column}.10|{value}" for column, value in ((3, "4|Swap space"), (4, "2|1024"), (5, "2|9"))]
    rows = [*pool, "6.7|2|9", *swap, "6.10|2|3"]
    facts = told("1.3.6.1.4.1.8072.3.2.10", "Linux host 6.1.0", *under(HR_STORAGE.rstrip("."), *rows))
    assert [(one.name, one.used_bytes) for one in facts.memory] == [("Swap space", 3072)]
