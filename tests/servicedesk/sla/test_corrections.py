"""Clocks corrected afterwards, and promises that change while a clock runs, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, DomainError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Role
from servicedesk.sla.calendar import WorkCalendar
from servicedesk.sla.corrections import CorrectionData
from servicedesk.sla.ledger import GRACE_S, Stretch, read_clock
from servicedesk.sla.models import SlaCorrection, SlaInterval
from servicedesk.sla.queries import clock_views
from servicedesk.staff.service import grant_role
from servicedesk.tickets.editing import edit_fields
from servicedesk.tickets.fields import YES
from servicedesk.tickets.models import Ticket, TimelineEntry
from servicedesk.tickets.reclassifying import Facts, correct_clock, reclassify
from tests.servicedesk.sla.test_calendar import HOUR, SHANGHAI
from tests.servicedesk.sla.test_clocks import check, clock, hours, marks, move
from tests.servicedesk.sla.test_ledger import MONDAY, histories, minutes
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

ALWAYS = WorkCalendar("Asia/Shanghai", always=True)


def waited(world: World, start: float, end: float, **given: object) -> CorrectionData:
    """From so many hours after the world's now to so many: the restore time did not count."""
    values: dict[str, object] = {"counts": False, "reason": "waited for the requester", **given}
    return CorrectionData("restore", world.now + hours(start), world.now + hours(end), **values)  # type: ignore[arg-type]


def state(world: World, ticket: Ticket, data: CorrectionData, who: str = "sam", after: float = 6) -> None:
    with unit_of_work():
        correct_clock(ticket, data, actor=world.actor(who), now=world.now + hours(after))


def put_right(world: World, ticket: Ticket, after: float, **facts: object) -> None:
    given: dict[str, object] = {"title": "Printer jams", "impact": 2, "urgency": 2, "site_id": None, **facts}
    with unit_of_work():
        reclassify(ticket, Facts(**given), actor=world.actor("emma"), now=world.now + hours(after))  # type: ignore[arg-type]


def test_time_that_was_waited_is_given_back(any_world: World) -> None:
    ticket = any_world.ticket()
    due = clock(ticket).due_at
    state(any_world, ticket, waited(any_world, 1, 2, evidence="call of 10:02"))
    corrected = clock(ticket)
    assert due is not None
    assert corrected.due_at is not None
    assert corrected.due_at - due == hours(1)
    assert corrected.state == "running"
    (view,) = [v for v in clock_views(ticket.id, any_world.now + hours(6)) if v.kind == "restore"]
    assert [(i.reason, i.correction_reason, i.evidence) for i in view.intervals] == [
        ("opened", "", ""),
        ("corrected", "waited for the requester", "call of 10:02"),
    ]
    move(any_world, ticket, "start", "emma", hours(6.5))  # what happens later goes on as before
    move(any_world, ticket, "ask", "emma", hours(6.6))
    assert clock(ticket).state == "paused"


def test_a_breach_that_was_none_is_taken_back_and_may_be_told_again(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = any_world.ticket(impact=1, urgency=1)  # 4 hours round the clock
    check(monkeypatch, any_world.now + hours(5))
    assert clock(ticket).breached_at == any_world.now + hours(4)
    state(any_world, ticket, waited(any_world, 1, 4))
    assert (clock(ticket).breached_at, clock(ticket).level) == (None, 75)  # three of four hours used
    check(monkeypatch, any_world.now + hours(7.5))
    assert [mark for kind, mark in marks(ticket) if kind == "restore" and mark == 100] == [100, 100]


def test_a_clock_that_was_met_too_late_was_met_in_time(any_world: World) -> None:
    ticket = any_world.ticket(impact=1, urgency=1)
    move(any_world, ticket, "start", "emma", hours(0.1))
    move(any_world, ticket, "resolve", "emma", hours(5))
    assert clock(ticket).breached_at is not None
    state(any_world, ticket, waited(any_world, 1, 3))
    stopped = clock(ticket)
    assert (stopped.state, stopped.breached_at, stopped.elapsed_seconds) == ("met", None, 3 * HOUR)
    assert stopped.due_at == any_world.now + hours(6)


def test_time_noted_as_waited_counts_when_it_is_stated_so(any_world: World) -> None:
    ticket = any_world.ticket(impact=1, urgency=1)
    move(any_world, ticket, "start", "emma", hours(0))
    move(any_world, ticket, "ask", "emma", hours(1))
    move(any_world, ticket, "answer", "rita", hours(3))
    state(any_world, ticket, waited(any_world, 1, 2, counts=True), after=3)
    assert clock(ticket).elapsed_seconds == 2 * HOUR


@pytest.mark.parametrize(
    ("start", "end", "given", "error"),
    [
        (-1, 2, {}, InvalidError),  # before it began
        (2, 2, {}, InvalidError),
        (3, 2, {}, InvalidError),
        (1, 7, {}, InvalidError),  # after now
        (1, 2, {"reason": "  "}, InvalidError),
    ],
)
def test_a_correction_that_cannot_be_is_refused(
    world: World, start: float, end: float, given: dict[str, object], error: type[DomainError]
) -> None:
    ticket = world.ticket()
    with pytest.raises(error):
        state(world, ticket, waited(world, start, end, **given))
    fresh()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SlaCorrection)) == 0


