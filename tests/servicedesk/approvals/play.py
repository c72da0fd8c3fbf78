"""Chains to play with: who is asked, who decides, what is left."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from servicedesk.approvals import effects, service
from servicedesk.approvals.definitions import DefinitionData, save_definition
from servicedesk.approvals.models import OPEN, ApprovalChain, ApprovalEvent, ApprovalNodeRun, ApprovalSeat
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.permissions import Role
from servicedesk.staff.models import User
from servicedesk.staff.service import create_user, grant_role
from tests.servicedesk.world import PASSWORD, SYSTEM, World

SUBJECT = "thing"


def role(name: str) -> dict[str, str]:
    return {"kind": "role", "value": name}


def step(*approvers: dict[str, str], **settings: Any) -> dict[str, Any]:
    """A step in the JSON form."""
    return {
        "name_en": "Step",
        "name_zh": "步骤",
        "approvers": list(approvers) or [role("supervisor")],
    } | settings


def define(world: World, *steps: dict[str, Any], key: str = "thing", client: str = "north") -> str:
    """A client's own definition."""
    with unit_of_work():
        save_definition(
            None,
            DefinitionData(
                key=key,
                client_id=world.organisations[client].id,
                title_en="Thing to approve",
                title_zh="待审批事项",
                nodes=list(steps),
            ),
            actor=SYSTEM,
            now=world.now,
        )
    return key


def person(world: World, name: str, *roles: Role, organisation: str = "north") -> User:
    """One more account."""
    with unit_of_work() as session:
        user, _password = create_user(
            SYSTEM,
            organisation=world.organisations[organisation],
            username=name,
            display_name=name.title(),
            password=PASSWORD,
            now=world.now,
        )
        session.flush()
        for one in roles:
            grant_role(user, one, actor=SYSTEM, now=world.now)
    world.users[name] = user
    return user


def start(
    world: World, key: str = "thing", who: str = "rita", subject_id: int = 1, **facts: Any
) -> ApprovalChain:
    """Somebody asks for something of their own client."""
    client = "south" if world.users[who].organisation_id == world.organisations["south"].id else "north"
    with unit_of_work():
        return service.start_chain(
            service.NewChain(
                key=key,
                subject_type=SUBJECT,
                subject_id=subject_id,
                subject_label=f"Thing {subject_id} of {client}",
                client_id=world.organisations[client].id,
                requester_id=world.users[who].id,
                facts=facts,
            ),
            actor=world.actor(who),
            now=world.now,
        )


def seat_of(world: World, chain: ApprovalChain, who: str) -> ApprovalSeat:
    """Somebody's seat at the newest step."""
    return db.session.scalars(
        sa.select(ApprovalSeat)
        .join(ApprovalNodeRun)
        .where(ApprovalNodeRun.chain_id == chain.id, ApprovalSeat.user_id == world.users[who].id)
        .order_by(ApprovalSeat.id.desc())
        .limit(1)
    ).one()


def decide(
    world: World,
    chain: ApprovalChain,
    who: str,
    decision: str = "approved",
    reason: str = "",
    *,
    seat: str = "",
    send_to: int | None = None,
    now: datetime | None = None,
) -> None:
    """Somebody decides, on their own seat or on that of ``seat``."""
    chosen = seat_of(world, chain, seat or who).id
    if decision != "approved":
        reason = reason or "because"
    with unit_of_work():
        service.decide(
            chain.id, chosen, decision, reason, send_to=send_to, actor=world.actor(who), now=now or world.now
        )


def asked(chain: ApprovalChain) -> set[str]:
    """Who has an open seat."""
    rows = db.session.scalars(
        sa.select(User.username)
        .join(ApprovalSeat, ApprovalSeat.user_id == User.id)
        .join(ApprovalNodeRun, ApprovalNodeRun.id == ApprovalSeat.run_id)
        .where(
            ApprovalNodeRun.chain_id == chain.id, ApprovalNodeRun.state == OPEN, ApprovalSeat.state == OPEN
        )
    )
    return set(rows)


def runs(chain: ApprovalChain) -> list[tuple[int, str]]:
    """The steps taken: (number from 0, state)."""
    rows = db.session.execute(
        sa.select(ApprovalNodeRun.position, ApprovalNodeRun.state)
        .where(ApprovalNodeRun.chain_id == chain.id)
        .order_by(ApprovalNodeRun.id)
    )
    return [(row.position, row.state) for row in rows]


def told(chain: ApprovalChain, kind: str) -> list[set[str]]:
    """Who was told of this kind, each time."""
    names = {user.id: user.username for user in db.session.scalars(sa.select(User))}
    events = db.session.scalars(
        sa.select(ApprovalEvent)
        .where(ApprovalEvent.chain_id == chain.id, ApprovalEvent.kind == kind)
        .order_by(ApprovalEvent.id)
    )
    return [{names[number] for number in event.recipients} for event in events]


@contextmanager
def effects_seen() -> Iterator[list[effects.Outcome]]:
    """What the subject's domain is told while it is entered."""
    seen: list[effects.Outcome] = []
    effects.register(SUBJECT, seen.append)
    try:
        yield seen
    finally:
        effects._effects.pop(SUBJECT, None)
