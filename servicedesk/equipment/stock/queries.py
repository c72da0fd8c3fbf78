"""Parts, places, pieces and movements, as far as an actor may see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, selectinload

from servicedesk.core.actor import Actor
from servicedesk.core.db import anywhere, db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device, Room
from servicedesk.equipment.stock.models import (
    Part,
    StockItem,
    StockLevel,
    StockMovement,
    StockPlace,
    part_models,
)
from servicedesk.organisations.models import CLIENT, Organisation, Site

NEWEST_FIRST = (StockMovement.at.desc(), StockMovement.id.desc())


def part_clause(actor: Actor, permission: Permission) -> sa.ColumnElement[bool]:
    """Parts of clients in reach; who keeps one site alone sees its client's catalogue too."""
    scope = actor.scope(permission)
    clause = scope.clause(Part.client_id)
    if not scope.site_ids or scope.everything:
        return clause
    theirs = sa.select(Site.client_id).where(Site.id.in_(sorted(scope.site_ids)))
    return sa.or_(clause, Part.client_id.in_(theirs))


def clients(actor: Actor, permission: Permission) -> Sequence[Organisation]:
    """Clients whose whole stock the permission reaches, for forms."""
    return db.session.scalars(
        sa.select(Organisation)
        .where(Organisation.kind == CLIENT, actor.scope(permission).clause(Organisation.id))
        .order_by(Organisation.name)
    ).all()


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address of the list asks for. ``show``: low, all (also parts not kept any more)."""

    text: str = ""
    show: str = ""
    place_id: int = 0
    model_id: int = 0


def _total() -> sa.ScalarSelect[int]:
    total = sa.select(sa.func.coalesce(sa.func.sum(StockLevel.quantity), 0))
    return total.where(StockLevel.part_id == Part.id).correlate(Part).scalar_subquery()


def part_rows(actor: Actor, chosen: Chosen) -> sa.Select[*tuple[Any, ...]]:
    """Columns of the list of parts; ``total``: usable pieces at all places of the client."""
    total = _total()
    statement = (
        sa.select(
            Part.id,
            Part.name,
            Part.manufacturer,
            Part.part_number,
            Part.unit,
            Part.serialised,
            Part.minimum,
            Part.active,
            Organisation.name.label("client_name"),
            total.label("total"),
        )
        .join(Organisation, Organisation.id == Part.client_id)
        .where(part_clause(actor, Permission.STOCK_VIEW))
    )
    if chosen.show != "all":
        statement = statement.where(Part.active)
    if chosen.show == "low":
        statement = statement.where(total < Part.minimum)
    if chosen.place_id:
        lying = sa.select(StockLevel.part_id).where(
            StockLevel.place_id == chosen.place_id, StockLevel.quantity > 0
        )
        statement = statement.where(Part.id.in_(lying))
    if chosen.model_id:
        fitting = sa.select(part_models.c.part_id).where(part_models.c.model_id == chosen.model_id)
        statement = statement.where(Part.id.in_(fitting))
    if chosen.text:
        like = anywhere(chosen.text)
        known = sa.select(StockItem.part_id).where(
            StockItem.serial.ilike(like, escape="\\"),
            actor.scope(Permission.STOCK_VIEW).clause(StockItem.client_id, StockItem.site_id),
        )
        columns = (Part.name, Part.manufacturer, Part.part_number)
        parts = [column.ilike(like, escape="\\") for column in columns]
        statement = statement.where(sa.or_(Part.id.in_(known), *parts))
    return statement


def get_visible_part(part_id: int, actor: Actor) -> Part:
    """The part, or NotFoundError."""
    found = db.session.scalar(
        sa.select(Part)
        .where(Part.id == part_id, part_clause(actor, Permission.STOCK_VIEW))
        .options(joinedload(Part.client), selectinload(Part.fits))
    )
    if found is None:
        raise NotFoundError
    return found


def total_of(part: Part) -> int:
    """Usable pieces at all places of the client."""
    total = sa.select(sa.func.coalesce(sa.func.sum(StockLevel.quantity), 0))
    return db.session.scalar(total.where(StockLevel.part_id == part.id)) or 0


def _visible_places(actor: Actor, permission: Permission) -> sa.ColumnElement[bool]:
    return actor.scope(permission).clause(StockPlace.client_id, StockPlace.site_id)


def get_visible_place(place_id: int, actor: Actor) -> StockPlace:
    """The place, or NotFoundError."""
    found = db.session.scalar(
        sa.select(StockPlace)
        .where(StockPlace.id == place_id, _visible_places(actor, Permission.STOCK_VIEW))
        .options(joinedload(StockPlace.site), joinedload(StockPlace.room))
    )
    if found is None:
        raise NotFoundError
    return found


def place_choices(
    actor: Actor, permission: Permission, client_id: int | None = None
) -> Sequence[tuple[int, str]]:
    """Places in use, with their site, to choose from."""
    statement = (
        sa.select(StockPlace.id, StockPlace.name, Site.name.label("site_name"))
        .join(Site, Site.id == StockPlace.site_id)
        .where(_visible_places(actor, permission), StockPlace.active)
    )
    if client_id is not None:
        statement = statement.where(StockPlace.client_id == client_id)
    rows = db.session.execute(statement.order_by(Site.name, StockPlace.name, StockPlace.id))
    return [(row.id, f"{row.site_name} / {row.name}") for row in rows]


def place_rows(actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    """Columns of the list of places, with how many kinds of parts lie there."""
    kinds = (
        sa.select(sa.func.count())
        .where(StockLevel.place_id == StockPlace.id, StockLevel.quantity > 0)
        .scalar_subquery()
    )
    return (
        sa.select(
            StockPlace.id,
            StockPlace.name,
            StockPlace.active,
            Site.name.label("site_name"),
            Room.name.label("room_name"),
            kinds.label("kinds"),
        )
        .join(Site, Site.id == StockPlace.site_id)
        .outerjoin(Room, Room.id == StockPlace.room_id)
        .where(_visible_places(actor, Permission.STOCK_VIEW))
    )


def levels_of(part: Part, actor: Actor) -> Sequence[Any]:
    """Where the part lies: place, site and how many; places in reach alone."""
    return db.session.execute(
        sa.select(StockPlace.id, StockPlace.name, Site.name.label("site_name"), StockLevel.quantity)
        .join(StockLevel, StockLevel.place_id == StockPlace.id)
        .join(Site, Site.id == StockPlace.site_id)
        .where(
            StockLevel.part_id == part.id,
            StockLevel.quantity > 0,
            _visible_places(actor, Permission.STOCK_VIEW),
        )
        .order_by(Site.name, StockPlace.name)
    ).all()


def item_rows(actor: Actor, *, part_id: int = 0, state: str = "") -> sa.Select[*tuple[Any, ...]]:
    """Columns of single pieces."""
    statement = (
        sa.select(
            StockItem.id,
            StockItem.serial,
            StockItem.state,
            StockItem.device_id,
            Device.name.label("device_name"),
            StockPlace.name.label("place_name"),
            Site.name.label("site_name"),
        )
        .join(Site, Site.id == StockItem.site_id)
        .outerjoin(Device, Device.id == StockItem.device_id)
        .outerjoin(StockPlace, StockPlace.id == StockItem.place_id)
        .where(actor.scope(Permission.STOCK_VIEW).clause(StockItem.client_id, StockItem.site_id))
    )
    if part_id:
        statement = statement.where(StockItem.part_id == part_id)
    return statement.where(StockItem.state == state) if state else statement


def get_visible_item(item_id: int, actor: Actor) -> StockItem:
    """The piece, or NotFoundError."""
    found = db.session.scalar(
        sa.select(StockItem)
        .where(
            StockItem.id == item_id,
            actor.scope(Permission.STOCK_VIEW).clause(StockItem.client_id, StockItem.site_id),
        )
        .options(joinedload(StockItem.part), joinedload(StockItem.place), joinedload(StockItem.device))
    )
    if found is None:
        raise NotFoundError
    return found


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which movements: of a part, a piece, a kind, a place; since and until as moments."""

    part_id: int = 0
    item_id: int = 0
    kind: str = ""
    place_id: int = 0
    since: datetime | None = None
    until: datetime | None = None


