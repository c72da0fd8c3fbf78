"""Lines of SNMP answers as agents and recordings really write them."""

from __future__ import annotations

import math
import sys
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collectors.errors import ParseError
from collectors.facts.snmp import facts_from_recording
from collectors.model import DeviceFacts, Evidence
from collectors.platforms.definitions import definitions
from collectors.snmprec import Varbind, Walk, format_line, parse_lines

NAME = "1.3.6.1.2.1.1.5.0"


def walk(text: str | bytes) -> Walk:
    return Walk((0, varbind) for varbind in parse_lines(text))


def test_lines_keep_their_order_and_blank_ones_are_passed_over() -> None:
    text = f"1.3.6.1.2.1.1.5.0|4|b\r\n\n   \n.1.3.6.1.2.1.1.1.0|4|a\n{NAME}|4|c"
    assert parse_lines(text) == (
        Varbind("1.3.6.1.2.1.1.5.0", "4", "b"),
        Varbind("1.3.6.1.2.1.1.1.0", "4", "a"),
        Varbind(NAME, "4", "c"),
    )


def test_of_an_oid_that_comes_twice_the_last_value_holds() -> None:
    assert walk(f"{NAME}|4|old\n{NAME}|4|new").text(NAME) == "new"


def test_a_value_may_hold_the_separator() -> None:
    assert walk(f"{NAME}|4|a|b||c").text(NAME) == "a|b||c"


@pytest.mark.parametrize(
    "line", ["no oid", "1.3.x.1|4|masked", "1.3.6|9|unknown tag", "1.3.6.1", "1.3.6|4", "1.3.6|-1|0"]
)
def test_a_faulty_line_is_named_by_its_number(line: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_lines(f"{NAME}|4|fine\n\n{line}")
    assert caught.value.line == 3


def test_faulty_lines_can_be_passed_over_and_counted() -> None:
    bad: list[ParseError] = []
    assert len(parse_lines(f"rubbish\n{NAME}|4|fine\n1.3.xx|2|1", bad)) == 1
    assert [error.line for error in bad] == [1, 3]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (f"{NAME}|4x|e4b8ade69687", "中文"),
        (f"{NAME}|4x|d6d0cec4", "中文"),  # GBK
        (f"{NAME}|4x|73773100000000", "sw1"),  # trailing NULs
        (f"{NAME}|4x|6c696e65310d0a6c696e6532", "line1\r\nline2"),
        (f"{NAME}|4x|ff", ""),  # in no encoding
        (f"{NAME}|4e|tab\\tand \\x41 and \\\\", "tab\tand A and \\"),
        (f"{NAME}|4|", ""),
        (f"{NAME}|4|  padded  ", "padded"),
    ],
)
def test_texts_are_read_as_people_wrote_them(line: str, text: str) -> None:
    assert walk(line).text(NAME) == text


def test_gbk_bytes_in_a_raw_answer_do_not_spoil_other_lines() -> None:
    raw = b"1.1|4|" + "机房".encode("gbk") + b"\n1.2|4|" + "机房".encode() + b"\n1.3|2|7"
    found = walk(raw)
    assert [found.text("1.1"), found.text("1.2"), found.text("1.3")] == ["机房", "机房", "7"]


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("1.1|2|-5", -5),
        ("1.1|70|18446744073709551615", 18446744073709551615),
        ("1.1|4|23 C", 23),
        ("1.1|4|-3.5 dBm", -3.5),
        ('1.1|4|"12"', 12),
        ("1.1|4|n/a", None),
        ("1.1|2|", None),
        ("1.1|2|12a", None),
        ("1.1|4x|9f780442480000", 50.0),  # Opaque float
        ("1.1|4x|9f78047f800000", None),  # infinite
        ("1.1|4|1e400", None),
        ("1.1|5|", None),
    ],
)
def test_numbers_are_read_where_there_are_any(line: str, number: float | None) -> None:
    value = walk(line).get("1.1")
    assert value is not None
    assert value.number == number


def test_addresses_are_read_as_text_and_as_bytes() -> None:
    found = walk("1.1|64|192.0.2.1\n1.2|64x|c0000202")
    assert [found.column("1")[index].address for index in ("1", "2")] == ["192.0.2.1", "192.0.2.2"]
    assert found.text("1.2") == "192.0.2.2"


def test_a_column_is_ordered_by_number_however_the_agent_walked() -> None:
    found = walk("1.2.10|2|3\n1.2.9|2|2\n1.2.1.5|2|1\n1.20.1|2|9\n1.2|2|0")
    assert list(found.column("1.2")) == ["1.5", "9", "10"]
    assert found.column("1.2") is found.column("1.2")
    assert found.column("7") == {}


def test_a_scalar_is_found_with_and_without_its_zero() -> None:
    found = walk("1.5.0|2|1")
    assert found.scalar("1.5") == found.scalar("1.5.0") == found.get("1.5.0")
    assert found.has("1.5")
    assert found.has("1")
    assert not found.has("1.50")
    assert found.text("1.6") == ""
    assert len(found) == 1