def test_engineers_and_requesters_correct_nothing(world: World) -> None:
    ticket = world.ticket()
    for who in ("emma", "rita", "stan"):
        with pytest.raises(NotAllowedError):
            state(world, ticket, waited(world, 1, 2), who)


def test_a_month_that_is_over_is_the_system_administrators(world: World) -> None:
    ticket = world.ticket()
    move(world, ticket, "start", "emma", hours(1))
    move(world, ticket, "resolve", "emma", hours(2))
    move(world, ticket, "confirm", "rita", hours(3), rating=5)
    december = (datetime(2026, 11, 30, 16, 30, tzinfo=UTC) - world.now) / timedelta(hours=1)
    with pytest.raises(ConflictError):  # 00:30 on 1 December in Shanghai
        state(world, ticket, waited(world, 1, 2), after=december)
    with unit_of_work():
        grant_role(world.users["sam"], Role.SYSTEM_ADMIN, actor=SYSTEM, now=world.now)
    state(world, ticket, waited(world, 1, 2), after=december)
    assert clock(ticket).elapsed_seconds == HOUR


def test_nothing_of_the_ledger_is_overwritten(world: World) -> None:
    ticket = world.ticket()
    columns = (SlaInterval.id, SlaInterval.from_at, SlaInterval.to_at, SlaInterval.running)
    before = db.session.execute(sa.select(*columns)).all()
    state(world, ticket, waited(world, 1, 2))
    fresh()
    after = db.session.execute(sa.select(*columns)).all()
    assert set(before) < set(after)


