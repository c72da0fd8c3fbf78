"""Two people, or one in two tabs, at the same moment: threads with connections of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.approvals import service, sweeping
from servicedesk.approvals.models import ApprovalChain, ApprovalEvent
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, DomainError
from tests.servicedesk.approvals.play import define, effects_seen, role, seat_of, start, step, told
from tests.servicedesk.world import World, fresh


def at_once(app: Flask, *acts: Callable[[], object]) -> list[object]:
    """Run each in a thread of its own, begun together; results, or the refusals as text."""
    ready = threading.Barrier(len(acts))
    found: list[object] = [None] * len(acts)

    def run(number: int) -> None:
        with app.app_context():
            ready.wait(timeout=30)
            try:
                with unit_of_work():
                    acts[number]()
                found[number] = "done"
            except DomainError as error:
                found[number] = error
            finally:
                db.session.remove()

    db.session.rollback()
    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    fresh()
    return found


def one_was_served(found: list[object]) -> None:
    assert found.count("done") == 1, found
    (refusal,) = [one for one in found if one != "done"]
    assert isinstance(refusal, ConflictError)
    assert len(str(refusal)) > 20


@pytest.fixture
def chain(any_world: World) -> ApprovalChain:
    define(any_world, step(role("supervisor")))
    return start(any_world)


def decision(world: World, chain: ApprovalChain, who: str, what: str) -> Callable[[], object]:
    number, seat, actor, now = chain.id, seat_of(world, chain, who).id, world.actor(who), world.now
    return lambda: service.decide(number, seat, what, "because", actor=actor, now=now)


def test_two_people_decide_at_once(any_app: Flask, any_world: World, chain: ApprovalChain) -> None:
    acts = [decision(any_world, chain, "sam", "approved"), decision(any_world, chain, "sue", "rejected")]
    with effects_seen() as seen:
        one_was_served(at_once(any_app, *acts))
    assert [one.state for one in seen] == [chain.state]


def test_one_person_in_two_tabs(any_app: Flask, any_world: World, chain: ApprovalChain) -> None:
    acts = [decision(any_world, chain, "sam", "approved"), decision(any_world, chain, "sam", "rejected")]
    one_was_served(at_once(any_app, *acts))


def test_a_decision_and_the_requesters_withdrawal(
    any_app: Flask, any_world: World, chain: ApprovalChain
) -> None:
    number, rita, now = chain.id, any_world.actor("rita"), any_world.now
    acts = [
        decision(any_world, chain, "sam", "approved"),
        lambda: service.withdraw(number, "", actor=rita, now=now),
    ]
    with effects_seen() as seen:
        one_was_served(at_once(any_app, *acts))
    assert [one.state for one in seen] == [chain.state]
    assert chain.state in ("approved", "withdrawn")


def test_both_needed_and_both_at_once_ends_it_once(any_app: Flask, any_world: World) -> None:
    define(any_world, step(role("supervisor"), rule="all"), key="both")
    chain = start(any_world, "both")
    acts = [decision(any_world, chain, who, "approved") for who in ("sam", "sue")]
    with effects_seen() as seen:
        assert at_once(any_app, *acts) == ["done", "done"]
    assert [one.state for one in seen] == ["approved"]


def test_two_sweeps_at_once_remind_once(any_app: Flask, any_world: World) -> None:
    define(any_world, step(role("supervisor"), limit_hours=1), key="soon")
    chain = start(any_world, "soon")
    later = any_world.now.replace(day=28)
    assert at_once(any_app, *[lambda: sweeping.sweep(later)] * 3) == ["done"] * 3
    assert len(told(chain, "overdue")) == 1


def test_the_same_approval_started_twice_at_once(
    any_app: Flask, any_world: World, chain: ApprovalChain
) -> None:
    other = any_world.organisations["north"].id
    rita, now, number = any_world.actor("rita"), any_world.now, any_world.users["rita"].id
    new = service.NewChain("thing", "thing", 77, "Thing 77", other, number)
    begun = []

    def begin() -> None:
        try:
            with db.session.begin_nested():
                begun.append(service.start_chain(new, actor=rita, now=now).id)
        except sa.exc.IntegrityError as error:
            raise ConflictError("somebody saved the same thing at this moment") from error

    one_was_served(at_once(any_app, begin, begin))
    count = sa.select(sa.func.count()).select_from(ApprovalChain).where(ApprovalChain.subject_id == 77)
    assert db.session.scalar(count) == 1
    kinds = sa.select(ApprovalEvent.kind).where(ApprovalEvent.chain_id.in_(begun))
    assert db.session.scalars(kinds).all() == ["opened"]
