"""Modules inside devices: written by hand, found again by serial number, in the history of the device."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.equipment import modules
from servicedesk.equipment.models import Device
from servicedesk.equipment.module_models import DeviceModule
from servicedesk.equipment.modules import ModuleData
from servicedesk.equipment.removal import remove_devices
from tests.servicedesk.conftest import Queries
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

HOSTILE = "<script>alert(1)</script>"


def module(world: World, device: Device, slot: str = "slot 1", **values: str) -> DeviceModule:
    with unit_of_work():
        return modules.save_module(
            device, None, ModuleData(slot, **values), actor=world.actor("emma"), now=world.now
        )


def actions(device: Device) -> list[str]:
    return list(
        db.session.scalars(
            sa.select(AuditEntry.action)
            .where(AuditEntry.object_type == "devices", AuditEntry.object_id == device.id)
            .where(AuditEntry.action.like("device.module%"))
            .order_by(AuditEntry.id)
        )
    )


def test_a_module_is_written_changed_and_taken_out(app: Flask, world: World) -> None:
    device = world.device("sw1", device_class="switch")
    emma, path = Browser(app, "emma"), f"/equipment/devices/{device.id}/modules"
    answer = emma.post(path, slot="slot 1", kind="line_card", name=HOSTILE, serial="ABC123", part_number="LC")
    assert answer.status_code == 302
    fresh()
    number = db.session.scalars(sa.select(DeviceModule.id)).one()
    page = emma.get(path).text
    assert "ABC123" in page
    assert "<script>alert" not in page
    assert emma.post(f"{path}/{number}", slot="slot 1", kind="line_card", serial="XYZ").status_code == 302
    assert "Line card 1" in emma.get(f"/equipment/devices/{device.id}?whole=1").text
    assert emma.post(f"{path}/{number}/remove").status_code == 302
    fresh()
    assert actions(device) == ["device.module_added", "device.module_changed", "device.module_removed"]
    history = emma.get(f"/equipment/devices/{device.id}/history").text
    assert "Module taken out of the record" in history
    assert "Line card" in history


@pytest.mark.parametrize("values", [{"slot": " "}, {"slot": "slot 1"}, {"slot": "s", "kind": "spaceship"}])
def test_what_does_not_fit_is_refused(app: Flask, world: World, values: dict[str, str]) -> None:
    device = world.device("sw1")
    module(world, device)
    with pytest.raises(InvalidError), unit_of_work():
        modules.save_module(device, None, ModuleData(**values), actor=SYSTEM, now=world.now)
    answer = Browser(app, "emma").post(f"/equipment/devices/{device.id}/modules", **values)
    assert answer.status_code == 422


def test_they_are_found_by_the_beginning_of_serial_or_part_number(any_world: World) -> None:
    world = any_world
    device = world.device("sw1")
    module(world, device, "1", serial="FOC2134", part_number="WS-X45")
    module(world, device, "2", serial="foc99", part_number="100%_A")
    module(world, device, "3", serial="JAE1", part_number="PWR")

    def found(text: str, who: str = "emma") -> list[str]:
        statement = modules.module_rows(world.actor(who), text=text)
        return sorted(row.slot for row in db.session.execute(statement))

    assert found("foc") == ["1", "2"]
    assert found("WS-X") == ["1"]
    assert found("100%_") == ["2"]
    assert found("%") == []
    assert found("foc", "stan") == []


def test_an_inspection_fills_in_and_takes_out_only_what_it_wrote_itself(any_world: World) -> None:
    world = any_world
    device = world.device("sw1")
    module(world, device, "by hand", serial="H")
    for serials in ({"slot 1": "A", "slot 2": "B"}, {"slot 1": "C"}):
        found = [ModuleData(slot, "line_card", serial=serial) for slot, serial in serials.items()]
        with unit_of_work():
            modules.record_found(device, found, actor=SYSTEM, now=world.now)
    rows = db.session.execute(sa.select(DeviceModule.slot, DeviceModule.serial)).all()
    assert sorted(tuple(row) for row in rows) == [("by hand", "H"), ("slot 1", "C")]
    entry = db.session.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.action == "device.modules_recorded")
        .order_by(AuditEntry.id.desc())
    ).first()
    assert entry is not None
    assert (entry.before or {})["modules"] == ["slot 1: A", "slot 2: B"]
    assert (entry.after or {})["modules"] == ["slot 1: C", "slot 2: —"]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Slot 2 Supervisor C9400-SUP-1", "supervisor"),
        ("MPU Board 0", "supervisor"),
        ("Transceiver(slot:1-port:1) GLC-BX-D", "transceiver"),
        ("Slot 1 Linecard", "line_card"),
        ("main thing", "module"),
    ],
)
def test_a_module_is_told_further_by_its_words(words: str, kind: str) -> None:
    assert modules.further_kind("module", words) == kind
    assert modules.further_kind("fan", words) == "fan"


def test_nobody_else_sees_or_changes_them(app: Flask, world: World) -> None:
    device, other = world.device("sw1", site="north-2"), world.device("sw2")
    number = module(world, device, serial="SECRET1").id
    for who in ("erik", "stan", "rolf", "rita"):
        browser = Browser(app, who)
        assert browser.get(f"/equipment/devices/{device.id}/modules").status_code == 404
        assert browser.post(f"/equipment/devices/{device.id}/modules/{number}/remove").status_code == 404
        for path in ("/equipment/modules/?q=SECRET", "/equipment/modules.csv"):
            assert "SECRET1" not in browser.get(path).text.replace("q=SECRET", "")
    with pytest.raises(NotFoundError):
        modules.module_of(other, number)
    with pytest.raises(NotAllowedError), unit_of_work():
        modules.save_module(device, None, ModuleData("x"), actor=world.actor("erik"), now=world.now)
    assert Browser(app, "emma").get("/equipment/modules.csv").text.count("SECRET1") == 1
    assert Browser(app, "emma").get("/equipment/modules.xlsx").status_code == 200


def test_a_device_takes_its_modules_along_and_the_trail_keeps_them(any_world: World) -> None:
    world = any_world
    device = world.device("sw1")
    module(world, device, serial="A")
    number = device.id
    with unit_of_work():
        remove_devices([db.session.get_one(Device, number)], actor=world.actor("emma"), now=world.now)
    assert not db.session.scalars(sa.select(DeviceModule)).all()
    assert db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "device.module_added")).all()


def test_lists_ask_as_often_for_many_as_for_few(app: Flask, world: World) -> None:
    device = world.device("sw1")
    module(world, device, "0")
    emma = Browser(app, "emma")
    paths = ("/equipment/modules/", f"/equipment/devices/{device.id}/modules")

    def counted() -> list[int]:
        numbers = []
        for path in paths:
            with Queries() as queries:
                assert emma.get(path).status_code == 200
            numbers.append(queries.count)
        return numbers

    few = counted()
    for number in range(1, 40):
        module(world, device, str(number), serial=f"S{number}")
    assert counted() == few
