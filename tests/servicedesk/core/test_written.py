"""Templates write values as Jinja's own ``escape`` would."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale, lazy_gettext
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, Undefined
from markupsafe import Markup, escape

from servicedesk.core.written import Writer, written


class _Said(str):
    """A text that says itself how it is written."""

    def __html__(self) -> str:
        return "<i>own</i>"


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.booleans(), st.text().map(Markup)))
def test_the_same_as_escape(value: Any) -> None:
    assert str(written(value)) == str(escape(value))


@pytest.mark.parametrize("value", [_Said("<x>"), Decimal("1.50"), ["<a>", 1], Undefined(), object])
def test_values_of_other_kinds_too(value: Any) -> None:
    assert str(written(value)) == str(escape(value))


TEMPLATE = """{% macro cell(text) %}<b>{{ text }}</b>{% endmacro %}{{ cell(value) }}|{{ value|safe }}
|{{ cell(value) ~ value }}
{%- set kept %}<p>{{ value }}</p>{% endset %}{{ kept }}{% filter upper %}{{ value }}{% endfilter %}
{%- autoescape off %}{{ value }}{% endautoescape %}
{%- for part in parts %}{{ loop.index }}{{ part }}{% endfor %}{{ missing }}"""


@pytest.mark.parametrize(
    "value", ["<script>alert('1')</script> & \"x\"", Markup("<em>1</em>"), 7, None, _Said("<x>")]
)
def test_whole_templates_come_out_alike(value: Any) -> None:
    ours = Environment(autoescape=True)
    ours.code_generator_class = Writer
    given_values = {"value": value, "parts": ["<", Markup("<br>"), 3, 1.5]}
    expected = Environment(autoescape=True).from_string(TEMPLATE).render(**given_values)
    assert ours.from_string(TEMPLATE).render(**given_values) == expected
    assert "&lt;" in expected


def test_a_language_for_a_while_is_followed(app: Flask) -> None:
    said = lazy_gettext("Search")
    with app.test_request_context():
        with force_locale("zh_CN"):
            assert str(said) == "搜索"
            with force_locale("en"):
                assert str(said) == "Search"
            assert str(said) == "搜索"
        with force_locale("en"):
            assert str(said) == "Search"
