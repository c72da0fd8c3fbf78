"""What the start page puts first."""

from __future__ import annotations

import re
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import unit_of_work
from servicedesk.sla.models import SlaClock
from servicedesk.tickets.models import Ticket
from tests.servicedesk.conftest import Queries
from tests.servicedesk.world import Browser, World


def promise(world: World, ticket: Ticket, hours: float) -> None:
    """All of its promises end then."""
    with unit_of_work() as session:
        due_at = world.now + timedelta(hours=hours)
        changed = session.execute(
            sa.update(SlaClock)
            .where(SlaClock.ticket_id == ticket.id)
            .values(due_at=due_at)
            .returning(SlaClock.id)
        )
        assert changed.all()


def shown(page: str) -> list[int]:
    """Numbers of the tickets in the page's order."""
    return list(dict.fromkeys(int(number) for number in re.findall(r'href="/tickets/(\d+)"', page)))


def test_the_promise_that_ends_first_stands_first(app: Flask, world: World) -> None:
    plain = world.ticket("rita")
    later, over, soon = (world.ticket("rita", impact=1, urgency=1) for _ in range(3))
    with unit_of_work() as session:
        session.execute(sa.update(SlaClock).where(SlaClock.ticket_id == plain.id).values(state="ended"))
    for ticket, hours in ((later, 30), (over, -2), (soon, 1)):
        promise(world, ticket, hours)
    assert shown(Browser(app, "emma").get("/").text) == [over.id, soon.id, later.id, plain.id]


def test_others_promises_are_not_shown_and_the_queries_stay_few(app: Flask, world: World) -> None:
    foreign = world.ticket("stan")
    promise(world, foreign, -5)
    browser, counts = Browser(app, "emma"), []
    for _ in range(2):
        for hours in range(12):
            promise(world, world.ticket("rita"), hours)
        with Queries() as counted:
            page = browser.get("/").text
        counts.append(counted.count)
    assert len(shown(page)) == 8
    assert foreign.id not in shown(page)
    assert counts[0] == counts[1] <= 14