def test_every_value_says_where_it_was_found() -> None:
    found = Walk([(3, Varbind("1.1", "2", "5"))])
    value = found.get("1.1")
    assert value is not None
    assert value.evidence == Evidence(3, oid="1.1")


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((".1.2.0", "2", 7), "1.2.0|2|7"),
        (("1.2.0", "4", b"plain"), "1.2.0|4|plain"),
        (("1.2.0", "4", b"\x00\x01"), "1.2.0|4x|0001"),
        (("1.2.0", "4", "中文"), "1.2.0|4|中文"),
        (("1.2.0", "4", "two\nlines"), "1.2.0|4x|74776f0a6c696e6573"),
        (("1.2.0", "64", b"\xc0\x00\x02\x01"), "1.2.0|64x|c0000201"),
    ],
)
def test_lines_are_written_so_that_they_can_be_read(
    arguments: tuple[str, str, bytes | str | int], line: str
) -> None:
    assert format_line(*arguments) == line
    parse_lines(line)


@given(st.binary())
def test_any_octets_come_back_as_they_were(octets: bytes) -> None:
    value = walk(format_line("1.1", "4", octets)).get("1.1")
    assert value is not None
    assert value.octets == octets


@given(st.one_of(st.binary(), st.text()))
def test_any_bytes_give_a_result_or_a_parse_error(data: bytes | str) -> None:
    try:
        parse_lines(data)
    except ParseError:
        assert parse_lines(data, []) is not None


_LINES = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "1.3.6.1.2.1.1.2.0|6",
                "1.3.6.1.2.1.2.2.1.2.1|4",
                "1.3.6.1.2.1.2.2.1.6.1|4x",
                "1.3.6.1.2.1.4.34.1.3.1.4.10.0.0.1|2",
                "1.3.6.1.2.1.25.2.3.1.5.1|2",
                "1.3.6.1.2.1.33.1.2.3.0|2",
                "1.3.6.1.2.1.43.11.1.1.9.1.1|2",
                "1.3.6.1.2.1.99.1.1.1.4.1|2",
                "1.0.8802.1.1.2.1.4.1.1.5.0.1.1|4x",
                "1.3.6.1.4.1.8072.1.3.2.4.1.2.9.1.2|4",
            ]
        ),
        st.one_of(st.text(max_size=12), st.integers().map(str), st.binary(max_size=9).map(bytes.hex)),
    )
)


@given(_LINES)
def test_any_values_in_known_tables_give_facts(lines: list[tuple[str, str]]) -> None:
    text = "\n".join(f"{place}|{value}" for place, value in lines)
    assert isinstance(facts_from_recording(text), DeviceFacts)


_OIDS = sorted(
    {
        table.value
        for definition in definitions().values()
        for table in (*definition.processors, *definition.memory, *definition.storage, *definition.sensors)
    }
    | {
        place.partition("@")[0]
        for definition in definitions().values()
        for table in definition.sensors
        for place in table.columns.values()
    }
)
_PLATFORMS = sorted({oid for definition in definitions().values() for oid in definition.object_ids})


@settings(max_examples=60)
@given(
    st.sampled_from(_PLATFORMS),
    st.lists(
        st.tuples(
            st.sampled_from(_OIDS),
            st.sampled_from(["0", "1", "1.1", "3.65.66.67.2"]),
            st.sampled_from(["2", "4", "4x", "65", "70", "6", "64x"]),
            st.one_of(
                st.text(max_size=8),
                st.integers().map(str),
                st.floats().map(str),
                st.binary(max_size=9).map(bytes.hex),
            ),
        ),
        max_size=60,
    ),
)
def test_any_values_in_vendors_tables_give_facts(
    object_id: str, cells: list[tuple[str, str, str, str]]
) -> None:
    lines = [f"1.3.6.1.2.1.1.2.0|6|{object_id}"]
    lines += [f"{oid}.{index}|{tag}|{value}" for oid, index, tag, value in cells]
    facts = facts_from_recording("\n".join(lines))
    assert all(math.isfinite(sensor.value) for sensor in facts.sensors)


@pytest.mark.parametrize(("value", "states"), [("", []), ("x", []), ("9" * 500, []), ("3", [3.0])])
def test_a_state_that_is_read_by_a_pattern_may_come_as_a_number_or_as_none(
    value: str, states: list[float]
) -> None:
    """QNAP's volumes tell their state in words; an agent may send a number, or an empty one."""
    qnap = "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.24681.1"
    facts = facts_from_recording(f"{qnap}\n1.3.6.1.4.1.24681.1.2.17.1.6.0|2|{value}")
    assert [sensor.value for sensor in facts.sensors] == states


def calls_to_read(ports: int) -> int:
    """How many calls of functions it takes to read a recording of so many ports, 20 lines each."""
    text = "\n".join(
        f"1.3.6.1.2.1.2.2.1.{column}.{port}|65|{port}"
        for column in range(1, 21)
        for port in range(1, ports + 1)
    )
    calls = 0

    def count(_frame: FrameType, event: str, _what: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        facts = facts_from_recording(text)
    finally:
        sys.setprofile(before)
    assert len(facts.interfaces) == ports
    return calls


def test_the_work_of_reading_grows_no_faster_than_the_lines() -> None:
    calls_to_read(1)  # what is prepared once is not counted
    few, many = calls_to_read(250), calls_to_read(2500)
    assert many < 10.5 * few
