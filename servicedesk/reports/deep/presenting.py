"""Gathered codes and numbers as words and links: one way for the page, PDF, Word and spreadsheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _l

from servicedesk.core.filters import datetime_in, hours_text, message, money, number, sentence
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.equipment.software.words import LICENCE_KINDS
from servicedesk.equipment.support import KINDS as SUPPORT_KINDS
from servicedesk.inspections.outcomes import check_title, outcome_label
from servicedesk.repairs.costs import KINDS as COST_KINDS
from servicedesk.repairs.states import STATES as REPAIR_STATES
from servicedesk.reports.deep.content import PARTS, Column, Row, Table
from servicedesk.reports.deep.drawings import Drawing, draw
from servicedesk.reports.deep.forecast import REFUSALS
from servicedesk.reports.deep.gathering.capacity import FORECAST
from servicedesk.reports.deep.gathering.configurations import FRESH, NONE, OLD
from servicedesk.reports.deep.gathering.scope import NO_ACCESS, NO_PLAN
from servicedesk.reports.deep.gathering.versions import ENDED, ENDING, RUNNING, UNKNOWN
from servicedesk.reports.deep.layouts import Layout, Placed
from servicedesk.reports.improvement.states import STATES as IMPROVEMENT_STATES
from servicedesk.reports.improvement.wording import in_words
from servicedesk.tickets.forms import PRIORITY_LABELS
from servicedesk.tickets.workflows import WORKFLOWS

PHASES = {
    ENDED: _l("Has ended"),
    ENDING: _l("Ends within a year"),
    RUNNING: _l("In force"),
    UNKNOWN: _l("No date known"),
}
BACKUPS = {FRESH: _l("Good"), OLD: _l("Too old"), NONE: _l("None")}
REASONS = {NO_ACCESS: _l("No access is set up"), NO_PLAN: _l("In no inspection of the half-year")}
FIGURES = {
    "devices_inspected": _l("Devices inspected"),
    "visits": _l("Visits"),
    "visits_answered_percent": _l("Visits that gave an answer, %%"),
    "score": _l("Overall score"),
    "abnormal_items": _l("Abnormal items in all visits"),
    "findings_new": _l("New findings"),
    "findings_open": _l("Findings open at the end"),
    "faults": _l("Faults"),
    "faults_major": _l("Major faults"),
    "hours": _l("Median hours until a fault was resolved"),
    "changes": _l("Changes that ended"),
}
NUMERIC = frozenset({"count", "number", "share", "signed", "measure", "seconds", "money"})
# Where a cell of a kind leads: endpoint and the argument its number is given as.
TARGETS = {
    "device": ("equipment.device", "device_id"),
    "ticket": ("tickets.detail", "ticket_id"),
    "record": ("inspections.record", "record_id"),
    "site": ("inspections.index", "site"),
    "licence": ("software.licence", "licence_id"),
    "contract": ("support.detail", "support_id"),
    "improvement": ("improvements.detail", "improvement_id"),
    "ticket_number": ("tickets.detail", "ticket_id"),
    "repair": ("repairs.detail", "repair_id"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """``target``: endpoint and arguments of the live record; ``drill``: of the rows behind a number."""

    text: str
    numeric: bool = False
    target: tuple[str, Mapping[str, Any]] | None = None
    drill: tuple[str, Mapping[str, str]] | None = None
    value: Any = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A table ready to be shown; ``hidden``: how many rows stand in the annex alone."""

    key: str
    title: str
    heading: Sequence[str]
    numeric: Sequence[bool]
    rows: Sequence[Sequence[Cell]]
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Passage:
    """Words of a chapter. ``written``: by a person, in Markdown; else drafted by rules, line by line."""

    text: str
    written: bool = False


