"""Joins what several transports say of one device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from collectors.model import DeviceFacts, FactError, Identity

_LISTS = (
    "processors",
    "memory",
    "storage",
    "interfaces",
    "sensors",
    "supplies",
    "inventory",
    "neighbours",
)


def merge_facts(parts: Sequence[DeviceFacts]) -> DeviceFacts:
    """Join facts; earlier parts are preferred.

    A list is taken whole from the first part that has any of it: two views of the same memory are
    never mixed. Identity is filled field by field. A failure is dropped when another part read that
    fact without one.
    """
    if len(parts) == 1:
        return parts[0]
    merged = DeviceFacts(identity=_identity(parts), errors=_errors(parts))
    lists: dict[str, Any] = {
        name: next((getattr(part, name) for part in parts if getattr(part, name)), ()) for name in _LISTS
    }
    extra: dict[str, object] = {}
    for part in reversed(parts):
        extra.update(part.extra)
    asked = frozenset().union(*(part.asked for part in parts))
    return replace(merged, extra=extra, asked=asked, **lists)


def _identity(parts: Sequence[DeviceFacts]) -> Identity:
    values: dict[str, object] = {}
    for field in fields(Identity):
        found = (getattr(part.identity, field.name) for part in parts)
        values[field.name] = next((value for value in found if value not in ("", None)), field.default)
    return Identity(**values)  # type: ignore[arg-type]  # names and types come from Identity itself


def _errors(parts: Sequence[DeviceFacts]) -> tuple[FactError, ...]:
    read = [part.asked - {error.fact for error in part.errors} for part in parts]
    return tuple(
        error
        for number, part in enumerate(parts)
        for error in part.errors
        if not any(error.fact in facts for other, facts in enumerate(read) if other != number)
    )
