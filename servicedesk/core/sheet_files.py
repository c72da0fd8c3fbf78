"""Tables that people bring in: XLSX and CSV, as hostile as a file can be. Reading writes nothing."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zlib import error as ZlibError  # noqa: N812 - the library's own name is lower case

from flask_babel import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from servicedesk.core.errors import InvalidError

FIELD = "file"
MAX_ROWS, MAX_COLUMNS, MAX_CELL = 10_000, 60, 5_000
MAX_UNPACKED = 80 * 1024 * 1024  # bytes; a sheet of 10,000 rows unpacks to about 10 MB
MAX_MEMBERS = 500
_ENCODINGS = ("utf-8-sig", "gb18030")  # GB 18030 reads GBK and GB 2312 as well
_BROKEN = (
    InvalidFileException,
    zipfile.BadZipFile,
    ZlibError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    SyntaxError,  # of XML
    EOFError,
    OverflowError,
    RecursionError,
    NotImplementedError,  # compression that zipfile does not know
    RuntimeError,  # an encrypted member
)
Row = tuple[int, list[str]]


def read_rows(content: bytes) -> list[Row]:
    """Rows that are not empty as (line, cells as text); what the file is follows from its bytes alone.

    Raises:
        InvalidError: empty, too large, packed too tightly, or neither a workbook nor text.
    """
    rows = _xlsx(content) if content[:4] == b"PK\x03\x04" else _csv(content)
    found: list[Row] = []
    try:
        for line, cells in rows:
            if len(cells) > MAX_COLUMNS and any(cells[MAX_COLUMNS:]):
                raise InvalidError(_("More than %(count)s columns.", count=MAX_COLUMNS), FIELD)
            if any(cells):
                found.append((line, cells[:MAX_COLUMNS]))
            if len(found) > MAX_ROWS + 1:
                raise InvalidError(_("More than %(count)s rows. Split the file.", count=MAX_ROWS), FIELD)
    except _BROKEN as error:
        raise InvalidError(
            _("The file cannot be read as a workbook. Save it again as .xlsx or .csv."), FIELD
        ) from error
    if not found:
        raise InvalidError(_("The file is empty."), FIELD)
    return found


def _cell(value: Any, line: int) -> str:
    match value:
        case None:
            return ""
        case datetime():
            text = value.date().isoformat()
        case date():
            text = value.isoformat()
        case float() if value.is_integer() and abs(value) < 1e15:
            text = str(int(value))
        case _:
            text = str(value)
    text = text.strip()
    if len(text) > MAX_CELL:
        raise InvalidError(
            _("Line %(line)s: a cell has more than %(count)s characters.", line=line, count=MAX_CELL), FIELD
        )
    if any(ord(c) < 32 and c not in "\t\r\n" for c in text):
        raise InvalidError(_("Line %(line)s: a cell contains control characters.", line=line), FIELD)
    # Our own exports mark what a spreadsheet would carry out.
    return text[1:] if len(text) > 1 and text[0] == "'" and text[1] in "=+-@" else text


def _csv(content: bytes) -> Iterator[Row]:
    text = _decoded(content)
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=first.count), strict=False)
    try:
        for row in reader:
            yield reader.line_num, [_cell(cell, reader.line_num) for cell in row]
    except csv.Error:
        raise InvalidError(
            _("Line %(line)s: %(what)s", line=reader.line_num, what=_("this is no line of a CSV file.")),
            FIELD,
        ) from None


def _decoded(content: bytes) -> str:
    if b"\x00" in content[:4096]:
        raise InvalidError(_("The file is neither an .xlsx workbook nor CSV text."), FIELD)
    for encoding in _ENCODINGS:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidError(_("The text is neither UTF-8 nor GBK. Save it again in one of them."), FIELD)


def _xlsx(content: bytes) -> Iterator[Row]:
    _require_harmless(content)
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the file says of its size may be wrong
        for line, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield line, [_cell(value, line) for value in row]
    finally:
        book.close()


def _require_harmless(content: bytes) -> None:
    """Before anything is unpacked: how much it would be, and that no XML declares entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS or sum(m.file_size for m in members) > MAX_UNPACKED:
                raise InvalidError(_("The workbook unpacks to too much. Split it."), FIELD)
            for member in members:
                if member.filename.endswith((".xml", ".rels")):
                    with archive.open(member) as file:
                        if b"<!DOCTYPE" in file.read(4096).upper():
                            raise zipfile.BadZipFile("a document type")
    except _BROKEN as error:
        raise InvalidError(
            _("The file cannot be read as a workbook. Save it again as .xlsx or .csv."), FIELD
        ) from error