@dataclass(frozen=True, slots=True)
class Chapter:
    """A section ready to be shown. ``words``: subject (a class of devices, or "") to part to its text."""

    key: str
    number: int
    title: str
    about: str
    empty: str
    intro: str = ""
    figures: Sequence[tuple[str, Cell]] = ()
    words: Mapping[str, Mapping[str, Passage]] = field(default_factory=dict)
    drawings: Sequence[Drawing] = ()
    grids: Sequence[Grid] = ()


def class_name(code: str) -> str:
    """A class of devices in words; nothing stands for tickets without a device."""
    return str(DEVICE_CLASSES.get(code, code)) if code else "—"


def _bilingual(value: Any) -> str:
    if not value:
        return gettext("Not recorded")
    return str(value[1] if str(get_locale()).startswith("zh") else value[2])


def _ticket_state(value: Any) -> str:
    state = WORKFLOWS[value[0]].by_state.get(value[1])
    return str(state.label) if state is not None else str(value[1])


def _measure(value: Any) -> str:
    return f"{number(value[0])} {value[1]}".strip()


def _yes(value: Any) -> str:
    return gettext("yes") if value == "yes" else gettext("no")


WRITERS: dict[str, Callable[[Any], str]] = {
    "text": str,
    "count": lambda value: number(value, 0),
    "number": lambda value: number(value, 1),
    "signed": lambda value: ("+" if value > 0 else "") + number(value, 1),
    "share": lambda value: f"{number(100 * value, 1)} %",
    "measure": _measure,
    "seconds": lambda value: hours_text(value),
    "day": str,
    "device": lambda value: str(value[1]),
    "site": lambda value: str(value[1]),
    "contract": lambda value: str(value[1]),
    "licence": lambda value: str(value[1]),
    "licence_kind": lambda value: str(LICENCE_KINDS.get(value, value)),
    "ticket": lambda value: f"{value[1]} {value[2]}",
    "record": lambda value: f"#{value}",
    "class": class_name,
    "check": check_title,
    "outcome": lambda value: str(outcome_label(value)),
    "reason": lambda value: str(REASONS[value] if value in REASONS else outcome_label(value)),
    "phase": lambda value: str(PHASES[value]),
    "refusal": lambda value: gettext("Forecast given") if value == FORECAST else str(REFUSALS[value]),
    "yes": _yes,
    "backup": lambda value: str(BACKUPS[value]),
    "category": lambda value: str(WORKFLOWS[value].label),
    "ticket_state": _ticket_state,
    "bilingual": _bilingual,
    "words": in_words,
    "improvement": lambda value: in_words(value[1]),
    "improvement_state": lambda value: str(IMPROVEMENT_STATES[value][0]),
    "priority": lambda value: f"P{value} {PRIORITY_LABELS[value]}",
    "ticket_number": lambda value: str(value[1]),
    "message": message,
    "support": lambda value: str(SUPPORT_KINDS.get(value, value)),
    "money": lambda value: money(Decimal(value)),
    "repair": lambda value: str(value[1]),
    "repair_state": lambda value: str(REPAIR_STATES[value][0]),
    "cost_kind": lambda value: str(COST_KINDS.get(value, value)),
    "figure": lambda value: str(FIGURES[value]) % (),
}
_EMPTY_IS_SAID = frozenset({"bilingual", "class"})


