"""What other domains tell: an event is data. Who is told, and how, is decided by rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from servicedesk.core.actor import Actor


@dataclass(frozen=True, slots=True)
class Subject:
    """What it is about. ``kind`` has a guard (``register_guard``) that knows who may see it."""

    kind: str
    id: int
    label: str  # its number, safe to show in logs
    title: str
    path: str  # within the installation, "/tickets/12"
    client_id: int
    site_id: int | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened.

    Args:
        name: one of ``rules.EVENTS``.
        key: the same key twice is the same event: nobody is told twice.
        template: an English sentence marked with ``N_``; ``values`` fill it in. Values named in
            ``WORDS`` are English words of the interface and are translated for each reader.
        people: account numbers by their part, e.g. "requester", "assignee", "watcher", "mentioned".
        excluded: account numbers that are told by another event already.
        internal: only those who work on the subject may know.
        critical: passes quiet hours.
        next_step: an English sentence marked with ``N_``: what happens next; ``due_at`` says by when.
    """

    name: str
    key: str
    subject: Subject
    template: str
    values: Mapping[str, str | int] = field(default_factory=dict)
    people: Mapping[str, Collection[int]] = field(default_factory=dict)
    excluded: Collection[int] = ()
    excerpt: str = ""
    internal: bool = False
    critical: bool = False
    next_step: str = ""
    due_at: datetime | None = None


# Values that are words of ours, not names or numbers of somebody.
WORDS = frozenset({"state", "act", "clock"})

Guard = Callable[[int, Sequence[Actor], bool], set[int]]
"""Of the actors given, the account numbers of those who may see the subject (and internal parts of it)."""

_guards: dict[str, Guard] = {}


def register_guard(kind: str, guard: Guard) -> None:
    """Tell who may see subjects of a kind; the domain that owns them knows."""
    _guards[kind] = guard


def who_may_see(kind: str, subject_id: int, actors: Sequence[Actor], *, internal: bool) -> set[int]:
    """Account numbers of those who may see it; nobody when the kind has no guard."""
    guard = _guards.get(kind)
    return guard(subject_id, actors, internal) if guard is not None and actors else set()
