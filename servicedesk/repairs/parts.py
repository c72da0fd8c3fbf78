"""Parts out of stock go into the device that is repaired; what comes out of it becomes a faulty piece."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError
from servicedesk.equipment.stock import booking
from servicedesk.equipment.stock.booking import Papers
from servicedesk.equipment.stock.items import change_item
from servicedesk.equipment.stock.models import Part, StockItem, StockPlace
from servicedesk.equipment.stock.words import FAULTY, IN_USE, STATES
from servicedesk.repairs.costs import Line, add_line
from servicedesk.repairs.models import Repair, RepairCost
from servicedesk.repairs.service import locked, require_work


@dataclass(frozen=True, slots=True)
class Used:
    """A piece with a serial (``item``), or ``quantity`` counted ones from ``place``.

    ``serial_old``: of the part that comes out; it is kept at ``old_place`` as a faulty piece of the kind.
    """

    part: Part
    place: StockPlace | None = None
    quantity: int | None = 1
    item: StockItem | None = None
    unit_price: str = "0"
    serial_old: str = ""
    old_place: StockPlace | None = None


def use_part(repair: Repair, used: Used, *, actor: Actor, now: datetime) -> RepairCost:
    """Take a part out of stock for a repair, and write its line of cost.

    Raises:
        NotAllowedError, InvalidError.
        ConflictError: it is not there, or the repair is over.
    """
    repair = locked(repair.id)
    require_work(repair, actor)
    papers = Papers(document=repair.number)
    quantity, serial = 1, ""
    if used.part.serialised:
        if used.item is None or used.item.part_id != used.part.id:
            raise InvalidError(_("Choose the piece by its serial."), "item_id")
        serial = used.item.serial
        movement = change_item(used.item, IN_USE, device=repair.device, papers=papers, actor=actor, now=now)
    else:
        if used.place is None:
            raise InvalidError(_("Choose where it is taken from."), "place_id")
        movement = booking.issue(
            used.part, used.place, used.quantity, device=repair.device, papers=papers, actor=actor, now=now
        )
        quantity = -movement.quantity
    old = used.serial_old.strip()
    if old and used.part.serialised:
        _keep_faulty(repair, used, old, papers, actor=actor, now=now)
    line = Line("part", used.part.name, str(quantity), used.unit_price, old, serial)
    return add_line(repair, line, movement_id=movement.id, actor=actor, now=now)


def _keep_faulty(
    repair: Repair, used: Used, serial: str, papers: Papers, *, actor: Actor, now: datetime
) -> None:
    """The piece that came out: known since it was put in, or new to the books."""
    if used.old_place is None:
        raise InvalidError(_("Say where the old part is kept."), "old_place_id")
    known = db.session.scalar(
        sa.select(StockItem).where(StockItem.part_id == used.part.id, StockItem.serial == serial)
    )
    if known is None:
        booking.receive_serials(
            used.part, used.old_place, [serial], state=FAULTY, papers=papers, actor=actor, now=now
        )
    elif known.state == IN_USE and known.device_id == repair.device_id:
        change_item(known, FAULTY, place=used.old_place, papers=papers, actor=actor, now=now)
    else:
        raise ConflictError(
            _("%(serial)s is “%(state)s” in the books.", serial=serial, state=STATES[known.state][0]),
            "serial_old",
        )
