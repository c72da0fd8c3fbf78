"""What runs teach: times, skipped steps, and faults that are handled alike."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.inspections.models import Finding, InspectionRecord
from servicedesk.inspections.runs import start_device
from servicedesk.runbooks import learning, service
from servicedesk.runbooks.definition import Runbook
from servicedesk.tickets import service as tickets
from servicedesk.tickets.service import TransitionInput
from tests.servicedesk.conftest import Queries
from tests.servicedesk.runbooks.test_runs import Play
from tests.servicedesk.world import SYSTEM, Browser, World


def test_steps_are_counted_and_timed(any_world: World, every_kind: Runbook) -> None:
    play = Play.begin(any_world, every_kind)
    play.answer("look", note="seen", after=8)
    play.answer("which", answer="other", after=10)
    play.skip("sign")
    [use] = learning.usage(any_world.actor("emma"), any_world.now)
    assert (use.key, use.runs, use.finished, use.minutes) == ("every-kind", 1, 0, None)
    assert [(s.key, s.done, s.skipped, s.minutes) for s in use.steps] == [
        ("look", 1, 0, 8),
        ("which", 1, 0, 2),
        ("sign", 0, 1, None),
    ]
    assert learning.usage(any_world.actor("stan"), any_world.now) == []
    later = any_world.now + learning.PERIOD + timedelta(days=1)
    assert learning.usage(any_world.actor("emma"), later) == []


def test_a_fault_handled_alike_three_times_is_named(any_world: World, every_kind: Runbook) -> None:
    world = any_world
    device = world.device("web1", protocol="ssh", device_class="server")
    with unit_of_work():
        visit = start_device(device, actor=SYSTEM, now=world.now)
    record = db.session.query(InspectionRecord).filter_by(run_id=visit.id).one()
    for number in range(3):
        assert learning.handled_alike(world.actor("emma"), world.now) == []
        ticket = world.ticket(device_id=device.id)
        with unit_of_work() as session:
            session.add(
                Finding(
                    client_id=device.client_id, site_id=device.site_id, device_id=device.id,
                    check="filesystem_used", item=f"/{number}", outcome="critical", message={},
                    first_at=world.now, last_at=world.now, last_record_id=record.id, ticket_id=ticket.id,
                )
            )  # fmt: skip
            tickets.transition(ticket, "start", TransitionInput(), actor=world.actor("emma"), now=world.now)
            given = TransitionInput(resolution="cleaned", details=world.mended())
            tickets.transition(ticket, "resolve", given, actor=world.actor("emma"), now=world.now)
    [row] = learning.handled_alike(world.actor("emma"), world.now)
    assert (row.check, row.times) == ("filesystem_used", 3)
    assert learning.handled_alike(world.actor("stan"), world.now) == []


def test_the_page_asks_as_much_for_many_runs_as_for_few(
    app: Flask, world: World, every_kind: Runbook, queries: Queries
) -> None:
    emma = Browser(app, "emma")
    assert "No runbook was followed yet." in emma.get("/runbooks/usage").text
    play = Play.begin(world, every_kind)
    play.answer("look", note="seen", after=8)
    counts = []
    for more in (0, 10):
        for _number in range(more):
            other = world.ticket()
            with unit_of_work():
                service.start(other, every_kind, actor=world.actor("sue"), now=world.now)
        with queries:
            page = emma.get("/runbooks/usage")
        counts.append(queries.count)
        queries.statements.clear()
    assert counts[0] == counts[1]
    assert page.status_code == 200
    assert Browser(app, "rita").get("/runbooks/usage").status_code == 404
