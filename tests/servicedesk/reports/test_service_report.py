"""The service report of a period: drawn from records, within reach, in a fixed number of queries."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from collectors.outcome import Outcome
from servicedesk.core.db import unit_of_work
from servicedesk.reports.service_report import Place, ServiceReport, draft
from servicedesk.tickets import belongings
from servicedesk.tickets.periods import parse_period
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.play import inspect, judged
from tests.servicedesk.repairs.test_life import opened, spend
from tests.servicedesk.world import Browser, World

ZONE = ZoneInfo("Asia/Shanghai")


def report(
    world: World, who: str = "sam", period: str = "2026-11", place: Place | None = None
) -> ServiceReport:
    found = parse_period(period, world.now.date())
    return draft(world.actor(who), found, Place(), ZONE)


def test_tickets_costs_and_what_is_left_are_counted(any_world: World) -> None:
    ticket = any_world.ticket("rita", description="broken")
    with unit_of_work():
        ticket.major = True
        belongings.add_cost(
            ticket,
            kind="part",
            description="fan",
            quantity="2",
            unit_price="12.50",
            actor=any_world.actor("emma"),
            now=any_world.now,
        )
    found = report(any_world)
    assert found.costs == (Decimal("25.00"), Decimal("0.00"), 1)
    repair = opened(any_world, any_world.device())
    spend(any_world, repair, "75.50")
    spend(any_world, opened(any_world, any_world.device("s", "south-1"), who="stan"), "9")
    assert report(any_world).costs == (Decimal("100.50"), Decimal("0.00"), 2)
    assert [row.number for row in found.majors] == [ticket.number]
    assert [row.number for row in found.waiting] == [ticket.number]
    assert found.categories[0].created == 1
    december = report(any_world, period="2026-12")
    assert (december.majors, december.costs[2]) == ([], 0)
    assert [row.number for row in december.waiting] == [ticket.number]  # still there a month later


def test_only_runs_of_a_plan_were_due(any_world: World) -> None:
    run = inspect(
        any_world.device("web", protocol="ssh"), [judged(Outcome.CRITICAL, value=97.0)], any_world.now
    )
    assert report(any_world).inspections == []  # somebody looked by hand: nothing was due
    assert run.plan_id is None
    assert report(any_world).findings == (1, 0, 1)
    assert report(any_world, "stan").findings == (0, 0, 0)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026-W48", date(2026, 11, 23), date(2026, 11, 29)),
        ("2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        ("2025-W53", date(2026, 11, 1), date(2026, 11, 30)),  # that year had 52: the present month
        ("2026-H2", date(2026, 7, 1), date(2026, 12, 31)),
    ],
)
def test_periods_have_their_days(text: str, first: date, last: date) -> None:
    period = parse_period(text, date(2026, 11, 24))
    assert (period.first, period.last) == (first, last)
    assert period.moved(1).moved(-1) == period


@pytest.mark.parametrize("period", ["2026-W48", "2026-11", "2026", "<script>", "9999-W99", ""])
def test_the_page_is_for_supervisors_and_takes_any_period(app: Flask, world: World, period: str) -> None:
    world.ticket("rita", description="<script>alert(1)</script>")
    page = Browser(app, "sam").get(f"/reports/service?period={period}&client=x&site=99999")
    assert page.status_code == 200
    assert "<script>alert" not in page.text
    for who in ("rita", "emma", "dora"):
        assert Browser(app, who).get(f"/reports/service?period={period}").status_code == 404, who


def test_another_client_s_records_are_not_in_it(app: Flask, world: World) -> None:
    ticket = world.ticket("rita")
    with unit_of_work():
        ticket.major = True
    site, client = world.sites["north-1"].id, world.organisations["north"].id
    assert ticket.number in Browser(app, "sam").get("/reports/service?period=2026-11").text
    page = Browser(app, "stan").get(f"/reports/service?period=2026-11&site={site}&client={client}").text
    assert ticket.number not in page


def test_many_tickets_take_no_more_queries(app: Flask, world: World) -> None:
    sam, counts = Browser(app, "sam"), []
    for number in (1, 8):
        for _ in range(number):
            world.ticket("rita")
        sam.get("/reports/service?period=2026-11")
        with Queries() as counted:
            sam.get("/reports/service?period=2026-11")
        counts.append(counted.count)
    assert counts[0] == counts[1]
