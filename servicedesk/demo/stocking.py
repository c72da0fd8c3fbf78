"""Puts parts on the demonstration's shelves. All makers are made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.demo.texts import T
from servicedesk.equipment.models import Device, DeviceModel, Room
from servicedesk.equipment.stock import booking
from servicedesk.equipment.stock.booking import Papers
from servicedesk.equipment.stock.catalogue import PartData, PlaceData, save_part, save_place
from servicedesk.equipment.stock.items import change_item
from servicedesk.equipment.stock.models import StockItem
from servicedesk.maintenance.service import PlanData, save_plan
from servicedesk.organisations.models import Site
from servicedesk.repairs.costs import Line, add_line
from servicedesk.repairs.returns.service import ReturnData, send
from servicedesk.repairs.service import RepairData, open_repair, take

ACTOR = Actor.system("demo")
PIECE = T("个", "pcs")
NOTHING = T("", "")


@dataclass(frozen=True, slots=True)
class DemoPart:
    """``used``: names of devices; with serials one piece each, else one of the count each."""

    name: T
    maker: T
    number: str
    minimum: int
    stock: int
    serial: str = ""
    used: tuple[str, ...] = ()
    models: tuple[str, ...] = ()


PARTS: tuple[DemoPart, ...] = (
    DemoPart(
        T("硬盘 1.2 TB SAS 10K", "Hard disk 1.2 TB SAS 10K"),
        T("青松计算", "Pine Computing"),
        "PC-HD12S",
        3,
        4,
        serial="HD12S",
        used=("DB-1", "FILE-1"),
    ),
    DemoPart(
        T("冗余电源模块 350 W", "Power supply 350 W, redundant"),
        T("北辰网络", "Northwind Networks"),
        "NX-PSU350",
        2,
        2,
        serial="PSU350",
        used=("SW-CORE-1",),
        models=("NX-7700",),
    ),
    DemoPart(
        T("风扇模块", "Fan tray"), T("北辰网络", "Northwind Networks"), "NX-FAN", 2, 2, used=("SW-4F-1",)
    ),
    DemoPart(
        T("光模块 10G LR", "Transceiver 10G LR"), T("北辰网络", "Northwind Networks"), "NX-SFP10", 4, 12
    ),
    DemoPart(
        T("UPS 电池 12 V 100 Ah", "UPS battery 12 V 100 Ah"), T("江河电源", "River Power"), "RP-B100", 4, 2
    ),
    DemoPart(T("网线 Cat6 2 m", "Patch cable Cat6 2 m"), T("北辰网络", "Northwind Networks"), "C6-2", 20, 46),
)


@dataclass(frozen=True, slots=True)
class DemoRepair:
    """``steps``: keys of ``repairs.states.STEPS``, an hour apart."""

    device: str
    days_ago: int
    symptom: T
    diagnosis: T
    work: T
    note: T
    steps: tuple[str, ...] = ()
    supplier: T = NOTHING
    price: str = ""


REPAIRS: tuple[DemoRepair, ...] = (
    DemoRepair(
        "SW-4F-1",
        60,
        T("风扇告警，机箱温度偏高。", "Fan alarm, the chassis runs hot."),
        T("2 号风扇停转。", "Fan 2 does not turn."),
        T("更换风扇模块。", "Fan tray replaced."),
        T("备件在库。", "The part is in stock."),
        ("start", "repair"),
    ),
    DemoRepair(
        "UPS-1",
        12,
        T("电池放电时间不足 5 分钟。", "The batteries last less than five minutes."),
        T("4 节电池内阻过高。", "Four batteries have too high a resistance."),
        NOTHING,
        T("等待电池到货。", "The batteries are on their way."),
        ("start", "wait"),
        T("江河电源", "River Power"),
        "3600.00",
    ),
    DemoRepair(
        "DB-2",
        2,
        T("硬盘预测性故障告警。", "A disk reports a predicted failure."),
        NOTHING,
        NOTHING,
        NOTHING,
    ),
)


def stock(devices: Mapping[str, Device], site: Site, *, chinese: bool, then: datetime) -> None:
    """A catalogue, two places, deliveries long ago and what was used since."""
    room_id = db.session.scalar(sa.select(sa.func.min(Room.id)).where(Room.site_id == site.id))
    rooms = {T("备件柜 1", "Spare parts cabinet 1"): room_id, T("一楼库房", "Store downstairs"): None}
    places = [
        save_place(None, site, PlaceData(name.say(chinese), room), actor=ACTOR, now=then)
        for name, room in rooms.items()
    ]
    for one in PARTS:
        models = sa.select(DeviceModel.id).where(
            DeviceModel.client_id == site.client_id, DeviceModel.name.in_(one.models)
        )
        data = PartData(
            one.name.say(chinese),
            one.maker.say(chinese),
            one.number,
            PIECE.say(chinese),
            serialised=bool(one.serial),
            minimum=one.minimum,
        )
        part = save_part(None, site.client_id, data, db.session.scalars(models).all(), actor=ACTOR, now=then)
        papers = Papers(document=f"SH-2026-{len(one.number):03d}")
        if one.serial:
            serials = [f"{one.serial}-{number:04d}" for number in range(101, 101 + one.stock)]
            items = booking.receive_serials(part, places[0], serials, papers=papers, actor=ACTOR, now=then)
            for item, name in zip(items, one.used, strict=False):
                when = then + timedelta(days=20)
                change_item(item, "in_use", device=devices[name], actor=ACTOR, now=when)
            continue
        booking.receive(part, places[1], one.stock, papers=papers, actor=ACTOR, now=then)
        for name in one.used:
            when = then + timedelta(days=31)
            booking.issue(part, places[1], 1, device=devices[name], actor=ACTOR, now=when)


def repair(devices: Mapping[str, Device], *, chinese: bool, now: datetime) -> None:
    """One repair that is done, one that waits for a part, one that was just opened."""
    for number, one in enumerate(REPAIRS):
        then = now - timedelta(days=one.days_ago)
        texts = (one.symptom, one.diagnosis, one.work)
        symptom, diagnosis, work = (text.say(chinese) for text in texts)
        data = RepairData(symptom, diagnosis, work, supplier=one.supplier.say(chinese))
        opened = open_repair(devices[one.device], data, actor=ACTOR, now=then)
        for hours, key in enumerate(one.steps, 1):
            note = one.note.say(chinese) if hours == len(one.steps) else ""
            take(opened, key, note, actor=ACTOR, now=then + timedelta(hours=hours))
        if one.price:
            add_line(opened, Line("supplier", work or symptom, "1", one.price), actor=ACTOR, now=then)
        if one.price:
            item = db.session.scalars(sa.select(StockItem).where(StockItem.state == "in_stock")).first()
            if item is not None:
                _give_back(item, one, chinese=chinese, then=then)
        if number == 0:
            take(opened, "close", actor=ACTOR, now=then + timedelta(days=1))


def _give_back(item: StockItem, one: DemoRepair, *, chinese: bool, then: datetime) -> None:
    """A piece that was dead on arrival, and the supplier is late with another one."""
    data = ReturnData(
        one.supplier.say(chinese),
        T("到货即损坏。", "Dead on arrival.").say(chinese),
        then.date(),
        then.date() + timedelta(days=7),
        rma_number="RP-88213",
        warranty=True,
        carrier=T("顺达快递", "Swift Parcel").say(chinese),
        tracking="SD100200300",
    )
    change_item(item, "faulty", place=item.place, papers=Papers(data.reason), actor=ACTOR, now=then)
    send(item, data, actor=ACTOR, now=then)


def maintain(site: Site, *, chinese: bool, now: datetime) -> None:
    """Two plans: one opens its first ticket soon, one comes twice a year."""
    today = now.date()
    for title, device_class, unit, dates, points in (
        (
            T("UPS 电池放电测试", "Discharge test of UPS batteries"),
            "ups",
            "month",
            "",
            T("记录放电时间\n检查接线端子", "Note how long they last\nLook at the terminals"),
        ),
        (
            T("机房空调滤网清洗", "Filters of precision air conditioners"),
            "air_conditioner",
            "dates",
            "04-15 10-15",
            T("更换滤网\n清洗室外机", "New filters\nClean the outdoor unit"),
        ),
    ):
        data = PlanData(
            title.say(chinese),
            "class",
            unit,
            today + timedelta(days=3),
            every=3,
            dates=dates,
            device_class=device_class,
            lead_days=7,
            checklist=points.say(chinese),
        )
        save_plan(None, site, data, actor=ACTOR, now=now)
