"""The annex as a spreadsheet: every table of the report with all its rows."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

from openpyxl import Workbook

from servicedesk.core.sheets import safe_cell
from servicedesk.reports.deep.content import Column, Section, Table
from servicedesk.reports.deep.presenting import Presenter
from servicedesk.reports.deep.sections import SECTIONS

_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\]")


def as_xlsx(timezone: str, data: Mapping[str, Any]) -> bytes:
    """One sheet for each table that has rows; numbers are numbers."""
    presenter, book = Presenter(timezone), Workbook(write_only=True)
    for name, table, rows in _tables(data):
        sheet = book.create_sheet(name)
        sheet.append([safe_cell(str(column.label)) for column in table.columns])
        for row in rows:
            pairs = zip(table.columns, row, strict=True)
            sheet.append([safe_cell(_value(presenter, column, value)) for column, value in pairs])
    if not book.worksheets:
        book.create_sheet("-")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _tables(data: Mapping[str, Any]) -> Iterator[tuple[str, Table, list[list[Any]]]]:
    known = [section for section in SECTIONS if section.key in data["sections"]]
    for number, section in enumerate(known, 1):
        for place, table in enumerate(section.tables, 1):
            rows = data["sections"][section.key]["tables"].get(table.key)
            if rows:
                yield _name(number, place, section, table), table, rows


def _name(number: int, place: int, section: Section, table: Table) -> str:
    """At most 31 characters, as spreadsheets take them; the numbers make it unique."""
    return _NOT_IN_A_NAME.sub(" ", f"{number}.{place} {table.title or section.title}")[:31]


def _value(presenter: Presenter, column: Column, value: Any) -> Any:
    if column.kind in ("count", "number", "share", "signed", "seconds"):
        return value
    if column.kind == "money":
        return float(value)
    if column.kind == "measure":
        return value[0] if value else None
    return presenter.text(column.kind, value) if value not in (None, "") else None
