"""The demonstration's software and licences. All makers are made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.runtime import runtime
from servicedesk.demo.texts import T
from servicedesk.equipment.models import Device
from servicedesk.equipment.software.licences import LicenceData, save_licence, set_key
from servicedesk.equipment.software.products import ProductData, install, save_product
from servicedesk.equipment.software.seats import Wanted, assign

ACTOR = Actor.system("demo")

NOTHING = T("", "")
PEOPLE = (T("王芳（财务科）", "Wang Fang"), T("陈刚（办公室）", "Chen Gang"))


@dataclass(frozen=True, slots=True)
class DemoLicence:
    """``ends`` and ``kept``: days from now; None: never, or no maintenance."""

    number: str
    kind: str
    quantity: int
    ends: int | None = None
    kept: int | None = None
    price: str = ""
    people: tuple[T, ...] = ()
    over: T = NOTHING


@dataclass(frozen=True, slots=True)
class DemoSoftware:
    name: T
    maker: T
    kind: str
    version: str = ""
    devices: tuple[str, ...] = ()
    licence: DemoLicence | None = None


SOFTWARE: tuple[DemoSoftware, ...] = (
    DemoSoftware(
        T("磐石数据库企业版", "Bedrock Database Enterprise"),
        T("磐石软件", "Bedrock Software"),
        "database",
        "12.4",
        ("DB-1", "DB-2"),
        DemoLicence("BR-2024-0117", "core", 16, None, 40, "186000"),
    ),
    DemoSoftware(
        T("长风应用服务器", "Longwind Application Server"),
        T("长风科技", "Longwind"),
        "middleware",
        "7.0.3",
        ("APP-1", "APP-2", "WEB-1"),
        DemoLicence("LW-AS-88", "device", 2, 300, None, "42000", over=T("已下单 1 个", "One is on order")),
    ),
    DemoSoftware(
        T("安盾终端防护", "Aegis Endpoint Protection"),
        T("安盾信息", "Aegis"),
        "security",
        "5.2",
        ("WEB-1", "FILE-1"),
        DemoLicence("AG-2026-500", "subscription", 500, 21, None, "65000"),
    ),
    DemoSoftware(
        T("青松办公套件", "Pine Office"),
        T("青松软件", "Pine Software"),
        "office",
        licence=DemoLicence(
            "PO-300",
            "user",
            300,
            None,
            -20,
            "90000",
            PEOPLE,
        ),
    ),
    DemoSoftware(
        T("备份软件 2019", "Backup 2019"),
        T("磐石软件", "Bedrock Software"),
        "application",
        "2019.1",
        ("BACKUP-1",),
        DemoLicence("BK-19", "device", 1, -35, None, "12000"),
    ),
)


def license_software(
    devices: Mapping[str, Device], client_id: int, *, chinese: bool, then: datetime, today: date
) -> None:
    """Products with what is installed, and a licence for each."""
    for one in SOFTWARE:
        data = ProductData(one.name.say(chinese), one.maker.say(chinese), one.kind)
        product = save_product(None, client_id, data, actor=ACTOR, now=then)
        db.session.flush()
        found = [devices[name] for name in one.devices if name in devices]
        for device in found:
            install(product, device, version=one.version, actor=ACTOR, now=then)
        if one.licence is not None:
            _license(one.licence, product.id, client_id, found, chinese=chinese, then=then, today=today)


def _license(
    one: DemoLicence,
    product_id: int,
    client_id: int,
    devices: list[Device],
    *,
    chinese: bool,
    then: datetime,
    today: date,
) -> None:
    def day(days: int | None) -> date | None:
        return None if days is None else today + timedelta(days=days)

    data = LicenceData(
        product_id,
        one.number,
        one.kind,
        one.quantity,
        bought_on=then.date(),
        price=Decimal(one.price),
        starts_on=then.date(),
        ends_on=day(one.ends),
        maintenance_until=day(one.kept),
    )
    licence = save_licence(None, client_id, data, actor=ACTOR, now=then)
    db.session.flush()
    set_key(licence, f"{one.number}-DEMO-KEY", keyring=runtime().keyring, actor=ACTOR, now=then)
    wanted = [Wanted(device_id=device.id, quantity=4 if one.kind == "core" else 1) for device in devices]
    wanted += [Wanted(holder=name.say(chinese)) for name in one.people]
    for each in wanted:
        assign(licence, each, over_reason=one.over.say(chinese), actor=ACTOR, now=then)
