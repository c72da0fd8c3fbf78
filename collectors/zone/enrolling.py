"""Asks the server for what a worker needs, with a token that works once."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from collectors.zone import names
from collectors.zone.station import StationError, is_loopback, require_safe

MAX_ANSWER_BYTES = 256 * 1024
TIMEOUT_S = 30.0
_TEXTS = ("zone", "name", "url", "key", "ca")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """The token goes to the address that was typed and nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


def ask(server: str, token: str, name: str, *, ca: str = "") -> dict[str, str]:
    """What the server gives: zone, name, url, key, ca (PEM text or empty).

    Args:
        ca: a file with the authority of the server's certificate; empty: the system's.
    Raises:
        StationError: with what to do.
    """
    parts = urlsplit(server)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname or "")):
        raise StationError("The server's address must begin with https://.")
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
        f"{server.rstrip('/')}/zones/enrol",
        data=json.dumps({"token": token, "name": name}).encode(),
        headers={"Content-Type": "application/json", "Accept": "application/json"},
    )
    context = ssl.create_default_context(cafile=ca or None)
    opener = urllib.request.build_opener(_NoRedirect(), urllib.request.HTTPSHandler(context=context))
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            return _checked(answer.read(MAX_ANSWER_BYTES + 1))
    except urllib.error.HTTPError as error:
        raise StationError(_refusal(error)) from error
    except (urllib.error.URLError, OSError) as error:
        reason = getattr(error, "reason", error)
        raise StationError(f"The server cannot be reached: {reason}.") from error


def _refusal(error: urllib.error.HTTPError) -> str:
    if 300 <= error.code < 400:
        return "The server sends us elsewhere. Give the address it really has."
    try:
        said = json.loads(error.read(MAX_ANSWER_BYTES))["error"]
    except (ValueError, KeyError, TypeError, OSError):
        said = ""
    return f"The server refuses ({error.code}). {said}".strip()


def _checked(content: bytes) -> dict[str, str]:
    try:
        document = json.loads(content) if len(content) <= MAX_ANSWER_BYTES else None
        given = {text: document[text] for text in _TEXTS}  # type: ignore[index]  # None is caught below
    except (ValueError, KeyError, TypeError) as error:
        raise StationError("This is no answer of our server.") from error
    if not all(isinstance(value, str) for value in given.values()) or not names.NAME.fullmatch(given["zone"]):
        raise StationError("This is no answer of our server.")
    require_safe(given["url"])
    return given
