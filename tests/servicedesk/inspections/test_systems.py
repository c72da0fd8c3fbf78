"""What inspections read of operating systems becomes software of the device, without anybody typing it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.equipment.models import Device
from servicedesk.equipment.software.models import SoftwareInstall, SoftwareProduct
from servicedesk.inspections.models import DeviceSnapshot, InspectionRecord
from servicedesk.inspections.runs import start_site
from servicedesk.inspections.systems import record_systems, system_of
from tests.servicedesk.world import SYSTEM, World, fresh


@pytest.mark.parametrize(
    ("platform", "vendor", "version", "expected"),
    [
        ("linux", "Dell Inc.", "Ubuntu 22.04.3 LTS", ("", "Ubuntu", "22.04.3 LTS")),
        ("linux", "", "openEuler 22.03 (LTS-SP1)", ("", "openEuler", "22.03 (LTS-SP1)")),
        (
            "linux",
            "",
            "Kylin Linux Advanced Server V10 (Tercel)",
            ("", "Kylin Linux Advanced Server", "V10 (Tercel)"),
        ),
        ("aix", "IBM", "AIX 7200-05-03-2148", ("", "AIX", "7200-05-03-2148")),
        (
            "windows",
            "HP",
            "Microsoft Windows Server 2019 Standard 10.0.17763",
            ("", "Microsoft Windows Server", "2019 Standard 10.0.17763"),
        ),
        ("huawei_vrp", "Huawei", "V200R019C10", ("Huawei", "VRP", "V200R019C10")),
        ("vrp", "Huawei", "5.170", ("Huawei", "VRP", "5.170")),
        ("cisco_nxos", "Cisco", "9.3(8)", ("Cisco", "NX-OS", "9.3(8)")),
        ("linux", "", "", None),
        ("linux", "", "22.04", None),
        ("ups-mib", "APC", "1.2", None),
        ("vrp", "Huawei", "", None),
        ("", "", "x" * 9000 + " 1", None),
    ],
)
def test_maker_name_and_version_are_told_apart(
    platform: str, vendor: str, version: str, expected: tuple[str, str, str] | None
) -> None:
    assert system_of(platform, vendor, version) == expected


def read(device: Device, record_id: int, version: str, platform: str = "linux") -> None:
    """As if an inspection had just answered."""
    with unit_of_work() as session:
        snapshot = session.get(DeviceSnapshot, device.id)
        if snapshot is None:
            snapshot = DeviceSnapshot(device_id=device.id, record_id=record_id, at=device.created_at)
            session.add(snapshot)
        snapshot.document = {"device": {"platform": platform, "vendor": "", "version": version}}


def test_the_job_records_each_client_apart_and_only_what_is_new(any_app: Flask, any_world: World) -> None:
    world = any_world
    devices = [world.device("web1", protocol="ssh"), world.device("web2", "south-1", protocol="ssh")]
    for device in devices:
        with unit_of_work():
            start_site(device.site, actor=SYSTEM, now=world.now)
        record = sa.select(InspectionRecord.id).where(InspectionRecord.device_id == device.id)
        read(device, db.session.scalars(record).one(), "Ubuntu 22.04")
    assert record_systems() == 2
    assert record_systems() == 0
    read(devices[0], 0, "Ubuntu 24.04")
    assert record_systems() == 1
    fresh()
    rows = db.session.execute(
        sa.select(SoftwareProduct.client_id, SoftwareInstall.version, SoftwareProduct.kind)
        .join(SoftwareInstall, SoftwareInstall.product_id == SoftwareProduct.id)
        .order_by(SoftwareInstall.device_id)
    ).all()
    assert [tuple(row) for row in rows] == [
        (world.organisations["north"].id, "24.04", "system"),
        (world.organisations["south"].id, "22.04", "system"),
    ]
