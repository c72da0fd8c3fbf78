"""What a table of a definition can say, on tables made up for the purpose."""

from __future__ import annotations

import re

import pytest

from collectors.facts.snmp.rows import Row, limit, parent_name, reading, rows, texts_in
from collectors.platforms.definitions import Table
from collectors.snmprec import Walk, parse_lines

ENTITY = "1.3.6.1.2.1.47.1.1.1.1"


def walk(*lines: str) -> Walk:
    return Walk((0, varbind) for varbind in parse_lines("\n".join(lines)))


def only(table: Table, *lines: str) -> Row:
    (row,) = rows(walk(*lines), table)
    return row


def value(table: Table, *lines: str) -> float | None:
    row = only(table, *lines)
    return reading(row, row.value)


@pytest.mark.parametrize(
    ("convert", "raw", "expected"),
    [
        ("", "5", 5),
        ("dbm", "1", 0),
        ("dbm", "0", None),
        ("microwatts_or_hundredths", "1000", 0),
        ("microwatts_or_hundredths", "-350", -3.5),
        ("fahrenheit", "212", 100),
        ("inverted", "97", 3),
        ("signed32", "4294967286", -10),
        ("signed16", "65526", -10),
    ],
)
def test_conversions(convert: str, raw: str, expected: float | None) -> None:
    assert value(Table("1.1", convert=convert), f"1.1.0|70|{raw}") == expected


def test_scale_offset_and_bounds() -> None:
    assert value(Table("1.1", scale=0.1, offset=-273), "1.1.0|2|2950") == pytest.approx(22)
    assert value(Table("1.1", minimum=0), "1.1.0|2|-1") is None
    assert value(Table("1.1", maximum=100), "1.1.0|2|101") is None
    assert value(Table("1.1", fillers=frozenset({255.0})), "1.1.0|2|255") is None
    assert value(Table("1.1"), "1.1.0|4|none") is None


def test_the_divisor_may_stand_in_a_column() -> None:
    table = Table("1.1", columns={"digits": "1.2"}, scale_column="digits", scales={"2": 0.01})
    assert value(table, "1.1.5|2|1234", "1.2.5|2|2") == 12.34
    assert value(table, "1.1.5|2|1234", "1.2.5|2|7") == 1234
    assert value(table, "1.1.5|2|1234") == 1234, "an agent without the column"
    assert value(table, "1.1.5|2|1234", "1.2.6|2|2") is None, "a row that lost its own"


def test_the_number_may_stand_within_a_text() -> None:
    table = Table("1.1", pattern=re.compile(r"now (\S+)"))
    assert value(table, "1.1.0|4|now 21,5 C") == 21.5
    assert value(table, "1.1.0|4|now hot") is None
    assert value(table, "1.1.0|4|later 3") is None


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (("{descr}",), "Fan tray"),
        (("{nothing}", "Row {index}"), "Row 3.9"),
        (("{nothing}",), "3.9"),
        (("{i1}/{i2}/{i-1}",), "3/9/9"),
        (("{i5}", "x"), "x"),
        (("{descr} {nothing~}",), "Fan tray"),
        (("{raw} W",), "7 W"),
        (("{descr?Present}",), "Present"),
        (("a{nothing?Absent}",), "a"),
        (("{state}",), "running"),
        (("{far}",), "By its slot"),
    ],
)
def test_names(names: tuple[str, ...], expected: str) -> None:
    table = Table(
        "1.1",
        names,
        columns={"descr": "1.2", "nothing": "1.3", "state": "1.4", "far": "1.5@{i1}"},
        words={"state": {"1": "running"}},
    )
    lines = ("1.1.3.9|2|7", '1.2.3.9|4|  "Fan   tray" ', "1.4.3.9|2|1", "1.5.3|4|By its slot")
    assert only(table, *lines).name() == expected


