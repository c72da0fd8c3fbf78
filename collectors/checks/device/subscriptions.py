"""What a device is kept current with: licences and contracts that end, sets of signatures that age."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.checks.spec import CheckSpec, Context
from collectors.facts.host import Licence, SignatureSet
from collectors.messages import N_
from collectors.model import Finding, Levels

_DAY_S = 86_400


def check_licences(context: Context) -> Iterator[Finding]:
    """Days that are left; of several of one name the first to end counts.

    One that has ended is passed over where another of its name holds: it was renewed.
    """
    items = context.fact("licences")
    days: dict[str, list[tuple[float, Licence]]] = {}
    for licence in items if isinstance(items, tuple) else ():
        if isinstance(licence, Licence) and (left := _left(context, licence)) is not None:
            days.setdefault(licence.name, []).append((left, licence))
    for name, ends in days.items():
        holding = [one for one in ends if one[0] > 0]
        left, licence = min(holding or ends, key=lambda one: abs(one[0]))
        yield context.judge_lower(name, round(left, 1), evidence=licence.evidence)


def _left(context: Context, licence: Licence) -> float | None:
    if licence.ends is None:
        return licence.days_left
    return (licence.ends - context.observed_at).total_seconds() / _DAY_S


# What new sets are made for every day or week. Engines, lists of places, of certificates and of web
# pages change when there is something to change: an old one of those says nothing.
_ALIVE = re.compile(
    r"(?i)vir(?:us|al)|\bav\b|malware|(?:extended|extreme) set|attack|intrusion|\bips\b|threat|botnet"
    r"|malicious|wildfire|url filter"
)
_SELDOM = re.compile(r"(?i)engine|script")


def check_signatures(context: Context) -> Iterator[Finding]:
    """Days since the set in use was made; of several of one name the newest counts."""
    items = context.fact("signatures")
    newest: dict[str, SignatureSet] = {}
    for one in items if isinstance(items, tuple) else ():
        if not isinstance(one, SignatureSet) or not _ALIVE.search(one.name) or _SELDOM.search(one.name):
            continue
        if one.name not in newest or newest[one.name].dated < one.dated:
            newest[one.name] = one
    for name, signatures in newest.items():
        age = (context.observed_at - signatures.dated).total_seconds() / _DAY_S
        yield context.judge_upper(name, round(max(age, 0.0), 1), evidence=signatures.evidence)


CHECKS: tuple[CheckSpec, ...] = (
    CheckSpec(
        "licence_days",
        N_("Licences and signature contracts"),
        N_("Valid for more than %(warning)s days; critical at %(critical)s days and below"),
        ("licences",),
        check_licences,
        "d",
        Levels(warning_lower=30, critical_lower=7),
    ),
    # Makers publish sets against intrusions weekly and against viruses daily: after two weeks at least one
    # of each was missed, whatever the calendar; after a month the update does not work.
    CheckSpec(
        "signature_age",
        N_("Age of signatures"),
        N_("Made less than %(warning)s days ago; critical from %(critical)s days"),
        ("signatures",),
        check_signatures,
        "d",
        Levels(warning_upper=14, critical_upper=30),
    ),
)
