"""What a round asks, and what becomes of its answers."""

from __future__ import annotations

from uuid import uuid4

import pytest
import sqlalchemy as sa

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.inspections.manual.answers import Sent
from servicedesk.inspections.manual.models import ManualDelivery, ManualFinding
from servicedesk.inspections.models import InspectionRun
from servicedesk.inspections.signing import content_hash, sign
from servicedesk.tickets.models import Ticket
from tests.servicedesk.inspections.manual.rounds import (
    LAMP,
    PNG,
    WORDS,
    begin,
    item,
    plan,
    room,
    rows,
    say,
)
from tests.servicedesk.world import World


def day(world: World) -> InspectionRun:
    """A run that asks for the room's temperature, a switch's lamps and the site's smell."""
    room(world)
    world.device("sw1", device_class="switch")
    world.device("web", device_class="server")
    return begin(world, plan(world, item(world), item(world, LAMP), item(world, WORDS)))


def test_each_item_is_asked_at_each_of_its_places_and_nothing_is_normal_before(any_world: World) -> None:
    run = day(any_world)
    found = rows(run)
    assert set(found) == {("Temperature", "Room A"), ("Lamps", "sw1"), ("Smell", "North site 1")}
    assert {row.outcome for row in found.values()} == {"not_inspected"}
    assert (run.manual_count, run.manual_done) == (3, 0)


@pytest.mark.parametrize(
    ("value", "outcome"), [("22,5", "ok"), ("27", "warning"), ("32.0", "critical"), ("-3", "ok")]
)
def test_a_number_is_judged_by_its_limits(any_world: World, value: str, outcome: str) -> None:
    run = day(any_world)
    assert say(any_world, rows(run)["Temperature", "Room A"], value) is Sent.SAVED
    row = rows(run)["Temperature", "Room A"]
    assert (row.outcome, row.answered_by) == (outcome, "Emma")
    assert (run.manual_done, run.manual_abnormal) == (1, int(outcome != "ok"))


@pytest.mark.parametrize("value", ["", "nan", "inf", "1e99", "<script>", "12x", "\x00", "٣", "9" * 500])
def test_what_is_no_number_is_refused(world: World, value: str) -> None:
    run = day(world)
    with pytest.raises(InvalidError) as refused:
        say(world, rows(run)["Temperature", "Room A"], value)
    assert refused.value.field == "value"
    assert rows(run)["Temperature", "Room A"].outcome == "not_inspected"


@pytest.mark.parametrize("value", ["", "3", "-1", "x", "٣", "99999999999"])
def test_only_an_offered_answer_can_be_chosen(world: World, value: str) -> None:
    with pytest.raises(InvalidError):
        say(world, rows(day(world))["Lamps", "sw1"], value)


def test_a_required_photo_must_be_a_photo_and_of_some_size(world: World) -> None:
    row = rows(day(world))["Smell", "North site 1"]
    for photo in (None, b"<svg onload=alert(1)>", b"GIF89a", b"\xff\xd8\xff" + b"0" * 2000):
        with pytest.raises(InvalidError) as refused:
            say(world, row, "none", said="normal", photo=photo)
        assert refused.value.field == "photo"
    assert say(world, row, "none", said="normal", photo=PNG) is Sent.SAVED


def test_what_was_not_looked_at_needs_a_reason_and_stays_not_inspected(world: World) -> None:
    run = day(world)
    row = rows(run)["Smell", "North site 1"]
    with pytest.raises(InvalidError, match="why"):
        say(world, row, said="not_inspected")
    say(world, row, said="not_inspected", remark="Locked.")
    assert rows(run)["Smell", "North site 1"].outcome == "not_inspected"
    assert run.manual_done == 0


def test_sent_twice_is_one_answer(any_world: World) -> None:
    run = day(any_world)
    row = rows(run)["Temperature", "Room A"]
    uuid = str(uuid4())
    assert say(any_world, row, "22", uuid=uuid, seen=0) is Sent.SAVED
    assert say(any_world, row, "31", uuid=uuid, seen=0) is Sent.REPEATED
    assert rows(run)["Temperature", "Room A"].value == 22
    assert db.session.scalar(sa.select(sa.func.count(ManualDelivery.id))) == 1
    with pytest.raises(InvalidError):
        say(any_world, rows(run)["Lamps", "sw1"], "0", uuid=uuid)  # another answer's number


def test_nobody_writes_over_an_answer_they_have_not_seen(any_world: World) -> None:
    run = day(any_world)
    row = rows(run)["Temperature", "Room A"]
    say(any_world, row, "22", seen=0)
    assert say(any_world, row, "25", "erik", seen=0) is Sent.CONFLICT
    assert rows(run)["Temperature", "Room A"].value == 22
    assert say(any_world, row, "25", "erik", seen=1) is Sent.SAVED
    say(any_world, rows(run)["Lamps", "sw1"], "0", seen=0)
    assert say(any_world, rows(run)["Lamps", "sw1"], "1", seen=0) is Sent.SAVED  # one's own, offline


def test_abnormal_makes_one_ticket_and_normal_again_recovers_it(any_world: World) -> None:
    found = plan(any_world, item(any_world))
    room(any_world)
    for days, value in enumerate(("35", "36", "20", "20", "20")):
        say(any_world, rows(begin(any_world, found, days))["Temperature", "Room A"], value)
    tickets = db.session.scalars(sa.select(Ticket).where(Ticket.source == "inspection")).all()
    finding = db.session.scalars(sa.select(ManualFinding)).one()
    assert [ticket.device_id for ticket in tickets] == [None]
    assert tickets[0].title == "Room A · Temperature: 35 °C"
    assert (finding.state, finding.occurrences, finding.clean_runs) == ("recovered", 2, 3)
    assert finding.proposed_at is not None


def test_an_answer_mended_within_its_round_is_not_another_round(any_world: World) -> None:
    found = plan(any_world, item(any_world))
    room(any_world)
    run = begin(any_world, found)
    for value in ("35", "36", "20", "21"):
        say(any_world, rows(run)["Temperature", "Room A"], value)
    finding = db.session.scalars(sa.select(ManualFinding)).one()
    assert (finding.occurrences, finding.clean_runs, finding.state) == (1, 1, "recovered")


def test_the_signature_covers_the_answers_and_closes_them(any_world: World) -> None:
    room(any_world)
    run = begin(any_world, plan(any_world, item(any_world)))
    emma = any_world.actor("emma")
    with pytest.raises(InvalidError), unit_of_work():
        sign(run, note="", actor=emma, now=any_world.now)
    row = rows(run)["Temperature", "Room A"]
    say(any_world, row, "22")
    with unit_of_work():
        sign(run, note="", actor=emma, now=any_world.now)
    assert content_hash(run) == run.content_hash
    assert say(any_world, row, "23", seen=1) is Sent.CLOSED
    with unit_of_work():
        rows(run)["Temperature", "Room A"].remark = "never said"
    assert content_hash(run) != run.content_hash


@pytest.mark.parametrize(("who", "refusal"), [("carl", NotAllowedError), ("stan", NotFoundError)])
def test_only_who_inspects_there_answers(world: World, who: str, refusal: type[Exception]) -> None:
    row = rows(day(world))["Temperature", "Room A"]
    with pytest.raises(refusal):
        say(world, row, "22", who)


def test_a_client_s_items_are_of_no_use_to_another(world: World) -> None:
    with pytest.raises(InvalidError) as refused:
        plan(world, item(world, client="south"))
    assert refused.value.field == "required"
