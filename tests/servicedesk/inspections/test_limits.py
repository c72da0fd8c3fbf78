"""Jump hosts and AAA groups with few places, starts spread over minutes, visits in maintenance."""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from collectors.model import Target, Visit
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError
from servicedesk.core.runtime import runtime
from servicedesk.equipment import jump_hosts
from servicedesk.equipment.credentials import save_credential
from servicedesk.equipment.jump_host_models import JumpHost
from servicedesk.equipment.jump_hosts import JumpHostData
from servicedesk.equipment.models import Credential, Device, DeviceAccess
from servicedesk.equipment.service import save_access
from servicedesk.inspections import visiting
from servicedesk.inspections.limits import NoRoomError
from servicedesk.inspections.models import Finding, InspectionPlan, InspectionRecord, InspectionRun
from servicedesk.inspections.plans import PlanData, save_plan
from servicedesk.inspections.runs import offset, open_due_runs, start_plan, start_site
from servicedesk.inspections.visiting import Visiting, claim
from servicedesk.tickets.change_calendar import BLACKOUT, MAINTENANCE, save_entry
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.slots import Span
from tests.servicedesk.inspections.play import CRITICAL, OK, inspect, judged, visit_of
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def login(world: World, client: str = "north", group: str = "") -> Credential:
    with unit_of_work():
        return save_credential(
            None,
            client_id=world.organisations[client].id,
            name=f"login {group}",
            kind="ssh_password",
            username="inspector",
            aaa_group=group,
            secret={"password": "inspect-me"},
            keyring=runtime().keyring,
            actor=SYSTEM,
            now=world.now,
        )


def hop(world: World, credential: Credential, name: str, limit: int, via: int | None = None) -> JumpHost:
    data = JumpHostData(credential.client_id, name, "192.0.2.1", credential.id, via_id=via, max_visits=limit)
    with unit_of_work():
        return jump_hosts.save_jump_host(None, data, actor=SYSTEM, now=world.now)


def device(world: World, name: str, credential: Credential, jump_host: JumpHost | None = None) -> Device:
    made = world.device(name)
    with unit_of_work():
        save_access(
            made,
            protocol="ssh",
            port=22,
            credential=credential,
            jump_host=jump_host,
            actor=SYSTEM,
            now=world.now,
        )
    return made


def begin(world: World) -> list[int]:
    with unit_of_work():
        run = start_site(world.sites["north-1"], actor=SYSTEM, now=utcnow())
    return list(
        db.session.scalars(
            sa.select(InspectionRecord.id).where(InspectionRecord.run_id == run.id).order_by("id")
        )
    )


def take(record_id: int, aaa_visits: int = 4) -> object:
    return claim(record_id, runtime().keyring, 60, now=utcnow(), aaa_visits=aaa_visits)


def test_a_jump_host_has_as_many_visits_as_it_may_with_those_behind_it(any_world: World) -> None:
    credential = login(any_world)
    outer = hop(any_world, credential, "outer", 2)
    inner = hop(any_world, credential, "inner", 5, outer.id)
    for number in range(2):
        device(any_world, f"a{number}", credential, inner)
    device(any_world, "b", credential, outer)
    device(any_world, "c", credential)
    one, two, three, direct = begin(any_world)
    assert take(one) is not None
    assert take(two) is not None
    with pytest.raises(NoRoomError):
        take(three)
    assert take(direct) is not None, "what is reached directly is not concerned"
    with unit_of_work():
        db.session.execute(sa.update(InspectionRecord).where(InspectionRecord.id == one).values(state="done"))
    assert take(three) is not None


def test_an_aaa_group_counts_all_its_accounts_and_other_clients_do_not(any_world: World) -> None:
    first, second = login(any_world, group="tacacs"), login(any_world, "south", group="tacacs")
    with unit_of_work():
        third = save_credential(
            None,
            client_id=any_world.organisations["north"].id,
            name="another account",
            kind="ssh_password",
            username="other",
            aaa_group=" tacacs ",
            secret={"password": "inspect-me"},
            keyring=runtime().keyring,
            actor=SYSTEM,
            now=any_world.now,
        )
    theirs = any_world.device("theirs", "south-1")
    with unit_of_work():
        save_access(theirs, protocol="ssh", port=22, credential=second, actor=SYSTEM, now=any_world.now)
        start_site(any_world.sites["south-1"], actor=SYSTEM, now=utcnow())
    device(any_world, "a", first)
    device(any_world, "b", third)
    south = db.session.scalars(sa.select(InspectionRecord.id)).one()
    one, two = begin(any_world)
    assert take(south, 1) is not None
    assert take(one, 1) is not None
    with pytest.raises(NoRoomError):
        take(two, 1)
    fresh()
    record = db.session.get_one(InspectionRecord, two)
    assert (record.state, record.attempt) == ("queued", 0)


