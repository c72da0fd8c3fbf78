"""The base of all forms: CSRF, stripped text, choices that may be empty, domain errors beside fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    DecimalField,
    Field,
    FloatField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Length, ValidationError
from wtforms.widgets import DateInput, DateTimeLocalInput

from servicedesk.core.errors import DomainError

MOST_NUMBER = 10**18
# WTForms speaks of integers and floats here, which only programmers know.
_WHAT_TO_WRITE = (
    (IntegerField, _l("Give a whole number.")),
    ((DecimalField, FloatField), _l("Write a number.")),
    (DateField, _l("Write a day as 2026-11-24.")),
)


class Form(FlaskForm):
    """A form that can take a service's refusal and show it where it belongs."""

    def validate(self, extra_validators: Any = None) -> bool:
        """Numbers that no column holds are refused first: WTForms fails on those beyond a float.

        What is no number at all gets that one sentence, not also the one about its limits.
        """
        for field in self:
            if isinstance(field, IntegerField) and field.data is not None and abs(field.data) > MOST_NUMBER:
                field.data = None
                field.process_errors = [_("Give a smaller number.")]
            elif field.process_errors:
                field.process_errors = _not_understood(field)
        good = bool(super().validate(extra_validators))
        for field in self:
            if field.process_errors and field.errors[: len(field.process_errors)] == field.process_errors:
                field.errors = list(field.process_errors)
        return good

    def refuse(self, error: DomainError) -> None:
        """Put a service's sentence beside its field, or above the form when it names none of ours."""
        field = self._fields.get(error.field) or self._fields.get(f"detail_{error.field}")
        if field is None:
            self.form_errors.append(str(error))
        else:
            field.errors = [*field.errors, str(error)]


def _not_understood(field: Field) -> list[str]:
    """Why what was sent cannot be read: nothing was written, or what should be."""
    for kinds, words in _WHAT_TO_WRITE:
        if isinstance(field, kinds):
            written = any(str(text).strip() for text in field.raw_data or ())
            return [str(words) if written else field.gettext("This field is required.")]
    return list(field.process_errors)


def no_control_characters(_form: Any, field: Field) -> None:
    """NUL bytes cannot be stored; other control characters only hide something."""
    text = field.data or ""
    if any(ord(c) < 32 and c not in "\t\r\n" for c in text):
        raise ValidationError(_("This text contains control characters. Please type it again."))


def read_by(question: Callable[[str], object]) -> Callable[[Any, Field], None]:
    """A validator that asks what a service will ask, so that the form says everything at once."""

    def look(_form: Any, field: Field) -> None:
        try:
            question(field.data or "")
        except DomainError as error:
            raise ValidationError(str(error)) from error

    return look


class Text(StringField):
    """One line of at most ``max_length`` characters, stripped."""

    def __init__(
        self, label: Any = None, *, max_length: int = 200, validators: Sequence[Any] = (), **kwargs: Any
    ):
        checks = [*validators, Length(max=max_length), no_control_characters]
        super().__init__(label, validators=checks, filters=[_strip], **kwargs)


class LocalTime(Text):
    """A date and a time as the browser's own field sends them; what it means depends on the zone."""

    widget = DateTimeLocalInput()


class Day(Text):
    """A date as the browser's own field sends it; its text is ISO 8601 when the form is valid."""

    widget = DateInput()

    def pre_validate(self, form: Any) -> None:
        """What is written is a day; whether one is needed, the form says."""
        if self.data:
            try:
                date.fromisoformat(self.data)
            except ValueError:
                raise ValidationError(_("Write a day as 2026-11-24.")) from None


class LongText(TextAreaField):
    """Several lines."""

    def __init__(
        self, label: Any = None, *, max_length: int = 20000, validators: Sequence[Any] = (), **kwargs: Any
    ):
        checks = [*validators, Length(max=max_length), no_control_characters]
        super().__init__(label, validators=checks, filters=[_strip], **kwargs)


def _strip(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def optional_id(value: Any) -> int | None:
    """A number from a select's value; empty means none."""
    if value in (None, "", "None", "0"):
        return None
    number = whole_number(str(value))
    if not number:
        raise ValueError(value)
    return number


def options(rows: Iterable[tuple[Any, Any]]) -> list[Any]:
    """Values and labels as WTForms wants them; it will not take tuples for much longer."""
    return [SelectChoice(value, label) for value, label in rows]


def whole_number(text: str | None) -> int | None:
    """A number of a form or an address that fits a database column; None for anything else.

    ``int`` alone takes digits of all scripts and fails on thousands of them; ``isdigit`` takes "²".
    """
    return int(text) if text and len(text) <= 9 and text.isascii() and text.isdigit() else None


class Choice(SelectField):
    """A choice of numbers that may be left empty."""

    def __init__(self, label: Any = None, *, validators: Sequence[Any] = (), **kwargs: Any):
        super().__init__(label, coerce=optional_id, validators=list(validators), **kwargs)

    def offer(self, rows: Iterable[tuple[int, str]], *, empty: Any = None) -> None:
        """Set the choices; ``empty`` is the words of the empty one, left out when None is given."""
        choices: list[tuple[Any, Any]] = [("", empty)] if empty is not None else []
        self.choices = options([*choices, *rows])


NONE_CHOSEN = _l("(none)")
TO_CHOOSE = _l("(choose)")  # where a wrong first choice would take effect at once
