"""Tables as files: CSV that is sent while it is read, and XLSX. No cell is ever a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import Response, stream_with_context
from openpyxl import Workbook

FORMATS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
MAX_CELL = 32_000  # characters; spreadsheets take 32,767
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def safe_cell(value: Any) -> Any:
    """Numbers as they are; text that a spreadsheet would carry out is marked (OWASP: CSV injection)."""
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        return value
    text = _CONTROL.sub("", str(value))[:MAX_CELL]
    return f"'{text}" if text.lstrip(" \n").startswith(_FORMULA) or text.startswith(_FORMULA) else text


def sheet_response(kind: str, name: str, heading: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Response:
    """The file as an answer; ``name`` without ending, ``kind`` one of ``FORMATS``."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"', "Cache-Control": "no-store"}
    table = ([safe_cell(cell) for cell in row] for row in _chained(heading, rows))
    if kind == "csv":
        return Response(stream_with_context(_csv(table)), mimetype=FORMATS[kind], headers=headers)
    return Response(_xlsx(table), mimetype=FORMATS[kind], headers=headers)


def _chained(heading: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    yield [str(cell) for cell in heading]
    yield from rows


def _csv(table: Iterable[Sequence[Any]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write("\ufeff")  # else spreadsheets take Chinese for another encoding
    for row in table:
        writer.writerow(row)
        if buffer.tell() > 64 * 1024:
            yield buffer.getvalue()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue()


def _xlsx(table: Iterable[Sequence[Any]]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in table:
        sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
