"""From abnormal readings to fault tickets: one open per device and item, and no spam."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from collectors.model import Finding as Judgement
from collectors.outcome import Outcome
from servicedesk.core.db import db, unit_of_work
from servicedesk.equipment.models import Device
from servicedesk.inspections.findings import CLEAN_RUNS, FLAPPING_AFTER
from servicedesk.inspections.models import Finding
from servicedesk.tickets import service as tickets
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.service import TransitionInput
from tests.servicedesk.inspections.play import CRITICAL, OK, WARNING, inspect, judged
from tests.servicedesk.world import World, fresh


class Days:
    """One inspection a day of one device."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.device: Device = world.device(protocol="ssh", responsible_id=world.users["erik"].id)
        self.at: datetime = world.now

    def see(self, *findings: Judgement) -> None:
        inspect(self.device, findings, self.at)
        self.at += timedelta(days=1)
        fresh()

    def do(self, name: str, who: str = "erik", **given: object) -> None:
        with unit_of_work():
            values = TransitionInput(**given)  # type: ignore[arg-type]
            tickets.transition(the_ticket(), name, values, actor=self.world.actor(who), now=self.at)
        fresh()


@pytest.fixture
def days(world: World) -> Days:
    return Days(world)


def the_ticket() -> Ticket:
    return db.session.scalars(sa.select(Ticket).order_by(Ticket.id.desc()).limit(1)).one()


def ticket_count() -> int:
    return db.session.scalars(sa.select(sa.func.count(Ticket.id))).one()


def events() -> list[str]:
    rows = db.session.scalars(
        sa.select(TimelineEntry).where(TimelineEntry.kind == "finding").order_by(TimelineEntry.id)
    )
    return [row.data["event"] for row in rows]


def test_an_abnormal_item_becomes_a_ticket_of_the_responsible_engineer(days: Days) -> None:
    days.see(judged(CRITICAL, "/var", 97))
    ticket = the_ticket()
    assert (ticket.category, ticket.source, ticket.state, ticket.priority) == (
        "fault",
        "inspection",
        "assigned",
        2,
    )
    assert ticket.title == "sw1 · File system use /var: 97 %"
    assert ticket.assignee_id == days.world.users["erik"].id
    assert ticket.device_id == days.device.id


def test_further_abnormal_runs_only_add_to_it(days: Days) -> None:
    for _ in range(4):
        days.see(judged(WARNING, "/var", 85))
    assert ticket_count() == 1
    assert db.session.scalars(sa.select(Finding)).one().occurrences == 4
    assert events() == ["seen"]


def test_getting_worse_is_written_down_once(days: Days) -> None:
    days.see(judged(WARNING, "/var", 85))
    days.see(judged(CRITICAL, "/var", 95))
    days.see(judged(CRITICAL, "/var", 96))
    assert events() == ["seen", "again"]


def test_each_item_has_its_own_ticket(days: Days) -> None:
    days.see(judged(WARNING, "/var", 85), judged(WARNING, "/home", 88))
    assert ticket_count() == 2


def test_recovery_is_noted_and_after_clean_runs_resolution_is_proposed_once(days: Days) -> None:
    days.see(judged(WARNING))
    for _ in range(CLEAN_RUNS + 2):
        days.see(judged(OK))
    assert events() == ["seen", "recovered", "propose"]
    assert the_ticket().state == "assigned"


def test_an_item_that_could_not_be_read_is_no_recovery(days: Days) -> None:
    days.see(judged(WARNING))
    for _ in range(CLEAN_RUNS):
        days.see(judged(Outcome.TIMEOUT))
        days.see()
    assert events() == ["seen"]
    assert db.session.scalars(sa.select(Finding)).one().state == "open"


def test_a_flapping_item_does_not_spam(days: Days) -> None:
    for _ in range(10):
        days.see(judged(WARNING))
        days.see(judged(OK))
    assert ticket_count() == 1
    assert events().count("recovered") <= FLAPPING_AFTER
    finding = db.session.scalars(sa.select(Finding)).one()
    assert finding.relapses == 9


def test_abnormal_again_after_resolved_reopens_the_same_ticket(days: Days) -> None:
    days.see(judged(WARNING))
    days.do("start")
    days.do("resolve", resolution="Cleaned up.", details=days.world.mended())
    days.see(judged(WARNING))
    assert ticket_count() == 1
    assert the_ticket().state == "in_progress"


def test_abnormal_again_after_closed_and_clean_is_a_new_ticket(days: Days) -> None:
    days.see(judged(WARNING))
    days.do("start")
    days.do("resolve", resolution="Cleaned up.", details=days.world.mended())
    days.do("close", "sam", reason="Checked.")
    days.see(judged(OK))
    days.see(judged(WARNING))
    assert ticket_count() == 2
    assert sorted(db.session.scalars(sa.select(Finding.state))) == ["closed", "open"]


def test_a_cancelled_ticket_means_known_until_it_was_normal(days: Days) -> None:
    days.see(judged(WARNING))
    days.do("cancel", "sam", reason="Known, leave it.")
    for _ in range(3):
        days.see(judged(WARNING))
    assert ticket_count() == 1
    days.see(judged(OK))
    days.see(judged(WARNING))
    assert ticket_count() == 2


def test_the_database_refuses_a_second_open_finding(days: Days) -> None:
    days.see(judged(WARNING))
    first = db.session.scalars(sa.select(Finding)).one()
    values = {
        column.name: getattr(first, column.name)
        for column in Finding.__table__.columns
        if column.name != "id"
    }
    with pytest.raises(sa.exc.IntegrityError), unit_of_work() as session:
        session.execute(sa.insert(Finding).values(**values))
