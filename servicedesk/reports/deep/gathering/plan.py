"""The improvement plan as a chapter, and what became of the plan before."""

from __future__ import annotations

from collections import Counter
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from sqlalchemy.orm import joinedload

from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.reports.deep.content import ADVICE, STATE, Column, Content, Drill, Row, Section, Table
from servicedesk.reports.deep.gathering.ground import Ground
from servicedesk.reports.improvement.models import Improvement, ImprovementEvent
from servicedesk.reports.improvement.states import (
    ACCEPTED,
    APPROVED,
    DONE,
    IN_WORK,
    INEFFECTIVE,
    OVER,
    PROPOSED,
    REJECTED,
    VERIFIED,
)

_ITEM = Column("item", _l("What is to be done"), "improvement")
_STATE = Column("state", _l("State"), "improvement_state")
_TICKET = Column("ticket", _l("Ticket"), "ticket_number")


def _of_state(key: str, label: Any) -> Column:
    return Column(key, label, "count", Drill("items", {"state": key}))


PLAN = Section(
    "improvements",
    _l("Improvement plan"),
    _l(
        "Items that the figures of this report proposed or people wrote, as they stood when they were taken "
        "into the report. An item is approved by somebody else than the one who accepted it, carried out by "
        "a ticket, and closed when later records show the effect."
    ),
    figures=(
        Column("items", _l("Open items"), "count", Drill("items")),
        _of_state(PROPOSED, lazy_pgettext("improvement", "Proposed")),
        _of_state(ACCEPTED, _l("To be approved")),
        _of_state(APPROVED, lazy_pgettext("improvement", "Approved")),
        _of_state(IN_WORK, _l("In work")),
    ),
    tables=(
        Table(
            "items",
            _l("Items of the plan"),
            (
                _ITEM,
                Column("reason", _l("Reason"), "words"),
                Column("priority", _l("Priority"), "priority"),
                Column("owner", _l("Owner")),
                Column("due", _l("Due on"), "day"),
                Column("effect", _l("Expected effect"), "words"),
                _TICKET,
                _STATE,
            ),
            shown=60,
        ),
    ),
)

LAST_PLAN = Section(
    "last_plan",
    _l("What became of the last plan"),
    _l("Items of earlier half-years that were open when this one began, and where they stand."),
    figures=(
        Column("items", _l("Items"), "count", Drill("items")),
        _of_state(VERIFIED, _l("Verified and closed")),
        _of_state(DONE, _l("Done, to be verified")),
        _of_state(INEFFECTIVE, _l("Not effective, open again")),
    ),
    tables=(
        Table(
            "items",
            _l("Items of the last plan"),
            (
                _ITEM,
                Column("period", _l("Half-year")),
                Column("priority", _l("Priority"), "priority"),
                Column("due", _l("Due on"), "day"),
                _TICKET,
                _STATE,
                Column("what", _l("What was found"), "words"),
            ),
            shown=60,
        ),
    ),
)


def _words(item: Improvement, part: str) -> Any:
    """A person's own words, or the rule's as template and values."""
    return getattr(item, part) or (item.wording or {}).get(part) or ""


def _items(ground: Ground, *conditions: sa.ColumnElement[bool]) -> list[Improvement]:
    statement = (
        sa.select(Improvement)
        .where(*ground.at(Improvement), *conditions)
        .options(joinedload(Improvement.owner), joinedload(Improvement.ticket))
        .order_by(Improvement.priority, Improvement.due_on, Improvement.id)
    )
    return list(db.session.scalars(statement))


def _ticket(item: Improvement) -> Row | None:
    return [item.ticket.id, item.ticket.number] if item.ticket else None


def _refused(ground: Ground) -> int:
    counted = sa.select(sa.func.count(Improvement.id)).where(
        *ground.at(Improvement), Improvement.state == REJECTED, Improvement.period == ground.period.text
    )
    return db.session.scalar(counted) or 0


def gather_plan(ground: Ground) -> Content:
    """What is open now; two queries."""
    items = _items(ground, Improvement.state.not_in(sorted(OVER)))
    found = Content(
        tables={
            "items": [
                [
                    [item.id, _words(item, "title")],
                    _words(item, "reason"),
                    item.priority,
                    item.owner.display_name if item.owner else "",
                    item.due_on.isoformat(),
                    _words(item, "effect"),
                    _ticket(item),
                    item.state,
                ]
                for item in items
            ]
        }
    )
    states = Counter(item.state for item in items)
    found.figures = {"items": len(items)} | {
        key: states[key] for key in (PROPOSED, ACCEPTED, APPROVED, IN_WORK)
    }
    if not items:
        found.empty = N_("Nothing is on the improvement plan of this place.")
    else:
        found.say(STATE, N_("%(count)s items are open on the plan."), count=len(items))
    refused = _refused(ground)
    if refused:
        found.say(STATE, N_("%(count)s proposals were rejected in this half-year."), count=refused)
    if states[PROPOSED]:
        found.say(
            ADVICE, N_("Decide on the %(count)s items that are only proposed yet."), count=states[PROPOSED]
        )
    return found


def gather_last_plan(ground: Ground) -> Content:
    """Of earlier half-years; two queries."""
    begin = ground.moments[0]
    items = _items(
        ground,
        Improvement.period < ground.period.text,
        sa.or_(Improvement.state.not_in(sorted(OVER)), Improvement.updated_at >= begin),
    )
    last = _last_words([item.id for item in items])
    found = Content(
        tables={
            "items": [
                [
                    [item.id, _words(item, "title")],
                    item.period,
                    item.priority,
                    item.due_on.isoformat(),
                    _ticket(item),
                    item.state,
                    last.get(item.id, ""),
                ]
                for item in items
            ]
        }
    )
    states = Counter(item.state for item in items)
    found.figures = {"items": len(items)} | {key: states[key] for key in (VERIFIED, DONE, INEFFECTIVE)}
    if not items:
        found.empty = N_("No item of an earlier plan was open when this half-year began.")
        return found
    found.say(
        STATE,
        N_("Of %(count)s items, %(verified)s were verified by later records and closed."),
        count=len(items),
        verified=states[VERIFIED],
    )
    if states[INEFFECTIVE]:
        found.say(
            ADVICE,
            N_("Plan the %(count)s items anew whose effect did not show."),
            count=states[INEFFECTIVE],
        )
    return found


def _last_words(item_ids: list[int]) -> dict[int, Any]:
    """What the newest entry of each history says: found evidence, or a person's note."""
    newest = (
        sa.select(sa.func.max(ImprovementEvent.id))
        .where(ImprovementEvent.improvement_id.in_(item_ids), ImprovementEvent.what != "edited")
        .group_by(ImprovementEvent.improvement_id)
    )
    rows = db.session.scalars(sa.select(ImprovementEvent).where(ImprovementEvent.id.in_(newest)))
    return {one.improvement_id: one.data.get("words") or one.note for one in rows}
