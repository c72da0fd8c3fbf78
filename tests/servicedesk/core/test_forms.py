"""What forms say of numbers and days that are none."""

from __future__ import annotations

from flask import Flask
from flask_babel import force_locale
from werkzeug.datastructures import MultiDict
from wtforms import DateField, DecimalField, FloatField, IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional

from servicedesk.core.forms import Form


class _Numbers(Form):
    height = IntegerField(validators=[NumberRange(1, 60)])
    port = IntegerField(validators=[InputRequired(), NumberRange(1, 65535)])
    factor = FloatField(validators=[InputRequired()])
    price = DecimalField(validators=[Optional()])
    until = DateField(validators=[Optional()])


def _said(app: Flask, sent: dict[str, str], language: str = "en") -> dict[str, list[str]]:
    with app.test_request_context(), force_locale(language):
        form = _Numbers(MultiDict(sent), meta={"csrf": False})
        form.validate()
        return {name: [str(one) for one in errors] for name, errors in form.errors.items() if name}


def test_what_is_no_number_is_told_what_to_write_and_nothing_else(app: Flask) -> None:
    sent = {"height": "two", "port": "22x", "factor": "a", "price": "much", "until": "31/31/99"}
    assert _said(app, sent) == {
        "height": ["Give a whole number."],
        "port": ["Give a whole number."],
        "factor": ["Write a number."],
        "price": ["Write a number."],
        "until": ["Write a day as 2026-11-24."],
    }
    assert _said(app, sent, "zh_CN")["height"] == ["请填写整数。"]


def test_an_empty_number_is_one_that_is_missing(app: Flask) -> None:
    said = _said(app, {"height": " ", "port": "", "factor": "", "price": "", "until": ""})
    assert said == {name: ["This field is required."] for name in ("height", "port", "factor")}


def test_a_number_beyond_its_limits_is_told_the_limits(app: Flask) -> None:
    said = _said(app, {"height": "61", "port": "0", "factor": "1"})
    assert said["height"] == ["Number must be between 1 and 60."]
    assert said["port"] == ["Number must be between 1 and 65535."]
    huge = _said(app, {"height": "9" * 400, "port": "22", "factor": "1"})
    assert huge == {"height": ["Give a smaller number."]}
