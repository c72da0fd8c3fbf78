"""Files of modules: known by device and slot, looked over, carried out as a whole, taken back as a whole."""

from __future__ import annotations

import io
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from openpyxl import load_workbook

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError
from servicedesk.core.sheet_files import read_rows
from servicedesk.equipment import importing, modules
from servicedesk.equipment.import_models import DeviceImport
from servicedesk.equipment.models import Device
from servicedesk.equipment.module_files import TABLE, plan
from servicedesk.equipment.module_models import DeviceModule
from servicedesk.equipment.modules import ModuleData
from tests.servicedesk.conftest import Queries
from tests.servicedesk.equipment.test_importing import carry_out, counts, no_redis, table
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

HEAD = ("device", "slot", "kind", "serial", "part_number")

__all__ = ["no_redis"]  # without Redis work is done when a test says so


def content(*rows: tuple[Any, ...], head: tuple[str, ...] = HEAD) -> bytes:
    return table(*rows, head=head)


def bring(app: Flask, world: World, file: bytes, of: str = "modules", who: str = "emma") -> int:
    client = world.organisations["north"].id
    answer = Browser(app, who).post(
        f"/equipment/imports?of={of}", client_id=client, file=(io.BytesIO(file), f"{of}.csv")
    )
    assert answer.status_code == 302, answer.text
    return int(answer.location.rpartition("/")[2])


def written(device: Device) -> dict[str, tuple[str, str, bool]]:
    rows = db.session.scalars(sa.select(DeviceModule).where(DeviceModule.device_id == device.id))
    return {row.slot: (row.kind, row.serial, row.by_inspection) for row in rows}


def planned(world: World, *rows: tuple[Any, ...], who: str = "emma") -> list[Any]:
    return plan(read_rows(content(*rows)), world.organisations["north"].id, world.actor(who))


def test_a_file_is_looked_over_carried_out_and_taken_back(app: Flask, world: World) -> None:
    device = world.device("sw1", device_class="switch")
    with unit_of_work():
        found = [ModuleData("slot 2", "power", serial="OLD", part_number="PWR")]
        modules.record_found(device, found, actor=SYSTEM, now=world.now)
        modules.save_module(
            device, None, ModuleData("slot 3", "fan", serial="F1"), actor=SYSTEM, now=world.now
        )
    before = written(device)
    rows = [
        ("sw1", "slot 1", "Line card", "A1", "LC"),
        ("sw1", "slot 2", "", "NEW", ""),
        ("sw1", "slot 3", "fan", "F1", ""),
    ]
    number = bring(app, world, content(*rows))
    page = Browser(app, "emma").get(f"/equipment/imports/{number}").text
    assert "sw1 / slot 1" in page
    assert '<span class="soft">Serial number</span> <del>OLD</del> → NEW' in page
    fresh()
    assert written(device) == before, "a preview writes nothing"
    found_import = carry_out(app, number)
    assert (found_import.state, counts(found_import)) == ("done", (1, 1, 1))
    assert written(device) == {
        "slot 1": ("line_card", "A1", False),
        "slot 2": ("power", "NEW", False),
        "slot 3": ("fan", "F1", False),
    }
    assert (
        db.session.scalars(sa.select(DeviceModule.part_number).where(DeviceModule.slot == "slot 2")).one()
        == "PWR"
    )
    assert carry_out(app, number, "undo").state == "undone"
    assert written(device) == before


def test_what_was_changed_since_is_not_taken_back(app: Flask, world: World) -> None:
    device = world.device("sw1")
    number = bring(app, world, content(("sw1", "1", "fan", "F1", ""), ("sw1", "2", "fan", "F2", "")))
    carry_out(app, number)
    module = db.session.scalars(sa.select(DeviceModule).where(DeviceModule.slot == "2")).one()
    with unit_of_work():
        modules.save_module(device, module, ModuleData("2", "fan", serial="F9"), actor=SYSTEM, now=world.now)
    refused = carry_out(app, number, "undo")
    assert refused.state == "done"
    assert "sw1 / 2 was changed after the import" in refused.error
    assert len(written(device)) == 2


def test_everything_that_is_wrong_with_a_row_is_said(world: World) -> None:
    world.device("sw1")
    world.device("theirs", "south-1")
    rows = planned(
        world,
        ("sw1", "1", "spaceship", "x" * 101, ""),
        ("theirs", "1", "fan", "", ""),
        ("", "", "fan", "S", ""),
        ("sw1", "2", "fan", "", ""),
        ("sw1", "2", "disk", "", ""),
    )
    assert [row.action for row in rows] == ["wrong", "wrong", "wrong", "create", "wrong"]
    assert len(rows[0].errors) == 2
    assert rows[1].errors == ("There is no device “theirs” that you may change.",)
    assert rows[2].errors == ("Say in which device it is.", "Say in which slot or bay it is.")
    assert rows[4].errors == ("Line 5 is about this slot already.",)


def test_an_engineer_of_one_site_changes_modules_of_that_site_alone(world: World) -> None:
    world.device("here", "north-1")
    world.device("there", "north-2")
    rows = planned(world, ("here", "1", "fan", "", ""), ("there", "1", "fan", "", ""), who="erik")
    assert [row.action for row in rows] == ["create", "wrong"]


def test_a_file_without_devices_is_refused(world: World) -> None:
    file = content(("1", "x"), head=("slot", "serial"))
    with pytest.raises(InvalidError, match="template"):
        plan(read_rows(file), world.organisations["north"].id, world.actor("emma"))


def test_the_templates_and_the_export_can_be_brought_in_again(app: Flask, world: World) -> None:
    device = world.device("SW-CORE-1")
    with unit_of_work():
        modules.save_module(device, None, ModuleData("s", "fan", serial="=1"), actor=SYSTEM, now=world.now)
    emma = Browser(app, "emma")
    for language in ("zh_CN", "en"):
        emma.post("/locale", locale=language)
        for kind in ("csv", "xlsx"):
            for path, action in (
                (f"/equipment/imports/template.{kind}?of=modules", "create"),
                (f"/equipment/modules.{kind}", "same"),
            ):
                file = emma.get(path).data
                if kind == "xlsx":
                    assert load_workbook(io.BytesIO(file)).worksheets
                rows = plan(read_rows(file), device.client_id, world.actor("emma"))
                assert [row.action for row in rows] == [action], path


def test_a_thousand_rows_take_as_many_questions_as_ten(world: World) -> None:
    for number in range(3):
        world.device(f"sw{number}")
    client_id = world.organisations["north"].id
    asked = []
    actor = world.actor("emma")
    for count in (10, 1000):
        file = content(*((f"sw{n % 3}", f"slot {n}", "fan", f"S{n}", "") for n in range(count)))
        rows = read_rows(file)
        with Queries() as counter:
            assert len(plan(rows, client_id, actor)) == count
        asked.append(counter.count)
    assert asked[0] == asked[1]


def test_the_list_of_imports_names_the_kind(app: Flask, world: World) -> None:
    world.device("sw1")
    number = bring(app, world, content(("sw1", "<script>alert(1)</script>", "fan", "", "")))
    fresh()
    assert db.session.get_one(DeviceImport, number).kind == "modules"
    emma = Browser(app, "emma")
    assert "Modules and parts" in emma.get("/equipment/imports").text
    page = emma.get(f"/equipment/imports/{number}").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert emma.get("/equipment/imports?of=nonsense").status_code == 200
    assert set(importing.KINDS) == {"devices", "modules", "software", "licences"}
    assert TABLE.keys == ("device",)
