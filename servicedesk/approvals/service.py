"""What people do with approvals: start, decide, withdraw, resubmit.

Each locks the subject, then the chain, and reads the rest afterwards: of two at once one is served first and
the other finds the chain as that one left it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.approvals import effects
from servicedesk.approvals.definition import EARLIER, REQUESTER, Node
from servicedesk.approvals.definitions import definition_for
from servicedesk.approvals.models import (
    APPROVED,
    OPEN,
    REJECTED,
    RUNNING,
    SENT_BACK,
    VOID,
    WITHDRAWN,
    ApprovalChain,
    ApprovalNodeRun,
    ApprovalSeat,
)
from servicedesk.approvals.people import People, stand_ins_of
from servicedesk.approvals.progress import (
    chain_of,
    close,
    finish,
    open_from,
    open_node,
    seats_of,
    settle,
    still_valid,
    tell,
)
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.organisations.models import Site
from servicedesk.staff.models import User

DECISIONS = (APPROVED, REJECTED, SENT_BACK)
MAX_REASON, MAX_FACTS, MAX_FACT = 2000, 100, 4000


@dataclass(frozen=True, slots=True)
class NewChain:
    """What is to be approved. ``facts``: texts, numbers, yes/no, or lists of these, by name."""

    key: str
    subject_type: str
    subject_id: int
    subject_label: str
    client_id: int
    requester_id: int
    site_id: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def start_chain(new: NewChain, *, actor: Actor, now: datetime) -> ApprovalChain:
    """Begin an approval and ask the people of its first step.

    Raises:
        ConflictError: this approval of the subject runs already.
        InvalidError: no definition, no step that applies, or facts that cannot be kept.
    """
    _require_reach(new, actor)
    alive = sa.select(ApprovalChain.id).where(
        ApprovalChain.subject_type == new.subject_type,
        ApprovalChain.subject_id == new.subject_id,
        ApprovalChain.key == new.key,
        ApprovalChain.state.in_((RUNNING, SENT_BACK)),
    )
    if db.session.scalar(alive) is not None:
        raise ConflictError(_("This approval is under way already."))
    version = definition_for(new.key, new.client_id, now=now)
    chain = ApprovalChain(
        version=version,
        key=new.key,
        client_id=new.client_id,
        site_id=new.site_id,
        subject_type=new.subject_type,
        subject_id=new.subject_id,
        subject_label=new.subject_label.strip()[:300],
        requester_id=new.requester_id,
        facts=checked_facts(new.facts),
        state=RUNNING,
        round=1,
        position=-1,
        started_at=now,
    )
    _require_a_step(chain)
    db.session.add(chain)
    db.session.flush()
    after = {"key": new.key, "version": version.number}
    audit.record(actor, "approval.started", chain, now=now, label=chain.subject_label, after=after)
    open_from(chain, -1, actor=actor, now=now)
    db.session.flush()
    return chain


def _require_reach(new: NewChain, actor: Actor) -> None:
    if not (actor.home_client_id == new.client_id or actor.reach().covers(new.client_id, new.site_id)):
        raise NotAllowedError
    if new.site_id is not None:
        owner = db.session.scalar(sa.select(Site.client_id).where(Site.id == new.site_id))
        if owner != new.client_id:
            raise InvalidError(_("The site belongs to another client."))
    if db.session.get(User, new.requester_id) is None:
        raise InvalidError(_("An approval needs somebody who asks for it."))


def _require_a_step(chain: ApprovalChain) -> None:
    if chain_of(chain).next_position(-1, chain.facts) is None:
        raise InvalidError(
            _(
                "No step of this approval applies to the request, so nobody could approve it. "
                "Tell an administrator."
            )
        )


def checked_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that can be kept; raises InvalidError for anything else."""

    def plain(value: Any) -> bool:
        if isinstance(value, str):
            return len(value) <= MAX_FACT and "\x00" not in value
        if isinstance(value, (int, float)):
            return abs(value) < 1e15  # also refuses "not a number"
        return value is None

    for name, value in facts.items():
        values = value if isinstance(value, list) else [value]
        if not isinstance(name, str) or len(name) > 64 or not all(plain(one) for one in values):
            raise InvalidError(_("The request holds something that cannot be kept with its approval."))
    if len(facts) > MAX_FACTS or any(isinstance(v, list) and len(v) > MAX_FACTS for v in facts.values()):
        raise InvalidError(_("The request holds something that cannot be kept with its approval."))
    return dict(facts)


