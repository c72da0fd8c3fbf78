"""Previews show that it is the right extract, and nobody's number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.tickets.masking import PREVIEW_ROWS, mask, preview


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("330106199003071234", "3301************34"),
        ("身份证 33010619900307123X 已核", "身份证 3301************3X 已核"),
        ("13812345678", "138******78"),
        ("0571-88123456", "057********56"),
        ("6222021234567890123", "6222***********0123"),
        ("wang.fang@example.org", "w****************.org"),
        ("2026-11-25 14:05:33", "2026-11-25 14:05:33"),
        ("金额 12500.50 元", "金额 12500.50 元"),
        ("10.20.1.30", "10.20.1.30"),
    ],
)
def test_numbers_of_people_are_hidden_and_others_are_not(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_names_are_known_by_their_heading() -> None:
    shown = preview("工号,姓名,电话,部门\n7,欧阳建国,13812345678,财务科\n".encode())
    assert shown.splitlines() == ["工号\t姓名\t电话\t部门", "7\t欧***\t138******78\t财务科"]


def test_a_table_in_gbk_is_read_too() -> None:
    assert preview("姓名;科室\n李娜;信息中心\n".encode("gb18030")).splitlines()[1] == "李*\t信息中心"


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04\x14\x00\x08\x00", b"\x89PNG\r\n\x1a\n\x00\x00", b"%PDF-1.7\n\xff\xfe\x00"]
)
def test_what_is_no_text_has_no_preview(content: bytes) -> None:
    assert preview(content * 50) == ""


def test_only_the_first_rows_are_shown() -> None:
    shown = preview(b"a,b\n" + b"1,2\n" * 100_000)
    assert len(shown.splitlines()) == PREVIEW_ROWS + 1


def test_a_row_that_was_cut_is_not_shown_half() -> None:
    long = b"id,note\n" + b"1," + b"x" * 70_000
    assert preview(long) == "id\tnote"


@given(st.binary(max_size=400))
def test_any_bytes_give_a_text(content: bytes) -> None:
    assert isinstance(preview(content), str)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text(alphabet="ab ,;，。", max_size=5))
def test_no_mobile_number_comes_through(number: str, around: str) -> None:
    assert number not in mask(f"{around}{number}{around}")
