"""Answers on disk until they are delivered, and which visits are under way; names only, no secret.

A file is written aside, forced to disk and then given its name: whatever is there is whole. The names say
record and attempt, so the worker can tell the server what it still has without opening anything.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_SUFFIX = ".answer"
_HALF = ".half"
MIN_FREE_BYTES = 64 * 1024 * 1024  # of the disk; below this nothing is taken any more


class OutboxFullError(Exception):
    """There is no room for another answer."""


def fsync_folder(folder: Path) -> None:
    """Force a folder's names to disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_durably(path: Path, content: str, *, mode: int = 0o600) -> None:
    """Replace a file as a whole: after a power cut there is the old one or the new one.

    Raises:
        OSError: no room, no permission.
    """
    aside = path.with_name(f"{path.name}.{os.getpid()}{_HALF}")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.rename(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    fsync_folder(path.parent)


@dataclass(frozen=True, slots=True)
class Outbox:
    """A folder of sealed answers that holds at most ``limit_bytes``."""

    folder: Path
    limit_bytes: int
    min_free_bytes: int = MIN_FREE_BYTES

    def prepare(self) -> None:
        """Make the folder; what a killed process left half written goes."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for half in self.folder.glob(f"*{_HALF}"):
            half.unlink(missing_ok=True)

    def put(self, record_id: int, attempt: int, sealed: str) -> None:
        """Keep an answer.

        Raises:
            OutboxFullError: the limit or the disk is reached.
        """
        if self.used_bytes() + len(sealed) > self.limit_bytes:
            raise OutboxFullError
        try:
            write_durably(self.folder / f"{record_id}.{attempt}{_SUFFIX}", sealed)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise OutboxFullError from error
            raise

    def waiting(self) -> list[Path]:
        """Answers to be delivered, oldest first."""
        found = []
        for path in self.folder.glob(f"*{_SUFFIX}"):
            with suppress(FileNotFoundError):
                found.append((path.stat().st_mtime_ns, path))
        return [path for _, path in sorted(found)]

    def used_bytes(self) -> int:
        """Of all answers."""
        total = 0
        for path in self.folder.iterdir():
            with suppress(FileNotFoundError):
                total += path.stat().st_size
        return total

    @property
    def full(self) -> bool:
        """Whether nothing more should be taken: nine tenths of the limit, or the disk is nearly full."""
        free = shutil.disk_usage(self.folder).free
        return self.used_bytes() >= self.limit_bytes * 0.9 or free < self.min_free_bytes

    def claims(self) -> list[tuple[int, int]]:
        """(record, attempt) of every answer."""
        return _claims(self.waiting())


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A folder with an empty-handed note for each visit being made, and who makes it."""

    folder: Path

    def prepare(self) -> None:
        """Make the folder; nothing is under way when a worker starts."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for note in self.folder.iterdir():
            note.unlink(missing_ok=True)

    @contextmanager
    def noted(self, record_id: int, attempt: int) -> Iterator[None]:
        """Say that the visit is under way until the block ends."""
        note = self.folder / f"{record_id}.{attempt}.visit"
        note.write_text(str(os.getpid()))
        try:
            yield
        finally:
            note.unlink(missing_ok=True)

    def claims(self) -> list[tuple[int, int]]:
        """(record, attempt) of every visit whose process lives; notes of dead ones go."""
        alive = []
        for note in self.folder.glob("*.visit"):
            with suppress(FileNotFoundError, ValueError):
                if Path("/proc").is_dir() and not Path(f"/proc/{int(note.read_text())}").exists():
                    note.unlink(missing_ok=True)
                else:
                    alive.append(note)
        return _claims(alive)


def _claims(paths: list[Path]) -> list[tuple[int, int]]:
    claims = []
    for path in paths:
        record, _, rest = path.name.partition(".")
        attempt = rest.partition(".")[0]
        if record.isdecimal() and attempt.isdecimal():
            claims.append((int(record), int(attempt)))
    return claims
