"""Mails as they leave: deterministic identities that replies are matched by, threads, both parts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from flask import current_app
from flask_babel import gettext

from servicedesk.core.crypto import Keyring
from servicedesk.notifications.texts import Words, one_line

POLICY = SMTP.clone(cte_type="7bit")
# delivery-12.<signature>@… is one mail; ticket-34.<signature>@… its thread, and the token of a reply address.
_IDENTITY = re.compile(r"\b([a-z_]{1,24})-([1-9][0-9]{0,8})\.([0-9a-f]{20})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Identity:
    """Something of ours a message refers to: "delivery" and its number, or a subject's kind and number."""

    kind: str
    number: int


def token(identity: Identity, keyring: Keyring) -> str:
    """The signed form, safe in a Message-ID and in the local part of an address."""
    name = f"{identity.kind}-{identity.number}"
    return f"{name}.{keyring.sign('mail:' + name)}"


def identities(text: str, keyring: Keyring) -> list[Identity]:
    """Those in a text that we signed, in order. Bounded: a header may be long."""
    found = []
    for match in _IDENTITY.finditer(text[:20_000]):
        kind = match[1].lower()
        if keyring.signed(f"mail:{kind}-{match[2]}", match[3]):
            found.append(Identity(kind, int(match[2])))
    return found


def message_id(delivery_id: int, domain: str, keyring: Keyring) -> str:
    """The same delivery has the same Message-ID, however often it is tried."""
    return f"<{token(Identity('delivery', delivery_id), keyring)}@{domain}>"


def thread_id(kind: str, number: int, domain: str, keyring: Keyring) -> str:
    """What all mails about one subject refer to, so that programs show them together."""
    return f"<{token(Identity(kind, number), keyring)}@{domain}>"


def domain_of(address: str) -> str:
    """The part after the @, in ASCII; "localhost" when there is none."""
    domain = address.rpartition("@")[2].strip().lower()
    try:
        return domain.encode("idna").decode() or "localhost"
    except UnicodeError:
        return "localhost"


def with_plus(address: str, text: str) -> str:
    """ "desk@example.com" with "x" is "desk+x@example.com" (RFC 5233)."""
    local, _at, domain = address.rpartition("@")
    return f"{local}+{text}@{domain}"


@dataclass(frozen=True, slots=True)
class Envelope:
    """Who writes to whom. ``thread`` is empty for a digest; ``reply_to`` when no mailbox is read."""

    sender: str
    sender_name: str
    recipient: str
    recipient_name: str
    message_id: str
    thread: str = ""
    reply_to: str = ""


def event_mail(envelope: Envelope, found: Words, *, locale: str, now: datetime) -> EmailMessage:
    """One event for one reader."""
    subject = f"[{found.label}] {found.title}"
    texts = {
        "next_label": gettext("What happens next"),
        "due_label": gettext("Due"),
        "open_label": gettext("Open %(number)s", number=found.label),
        "foot": _foot(envelope),
    }
    return _message(envelope, subject, "event", {"words": found, **texts}, locale, now)


def digest_mail(
    envelope: Envelope, items: Sequence[Words], *, more: int, locale: str, now: datetime, settings_url: str
) -> EmailMessage:
    """What was collected for one reader. ``more`` is how many did not fit."""
    count = len(items) + more
    subject = gettext("Digest: %(count)s notifications", count=count)
    texts = {
        "heading": subject,
        "more": gettext("… and %(count)s more", count=more) if more else "",
        "due_label": gettext("Due"),
        "settings_url": settings_url,
        "settings_label": gettext("Choose what you get"),
        "foot": _foot(envelope),
    }
    return _message(envelope, subject, "digest", {"items": items, **texts}, locale, now)


def test_mail(envelope: Envelope, *, locale: str, now: datetime) -> EmailMessage:
    """Whether the settings work."""
    subject = gettext("Test of the mail settings")
    texts = {"heading": subject, "body": gettext("When you read this, mails of the service desk arrive.")}
    return _message(envelope, subject, "test", {**texts, "foot": _foot(envelope)}, locale, now)


def _foot(envelope: Envelope) -> str:
    if envelope.reply_to:
        return gettext("Reply to this mail to write into the ticket.")
    return gettext("This mail was sent by a program; nobody reads replies to it.")


def _message(
    envelope: Envelope, subject: str, template: str, values: dict[str, Any], locale: str, now: datetime
) -> EmailMessage:
    message = EmailMessage(policy=POLICY)
    message["Subject"] = _header_text(subject)[:250]
    message["From"] = _address(envelope.sender_name, envelope.sender)
    message["To"] = _address(envelope.recipient_name, envelope.recipient)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = envelope.message_id
    if envelope.thread:
        message["In-Reply-To"] = envelope.thread
        message["References"] = envelope.thread
    if envelope.reply_to:
        message["Reply-To"] = _address(envelope.sender_name, envelope.reply_to)
    # RFC 3834: other programs must not answer; the second header says so to Exchange.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    language = "zh-CN" if locale == "zh_CN" else locale
    given = {**values, "language": language}
    # Straight from the environment: what pages are given (menu, actor) is no business of a mail.
    templates = current_app.jinja_env
    text = templates.get_template(f"mail/{template}.txt").render(given).strip() + "\n"
    message.set_content(text, cte="base64")
    html = templates.get_template(f"mail/{template}.html").render(given)
    message.add_alternative(html, subtype="html", cte="base64")
    message["Content-Language"] = language
    return message


def _address(name: str, address: str) -> Address:
    """A header value; control characters never reach it.

    Raises:
        ValueError: the address is none.
    """
    return Address(display_name=_header_text(name), addr_spec=address)


def _header_text(text: str) -> str:
    """One line in which nothing reads as an encoded word (RFC 2047).

    Python decodes those when a header is set: a line end hidden in one would begin a header of its own.
    """
    return one_line(text).replace("=?", "= ?")