def test_names_of_entities_and_ports() -> None:
    lines = (
        "1.1.7|2|1",
        "1.2.7|2|3",
        f"{ENTITY}.7.7|4|Sensor 7",
        f"{ENTITY}.4.7|2|6",
        f"{ENTITY}.5.6|2|5",  # a container is passed over
        f"{ENTITY}.4.6|2|5",
        f"{ENTITY}.5.5|2|9",
        f"{ENTITY}.7.5|4|Module 5",
        f"{ENTITY}.7.3|4|Entity 3",
        "1.3.6.1.2.1.31.1.1.1.1.7|4|Gi0/7",
        "1.3.6.1.2.1.2.2.1.2.3|4|Ethernet 3",
    )
    assert (
        only(Table("1.1", ("{parent} - {entity} - {port}",)), *lines).name() == "Module 5 - Sensor 7 - Gi0/7"
    )
    joined = {"entity_index": "1.2", "port_index": "1.2"}
    assert only(Table("1.1", ("{entity} {port}",), joined), *lines).name() == "Entity 3 Ethernet 3"


def test_a_ring_of_parents_ends() -> None:
    ring = walk(f"{ENTITY}.4.1|2|2", f"{ENTITY}.4.2|2|1", f"{ENTITY}.4.3|2|0")
    assert parent_name(ring, "1") == ""
    assert parent_name(ring, "3") == ""


def test_which_rows_count() -> None:
    lines = ("1.1.1|2|0", "1.1.2|2|0", "1.1.3|2|5", "1.2.1|2|0", "1.2.2|2|9", "1.2.3|2|0")

    def kept(table: Table) -> list[str]:
        return [row.index for row in rows(walk(*lines), table)]

    columns = {"other": "1.2"}
    zero = frozenset({"0"})
    assert kept(Table("1.1", columns=columns, skip={"other": zero})) == ["2"]
    assert kept(Table("1.1", columns=columns, require={"other": zero})) == ["1", "3"]
    assert kept(Table("1.1", columns=columns, skip_all={"raw": zero, "other": zero})) == ["2", "3"]
    assert kept(Table("1.1", indexes=re.compile("[12]"))) == ["1", "2"]
    assert kept(Table("1.1", skip_name=re.compile("1"))) == ["2", "3"]
    assert kept(Table("1.1", only_name=re.compile("1"))) == ["1"]


def test_limits_are_scaled_as_their_values_are() -> None:
    table = Table("1.1", scale=0.1, columns={"high": "1.2", "none": "1.3", "low": "1.4"}, convert="signed32")
    row = only(table, "1.1.0|2|300", "1.2.0|2|450", "1.3.0|2|0", "1.4.0|66|4294967246")
    assert (limit(row, "high"), limit(row, "none"), limit(row, "low")) == (45, None, -5)
    assert limit(row, "80") == 80
    assert limit(row, "missing") is None
    own = only(Table("1.1", scale=0.1, limit_scale=1, columns={"high": "1.2"}), "1.1.0|2|300", "1.2.0|2|45")
    assert limit(own, "high") == 45


@pytest.mark.parametrize(
    ("index", "texts"), [("3.117.112.115.4", ["ups"]), ("1.65.2.66.67", ["A", "BC"]), ("9.1", []), ("0", [])]
)
def test_texts_in_indexes(index: str, texts: list[str]) -> None:
    assert texts_in(index) == texts


@pytest.mark.parametrize(
    ("index", "name", "text"),
    [
        ("0.3.117.112.115", "s2", "ups"),
        ("7.1.2.65.66.9", "s3", "AB"),
        ("0.9.65", "s2", ""),
        ("5", "s2", ""),
        ("65.66.67", "text", "ABC"),
        ("65.1.67", "text", ""),
    ],
)
def test_strings_behind_numbers_and_strings_without_a_length(index: str, name: str, text: str) -> None:
    row = only(Table("1.1"), f"1.1.{index}|2|1")
    assert row.part(name) == text