class Presenter:
    """Writes cells in the reader's language; moments in the report's time zone."""

    def __init__(self, timezone: str) -> None:
        self.zone = ZoneInfo(timezone)

    def text(self, kind: str, value: Any) -> str:
        """The words of a cell."""
        if value in (None, "") and kind not in _EMPTY_IS_SAID:
            return "—"
        if kind == "moment":
            return datetime_in(datetime.fromisoformat(value), self.zone)
        return WRITERS[kind](value)

    def cell(self, column: Column, value: Any, row: Mapping[str, Any] | None = None) -> Cell:
        """A cell with what it leads to."""
        target = drill = None
        if value is not None and column.kind in TARGETS:
            endpoint, argument = TARGETS[column.kind]
            target = (endpoint, {argument: identity(value)})
        if column.drill is not None and value:
            drill = (column.drill.table, _where(column.drill.where, row or {}))
        numeric = column.kind in NUMERIC
        return Cell(self.text(column.kind, value), numeric, target, drill, value)

    def grid(self, table: Table, rows: Sequence[Row], most: int | None = None) -> Grid:
        """A table of all rows, or of the first ``most``."""
        shown = rows if most is None else rows[:most]
        keys = [column.key for column in table.columns]
        made = []
        for row in shown:
            named = dict(zip(keys, row, strict=True))
            made.append([self.cell(column, named[column.key], named) for column in table.columns])
        return Grid(
            table.key,
            str(table.title),
            [str(column.label) for column in table.columns],
            [column.kind in NUMERIC for column in table.columns],
            made,
            len(rows) - len(shown),
        )

    def chapter(
        self, placed: Placed, place: int, data: Mapping[str, Any], texts: Mapping[str, str]
    ) -> Chapter:
        """A section with everything that the report itself shows."""
        section = placed.section
        grids = [
            self.grid(table, data["tables"].get(table.key, []), table.shown)
            for table in section.tables
            if table.shown and data["tables"].get(table.key)
        ]
        return Chapter(
            section.key,
            place,
            placed.title or str(section.title),
            str(section.about),
            sentence(data["empty"]) if data["empty"] else "",
            placed.intro,
            [
                (str(column.label), self.cell(column, data["figures"].get(column.key)))
                for column in section.figures
                if column.key in data["figures"]
            ],
            passages(section.key, data["sentences"], texts),
            [draw(chart) for chart in data["charts"]],
            grids,
        )

    def chapters(
        self, data: Mapping[str, Any], texts: Mapping[str, str], layout: Layout | None = None
    ) -> list[Chapter]:
        """Those of the layout with their texts, by slot; a section newer than the data is left out."""
        known = [
            one
            for one in (layout or Layout({})).chapters()
            if one.shown and one.section.key in data["sections"]
        ]
        return [
            self.chapter(one, place, data["sections"][one.section.key], texts)
            for place, one in enumerate(known, 1)
        ]


def identity(value: Any) -> Any:
    """What a cell is compared by: its number when it has one."""
    return value[0] if isinstance(value, list) and value else value


def _where(where: Mapping[str, str], row: Mapping[str, Any]) -> dict[str, str]:
    return {
        key: as_address(row[value[1:]]) if value.startswith("=") else value for key, value in where.items()
    }


def as_address(value: Any) -> str:
    """A cell as the address of a list names it."""
    found = identity(value)
    return "" if found is None else str(found)


def drafted(sentences: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Subject to part to text, one sentence after the other."""
    found: dict[str, dict[str, str]] = {}
    for one in sentences:
        parts = found.setdefault(one["subject"], {})
        words = message({"template": one["template"], "values": one["values"]})
        parts[one["part"]] = f"{parts[one['part']]}\n{words}" if one["part"] in parts else words
    return {
        subject: {part: parts[part] for part in PARTS if part in parts} for subject, parts in found.items()
    }


def passages(
    chapter: str, sentences: Sequence[Mapping[str, Any]], texts: Mapping[str, str]
) -> dict[str, dict[str, Passage]]:
    """What is drafted, and in its place what people wrote; a text whose class is gone is shown, too."""
    found = {
        subject: {part: Passage(text) for part, text in parts.items()}
        for subject, parts in drafted(sentences).items()
    }
    for slot, text in texts.items():
        place, _dot, part = slot.partition(".")
        name, _colon, subject = place.partition(":")
        if name == chapter and part in PARTS:
            found.setdefault(subject, {})[part] = Passage(text, written=True)
    return {
        subject: {part: parts[part] for part in PARTS if part in parts} for subject, parts in found.items()
    }
