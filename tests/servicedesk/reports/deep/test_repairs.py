"""Repairs and what was spent: each line once, whichever way it came in."""

from __future__ import annotations

from datetime import date

from servicedesk.core.db import unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.maintenance import opening
from servicedesk.maintenance.service import PlanData, save_plan
from servicedesk.reports.deep import building
from servicedesk.tickets import belongings
from tests.servicedesk.repairs.test_life import opened, spend, take, written
from tests.servicedesk.reports.deep.play import built
from tests.servicedesk.world import SYSTEM, World


def test_repairs_stand_with_their_cost_beside_that_of_tickets(any_world: World) -> None:
    device, other = any_world.device(device_class="ups"), any_world.device("sw2")
    theirs = any_world.device("theirs", "south-1")
    ticket = any_world.ticket(device_id=device.id)
    first = opened(any_world, device, ticket=ticket)
    spend(any_world, first, "33.33", "3")
    second = opened(any_world, other)
    written(any_world, second)
    take(any_world, second, "start", "give_up")
    spend(any_world, opened(any_world, theirs, who="stan"), "7777")
    with unit_of_work():
        belongings.add_cost(
            ticket,
            kind="part",
            description="fan",
            quantity="2",
            unit_price="12.50",
            actor=any_world.actor("emma"),
            now=any_world.now,
        )
    found = building.load(built(any_world), runtime().blobs)["sections"]["repairs"]
    assert found["figures"] == {
        "repairs": 2,
        "given_up": 1,
        "spent_repairs": "99.99",
        "spent_tickets": "25.00",
        "spent": "124.99",
    }
    assert found["tables"]["kinds"] == [["supplier", 1, "99.99"], ["part", 1, "25.00"]]
    one, two = found["tables"]["repairs"]
    assert (one[0], one[1], one[2]) == ([first.id, first.number], [device.id, device.name], "ups")
    assert (one[6], one[7], one[8]) == ("opened", "no", "99.99")
    assert (two[6], two[7], two[8]) == ("not_repairable", "yes", "0.00")


def test_nothing_spent_is_said_and_tickets_of_plans_are_maintenance(any_world: World) -> None:
    any_world.device(device_class="ups")
    with unit_of_work():
        data = PlanData("Batteries", "class", "month", date(2026, 11, 24), device_class="ups")
        plan = save_plan(None, any_world.sites["north-1"], data, actor=SYSTEM, now=any_world.now)
        opening.open_due(plan.id, actor=SYSTEM, now=any_world.now)
    found = building.load(built(any_world), runtime().blobs)["sections"]
    assert found["repairs"]["empty"] == "Nothing was repaired and nothing was spent in this half-year."
    ((ticket, _device, _began, finished, done, _who),) = found["upkeep"]["tables"]["maintenance"]
    assert (ticket[2], finished, done) == ("Batteries · sw1", None, "no")
