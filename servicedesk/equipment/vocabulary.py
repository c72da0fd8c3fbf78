"""Kept values of fields as people call them: names instead of numbers, words instead of codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask_babel.speaklater import LazyString

from servicedesk.audit.labels import field_label, value_text
from servicedesk.core.db import db

Names = Mapping[tuple[str, Any], str]  # (field, number) → name of the record


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Of one kind of record.

    ``labels``: of fields that are called otherwise than in the audit trail; ``coded``: the words of fields
    with codes; ``named``: columns of number and name of the records that numbers mean.
    """

    labels: Mapping[str, LazyString | str] = field(default_factory=dict)
    coded: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    named: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)

    def label(self, name: str) -> str:
        """What people call a field."""
        return str(self.labels.get(name) or field_label(name))

    def names_of(self, parts: Iterable[Mapping[str, Any]]) -> Names:
        """Names of the records that stored numbers mean; a query for each kind that occurs."""
        wanted: dict[str, set[int]] = {}
        for part in parts:
            for name in self.named.keys() & part.keys():
                if part[name]:
                    wanted.setdefault(name, set()).add(part[name])
        return {
            (name, number): text
            for name, numbers in wanted.items()
            for number, text in db.session.execute(
                sa.select(*self.named[name]).where(self.named[name][0].in_(sorted(numbers)))
            ).all()
        }

    def words(self, name: str, value: Any, names: Names) -> str:
        """A stored value of a field; a record that is gone keeps its number."""
        if name in self.named and value:
            return names.get((name, value), f"#{value}")
        if name in self.coded and value:
            return str(self.coded[name].get(value, value))
        return value_text(value)

    def change(self, name: str, before: Any, after: Any, names: Names) -> Change:
        """A field's value before and after."""
        return Change(self.label(name), self.words(name, before, names), self.words(name, after, names))
