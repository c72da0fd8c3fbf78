"""Files that people send: checked, named safely, told apart by their bytes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from servicedesk.core.errors import InvalidError
from servicedesk.core.runtime import runtime

MAX_FILES = 10
# Shown in the page; everything else is only ever downloaded. SVG is a program, so it is not here.
_IMAGE_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)


def safe_name(name: str) -> str:
    """The last part of a client's path without control characters, at most 200 characters.

    Direction overrides are dropped: they make ``gpj.exe`` read ``exe.jpg``.
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Co"}).strip(" .")
    if len(kept) > 200:
        stem, dot, ending = kept.rpartition(".")
        kept = (stem[: 199 - len(ending)] + dot + ending) if dot and len(ending) < 20 else kept[:200]
    return kept or "file"


def content_type(content: bytes) -> str:
    """What the bytes are, not what the client says: an image type, or application/octet-stream."""
    for magic, kind in _IMAGE_MAGIC:
        if content.startswith(magic):
            return kind
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    return "application/octet-stream"


def require_acceptable(files: list[tuple[str, bytes]], *, max_bytes: int) -> None:
    """Refuse before anything is stored.

    Raises:
        InvalidError: too many, too large or empty, with the file's name.
    """
    if len(files) > MAX_FILES:
        raise InvalidError(_("At most %(count)s files at once.", count=MAX_FILES), "files")
    for name, content in files:
        if not content:
            raise InvalidError(_("The file %(name)s is empty.", name=safe_name(name)), "files")
        if len(content) > max_bytes:
            megabytes = max_bytes // (1024 * 1024)
            raise InvalidError(
                _("The file %(name)s is larger than %(size)s MB.", name=safe_name(name), size=megabytes),
                "files",
            )


def uploaded(storages: Sequence[FileStorage] | None) -> list[tuple[str, bytes]]:
    """The uploaded files, checked; an empty file field sends one nameless part."""
    limit = runtime().settings.upload_max_bytes
    files = [(s.filename or "file", s.stream.read(limit + 1)) for s in storages or [] if s and s.filename]
    require_acceptable(files, max_bytes=limit)
    return files
