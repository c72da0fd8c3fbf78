"""Reminders, escalation, stand-ins, and people who leave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from servicedesk.approvals import effects, jobs, queries, seats, stand_ins, sweeping
from servicedesk.approvals.definitions import DefinitionData, definition_for, save_definition
from servicedesk.approvals.models import ApprovalChain, ApprovalDefinition, ApprovalEvent, ApprovalReminder
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Role
from servicedesk.sla.calendar import WorkCalendar
from servicedesk.sla.models import SlaPolicy
from servicedesk.sla.policies import save_calendar, working_hours_after
from servicedesk.staff.service import grant_role
from tests.servicedesk.approvals.play import asked, decide, define, person, role, seat_of, start, step, told
from tests.servicedesk.world import SYSTEM, World

HOUR = timedelta(hours=1)
EMERGENCY = step(
    role("change_authority"),
    limit_hours=2,
    remind_hours=[1],
    at_end="escalate",
    escalate_to=[role("supervisor")],
    repeat_hours=1,
)


def sweep(world: World, hours: float) -> int:
    with unit_of_work():
        return sweeping.sweep(world.now + hours * HOUR)


def stand_in(world: World, who: str, by: str, first: float = 0, last: float = 48, client: str = "") -> None:
    with unit_of_work():
        stand_ins.set_stand_in(
            world.users[by].id,
            starts_at=world.now + first * HOUR,
            ends_at=world.now + last * HOUR,
            client_id=world.organisations[client].id if client else None,
            actor=world.actor(who),
            now=world.now,
        )


def test_reminded_once_before_then_overdue_then_again(any_world: World) -> None:
    define(any_world, step(role("change_authority"), limit_hours=10, remind_hours=[4, 1], repeat_hours=5))
    chain = start(any_world)
    for hours in (1, 5.9):
        sweep(any_world, hours)
    assert told(chain, "reminder") == []
    for hours in (6, 6, 6.5, 8):
        sweep(any_world, hours)
    assert told(chain, "reminder") == [{"carl"}]
    sweep(any_world, 9)
    assert len(told(chain, "reminder")) == 2
    for hours in (10, 10.5):
        sweep(any_world, hours)
    assert told(chain, "overdue") == [{"carl"}]
    for hours in (15, 15, 19):
        sweep(any_world, hours)
    assert len(told(chain, "reminder")) == 3
    assert chain.state == "running"


def test_after_a_long_standstill_one_is_told_once_not_a_hundred_times(any_world: World) -> None:
    define(any_world, step(role("change_authority"), limit_hours=10, remind_hours=[4], repeat_hours=1))
    chain = start(any_world)
    for _again in range(3):
        sweep(any_world, 500)
    assert len(told(chain, "overdue")) + len(told(chain, "reminder")) == 1


def test_nothing_is_ever_approved_by_time(any_world: World) -> None:
    define(any_world, EMERGENCY)
    chain = start(any_world)
    for hours in range(0, 3000, 50):
        sweep(any_world, hours)
    assert chain.state == "running"


def test_escalation_asks_others_who_decide_alone(any_world: World) -> None:
    define(any_world, EMERGENCY | {"rule": "all"})
    person(any_world, "cora", Role.CHANGE_AUTHORITY)
    chain = start(any_world)
    sweep(any_world, 1)
    assert told(chain, "reminder") == [{"carl", "cora"}]
    sweep(any_world, 2)
    sweep(any_world, 2)
    assert asked(chain) == {"carl", "cora", "sam", "sue"}
    assert told(chain, "escalated") == [{"sam", "sue"}]
    decide(any_world, chain, "sam", now=any_world.now + 3 * HOUR)
    assert chain.state == "approved"


def test_working_time_is_asked_of_whoever_knows_it(any_world: World) -> None:
    define(any_world, step(role("change_authority"), limit_hours=8, working_time=True, remind_hours=[2]))
    effects.use_working_time(lambda at, hours, _client, _site: at + timedelta(days=hours))
    try:
        chain = start(any_world)
        assert chain.runs[0].due_at == any_world.now + timedelta(days=8)
        sweep(any_world, 24 * 5.9)
        assert told(chain, "reminder") == []
        sweep(any_world, 24 * 6)
        assert told(chain, "reminder") == [{"carl"}]
    finally:
        effects.use_working_time(working_hours_after)


def test_working_time_is_that_of_the_place(any_world: World) -> None:
    define(any_world, step(role("change_authority"), limit_hours=8, working_time=True))
    chain = start(any_world)  # on a Tuesday at 09:00; the office closes for lunch and at 17:30
    assert chain.runs[0].due_at == datetime(2026, 11, 25, 2, 0, tzinfo=UTC)


def test_a_place_s_own_policy_says_when_people_work_there(any_world: World) -> None:
    north, site = any_world.organisations["north"], any_world.sites["north-1"]
    night = WorkCalendar(
        "Asia/Shanghai", tuple((((18 * 60, 22 * 60),) if day < 5 else ()) for day in range(7))
    )
    always = WorkCalendar("Asia/Shanghai", always=True)
    with unit_of_work():
        for name, calendar, place in (("Night", night, None), ("Always", always, site.id)):
            row = save_calendar(
                None, calendar, client_id=north.id, name=name, actor=SYSTEM, now=any_world.now
            )
            db.session.flush()
            db.session.add(
                SlaPolicy(
                    client_id=north.id,
                    site_id=place,
                    calendar_id=row.id,
                    response_minutes=60,
                    created_at=any_world.now,
                )
            )
    due = working_hours_after(any_world.now, 5, north.id, site.id)
    assert due == datetime(2026, 11, 25, 11, 0, tzinfo=UTC)  # round the clock says nothing about people


def test_the_periodic_job_commits_each_chain(world: World) -> None:
    define(world, step(role("change_authority"), limit_hours=1))
    chain = start(world)  # the world's time lies a good while before the job's
    assert jobs.sweep() >= 1
    assert jobs.sweep() == 0
    assert len(told(chain, "overdue")) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ApprovalReminder)) >= 1


def test_whoever_left_loses_the_seat_and_the_next_one_gets_it(any_world: World) -> None:
    define(any_world, step(role("change_authority")))
    chain = start(any_world)
    with unit_of_work():
        any_world.users["carl"].active = False
    sweep(any_world, 1)
    assert seat_of(any_world, chain, "carl").state == "void"
    assert asked(chain) == {"sam", "sue"}  # nobody else qualifies
    person(any_world, "cora", Role.CHANGE_AUTHORITY)
    sweep(any_world, 2)
    assert asked(chain) == {"cora"}
    with unit_of_work():
        any_world.users["carl"].active = True
    sweep(any_world, 3)
    assert asked(chain) == {"carl", "cora"}


def test_where_all_who_are_left_have_approved_it_goes_on(any_world: World) -> None:
    define(any_world, step(role("supervisor"), rule="all"))
    chain = start(any_world)
    decide(any_world, chain, "sam")
    with unit_of_work():
        any_world.users["sue"].active = False
    sweep(any_world, 1)
    assert chain.state == "approved"


def test_a_step_with_nobody_waits_until_there_is_somebody(any_world: World) -> None:
    define(any_world, step(role("data_owner")), client="south")
    with unit_of_work():
        any_world.users["stan"].active = any_world.users["admin"].active = False
    chain = start(any_world, who="rolf")
    sweep(any_world, 1)
    assert len(told(chain, "nobody")) == 1
    with unit_of_work():
        grant_role(any_world.users["stan"], Role.DATA_OWNER, actor=SYSTEM, now=any_world.now)
        any_world.users["stan"].active = True
    sweep(any_world, 2)
    assert asked(chain) == {"stan"}


def test_a_stand_in_decides_and_the_record_names_both(any_world: World) -> None:
    define(any_world, step(role("change_authority")))
    stand_in(any_world, "carl", "dora")
    chain = start(any_world)
    assert told(chain, "opened") == [{"carl", "dora"}]
    assert queries.waiting_count(any_world.actor("dora"), any_world.now) == 1
    decide(any_world, chain, "dora", seat="carl")
    seat = seat_of(any_world, chain, "carl")
    assert (seat.user.username, seat.decided_by and seat.decided_by.username) == ("carl", "dora")
    with pytest.raises(ConflictError):
        decide(any_world, chain, "carl")


@pytest.mark.parametrize(
    ("first", "last", "hour", "client", "allowed"),
    [
        (0, 48, 1, "", True),
        (2, 48, 1, "", False),
        (2, 48, 2, "", True),
        (0, 2, 2, "", False),
        (0, 2, 1.9, "", True),
        (0, 48, 1, "north", True),
    ],
)
def test_a_stand_in_counts_from_the_start_until_right_before_the_end(
    any_world: World, first: float, last: float, hour: float, client: str, allowed: bool
) -> None:
    define(any_world, step(role("change_authority")))
    stand_in(any_world, "carl", "dora", first, last, client)
    chain, now = start(any_world), any_world.now + hour * HOUR
    assert queries.waiting_count(any_world.actor("dora"), now) == int(allowed)
    if allowed:
        decide(any_world, chain, "dora", seat="carl", now=now)
    else:
        with pytest.raises(NotAllowedError):
            decide(any_world, chain, "dora", seat="carl", now=now)


def test_a_stand_in_for_another_client_does_not_count(any_world: World) -> None:
    define(any_world, step(role("supervisor")))
    stand_in(any_world, "sam", "emma")
    with unit_of_work():
        db.session.execute(
            sa.text("UPDATE approval_delegations SET client_id = :south"),
            {"south": any_world.organisations["south"].id},
        )
    chain = start(any_world)
    with pytest.raises(NotAllowedError):
        decide(any_world, chain, "emma", seat="sam")
    assert queries.waiting_count(any_world.actor("emma"), any_world.now) == 0


def test_two_stand_ins_at_a_time_the_first_decides(any_world: World) -> None:
    person(any_world, "dirk", Role.DATA_OWNER)
    define(any_world, step(role("change_authority")))
    stand_in(any_world, "carl", "dora", 0, 10)
    stand_in(any_world, "carl", "dirk", 5, 20)
    with pytest.raises(InvalidError, match="already"):
        stand_in(any_world, "carl", "dora", 9, 12)
    stand_in(any_world, "carl", "dora", 10, 12)
    chain, now = start(any_world), any_world.now + 6 * HOUR
    decide(any_world, chain, "dirk", seat="carl", now=now)
    with pytest.raises(ConflictError):
        decide(any_world, chain, "dora", seat="carl", now=now)


def test_one_person_never_signs_a_step_twice(any_world: World) -> None:
    """Whoever sits at the step, or stands in for two, counts once."""
    define(any_world, step(role("supervisor"), rule="all"))
    stand_in(any_world, "sam", "sue")
    stand_in(any_world, "sam", "emma")
    stand_in(any_world, "sue", "emma")
    chain = start(any_world)
    with pytest.raises(NotAllowedError, match="asked at this step yourself"):
        decide(any_world, chain, "sue", seat="sam")
    assert queries.waiting_count(any_world.actor("emma"), any_world.now) == 2
    decide(any_world, chain, "emma", seat="sam")
    with pytest.raises(ConflictError, match="nobody signs it twice"):
        decide(any_world, chain, "emma", seat="sue")
    assert queries.waiting_count(any_world.actor("emma"), any_world.now) == 0


def test_the_requester_is_no_stand_in_for_the_approver(any_world: World) -> None:
    define(any_world, step(role("change_authority")))
    stand_in(any_world, "carl", "rita")
    chain = start(any_world)
    assert told(chain, "opened") == [{"carl"}]
    with pytest.raises(NotAllowedError, match="asked for this yourself"):
        decide(any_world, chain, "rita", seat="carl")


def test_the_stand_in_of_somebody_who_lost_the_role_has_lost_it_too(any_world: World) -> None:
    define(any_world, step(role("change_authority")))
    stand_in(any_world, "carl", "dora")
    chain = start(any_world)
    with unit_of_work():
        any_world.users["carl"].active = False
    with pytest.raises(NotAllowedError):
        decide(any_world, chain, "dora", seat="carl")


def test_a_seat_handed_on_is_lost_with_whoever_it_came_from(any_world: World) -> None:
    define(any_world, step(role("change_authority")))
    chain = start(any_world)
    with unit_of_work():
        seats.delegate(
            chain.id, seat_of(any_world, chain, "carl").id, any_world.users["dora"].id, "",
            actor=any_world.actor("carl"), now=any_world.now,
        )  # fmt: skip
    sweep(any_world, 1)
    assert asked(chain) == {"dora"}  # carl does not get another seat
    with unit_of_work():
        any_world.users["carl"].active = False
    with pytest.raises(NotAllowedError):
        decide(any_world, chain, "dora")
    sweep(any_world, 2)
    assert asked(chain) == {"sam", "sue"}


@pytest.mark.parametrize(
    ("who", "by"), [("carl", "carl"), ("carl", "rolf"), ("carl", "sam"), ("sam", "carl")]
)
def test_only_a_colleague_stands_in(any_world: World, who: str, by: str) -> None:
    with pytest.raises(InvalidError, match="colleague"):
        stand_in(any_world, who, by)


def test_a_clients_own_definition_goes_first_and_the_products_is_stored_at_its_first_use(
    any_world: World,
) -> None:
    north, south = any_world.organisations["north"].id, any_world.organisations["south"].id
    data = DefinitionData("change_normal", north, "Ours", "我们的", [step()])
    with unit_of_work():
        save_definition(None, data, actor=SYSTEM, now=any_world.now)
    with unit_of_work():
        assert definition_for("change_normal", north, now=any_world.now).definition.title_en == "Ours"
        assert (
            definition_for("change_normal", south, now=any_world.now).definition.title_en == "Normal change"
        )
    with unit_of_work():
        assert definition_for("change_normal", south, now=any_world.now).number == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ApprovalDefinition)) == 2
    with pytest.raises(InvalidError, match="no approval named"), unit_of_work():
        definition_for("nonsense", north, now=any_world.now)


def test_all_the_products_approvals_can_be_started(any_world: World) -> None:
    for number, key in enumerate(
        ("data_request", "change_normal", "change_high_risk", "change_emergency", "repair_cost")
    ):
        chain = start(any_world, key, subject_id=number, amount=80)
        assert asked(chain), key


def test_listeners_hear_of_everything_in_the_same_transaction(any_world: World) -> None:
    heard: list[tuple[str, int]] = []

    def listen(event: ApprovalEvent, chain: ApprovalChain) -> None:
        heard.append((event.kind, chain.id))

    effects.on_event(listen)
    try:
        define(any_world, step(role("change_authority")))
        chain = start(any_world)
        decide(any_world, chain, "carl")
    finally:
        effects._news.remove(listen)
    assert heard == [(kind, chain.id) for kind in ("opened", "decided", "ended")]
    kinds = db.session.scalars(sa.select(ApprovalEvent.kind).order_by(ApprovalEvent.id)).all()
    assert kinds == [kind for kind, _chain in heard]
