"""A mailbox over IMAP (RFC 3501): new messages by number, marked as read once dealt with, never deleted."""

from __future__ import annotations

import contextlib
import imaplib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from servicedesk.notifications.channels.outcome import TIMEOUT_S
from servicedesk.notifications.channels.smtp import STARTTLS, TLS, tls_context

MAX_MESSAGES = 50  # of one poll
_SIZE = re.compile(rb"RFC822\.SIZE ([0-9]+)")
_VALIDITY = re.compile(rb"([0-9]+)")


class MailboxError(Exception):
    """The mailbox cannot be read; the words are the server's."""


@dataclass(frozen=True, slots=True)
class ImapServer:
    """As ``SmtpServer``; ``folder`` in IMAP's own spelling."""

    host: str
    port: int
    security: str
    username: str
    password: str
    ca: str = ""
    folder: str = "INBOX"
    timeout_s: float = TIMEOUT_S

    def __repr__(self) -> str:
        """Without the password."""
        return f"ImapServer({self.host}:{self.port}, {self.security})"


@dataclass(frozen=True, slots=True)
class Fetched:
    """One message; ``raw`` is None when it is larger than asked for."""

    uid: int
    size: int
    raw: bytes | None


class Mailbox:
    """An open mailbox."""

    def __init__(self, client: imaplib.IMAP4, uid_validity: int) -> None:
        self._client = client
        self.uid_validity = uid_validity

    def new(self, after_uid: int, *, max_bytes: int) -> Iterator[Fetched]:
        """Unread messages with a number above ``after_uid``, lowest first, at most ``MAX_MESSAGES``."""
        # "5:*" names the last message even when its number is below 5, so numbers are looked at again.
        found = self._ok(self._client.uid("SEARCH", f"UID {after_uid + 1}:*", "UNSEEN"))
        words = bytes(found[0] or b"").split()
        numbers = sorted(int(word) for word in words if word.isdigit() and int(word) > after_uid)
        for uid in numbers[:MAX_MESSAGES]:
            size = self._size(uid)
            yield Fetched(uid, size, self._fetch(uid) if size <= max_bytes else None)

    def _size(self, uid: int) -> int:
        answer = self._ok(self._client.uid("FETCH", str(uid), "(RFC822.SIZE)"))
        found = _SIZE.search(b" ".join(part for part in answer if isinstance(part, bytes)))
        return int(found[1]) if found else 0

    def _fetch(self, uid: int) -> bytes | None:
        for part in self._ok(self._client.uid("FETCH", str(uid), "(BODY.PEEK[])")):
            if isinstance(part, tuple):
                return bytes(part[1])
        return None

    def mark_read(self, uid: int) -> None:
        """Dealt with."""
        self._ok(self._client.uid("STORE", str(uid), "+FLAGS.SILENT", "(\\Seen)"))

    @staticmethod
    def _ok(answer: tuple[str, list[Any]]) -> list[Any]:
        kind, data = answer
        if kind != "OK":
            raise MailboxError(str(data[:1]))
        return data


@contextlib.contextmanager
def open_mailbox(server: ImapServer) -> Iterator[Mailbox]:
    """Log in and select the folder.

    Raises:
        MailboxError: refused, unreachable, or it speaks something else.
    """
    client: imaplib.IMAP4 | None = None
    try:
        if server.security == TLS:
            context = tls_context(server.ca)
            client = imaplib.IMAP4_SSL(
                server.host, server.port, ssl_context=context, timeout=server.timeout_s
            )
        else:
            client = imaplib.IMAP4(server.host, server.port, timeout=server.timeout_s)
            if server.security == STARTTLS:
                client.starttls(tls_context(server.ca))
        client.login(server.username, server.password)
        kind, data = client.select(f'"{server.folder}"')
        if kind != "OK":
            raise MailboxError(str(data[:1]))
        _kind, validity = client.response("UIDVALIDITY")
        found = _VALIDITY.search(validity[0] or b"") if validity else None
        yield Mailbox(client, int(found[1]) if found else 0)
    except (imaplib.IMAP4.error, OSError, ValueError) as error:
        raise MailboxError(str(error)) from error
    finally:
        if client is not None:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                client.logout()
