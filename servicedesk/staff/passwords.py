"""Password hashing (argon2id, RFC 9106) and the rules a new password must meet."""

from __future__ import annotations

import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask_babel import gettext as _

from servicedesk.core.errors import InvalidError

# argon2-cffi's defaults are RFC 9106's low-memory profile: 64 MiB, 3 passes.
_hasher = PasswordHasher()
# Checked when the user does not exist, so that the answer takes as long as for one who does.
_DUMMY = _hasher.hash(secrets.token_urlsafe(16))
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no 0/O, 1/l/I
_COMMON = frozenset(
    {"password12", "1234567890", "qwertyuiop", "administrator", "admin12345", "passw0rd12", "abc1234567"}
)


def hash_password(password: str) -> str:
    """An argon2id hash in PHC form."""
    return _hasher.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Whether ``password`` is right; None takes as long and is always wrong."""
    try:
        return _hasher.verify(password_hash or _DUMMY, password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def random_password(length: int = 14) -> str:
    """A password to hand over once; it must be changed at first sign-in."""
    return "".join(secrets.choice(_ALPHABET) for _unused in range(length))


def require_good_password(password: str, *, username: str, min_length: int) -> None:
    """Length beats complexity (NIST SP 800-63B 5.1.1.2): long enough, not the name, not a known one.

    Raises:
        InvalidError: with a sentence that says which rule.
    """
    if len(password) < min_length:
        raise InvalidError(
            _("The password needs at least %(count)s characters.", count=min_length), "new_password"
        )
    if len(password) > 256:
        raise InvalidError(_("The password may have at most 256 characters."), "new_password")
    lowered = password.lower()
    if username.lower() in lowered or lowered in _COMMON or len(set(lowered)) < 4:
        raise InvalidError(
            _("This password is too easy to guess. Choose another one, for example several words."),
            "new_password",
        )
