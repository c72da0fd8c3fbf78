"""An event in a reader's words: for the page, the mail, the chat group. The language is the caller's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import force_locale, gettext

from servicedesk.config import LOCALES
from servicedesk.core.sentences import render, translate
from servicedesk.notifications.events import WORDS
from servicedesk.notifications.models import NotificationEvent


@dataclass(frozen=True, slots=True)
class Words:
    """One event, ready to be laid out. ``due`` is empty when nothing is promised."""

    headline: str
    title: str
    label: str
    excerpt: str
    next_step: str
    due: str
    url: str


@contextmanager
def speaking(locale: str, default: str) -> Iterator[str]:
    """The reader's language, else the installation's."""
    chosen = locale if locale in LOCALES else default
    with force_locale(chosen):
        yield chosen


def headline(event: NotificationEvent) -> str:
    """One sentence: who did what to which."""
    # The system's own names are words of the catalogue; a person's name is nobody's to translate.
    spoken = WORDS if event.actor_id else WORDS | {"actor"}
    values = {name: translate(str(v)) if name in spoken else v for name, v in event.values.items()}
    return render(event.template, values)


def time_text(value: datetime, zone: ZoneInfo) -> str:
    """2026-11-24 09:00, with the zone's name where readers may be elsewhere."""
    return f"{value.astimezone(zone):%Y-%m-%d %H:%M} ({zone.key})"


def words(event: NotificationEvent, *, base_url: str, zone: ZoneInfo) -> Words:
    """What a message says."""
    return Words(
        headline=headline(event),
        title=event.title,
        label=event.subject_label,
        excerpt=event.excerpt,
        next_step=translate(event.next_step),
        due=time_text(event.due_at, zone) if event.due_at else "",
        url=base_url.rstrip("/") + event.path,
    )


def room_text(found: Words) -> str:
    """The few lines of a chat group."""
    lines = [found.headline, found.title]
    if found.excerpt:
        lines.append(one_line(found.excerpt)[:200])
    if found.due:
        lines.append(gettext("Due: %(time)s", time=found.due))
    return "\n".join([*lines, found.url])


def one_line(text: str) -> str:
    """Without line ends and other control characters: for headers and lists."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
