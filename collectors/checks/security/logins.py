"""Who is logged in at a host, and who was within the last day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta

from collectors.checks.spec import CheckSpec, Context
from collectors.facts.host import Login, PastLogin
from collectors.messages import N_
from collectors.model import Evidence, Finding, Message
from collectors.outcome import Outcome

_DAY = timedelta(hours=24)
_NAMED = 8  # the rest is counted
_TOLD = 50  # no more are asked for
_WORDS = N_("%(names)s (%(count)s in all)")
_NOBODY = N_("Nobody")


def check_logged_in(context: Context) -> Iterator[Finding]:
    """Sessions with a terminal; the inspection's own has none."""
    logins = context.fact("logins")
    if isinstance(logins, tuple):
        found = [one for one in logins if isinstance(one, Login)]
        evidence = found[0].evidence if found else None
        yield _counted(context, ((one.user, one.origin or one.terminal) for one in found), evidence)


def check_past_logins(context: Context) -> Iterator[Finding]:
    """Logins of the last 24 hours, by the host's own clock against ours; not where times have no zone."""
    logins = context.fact("past_logins")
    found = [one for one in logins if isinstance(one, PastLogin)] if isinstance(logins, tuple) else []
    if found and any(one.at is None for one in found):
        template = N_("This system tells logins without their time zone: they are not counted by day")
        yield context.state("", Outcome.NOT_APPLICABLE, template, evidence=found[0].evidence)
    elif isinstance(logins, tuple):
        recent = [one for one in found if one.at and context.observed_at - one.at <= _DAY]
        evidence = recent[0].evidence if recent else None
        yield _counted(context, ((one.user, one.origin or one.terminal) for one in recent), evidence)


def _counted(context: Context, people: Iterable[tuple[str, str]], evidence: Evidence | None) -> Finding:
    times = Counter(people)
    finding = context.judge_upper("", times.total(), evidence=evidence)
    if not times:
        return replace(finding, message=Message(_NOBODY))
    names = [
        f"{user} ({place})" + (f" × {count}" if count > 1 else "") for (user, place), count in times.items()
    ]
    total = f"{times.total()}+" if times.total() >= _TOLD else str(times.total())
    shown = ", ".join([*names[:_NAMED], *(["…"] if len(names) > _NAMED else [])])
    return replace(finding, message=Message(_WORDS, {"count": total, "names": shown}))


CHECKS: tuple[CheckSpec, ...] = (
    CheckSpec(
        "logged_in",
        N_("Logged in"),
        N_("Nobody who should not be; a level may be set"),
        ("logins",),
        check_logged_in,
    ),
    CheckSpec(
        "past_logins",
        N_("Logins of the last day"),
        N_("Nobody who should not have been; a level may be set"),
        ("past_logins",),
        check_past_logins,
    ),
)
