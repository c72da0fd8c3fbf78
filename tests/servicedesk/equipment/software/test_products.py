"""Software on devices: recorded by people and inspections, never lost, protected while it is used."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.equipment.models import Device
from servicedesk.equipment.software import products, queries
from servicedesk.equipment.software.models import SoftwareInstall, SoftwareProduct
from servicedesk.equipment.software.products import Found
from tests.servicedesk.equipment.software.test_licences import HOSTILE, give, licence, product
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def put(world: World, of: SoftwareProduct, device: Device, version: str, who: str = "emma") -> None:
    with unit_of_work():
        products.install(of, device, version=version, actor=world.actor(who), now=world.now)


def installed(device: Device) -> dict[str, tuple[str, bool]]:
    rows = db.session.execute(
        sa.select(SoftwareProduct.name, SoftwareInstall.version, SoftwareInstall.by_inspection)
        .join(SoftwareProduct, SoftwareProduct.id == SoftwareInstall.product_id)
        .where(SoftwareInstall.device_id == device.id)
    )
    return {row.name: (row.version, row.by_inspection) for row in rows}


def found_by_inspection(world: World, device: Device, name: str, version: str) -> int:
    with unit_of_work():
        return products.record_found(
            device.client_id, [Found(device.id, "Maker", name, version)], actor=SYSTEM, now=world.now
        )


def test_an_upgrade_keeps_the_licence_and_goes_into_the_history(app: Flask, world: World) -> None:
    of, device = product(world), world.device("db1")
    emma = Browser(app, "emma")
    path = f"/equipment/software/{of.id}"
    assert emma.post(f"{path}/devices", device_id=device.id, version="19.3").status_code == 302
    right = licence(world)
    give(world, right, device_id=device.id)
    emma.post(f"{path}/devices", device_id=device.id, version="19.21", installed_on="2026-11-20")
    fresh()
    assert installed(device) == {"Database 19c": ("19.21", False)}
    for shown in (path, f"/equipment/devices/{device.id}?whole=1", f"/equipment/licences/{right.id}"):
        page = emma.get(shown).text
        assert ("19.21" in page) == ("licences" not in shown), shown
        assert "L-1" in page, shown
    history = emma.get(f"/equipment/devices/{device.id}/history").text
    assert "Oracle Database 19c 19.3" in history
    assert "Oracle Database 19c 19.21" in history
    emma.post(f"{path}/devices/{device.id}/remove")
    fresh()
    assert installed(device) == {}
    assert "Software taken off the device" in emma.get(f"/equipment/devices/{device.id}/history").text


def test_a_product_that_is_installed_cannot_be_deleted(app: Flask, world: World) -> None:
    of, device = product(world), world.device("db1")
    put(world, of, device, "1")
    emma = Browser(app, "emma")
    answer = emma.post(f"/equipment/software/{of.id}/remove")
    assert "still used by: Installation of software (1)" in emma.get(answer.location).text
    emma.post(f"/equipment/software/{of.id}/devices/{device.id}/remove")
    assert emma.post(f"/equipment/software/{of.id}/remove").location == "/equipment/software/"


def test_products_are_the_clients_own(any_world: World) -> None:
    world = any_world
    of, theirs = product(world), world.device("theirs", "south-1")
    data = products.ProductData(" Database 19c ", "Oracle", "database")
    with pytest.raises(InvalidError, match="already"), unit_of_work():
        products.save_product(None, of.client_id, data, actor=SYSTEM, now=world.now)
    with pytest.raises(InvalidError, match="same client"), unit_of_work():
        products.install(of, theirs, actor=SYSTEM, now=world.now)
    for who in ("stan", "rita", "carl"):
        with pytest.raises(NotAllowedError):
            put(world, of, world.device(f"of {who}"), "1", who)
    assert product(world, client="south").id != of.id


def test_an_engineer_of_one_site_sees_what_is_on_its_devices_but_no_licence(app: Flask, world: World) -> None:
    of, device = product(world), world.device("db1")
    put(world, of, device, "19.3")
    give(world, licence(world, "SECRET-LICENCE"), device_id=device.id)
    there = world.device("elsewhere", "north-2")
    put(world, of, there, "VERSION-THERE")
    erik, path = Browser(app, "erik"), f"/equipment/software/{of.id}"
    for shown in (f"/equipment/devices/{device.id}?whole=1", path, "/equipment/software/"):
        page = erik.get(shown).text
        assert "Database 19c" in page, shown
        assert "No licence" not in page, shown
        for word in ("SECRET-LICENCE", "elsewhere", "VERSION-THERE"):
            assert word not in page, shown
    assert erik.post(f"{path}/devices", device_id=device.id, version="19.4").status_code == 302
    assert erik.post(f"{path}/devices", device_id=there.id, version="19.4").status_code == 404
    assert erik.post(f"{path}/devices/{there.id}/remove").status_code == 403
    assert erik.post(f"{path}/edit", name="x", kind="office").status_code == 404
    fresh()
    assert installed(device) == {"Database 19c": ("19.4", False)}


def test_what_inspections_read_is_recorded_once_and_followed(any_world: World) -> None:
    world = any_world
    device = world.device("web1")
    assert found_by_inspection(world, device, "Ubuntu", "22.04") == 1
    assert found_by_inspection(world, device, "Ubuntu", "22.04") == 0
    assert installed(device) == {"Ubuntu": ("22.04", True)}
    assert found_by_inspection(world, device, "Ubuntu", "24.04") == 1
    assert installed(device) == {"Ubuntu": ("24.04", True)}
    assert found_by_inspection(world, device, "Debian", "12") == 1
    assert installed(device) == {"Debian": ("12", True)}
    entries = sa.select(AuditEntry.action).where(AuditEntry.action.like("device.software%"))
    assert list(db.session.scalars(entries.order_by(AuditEntry.id))) == [
        "device.software_installed",
        "device.software_changed",
        "device.software_changed",
    ]


def test_what_people_wrote_stays_beside_what_inspections_read(world: World) -> None:
    device = world.device("web1")
    with unit_of_work():
        data = products.ProductData("Appliance OS", "Maker", "system")
        own = products.save_product(None, device.client_id, data, actor=SYSTEM, now=world.now)
    put(world, own, device, "7")
    found_by_inspection(world, device, "Ubuntu", "22.04")
    assert installed(device) == {"Appliance OS": ("7", False), "Ubuntu": ("22.04", True)}


def test_lists_and_files_carry_hostile_words_as_words(app: Flask, world: World) -> None:
    emma = Browser(app, "emma")
    north = world.organisations["north"].id
    fields = {"client_id": north, "name": HOSTILE, "maker": "=cmd|x", "kind": "office"}
    answer = emma.post("/equipment/software/new", **fields)
    assert answer.status_code == 302
    for path in (answer.location, "/equipment/software/?q=script", "/equipment/software/?kind=office"):
        page = emma.get(path).text
        assert "&lt;script&gt;" in page, path
        assert "<script>alert" not in page, path
    assert "'=cmd|x" in emma.get("/equipment/software.csv").text
    assert emma.get("/equipment/software.xlsx").data[:2] == b"PK"
    assert "&lt;script&gt;" not in emma.get("/equipment/software/?kind=database").text


def test_versions_are_counted(world: World) -> None:
    of = product(world)
    for number in range(3):
        put(world, of, world.device(f"db{number}"), "19.3" if number else "12.2")
    rows = queries.versions_of(of, SYSTEM)
    assert [(row.version, row.devices) for row in rows] == [
        ("19.3", 2),
        ("12.2", 1),
    ]
