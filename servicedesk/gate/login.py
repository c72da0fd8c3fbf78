"""Reads the first command of a connection, which must be the login of a zone's worker.

Source: the Redis serialization protocol (a command is an array of bulk strings) and the commands AUTH and
HELLO.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_BYTES = 1024  # of the whole command; ours have about 150
_MOST_WORDS, _LONGEST_WORD = 7, 256  # HELLO 3 AUTH user password SETNAME name
_WORKER = re.compile(
    rb"zone_[a-z][a-z0-9-]{0,30}_[0-9]{1,18}"
)  # servicedesk.inspections.zones.logins.user_name
_CRLF = b"\r\n"


class LoginError(Exception):
    """This is no login of a worker; the text is for the log and holds nothing that was sent."""


@dataclass(frozen=True, slots=True)
class Login:
    """A login to be tried. ``command``: as it goes to Redis; ``rest``: what came after it."""

    command: bytes = field(repr=False)
    rest: bytes = field(repr=False)
    is_hello: bool = False


def read_login(data: bytes) -> Login | None:
    """The login at the beginning of what was received; None: more is needed.

    Raises:
        LoginError: whatever may follow, it will not be one.
    """
    read = _words(data)
    if read is None:
        if len(data) >= MAX_BYTES:
            raise LoginError("too long")
        return None
    words, end = read
    if end > MAX_BYTES:
        raise LoginError("too long")
    is_hello = words[0].upper() == b"HELLO"
    user = _user_of(words, is_hello=is_hello)
    if not _WORKER.fullmatch(user):
        raise LoginError("the login is no worker's")
    command = b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)
    return Login(command, data[end:], is_hello)


def _user_of(words: list[bytes], *, is_hello: bool) -> bytes:
    if words[0].upper() == b"AUTH" and len(words) == 3:
        return words[1]
    named = len(words) == 7 and words[5].upper() == b"SETNAME"
    if is_hello and (len(words) == 5 or named) and words[1] in (b"2", b"3") and words[2].upper() == b"AUTH":
        return words[3]
    raise LoginError("the first command is no login")


def _words(data: bytes) -> tuple[list[bytes], int] | None:
    """The words of the command, and where it ends; None: more is needed."""
    head = _number(data, 0, b"*", _MOST_WORDS)
    if head is None:
        return None
    count, at = head
    words = []
    for _ in range(count):
        head = _number(data, at, b"$", _LONGEST_WORD)
        if head is None:
            return None
        size, at = head
        end = at + size
        if data[end : end + 2] != _CRLF[: len(data[end : end + 2])]:
            raise LoginError("this is not Redis's protocol")
        if len(data) < end + 2:
            return None
        words.append(data[at:end])
        at = end + 2
    return words, at


def _number(data: bytes, at: int, mark: bytes, most: int) -> tuple[int, int] | None:
    """A number from 1 to ``most`` after its mark, and where its line ends; None: more is needed."""
    longest = len(str(most))
    line, found, _ = data[at : at + 1 + longest + 2].partition(_CRLF)
    if line[:1] not in (mark, b""):
        raise LoginError("this is not Redis's protocol")
    if not found:
        if len(line) > longest + 2 or not re.fullmatch(rb"[0-9]*\r?", line[1:]):
            raise LoginError("this is not Redis's protocol")
        return None
    digits = line[1:]
    if not re.fullmatch(rb"[1-9][0-9]*", digits) or int(digits) > most:
        raise LoginError("this is not Redis's protocol")
    return int(digits), at + len(line) + 2
