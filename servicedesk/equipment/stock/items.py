"""A single piece goes its way: into a device, out of it, to the supplier and back."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.stock.booking import (
    NO_PAPERS,
    Papers,
    book,
    change_level,
    locked,
    require_device,
    require_place,
)
from servicedesk.equipment.stock.models import StockItem, StockMovement, StockPlace
from servicedesk.equipment.stock.words import BY_ENDS, IN_STOCK, IN_USE, STATES


def change_item(
    item: StockItem,
    target: str,
    *,
    place: StockPlace | None = None,
    device: Device | None = None,
    papers: Papers = NO_PAPERS,
    actor: Actor,
    now: datetime,
) -> StockMovement:
    """Take a piece along one of ``words.STEPS``.

    Raises:
        NotAllowedError: where it is, or where it goes, is out of the actor's reach.
        InvalidError: no such step, or something it asks for is missing.
        ConflictError: somebody else was faster.
    """
    seen = item.state
    part = locked(item.part_id)
    item = db.session.scalars(for_update(sa.select(StockItem).where(StockItem.id == item.id))).one()
    if not actor.allows(Permission.STOCK_MOVE, item.client_id, item.site_id):
        raise NotAllowedError
    if item.state != seen:
        raise ConflictError(_("This piece is “%(state)s” by now.", state=STATES[item.state][0]))
    step = BY_ENDS.get((item.state, target))
    if step is None:
        raise InvalidError(_("This does not follow for a piece that is “%(s)s”.", s=STATES[item.state][0]))
    if step.device:
        if device is None:
            raise InvalidError(_("Choose the device it is put into."), "device_id")
        require_device(device, part, actor)
    if step.place:
        if place is None:
            raise InvalidError(_("Choose where it lies now."), "place_id")
        require_place(place, part, actor, Permission.STOCK_MOVE)
        if step.source == step.target and place.id == item.place_id:
            raise InvalidError(_("Choose another place."), "place_id")
    if step.reason and not papers.reason.strip():
        raise InvalidError(_("Say why."), "reason")
    was_at, was_in = item.place, item.device
    if item.state == IN_STOCK and was_at is not None:
        change_level(part, was_at, -1)
    if step.target == IN_STOCK and place is not None:
        change_level(part, place, 1)
    item.state = target
    item.place = place if step.place else None
    item.device = device if target == IN_USE else None
    item.site_id = place.site_id if step.place and place else device.site_id if device else item.site_id
    item.updated_at = now
    db.session.flush()
    moved = step.kind == "move"
    left, arrives = step.source == IN_STOCK, target == IN_STOCK
    return book(
        part,
        step.kind,
        quantity=-1 if left else int(arrives),
        site_id=was_at.site_id if left and was_at else item.site_id,
        place=was_at if left else item.place,
        to_place=place if moved else None,
        item=item,
        device=device if target == IN_USE else was_in,
        papers=papers,
        actor=actor,
        now=now,
    )
