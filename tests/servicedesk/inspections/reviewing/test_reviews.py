"""A supervisor reviews by a sample: drawn once, looked at item by item, kept with what was found."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.inspections import signing
from servicedesk.inspections.amending.service import Correction, amend
from servicedesk.inspections.amending.subjects import Reference
from servicedesk.inspections.models import InspectionRun, Reading, ReadingItem
from servicedesk.inspections.reviewing import service
from servicedesk.inspections.reviewing.models import RecordReview, SampledItem
from servicedesk.inspections.reviewing.queries import by_engineer, requests_of
from tests.servicedesk.inspections.manual.rounds import begin as begin_round
from tests.servicedesk.inspections.manual.rounds import item, plan, room, rows, say
from tests.servicedesk.inspections.play import CRITICAL, OK, inspect, judged
from tests.servicedesk.world import World, fresh

READINGS = [judged(OK, f"/data{n}") for n in range(40)] + [judged(CRITICAL, "/full", 95.0)]


@pytest.fixture
def run(any_world: World) -> InspectionRun:
    run = inspect(any_world.device(protocol="ssh"), READINGS, any_world.now)
    sign(any_world, run)
    return run


def sign(world: World, run: InspectionRun, who: str = "erik") -> None:
    with unit_of_work():
        signing.sign(run, note="walked", actor=world.actor(who), now=world.now)
    fresh()


def begin(world: World, run: InspectionRun, who: str = "sam") -> RecordReview:
    with unit_of_work():
        review = service.begin(run, actor=world.actor(who), now=world.now)
    fresh()
    return review


def items(review: RecordReview) -> list[SampledItem]:
    statement = sa.select(SampledItem).where(SampledItem.review_id == review.id)
    return list(db.session.scalars(statement.order_by(SampledItem.position)))


def look(world: World, review: RecordReview, *objected: int, who: str = "sam") -> None:
    """Tick everything; positions in ``objected`` are objected to."""
    decided = {
        one.id: ("objected", "It was 96.") if one.position in objected else ("checked", "")
        for one in items(review)
    }
    with unit_of_work():
        service.look_at(review, decided, actor=world.actor(who), now=world.now)
    fresh()


def accept(world: World, review: RecordReview, who: str = "sam") -> None:
    with unit_of_work():
        service.accept(review, note="seen", actor=world.actor(who), now=world.now + timedelta(hours=1))
    fresh()


def test_the_sample_is_what_is_abnormal_and_a_part_of_the_rest(any_world: World, run: InspectionRun) -> None:
    review = begin(any_world, run)
    drawn = items(review)
    assert [one.why for one in drawn] == ["abnormal", *["random"] * 5]  # the least, as 2 % of 41 were 1
    assert (review.population, review.sampled, review.abnormal) == (41, 6, 1)
    assert service.drawn_again(review)
    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "inspection.sample_drawn")
    ).one()
    assert entry.after["seed"] == review.seed


def test_asking_again_draws_nothing_else(any_world: World, run: InspectionRun) -> None:
    first = begin(any_world, run)
    seed, numbers = first.seed, [one.id for one in items(first)]
    again = begin(any_world, run, "sue")
    assert (again.seed, [one.id for one in items(again)]) == (seed, numbers)


def test_a_record_or_sample_altered_afterwards_is_seen(any_world: World, run: InspectionRun) -> None:
    review = begin(any_world, run)
    with unit_of_work() as session:
        session.execute(sa.update(Reading).where(Reading.value == 95.0).values(outcome=0))
    fresh()
    assert not service.drawn_again(review)


def test_a_sample_item_taken_out_is_seen(any_world: World, run: InspectionRun) -> None:
    review = begin(any_world, run)
    with unit_of_work() as session:
        session.execute(sa.delete(SampledItem).where(SampledItem.position == 1))
    fresh()
    assert not service.drawn_again(review)


def test_nothing_is_accepted_before_every_item_was_looked_at(any_world: World, run: InspectionRun) -> None:
    review = begin(any_world, run)
    with pytest.raises(InvalidError, match="6 items"):
        accept(any_world, review)
    fresh()
    look(any_world, review)
    accept(any_world, review)
    assert (run.reviewed_by, review.state, review.objected) == ("Sam", "accepted", 0)
    with pytest.raises(ConflictError):
        look(any_world, review)


def test_an_objection_needs_words_and_asks_for_an_amendment(any_world: World, run: InspectionRun) -> None:
    review = begin(any_world, run)
    first = items(review)[0]
    with pytest.raises(InvalidError) as refused, unit_of_work():
        service.look_at(
            review, {first.id: ("objected", " ")}, actor=any_world.actor("sam"), now=any_world.now
        )
    assert refused.value.field == f"remark-{first.id}"
    fresh()
    look(any_world, review, 1)
    accept(any_world, review)
    (asked,) = requests_of(run.id)
    assert (asked.SampledItem.remark, asked.item) == ("It was 96.", "/full")
    with unit_of_work():
        amend(
            run,
            Reference(asked.SampledItem.record_id, asked.check, asked.item),
            Correction("The review asked.", "critical", "96"),
            actor=any_world.actor("erik"),
            now=any_world.now + timedelta(hours=2),
        )
    fresh()
    assert requests_of(run.id) == []
    assert run.content_hash == signing.content_hash(run)


def test_handing_back_keeps_the_sample_and_the_next_signature_has_a_new_one(
    any_world: World, run: InspectionRun
) -> None:
    first = begin(any_world, run)
    look(any_world, first, 1, 2)
    with unit_of_work():
        service.hand_back(run, note="Look again.", actor=any_world.actor("sam"), now=any_world.now)
    fresh()
    assert (first.state, first.objected, run.signed_at) == ("handed_back", 2, None)
    sign(any_world, run, "emma")
    second = begin(any_world, run)
    assert (second.id != first.id, second.seed != first.seed, second.signed_by) == (True, True, "Emma")


def test_answers_by_hand_are_sampled_too(any_world: World) -> None:
    room(any_world)
    room(any_world, "Room B")
    run = begin_round(any_world, plan(any_world, item(any_world)))
    say(any_world, rows(run)["Temperature", "Room A"], "40")
    sign(any_world, run)
    (only,) = items(begin(any_world, run))
    assert (only.why, only.answer_id) == ("abnormal", rows(run)["Temperature", "Room A"].id)


@pytest.mark.parametrize("who", ["rita", "erik", "stan", "admin"])
def test_only_supervisors_of_the_site_review(world: World, who: str) -> None:
    run = inspect(world.device(protocol="ssh"), READINGS, world.now)
    sign(world, run, "emma")
    with pytest.raises(NotAllowedError):
        begin(world, run, who)
    review = begin(world, run)
    for act in (look, accept):
        with pytest.raises(NotAllowedError):
            act(world, review, who=who)
        fresh()


def test_nobody_samples_the_record_they_signed(any_world: World) -> None:
    run = inspect(any_world.device(protocol="ssh"), READINGS, any_world.now)
    with pytest.raises(ConflictError):
        begin(any_world, run)
    sign(any_world, run, "sue")
    with pytest.raises(InvalidError):
        begin(any_world, run, "sue")


def test_items_of_another_sample_are_not_touched(world: World) -> None:
    one = inspect(world.device(protocol="ssh"), READINGS, world.now)
    other = inspect(world.device("sw2", protocol="ssh"), READINGS, world.now)
    sign(world, one)
    sign(world, other)
    mine, foreign = begin(world, one), begin(world, other)
    decided = {row.id: ("checked", "") for row in items(foreign)}
    with unit_of_work():
        noted = service.look_at(mine, decided, actor=world.actor("sam"), now=world.now)
    fresh()
    assert (noted, {row.state for row in items(foreign)}) == (0, {""})


def test_figures_by_inspector(any_world: World, run: InspectionRun) -> None:
    review = begin(any_world, run)
    look(any_world, review, 1)
    accept(any_world, review)
    (row,) = by_engineer(any_world.actor("sam"), any_world.now, None)
    assert (row.signed_by, row.reviews, row.handed_back, row.sampled, row.objected) == ("Erik", 1, 0, 6, 1)
    assert by_engineer(any_world.actor("stan"), any_world.now, None) == []
    assert by_engineer(any_world.actor("erik"), any_world.now, None) == []
    assert by_engineer(any_world.actor("sam"), any_world.now + timedelta(hours=2), None) == []
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ReadingItem)) == 42
