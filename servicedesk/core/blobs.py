"""Files kept by the hash of their content: attachments, photos, transcripts.

A blob is written aside, synced and renamed, so a crash leaves either the whole blob or none; writing
the same content twice is one file. The database row that names a blob is written after the blob.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from pathlib import Path


class BlobMissingError(Exception):
    """The file of a blob is gone or was altered."""


class BlobStore:
    """Content-addressed files below ``root``: ``ab/abcdef…``."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, sha256: str) -> Path:
        if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
            raise BlobMissingError(f"not a sha256: {sha256[:80]!r}")
        return self.root / sha256[:2] / sha256

    def put(self, content: bytes, *, sha256: str | None = None) -> str:
        """Store ``content``; returns its address.

        Args:
            sha256: the address to use when the content is a packed form of something hashed before
                packing (transcripts); the caller answers for it. Default: the hash of ``content``.
        """
        address = sha256 or hashlib.sha256(content).hexdigest()
        path = self._path(address)
        if path.exists():
            return address
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return address

    def get(self, sha256: str) -> bytes:
        """The content as stored.

        Raises:
            BlobMissingError: there is none.
        """
        try:
            return self._path(sha256).read_bytes()
        except OSError as error:
            raise BlobMissingError(f"blob {sha256} cannot be read: {error.strerror}") from error

    def path(self, sha256: str) -> Path:
        """Where the content lies, for sending it.

        Raises:
            BlobMissingError: there is none.
        """
        path = self._path(sha256)
        if not path.is_file():
            raise BlobMissingError(f"blob {sha256} is gone")
        return path

    def remove(self, sha256: str) -> None:
        """Forget what nobody else can have stored (an encrypted file); a missing one is no error."""
        self._path(sha256).unlink(missing_ok=True)
