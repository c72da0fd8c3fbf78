"""Pages over 20,000 devices with 500,000 interfaces, and an import of 5,000 devices, on both databases."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa
from flask import Flask
from openpyxl import Workbook

from benchmarks.pages import filled, median_s, served
from benchmarks.past import give_a_past
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.equipment import importing
from servicedesk.equipment.import_models import DeviceImport
from servicedesk.equipment.models import Device, DeviceRelation, Rack, Room
from servicedesk.equipment.network_models import Interface, Link
from servicedesk.search.models import SearchText
from servicedesk.search.words import index_words
from tests.servicedesk.world import Browser, World

DEVICES, PORTS, IMPORTED = 20_000, 25, 5_000
RACKS, IN_RACK = 500, 40  # one unit each
HALL = 50  # racks of a room
CORE = 500  # devices that depend on one
LIVED = 12_345  # the device that has a past
CLASSES = ("switch", "server", "router", "firewall", "storage")
FOUND_BY = ("name", "address", "serial", "model", "notes")
# path, budget of the design
PAGES = (
    ("/equipment/devices", "25 ms"),
    ("/equipment/devices?class=switch&state=active", "25 ms"),
    ("/equipment/devices?q=DEV-12345", "50 ms"),
    ("/equipment/devices?q=Hall+3", "50 ms"),
    ("/search?q=SN-0012345", "50 ms"),
    ("/equipment/devices/12345", "15 ms"),
    ("/equipment/devices/12345/interfaces", "25 ms"),
    ("/equipment/devices/12345/rest", "25 ms"),
    ("/equipment/devices/1/relations", "25 ms"),  # the impact of a device that 499 others need
    ("/equipment/racks/250", "25 ms"),
    ("/equipment/rooms/5", "25 ms"),
)


def _fill(world: World, now: datetime) -> None:
    client, site = world.organisations["north"].id, world.sites["north-1"].id
    here = {"client_id": client, "site_id": site, "created_at": now}
    rooms = [
        {**here, "id": number, "name": f"Hall {number}", "floor": "1", "grid_rows": 5, "grid_columns": 10}
        for number in range(1, RACKS // HALL + 1)
    ]
    racks = [
        {
            "id": number,
            "client_id": client,
            "room_id": (number - 1) // HALL + 1,
            "name": f"R{number:03d}",
            "height_u": 42,
            "grid_row": (number - 1) % HALL // 10 + 1,
            "grid_column": (number - 1) % 10 + 1,
            "created_at": now,
        }
        for number in range(1, RACKS + 1)
    ]
    with unit_of_work() as session:
        session.execute(sa.insert(Room), rooms)
        session.execute(sa.insert(Rack), racks)
    for start in range(1, DEVICES + 1, 1000):
        _thousand(range(start, start + 1000), here, now)


def _thousand(numbers: range, here: dict[str, object], now: datetime) -> None:
    devices = [_device(number, here) for number in numbers]
    ports = [
        {"id": (number - 1) * PORTS + port, "device_id": number, "name": f"Gi0/{port}", "kind": "copper"}
        for number in numbers
        for port in range(1, PORTS + 1)
    ]
    # The first port of a device leads to the last but some of the one before it: chains of cables.
    cables = [
        {
            "client_id": here["client_id"],
            "a_id": (number - 1) * PORTS + 1,
            "b_id": (number - 2) * PORTS + 2,
            "created_at": now,
        }
        for number in numbers
        if number > 1
    ]
    needs = [
        {
            "device_id": number,
            "other_id": (number - 1) // CORE * CORE + 1,
            "kind": "depends_on",
            "created_at": now,
            "actor_name": "Emma",
        }
        for number in numbers
        if number % CORE != 1
    ]
    texts = [
        {
            "kind": "device",
            "object_id": row["id"],
            "words": index_words(*(str(row[name]) for name in FOUND_BY)),
        }
        for row in devices
    ]
    with unit_of_work() as session:
        session.execute(sa.insert(Device), devices)
        session.execute(sa.insert(Interface), ports)
        session.execute(sa.insert(Link), cables)
        session.execute(sa.insert(DeviceRelation), needs)
        session.execute(sa.insert(SearchText), texts)


def _device(number: int, here: dict[str, object]) -> dict[str, object]:
    rack = (number - 1) // IN_RACK + 1
    return {
        **here,
        "id": number,
        "name": f"DEV-{number:05d}",
        "room_id": (rack - 1) // HALL + 1,
        "rack_id": rack,
        "rack_unit": (number - 1) % IN_RACK + 1,
        "device_class": CLASSES[number % len(CLASSES)],
        "vendor": "Huawei",
        "model": f"S{5700 + number % 30}",
        "serial": f"SN-{number:07d}",
        "address": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
        "notes": f"Hall {(rack - 1) // HALL + 1}",
    }


def measure(_arguments: Sequence[str] = ()) -> Iterator[tuple[str, str, str, str]]:
    """Rows of the table: medians within the process and served, and how long an import takes."""
    for database, app, url in filled(_fill):
        if app is None:
            yield f"{database}: not installed here", "", "", ""
            continue
        with app.app_context():
            now = datetime.now(UTC)
            give_a_past(World.load(now), LIVED, now)
        browser = Browser(app, "emma")
        for path, budget in PAGES:
            median = median_s(browser, path)
            yield f"{database} {path} (at most {budget})", f"{1000 * median:.1f} ms", "", ""
        yield from served(app, database, url, PAGES)
        preview_s, import_s = _import(app)
        yield (
            f"{database}: XLSX of {IMPORTED} devices looked over, then imported (at most 60 s)",
            f"{preview_s:.1f} s, {import_s:.1f} s",
            "",
            "",
        )


def _import(app: Flask) -> tuple[float, float]:
    """Seconds of a preview and of the import itself, as the worker does it."""
    with app.app_context():
        now = datetime.now(UTC)
        world = World.load(now)
        actor, client, site = world.actor("emma"), world.organisations["north"], world.sites["north-1"]
        blobs = runtime().blobs
        content = _workbook(site.name)
        began = time.perf_counter()
        with unit_of_work():
            looked, _planned = importing.prepare(
                client.id, "devices.xlsx", content, actor=actor, blobs=blobs, now=now
            )
            number = looked.id
        preview_s = time.perf_counter() - began
        with unit_of_work():
            importing.queue(db.session.get_one(DeviceImport, number), actor=actor)
        began = time.perf_counter()
        with unit_of_work():
            done = importing.work(number, actor=actor, blobs=blobs, now=now, progress=lambda *_: None)
            created = done.created_count if done else 0
        import_s = time.perf_counter() - began
    if created != IMPORTED:
        raise SystemExit(f"The import created {created} devices.")
    return preview_s, import_s


def _workbook(site: str) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(["name", "device_class", "site", "room", "address", "serial", "vendor", "model"])
    for number in range(1, IMPORTED + 1):
        place = site, f"Hall {number % 10 + 1}", f"10.200.{number >> 8}.{number & 255}"
        sheet.append([f"NEW-{number:05d}", "server", *place, f"NSN-{number:07d}", "Dell", "R740"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
