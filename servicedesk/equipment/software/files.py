"""Files of software: products, and on which devices they are; known by product, maker and device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import DomainError, InvalidError
from servicedesk.core.permissions import Permission
from servicedesk.core.sheet_files import Row
from servicedesk.equipment.file_kinds import (
    CREATE,
    SAME,
    UPDATE,
    WRONG,
    Differing,
    FileKind,
    Planned,
    Work,
    cells_of,
    changed_since,
    differing,
    gone_meanwhile,
    of_line,
)
from servicedesk.equipment.models import Device
from servicedesk.equipment.sheet_table import LONGEST_DAY, Column, Table, Words, Wrong, day
from servicedesk.equipment.software import catalogue_rows
from servicedesk.equipment.software.catalogue_rows import CHUNK, Catalogue, read_day
from servicedesk.equipment.software.models import SoftwareInstall
from servicedesk.equipment.software.products import ProductData, install, require_editor, uninstall
from servicedesk.equipment.software.words import PRODUCT_KINDS

TABLE = Table(
    (
        Column("product", _l("Product"), 200, "Nginx"),
        Column("maker", _l("Maker"), 100, "F5"),
        Column("product_kind", _l("Kind of software"), 40, "middleware"),
        Column("device", _l("Device"), 200, "WEB-1"),
        Column("version", _l("Version"), 200, "1.26.2"),
        Column("installed_on", _l("Installed on"), LONGEST_DAY, "2026-03-01"),
    ),
    {"product_kind": PRODUCT_KINDS},
    ("product",),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a row wants. ``device_id`` None: the product alone."""

    product_id: int | None
    product: ProductData
    device_id: int | None
    version: str
    installed_on: date | None


@dataclass(slots=True)
class Records:
    """What of the client a file can name: products, devices by name, what is installed."""

    catalogue: Catalogue
    devices: dict[str, int]
    installs: dict[tuple[int, int], Any]


def _load(names: Sequence[str], client_id: int, actor: Actor) -> Records:
    found = Records(catalogue_rows.load(client_id), {}, {})
    clause = actor.scope(Permission.DEVICE_EDIT).clause(Device.client_id, Device.site_id)
    for start in range(0, len(names), CHUNK):
        chosen = Device.name.in_(names[start : start + CHUNK])
        devices = sa.select(Device.id, Device.name).where(Device.client_id == client_id, clause, chosen)
        found.devices |= {row.name: row.id for row in db.session.execute(devices)}
    ids = list(found.devices.values())
    columns = ("product_id", "device_id", "version", "installed_on")
    for start in range(0, len(ids), CHUNK):
        installs = sa.select(*(getattr(SoftwareInstall, name) for name in columns)).where(
            SoftwareInstall.device_id.in_(ids[start : start + CHUNK])
        )
        found.installs |= {(row.product_id, row.device_id): row for row in db.session.execute(installs)}
    return found


def plan(rows: Iterable[Row], client_id: int, actor: Actor) -> list[Planned]:
    """What each row would do.

    Raises:
        NotAllowedError: the actor does not keep the whole client.
        InvalidError: the heading is not ours.
    """
    require_editor(actor, client_id)
    table, words = cells_of(rows, TABLE)
    names = sorted({given["device"] for _line, given in table if "device" in given})
    records = _load(names, client_id, actor)
    taken: dict[Any, int] = {}
    return [_once(_plan_row(line, given, records, words), given, taken) for line, given in table]


def _once(one: Planned, given: Mapping[str, str], taken: dict[Any, int]) -> Planned:
    """Two rows about one product on one device: the later one is wrong."""
    key = (given.get("product"), given.get("maker"), given.get("device"))
    if taken.setdefault(key, one.line) != one.line:
        told = _("Line %(line)s says this already.", line=taken[key])
        return replace(one, action=WRONG, data=None, errors=(*one.errors, told))
    return one


