"""A site with a room, and a plan that asks people to look."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from servicedesk.core.db import unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.equipment.places import RoomData, save_room
from servicedesk.inspections.manual.answers import Given, Sent, answer
from servicedesk.inspections.manual.models import ManualAnswer, ManualItem
from servicedesk.inspections.manual.queries import answers_of
from servicedesk.inspections.manual.service import ItemData, save_item
from servicedesk.inspections.models import InspectionPlan, InspectionRun
from servicedesk.inspections.plans import PlanData, save_plan
from servicedesk.inspections.required import RequiredItem
from servicedesk.inspections.runs import start_plan
from tests.servicedesk.world import SYSTEM, World, fresh

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 60
LAMPS = "Green | x = ok\nAmber | y = warning\nRed | z = critical"
TEMPERATURE = ItemData("Temperature", "T", "room", "number", unit="°C", warning_upper=27, critical_upper=32)
LAMP = ItemData("Lamps", "L", "device", "choice", device_classes=("switch",), options=LAMPS)
WORDS = ItemData("Smell", "S", "site", "text", photo_required=True)


def item(world: World, data: ItemData = TEMPERATURE, client: str = "north") -> ManualItem:
    with unit_of_work():
        return save_item(None, world.organisations[client].id, data, actor=SYSTEM, now=world.now)


def plan(world: World, *items: ManualItem) -> InspectionPlan:
    """A plan of the first site; a room and a switch stand there already."""
    required = [RequiredItem("reachable"), *(RequiredItem(one.check) for one in items)]
    data = PlanData(site_id=world.sites["north-1"].id, name="Day", required=required)
    with unit_of_work():
        return save_plan(None, data, actor=SYSTEM, now=world.now)


def room(world: World, name: str = "Room A") -> int:
    with unit_of_work():
        return save_room(None, world.sites["north-1"], RoomData(name), actor=SYSTEM, now=world.now).id


def begin(world: World, found: InspectionPlan, days: int = 0) -> InspectionRun:
    with unit_of_work():
        return start_plan(found, actor=SYSTEM, now=world.now + timedelta(days=days))


def rows(run: InspectionRun) -> dict[tuple[str, str], ManualAnswer]:
    fresh()
    return {(row.definition["title"][0], row.place_name): row for row in answers_of(run.id)}


def say(world: World, row: ManualAnswer, value: str = "", who: str = "emma", **more: object) -> Sent:
    """Answer as somebody does who sees the row as it is."""
    values: dict[str, object] = {"uuid": str(uuid4()), "seen": row.version, "value": value, **more}
    with unit_of_work():
        sent, _row = answer(
            row.id,
            Given(**values),  # type: ignore[arg-type]  # made above
            actor=world.actor(who),
            now=world.now,
            blobs=runtime().blobs,
            max_bytes=1000,
        )
    fresh()
    return sent
