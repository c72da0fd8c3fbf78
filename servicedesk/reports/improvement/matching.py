"""Proposals beside what is on the plan already: nothing twice, nothing again that was just rejected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

import sqlalchemy as sa

from servicedesk.core.db import db
from servicedesk.reports.improvement.models import Improvement, improvement_devices
from servicedesk.reports.improvement.rules import Proposal
from servicedesk.reports.improvement.states import OVER, REJECTED


@dataclass(slots=True)
class Sorted:
    """``new``: to be put on the plan; ``known``: how many are open; ``rejected``: this half-year's no."""

    new: list[Proposal] = field(default_factory=list)
    known: int = 0
    rejected: int = 0


# Rule and subject → devices; 0 stands for an item without a device.
_Held = dict[tuple[str, str], set[int]]


def sort(client_id: int, period: str, proposals: Iterable[Proposal]) -> Sorted:
    """Take out what is open for the same rule and device, or was rejected in this half-year; one query."""
    held, refused = _held(client_id, period)
    found = Sorted()
    for one in proposals:
        key = (one.rule, one.subject)
        devices = {number for number, _name in one.devices} or {0}
        left = devices - held[key]
        if not left:
            found.known += 1
            continue
        left -= refused[key]
        if not left:
            found.rejected += 1
            continue
        found.new.append(replace(one, devices=tuple(device for device in one.devices if device[0] in left)))
    return found


def _held(client_id: int, period: str) -> tuple[_Held, _Held]:
    item = Improvement
    rows = db.session.execute(
        sa.select(item.rule, item.subject, item.state, improvement_devices.c.device_id)
        .outerjoin(improvement_devices, improvement_devices.c.improvement_id == item.id)
        .where(item.client_id == client_id, item.rule != "")
        .where(
            sa.or_(item.state.not_in(OVER), sa.and_(item.state == REJECTED, item.period == period)),
        )
    )
    held: _Held = defaultdict(set)
    refused: _Held = defaultdict(set)
    for rule, subject, state, device_id in rows:
        (refused if state == REJECTED else held)[rule, subject].add(device_id or 0)
    return held, refused
