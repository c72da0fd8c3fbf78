"""Finding room in a calendar: overlaps and the next free stretch. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

STEP = timedelta(minutes=30)
HORIZON = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start`` up to but not including ``end``; aware."""

    start: datetime
    end: datetime

    def overlaps(self, other: Span) -> bool:
        """Whether they share a moment; one that ends where the other begins does not."""
        return self.start < other.end and other.start < self.end

    def contains(self, other: Span) -> bool:
        """Whether the other lies inside."""
        return self.start <= other.start and other.end <= self.end


def next_free(
    length: timedelta, after: datetime, *, busy: Iterable[Span], within: Sequence[Span] = ()
) -> Span | None:
    """The first stretch of ``length`` not before ``after`` that overlaps nothing busy.

    Args:
        within: when given, the stretch must lie inside one of these.
    Returns:
        None when there is no room within ``HORIZON``, or the length is not positive.
    """
    if length <= timedelta(0):
        return None
    taken = sorted(busy, key=lambda span: span.start)
    first = _rounded_up(after)
    starts = {first, *(_rounded_up(span.end) for span in taken), *(span.start for span in within)}
    starts |= {_rounded_up(span.start) for span in within}
    for start in sorted(starts):
        if not first <= start <= after + HORIZON:
            continue
        wanted = Span(start, start + length)
        if within and not any(span.contains(wanted) for span in within):
            continue
        if not any(wanted.overlaps(span) for span in taken):
            return wanted
    return None


def _rounded_up(moment: datetime) -> datetime:
    past = timedelta(minutes=moment.minute % 30, seconds=moment.second, microseconds=moment.microsecond)
    return moment if not past else moment - past + STEP
