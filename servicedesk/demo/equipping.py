"""Gives the demonstration's devices their models, places on the plan, relations and contracts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.runtime import runtime
from servicedesk.demo.equipment_content import CONTRACTS, DOCUMENTS, MODELS, RELATIONS
from servicedesk.demo.networks import lay_out
from servicedesk.equipment import device_models, documents, support
from servicedesk.equipment.models import Device, Rack, Room
from servicedesk.equipment.places import RackData, RoomData, save_rack, save_room
from servicedesk.equipment.relations import relate
from servicedesk.equipment.service import FIELDS, DeviceData, save_device

ACTOR = Actor.system("demo")


def arrange(rooms: Mapping[str, Room], racks: Mapping[tuple[str, int], Rack], *, now: datetime) -> None:
    """Put the racks side by side on their rooms' plans."""
    for room in rooms.values():
        plan = RoomData(room.name, grid_rows=3, grid_columns=6)
        save_room(room, room.site, plan, actor=ACTOR, now=now)
    for (key, number), rack in racks.items():
        data = RackData(rack.name, rack.height_u, grid_row=2, grid_column=number + 1)
        save_rack(rack, rooms[key], data, actor=ACTOR, now=now)


def equip(
    devices: Mapping[str, Device], *, client_id: int, chinese: bool, then: datetime, today: date
) -> None:
    """Models first, since devices take their vendor from them."""

    def day(days: int | None) -> date | None:
        return None if days is None else today + timedelta(days=days)

    for spec in MODELS:
        sale, end_of_support, life = (day(days) for days in spec.ends)
        data = device_models.ModelData(
            spec.maker.say(chinese),
            spec.name,
            spec.device_class,
            spec.height,
            port_count=spec.ports,
            end_of_sale_on=sale,
            end_of_support_on=end_of_support,
            end_of_life_on=life,
        )
        model = device_models.save_model(None, client_id, data, actor=ACTOR, now=then)
        db.session.flush()
        for name in spec.devices:
            values = {field: getattr(devices[name], field) for field in FIELDS} | {"model_id": model.id}
            saved = save_device(devices[name], DeviceData(**values), actor=ACTOR, now=then)
            saved.vendor = saved.model = ""  # the first inspection fills in what the device tells
    for name, kind, other in RELATIONS:
        relate(devices[name], devices[other], kind, actor=ACTOR, now=then)
    for one in CONTRACTS:
        contract = support.save_contract(
            None,
            client_id,
            support.ContractData(
                one.kind,
                one.vendor.say(chinese),
                one.number,
                today + timedelta(days=one.runs[0]),
                today + timedelta(days=one.runs[1]),
                title=one.title.say(chinese),
                sla_text=one.promise.say(chinese),
            ),
            actor=ACTOR,
            now=then,
        )
        db.session.flush()
        support.cover(contract, [devices[name].id for name in one.devices], actor=ACTOR, now=then)
    _document(devices, client_id=client_id, chinese=chinese, then=then, today=today)
    lay_out(devices, client_id=client_id, chinese=chinese, then=then)


def _document(
    devices: Mapping[str, Device], *, client_id: int, chinese: bool, then: datetime, today: date
) -> None:
    """Technical documents with their versions, a week apart."""
    for one in DOCUMENTS:
        data = documents.DocumentData(
            one.title.say(chinese),
            one.kind,
            note=one.note.say(chinese),
            review_on=today + timedelta(days=one.review),
        )
        made = documents.save_document(None, client_id, data, actor=ACTOR, now=then)
        for number, (name, changes) in enumerate(zip(one.files, one.changes, strict=True), 1):
            words = changes.say(chinese)
            documents.add_version(
                made,
                (name, f"{data.title}\n{words}\n".encode()),
                label=f"V{number}.0",
                changes=words,
                blobs=runtime().blobs,
                actor=ACTOR,
                now=then + timedelta(weeks=number - 1),
            )
        for device in one.devices:
            documents.link(made, devices[device], actor=ACTOR, now=then)
