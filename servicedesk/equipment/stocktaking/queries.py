"""Stock-takings as far as an actor may see them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.history import Event
from servicedesk.equipment.models import Device, Room
from servicedesk.equipment.stocktaking.models import StockTaking, StockTakingLine
from servicedesk.organisations.models import Site

# name in the address → which lines
SHOWN = {
    "missing": (StockTakingLine.expected, StockTakingLine.found_at.is_(None)),
    "here": (StockTakingLine.expected, StockTakingLine.found_at.is_not(None)),
    "surplus": (~StockTakingLine.expected,),
    "all": (),
}


def _clause(actor: Actor) -> sa.ColumnElement[bool]:
    return actor.scope(Permission.DEVICE_VIEW).clause(StockTaking.client_id, StockTaking.site_id)


def taking_rows(actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    """Columns of the list: the place, when, by whom, how much is counted."""
    lines = sa.select(sa.func.count()).where(StockTakingLine.taking_id == StockTaking.id)
    lines = lines.correlate(StockTaking)
    expected = lines.where(StockTakingLine.expected)
    seen = expected.where(StockTakingLine.found_at.is_not(None))
    return (
        sa.select(
            StockTaking.id,
            StockTaking.begun_at,
            StockTaking.begun_by,
            StockTaking.ended_at,
            StockTaking.ended_by,
            Site.name.label("site_name"),
            Room.name.label("room_name"),
            expected.scalar_subquery().label("expected"),
            seen.scalar_subquery().label("here"),
            lines.where(~StockTakingLine.expected).scalar_subquery().label("surplus"),
        )
        .join(Site, Site.id == StockTaking.site_id)
        .outerjoin(Room, Room.id == StockTaking.room_id)
        .where(_clause(actor))
    )


def get_visible_taking(taking_id: int, actor: Actor) -> StockTaking:
    """The stock-taking, or NotFoundError."""
    found = db.session.scalar(
        sa.select(StockTaking)
        .where(StockTaking.id == taking_id, _clause(actor))
        .options(joinedload(StockTaking.site), joinedload(StockTaking.room))
    )
    if found is None:
        raise NotFoundError
    return found


def get_line(taking: StockTaking, line_id: int) -> StockTakingLine:
    """A line of the stock-taking, or NotFoundError."""
    found = db.session.scalar(
        sa.select(StockTakingLine).where(
            StockTakingLine.id == line_id, StockTakingLine.taking_id == taking.id
        )
    )
    if found is None:
        raise NotFoundError
    return found


def line_rows(taking: StockTaking, shown: str, actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    """Columns of the lines; ``moved``: the record has the device elsewhere now.

    Devices of sites that the actor does not see keep their name and lose their link (``visible``).
    """
    here = Device.site_id == taking.site_id
    if taking.room_id is not None:
        here = sa.and_(here, sa.func.coalesce(Device.room_id, 0) == taking.room_id)
    visible = actor.scope(Permission.DEVICE_VIEW).clause(Device.client_id, Device.site_id)
    return (
        sa.select(
            StockTakingLine.id,
            StockTakingLine.expected,
            StockTakingLine.recorded_at,
            StockTakingLine.found_at,
            StockTakingLine.found_by,
            Device.id.label("device_id"),
            Device.name,
            Device.asset_tag,
            Device.serial,
            Device.model,
            Device.state,
            (~here).label("moved"),
            visible.label("visible"),
        )
        .join(Device, Device.id == StockTakingLine.device_id)
        .where(StockTakingLine.taking_id == taking.id, *SHOWN[shown])
    )


def device_events(device: Device, actor: Actor, before: datetime | None, limit: int) -> list[Event]:
    """When a device was seen, or missed, for its history."""
    at = sa.func.coalesce(StockTakingLine.found_at, StockTaking.ended_at)
    statement = (
        sa.select(
            at.label("at"),
            StockTakingLine.found_at,
            StockTakingLine.found_by,
            StockTaking.id,
            StockTaking.ended_by,
            Site.name.label("site_name"),
            Room.name.label("room_name"),
        )
        .join(StockTaking, StockTaking.id == StockTakingLine.taking_id)
        .join(Site, Site.id == StockTaking.site_id)
        .outerjoin(Room, Room.id == StockTaking.room_id)
        .where(StockTakingLine.device_id == device.id, at.is_not(None), _clause(actor))
    )
    if before is not None:
        statement = statement.where(at < before)
    rows: Sequence[Any] = db.session.execute(
        statement.order_by(at.desc(), StockTakingLine.id.desc()).limit(limit)
    ).all()
    return [_event(row) for row in rows]


def _event(row: Any) -> Event:
    place = f"{row.site_name} / {row.room_name}" if row.room_name else row.site_name
    if row.found_at is not None:
        title = _("Seen at the stock-taking of %(place)s", place=place)
    else:
        title = _("Missing at the stock-taking of %(place)s", place=place)
    return Event(
        row.at,
        "change",
        "check2-square" if row.found_at is not None else "exclamation-triangle",
        title,
        url=url_for("stocktaking.detail", taking_id=row.id),
        who=row.found_by or row.ended_by,
    )
