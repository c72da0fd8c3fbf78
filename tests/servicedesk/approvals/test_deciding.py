"""Chains from the first step to their end, on both databases."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from servicedesk.approvals import seats, service
from servicedesk.approvals.models import ApprovalChain, ApprovalSeat
from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Role
from servicedesk.staff.service import grant_role, revoke_role
from tests.servicedesk.approvals.play import (
    asked,
    decide,
    define,
    effects_seen,
    person,
    role,
    runs,
    seat_of,
    start,
    step,
    told,
)
from tests.servicedesk.world import SYSTEM, World


def test_two_steps_one_after_the_other(any_world: World) -> None:
    define(any_world, step(role("data_owner")), step(role("supervisor")))
    with effects_seen() as seen:
        chain = start(any_world)
        assert asked(chain) == {"dora"}
        decide(any_world, chain, "dora", reason="for the yearly report")
        assert asked(chain) == {"sam", "sue"}
        assert seen == []
        decide(any_world, chain, "sam")
    assert (chain.state, chain.ended_at) == ("approved", any_world.now)
    assert [(one.state, one.subject_id) for one in seen] == [("approved", 1)]
    assert runs(chain) == [(0, "approved"), (1, "approved")]
    assert seat_of(any_world, chain, "sue").state == "lapsed"
    assert told(chain, "closed") == [{"sue"}]
    assert told(chain, "ended") == [{"rita"}]


def test_everything_is_in_the_audit_trail_of_the_same_transaction(any_world: World) -> None:
    define(any_world, step(role("data_owner")))
    chain = start(any_world)
    decide(any_world, chain, "dora", "rejected", "not needed")
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.object_type == "approval_chains").order_by(AuditEntry.id)
    ).all()
    assert [entry.action for entry in entries] == ["approval.started", "approval.decided", "approval.ended"]
    assert entries[1].after == {"decision": "rejected", "reason": "not needed", "step": 1, "round": 1}
    assert entries[2].after == {"state": "rejected", "reason": "not needed"}


def test_an_effect_that_refuses_undoes_the_decision(any_world: World) -> None:
    from servicedesk.approvals import effects

    define(any_world, step(role("data_owner")))
    chain = start(any_world)

    def refuse(_outcome: effects.Outcome) -> None:
        raise ConflictError("the ticket is closed")

    effects.register("thing", refuse)
    try:
        with pytest.raises(ConflictError, match="the ticket is closed"):
            decide(any_world, chain, "dora")
    finally:
        effects._effects.pop("thing")
    db.session.expire_all()
    assert (chain.state, seat_of(any_world, chain, "dora").state) == ("running", "open")


def test_all_must_approve_and_one_rejection_ends_it(any_world: World) -> None:
    define(any_world, step(role("supervisor"), rule="all"))
    chain = start(any_world)
    decide(any_world, chain, "sam")
    assert chain.state == "running"
    decide(any_world, chain, "sue", "rejected")
    assert chain.state == "rejected"


@pytest.mark.parametrize(
    ("percent", "approvals", "state"),
    [(50, 1, "running"), (50, 2, "approved"), (67, 2, "running"), (67, 3, "approved")],
)
def test_a_share_is_rounded_up(any_world: World, percent: int, approvals: int, state: str) -> None:
    person(any_world, "olga", Role.DATA_OWNER)
    person(any_world, "otto", Role.DATA_OWNER)
    define(any_world, step(role("data_owner"), rule="percentage", percent=percent))
    chain = start(any_world)
    for who in ("dora", "olga", "otto")[:approvals]:
        decide(any_world, chain, who)
    assert chain.state == state


def test_steps_whose_condition_does_not_hold_are_noted_as_not_needed(any_world: World) -> None:
    big = {"field": "amount", "operator": ">=", "value": "5000"}
    define(
        any_world,
        step(role("change_authority"), condition=big),
        step(role("data_owner")),
        step(condition=big),
    )
    chain = start(any_world, amount=80)
    assert runs(chain) == [(0, "skipped"), (1, "open")]
    decide(any_world, chain, "dora")
    assert runs(chain) == [(0, "skipped"), (1, "approved"), (2, "skipped")]
    assert chain.state == "approved"


def test_a_request_that_no_step_applies_to_is_not_approved_by_nobody(any_world: World) -> None:
    define(any_world, step(condition={"field": "amount", "operator": ">=", "value": "5000"}))
    with pytest.raises(InvalidError, match="No step of this approval applies"):
        start(any_world, amount=80)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ApprovalChain)) == 0


def test_nobody_approves_what_they_asked_for(any_world: World) -> None:
    define(any_world, step(role("data_owner"), role("supervisor")))
    chain = start(any_world, who="dora")
    assert asked(chain) == {"sam", "sue"}


def test_unless_the_step_allows_it(any_world: World) -> None:
    define(any_world, step(role("data_owner"), requester_may_approve=True))
    chain = start(any_world, who="dora")
    decide(any_world, chain, "dora")
    assert chain.state == "approved"


def test_where_nobody_qualifies_supervisors_are_asked_and_the_step_says_so(any_world: World) -> None:
    define(any_world, step(role("data_owner"), rule="all"))
    chain = start(any_world, who="dora")  # the only data owner asks herself
    assert asked(chain) == {"sam", "sue"}
    assert chain.runs[0].fallback
    assert told(chain, "fallback") == [{"sam", "sue"}]
    decide(any_world, chain, "sam")
    assert chain.state == "approved"


def test_where_not_even_a_supervisor_is_left_the_administrators_are_asked(any_world: World) -> None:
    define(any_world, step(role("data_owner")), client="south")
    with unit_of_work():
        any_world.users["stan"].active = False
    chain = start(any_world, who="rolf")
    assert asked(chain) == {"admin"}


def test_where_nobody_at_all_is_left_it_waits_and_the_requester_is_told(any_world: World) -> None:
    define(any_world, step(role("data_owner")), client="south")
    with unit_of_work():
        any_world.users["stan"].active = any_world.users["admin"].active = False
    chain = start(any_world, who="rolf")
    assert (chain.state, asked(chain)) == ("running", set())
    assert len(told(chain, "nobody")) == 1


def test_people_named_in_person_or_in_a_field(any_world: World) -> None:
    carl = any_world.users["carl"].id
    define(
        any_world,
        step({"kind": "user", "value": str(carl)}),
        step({"kind": "field", "value": "boss"}),
        step({"kind": "field", "value": "witnesses"}, rule="all"),
    )
    strangers = [any_world.users["rolf"].id, any_world.users["stan"].username]
    chain = start(any_world, boss="dora", witnesses=[carl, "emma", *strangers, None, "²", 10**12])
    for who in ("carl", "dora"):
        assert asked(chain) == {who}
        decide(any_world, chain, who)
    assert asked(chain) == {"carl", "emma"}


def test_send_back_mend_and_go_on_at_the_same_step(any_world: World) -> None:
    big = {"field": "amount", "operator": ">=", "value": "5000"}
    define(any_world, step(role("data_owner")), step(condition=big), step(role("change_authority")))
    with effects_seen() as seen:
        chain = start(any_world, amount=10, purpose="?")
        decide(any_world, chain, "dora")
        decide(any_world, chain, "carl", "sent_back", "say what for")
        assert (chain.state, chain.ended_at, asked(chain)) == ("sent_back", None, set())
        with unit_of_work():
            service.resubmit(
                chain.id,
                {"amount": 10, "purpose": "yearly report"},
                actor=any_world.actor("rita"),
                now=any_world.now,
            )
        assert (chain.round, chain.facts["purpose"], asked(chain)) == (2, "yearly report", {"carl"})
        decide(any_world, chain, "carl")
    assert [one.state for one in seen] == ["sent_back", "approved"]
    assert told(chain, "sent_back") == [{"rita"}]


def test_facts_that_decide_the_steps_changed_so_it_begins_anew(any_world: World) -> None:
    big = {"field": "amount", "operator": ">=", "value": "5000"}
    define(any_world, step(role("data_owner")), step(condition=big), step(role("change_authority")))
    chain = start(any_world, amount=10)
    decide(any_world, chain, "dora")
    decide(any_world, chain, "carl", "sent_back")
    with unit_of_work():
        service.resubmit(chain.id, {"amount": 9000}, actor=any_world.actor("rita"), now=any_world.now)
    assert asked(chain) == {"dora"}
    decide(any_world, chain, "dora")
    assert asked(chain) == {"sam", "sue"}


def test_send_back_to_an_earlier_step(any_world: World) -> None:
    define(any_world, step(role("data_owner")), step(role("change_authority"), send_back=["earlier"]))
    chain = start(any_world)
    decide(any_world, chain, "dora")
    with pytest.raises(InvalidError, match="cannot send back there"):
        decide(any_world, chain, "carl", "sent_back")
    with pytest.raises(InvalidError, match="cannot send back there"):
        decide(any_world, chain, "carl", "sent_back", send_to=1)
    decide(any_world, chain, "carl", "sent_back", send_to=0)
    assert (chain.state, chain.round, asked(chain)) == ("running", 2, {"dora"})
    decide(any_world, chain, "dora")
    decide(any_world, chain, "carl")
    assert chain.state == "approved"


def test_running_chains_keep_the_version_they_began_with(any_world: World) -> None:
    from servicedesk.approvals.definitions import DefinitionData, save_definition

    define(any_world, step(role("data_owner")), step(role("change_authority")))
    chain = start(any_world)
    with unit_of_work():
        data = DefinitionData("thing", None, "Thing", "事项", [step(role("supervisor"))])
        save_definition(chain.version.definition, data, actor=SYSTEM, now=any_world.now)
    decide(any_world, chain, "dora")
    assert asked(chain) == {"carl"}
    assert asked(start(any_world, subject_id=2)) == {"sam", "sue"}


def test_a_seat_handed_on_keeps_whose_it_was(any_world: World) -> None:
    define(any_world, step(role("data_owner")))
    chain = start(any_world)
    with unit_of_work():
        seats.delegate(
            chain.id,
            seat_of(any_world, chain, "dora").id,
            any_world.users["carl"].id,
            "on a journey",
            actor=any_world.actor("dora"),
            now=any_world.now,
        )
    assert asked(chain) == {"carl"}
    seat = seat_of(any_world, chain, "carl")
    assert seat.on_behalf_of is not None
    assert seat.on_behalf_of.username == "dora"
    decide(any_world, chain, "carl")
    assert chain.state == "approved"


@pytest.mark.parametrize(
    ("whom", "sentence"), [("rolf", "reaches this client"), ("rita", "own request"), ("sam", "already")]
)
def test_a_seat_is_not_handed_on_to_just_anybody(any_world: World, whom: str, sentence: str) -> None:
    define(any_world, step(role("data_owner"), role("supervisor")))
    chain = start(any_world)
    with pytest.raises(InvalidError, match=sentence), unit_of_work():
        seats.delegate(
            chain.id,
            seat_of(any_world, chain, "dora").id,
            any_world.users[whom].id,
            "",
            actor=any_world.actor("dora"),
            now=any_world.now,
        )


def test_a_countersigner_must_approve_too(any_world: World) -> None:
    define(any_world, step(role("data_owner")))
    chain = start(any_world)
    with unit_of_work():
        seats.countersign(
            chain.id,
            seat_of(any_world, chain, "dora").id,
            any_world.users["carl"].id,
            "",
            actor=any_world.actor("dora"),
            now=any_world.now,
        )
    decide(any_world, chain, "dora")
    assert (chain.state, asked(chain)) == ("running", {"carl"})
    decide(any_world, chain, "carl", "rejected")
    assert chain.state == "rejected"


def test_a_role_taken_back_takes_the_vote_at_once(any_world: World) -> None:
    define(any_world, step(role("change_authority")))
    chain = start(any_world)
    with unit_of_work():
        (grant,) = any_world.users["carl"].grants
        revoke_role(grant, actor=SYSTEM, now=any_world.now)
        grant_role(any_world.users["carl"], Role.REQUESTER, actor=SYSTEM, now=any_world.now)
    with pytest.raises(NotAllowedError, match="role was taken back"):
        decide(any_world, chain, "carl")


def test_an_account_that_was_closed_cannot_decide(any_world: World) -> None:
    define(any_world, step(role("change_authority")))
    chain = start(any_world)
    with unit_of_work():
        any_world.users["carl"].active = False
    with pytest.raises(NotAllowedError):
        decide(any_world, chain, "carl")


@pytest.mark.parametrize("who", ["rita", "dora", "erik", "emma", "sam", "rolf", "stan", "admin"])
def test_nobody_else_decides_on_a_seat(any_world: World, who: str) -> None:
    define(any_world, step(role("change_authority")))
    chain = start(any_world)
    with pytest.raises(NotAllowedError):
        decide(any_world, chain, who, seat="carl")
    assert seat_of(any_world, chain, "carl").state == "open"


def test_a_seat_of_another_chain_does_not_count(any_world: World) -> None:
    define(any_world, step(role("change_authority")))
    one, other = start(any_world), start(any_world, subject_id=2)
    with pytest.raises(NotFoundError), unit_of_work():
        service.decide(
            one.id,
            seat_of(any_world, other, "carl").id,
            "approved",
            "",
            actor=any_world.actor("carl"),
            now=any_world.now,
        )


@pytest.mark.parametrize(
    ("decision", "reason", "field"),
    [("rejected", "", "reason"), ("sent_back", "  \n", "reason"), ("approved", "x" * 2001, "reason"),
     ("approved", "a\x00b", "reason"), ("granted", "x", "decision"), ("open", "x", "decision")],
)  # fmt: skip
def test_what_is_wrong_with_a_decision_is_said(
    any_world: World, decision: str, reason: str, field: str
) -> None:
    define(any_world, step(role("change_authority")))
    chain = start(any_world)
    with pytest.raises(InvalidError) as error, unit_of_work():
        service.decide(
            chain.id,
            seat_of(any_world, chain, "carl").id,
            decision,
            reason,
            actor=any_world.actor("carl"),
            now=any_world.now,
        )
    assert error.value.field == field
    assert db.session.scalars(sa.select(ApprovalSeat)).one().state == "open"


def test_the_same_approval_does_not_run_twice_for_one_subject(any_world: World) -> None:
    define(any_world, step())
    start(any_world)
    with pytest.raises(ConflictError, match="under way already"):
        start(any_world)
    start(any_world, subject_id=2)


NAMES = ("decide", "withdraw", "resubmit", "delegate", "countersign")
# state of the chain -> the operations it allows; all others are refused as a conflict
ALLOWED = {
    "running": ("decide", "withdraw", "delegate", "countersign"),
    "approved": (),
    "rejected": (),
    "sent_back": ("withdraw", "resubmit"),
    "withdrawn": (),
}


@pytest.mark.parametrize("operation", NAMES)
@pytest.mark.parametrize("state", ALLOWED)
def test_every_state_and_operation(world: World, state: str, operation: str) -> None:
    define(world, step(role("change_authority")))
    chain = start(world)
    if state == "withdrawn":
        with unit_of_work():
            service.withdraw(chain.id, "", actor=world.actor("rita"), now=world.now)
    elif state != "running":
        decide(world, chain, "carl", state)
    assert chain.state == state
    seat, carl, rita, now = (
        seat_of(world, chain, "carl").id,
        world.actor("carl"),
        world.actor("rita"),
        world.now,
    )
    dora = world.users["dora"].id
    acts = {
        "decide": lambda: service.decide(chain.id, seat, "approved", "", actor=carl, now=now),
        "withdraw": lambda: service.withdraw(chain.id, "", actor=rita, now=now),
        "resubmit": lambda: service.resubmit(chain.id, actor=rita, now=now),
        "delegate": lambda: seats.delegate(chain.id, seat, dora, "", actor=carl, now=now),
        "countersign": lambda: seats.countersign(chain.id, seat, dora, "", actor=carl, now=now),
    }
    if operation not in ALLOWED[state]:
        with pytest.raises(ConflictError, match=r"\w+ \w+ \w+"), unit_of_work():
            acts[operation]()
        return
    with unit_of_work():
        acts[operation]()


@pytest.mark.parametrize("who", ["dora", "carl", "sam", "rolf", "admin"])
@pytest.mark.parametrize("act", ["withdraw", "resubmit"])
def test_only_the_requester_takes_it_back_or_submits_again(world: World, who: str, act: str) -> None:
    define(world, step(role("change_authority")))
    chain = start(world)
    if act == "resubmit":
        decide(world, chain, "carl", "sent_back")
    actor, now = world.actor(who), world.now
    acts = {
        "withdraw": lambda: service.withdraw(chain.id, "", actor=actor, now=now),
        "resubmit": lambda: service.resubmit(chain.id, actor=actor, now=now),
    }
    with pytest.raises(NotAllowedError), unit_of_work():
        acts[act]()


@pytest.mark.parametrize(
    "facts",
    [{"a": object()}, {"a": float("nan")}, {"a": 1e300}, {"a": "\x00"}, {"a": "x" * 5000}, {"a": {"b": 1}},
     {"a": [["nested"]]}, {"x" * 65: 1}, {str(n): n for n in range(101)}, {"a": list(range(101))}],
)  # fmt: skip
def test_facts_that_cannot_be_kept_are_refused(world: World, facts: dict[str, object]) -> None:
    define(world, step())
    with pytest.raises(InvalidError, match="cannot be kept"):
        start(world, **facts)
