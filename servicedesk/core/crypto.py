"""Encryption of secrets at rest, with keys that can be rotated.

Keys come from ``SERVICEDESK_MASTER_KEY`` (several, separated by commas, newest first) or from the
file ``master.key`` (one a line, newest first, mode 0600) in the data folder. The newest encrypts,
all decrypt; ``servicedesk keys rotate`` adds one and encrypts everything again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from servicedesk.config import SettingsError, key_file
from servicedesk.core.sentences import N_

MASTER_KEY_ENV = "SERVICEDESK_MASTER_KEY"


class DecryptionError(Exception):
    """No key we hold opens this secret: the master key was replaced instead of rotated."""


class Keyring:
    """Encrypts small JSON objects and files.

    Args:
        keys: secrets of any form, newest first; each is stretched to a Fernet key by SHA-256, which
            is enough for keys made by ``key_file`` (384 random bits).
    """

    def __init__(self, keys: list[str]) -> None:
        if not keys:
            raise SettingsError("There is no master key. Set SERVICEDESK_MASTER_KEY or restore master.key.")
        self._fernets = [Fernet(base64.urlsafe_b64encode(hashlib.sha256(k.encode()).digest())) for k in keys]
        self._all = MultiFernet(self._fernets)
        self._signing = [hashlib.sha256(b"signing:" + k.encode()).digest() for k in keys]

    @classmethod
    def load(cls, data: Path, environ: Mapping[str, str] | None = None) -> Keyring:
        """The keys of an installation; the first start makes one."""
        environ = os.environ if environ is None else environ
        given = environ.get(MASTER_KEY_ENV, "")
        text = given.replace(",", "\n") if given else key_file(data / "master.key")
        return cls([line.strip() for line in text.splitlines() if line.strip()])

    def encrypt(self, secret: Mapping[str, str]) -> str:
        """A token of the mapping, safe to store."""
        return self._all.encrypt(json.dumps(dict(secret), sort_keys=True).encode()).decode("ascii")

    def seal(self, content: bytes) -> bytes:
        """A file's bytes, encrypted; a third longer."""
        return self._all.encrypt(content)

    def unseal(self, sealed: bytes) -> bytes:
        """The bytes again.

        Raises:
            DecryptionError: no key opens them, or they were altered.
        """
        try:
            return self._all.decrypt(sealed)
        except InvalidToken as error:
            raise DecryptionError(
                N_("The stored file cannot be opened with the present master key.")
            ) from error

    def decrypt(self, token: str) -> dict[str, str]:
        """The mapping again.

        Raises:
            DecryptionError: none of the keys fits, or the token was altered.
        """
        try:
            plain = self._all.decrypt(token.encode("ascii"))
        except (InvalidToken, UnicodeEncodeError) as error:
            raise DecryptionError(
                N_("The stored secret cannot be opened with the present master key.")
            ) from error
        return {str(key): str(value) for key, value in json.loads(plain).items()}

    def rotate(self, token: str) -> str:
        """The same secret under the newest key.

        Raises:
            DecryptionError: none of the keys fits.
        """
        try:
            return self._all.rotate(token.encode("ascii")).decode("ascii")
        except (InvalidToken, UnicodeEncodeError) as error:
            raise DecryptionError(
                N_("The stored secret cannot be opened with the present master key.")
            ) from error

    def sign(self, text: str) -> str:
        """Twenty hexadecimal digits that only this installation can make for ``text``."""
        return self._signature(self._signing[0], text)

    def mark_key(self, purpose: str) -> str:
        """A key of its own for marks that are compared over years: it follows from the oldest master key, so
        that a rotation, which keeps the old ones, changes none of them."""
        return self._signature(self._signing[-1], purpose)

    def signed(self, text: str, signature: str) -> bool:
        """Whether one of our keys, old ones too, made the signature."""
        given = signature.lower().encode()
        return any(hmac.compare_digest(self._signature(k, text).encode(), given) for k in self._signing)

    @staticmethod
    def _signature(key: bytes, text: str) -> str:
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:20]
