"""When a step is needed: comparisons over the subject's facts, joined by "all of" and "any of". Pure.

A fact that is not there makes every comparison false, also "!=": what nobody stated decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext as _

from servicedesk.core.errors import InvalidError

Facts = Mapping[str, Any]
OPERATORS = ("=", "!=", "in", ">=", "<=", "contains", "is set")
MAX_DEPTH, MAX_PARTS, MAX_TEXT = 4, 20, 200


@dataclass(frozen=True, slots=True)
class Comparison:
    """One fact against a value; ``value`` is a tuple of texts for "in" and empty for "is set"."""

    field: str
    operator: str
    value: str | tuple[str, ...] = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Several conditions: ``join`` is "all" or "any"."""

    join: str
    parts: tuple[Condition, ...]


Condition = Comparison | Group


def holds(condition: Condition | None, facts: Facts) -> bool:
    """Whether the condition is true of these facts; no condition always is."""
    match condition:
        case None:
            return True
        case Group("all", parts):
            return all(holds(part, facts) for part in parts)
        case Group(_join, parts):
            return any(holds(part, facts) for part in parts)
        case Comparison():
            return _compare(condition, facts.get(condition.field))


def _compare(test: Comparison, fact: Any) -> bool:
    if fact is None or fact == "" or fact == [] or fact == {}:
        return False
    wanted = test.value
    match test.operator:
        case "is set":
            return True
        case "=":
            return _same(fact, wanted)
        case "!=":
            return not _same(fact, wanted)
        case "in":
            given = fact if isinstance(fact, list) else [fact]
            return any(_same(one, value) for one in given for value in wanted)
        case "contains":
            if isinstance(fact, list):
                return any(_same(one, wanted) for one in fact)
            return _text(wanted) in _text(fact)
        case ">=" | "<=":
            return _ordered(test.operator, fact, wanted)
    return False


def _ordered(operator: str, fact: Any, wanted: Any) -> bool:
    """Numbers against numbers, dates against dates; anything else has no order."""
    pair: tuple[Any, Any] | None = None
    for read in (_number, _date):
        left, right = read(fact), read(wanted)
        if left is not None and right is not None:
            pair = (left, right)
            break
    if pair is None:
        return False
    return bool(pair[0] >= pair[1] if operator == ">=" else pair[0] <= pair[1])


def _same(fact: Any, wanted: Any) -> bool:
    left, right = _number(fact), _number(wanted)
    if left is not None and right is not None:
        return left == right
    return _text(fact) == _text(wanted)


def _text(value: Any) -> str:
    return str(value).strip().casefold()


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    text = str(value).strip()
    if len(text) > 40 or not text.isascii() or "_" in text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _date(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def fields_read(condition: Condition | None) -> Iterator[str]:
    """The names of the facts a condition looks at."""
    match condition:
        case Comparison(field=field):
            yield field
        case Group(parts=parts):
            for part in parts:
                yield from fields_read(part)


def to_json(condition: Condition | None) -> dict[str, Any] | None:
    """As kept in a definition: ``{"field", "operator", "value"}`` or ``{"all": […]}``."""
    match condition:
        case Comparison(field, operator, value):
            kept = list(value) if isinstance(value, tuple) else value
            return {"field": field, "operator": operator, "value": kept}
        case Group(join, parts):
            return {join: [to_json(part) for part in parts]}
    return None


def from_json(data: Any, depth: int = 0) -> Condition | None:
    """Read what ``to_json`` wrote, or somebody's own.

    Raises:
        InvalidError: with a sentence that says what is wrong.
    """
    if data is None or data == {}:
        return None
    if not isinstance(data, Mapping) or depth > MAX_DEPTH:
        raise InvalidError(_("A condition must be a comparison or a list of them, at most four deep."))
    for join in ("all", "any"):
        if join in data:
            return _group(join, data, depth)
    return _comparison(data)


def _group(join: str, data: Mapping[str, Any], depth: int) -> Group:
    parts = data[join]
    if set(data) != {join} or not isinstance(parts, list) or not 0 < len(parts) <= MAX_PARTS:
        raise InvalidError(_("A list of conditions needs between 1 and %(count)s of them.", count=MAX_PARTS))
    read = [from_json(part, depth + 1) for part in parts]
    if any(part is None for part in read):
        raise InvalidError(_("A list of conditions holds an empty one."))
    return Group(join, tuple(part for part in read if part is not None))


def _comparison(data: Mapping[str, Any]) -> Comparison:
    field, operator, value = data.get("field"), data.get("operator"), data.get("value", "")
    if not isinstance(field, str) or not field.strip() or len(field) > 64 or not field.isprintable():
        raise InvalidError(_("A condition needs the name of a field."))
    if operator not in OPERATORS:
        raise InvalidError(_("The condition on %(field)s has no known operator.", field=field))
    if operator == "is set":
        return Comparison(field.strip(), operator)
    if operator == "in":
        values = value if isinstance(value, list) else str(value).replace("，", ",").split(",")
        texts = tuple(text for text in (_plain(one, field) for one in values[:MAX_PARTS]) if text)
        if not texts:
            raise InvalidError(_("The condition on %(field)s needs a value.", field=field))
        return Comparison(field.strip(), operator, texts)
    text = _plain(value, field)
    if not text:
        raise InvalidError(_("The condition on %(field)s needs a value.", field=field))
    if operator in (">=", "<=") and _number(text) is None and _date(text) is None:
        raise InvalidError(
            _(
                "The condition on %(field)s compares sizes: give a number or a date like 2026-03-31.",
                field=field,
            )
        )
    return Comparison(field.strip(), operator, text)


def _plain(value: Any, field: str) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise InvalidError(_("The value in the condition on %(field)s is no text or number.", field=field))
    text = str(value).strip()
    if len(text) > MAX_TEXT or not text.isprintable():
        raise InvalidError(_("The value in the condition on %(field)s is too long or damaged.", field=field))
    return text
