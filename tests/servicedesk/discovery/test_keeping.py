"""Hosts of old sweeps go; the sweep, its figures and an entry of the audit trail stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.audit.models import AuditEntry
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.discovery import jobs, keeping, queries
from servicedesk.discovery.models import FoundHost, Sweep, SweepChunk
from servicedesk.discovery.service import SweepData, allow_range, start_sweep
from tests.servicedesk.conftest import Queries
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def swept(world: World, days_ago: int, site: str = "north-1", hosts: int = 3, state: str = "done") -> Sweep:
    """A sweep that found one known host, and new ones."""
    place = world.sites[site]
    with unit_of_work() as session:
        number = db.session.scalar(sa.select(sa.func.count(Sweep.id))) or 0
        prefix = f"192.0.{number}.0/29"
        spot = allow_range(place, prefix, note="", actor=SYSTEM, now=world.now)
        sweep = start_sweep(spot, SweepData(), actor=SYSTEM, now=world.now)
        sweep.state, sweep.created_at = state, utcnow() - timedelta(days=days_ago)
        sweep.found = hosts
        session.flush()
        session.add_all(
            FoundHost(
                sweep_id=sweep.id,
                key=f"{sweep.id:08}{one:08}",
                address=f"192.0.{number}.{one % 250}",
                verdict="new" if one else "known",
                answered=["icmp"],
                neighbours=[],
                differences=[],
            )
            for one in range(hosts)
        )
    return sweep


def left(sweep: Sweep) -> int:
    return db.session.scalar(sa.select(sa.func.count()).where(FoundHost.sweep_id == sweep.id)) or 0


def test_only_what_is_old_and_over_goes_and_its_figures_stay(any_app: Flask, any_world: World) -> None:
    old, young = swept(any_world, 181), swept(any_world, 179)
    busy = swept(any_world, 400, state="running")
    assert jobs.forget_old() == 1
    assert jobs.forget_old() == 0
    fresh()
    assert (left(old), left(young), left(busy)) == (0, 3, 3)
    assert queries.counts(old) == {"known": 1, "new": 2}
    assert (old.found, old.cleared_at is not None, young.cleared_at) == (3, True, None)
    chunks = sa.select(sa.func.count()).where(SweepChunk.sweep_id == old.id)
    assert db.session.scalar(chunks) == 0
    entry = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action == "discovery_sweep.cleared")
    ).one()
    assert (entry.object_id, entry.after, entry.client_id) == (old.id, {"hosts": 3}, old.client_id)


def test_each_client_has_its_own_rule(any_world: World) -> None:
    world = any_world
    ours, theirs = swept(world, 40), swept(world, 40, "south-1")
    with unit_of_work():
        keeping.settle(ours.client_id, 30, actor=world.actor("admin"), now=world.now)
    jobs.forget_old()
    fresh()
    assert (left(ours), left(theirs)) == (0, 3)
    with unit_of_work():
        keeping.settle(ours.client_id, 365, actor=world.actor("admin"), now=world.now)
    longer = swept(world, 200)
    jobs.forget_old()
    fresh()
    assert left(longer) == 3


def test_a_large_sweep_goes_in_batches_and_keeps_its_first_figures(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "BATCH", 4)
    old = swept(world, 200, hosts=10)
    monkeypatch.setattr(jobs, "MOST_BATCHES", 2)
    assert jobs.forget_old() == 2
    fresh()
    assert (left(old), old.cleared_at) == (2, None)
    assert queries.counts(old) == {"known": 1, "new": 9}
    assert jobs.forget_old() == 1
    fresh()
    assert left(old) == 0
    page = Browser(app, "emma").get(f"/equipment/discovery/{old.id}").text
    assert "Its hosts were removed on" in page
    assert "New 9" in page


def test_what_would_go_is_shown_before_anything_is_kept(app: Flask, world: World) -> None:
    ours = swept(world, 40)
    browser, path = Browser(app, "admin"), "/equipment/discovery/keeping"
    page = browser.post(path, client_id=ours.client_id, days="30", look="1")
    assert page.status_code == 200
    assert "not saved yet" in page.text
    assert keeping.kept_days() == {}
    rows = {row.client_name: row for row in keeping.rules(world.actor("admin"), utcnow())}
    assert (rows["North"].days, rows["North"].sweeps, rows["North"].hosts) == (180, 0, 0)
    tried = keeping.rules(world.actor("admin"), utcnow(), tried={ours.client_id: 30})
    assert [(row.sweeps, row.hosts) for row in tried if row.client_name == "North"] == [(1, 3)]
    assert browser.post(path, client_id=ours.client_id, days="30").status_code == 302
    fresh()
    assert keeping.kept_days() == {ours.client_id: 30}
    assert left(ours) == 3, "the nightly job removes, not the page"


@pytest.mark.parametrize("days", ["", "6", "3651", "-1", "x", "a\x00", "9" * 400])
def test_what_is_no_rule_is_refused(app: Flask, world: World, days: str) -> None:
    client_id = world.organisations["north"].id
    browser = Browser(app, "admin")
    for look in ({}, {"look": "1"}):
        fields = {"client_id": client_id, "days": days, **look}
        assert browser.post("/equipment/discovery/keeping", **fields).status_code == 422
    assert keeping.kept_days() == {}


def test_only_administrators_settle_it(app: Flask, world: World) -> None:
    client_id = world.organisations["north"].id
    for who in ("emma", "sam", "stan", "rita"):
        with pytest.raises(NotAllowedError):
            keeping.settle(client_id, 30, actor=world.actor(who), now=world.now)
        assert Browser(app, who).get("/equipment/discovery/keeping").status_code == 404
    with pytest.raises(InvalidError):
        keeping.settle(client_id, 1, actor=SYSTEM, now=world.now)


def test_the_page_asks_the_same_number_of_questions(app: Flask, world: World) -> None:
    browser, path = Browser(app, "admin"), "/equipment/discovery/keeping"
    asked = []
    for _turn in range(2):
        browser.get(path)
        with Queries() as counter:
            assert browser.get(path).status_code == 200
        asked.append(counter.count)
        for number in range(6):
            swept(world, 200 + number, "south-1" if number % 2 else "north-1")
    assert asked[0] == asked[1]
