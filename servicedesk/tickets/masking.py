"""Hides personal data in a preview: enough is left to see that it is the right extract. Pure.

Numbers are recognised by form: Chinese resident identity numbers (GB 11643), mobile and fixed telephone
numbers, bank cards (12 to 19 digits), e-mail addresses; names by the heading of their column.
"""

from __future__ import annotations

import csv
import io
import re

PREVIEW_BYTES = 64 * 1024
PREVIEW_ROWS = 20
PREVIEW_COLUMNS = 30
_CELL = 60
_NAME_HEADINGS = re.compile(r"姓名|名字|联系人|户主|法人|申请人|住址|地址|name|contact|address|owner", re.I)
_RULES: tuple[tuple[re.Pattern[str], int, int], ...] = (
    # pattern, characters kept at the beginning, at the end
    (re.compile(r"(?<![0-9A-Za-z])[1-9]\d{5}(?:18|19|20)\d{2}[01]\d[0-3]\d{4}[0-9Xx](?![0-9A-Za-z])"), 4, 2),
    (re.compile(r"(?<!\d)\d{12,19}(?!\d)"), 4, 4),
    (re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"), 3, 2),
    (re.compile(r"(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)"), 3, 2),
    (re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}"), 1, 4),
)


def mask(text: str) -> str:
    """The text with what looks like personal numbers and addresses hidden."""
    for pattern, head, tail in _RULES:
        text = pattern.sub(lambda match, h=head, t=tail: _hide(match[0], h, t), text)  # type: ignore[misc]  # defaults bind this round's values
    return text


def leave_out(text: str) -> str:
    """The text without what looks like personal numbers and addresses."""
    for pattern, _head, _tail in _RULES:
        text = pattern.sub("…", text)
    return text


def _hide(value: str, head: int, tail: int) -> str:
    return value[:head] + "*" * max(3, len(value) - head - tail) + (value[-tail:] if tail else "")


def preview(content: bytes) -> str:
    """The first rows of a text table, masked, as tab-separated lines; empty when it is no text."""
    text = _decoded(content[:PREVIEW_BYTES])
    if text is None:
        return ""
    lines = text.splitlines()[: PREVIEW_ROWS + 1]
    if len(content) > PREVIEW_BYTES and len(lines) <= PREVIEW_ROWS:
        lines = lines[:-1]  # the last one is cut somewhere
    delimiter = max(",\t;|", key="\n".join(lines).count)
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter))
    except csv.Error:
        rows = [[line] for line in lines]
    if not rows:
        return ""
    names = {at for at, heading in enumerate(rows[0]) if _NAME_HEADINGS.search(heading)}
    shown = [rows[0], *([_cell(cell, at in names) for at, cell in enumerate(row)] for row in rows[1:])]
    return "\n".join("\t".join(cell[:_CELL] for cell in row[:PREVIEW_COLUMNS]) for row in shown)


def _cell(value: str, is_name: bool) -> str:
    flat = " ".join(value.split())
    if is_name and flat:
        return flat[0] + "*" * min(8, max(1, len(flat) - 1))
    return mask(flat)


def _decoded(content: bytes) -> str | None:
    """UTF-8 or GB 18030 text; None for anything with control characters of binary files."""
    if b"\0" in content:
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        for cut in range(4):  # a character may be cut at the end
            try:
                text = content[: len(content) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            if sum(not c.isprintable() and c not in "\r\n\t" for c in text) * 50 > len(text):
                return None
            return text
    return None
