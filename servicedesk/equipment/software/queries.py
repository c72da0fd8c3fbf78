"""What of software and licences an actor sees.

Licences are the whole client's. Products are shown to whoever looks after one of its sites, installations to
whoever sees the device.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import anywhere, db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.software.models import (
    FAR,
    Licence,
    LicenceSeat,
    SoftwareInstall,
    SoftwareProduct,
)
from servicedesk.organisations.models import Organisation, Site
from servicedesk.staff.models import User

SHOWN = 500  # seats and installations on one page


@dataclass(frozen=True, slots=True)
class Chosen:
    """The filters of the list of licences. ``show``: "", ending, ended, over, idle, all."""

    text: str = ""
    show: str = ""
    product_id: int = 0
    kind: str = ""


SHOWS = ("ending", "ended", "over", "idle", "all")


def like(text: str) -> str:
    """A pattern that finds the text anywhere; to be used with the escape "\\\\"."""
    return anywhere(text)


def _scope(actor: Actor, column: Any) -> sa.ColumnElement[bool]:
    return actor.scope(Permission.DEVICE_VIEW).clause(column)


def _products(actor: Actor) -> sa.ColumnElement[bool]:
    scope = actor.scope(Permission.DEVICE_VIEW)
    whole = scope.clause(SoftwareProduct.client_id)
    if scope.everything or not scope.site_ids:
        return whole
    clients = sa.select(Site.client_id).where(Site.id.in_(sorted(scope.site_ids)))
    return sa.or_(whole, SoftwareProduct.client_id.in_(clients))


def _devices(actor: Actor) -> sa.ColumnElement[bool]:
    return actor.scope(Permission.DEVICE_VIEW).clause(Device.client_id, Device.site_id)


def product_rows(actor: Actor, *, text: str = "", kind: str = "") -> sa.Select[*tuple[Any, ...]]:
    """Columns of products with how many devices have them and how many licences there are."""
    installs = sa.select(sa.func.count(SoftwareInstall.id)).where(
        SoftwareInstall.product_id == SoftwareProduct.id
    )
    if actor.scope(Permission.DEVICE_VIEW).site_ids:
        installs = installs.join(Device, Device.id == SoftwareInstall.device_id).where(_devices(actor))
    licences = sa.select(sa.func.count(Licence.id)).where(
        Licence.product_id == SoftwareProduct.id, _scope(actor, Licence.client_id)
    )
    statement = (
        sa.select(
            SoftwareProduct.id,
            SoftwareProduct.client_id,
            SoftwareProduct.name,
            SoftwareProduct.maker,
            SoftwareProduct.kind,
            Organisation.name.label("client_name"),
            installs.scalar_subquery().label("installs"),
            licences.scalar_subquery().label("licences"),
        )
        .join(Organisation, Organisation.id == SoftwareProduct.client_id)
        .where(_products(actor))
    )
    if kind:
        statement = statement.where(SoftwareProduct.kind == kind)
    if text:
        columns = (SoftwareProduct.name, SoftwareProduct.maker)
        statement = statement.where(sa.or_(*(column.ilike(like(text), escape="\\") for column in columns)))
    return statement


def get_visible_product(product_id: int, actor: Actor) -> SoftwareProduct:
    """The product, or NotFoundError."""
    found = db.session.scalar(
        sa.select(SoftwareProduct)
        .where(SoftwareProduct.id == product_id, _products(actor))
        .options(joinedload(SoftwareProduct.client))
    )
    if found is None:
        raise NotFoundError
    return found


def install_rows(actor: Actor, product: SoftwareProduct) -> sa.Select[*tuple[Any, ...]]:
    """Devices that have a product, with the licence each uses."""
    seat = (
        sa.select(sa.func.min(Licence.number))
        .join(LicenceSeat, LicenceSeat.licence_id == Licence.id)
        .where(
            Licence.product_id == product.id,
            LicenceSeat.device_id == Device.id,
            LicenceSeat.ended_at.is_(None),
            _scope(actor, Licence.client_id),
        )
        .scalar_subquery()
    )
    return (
        sa.select(
            SoftwareInstall.id,
            SoftwareInstall.device_id,
            SoftwareInstall.version,
            SoftwareInstall.installed_on,
            SoftwareInstall.by_inspection,
            SoftwareInstall.recorded_by,
            SoftwareInstall.recorded_at,
            Device.name.label("device_name"),
            Device.state.label("device_state"),
            seat.label("licence_number"),
        )
        .join(Device, Device.id == SoftwareInstall.device_id)
        .where(
            SoftwareInstall.product_id == product.id,
            _devices(actor),
        )
    )


def versions_of(product: SoftwareProduct, actor: Actor) -> Sequence[Any]:
    """Versions and on how many devices each is, the most frequent first."""
    count = sa.func.count().label("devices")
    return db.session.execute(
        sa.select(SoftwareInstall.version, count)
        .join(Device, Device.id == SoftwareInstall.device_id)
        .where(SoftwareInstall.product_id == product.id, _devices(actor))
        .group_by(SoftwareInstall.version)
        .order_by(count.desc(), SoftwareInstall.version)
        .limit(20)
    ).all()


def _used() -> sa.ScalarSelect[int]:
    """How much of a licence is in use."""
    return (
        sa.select(sa.func.coalesce(sa.func.sum(LicenceSeat.quantity), 0))
        .where(LicenceSeat.licence_id == Licence.id, LicenceSeat.ended_at.is_(None))
        .scalar_subquery()
    )


def _not_ended(today: date) -> sa.ColumnElement[bool]:
    return sa.or_(Licence.ends_on.is_(None), Licence.ends_on >= today)


def ending(today: date) -> sa.ColumnElement[bool]:
    """To be renewed: they end, or their maintenance does, and the time to warn has come."""
    return sa.or_(
        sa.and_(Licence.ends_on >= today, Licence.warn_from <= today),
        sa.and_(Licence.maintenance_until >= today, Licence.lapse_warn_from <= today, _not_ended(today)),
    )


def ending_question(actor: Actor, today: date) -> sa.ScalarSelect[int]:
    """How many licences are to be renewed, for the menu of those who keep the equipment."""
    scope = actor.scope(Permission.DEVICE_EDIT)
    statement = sa.select(sa.func.count(Licence.id))
    return statement.where(scope.clause(Licence.client_id), ending(today)).scalar_subquery()


def licence_rows(actor: Actor, chosen: Chosen, *, today: date) -> sa.Select[*tuple[Any, ...]]:
    """Columns of the list of licences with how much of each is in use."""
    used = _used()
    statement = (
        sa.select(
            Licence.id,
            Licence.number,
            Licence.kind,
            Licence.quantity,
            Licence.starts_on,
            Licence.ends_on,
            Licence.maintenance_until,
            Licence.due_on,
            Licence.warn_from,
            Licence.lapse_warn_from,
            Licence.over_reason,
            Licence.supplier,
            Licence.bought_on,
            Licence.price,
            Licence.product_id,
            SoftwareProduct.name.label("product_name"),
            SoftwareProduct.maker.label("product_maker"),
            Organisation.name.label("client_name"),
            used.label("used"),
        )
        .join(SoftwareProduct, SoftwareProduct.id == Licence.product_id)
        .join(Organisation, Organisation.id == Licence.client_id)
        .where(_scope(actor, Licence.client_id))
    )
    match chosen.show:
        case "ending":
            statement = statement.where(ending(today))
        case "ended":
            statement = statement.where(Licence.ends_on < today)
        case "over":
            statement = statement.where(Licence.quantity > 0, used > Licence.quantity)
        case "idle":
            statement = statement.where(Licence.quantity > 0, used < Licence.quantity, _not_ended(today))
        case "all":
            pass
        case _:
            statement = statement.where(_not_ended(today))
    if chosen.product_id:
        statement = statement.where(Licence.product_id == chosen.product_id)
    if chosen.kind:
        statement = statement.where(Licence.kind == chosen.kind)
    if chosen.text:
        columns = (Licence.number, Licence.supplier, SoftwareProduct.name, SoftwareProduct.maker)
        statement = statement.where(
            sa.or_(*(column.ilike(like(chosen.text), escape="\\") for column in columns))
        )
    return statement


def get_visible_licence(licence_id: int, actor: Actor) -> Licence:
    """The licence, or NotFoundError."""
    found = db.session.scalar(
        sa.select(Licence)
        .where(Licence.id == licence_id, _scope(actor, Licence.client_id))
        .options(
            joinedload(Licence.product),
            joinedload(Licence.client),
            joinedload(Licence.contract),
            joinedload(Licence.document),
        )
    )
    if found is None:
        raise NotFoundError
    return found


def seats_of(licence: Licence, *, ended: bool) -> Sequence[Any]:
    """Who uses a licence, or who did, the newest first; at most ``SHOWN``."""
    statement = (
        sa.select(
            LicenceSeat.id,
            LicenceSeat.holder,
            LicenceSeat.quantity,
            LicenceSeat.device_id,
            LicenceSeat.user_id,
            LicenceSeat.assigned_at,
            LicenceSeat.assigned_by,
            LicenceSeat.ended_at,
            LicenceSeat.ended_by,
            LicenceSeat.end_reason,
            Device.name.label("device_name"),
            Device.state.label("device_state"),
            User.active.label("user_active"),
        )
        .outerjoin(Device, Device.id == LicenceSeat.device_id)
        .outerjoin(User, User.id == LicenceSeat.user_id)
        .where(LicenceSeat.licence_id == licence.id)
    )
    if ended:
        ordered = statement.where(LicenceSeat.ended_at.is_not(None)).order_by(LicenceSeat.ended_at.desc())
    else:
        ordered = statement.where(LicenceSeat.ended_at.is_(None)).order_by(LicenceSeat.holder)
    return db.session.execute(ordered.order_by(LicenceSeat.id.desc()).limit(SHOWN)).all()


def of_device(device: Device, *, with_licences: bool) -> tuple[Sequence[Any], Sequence[Any]]:
    """What is installed on a device, and the licences it uses."""
    installs = db.session.execute(
        sa.select(
            SoftwareInstall.product_id,
            SoftwareInstall.version,
            SoftwareInstall.installed_on,
            SoftwareInstall.by_inspection,
            SoftwareProduct.name,
            SoftwareProduct.maker,
            SoftwareProduct.kind,
        )
        .join(SoftwareProduct, SoftwareProduct.id == SoftwareInstall.product_id)
        .where(SoftwareInstall.device_id == device.id)
        .order_by(SoftwareProduct.name, SoftwareInstall.id)
        .limit(SHOWN)
    ).all()
    if not with_licences:
        return installs, ()
    licences = db.session.execute(
        sa.select(
            Licence.id,
            Licence.number,
            Licence.starts_on,
            Licence.ends_on,
            Licence.maintenance_until,
            Licence.due_on,
            Licence.warn_from,
            Licence.lapse_warn_from,
            LicenceSeat.quantity,
            SoftwareProduct.name.label("product_name"),
        )
        .join(LicenceSeat, LicenceSeat.licence_id == Licence.id)
        .join(SoftwareProduct, SoftwareProduct.id == Licence.product_id)
        .where(LicenceSeat.device_id == device.id, LicenceSeat.ended_at.is_(None))
        .order_by(Licence.due_on, Licence.id)
        .limit(SHOWN)
    ).all()
    return installs, licences


def days_left(row: Any, today: date) -> int | None:
    """Whole days until ``due_on``, today included; None for never."""
    return (row.due_on - today).days + 1 if row.due_on < FAR else None
