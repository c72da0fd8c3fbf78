"""Stock in, out, moved and counted. Whoever books waits for the one before: a level is never below zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.i18n import enumeration
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.equipment.stock import notices
from servicedesk.equipment.stock.models import Part, StockItem, StockLevel, StockMovement, StockPlace
from servicedesk.equipment.stock.queries import total_of
from servicedesk.equipment.stock.words import FAULTY, IN_STOCK

MAX_QUANTITY, MAX_SERIALS = 100_000, 200
_AUDITED = ("kind", "quantity", "place_id", "to_place_id", "device_id", "state", "reason", "document")


@dataclass(frozen=True, slots=True)
class Papers:
    """Why something is booked, and the paper that proves it, for example a delivery note."""

    reason: str = ""
    document: str = ""


NO_PAPERS = Papers()


def locked(part_id: int) -> Part:
    """The part, with everybody else who books it kept waiting.

    The trail's lock comes first, as everywhere: two bookings of several parts cannot wait for each other.
    """
    audit.take_turn()
    return db.session.scalars(for_update(sa.select(Part).where(Part.id == part_id))).one()


def require_place(place: StockPlace, part: Part, actor: Actor, permission: Permission) -> None:
    """The place is of the part's client, in use, and in the actor's reach."""
    if place.client_id != part.client_id:
        raise InvalidError(_("There is no such place here."), "place_id")
    if not actor.allows(permission, place.client_id, place.site_id):
        raise NotAllowedError
    if not place.active:
        raise InvalidError(_("This place is not in use any more."), "place_id")


def require_device(device: Device, part: Part, actor: Actor) -> None:
    """The device is of the part's client, and in the actor's reach."""
    if device.client_id != part.client_id:
        raise InvalidError(_("There is no such device here."), "device_id")
    if not actor.allows(Permission.STOCK_MOVE, device.client_id, device.site_id):
        raise NotAllowedError


def _require_quantity(quantity: int | None) -> int:
    if quantity is None or not 1 <= quantity <= MAX_QUANTITY:
        raise InvalidError(_("Give 1 to %(most)s.", most=MAX_QUANTITY), "quantity")
    return quantity


def _require_counted(part: Part) -> None:
    if part.serialised:
        raise InvalidError(_("Pieces of this part have serials: choose the piece."))


def change_level(part: Part, place: StockPlace, change: int) -> int:
    """Add to what lies at a place; the part is locked. Returns what lies there now.

    Raises:
        ConflictError: so many are not there.
    """
    level = db.session.scalar(
        sa.select(StockLevel)
        .where(StockLevel.part_id == part.id, StockLevel.place_id == place.id)
        .execution_options(populate_existing=True)
    )
    there = level.quantity if level is not None else 0
    if there + change < 0:
        raise ConflictError(
            _("Only %(count)s of it lie at %(place)s.", count=there, place=place.name), "quantity"
        )
    if level is None:
        level = StockLevel(part_id=part.id, place_id=place.id, quantity=0)
        db.session.add(level)
    level.quantity = there + change
    db.session.flush()
    return level.quantity


def book(
    part: Part,
    kind: str,
    *,
    quantity: int,
    site_id: int,
    place: StockPlace | None = None,
    to_place: StockPlace | None = None,
    item: StockItem | None = None,
    device: Device | None = None,
    papers: Papers = NO_PAPERS,
    actor: Actor,
    now: datetime,
) -> StockMovement:
    """Append the movement that explains what was changed, and tell who orders when stock runs low."""
    movement = StockMovement(
        client_id=part.client_id,
        site_id=site_id,
        to_site_id=to_place.site_id if to_place is not None else None,
        part_id=part.id,
        item_id=item.id if item is not None else None,
        kind=kind,
        quantity=quantity,
        place_id=place.id if place is not None else None,
        to_place_id=to_place.id if to_place is not None else None,
        device_id=device.id if device is not None else None,
        state=item.state if item is not None else "",
        reason=papers.reason.strip()[:300],
        document=papers.document.strip()[:100],
        at=now,
        actor_id=actor.user_id,
        actor_name=actor.name,
    )
    db.session.add(movement)
    db.session.flush()
    after = audit.snapshot(movement, _AUDITED) | {"serial": item.serial if item is not None else ""}
    audit.record(actor, "stock.booked", movement, now=now, label=part.name, after=after)
    if quantity < 0 and to_place is None:
        left = total_of(part)
        if left < part.minimum <= left - quantity:
            notices.low(part, movement, left, actor=actor, now=now)
    return movement


def receive(
    part: Part,
    place: StockPlace,
    quantity: int | None,
    *,
    papers: Papers = NO_PAPERS,
    actor: Actor,
    now: datetime,
) -> StockMovement:
    """Counted pieces come in."""
    part = locked(part.id)
    require_place(place, part, actor, Permission.STOCK_MOVE)
    _require_counted(part)
    count = _require_quantity(quantity)
    if not part.active:
        raise InvalidError(_("This part is not kept any more."))
    change_level(part, place, count)
    return book(
        part,
        "in",
        quantity=count,
        site_id=place.site_id,
        place=place,
        papers=papers,
        actor=actor,
        now=now,
    )


def receive_serials(
    part: Part,
    place: StockPlace,
    serials: Sequence[str],
    *,
    state: str = IN_STOCK,
    papers: Papers = NO_PAPERS,
    actor: Actor,
    now: datetime,
) -> list[StockItem]:
    """Pieces with serials come in; ``state`` faulty: taken out of a device that was here before our books.

    Raises:
        NotAllowedError, InvalidError: a serial is there already, too long, or given twice.
    """
    part = locked(part.id)
    require_place(place, part, actor, Permission.STOCK_MOVE)
    if not part.serialised:
        raise InvalidError(_("Pieces of this part are counted: they have no serials."), "serials")
    if not part.active:
        raise InvalidError(_("This part is not kept any more."))
    wanted = _require_serials(part, serials)
    items = []
    for serial in wanted:
        item = StockItem(
            client_id=part.client_id,
            site_id=place.site_id,
            part_id=part.id,
            serial=serial,
            state=FAULTY if state == FAULTY else IN_STOCK,
            place_id=place.id,
            created_at=now,
        )
        db.session.add(item)
        db.session.flush()
        usable_now = item.state == IN_STOCK
        if usable_now:
            change_level(part, place, 1)
        book(
            part,
            "in" if usable_now else "state",
            quantity=int(usable_now),
            site_id=place.site_id,
            place=place,
            item=item,
            papers=papers,
            actor=actor,
            now=now,
        )
        items.append(item)
    return items


def _require_serials(part: Part, serials: Sequence[str]) -> list[str]:
    wanted = [serial.strip() for serial in serials if serial.strip()]
    if not 1 <= len(wanted) <= MAX_SERIALS:
        raise InvalidError(_("Write 1 to %(most)s serials, one a line.", most=MAX_SERIALS), "serials")
    if len(set(wanted)) != len(wanted):
        raise InvalidError(_("A serial is there twice."), "serials")
    if any(len(serial) > 100 for serial in wanted):
        raise InvalidError(_("A serial has at most 100 characters."), "serials")
    known = db.session.scalars(
        sa.select(StockItem.serial).where(StockItem.part_id == part.id, StockItem.serial.in_(wanted))
    ).all()
    if known:
        raise InvalidError(_("In the books already: %(serials)s.", serials=enumeration(known[:5])), "serials")
    return wanted


def issue(
    part: Part,
    place: StockPlace,
    quantity: int | None,
    *,
    device: Device | None = None,
    papers: Papers = NO_PAPERS,
    actor: Actor,
    now: datetime,
) -> StockMovement:
    """Counted pieces go out: into a device, or for what the reason says.

    Raises:
        NotAllowedError, InvalidError.
        ConflictError: so many are not there.
    """
    part = locked(part.id)
    require_place(place, part, actor, Permission.STOCK_MOVE)
    _require_counted(part)
    count = _require_quantity(quantity)
    if device is not None:
        require_device(device, part, actor)
    elif not papers.reason.strip():
        raise InvalidError(_("Say for which device, or why."), "reason")
    change_level(part, place, -count)
    return book(
        part,
        "out",
        quantity=-count,
        site_id=place.site_id,
        place=place,
        device=device,
        papers=papers,
        actor=actor,
        now=now,
    )


def move(
    part: Part,
    place: StockPlace,
    to_place: StockPlace,
    quantity: int | None,
    *,
    papers: Papers = NO_PAPERS,
    actor: Actor,
    now: datetime,
) -> StockMovement:
    """Counted pieces go from one place to another of the client."""
    part = locked(part.id)
    require_place(place, part, actor, Permission.STOCK_MOVE)
    require_place(to_place, part, actor, Permission.STOCK_MOVE)
    _require_counted(part)
    count = _require_quantity(quantity)
    if place.id == to_place.id:
        raise InvalidError(_("Choose another place."), "to_place_id")
    change_level(part, place, -count)
    change_level(part, to_place, count)
    return book(
        part,
        "move",
        quantity=-count,
        site_id=place.site_id,
        place=place,
        to_place=to_place,
        papers=papers,
        actor=actor,
        now=now,
    )


def correct(
    part: Part,
    place: StockPlace,
    counted: int | None,
    *,
    papers: Papers,
    actor: Actor,
    now: datetime,
) -> StockMovement | None:
    """What was counted at a place goes before the books; None when both agree.

    Raises:
        NotAllowedError, InvalidError: without a reason, or of pieces with serials.
    """
    part = locked(part.id)
    require_place(place, part, actor, Permission.STOCK_COUNT)
    _require_counted(part)
    if counted is None or not 0 <= counted <= MAX_QUANTITY:
        raise InvalidError(_("Give 0 to %(most)s.", most=MAX_QUANTITY), "quantity")
    if not papers.reason.strip():
        raise InvalidError(_("Say why the books were wrong."), "reason")
    there = change_level(part, place, 0)
    if counted == there:
        return None
    change_level(part, place, counted - there)
    return book(
        part,
        "count",
        quantity=counted - there,
        site_id=place.site_id,
        place=place,
        papers=papers,
        actor=actor,
        now=now,
    )
