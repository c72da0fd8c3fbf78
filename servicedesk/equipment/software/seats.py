"""Seats of licences: given to devices and people, never more than was bought without a reason, taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotFoundError
from servicedesk.equipment.models import Device
from servicedesk.equipment.software.licences import MAX_QUANTITY, locked, note_over, used_of
from servicedesk.equipment.software.models import Licence, LicenceSeat
from servicedesk.equipment.software.products import require_editor
from servicedesk.organisations.models import Contract
from servicedesk.staff.models import User

_CHUNK = 500  # numbers in one question


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who is to use a licence: a device, an account, or somebody without one, by name."""

    device_id: int | None = None
    user_id: int | None = None
    holder: str = ""
    quantity: int = 1


def people(client_id: int) -> sa.Select[User]:
    """Active accounts of a client and of the companies that serve it."""
    serving = sa.select(Contract.service_id).where(Contract.client_id == client_id)
    ours = sa.or_(User.organisation_id == client_id, User.organisation_id.in_(serving))
    return sa.select(User).where(ours, User.active)


def assign(
    licence: Licence, wanted: Wanted, *, over_reason: str = "", actor: Actor, now: datetime
) -> LicenceSeat:
    """Give a licence to a device or a person.

    Args:
        over_reason: why more may be used than was bought; without it that is refused. It stays visible.

    Raises:
        NotAllowedError.
        InvalidError: nobody, somebody of another client, twice, none left, or the licence has ended.
    """
    require_editor(actor, licence.client_id)
    licence = locked(licence.id)
    if not 1 <= wanted.quantity <= MAX_QUANTITY:
        raise InvalidError(_("Give a number from 1 to 1,000,000."), "quantity")
    if licence.ends_on is not None and licence.ends_on < now.date():
        raise InvalidError(_("The licence has ended. Renew it first, or give another one."))
    seat = LicenceSeat(licence_id=licence.id, quantity=wanted.quantity, assigned_at=now)
    seat.assigned_by = actor.name
    seat.device_id, seat.user_id, seat.holder = _holder(licence, wanted)
    _require_once(seat)
    used = used_of(licence) + wanted.quantity
    over = 0 < licence.quantity < used
    if over and not over_reason.strip():
        left = max(0, licence.quantity - used + wanted.quantity)
        raise InvalidError(
            _(
                "Only %(left)s of %(all)s are left. If more are used all the same, tick it and say why.",
                left=left,
                all=licence.quantity,
            ),
            "quantity",
        )
    db.session.add(seat)
    note_over(licence, over, over_reason, actor=actor, now=now)
    after: dict[str, Any] = {"holder": seat.holder, "quantity": seat.quantity}
    if over:
        after["over_reason"] = licence.over_reason
    audit.record(actor, "licence.assigned", licence, now=now, label=licence.number, after=after)
    return seat


def _holder(licence: Licence, wanted: Wanted) -> tuple[int | None, int | None, str]:
    if sum(map(bool, (wanted.device_id, wanted.user_id, wanted.holder.strip()))) != 1:
        raise InvalidError(_("Choose a device or a person, one of them."), "device_id")
    if wanted.device_id:
        device = db.session.get(Device, wanted.device_id)
        if device is None or device.client_id != licence.client_id:
            raise InvalidError(_("Choose devices of the same client."), "device_id")
        if device.state == "disposed":
            raise InvalidError(_("The device was disposed of."), "device_id")
        return device.id, None, device.name
    if wanted.user_id:
        user = db.session.scalar(people(licence.client_id).where(User.id == wanted.user_id))
        if user is None:
            raise InvalidError(_("Choose somebody of the same client."), "user_id")
        return None, user.id, user.display_name
    return None, None, wanted.holder.strip()[:200]


def _require_once(seat: LicenceSeat) -> None:
    same = (
        LicenceSeat.device_id == seat.device_id
        if seat.device_id
        else LicenceSeat.user_id == seat.user_id
        if seat.user_id
        else sa.and_(
            LicenceSeat.device_id.is_(None), LicenceSeat.user_id.is_(None), LicenceSeat.holder == seat.holder
        )
    )
    mine = sa.select(LicenceSeat.id).where(
        LicenceSeat.licence_id == seat.licence_id, LicenceSeat.ended_at.is_(None), same
    )
    if db.session.scalar(mine.limit(1)) is not None:
        raise InvalidError(
            _(
                "%(name)s uses this licence already. Take it back first to change the number.",
                name=seat.holder,
            ),
            "device_id" if seat.device_id else "user_id",
        )


def release(licence: Licence, seat_id: int, *, reason: str = "", actor: Actor, now: datetime) -> None:
    """Take a seat back; it stays as history.

    Raises:
        NotAllowedError, NotFoundError: no such seat, or it was taken back.
    """
    require_editor(actor, licence.client_id)
    licence = locked(licence.id)
    seat = db.session.get(LicenceSeat, seat_id, populate_existing=True)
    if seat is None or seat.licence_id != licence.id or seat.ended_at is not None:
        raise NotFoundError
    _end([seat], licence, reason, actor=actor, now=now)


def _end(seats: Sequence[LicenceSeat], licence: Licence, reason: str, *, actor: Actor, now: datetime) -> None:
    for seat in seats:
        seat.ended_at, seat.ended_by, seat.end_reason = now, actor.name, reason.strip()[:300]
    db.session.flush()
    note_over(licence, 0 < licence.quantity < used_of(licence), "", actor=actor, now=now)
    before = {"holder": [seat.holder for seat in seats], "quantity": sum(seat.quantity for seat in seats)}
    after = {"reason": reason} if reason else None
    audit.record(
        actor, "licence.released", licence, now=now, label=licence.number, before=before, after=after
    )


def release_devices(
    device_ids: Iterable[int], reason: str, *, gone: bool, actor: Actor, now: datetime
) -> int:
    """End what devices use when they are disposed of, or (``gone``) deleted; returns how many seats.

    Whoever may take the device away may end its seats, so nobody is asked for more.
    """
    ids, count = list(device_ids), 0
    for start in range(0, len(ids), _CHUNK):
        chosen = LicenceSeat.device_id.in_(ids[start : start + _CHUNK])
        open_seats = sa.select(LicenceSeat).where(chosen, LicenceSeat.ended_at.is_(None))
        by_licence: dict[int, list[LicenceSeat]] = {}
        for seat in db.session.scalars(open_seats.order_by(LicenceSeat.licence_id, LicenceSeat.id)):
            by_licence.setdefault(seat.licence_id, []).append(seat)
        for licence_id, seats in by_licence.items():
            _end(seats, locked(licence_id), reason, actor=actor, now=now)
            count += len(seats)
        if gone:
            db.session.execute(sa.update(LicenceSeat).where(chosen).values(device_id=None))
    return count