def _plan_row(line: int, given: Mapping[str, str], records: Records, words: Words) -> Planned:
    wrong = Wrong(TABLE)
    wrong.measure(given)
    label = " / ".join(filter(None, (given.get("product", "—"), given.get("device"))))[:200]
    if "product" not in given:
        return Planned(line, WRONG, label, errors=(*wrong.told, _("The product needs a name.")))
    known = wrong.ask("product", catalogue_rows.product_of, given, records.catalogue)
    product = catalogue_rows.wanted(given, known, words, wrong)
    device_id = wrong.ask("device", _device, given, records) if "device" in given else None
    if device_id is None and ("version" in given or "installed_on" in given) and "device" not in given:
        wrong.told.append(_("Say on which device it is installed."))
    old = records.installs.get((known.id if known is not None else 0, device_id or 0))
    version = given.get("version", old.version if old is not None else "")
    installed = wrong.ask("installed_on", day, given["installed_on"]) if "installed_on" in given else None
    installed = installed or (old.installed_on if old is not None else None)
    if wrong.told:
        return Planned(line, WRONG, label, device_id, errors=tuple(wrong.told))
    asked = Asked(known.id if known is not None else None, product, device_id, version, installed)
    changed = _changed(asked, known, old)
    made = known is None or (device_id is not None and old is None)
    action = CREATE if made else UPDATE if changed else SAME
    return Planned(line, action, label, device_id, asked, () if made else changed, note=version)


def _device(given: Mapping[str, str], records: Records) -> int:
    if given["device"] not in records.devices:
        raise InvalidError(_("There is no device “%(name)s” that you may change.", name=given["device"][:60]))
    return records.devices[given["device"]]


def _changed(asked: Asked, known: Any, old: Any) -> tuple[Differing, ...]:
    kind = catalogue_rows.other_kind(known, asked.product)
    return (*kind, *differing(old, asked, ("version", "installed_on")))


def _carry_out(todo: Sequence[Planned], work: Work) -> list[Any]:
    """Entries are ``["product", id, kind before]`` and ``["install", product_id, device_id, before]``."""
    catalogue = Catalogue({})
    changes: list[Any] = []
    for number, one in enumerate(todo, start=1):
        asked: Asked = one.data
        product = catalogue_rows.made_or_known(
            asked.product_id, asked.product, one.line, catalogue, work, changes
        )
        if asked.device_id is not None:
            device = db.session.get(Device, asked.device_id)
            if device is None:
                raise gone_meanwhile()
            old = _install(product.id, device.id)
            before = None
            if old is not None:
                kept = old.installed_on.isoformat() if old.installed_on else None
                before = [old.version, kept, old.by_inspection]
            try:
                install(
                    product,
                    device,
                    version=asked.version,
                    installed_on=asked.installed_on,
                    actor=work.actor,
                    now=work.now,
                )
            except DomainError as error:
                raise of_line(one.line, error) from error
            changes.append(["install", product.id, device.id, before])
        work.progress(number, len(todo))
    return changes


def _install(product_id: int, device_id: int) -> SoftwareInstall | None:
    return db.session.scalar(
        sa.select(SoftwareInstall).where(
            SoftwareInstall.product_id == product_id, SoftwareInstall.device_id == device_id
        )
    )


def _take_back(changes: Sequence[Any], moment: datetime, work: Work) -> None:
    """What was installed first, then the products that were made for it."""
    for number, entry in enumerate(reversed(changes), start=1):
        if entry[0] == "product":
            catalogue_rows.take_back_product(entry[1], entry[2], work)
        else:
            _take_back_install(entry, moment, work)
        work.progress(number, len(changes))


def _take_back_install(entry: Sequence[Any], moment: datetime, work: Work) -> None:
    _kind, product_id, device_id, before = entry
    found = _install(product_id, device_id)
    if found is None or found.recorded_at != moment:
        raise changed_since(found.product.name if found is not None else f"#{product_id}")
    if before is None:
        uninstall(found.product, device_id, actor=work.actor, now=work.now)
        return
    version, installed_on, by_inspection = before
    install(
        found.product,
        found.device,
        version=version,
        installed_on=read_day(installed_on),
        actor=work.actor,
        now=work.now,
    )
    found.by_inspection = by_inspection


SOFTWARE = FileKind(
    "software",
    _l("Software"),
    "software.index",
    _l("Software is known by product, maker and device. Products that are not in the catalogue are made."),
    _l("Version"),
    TABLE,
    plan,
    _carry_out,
    _take_back,
    TABLE.vocabulary(),
)
