"""A signed record is never changed: what is put right stands beside it, signed, reviewed and chained."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.inspections import signing
from servicedesk.inspections.amending import chain
from servicedesk.inspections.amending.models import Amendment
from servicedesk.inspections.amending.queries import amendments_of, change_words
from servicedesk.inspections.amending.service import Correction, amend, review
from servicedesk.inspections.amending.subjects import Reference
from servicedesk.inspections.models import InspectionRecord, InspectionRun, Reading
from tests.servicedesk.inspections.manual.rounds import LAMP, begin, item, plan, room, rows, say
from tests.servicedesk.inspections.play import OK, inspect, judged
from tests.servicedesk.world import World, fresh

WHY = "The probe was unplugged."


@pytest.fixture
def run(any_world: World) -> InspectionRun:
    run = inspect(any_world.device(protocol="ssh"), [judged(OK)], any_world.now)
    sign(any_world, run)
    return run


def sign(world: World, run: InspectionRun, who: str = "erik") -> None:
    with unit_of_work():
        signing.sign(run, note="walked", actor=world.actor(who), now=world.now)
    fresh()


def disk(run: InspectionRun) -> Reference:
    record = db.session.scalars(sa.select(InspectionRecord.id).where(InspectionRecord.run_id == run.id)).one()
    return Reference(record, "filesystem_used", "/")


def do_amend(
    world: World, run: InspectionRun, reference: Reference, who: str = "erik", **given: str
) -> Amendment:
    values = {"reason": WHY, "said": "critical", "value": "95", **given}
    with unit_of_work():
        made = amend(
            run,
            reference,
            Correction(**values),
            actor=world.actor(who),
            now=world.now + timedelta(hours=1),
        )
    fresh()
    return made


def do_review(
    world: World, made: Amendment, who: str = "sam", *, accept: bool = True, note: str = ""
) -> None:
    with unit_of_work():
        review(made, accept=accept, note=note, actor=world.actor(who), now=world.now + timedelta(hours=2))
    fresh()


def test_the_record_and_its_hash_stay_and_the_amendment_hangs_on_it(
    any_world: World, run: InspectionRun
) -> None:
    signed = run.content_hash
    made = do_amend(any_world, run, disk(run))
    do_review(any_world, made)
    assert run.content_hash == signed == signing.content_hash(run)
    assert (made.previous_hash, made.state, made.signed_by, made.reviewed_by) == (
        signed,
        "accepted",
        "Erik",
        "Sam",
    )
    assert 50.0 in db.session.scalars(sa.select(Reading.value)).all()
    assert change_words(made) == "50 %, Normal → 95 %, Abnormal"
    actions = set(db.session.scalars(sa.select(AuditEntry.action)))
    assert {"inspection.amended", "inspection.amendment_accepted"} <= actions


def test_the_next_amendment_starts_from_the_accepted_one_and_not_from_a_refused_one(
    any_world: World, run: InspectionRun
) -> None:
    do_review(any_world, do_amend(any_world, run, disk(run)))
    refused = do_amend(any_world, run, disk(run), value="96")
    do_review(any_world, refused, accept=False, note="It was 95.")
    third = do_amend(any_world, run, disk(run), said="ok", value="40")
    assert [one.number for one in amendments_of(run.id)] == [1, 2, 3]
    assert (refused.before["value"], third.before["value"]) == (95.0, 95.0)
    assert chain.intact(run, amendments_of(run.id))


@pytest.mark.parametrize(
    "change",
    [{"reason": "x"}, {"after": {"outcome": "ok"}}, {"signed_by": "Eve"}, {"previous_hash": "0" * 64}],
)
def test_a_changed_amendment_is_seen(world: World, change: dict[str, object]) -> None:
    run = inspect(world.device(protocol="ssh"), [judged(OK)], world.now)
    sign(world, run)
    do_amend(world, run, disk(run))
    do_amend(world, run, Reference(), remark="second")
    assert chain.intact(run, amendments_of(run.id))
    with unit_of_work() as session:
        session.execute(sa.update(Amendment).where(Amendment.number == 1).values(**change))
    fresh()
    assert not chain.intact(run, amendments_of(run.id))


def test_a_removed_amendment_is_seen(any_world: World, run: InspectionRun) -> None:
    do_amend(any_world, run, disk(run))
    do_amend(any_world, run, Reference(), remark="second")
    with unit_of_work() as session:
        session.execute(sa.delete(Amendment).where(Amendment.number == 1))
    fresh()
    assert not chain.intact(run, amendments_of(run.id))


def test_no_two_amendments_have_one_number(any_world: World, run: InspectionRun) -> None:
    made = do_amend(any_world, run, disk(run))
    with pytest.raises(IntegrityError), unit_of_work() as session:
        session.execute(
            sa.insert(Amendment).values(
                run_id=run.id,
                number=made.number,
                before={},
                after={},
                reason="r",
                signed_by="x",
                signed_at=any_world.now,
                previous_hash="",
                content_hash="",
            )
        )
    fresh()


def test_nobody_reviews_their_own_amendment_and_a_refusal_says_why(
    any_world: World, run: InspectionRun
) -> None:
    made = do_amend(any_world, run, disk(run), "sue")
    with pytest.raises(InvalidError, match="they signed"):
        do_review(any_world, made, "sue")
    with pytest.raises(InvalidError) as refused:
        do_review(any_world, made, accept=False)
    assert refused.value.field == "note"
    do_review(any_world, made)
    with pytest.raises(ConflictError):
        do_review(any_world, made)


@pytest.mark.parametrize("who", ["rita", "carl", "sam", "stan", "admin"])
def test_only_inspectors_of_the_site_amend(world: World, who: str) -> None:
    run = inspect(world.device(protocol="ssh"), [judged(OK)], world.now)
    sign(world, run)
    with pytest.raises(NotAllowedError):
        do_amend(world, run, disk(run), who)


@pytest.mark.parametrize("who", ["rita", "erik", "stan", "admin"])
def test_only_supervisors_review_it(world: World, who: str) -> None:
    run = inspect(world.device(protocol="ssh"), [judged(OK)], world.now)
    sign(world, run)
    made = do_amend(world, run, disk(run), "emma")
    with pytest.raises(NotAllowedError):
        do_review(world, made, who)


def test_an_unsigned_record_is_corrected_in_itself(world: World) -> None:
    run = inspect(world.device(protocol="ssh"), [judged(OK)], world.now)
    with pytest.raises(ConflictError, match="not signed"):
        do_amend(world, run, disk(run))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"said": "unreachable"}, "said"),
        ({"said": "<script>"}, "said"),
        ({"value": "many"}, "value"),
        ({"value": "9" * 25}, "value"),
        ({"said": "not_applicable"}, "remark"),
        ({"said": "ok", "value": "50"}, "remark"),
        ({"remark": "y" * 2001}, "remark"),
    ],
)
def test_what_is_no_correction_is_refused(world: World, given: dict[str, str], field: str) -> None:
    run = inspect(world.device(protocol="ssh"), [judged(OK)], world.now)
    sign(world, run)
    with pytest.raises(InvalidError) as refused:
        do_amend(world, run, disk(run), **given)
    assert refused.value.field == field
    assert amendments_of(run.id) == []


def test_an_item_has_one_amendment_under_review_at_a_time(any_world: World, run: InspectionRun) -> None:
    do_amend(any_world, run, disk(run))
    with pytest.raises(ConflictError, match="waits for its review"):
        do_amend(any_world, run, disk(run), value="96")
    do_amend(any_world, run, Reference(), remark="something else")


def test_items_of_other_records_are_none_of_this_one(world: World) -> None:
    one = inspect(world.device(protocol="ssh"), [judged(OK)], world.now)
    sign(world, one)
    other = inspect(world.device("sw2", "south-1", protocol="ssh"), [judged(OK)], world.now)
    for reference in (disk(other), Reference(disk(one).record_id, "no_such", ""), Reference(answer_id=99)):
        with pytest.raises(NotFoundError):
            do_amend(world, one, reference)


def test_a_required_item_no_machine_read_can_be_amended_in_words(
    any_world: World, run: InspectionRun
) -> None:
    reference = Reference(disk(run).record_id, "cpu_used")
    with pytest.raises(NotFoundError):  # not required of a device of this class
        do_amend(any_world, run, reference)
    server = any_world.device("srv1", protocol="ssh", device_class="server")
    run = inspect(server, [judged(OK)], any_world.now)
    sign(any_world, run)
    reference = Reference(disk(run).record_id, "cpu_used")
    made = do_amend(any_world, run, reference, said="ok", value="12 % in top")
    assert change_words(made) == "Not inspected → 12 % in top, Normal"


def test_an_answer_by_hand_is_judged_as_in_the_round(any_world: World) -> None:
    room(any_world)
    any_world.device("sw1", device_class="switch")
    run = begin(any_world, plan(any_world, item(any_world), item(any_world, LAMP)))
    found = rows(run)
    say(any_world, found["Temperature", "Room A"], "24")
    say(any_world, found["Lamps", "sw1"], "0")
    sign(any_world, run)
    temperature = Reference(answer_id=found["Temperature", "Room A"].id)
    made = do_amend(any_world, run, temperature, said="", value="34", remark="read again")
    assert made.after["outcome"] == "critical"
    assert change_words(made) == "24 °C, Normal → 34 °C, Abnormal, read again"
    lamp = do_amend(any_world, run, Reference(answer_id=found["Lamps", "sw1"].id), said="", value="1")
    assert change_words(lamp) == "Green, Normal → Amber, Abnormal"
    assert signing.content_hash(run) == run.content_hash


def test_a_record_with_amendments_is_not_handed_back(any_world: World, run: InspectionRun) -> None:
    do_amend(any_world, run, disk(run))
    with pytest.raises(ConflictError, match="amendments"), unit_of_work():
        signing.review(run, accept=False, note="again", actor=any_world.actor("sam"), now=any_world.now)
    fresh()
    with unit_of_work():
        signing.review(run, accept=True, note="", actor=any_world.actor("sam"), now=any_world.now)
    assert run.reviewed_by == "Sam"
