"""Seals a target, credentials and all, for the way through the queue.

Fernet (AES-128-CBC with HMAC-SHA256) over JSON. The queue and whoever reads it see neither
address nor credential; a sealed target older than its time is refused.
"""

from __future__ import annotations

import dataclasses
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from collectors.access import JumpHost
from collectors.errors import SealError
from collectors.messages import N_
from collectors.model import (
    Access,
    LevelRule,
    Levels,
    LocalAccess,
    OwnCheck,
    SnmpAccess,
    SshAccess,
    Target,
    WebCheck,
)

DEFAULT_TTL_S = 24 * 3600

_ACCESS_TYPES: dict[str, type[SnmpAccess] | type[SshAccess] | type[LocalAccess]] = {
    "snmp": SnmpAccess,
    "ssh": SshAccess,
    "local": LocalAccess,
}


def seal(target: Target, key: bytes) -> str:
    """Encrypt a target.

    Args:
        key: 32 random bytes in url-safe base64, as ``Fernet.generate_key`` makes.
    Raises:
        SealError: the key is not of that form.
    """
    return seal_bytes(json.dumps(document_of(target), separators=(",", ":")).encode(), key)


def open_sealed(sealed: str, key: bytes, *, ttl_s: int = DEFAULT_TTL_S) -> Target:
    """Decrypt a target.

    Raises:
        SealError: another key, altered, older than ``ttl_s``, or not a target.
    """
    try:
        return target_of(json.loads(open_bytes(sealed, key, ttl_s=ttl_s)))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SealError(N_("the sealed text does not hold a target of this version")) from error


def seal_bytes(content: bytes, key: bytes) -> str:
    """Encrypt any bytes with the same key; see ``seal``."""
    return _fernet(key).encrypt(content).decode()


def open_bytes(sealed: str, key: bytes, *, ttl_s: int | None = DEFAULT_TTL_S) -> bytes:
    """Decrypt what ``seal_bytes`` made; see ``open_sealed``. ``ttl_s`` None: of whatever age."""
    try:
        return _fernet(key).decrypt(sealed.encode(), ttl=ttl_s)
    except InvalidToken as error:
        raise SealError(N_("sealed with another key, altered, or too old")) from error


def _fernet(key: bytes) -> Fernet:
    try:
        return Fernet(key.strip())
    except ValueError as error:
        raise SealError(N_("the collector key must be 32 bytes in url-safe base64")) from error


def document_of(target: Target) -> dict[str, Any]:
    """A target, credentials and all, in its plain form; only to be sealed."""
    names = {kind: name for name, kind in _ACCESS_TYPES.items()}
    document = dataclasses.asdict(target)
    document["accesses"] = [
        {"kind": names[type(access)], **dataclasses.asdict(access)} for access in target.accesses
    ]
    return document


def target_of(document: dict[str, Any]) -> Target:
    """A target from its plain form.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: of another version.
    """
    values = dict(document)
    values["accesses"] = tuple(_access(item) for item in values["accesses"])
    values["levels"] = tuple(LevelRule(**item) for item in values["levels"])
    values["own_checks"] = tuple(own_check_of(item) for item in values.get("own_checks", ()))
    values["files"] = tuple(values.get("files", ()))
    values["watched_interfaces"] = tuple(values["watched_interfaces"])
    return Target(**values)


def own_check_of(document: dict[str, Any]) -> OwnCheck:
    """An own check from its plain form (``dataclasses.asdict``, through JSON)."""
    values = dict(document)
    values["levels"] = Levels(**values["levels"])
    values["dialects"] = tuple(values["dialects"])
    values["states"] = tuple((word, outcome) for word, outcome in values["states"])
    if values.get("web") is not None:
        values["web"] = WebCheck(**values["web"])
    return OwnCheck(**values)


def _access(document: dict[str, Any]) -> Access:
    values = dict(document)
    kind = _ACCESS_TYPES[values.pop("kind")]
    return _ssh_access(values) if kind is SshAccess else kind(**values)


def _ssh_access(values: dict[str, Any]) -> SshAccess:
    via = tuple(
        JumpHost(**{**hop, "access": _ssh_access(dict(hop["access"]))}) for hop in values.get("via", ())
    )
    return SshAccess(**{**values, "host_keys": tuple(values["host_keys"]), "via": via})
