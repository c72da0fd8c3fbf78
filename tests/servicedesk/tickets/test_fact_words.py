"""What an approval's sheet says of a ticket: words, not codes."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from servicedesk.approvals.effects import facts_in_words
from servicedesk.tickets.fact_words import fact_in_words


@pytest.mark.parametrize(
    ("name", "value", "english", "chinese"),
    [
        ("priority", 1, "P1 Critical", "P1 严重"),
        ("risk", "high", "High risk", "高风险"),
        ("change_type", "emergency", "Emergency", "紧急"),
        ("window_from", "2026-11-25T22:00:00+08:00", "2026-11-25 22:00", "2026-11-25 22:00"),
        ("window_from", "sometime", "sometime", "sometime"),
        ("priority", 99, "99", "99"),
        ("never_heard_of", "x", "x", "x"),
    ],
)
def test_a_fact_is_said_in_the_reader_s_language(
    app: Flask, name: str, value: Any, english: str, chinese: str
) -> None:
    with app.test_request_context():
        for locale, words in (("en", english), ("zh_CN", chinese)):
            with force_locale(locale):
                assert words in fact_in_words(name, value)[1]


def test_empty_facts_are_left_out_and_other_subjects_stay_as_written(app: Flask) -> None:
    facts = {"a": "", "b": None, "c": ["x", "y"], "d": 0}
    with app.test_request_context():
        assert facts_in_words("no-such-subject", facts) == [("c", "x, y"), ("d", "0")]
