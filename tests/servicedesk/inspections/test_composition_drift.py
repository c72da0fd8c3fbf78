"""What a device is made of, day by day: findings, evidence of changes, acceptance, tickets."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from collectors.model import Component, DeviceFacts, Interface, Neighbour, Target, Visit
from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, NotAllowedError
from servicedesk.equipment import interfaces
from servicedesk.equipment.addressing.models import Address
from servicedesk.equipment.addressing.service import AddressData, save_address
from servicedesk.equipment.models import Device
from servicedesk.equipment.module_models import DeviceModule
from servicedesk.equipment.modules import ModuleData, save_module
from servicedesk.equipment.network_models import Interface as RecordedInterface
from servicedesk.inspections.drift import service
from servicedesk.inspections.drift.composing import newest, note_composition
from servicedesk.inspections.drift.models import CompositionVersion
from servicedesk.inspections.models import Finding, InspectionRecord
from servicedesk.inspections.runs import start_device
from servicedesk.tickets.models import Ticket, TimelineEntry
from tests.servicedesk.inspections.play import finish, take, visit_of
from tests.servicedesk.inspections.test_drift import approved_change
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

ASKED = frozenset({"inventory", "interfaces", "neighbours"})
HOSTILE = "<script>alert(1)</script>"


def facts(
    *ports: str, serial: str = "A1", peer: str = "core", alias: str = "", disabled: str = ""
) -> DeviceFacts:
    """A switch with these ports (Gi0/1 where none is named) whose first one leads to ``peer``."""
    names = ports or ("Gi0/1", "Gi0/2")
    return DeviceFacts(
        interfaces=tuple(
            Interface(
                number,
                name,
                alias=alias if number == 1 else "",
                type="ethernetCsmacd",
                admin_status="down" if name == disabled else "up",
                oper_status="up",
                speed_bps=10**9,
                in_octets=number * 7,
            )
            for number, name in enumerate(names, start=1)
        ),
        inventory=(Component("slot 2", "module", model="LC-48", serial=serial),),
        neighbours=(Neighbour("lldp", names[0], peer, "Gi0/48"),) if peer else (),
        asked=ASKED,
    )


def looked(device: Device, found: DeviceFacts, at: datetime) -> None:
    """One inspection that saw this."""
    with unit_of_work():
        run = start_device(device, actor=SYSTEM, now=at)
    claimed = take(run, at + timedelta(seconds=1))
    plain = visit_of(claimed[1], (), at=at)
    assert finish(claimed, Visit(plain.transcript, found, ()), at + timedelta(seconds=3))
    fresh()


def hours(world: World, device: Device, *all_facts: DeviceFacts, first: int = 0) -> None:
    for hour, found in enumerate(all_facts, start=first):
        looked(device, found, world.now + timedelta(hours=hour))


def states(device: Device) -> list[str]:
    statement = sa.select(CompositionVersion.state).where(CompositionVersion.device_id == device.id)
    return list(db.session.scalars(statement.order_by(CompositionVersion.id)))


def findings(device: Device) -> dict[str, str]:
    rows = db.session.scalars(sa.select(Finding).where(Finding.device_id == device.id))
    return {row.check: row.state for row in rows}


def sentence(device: Device, check: str) -> str:
    found = db.session.scalars(
        sa.select(Finding).where(Finding.device_id == device.id, Finding.check == check)
    ).one()
    return str(found.message["template"]) % found.message["values"]


def test_a_module_that_was_replaced_is_a_finding_until_it_is_accepted(any_world: World) -> None:
    world, device = any_world, any_world.device("sw1", device_class="switch", protocol="snmp")
    hours(world, device, facts(), facts(), facts(serial="B2"), facts(serial="B2"))
    assert states(device) == ["accepted", "unregistered"]
    assert findings(device) == {"module_drift": "open"}
    assert sentence(device, "module_drift") == "slot 2 replaced: serial number A1 → B2"
    assert "sw1" in db.session.scalars(sa.select(Ticket.title)).one()
    version = newest(device.id)
    assert version is not None
    with unit_of_work():
        service.accept_composition(device, version.id, "swap", actor=world.actor("emma"), now=world.now)
    hours(world, device, facts(serial="B2"), first=5)
    assert findings(device) == {"module_drift": "recovered"}
    assert db.session.scalar(
        sa.select(sa.func.count()).where(AuditEntry.action == "device.composition_accepted")
    )


def test_several_differences_of_a_kind_are_one_finding(world: World) -> None:
    device = world.device("sw1", device_class="switch", protocol="snmp")
    hours(world, device, facts(), facts("Gi0/1", "Gi0/2", "Gi0/3", "Gi0/4", alias="to <b>core</b>"))
    assert findings(device) == {"interface_drift": "open"}
    assert sentence(device, "interface_drift").startswith("3 differences, the first: Interface Gi0/1")


def test_a_neighbour_that_restarts_is_no_finding_and_one_that_stays_away_is(world: World) -> None:
    device = world.device("sw1", device_class="switch", protocol="snmp")
    hours(world, device, facts(), facts(peer=""), facts())
    assert states(device) == ["accepted", "unregistered", "accepted"]
    assert not db.session.scalars(sa.select(Ticket)).all()
    hours(world, device, facts(peer="other"), facts(peer="other"), first=4)
    assert db.session.scalars(
        sa.select(Finding.state).where(Finding.device_id == device.id, Finding.state != "closed")
    ).all() == ["open"]
    assert "is now other Gi0/48, was core Gi0/48" in db.session.scalars(sa.select(Ticket.title)).one()


def test_within_an_approved_change_it_is_its_evidence_and_the_record_follows(any_world: World) -> None:
    world, device = any_world, any_world.device("sw1", device_class="switch", protocol="snmp")
    change = approved_change(world, device, 1, 3)
    hours(world, device, facts(), facts("Gi0/1", "Gi0/2", "Gi0/7", serial="B2"), first=0)
    looked(device, facts("Gi0/1", "Gi0/2", "Gi0/7", serial="B2"), world.now + timedelta(hours=4))
    assert states(device) == ["accepted", "accepted"]
    assert findings(device) == {}
    told = db.session.scalars(sa.select(TimelineEntry.data).where(TimelineEntry.kind == "drift")).one()
    assert (told["event"], told["count"]) == ("composition", 2)
    version = newest(device.id)
    assert version is not None
    assert version.change_id == change.id
    names = db.session.scalars(
        sa.select(RecordedInterface.name).where(RecordedInterface.device_id == device.id)
    ).all()
    assert names == ["Gi0/7"]


def test_a_change_does_not_cover_what_was_different_before_it(world: World) -> None:
    device = world.device("sw1", device_class="switch", protocol="snmp")
    hours(world, device, facts(), facts(serial="B2"))
    approved_change(world, device, 3, 4)
    hours(world, device, facts(serial="B2"), first=2)
    hours(world, device, facts(serial="B2", disabled="Gi0/2"), first=3)
    assert states(device) == ["accepted", "unregistered", "unregistered"]
    assert findings(device)["module_drift"] == "open"
    assert db.session.scalars(sa.select(TimelineEntry).where(TimelineEntry.kind == "drift")).one()


def test_nothing_is_written_for_a_device_that_is_as_it_was(world: World) -> None:
    device = world.device("sw1", device_class="switch", protocol="snmp")
    hours(world, device, facts(), facts(), facts())
    assert states(device) == ["accepted"]
    record = db.session.scalars(sa.select(InspectionRecord).order_by(InspectionRecord.id.desc())).first()
    assert record is not None
    plain = visit_of(Target("", "", ()), (), at=world.now)
    statements: list[str] = []
    engine = db.session.get_bind()
    sa.event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    note_composition(device, record, Visit(plain.transcript, facts(), ()), now=world.now)
    db.session.flush()
    assert len(statements) == 3, statements  # the newest version, recorded serial numbers, recorded cables
    assert all(one.startswith("SELECT") for one in statements)


def recorded(device: Device) -> dict[str, str]:
    """Interfaces of the record, and to where their cables lead."""
    rows = db.session.execute(interfaces.interface_rows(device)).all()
    return {row.name: " ".join(filter(None, (row.far_name, row.peer_name))) for row in rows}


def accept(world: World, device: Device, who: str = "emma") -> None:
    version = newest(device.id)
    assert version is not None
    with unit_of_work():
        service.accept_composition(device, version.id, actor=world.actor(who), now=world.now)
    fresh()


def test_accepting_records_interfaces_and_cables_and_twice_changes_nothing(any_world: World) -> None:
    world = any_world
    device, core = (world.device(name, device_class="switch", protocol="snmp") for name in ("sw1", "CORE"))
    hours(world, device, facts(alias="uplink", peer="core.example.net"))
    accept(world, device)
    assert recorded(device) == {"Gi0/1": "CORE Gi0/48", "Gi0/2": ""}
    entries = db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry))
    accept(world, device)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(AuditEntry)) == entries
    assert recorded(core) == {"Gi0/48": "sw1 Gi0/1"}


def test_modules_are_recorded_followed_and_contradicted(any_world: World) -> None:
    world, device = any_world, any_world.device("sw1", device_class="switch", protocol="snmp")
    hours(world, device, facts())
    accept(world, device)
    assert modules_of(device) == {"slot 2": ("line_card", "A1", True)}
    module = db.session.scalars(sa.select(DeviceModule)).one()
    with unit_of_work():
        data = ModuleData("slot 2", "line_card", "", "LC-48", "Z9")
        save_module(device, module, data, actor=world.actor("emma"), now=world.now)
    fresh()
    hours(world, device, facts(), first=1)
    assert sentence(device, "module_drift") == "slot 2 has serial number A1, recorded Z9"
    accept(world, device)
    assert modules_of(device) == {"slot 2": ("line_card", "A1", True)}
    hours(world, device, facts(), first=2)
    assert findings(device) == {"module_drift": "recovered"}
    told = db.session.scalars(
        sa.select(AuditEntry.after).where(AuditEntry.action == "device.modules_recorded")
    )
    assert [one["modules"] for one in told] == [["slot 2: LC-48 A1"], ["slot 2: LC-48 A1"]]


def modules_of(device: Device) -> dict[str, tuple[str, str, bool]]:
    rows = db.session.scalars(sa.select(DeviceModule).where(DeviceModule.device_id == device.id))
    return {row.slot: (row.kind, row.serial, row.by_inspection) for row in rows}


def test_a_recorded_cable_that_leads_elsewhere_is_a_finding_and_is_replugged(world: World) -> None:
    device, core, other = (
        world.device(name, device_class="switch", protocol="snmp") for name in ("sw1", "core", "other")
    )
    hours(world, device, facts(peer="other"))
    accept(world, device)
    assert recorded(device)["Gi0/1"] == "other Gi0/48"
    hours(world, device, facts(), facts(), first=1)
    accept(world, device)
    assert recorded(device)["Gi0/1"] == "core Gi0/48"
    assert recorded(other) == {"Gi0/48": ""}
    with unit_of_work():
        port = db.session.scalars(
            sa.select(RecordedInterface).where(RecordedInterface.device_id == device.id)
        ).first()
        assert port is not None
        interfaces.disconnect(device, port.id, actor=SYSTEM, now=world.now)
        interfaces.connect(device, port.id, other, "Gi0/48", actor=SYSTEM, now=world.now)
    fresh()
    hours(world, device, facts(), facts(), facts(), facts(), facts(), first=3)
    assert sentence(device, "neighbour_drift") == "Neighbour on Gi0/1 is core, recorded other"
    assert core.name in sentence(device, "neighbour_drift")


def test_a_cable_into_anothers_site_is_not_written(world: World) -> None:
    device = world.device("sw1", device_class="switch", protocol="snmp")
    world.device("core", site="north-2", device_class="switch", protocol="snmp")
    hours(world, device, facts())
    accept(world, device, "erik")
    assert recorded(device) == {"Gi0/1": "", "Gi0/2": ""}


def test_only_what_is_there_now_is_accepted_and_by_whom_it_concerns(world: World) -> None:
    device = world.device("sw1", device_class="switch", protocol="snmp")
    hours(world, device, facts(), facts(serial="B2"))
    old = db.session.scalars(sa.select(CompositionVersion.id).order_by(CompositionVersion.id)).first()
    assert old is not None
    with pytest.raises(ConflictError), unit_of_work():
        service.accept_composition(device, old, actor=world.actor("emma"), now=world.now)
    for who in ("rita", "stan"):
        with pytest.raises(NotAllowedError), unit_of_work():
            service.accept_composition(device, old + 1, actor=world.actor(who), now=world.now)


def test_the_page_says_it_in_words_accepts_and_opens_a_ticket(app: Flask, world: World) -> None:
    device = world.device("sw1", device_class="switch", protocol="snmp")
    hours(world, device, facts(), facts(peer="other", alias=HOSTILE))
    emma, path = Browser(app, "emma"), f"/inspections/compositions/{device.id}"
    page = emma.get(path).text
    assert "<script>alert" not in page
    assert "Neighbour on Gi0/1 is now other Gi0/48, was core Gi0/48" in page
    assert "Hardware, ports and neighbours" in emma.get(f"/equipment/devices/{device.id}?whole=1").text
    assert "Found, not recorded" in page
    watched = db.session.scalars(sa.select(Finding.id).where(Finding.check == "neighbour_drift")).one()
    answer = emma.post(f"{path}/findings/{watched}/ticket")
    assert "/tickets/" in answer.location
    fresh()
    ticket = db.session.scalars(sa.select(Ticket).order_by(Ticket.id.desc())).first()
    assert ticket is not None
    assert "is now other" in ticket.description
    again = emma.post(f"{path}/findings/{watched}/ticket")
    assert again.location == path
    assert emma.post(f"{path}/findings/9999/ticket").status_code == 404
    version = newest(device.id)
    assert version is not None
    assert emma.post(f"{path}/accept", version=version.id, reason=HOSTILE).status_code == 302
    fresh()
    assert states(device) == ["accepted", "accepted"]
    with unit_of_work():
        interfaces.add_interfaces(
            device, "Gi0/99", kind="copper", speed_mbps=None, actor=SYSTEM, now=world.now
        )
    page = emma.get(path).text
    assert "<script>alert" not in page
    assert "Found, not recorded" not in page
    assert "Gi0/99" in page
    assert emma.post(f"{path}/accept", version="x").status_code in (302, 404, 422)


@pytest.mark.parametrize("who", ["rita", "dora", "stan", "rolf", "erik"])
def test_nobody_else_sees_or_accepts_it(app: Flask, world: World, who: str) -> None:
    device = world.device("sw1", site="north-2", device_class="switch", protocol="snmp")
    hours(world, device, facts())
    browser, path = Browser(app, who), f"/inspections/compositions/{device.id}"
    assert browser.get(path).status_code == 404
    assert browser.post(f"{path}/accept", version=1).status_code == 404
    assert browser.post(f"{path}/findings/1/ticket").status_code == 404


def test_addresses_that_a_device_told_are_recorded_with_one_click(app: Flask, world: World) -> None:
    device, other = (world.device(name, device_class="switch", protocol="snmp") for name in ("sw1", "sw2"))
    with unit_of_work():
        taken = AddressData("192.0.2.9", device_id=other.id)
        save_address(None, other.client_id, taken, actor=SYSTEM, now=world.now)
    told = ("192.0.2.7/24", "192.0.2.9/24", "127.0.0.1/8", "fe80::1%3/64", "2001:db8::7/64", "nonsense")
    found = facts()
    ports = (replace(found.interfaces[0], addresses=told), found.interfaces[1])
    hours(world, device, replace(found, interfaces=ports))
    emma, page = Browser(app, "emma"), f"/equipment/devices/{device.id}?whole=1"
    assert "recorded for sw2" in emma.get(page).text
    path = f"/inspections/compositions/{device.id}/addresses"
    assert Browser(app, "rita").post(path).status_code == 404
    assert emma.post(path).status_code == 302
    fresh()
    rows = db.session.scalars(
        sa.select(Address.address).where(Address.device_id == device.id).order_by(Address.key)
    ).all()
    assert rows == ["192.0.2.7", "2001:db8::7"]
    assert "fe80" not in emma.get(page).text.partition("Last readings")[0]


def test_the_evidence_is_read_in_the_change(app: Flask, world: World) -> None:
    device = world.device("sw1", device_class="switch", protocol="snmp")
    change = approved_change(world, device, 1, 3)
    hours(world, device, facts(), facts(), facts(serial=HOSTILE))
    page = Browser(app, "emma").get(f"/tickets/{change.id}").text
    assert "1 thing changed in sw1" in page
    assert "<script>alert" not in page