def movement_rows(actor: Actor, wanted: Wanted) -> sa.Select[*tuple[Any, ...]]:
    """Columns of movements; one that leads to another site is seen from both."""
    scope = actor.scope(Permission.STOCK_VIEW)
    movement, target = StockMovement, aliased(StockPlace)
    statement = (
        sa.select(
            movement.id,
            movement.at,
            movement.kind,
            movement.quantity,
            movement.state,
            movement.reason,
            movement.document,
            movement.actor_name,
            movement.part_id,
            movement.item_id,
            movement.device_id,
            Part.name.label("part_name"),
            Part.part_number,
            Part.unit,
            StockItem.serial,
            StockPlace.name.label("place_name"),
            target.name.label("to_name"),
            Device.name.label("device_name"),
        )
        .join(Part, Part.id == movement.part_id)
        .outerjoin(StockItem, StockItem.id == movement.item_id)
        .outerjoin(StockPlace, StockPlace.id == movement.place_id)
        .outerjoin(target, target.id == movement.to_place_id)
        .outerjoin(Device, Device.id == movement.device_id)
        .where(
            sa.or_(
                scope.clause(movement.client_id, movement.site_id),
                scope.clause(movement.client_id, movement.to_site_id),
            )
        )
    )
    if wanted.part_id:
        statement = statement.where(movement.part_id == wanted.part_id)
    if wanted.item_id:
        statement = statement.where(movement.item_id == wanted.item_id)
    if wanted.kind:
        statement = statement.where(movement.kind == wanted.kind)
    if wanted.place_id:
        here = (movement.place_id == wanted.place_id, movement.to_place_id == wanted.place_id)
        statement = statement.where(sa.or_(*here))
    if wanted.since is not None:
        statement = statement.where(movement.at >= wanted.since)
    return statement.where(movement.at < wanted.until) if wanted.until is not None else statement
