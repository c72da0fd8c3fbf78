"""How text becomes words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.search.words import index_words, postgres_question, question_terms, sqlite_question


def hexadecimal(text: str) -> str:
    return "z" + "".join(f"{ord(letter):04x}" for letter in text)


def test_a_run_of_chinese_is_its_pairs_and_its_last_character() -> None:
    assert index_words("打印机") == " ".join(map(hexadecimal, ("打印", "印机", "机")))


def test_latin_words_are_folded_and_full_width_letters_are_letters() -> None:
    assert index_words("Printer ＪＡＭＳ, FLT-000123") == "printer jams flt 000123"


def test_what_is_written_together_is_asked_for_together() -> None:
    assert question_terms("10.1.2.3 down") == [["10", "1", "2", "3"], ["down"]]
    assert sqlite_question("10.1.2.3 down") == '"10 1 2 3" * AND "down" *'
    assert postgres_question("10.1.2.3 down") == "(10 <-> 1 <-> 2 <-> 3:*) & (down:*)"


@pytest.mark.parametrize("question", ["", "   ", "!!!", "\"'*()&|<->:", "\x00"])
def test_a_question_without_a_word_asks_nothing(question: str) -> None:
    assert sqlite_question(question) == postgres_question(question) == ""


@given(st.text(max_size=300))
def test_any_text_becomes_ascii_letters_and_digits(text: str) -> None:
    assert all(word.isascii() and word.isalnum() for word in index_words(text).split())
    for words in question_terms(text):
        assert all(word.isascii() and word.isalnum() for word in words)


@given(st.text(alphabet="打印机卡纸服务器", min_size=1, max_size=12), st.data())
def test_any_part_of_a_chinese_word_finds_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    stored = f" {index_words(text)} "
    (words,) = question_terms(text[start:end])
    # The last word may be a beginning; the others are whole and in a row.
    assert f" {' '.join(words)}" in stored
