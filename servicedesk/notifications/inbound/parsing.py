"""One message as bytes -> what it says and what sort it is. Pure; anything may come."""

from __future__ import annotations

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.utils import getaddresses

from servicedesk.core.sentences import N_
from servicedesk.notifications.inbound.charsets import (
    decode,
    header_text,
    repaired,
    text_of_html,
    trim_quoted,
)

MAX_PARTS = 200
MAX_NESTED = 30
MAX_TEXT = 100_000
PERSON, AUTO_REPLY, BOUNCE = "person", "auto_reply", "bounce"
_MULTIPART = re.compile(rb"(?i)content-type:\s*(?:multipart|message)/")
_ADDRESS = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>\"(),:;\\\[\]]{1,189}")
_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply"})


class UnreadableError(Exception):
    """The message cannot be taken; ``sentence`` is English of the catalogue."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message. Addresses are in lower case.

    ``refers`` is all that a reply names (In-Reply-To, References), ``recipients`` all addresses it came
    to, ``returned`` the headers of the message a bounce brings back.
    """

    kind: str
    message_id: str
    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    subject: str
    refers: str
    text: str
    files: tuple[tuple[str, bytes], ...]
    returned: str = ""
    reason: str = ""


def parse(raw: bytes) -> Incoming:
    """Read a message.

    Raises:
        UnreadableError: too deep, too many parts, no sender, or no mail at all.
    """
    if len(_MULTIPART.findall(raw)) > MAX_NESTED:
        raise UnreadableError(N_("The message is nested too deeply."))
    try:
        message = email.message_from_bytes(raw)
        parts = _parts(message)
    except (RecursionError, ValueError, LookupError, AssertionError) as error:
        raise UnreadableError(N_("The message is no mail that can be read.")) from error
    sender_name, sender = _sender(message)
    kind = _kind(message)
    if not sender and kind == PERSON:
        raise UnreadableError(N_("The message has no sender."))
    text, files = _content(parts)
    return Incoming(
        kind=kind,
        message_id=header_text(message.get("Message-ID"))[:500],
        sender=sender,
        sender_name=sender_name,
        recipients=_recipients(message),
        subject=header_text(message.get("Subject"))[:300],
        refers=_refers(message),
        text=trim_quoted(text[:MAX_TEXT]),
        files=files,
        returned=_returned(parts) if kind == BOUNCE else "",
        reason=_diagnosis(parts) if kind == BOUNCE else "",
    )


def _parts(message: Message) -> list[Message]:
    found = []
    for part in _walk(message, 0):
        # Bytes that are no ASCII: the parser hides them in surrogates and would give question marks.
        part._headers = [(name, repaired(value)) for name, value in part.raw_items()]  # type: ignore[attr-defined]  # no public way to set them as they came
        found.append(part)
        if len(found) > MAX_PARTS:
            raise UnreadableError(N_("The message has too many parts."))
    return found


def _walk(part: Message, depth: int) -> Iterator[Message]:
    """Like ``Message.walk``, but not into attached messages: their text is not the sender's."""
    yield part
    if depth > MAX_NESTED:
        raise UnreadableError(N_("The message is nested too deeply."))
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        for inner in part.get_payload():
            if isinstance(inner, Message):
                yield from _walk(inner, depth + 1)


def _sender(message: Message) -> tuple[str, str]:
    froms = [header_text(value) for value in message.get_all("From", [])][:2]
    # Two senders, or two From lines: nobody can say who it was.
    pairs = [(name, address) for name, address in getaddresses(froms) if address]
    if len(froms) != 1 or len(pairs) != 1 or not _ADDRESS.fullmatch(pairs[0][1]):
        return "", ""
    return pairs[0][0][:100], pairs[0][1].lower()


def _recipients(message: Message) -> tuple[str, ...]:
    values = [
        header_text(value)
        for name in ("Delivered-To", "X-Original-To", "To", "Cc")
        for value in message.get_all(name, [])[:20]
    ]
    return tuple(dict.fromkeys(address.lower() for _name, address in getaddresses(values)[:100] if address))


def _refers(message: Message) -> str:
    names = ("In-Reply-To", "References")
    return " ".join(header_text(value) for name in names for value in message.get_all(name, [])[:5])


def _kind(message: Message) -> str:
    def value(name: str) -> str:
        return header_text(message.get(name)).lower()

    if message.get_content_type() == "multipart/report":
        report = str(message.get_param("report-type") or "").lower()
        return BOUNCE if report in ("", "delivery-status") else AUTO_REPLY
    sender = _sender(message)[1]
    if sender.startswith(("mailer-daemon@", "postmaster@")):
        return AUTO_REPLY
    automatic = value("Auto-Submitted").split(";")[0].strip()
    if automatic not in ("", "no"):
        return AUTO_REPLY
    if value("Precedence") in _PRECEDENCE or message.get("List-Id"):
        return AUTO_REPLY
    if value("X-Auto-Response-Suppress") not in ("", "none"):
        return AUTO_REPLY
    if any(message.get(name) for name in ("X-Autoreply", "X-Autorespond")):
        return AUTO_REPLY
    return AUTO_REPLY if value("Return-Path") == "<>" else PERSON


def _payload(part: Message) -> bytes:
    if part.get_content_type() == "message/rfc822":
        inner = part.get_payload()
        attached = inner[0] if isinstance(inner, list) and inner else None
        return attached.as_bytes() if isinstance(attached, Message) else b""
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _content(parts: list[Message]) -> tuple[str, tuple[tuple[str, bytes], ...]]:
    """The text (the HTML one when there is no other) and the files."""
    plain: list[str] = []
    html: list[str] = []
    files: list[tuple[str, bytes]] = []
    for part in parts:
        kind = part.get_content_type()
        if part.get_content_maintype() == "multipart":
            continue
        name = header_text(part.get_filename() or "")
        attached = part.get_content_disposition() == "attachment" or bool(name)
        if kind in ("text/plain", "text/html") and not attached:
            text = decode(_payload(part), str(part.get_content_charset() or ""))
            (plain if kind == "text/plain" else html).append(text)
        elif part.get_content_maintype() != "text" or attached:
            content = _payload(part)
            if content:
                files.append((name or ("message.eml" if kind == "message/rfc822" else "file"), content))
    if any(text.strip() for text in plain):
        return "\n".join(plain).replace("\r\n", "\n"), tuple(files)
    return "\n".join(text_of_html(page[:500_000]) for page in html), tuple(files)


def _returned(parts: list[Message]) -> str:
    """Headers of the mail that came back, whole or not (RFC 3462), when it has really failed."""
    failed = False
    found = ""
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/delivery-status":
            failed = failed or "action: failed" in _status_text(part).lower()
        elif kind == "message/rfc822":
            inner = part.get_payload()
            if isinstance(inner, list) and inner and isinstance(inner[0], Message):
                found = header_text(inner[0].get("Message-ID"))
        elif kind == "text/rfc822-headers":
            found = decode(_payload(part))[:20_000]
    return found if failed else ""


def _status_text(part: Message) -> str:
    inner = part.get_payload()
    if isinstance(inner, list):
        return "\n".join(str(block) for block in inner[:50] if isinstance(block, Message))[:20_000]
    return str(inner)[:20_000]


def _diagnosis(parts: list[Message]) -> str:
    """What the other server said, from the report."""
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            found = re.search(r"(?im)^diagnostic-code:[ \t]*([^\n]{1,400})", _status_text(part))
            if found:
                return header_text(found[1])
    return ""
