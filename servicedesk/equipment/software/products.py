"""The catalogue of software, and what of it is installed where."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.removal import require_unused
from servicedesk.equipment.software.models import SoftwareInstall, SoftwareProduct
from servicedesk.equipment.software.words import PRODUCT_KINDS


@dataclass(frozen=True, slots=True)
class ProductData:
    """What a person may write; the names are those of ``SoftwareProduct``."""

    name: str
    maker: str = ""
    kind: str = "other"
    notes: str = ""


FIELDS = tuple(ProductData.__dataclass_fields__)


def label_of(product: Any) -> str:
    """Maker and name, of a record or a row."""
    return " ".join(filter(None, (product.maker, product.name)))


def require_editor(actor: Actor, client_id: int) -> None:
    """Products and licences are the whole client's."""
    if not actor.allows(Permission.DEVICE_EDIT, client_id):
        raise NotAllowedError


def save_product(
    product: SoftwareProduct | None, client_id: int, data: ProductData, *, actor: Actor, now: datetime
) -> SoftwareProduct:
    """Make or change a product of a client's catalogue.

    Raises:
        NotAllowedError, InvalidError: no name, no such kind, or it is there already.
    """
    require_editor(actor, client_id)
    if product is not None and product.client_id != client_id:
        raise NotAllowedError
    name, maker = data.name.strip(), data.maker.strip()
    if not name:
        raise InvalidError(_("The product needs a name."), "name")
    if data.kind not in PRODUCT_KINDS:
        raise InvalidError(_("Choose a kind from the list."), "kind")
    other = db.session.scalar(
        sa.select(SoftwareProduct.id).where(
            SoftwareProduct.client_id == client_id,
            SoftwareProduct.maker == maker,
            SoftwareProduct.name == name,
        )
    )
    if other is not None and (product is None or other != product.id):
        raise InvalidError(_("This product is in the catalogue already."), "name")
    before = audit.snapshot(product, FIELDS) if product is not None else None
    if product is None:
        product = SoftwareProduct(client_id=client_id, created_at=now)
        db.session.add(product)
    product.name, product.maker, product.kind = name, maker, data.kind
    product.notes, product.updated_at = data.notes.strip(), now
    after = audit.snapshot(product, FIELDS)
    if before != after:
        action = "software.created" if before is None else "software.updated"
        audit.record(actor, action, product, now=now, label=label_of(product), before=before, after=after)
    return product


def remove_product(product: SoftwareProduct, *, actor: Actor, now: datetime) -> None:
    """Delete a product that is installed nowhere and has no licence.

    Raises:
        NotAllowedError.
        ConflictError: it has installations or licences; the sentence counts them.
    """
    require_editor(actor, product.client_id)
    require_unused("software_products", [product.id], label_of(product))
    before = audit.snapshot(product, FIELDS)
    audit.record(actor, "software.removed", product, now=now, label=label_of(product), before=before)
    db.session.delete(product)
    db.session.flush()


def install(
    product: SoftwareProduct,
    device: Device,
    *,
    version: str = "",
    installed_on: date | None = None,
    actor: Actor,
    now: datetime,
) -> SoftwareInstall:
    """Say that a product is on a device; said again, its version or day is changed, no licence is.

    Raises:
        NotAllowedError: the device is out of the actor's reach.
        InvalidError: a device of another client.
    """
    if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        raise NotAllowedError
    if device.client_id != product.client_id:
        raise InvalidError(_("Choose devices of the same client."), "device_id")
    found = db.session.scalar(
        sa.select(SoftwareInstall).where(
            SoftwareInstall.product_id == product.id, SoftwareInstall.device_id == device.id
        )
    )
    before = _snapshot(found, product) if found is not None else None
    if found is None:
        found = SoftwareInstall(product_id=product.id, device_id=device.id)
        db.session.add(found)
    found.version, found.installed_on = version.strip()[:200], installed_on
    found.by_inspection, found.recorded_by, found.recorded_at = False, actor.name, now
    db.session.flush()
    _note(device, before, _snapshot(found, product), actor=actor, now=now)
    return found


def _snapshot(found: SoftwareInstall, product: SoftwareProduct) -> dict[str, Any]:
    """Name and version as one value, so that a change of the version names the product."""
    words = " ".join(filter(None, (label_of(product), found.version)))
    return {"software": words, **audit.snapshot(found, ("installed_on",))}


def _note(
    device: Device, before: dict[str, Any] | None, after: dict[str, Any], *, actor: Actor, now: datetime
) -> None:
    if before != after:
        action = "device.software_installed" if before is None else "device.software_changed"
        audit.record(actor, action, device, now=now, label=device.name, before=before, after=after)


def uninstall(product: SoftwareProduct, device_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a product off a device; its history keeps what was there."""
    found = db.session.scalar(
        sa.select(SoftwareInstall).where(
            SoftwareInstall.product_id == product.id, SoftwareInstall.device_id == device_id
        )
    )
    if found is None:
        raise NotFoundError
    device = found.device
    if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        raise NotAllowedError
    before = _snapshot(found, product)
    db.session.delete(found)
    audit.record(actor, "device.software_removed", device, now=now, label=device.name, before=before)


@dataclass(frozen=True, slots=True)
class Found:
    """What an inspection read of the software on a device."""

    device_id: int
    maker: str
    name: str
    version: str


def record_found(client_id: int, found: Sequence[Found], *, actor: Actor, now: datetime) -> int:
    """Let the record of a client's operating systems say what inspections read; returns what was changed.

    Args:
        found: of a few hundred devices at most, each once.

    Products that are missing are made. What a person wrote of an installation stays until the version is
    another one; a device keeps one operating system.
    """
    products = {
        (row.maker, row.name): row
        for row in db.session.scalars(
            sa.select(SoftwareProduct).where(SoftwareProduct.client_id == client_id)
        )
    }
    kept: dict[int, list[SoftwareInstall]] = {}
    for row in db.session.scalars(
        sa.select(SoftwareInstall)
        .join(SoftwareInstall.product)
        .where(
            SoftwareProduct.kind.in_(("system", "firmware")),
            SoftwareInstall.device_id.in_([one.device_id for one in found]),
        )
    ):
        kept.setdefault(row.device_id, []).append(row)
    changed = 0
    for one in found:
        product = products.get((one.maker, one.name))
        if product is None:
            data = ProductData(one.name, one.maker, "system")
            product = save_product(None, client_id, data, actor=actor, now=now)
            db.session.flush()
            products[one.maker, one.name] = product
        changed += _record_one(product, kept.get(one.device_id, ()), one, actor=actor, now=now)
    return changed


def _record_one(
    product: SoftwareProduct, there: Iterable[SoftwareInstall], one: Found, *, actor: Actor, now: datetime
) -> bool:
    mine = next((row for row in there if row.product_id == product.id), None)
    if mine is not None and mine.version == one.version:
        return False
    device = db.session.get_one(Device, one.device_id)
    before = _snapshot(mine, product) if mine is not None else None
    for other in there:
        if other.by_inspection and other is not mine:  # it was upgraded to another product
            before = before or _snapshot(other, other.product)
            db.session.delete(other)
    if mine is None:
        mine = SoftwareInstall(product_id=product.id, device_id=device.id)
        db.session.add(mine)
    mine.version, mine.by_inspection = one.version[:200], True
    mine.recorded_by, mine.recorded_at = actor.name, now
    db.session.flush()
    _note(device, before, _snapshot(mine, product), actor=actor, now=now)
    return True