def test_a_batch_keeps_to_the_limit_and_visits_everything(world: World) -> None:
    credential = login(world, group="tacacs")
    for number in range(6):
        device(world, f"sw{number}", credential)
    now_inside, most, lock = 0, 0, threading.Lock()

    def visitor(target: Target) -> Visit:
        nonlocal now_inside, most
        with lock:
            now_inside += 1
            most = max(most, now_inside)
        time.sleep(0.1)
        with lock:
            now_inside -= 1
        return visit_of(target, [judged(OK)], at=utcnow())

    batch = Visiting(runtime().keyring, runtime().blobs, threads=6, visitor=visitor, aaa_visits=2)
    assert batch.run(begin(world)) == 6
    assert most <= 2
    assert db.session.scalars(sa.select(InspectionRun)).one().state == "complete"


def test_a_batch_that_finds_no_room_leaves_its_visits_to_the_sweep(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visiting, "WAITS_FOR_ROOM_S", 0.0)
    credential = login(world, group="tacacs")
    for number in range(2):
        device(world, f"sw{number}", credential)
    one, two = begin(world)
    assert take(one, 1) is not None
    with unit_of_work():
        db.session.execute(sa.update(InspectionRecord).values(enqueued_at=utcnow()))
    batch = Visiting(runtime().keyring, runtime().blobs, visitor=_never, aaa_visits=1)
    assert batch.run([two]) == 0
    fresh()
    record = db.session.get_one(InspectionRecord, two)
    assert (record.state, record.enqueued_at, record.interruptions) == ("queued", None, 0)
    assert record.not_before > utcnow()


def _never(_target: Target) -> Visit:
    raise AssertionError("there was no room")


def test_the_group_is_written_with_the_credential(app: Flask, world: World) -> None:
    browser, client = Browser(app, "emma"), world.organisations["north"].id
    fields = {"client_id": client, "name": "n", "kind": "ssh_password", "username": "u", "password": "p"}
    fields |= {"auth_protocol": "", "priv_protocol": ""}
    assert browser.post("/equipment/credentials/new", **fields, aaa_group="x" * 65).status_code == 422
    assert browser.post("/equipment/credentials/new", **fields, aaa_group="tacacs").status_code == 302
    fresh()
    assert db.session.scalars(sa.select(Credential.aaa_group)).one() == "tacacs"
    assert db.session.scalars(sa.select(DeviceAccess)).all() == []


# spreading ---------------------------------------------------------------------------------------


def plan(world: World, **values: object) -> InspectionPlan:
    data = PlanData(world.sites["north-1"].id, "daily", times="09:00", weekdays="1234567", **values)  # type: ignore[arg-type]
    with unit_of_work():
        made = save_plan(None, data, actor=SYSTEM, now=world.now - timedelta(days=1))
        made.scheduled_until = world.now - timedelta(hours=1)
    return made


def starts(run: InspectionRun) -> list[datetime]:
    statement = sa.select(InspectionRecord.not_before).where(InspectionRecord.run_id == run.id)
    return list(db.session.scalars(statement.order_by(InspectionRecord.device_id)))


def test_starts_are_spread_and_each_device_keeps_its_moment(any_world: World) -> None:
    """09:00 in Shanghai is 01:00 UTC, the world's now."""
    for number in range(20):
        any_world.device(f"sw{number}", protocol="ssh")
    spread = plan(any_world, spread_minutes=30)
    now = any_world.now + timedelta(seconds=10)
    with unit_of_work():
        [run] = open_due_runs(now)
    seen = [at - now for at in starts(run)]
    assert all(timedelta(0) <= one < timedelta(minutes=30) for one in seen)
    assert len(set(seen)) == 20
    assert max(seen) - min(seen) > timedelta(minutes=15)
    with unit_of_work():
        spread.scheduled_until = now + timedelta(hours=1)
        [tomorrow] = open_due_runs(now + timedelta(days=1))
    assert [at - now - timedelta(days=1) for at in starts(tomorrow)] == seen
    with unit_of_work():
        by_hand = start_plan(spread, actor=SYSTEM, now=now)
    assert set(starts(by_hand)) == {now}, "whoever asks now, means now"


