"""What other domains hook in: effects of decisions, links to subjects, news, working time.

Registered once when the application is put together; called inside the transaction of the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from servicedesk.approvals.models import ApprovalChain, ApprovalEvent
from servicedesk.core.actor import Actor


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a chain ended, or that it was sent back; ``state`` is one of the chain's states."""

    chain_id: int
    key: str
    subject_type: str
    subject_id: int
    state: str
    reason: str
    actor: Actor
    now: datetime


Say = Callable[[str, Any], tuple[str, str]]  # a fact's name and value as people say them


@dataclass(frozen=True, slots=True)
class Subject:
    """How pages reach what a chain is about."""

    link: Callable[[int], str] | None = None
    may_view: Callable[[int, Actor], bool] | None = None
    in_words: Say | None = None


Effect = Callable[[Outcome], None]
Lock = Callable[[int], None]
News = Callable[[ApprovalEvent, ApprovalChain], None]
WorkingTime = Callable[[datetime, int, int, int | None], datetime]

_effects: dict[str, Effect] = {}
_locks: dict[str, Lock] = {}
_subjects: dict[str, Subject] = {}
_news: list[News] = []
_working_time: list[WorkingTime] = []


def register(subject_type: str, effect: Effect, *, lock: Lock | None = None) -> None:
    """React when a chain of this type of subject ends or is sent back, in the same transaction.

    Args:
        effect: a DomainError of it refuses the decision as a whole.
        lock: locks the subject's row by its number. It is called before the chain is locked; whoever
            holds the subject already may then call this domain without a deadlock.
    """
    _effects[subject_type] = effect
    if lock is not None:
        _locks[subject_type] = lock


def register_subject(
    subject_type: str,
    *,
    link: Callable[[int], str],
    may_view: Callable[[int, Actor], bool],
    in_words: Say | None = None,
) -> None:
    """How lists link to a subject, whether somebody who may see it may see its approvals too, and how its
    facts are said in the reader's language."""
    _subjects[subject_type] = Subject(link, may_view, in_words)


def fact_sayer(subject_type: str) -> Say:
    """How a fact of such a subject is said: label and words."""
    return subject(subject_type).in_words or as_written


def facts_in_words(subject_type: str, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Facts that are not empty, as label and words."""
    say = fact_sayer(subject_type)
    return [say(name, value) for name, value in facts.items() if value not in ("", None, [])]


def as_written(name: str, value: Any) -> tuple[str, str]:
    """A fact as it is stored."""
    return name, ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)


def on_event(callback: News) -> None:
    """Be told of everything that somebody must be told, in the same transaction."""
    if callback not in _news:
        _news.append(callback)


def use_working_time(function: WorkingTime) -> None:
    """How limits in working time are counted: ``function(start, hours, client_id, site_id)``."""
    _working_time[:] = [function]


def lock_subject(subject_type: str, subject_id: int) -> None:
    """Subjects before chains, always in this order."""
    lock = _locks.get(subject_type)
    if lock is not None:
        lock(subject_id)


def apply(outcome: Outcome) -> None:
    """Call the effect of the subject's type, if any."""
    effect = _effects.get(outcome.subject_type)
    if effect is not None:
        effect(outcome)


def tell(event: ApprovalEvent, chain: ApprovalChain) -> None:
    """Hand an event to everybody who listens."""
    for callback in _news:
        callback(event, chain)


def subject(subject_type: str) -> Subject:
    """What was registered for a type; without links when nothing was."""
    return _subjects.get(subject_type, Subject())


def hours_after(
    start: datetime, hours: int, *, working: bool, client_id: int, site_id: int | None
) -> datetime:
    """When so many hours are over; wall time unless working time is wanted and known."""
    if working and _working_time:
        return _working_time[0](start, hours, client_id, site_id)
    return start + timedelta(hours=hours)
