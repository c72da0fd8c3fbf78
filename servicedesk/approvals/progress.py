"""How a chain moves: steps opened, seats filled, steps settled, chains ended. All of it on a locked chain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from servicedesk.approvals import effects
from servicedesk.approvals.definition import ANY, Chain, Node, Source, from_json, tally
from servicedesk.approvals.models import (
    APPROVED,
    APPROVER,
    COUNTERSIGNER,
    ESCALATION,
    FALLBACK,
    LAPSED,
    OPEN,
    REJECTED,
    RUNNING,
    SENT_BACK,
    SKIPPED,
    VOID,
    ApprovalChain,
    ApprovalEvent,
    ApprovalNodeRun,
    ApprovalSeat,
)
from servicedesk.approvals.people import People, stand_ins_of
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.staff.models import User

LOOK_EVERY = timedelta(minutes=15)  # for people who left or lost a role


def chain_of(chain: ApprovalChain) -> Chain:
    """The steps of the version the chain began with."""
    return from_json(chain.version.nodes)


def tell(
    chain: ApprovalChain,
    run: ApprovalNodeRun | None,
    kind: str,
    recipients: Iterable[int | None],
    *,
    actor: Actor,
    now: datetime,
    **data: Any,
) -> None:
    """Write down that people must be told, and hand it to whoever listens."""
    event = ApprovalEvent(
        chain_id=chain.id,
        run_id=run.id if run is not None else None,
        kind=kind,
        at=now,
        actor_name=actor.name,
        recipients=sorted(
            {number for number in recipients if number is not None and number != actor.user_id}
        ),
        data=data,
    )
    db.session.add(event)
    db.session.flush()
    effects.tell(event, chain)


def seats_of(run: ApprovalNodeRun) -> list[ApprovalSeat]:
    """The step's seats as they are now, whatever was read before."""
    statement = sa.select(ApprovalSeat).where(ApprovalSeat.run_id == run.id).order_by(ApprovalSeat.id)
    return list(db.session.scalars(for_update(statement)))


def everybody(chain: ApprovalChain, seats: Iterable[ApprovalSeat], now: datetime) -> set[int]:
    """The holders of open seats and their stand-ins."""
    holders = {seat.user_id for seat in seats if seat.state == OPEN}
    others = stand_ins_of(holders, chain.client_id, now).values()
    return holders | {user.id for users in others for user in users} - {chain.requester_id}


def open_from(chain: ApprovalChain, after: int, *, actor: Actor, now: datetime, reason: str = "") -> None:
    """Open the next step that is needed, noting those that are not; without one the chain is approved."""
    steps = chain_of(chain)
    position = steps.next_position(after, chain.facts)
    for skipped in range(after + 1, len(steps.nodes) if position is None else position):
        db.session.add(
            ApprovalNodeRun(
                chain_id=chain.id,
                position=skipped,
                round=chain.round,
                state=SKIPPED,
                opened_at=now,
                closed_at=now,
            )
        )
    if position is None:
        finish(chain, APPROVED, reason, actor=actor, now=now)
    else:
        open_node(chain, position, actor=actor, now=now)


def open_node(chain: ApprovalChain, position: int, *, actor: Actor, now: datetime) -> None:
    """Ask the people of a step."""
    node = chain_of(chain).nodes[position]
    chain.position, chain.state = position, RUNNING
    due_at = None
    if node.limit_hours is not None:
        due_at = after_hours(chain, node, now, node.limit_hours)
    run = ApprovalNodeRun(
        chain_id=chain.id,
        position=position,
        round=chain.round,
        state=OPEN,
        opened_at=now,
        due_at=due_at,
        check_at=now + LOOK_EVERY,
    )
    db.session.add(run)
    db.session.flush()
    run.check_at = min([now + LOOK_EVERY, *(at for at, _mark in marks_before(chain, node, run))])
    fill(chain, run, node, actor=actor, now=now)


def after_hours(chain: ApprovalChain, node: Node, start: datetime, hours: int) -> datetime:
    """When so many hours of the step's kind of time are over."""
    return effects.hours_after(
        start, hours, working=node.working_time, client_id=chain.client_id, site_id=chain.site_id
    )


def marks_before(chain: ApprovalChain, node: Node, run: ApprovalNodeRun) -> list[tuple[datetime, str]]:
    """The reminders before the end and the end itself, the earliest first."""
    if node.limit_hours is None or run.due_at is None:
        return []
    early = [
        (after_hours(chain, node, run.opened_at, node.limit_hours - hours), f"before-{hours}")
        for hours in node.remind_hours
    ]
    return [*early, (run.due_at, "overdue")]


