"""Turns raw answers into text."""

from __future__ import annotations


def decode(raw: bytes) -> str:
    """UTF-8, else GB18030 (GBK is its subset), else UTF-8 with marks where it breaks."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", errors="replace").replace("\x00", "")
