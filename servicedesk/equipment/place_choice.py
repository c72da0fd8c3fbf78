"""Site, then room, then rack: a form lists rooms of the chosen site and racks of the chosen room alone."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from flask import url_for

from servicedesk.core.db import db
from servicedesk.core.forms import NONE_CHOSEN
from servicedesk.equipment.forms import DeviceForm
from servicedesk.equipment.models import Rack, Room

# The fields below the one that changed are asked for again, with what is chosen above.
_ASK_AGAIN = {
    "hx-trigger": "change",
    "hx-target": "#place-choice",
    "hx-swap": "outerHTML",
    "hx-include": "#site_id, #room_id",
}


def offer_place(form: DeviceForm, site_ids: Collection[int]) -> None:
    """Set the choices of room and rack by what the form has; ``site_ids``: in the order they are offered.

    What was sent or is recorded is offered as well if it is one of these sites', even where it does not fit:
    the service then says why.
    """
    ask = {"hx-get": url_for("places.choose"), **_ASK_AGAIN}
    for field in (form.site_id, form.room_id):
        field.render_kw = ask
    site_id = form.site_id.data if form.site_id.data in site_ids else next(iter(site_ids), None)
    rooms = _rooms(site_id, form.room_id.data, site_ids)
    form.room_id.offer([(row.id, row.name) for row in rooms], empty=NONE_CHOSEN)
    racks = _racks(form.room_id.data, form.rack_id.data, site_ids)
    form.rack_id.offer([(row.id, row.name) for row in racks], empty=NONE_CHOSEN)


def _rooms(site_id: int | None, kept: int | None, site_ids: Collection[int]) -> list[Any]:
    chosen = sa.or_(Room.site_id == site_id, Room.id == kept)
    statement = sa.select(Room.id, Room.name).where(chosen, Room.site_id.in_(site_ids))
    return list(db.session.execute(statement.order_by(Room.name, Room.id)))


def _racks(room_id: int | None, kept: int | None, site_ids: Collection[int]) -> list[Any]:
    chosen = sa.or_(Rack.room_id == room_id, Rack.id == kept)
    statement = sa.select(Rack.id, Rack.name).join(Room, Room.id == Rack.room_id)
    statement = statement.where(chosen, Room.site_id.in_(site_ids))
    return list(db.session.execute(statement.order_by(Rack.name, Rack.id)))


def forget_what_does_not_fit(form: DeviceForm) -> None:
    """After another site or room was chosen, what lay in the old one is chosen no more."""
    room = db.session.get(Room, form.room_id.data) if form.room_id.data else None
    if room is None or room.site_id != form.site_id.data:
        form.room_id.data = None
    rack = db.session.get(Rack, form.rack_id.data) if form.rack_id.data else None
    if rack is None or rack.room_id != form.room_id.data:
        form.rack_id.data = None