def fill(chain: ApprovalChain, run: ApprovalNodeRun, node: Node, *, actor: Actor, now: datetime) -> bool:
    """Make the seats be those of the people who qualify; returns whether any seat changed.

    Decisions stay. Somebody who left or lost the role loses an open seat, whoever newly qualifies gets one.
    Where nobody does, supervisors or administrators of the scope are asked, and the step says so.
    """
    people = People.of_chain(chain, now)
    seats = seats_of(run)
    lost = [seat for seat in seats if seat.state == OPEN and not still_valid(people, seat, node)]
    for seat in lost:
        seat.state = VOID
    asked = people.asked(node)
    counted = [s for s in seats if s.kind == APPROVER and s.state in (OPEN, APPROVED, REJECTED)]
    run.fallback = not asked and not counted
    kind = FALLBACK if run.fallback else APPROVER
    if not run.fallback:
        for seat in seats:
            if seat.kind == FALLBACK and seat.state == OPEN:
                seat.state = LAPSED
    added = seat_people(run, seats, people.fallback() if run.fallback else asked, kind, now)
    db.session.flush()
    if lost:
        names = [seat.user.display_name for seat in lost]
        audit.record(
            actor, "approval.seat_lost", chain, now=now, label=chain.subject_label, after={"people": names}
        )
    if added:
        kind_told = "fallback" if run.fallback else "opened"
        tell(chain, run, kind_told, everybody(chain, added, now), actor=actor, now=now)
    elif not any(seat.state in (OPEN, APPROVED) for seat in seats) and not _told_nobody(run):
        # Not even an administrator of the scope: the requester learns it, and the sweep tries again.
        tell(chain, run, "nobody", [chain.requester_id], actor=actor, now=now)
    return bool(lost or added)


def _told_nobody(run: ApprovalNodeRun) -> bool:
    told = sa.select(ApprovalEvent.id).where(ApprovalEvent.run_id == run.id, ApprovalEvent.kind == "nobody")
    return db.session.scalar(told.limit(1)) is not None


def still_valid(people: People, seat: ApprovalSeat, node: Node) -> bool:
    """Whether a seat may still decide: its holder is there, and whoever it came from still qualifies."""
    source = Source.parse(seat.source) if seat.source else None
    origin = seat.on_behalf_of or seat.user
    holder = people.reaches(seat.user) and people.may_sit(seat.user_id, node)
    return holder and people.qualifies(origin, source)


def seat_people(
    run: ApprovalNodeRun,
    seats: list[ApprovalSeat],
    asked: dict[int, tuple[User, Source]],
    kind: str,
    now: datetime,
) -> list[ApprovalSeat]:
    """Seats for those who have none; a seat that was lost comes back, one handed on does not."""
    by_user = {seat.user_id: seat for seat in seats}
    handed_on = {s.on_behalf_of_id for s in seats if s.on_behalf_of_id is not None and s.state != VOID}
    added = []
    for user_id, (_user, source) in asked.items():
        seat = by_user.get(user_id)
        if user_id in handed_on or (seat is not None and seat.state not in (VOID, LAPSED)):
            continue
        if seat is None:
            seat = ApprovalSeat(run_id=run.id, user_id=user_id)
            db.session.add(seat)
        seat.kind, seat.source, seat.state, seat.opened_at = kind, str(source), OPEN, now
        seat.on_behalf_of_id = None
        added.append(seat)
    return added


def verdict(run: ApprovalNodeRun, node: Node, seats: Iterable[ApprovalSeat]) -> str:
    """What the decisions so far make of a step: "approved", "rejected" or "open".

    Countersigners must all approve. One to whom it was escalated, or who was asked because nobody
    qualified, decides alone.
    """
    live = [seat for seat in seats if seat.state in (OPEN, APPROVED, REJECTED)]
    counter = [seat.state for seat in live if seat.kind == COUNTERSIGNER]
    if REJECTED in counter:
        return REJECTED
    found = OPEN
    for kind, rule in (
        (ESCALATION, replace(node, rule=ANY)),
        (APPROVER, node),
        (FALLBACK, replace(node, rule=ANY)),
    ):
        states = [seat.state for seat in live if seat.kind == kind]
        if found == OPEN and states:
            found = tally(rule, len(states), states.count(APPROVED), states.count(REJECTED))
    return OPEN if found == APPROVED and OPEN in counter else found


def settle(
    chain: ApprovalChain, run: ApprovalNodeRun, node: Node, reason: str, *, actor: Actor, now: datetime
) -> None:
    """Go on when the step's decisions suffice."""
    found = verdict(run, node, seats_of(run))
    if found == OPEN:
        return
    close(chain, run, found, actor=actor, now=now)
    if found == APPROVED:
        open_from(chain, run.position, actor=actor, now=now, reason=reason)
    else:
        finish(chain, REJECTED, reason, actor=actor, now=now)


def close(chain: ApprovalChain, run: ApprovalNodeRun, state: str, *, actor: Actor, now: datetime) -> None:
    """End a step; whoever was still asked need not answer any more."""
    left = [seat for seat in seats_of(run) if seat.state == OPEN]
    recipients = everybody(chain, left, now)
    for seat in left:
        seat.state = LAPSED
    run.state, run.closed_at, run.check_at = state, now, None
    db.session.flush()
    if recipients - {actor.user_id}:
        tell(chain, run, "closed", recipients, actor=actor, now=now, state=state)


def finish(chain: ApprovalChain, state: str, reason: str, *, actor: Actor, now: datetime) -> None:
    """End the chain, or hand it back to the requester, and let the subject's domain react."""
    chain.state = state
    chain.ended_at = None if state == SENT_BACK else now
    audit.record(
        actor,
        "approval.ended" if state != SENT_BACK else "approval.sent_back",
        chain,
        now=now,
        label=chain.subject_label,
        after={"state": state, "reason": reason},
    )
    kind = "sent_back" if state == SENT_BACK else "ended"
    tell(chain, None, kind, [chain.requester_id], actor=actor, now=now, state=state, reason=reason)
    effects.apply(
        effects.Outcome(chain.id, chain.key, chain.subject_type, chain.subject_id, state, reason, actor, now)
    )