def test_offsets_are_even() -> None:
    quarters = Counter(
        int(offset(number, timedelta(minutes=4)).total_seconds() // 60) for number in range(4000)
    )
    assert set(quarters) == {0, 1, 2, 3}
    assert all(900 < count < 1100 for count in quarters.values())


def test_a_spread_is_at_most_the_window(world: World) -> None:
    with pytest.raises(InvalidError) as refused:
        plan(world, window_minutes=30, spread_minutes=31)
    assert refused.value.field == "spread_minutes"


# maintenance -------------------------------------------------------------------------------------


def agreed(world: World, kind: str = MAINTENANCE, site: str = "north-1", hours: int = 2) -> None:
    start = world.now - timedelta(hours=1)
    with unit_of_work():
        save_entry(
            client_id=world.sites[site].client_id,
            site_id=world.sites[site].id,
            kind=kind,
            name="Power works",
            span=Span(start, start + timedelta(hours=hours)),
            actor=SYSTEM,
            now=world.now,
        )


def findings() -> list[tuple[str, int]]:
    fresh()
    return [(one.state, one.occurrences) for one in db.session.scalars(sa.select(Finding))]


def test_what_is_abnormal_in_agreed_maintenance_opens_no_ticket(any_world: World) -> None:
    box = any_world.device(protocol="ssh")
    agreed(any_world)
    inspect(box, [judged(CRITICAL)], any_world.now)
    record = db.session.scalars(sa.select(InspectionRecord)).one()
    assert (record.maintenance, record.worst, record.abnormal_count) == ("Power works", "critical", 1)
    assert findings() == []
    later = any_world.now + timedelta(hours=1)  # its end belongs to it no more
    inspect(box, [judged(CRITICAL)], later)
    assert findings() == [("open", 1)]


def test_an_open_finding_stays_and_recovers_in_maintenance(any_world: World) -> None:
    box = any_world.device(protocol="ssh")
    inspect(box, [judged(CRITICAL)], any_world.now - timedelta(hours=2))
    agreed(any_world)
    inspect(box, [judged(CRITICAL)], any_world.now)
    assert findings() == [("open", 1)], "it is not counted again"
    inspect(box, [judged(OK)], any_world.now + timedelta(minutes=5))
    assert findings() == [("recovered", 1)]


def test_blackouts_and_other_sites_maintenance_do_not_count(world: World) -> None:
    agreed(world, BLACKOUT)
    agreed(world, site="north-2")
    inspect(world.device(protocol="ssh"), [judged(CRITICAL)], world.now)
    assert findings() == [("open", 1)]


@pytest.mark.parametrize(
    ("state", "concerned", "quiet"),
    [
        ("scheduled", True, True),
        ("in_progress", True, True),
        ("awaiting_approval", True, False),
        ("in_progress", False, False),
    ],
)
def test_an_approved_change_of_the_device_itself_counts(
    any_world: World, state: str, concerned: bool, quiet: bool
) -> None:
    box, other = any_world.device("box", protocol="ssh"), any_world.device("other")
    details = {"subtype": "normal", "reason_for_change": "x", "urgency_reason": "y"}
    change = any_world.ticket(category="change", details=details)
    with unit_of_work():
        db.session.execute(
            sa.update(Ticket)
            .where(Ticket.id == change.id)
            .values(
                state=state,
                device_id=box.id if concerned else other.id,
                window_start=any_world.now - timedelta(minutes=5),
                window_end=any_world.now + timedelta(minutes=5),
            )
        )
    inspect(box, [judged(CRITICAL)], any_world.now)
    record = db.session.scalars(sa.select(InspectionRecord)).one()
    assert record.maintenance.startswith(change.number) is quiet
    assert findings() == ([] if quiet else [("open", 1)])


def test_the_record_says_so(app: Flask, world: World) -> None:
    agreed(world)
    inspect(world.device(protocol="ssh"), [judged(CRITICAL)], world.now)
    record = db.session.scalars(sa.select(InspectionRecord)).one()
    page = Browser(app, "emma").get(f"/inspections/records/{record.id}")
    assert page.status_code == 200, page.status_code
    assert "Visited in maintenance: Power works." in page.text