def locked_chain(chain_id: int) -> ApprovalChain:
    """The chain, locked after its subject; NotFoundError."""
    row = db.session.execute(
        sa.select(ApprovalChain.subject_type, ApprovalChain.subject_id).where(ApprovalChain.id == chain_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError
    effects.lock_subject(row.subject_type, row.subject_id)
    return db.session.scalars(for_update(sa.select(ApprovalChain).where(ApprovalChain.id == chain_id))).one()


def current_run(chain: ApprovalChain) -> ApprovalNodeRun | None:
    """The step under way."""
    statement = sa.select(ApprovalNodeRun).where(
        ApprovalNodeRun.chain_id == chain.id, ApprovalNodeRun.state == OPEN
    )
    return db.session.scalar(for_update(statement))


@dataclass(frozen=True, slots=True)
class Sitting:
    """A seat that may act: everything locked and checked."""

    chain: ApprovalChain
    run: ApprovalNodeRun
    node: Node
    seat: ApprovalSeat
    seats: list[ApprovalSeat]
    people: People


def take_seat(chain_id: int, seat_id: int, *, actor: Actor, now: datetime, stand_in: bool = True) -> Sitting:
    """Lock the chain and check that the actor may act on this seat now.

    Raises:
        ConflictError: the chain, the step or the seat is not open any more.
        NotAllowedError: the seat is somebody else's, or cannot decide any more.
    """
    chain = locked_chain(chain_id)
    seat = db.session.scalar(
        sa.select(ApprovalSeat)
        .join(ApprovalNodeRun)
        .where(ApprovalSeat.id == seat_id, ApprovalNodeRun.chain_id == chain.id)
    )
    if seat is None:
        raise NotFoundError
    people = People.of_chain(chain, now)
    _require_holder(chain, seat, people, actor=actor, now=now, stand_in=stand_in)
    run = current_run(chain)
    if chain.state != RUNNING or run is None:
        raise ConflictError(ended_sentence(chain))
    if seat.run_id != run.id:
        raise ConflictError(_("This step has been closed meanwhile; the approval is at another step now."))
    seats = seats_of(run)
    node = chain_of(chain).nodes[run.position]
    _require_open(seat, seats, actor)
    if not still_valid(people, seat, node):
        raise NotAllowedError(
            _("This seat cannot decide any more: the account was closed or the role was taken back.")
        )
    return Sitting(chain, run, node, seat, seats, people)


def _require_holder(
    chain: ApprovalChain, seat: ApprovalSeat, people: People, *, actor: Actor, now: datetime, stand_in: bool
) -> None:
    user = db.session.get(User, actor.user_id) if actor.user_id is not None else None
    if user is None or not people.reaches(user):
        raise NotAllowedError
    if seat.user_id == user.id:
        return
    substitutes = stand_ins_of([seat.user_id], chain.client_id, now).get(seat.user_id, [])
    if not stand_in or user.id not in {one.id for one in substitutes}:
        raise NotAllowedError(_("This is for %(name)s to decide.", name=seat.user.display_name))
    if user.id == chain.requester_id:
        raise NotAllowedError(_("You asked for this yourself, so somebody else must decide."))


def _require_open(seat: ApprovalSeat, seats: list[ApprovalSeat], actor: Actor) -> None:
    if seat.state == VOID:
        raise NotAllowedError(
            _("This seat cannot decide any more: the account was closed or the role was taken back.")
        )
    if seat.state != OPEN:
        by = seat.decided_by.display_name if seat.decided_by else seat.user.display_name
        raise ConflictError(_("%(name)s has already decided here. Reload the page to see it.", name=by))
    if any(other.decided_by_id == actor.user_id for other in seats):
        raise ConflictError(_("You have decided at this step already; nobody signs it twice."))
    if seat.user_id != actor.user_id and any(
        other.user_id == actor.user_id and other.state != VOID for other in seats
    ):
        raise NotAllowedError(
            _(
                "You are asked at this step yourself, so you cannot sign for %(name)s too.",
                name=seat.user.display_name,
            )
        )


def ended_sentence(chain: ApprovalChain) -> str:
    """Why nothing can be decided here any more."""
    return {
        APPROVED: _("This approval was completed meanwhile: it is approved."),
        REJECTED: _("This approval was rejected meanwhile."),
        WITHDRAWN: _("The requester has withdrawn this meanwhile."),
        SENT_BACK: _("This was sent back to the requester meanwhile."),
    }.get(chain.state, _("Nobody is asked at this moment. Reload the page."))


def decide(
    chain_id: int,
    seat_id: int,
    decision: str,
    reason: str,
    *,
    send_to: int | None = None,
    actor: Actor,
    now: datetime,
) -> ApprovalChain:
    """Approve, reject or send back, for oneself or for whom one stands in.

    Args:
        reason: needed to reject and to send back.
        send_to: the earlier step (counted from 0) to go back to; None: the requester.
    """
    sitting = take_seat(chain_id, seat_id, actor=actor, now=now)
    chain, run, node, seat = sitting.chain, sitting.run, sitting.node, sitting.seat
    text = checked_reason(reason, needed=decision != APPROVED)
    if decision not in DECISIONS:
        raise InvalidError(_("Choose to approve, to reject or to send back."), "decision")
    if decision == SENT_BACK:
        _require_way_back(chain, run, node, send_to)
    seat.state, seat.reason = decision, text
    seat.decided_by_id, seat.decided_at = actor.user_id, now
    after = {"decision": decision, "reason": text, "step": run.position + 1, "round": run.round}
    if seat.user_id != actor.user_id:
        after["on_behalf_of"] = seat.user.display_name
    audit.record(actor, "approval.decided", chain, now=now, label=chain.subject_label, after=after)
    tell(chain, run, "decided", [chain.requester_id], actor=actor, now=now, decision=decision, reason=text)
    if decision == SENT_BACK:
        _send_back(chain, run, send_to, text, actor=actor, now=now)
    else:
        settle(chain, run, node, text, actor=actor, now=now)
    return chain


def checked_reason(reason: str, *, needed: bool) -> str:
    """Stripped; raises InvalidError when it is missing, too long or holds control characters."""
    text = reason.strip()
    if needed and not text:
        raise InvalidError(_("Say why, so that the requester knows what to do."), "reason")
    if len(text) > MAX_REASON:
        raise InvalidError(_("Keep the reason to %(count)s characters.", count=MAX_REASON), "reason")
    if any(ord(c) < 32 and c not in "\t\r\n" for c in text):
        raise InvalidError(_("This text contains control characters. Please type it again."), "reason")
    return text


def ways_back(chain: ApprovalChain, run: ApprovalNodeRun, node: Node) -> list[int]:
    """The earlier steps (counted from 0) this one may send back to: those that were taken."""
    if EARLIER not in node.send_back:
        return []
    steps = chain_of(chain)
    return [
        position
        for position in range(run.position)
        if steps.next_position(position - 1, chain.facts) == position
    ]


def _require_way_back(chain: ApprovalChain, run: ApprovalNodeRun, node: Node, send_to: int | None) -> None:
    allowed = REQUESTER in node.send_back if send_to is None else send_to in ways_back(chain, run, node)
    if not allowed:
        raise InvalidError(_("This step cannot send back there. Choose another way, or reject."), "send_to")


def _send_back(
    chain: ApprovalChain,
    run: ApprovalNodeRun,
    send_to: int | None,
    reason: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    close(chain, run, SENT_BACK, actor=actor, now=now)
    chain.round += 1
    if send_to is None:
        finish(chain, SENT_BACK, reason, actor=actor, now=now)
    else:
        open_node(chain, send_to, actor=actor, now=now)


def withdraw(chain_id: int, reason: str, *, actor: Actor, now: datetime) -> ApprovalChain:
    """Take the request back; only its requester does."""
    chain = locked_chain(chain_id)
    _require_requester(chain, actor)
    if chain.state not in (RUNNING, SENT_BACK):
        raise ConflictError(ended_sentence(chain))
    text = checked_reason(reason, needed=False)
    run = current_run(chain)
    if run is not None:
        close(chain, run, WITHDRAWN, actor=actor, now=now)
    finish(chain, WITHDRAWN, text, actor=actor, now=now)
    return chain


def resubmit(
    chain_id: int, facts: Mapping[str, Any] | None = None, *, actor: Actor, now: datetime
) -> ApprovalChain:
    """Go on after a return: at the step that sent back, or from the start when the steps may differ now.

    Args:
        facts: as the subject states them now; None leaves them as they were.
    """
    chain = locked_chain(chain_id)
    _require_requester(chain, actor)
    if chain.state != SENT_BACK:
        raise ConflictError(_("This is not with you to be mended. Reload the page to see where it is."))
    old = chain.facts
    if facts is not None:
        chain.facts = checked_facts(facts)
    changed = any(old.get(name) != chain.facts.get(name) for name in chain_of(chain).facts_read())
    _require_a_step(chain)
    audit.record(
        actor, "approval.resubmitted", chain, now=now, label=chain.subject_label, after={"round": chain.round}
    )
    if changed:
        open_from(chain, -1, actor=actor, now=now)
    else:
        open_node(chain, chain.position, actor=actor, now=now)
    return chain


def _require_requester(chain: ApprovalChain, actor: Actor) -> None:
    if actor.is_system:
        return
    if chain.requester_id != actor.user_id:
        raise NotAllowedError(_("Only the requester may do this."))
