"""Differences from the record: unregistered changes, evidence of approved ones, acceptance, who may read."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from collectors.configuration import Configuration
from collectors.model import Identity, Visit
from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.equipment.models import Device
from servicedesk.inspections.drift.models import ConfigurationVersion
from servicedesk.inspections.drift.noting import counted, same
from servicedesk.inspections.drift.service import accept_configuration, accept_identity
from servicedesk.inspections.models import Finding
from servicedesk.inspections.runs import start_device
from servicedesk.tickets.models import Ticket, TimelineEntry
from tests.servicedesk.inspections.play import finish, take, visit_of
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

UNKNOWN = Identity()
FIRST = "hostname SW1\nvlan 10\nend\n"
SECOND = "hostname SW1\nvlan 10\nvlan 20\nend\n"
HOSTILE = "hostname </pre><script>alert(1)</script>\nvlan 10\nend\n"


def looked(device: Device, text: str, at: datetime, identity: Identity = UNKNOWN) -> None:
    """One inspection that read this configuration."""
    with unit_of_work():
        run = start_device(device, actor=SYSTEM, now=at)
    claimed = take(run, at + timedelta(seconds=1))
    plain = visit_of(claimed[1], (), at=at)
    extra = {"configuration": Configuration(text, len(text.splitlines()))} if text else {}
    facts = replace(plain.facts, identity=identity, extra=extra, asked=frozenset({"identity"}))
    assert finish(claimed, Visit(plain.transcript, facts, ()), at + timedelta(seconds=3))
    fresh()


def versions(device: Device) -> list[ConfigurationVersion]:
    return list(
        db.session.scalars(
            sa.select(ConfigurationVersion)
            .where(ConfigurationVersion.device_id == device.id)
            .order_by(ConfigurationVersion.id)
        )
    )


def findings(device: Device) -> dict[tuple[str, str], str]:
    rows = db.session.scalars(sa.select(Finding).where(Finding.device_id == device.id))
    return {(row.check, row.item): row.state for row in rows}


def approved_change(
    world: World, device: Device, start: float, end: float, state: str = "scheduled"
) -> Ticket:
    """A change of the device with this window (hours from the world's now)."""
    ticket = world.ticket(
        "rita", "change", device_id=device.id, details={"subtype": "normal", "reason_for_change": "growth"}
    )
    with unit_of_work() as session:
        row = session.get_one(Ticket, ticket.id)
        row.state = state
        row.window_start = world.now + timedelta(hours=start)
        row.window_end = world.now + timedelta(hours=end)
    fresh()
    return ticket


def test_a_change_outside_a_window_is_a_finding_until_it_is_accepted(any_world: World) -> None:
    world = any_world
    device = world.device("sw1", device_class="switch", protocol="ssh")
    for hour, text in enumerate((FIRST, FIRST, SECOND, SECOND)):
        looked(device, text, world.now + timedelta(hours=hour))
    first, second = versions(device)
    assert (first.state, first.number, first.last_at - first.first_at) == ("accepted", 1, timedelta(hours=1))
    assert (second.state, second.added, second.removed) == ("unregistered", 1, 0)
    assert findings(device) == {("configuration_change", ""): "open"}
    ticket = db.session.scalars(sa.select(Ticket)).one()
    assert "sw1" in ticket.title
    with unit_of_work():
        accept_configuration(device, second.id, "new office", actor=world.actor("emma"), now=world.now)
    looked(device, SECOND, world.now + timedelta(hours=5))
    assert findings(device) == {("configuration_change", ""): "recovered"}
    assert "new office" in str(
        db.session.scalars(
            sa.select(AuditEntry.after).where(AuditEntry.action == "device.configuration_accepted")
        ).one()
    )


def test_within_an_approved_change_it_is_the_changes_evidence(any_world: World) -> None:
    world = any_world
    device = world.device("sw1", device_class="switch", protocol="ssh")
    change = approved_change(world, device, 1, 3)
    looked(device, FIRST, world.now, Identity(version="1.0"))
    looked(device, SECOND, world.now + timedelta(hours=4), Identity(version="2.0"))
    assert [(one.state, one.change_id) for one in versions(device)] == [
        ("accepted", None),
        ("accepted", change.id),
    ]
    assert findings(device) == {}
    told = db.session.scalars(sa.select(TimelineEntry.data).where(TimelineEntry.kind == "drift")).all()
    assert [one["event"] for one in told] == ["identity", "configuration"]
    assert db.session.get_one(Device, device.id).software_version == "2.0"


@pytest.mark.parametrize("state", ["new", "awaiting_approval", "rejected", "cancelled"])
def test_a_change_that_is_not_approved_covers_nothing(world: World, state: str) -> None:
    device = world.device("sw1", device_class="switch", protocol="ssh")
    approved_change(world, device, 1, 3, state)
    looked(device, FIRST, world.now)
    looked(device, SECOND, world.now + timedelta(hours=2))
    assert versions(device)[-1].state == "unregistered"


def test_a_change_of_another_device_or_time_covers_nothing(world: World) -> None:
    device, other = (world.device(name, device_class="switch", protocol="ssh") for name in ("sw1", "sw2"))
    approved_change(world, other, 1, 3)
    approved_change(world, device, -30, -28)
    approved_change(world, device, 20, 22)
    looked(device, FIRST, world.now)
    looked(device, SECOND, world.now + timedelta(hours=2))
    assert versions(device)[-1].state == "unregistered"


def test_what_was_taken_back_is_as_it_was_accepted(world: World) -> None:
    device = world.device("sw1", device_class="switch", protocol="ssh")
    for hour, text in enumerate((FIRST, SECOND, FIRST)):
        looked(device, text, world.now + timedelta(hours=hour))
    assert [one.state for one in versions(device)] == ["accepted", "unregistered", "accepted"]
    assert findings(device) == {("configuration_change", ""): "recovered"}


def test_a_visit_without_a_configuration_says_nothing_of_it(world: World) -> None:
    device = world.device("sw1", device_class="switch", protocol="ssh")
    looked(device, FIRST, world.now)
    looked(device, "", world.now + timedelta(hours=1))
    assert len(versions(device)) == 1
    assert findings(device) == {}


def test_another_serial_number_is_a_finding_and_accepted_with_one_click(app: Flask, world: World) -> None:
    device = world.device("sw1", device_class="switch", protocol="ssh", serial="S1", model="S5735")
    told = Identity(serial="S2", model="HUAWEI S5735")
    looked(device, "", world.now, told)
    assert findings(device) == {("identity_drift", "serial"): "open"}
    emma = Browser(app, "emma")
    page = emma.get(f"/inspections/configurations/{device.id}").text
    assert "Recorded S1, found S2" in page
    answer = emma.post(f"/inspections/configurations/{device.id}/identity/serial")
    assert answer.status_code == 302
    fresh()
    assert db.session.get_one(Device, device.id).serial == "S2"
    with pytest.raises(ConflictError), unit_of_work():
        accept_identity(db.session.get_one(Device, device.id), "serial", actor=SYSTEM, now=world.now)
    looked(device, "", world.now + timedelta(hours=1), told)
    assert findings(device) == {("identity_drift", "serial"): "recovered"}


@pytest.mark.parametrize(
    ("recorded", "found", "alike"),
    [
        ("V200R019C10SPC500", "5.170 (V200R019C10SPC500)", True),
        ("WS-C2960X-24TS-L", "ws-c2960x-24ts-l", True),
        ("15.2(7)E4", "15.2(7)E5", False),
    ],
)
def test_what_people_wrote_is_looked_at_loosely(recorded: str, found: str, alike: bool) -> None:
    assert same(recorded, found) is alike


def test_lines_are_counted() -> None:
    assert counted(FIRST, SECOND) == (1, 0)
    assert counted(SECOND, FIRST) == (0, 1)
    assert counted(FIRST, "") == (0, 3)


def test_only_the_present_configuration_is_accepted_and_with_a_reason(world: World) -> None:
    device = world.device("sw1", device_class="switch", protocol="ssh")
    for hour, text in enumerate((FIRST, SECOND)):
        looked(device, text, world.now + timedelta(hours=hour))
    old, new = versions(device)
    emma = world.actor("emma")
    for version, reason, error in ((old.id, "x", ConflictError), (new.id, " ", InvalidError)):
        with pytest.raises(error), unit_of_work():
            accept_configuration(device, version, reason, actor=emma, now=world.now)
    for who in ("rita", "stan"):
        with pytest.raises(NotAllowedError), unit_of_work():
            accept_configuration(device, new.id, "x", actor=world.actor(who), now=world.now)


def test_the_list_shows_what_is_kept_and_what_waits_for_a_word(app: Flask, world: World) -> None:
    emma, path = Browser(app, "emma"), "/inspections/configurations/"
    assert "Nothing is kept yet" in emma.get(path).text
    changed, same = (world.device(name, device_class="switch", protocol="ssh") for name in ("sw1", "sw2"))
    for hour, text in enumerate((FIRST, SECOND)):
        looked(changed, text, world.now + timedelta(hours=hour))
    looked(same, FIRST, world.now)
    page = emma.get(path).text
    assert page.index(">sw1<") < page.index(">sw2<")
    assert page.count("unregistered change<") == 1
    waiting = emma.get(f"{path}?show=unregistered").text
    assert (">sw1<" in waiting, ">sw2<" in waiting) == (True, False)
    with unit_of_work():
        accept_configuration(
            changed, versions(changed)[-1].id, "agreed", actor=world.actor("emma"), now=world.now
        )
    assert "No change waits" in emma.get(f"{path}?show=unregistered").text


def test_the_pages_show_differences_search_and_download(app: Flask, world: World) -> None:
    device = world.device("sw1", device_class="switch", protocol="ssh")
    for hour, text in enumerate((HOSTILE, SECOND)):
        looked(device, text, world.now + timedelta(hours=hour))
    emma, path = Browser(app, "emma"), f"/inspections/configurations/{device.id}"
    page = emma.get(path).text
    assert "<script>alert" not in page
    assert "config-added" in page
    assert "config-removed" in page
    assert "vlan 20" in emma.get(f"{path}?q=VLAN+20").text
    assert "No line of this version" in emma.get(f"{path}?q=nothing+there").text
    assert "sw1" in emma.get("/inspections/configurations/?q=vlan+20").text
    assert emma.get(f"{path}/2/download").text == SECOND
    assert "Configuration" in emma.get(f"/equipment/devices/{device.id}?whole=1").text
    for odd in ("?version=99", "?against=99", "/9/download"):
        assert emma.get(path + odd).status_code == 404
    refused = emma.post(f"{path}/accept", version=versions(device)[-1].id, reason="")
    assert refused.status_code == 422
    assert "Say why" in refused.text
    accepted = emma.post(f"{path}/accept", version=versions(device)[-1].id, reason="<b>ok</b>")
    assert accepted.status_code == 302
    assert "<b>ok</b>" not in emma.get(path).text


def test_who_accepts_sees_all_that_changed_since_somebody_accepted(app: Flask, world: World) -> None:
    device = world.device("sw1", device_class="switch", protocol="ssh")
    for hour, text in enumerate((FIRST, SECOND, SECOND + "\nntp server 192.0.2.9")):
        looked(device, text, world.now + timedelta(hours=hour))
    emma, path = Browser(app, "emma"), f"/inspections/configurations/{device.id}"
    assert "Version 3 against 1" in emma.get(path).text
    assert "Version 3 against 2" in emma.get(f"{path}?version=3").text


@pytest.mark.parametrize("who", ["rita", "dora", "stan", "rolf", "erik"])
def test_nobody_else_reads_a_configuration(app: Flask, world: World, who: str) -> None:
    device = world.device("sw1", site="north-2", device_class="switch", protocol="ssh")
    looked(device, FIRST, world.now)
    browser, path = Browser(app, who), f"/inspections/configurations/{device.id}"
    for address in (path, f"{path}/1/download"):
        assert browser.get(address).status_code == 404
    assert browser.post(f"{path}/accept", version=1, reason="x").status_code == 404
    for address in ("/inspections/configurations/", "/inspections/configurations/?q=vlan"):
        found = browser.get(address)
        assert found.status_code == 404 or "sw1" not in found.text
