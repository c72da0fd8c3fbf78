"""A chain as pages draw it: the steps taken, those to come, and what the reader may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from servicedesk.approvals import effects, queries
from servicedesk.approvals.conditions import holds
from servicedesk.approvals.definition import REQUESTER, USER, Node
from servicedesk.approvals.labels import condition_text, in_language, node_name, rule_text, source_text
from servicedesk.approvals.models import (
    OPEN,
    RUNNING,
    SENT_BACK,
    VOID,
    ApprovalChain,
    ApprovalNodeRun,
    ApprovalSeat,
)
from servicedesk.approvals.people import stand_ins_of
from servicedesk.approvals.progress import chain_of
from servicedesk.approvals.service import ways_back
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.i18n import enumeration
from servicedesk.staff.models import User


@dataclass(frozen=True, slots=True)
class SeatView:
    """One person at a step; ``decided_by`` is set when a stand-in decided."""

    id: int
    name: str
    kind: str
    state: str
    on_behalf_of: str
    decided_by: str
    reason: str
    decided_at: datetime | None
    stand_ins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StepView:
    """One step as it was taken, or ("upcoming", "skipped") as it will be."""

    number: int
    name: str
    state: str
    rule: str
    asked: str
    condition: str
    round: int = 1
    fallback: bool = False
    escalated: bool = False
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    due_at: datetime | None = None
    late: bool = False
    seats: tuple[SeatView, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """A seat the reader may act on now; ``owner`` is empty when it is their own."""

    seat_id: int
    owner: str
    may_return: bool
    earlier: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class ChainView:
    """Everything of one approval."""

    id: int
    title: str
    version: int
    state: str
    subject: str
    link: str
    client: str
    requester: str
    started_at: datetime
    ended_at: datetime | None
    steps: tuple[StepView, ...]
    turns: tuple[Turn, ...]
    may_withdraw: bool
    is_requester: bool

    @property
    def nobody(self) -> bool:
        """Whether the present step has nobody who could decide."""
        return any(
            step.state == OPEN and not any(seat.state in (OPEN, "approved") for seat in step.seats)
            for step in self.steps
        )


def panel(subject_type: str, subject_id: int, actor: Actor, now: datetime) -> list[ChainView]:
    """The approvals of a subject for embedding in its page (``approvals/_panel.html``), newest first."""
    return views_of(queries.chains_of(subject_type, subject_id, actor, now), actor, now)


def views_of(chains: list[ApprovalChain], actor: Actor, now: datetime) -> list[ChainView]:
    """Chains as their pages show them; the number of queries does not grow with theirs."""
    seats = [seat for chain in chains for run in chain.runs for seat in run.seats if seat.state == OPEN]
    # All chains of a list are of one subject, so of one client.
    stand_ins = stand_ins_of({s.user_id for s in seats}, chains[0].client_id, now) if chains else {}
    names = people_names(node for chain in chains for node in chain_of(chain).nodes)
    return [_view(chain, stand_ins, names, actor, now) for chain in chains]


def people_names(nodes: Iterable[Node]) -> dict[int, str]:
    """The names of the people that steps name in person."""
    ids = {int(s.value) for n in nodes for s in (*n.approvers, *n.escalate_to) if s.kind == USER}
    if not ids:
        return {}
    rows = db.session.execute(sa.select(User.id, User.display_name).where(User.id.in_(sorted(ids))))
    return {row.id: row.display_name for row in rows}


def _view(
    chain: ApprovalChain,
    stand_ins: dict[int, list[User]],
    names: dict[int, str],
    actor: Actor,
    now: datetime,
) -> ChainView:
    nodes = chain_of(chain).nodes
    say = effects.fact_sayer(chain.subject_type)
    taken = [_taken(run, nodes[run.position], stand_ins, names, now, say) for run in chain.runs]
    coming = []
    if chain.state in (RUNNING, SENT_BACK):
        first = chain.position + (1 if chain.state == RUNNING else 0)
        for position in range(first, len(nodes)):
            state = "upcoming" if holds(nodes[position].condition, chain.facts) else "skipped"
            coming.append(planned(position, nodes[position], state, names, say))
    mine = chain.requester_id == actor.user_id
    definition = chain.version.definition
    subject = effects.subject(chain.subject_type)
    return ChainView(
        id=chain.id,
        title=in_language(definition.title_en, definition.title_zh),
        version=chain.version.number,
        state=chain.state,
        subject=chain.subject_label,
        link=subject.link(chain.subject_id) if subject.link else "",
        client=chain.client.name,
        requester=chain.requester.display_name,
        started_at=chain.started_at,
        ended_at=chain.ended_at,
        steps=(*taken, *coming),
        turns=tuple(_turns(chain, nodes, stand_ins, actor)),
        may_withdraw=mine and chain.state in (RUNNING, SENT_BACK),
        is_requester=mine,
    )


def planned(
    position: int, node: Node, state: str, names: dict[int, str], say: effects.Say = effects.as_written
) -> StepView:
    """A step nobody was asked about yet."""
    return StepView(
        number=position + 1,
        name=node_name(node),
        state=state,
        rule=rule_text(node),
        asked=enumeration(source_text(source, names) for source in node.approvers),
        condition=condition_text(node.condition, say),
    )


def _taken(
    run: ApprovalNodeRun,
    node: Node,
    stand_ins: dict[int, list[User]],
    names: dict[int, str],
    now: datetime,
    say: effects.Say,
) -> StepView:
    return StepView(
        number=run.position + 1,
        name=node_name(node),
        state=run.state,
        rule=rule_text(node),
        asked=enumeration(source_text(source, names) for source in node.approvers),
        condition=condition_text(node.condition, say),
        round=run.round,
        fallback=run.fallback,
        escalated=run.escalated_at is not None,
        opened_at=run.opened_at,
        closed_at=run.closed_at,
        due_at=run.due_at,
        late=run.due_at is not None and run.due_at < (run.closed_at or now),
        seats=tuple(_seat(seat, stand_ins.get(seat.user_id, [])) for seat in run.seats),
    )


def _seat(seat: ApprovalSeat, stand_ins: list[User]) -> SeatView:
    by_other = seat.decided_by is not None and seat.decided_by_id != seat.user_id
    return SeatView(
        id=seat.id,
        name=seat.user.display_name,
        kind=seat.kind,
        state=seat.state,
        on_behalf_of=seat.on_behalf_of.display_name if seat.on_behalf_of else "",
        decided_by=seat.decided_by.display_name if by_other and seat.decided_by else "",
        reason=seat.reason,
        decided_at=seat.decided_at,
        stand_ins=tuple(user.display_name for user in stand_ins) if seat.state == OPEN else (),
    )


def _turns(
    chain: ApprovalChain, nodes: tuple[Node, ...], stand_ins: dict[int, list[User]], actor: Actor
) -> list[Turn]:
    """What the reader may decide; the service checks all of it again."""
    run = next((run for run in chain.runs if run.state == OPEN), None)
    reach = actor.home_client_id == chain.client_id or actor.reach().covers(chain.client_id, chain.site_id)
    if chain.state != RUNNING or run is None or actor.user_id is None or not reach:
        return []
    node = nodes[run.position]
    sits = any(seat.user_id == actor.user_id and seat.state != VOID for seat in run.seats)
    signed = any(seat.decided_by_id == actor.user_id for seat in run.seats)
    turns = []
    for seat in run.seats:
        own = seat.user_id == actor.user_id
        instead = (
            not sits
            and actor.user_id in {user.id for user in stand_ins.get(seat.user_id, [])}
            and chain.requester_id != actor.user_id
        )
        if seat.state == OPEN and not signed and (own or instead):
            earlier = tuple((p, node_name(nodes[p])) for p in ways_back(chain, run, node))
            owner = "" if own else seat.user.display_name
            turns.append(Turn(seat.id, owner, REQUESTER in node.send_back, earlier))
    return turns