def test_the_page_corrects_and_tells_it_to_those_who_work_on_it_alone(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("servicedesk.tickets.fact_views.utcnow", lambda: world.now + hours(6))
    ticket = world.ticket()
    sam = Browser(app, "sam")
    path = f"/tickets/{ticket.id}/clocks/correct"
    given = {"kind": "restore", "reason": "<script>waited</script>", "evidence": "call"}
    refused = sam.post(path, **given, from_at="yesterday", to_at="2026-11-24T11:00")
    assert refused.status_code == 422
    assert "for example 2026-12-05" in refused.text
    assert sam.post(path, **given, from_at="2026-11-24T10:00", to_at="2026-11-24T11:00").status_code == 302
    page = sam.get(f"/tickets/{ticket.id}").text
    assert "Restore time corrected" in page
    assert "<script>waited" not in page
    assert "Restore time corrected" not in Browser(app, "rita").get(f"/tickets/{ticket.id}").text
    assert Browser(app, "emma").post(path, **given).status_code == 403
    assert Browser(app, "stan").post(path, **given).status_code == 404


def test_a_higher_priority_shortens_what_is_left_and_keeps_what_was_used(any_world: World) -> None:
    ticket = any_world.ticket()  # P3: 16 working hours
    put_right(any_world, ticket, 2, impact=1, urgency=1)  # P1: 4 hours round the clock
    changed = clock(ticket)
    assert (changed.elapsed_seconds, changed.due_at) == (2 * HOUR, any_world.now + hours(4))
    fresh()
    entry = db.session.scalars(
        sa.select(TimelineEntry).where(TimelineEntry.ticket_id == ticket.id, TimelineEntry.kind == "edit")
    ).one()
    assert entry.data["facts"]["priority"] == [3, 1]
    assert entry.data["retargeted"] is True


def test_a_changed_promise_never_breaches_at_once(any_world: World) -> None:
    ticket = any_world.ticket()
    put_right(any_world, ticket, 24 + 5.5, impact=1, urgency=1)  # ten working hours used of four
    changed = clock(ticket)
    assert changed.breached_at is None
    assert changed.due_at == any_world.now + hours(24 + 5.5) + timedelta(seconds=GRACE_S)


def test_who_was_late_stays_late_under_a_longer_promise(any_world: World) -> None:
    ticket = any_world.ticket(impact=1, urgency=1)
    put_right(any_world, ticket, 5, impact=3, urgency=3)
    assert clock(ticket).breached_at == any_world.now + hours(4)


def test_a_paused_clock_is_retargeted_and_stays_paused(any_world: World) -> None:
    ticket = any_world.ticket()
    move(any_world, ticket, "start", "emma", hours(0.5))
    move(any_world, ticket, "ask", "emma", hours(1))
    put_right(any_world, ticket, 1.5, impact=1, urgency=1)
    assert clock(ticket).state == "paused"
    move(any_world, ticket, "answer", "rita", hours(2))
    assert clock(ticket).due_at == any_world.now + hours(2 + 3)  # one of four hours was used


def test_nothing_changes_when_nothing_differs_and_nobody_else_may(app: Flask, world: World) -> None:
    ticket = world.ticket()
    put_right(world, ticket, 1)
    fresh()
    assert ticket.version == 1
    path = f"/tickets/{ticket.id}/facts"
    facts = {"title": "x", "impact": "1", "urgency": "1"}
    assert Browser(app, "rita").post(path, **facts).status_code == 403
    assert Browser(app, "stan").post(path, **facts).status_code == 404
    emma = Browser(app, "emma")
    south = world.sites["south-1"].id
    for wrong in ({"title": " "}, {"impact": "9"}, {"site_id": south}, {"version": "x"}):
        assert emma.post(path, **{**facts, **wrong}).status_code == 422, wrong
    assert emma.post(path, **facts, version="1").status_code == 302
    fresh()
    assert (ticket.priority, ticket.title) == (1, "x")


@given(
    histories(),
    st.lists(st.tuples(minutes, minutes, st.booleans()), max_size=4),
    st.integers(1, 20 * HOUR),
    st.randoms(use_true_random=False),
)
def test_corrections_and_promises_count_the_same_in_any_order(
    history: tuple[list[Stretch], datetime],
    spans: list[tuple[int, int, bool]],
    target: int,
    random: st.DataObject,
) -> None:
    stretches, now = history
    stretches = [*stretches[:-1], replace(stretches[-1], target_s=target, calendar=ALWAYS)]
    together = stretches + [
        Stretch(
            MONDAY + timedelta(minutes=min(a, b)), MONDAY + timedelta(minutes=max(a, b)), run, corrected=True
        )
        for a, b, run in spans
    ]
    shuffled = list(together)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert read_clock(shuffled, SHANGHAI, 8 * HOUR, now) == read_clock(together, SHANGHAI, 8 * HOUR, now)


@given(histories(), st.integers(1, 20 * HOUR))
def test_a_new_target_leaves_the_grace_to_who_was_not_late(
    history: tuple[list[Stretch], datetime], target: int
) -> None:
    stretches, _now = history
    last = stretches[-1].from_at
    before = read_clock(stretches, SHANGHAI, 8 * HOUR, last)
    changed = [*stretches[:-1], replace(stretches[-1], target_s=target)]
    after = read_clock(changed, SHANGHAI, 8 * HOUR, last)
    assert after.elapsed_s == before.elapsed_s
    if before.late_since is None:
        assert after.remaining_s >= GRACE_S
    else:
        assert after.late_since == before.late_since


def test_what_is_urgent_is_told_to_supervisors_at_half_of_its_time(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    urgent, usual = world.ticket(impact=1, urgency=1), world.ticket()
    check(monkeypatch, world.now + hours(2))
    fresh()
    told = {
        (entry.ticket_id, entry.data["clock"]): (entry.data["mark"], entry.data["tell"])
        for entry in db.session.scalars(sa.select(TimelineEntry).where(TimelineEntry.kind == "sla"))
    }
    assert told[urgent.id, "restore"] == (50, ["assignee", "supervisors"])
    assert (usual.id, "restore") not in told
    page = Browser(app, "emma").get(f"/tickets/{usual.id}").text
    assert "assignee, the assignee" in page


def test_a_fault_that_turns_out_major_is_told_earlier(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = world.ticket()
    with unit_of_work():
        edit_fields(ticket, {"major": YES}, actor=world.actor("emma"), now=world.now + hours(1))
    check(monkeypatch, world.now + hours(24 + 3))  # eight of sixteen working hours
    assert ("restore", 50) in marks(ticket)
