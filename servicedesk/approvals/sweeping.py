"""What time does to approvals: reminders, overdue steps, escalation, seats of people who left.

Safe to run twice or by two workers at once: the chain is locked, and a mark that was told is a row.
Nothing approves by itself: only when a seat is gone may the decisions that are there suffice.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from servicedesk.approvals.definition import ESCALATE, Node
from servicedesk.approvals.models import (
    ESCALATION,
    OPEN,
    RUNNING,
    ApprovalChain,
    ApprovalNodeRun,
    ApprovalReminder,
)
from servicedesk.approvals.people import People
from servicedesk.approvals.progress import (
    LOOK_EVERY,
    chain_of,
    everybody,
    fill,
    marks_before,
    seat_people,
    seats_of,
    settle,
    tell,
)
from servicedesk.approvals.service import current_run, locked_chain
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.sentences import N_

ACTOR = Actor.system(N_("approvals"))


def due_chains(now: datetime, limit: int = 200) -> list[int]:
    """Chains with a step to be looked at, the longest due first."""
    statement = (
        sa.select(ApprovalNodeRun.chain_id)
        .where(ApprovalNodeRun.state == OPEN, ApprovalNodeRun.check_at <= now)
        .order_by(ApprovalNodeRun.check_at, ApprovalNodeRun.id)
        .limit(limit)
    )
    return list(db.session.scalars(statement))


def sweep(now: datetime, limit: int = 200) -> int:
    """Look at all that is due, in the caller's transaction; returns how many chains were looked at."""
    return sum(sweep_chain(chain_id, now) for chain_id in sorted(due_chains(now, limit)))


def sweep_chain(chain_id: int, now: datetime) -> bool:
    """Look at one chain; False when another worker was faster."""
    chain = locked_chain(chain_id)
    run = current_run(chain)
    if chain.state != RUNNING or run is None or run.check_at is None or run.check_at > now:
        return False
    node = chain_of(chain).nodes[run.position]
    if fill(chain, run, node, actor=ACTOR, now=now):
        settle(chain, run, node, "", actor=ACTOR, now=now)
        if run.state != OPEN:
            return True
    upcoming = _tell_marks(chain, run, node, now)
    run.check_at = min([now + LOOK_EVERY, *upcoming])
    db.session.flush()
    return True


def _tell_marks(chain: ApprovalChain, run: ApprovalNodeRun, node: Node, now: datetime) -> list[datetime]:
    """Tell the newest mark that was reached; returns when the next ones are."""
    marks = marks_before(chain, node, run)
    if run.due_at is not None and run.due_at <= now:
        repeat = timedelta(hours=node.repeat_hours)
        times = (now - run.due_at) // repeat
        marks = [*marks, (run.due_at + times * repeat, f"again-{times}")] if times else marks
        marks.append((run.due_at + (times + 1) * repeat, ""))
    reached = [mark for at, mark in marks if at <= now and mark]
    told = set(db.session.scalars(sa.select(ApprovalReminder.mark).where(ApprovalReminder.run_id == run.id)))
    new = [mark for mark in reached if mark not in told]
    db.session.add_all(ApprovalReminder(run_id=run.id, mark=mark, at=now) for mark in new)
    if "overdue" in new:
        _overdue(chain, run, node, now)
    elif new:
        _remind(chain, run, new[-1], now)
    return [at for at, _mark in marks if at > now]


def _remind(chain: ApprovalChain, run: ApprovalNodeRun, mark: str, now: datetime) -> None:
    recipients = everybody(chain, seats_of(run), now)
    due_at = run.due_at.isoformat() if run.due_at else None
    tell(chain, run, "reminder", recipients, actor=ACTOR, now=now, mark=mark, due_at=due_at)


def _overdue(chain: ApprovalChain, run: ApprovalNodeRun, node: Node, now: datetime) -> None:
    seats = seats_of(run)
    late = everybody(chain, seats, now)
    tell(chain, run, "overdue", late, actor=ACTOR, now=now, due_at=run.due_at and run.due_at.isoformat())
    if node.at_end != ESCALATE:
        return
    people = People.of_chain(chain, now)
    asked = people.asked(node, node.escalate_to) or people.fallback()
    added = seat_people(run, seats, asked, ESCALATION, now)
    run.escalated_at = now
    db.session.flush()
    names = [user.display_name for user, _source in asked.values()]
    audit.record(
        ACTOR, "approval.escalated", chain, now=now, label=chain.subject_label, after={"people": names}
    )
    tell(chain, run, "escalated", everybody(chain, added, now), actor=ACTOR, now=now, people=names)
