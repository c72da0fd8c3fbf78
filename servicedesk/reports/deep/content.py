"""What a report consists of: sections of figures, tables, charts and sentences, free of any language.

Gathered content is plain JSON. Its words (titles, headings, labels of codes) stand in these
descriptions, so that one report is shown and printed in every language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel.speaklater import LazyString

STATE, ANALYSIS, ADVICE = "state", "analysis", "advice"
PARTS = (STATE, ANALYSIS, ADVICE)
Row = list[Any]


@dataclass(frozen=True, slots=True)
class Drill:
    """The rows behind a number: of ``table`` those whose columns have these values.

    A value "=name" is that of the number's own row in column ``name``.
    """

    table: str
    where: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """``kind`` says what cells hold and how they are written; see ``presenting.WRITERS``."""

    key: str
    label: LazyString
    kind: str = "text"
    drill: Drill | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """``shown``: rows in the report itself; 0 for what only stands behind its numbers. The annex has all."""

    key: str
    title: LazyString
    columns: tuple[Column, ...]
    shown: int = 20

    def place(self, key: str) -> int:
        """Where a column stands in a row."""
        return next(number for number, column in enumerate(self.columns) if column.key == key)


@dataclass(frozen=True, slots=True)
class Section:
    """One chapter. ``about`` says how its figures came to be."""

    key: str
    title: LazyString
    about: LazyString
    figures: tuple[Column, ...] = ()
    tables: tuple[Table, ...] = ()

    def table(self, key: str) -> Table | None:
        """One of its tables."""
        return next((one for one in self.tables if one.key == key), None)


@dataclass(slots=True)
class Content:
    """What a gatherer found. Sentences are ``{"part", "subject", "template", "values"}``; the subject is the
    code of a device class, or empty. ``empty``: a stored sentence that says why there is nothing."""

    figures: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, list[Row]] = field(default_factory=dict)
    charts: list[dict[str, Any]] = field(default_factory=list)
    sentences: list[dict[str, Any]] = field(default_factory=list)
    empty: str = ""

    def say(self, part: str, template: str, subject: str = "", **values: Any) -> None:
        """Add a sentence; ``template`` is marked with ``N_``."""
        self.sentences.append({"part": part, "subject": subject, "template": template, "values": values})

    def plain(self) -> dict[str, Any]:
        """For the annex of data."""
        return {
            "figures": self.figures,
            "tables": self.tables,
            "charts": self.charts,
            "sentences": self.sentences,
            "empty": self.empty,
        }
