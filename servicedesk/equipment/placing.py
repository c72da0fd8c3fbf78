"""A device's place in a rack: which units and faces it fills, and who is there already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError
from servicedesk.core.i18n import enumeration
from servicedesk.equipment.models import Device, Rack

FACES: dict[str, LazyString] = {"front": _l("Front"), "rear": _l("Rear")}


class Mounted(Protocol):
    """What fills units of a rack: a device, its row, or what somebody wants to save."""

    @property
    def name(self) -> str: ...
    @property
    def rack_unit(self) -> int | None: ...
    @property
    def height_u(self) -> int: ...
    @property
    def face(self) -> str: ...
    @property
    def full_depth(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Span:
    """Units ``low`` to ``high``, both counted."""

    low: int
    high: int

    def meets(self, other: Span) -> bool:
        """Whether they share a unit."""
        return self.low <= other.high and other.low <= self.high

    def __str__(self) -> str:
        return f"U{self.low}" if self.low == self.high else f"U{self.low}–U{self.high}"


def span_of(mounted: Mounted) -> Span:
    """The units a mounted device fills."""
    low = mounted.rack_unit or 1
    return Span(low, low + mounted.height_u - 1)


def in_the_way(wanted: Mounted, others: Iterable[Mounted]) -> list[Mounted]:
    """Those of ``others`` that fill a unit ``wanted`` needs, on the same face or through both."""
    span = span_of(wanted)
    return [
        other
        for other in others
        if other.rack_unit is not None
        and span.meets(span_of(other))
        and (other.full_depth or wanted.full_depth or other.face == wanted.face)
    ]


def require_free(wanted: Mounted, rack: Rack, device_id: int | None) -> None:
    """Refuse a place that is not in the rack or not free; the rack is locked until the end of the work.

    Raises:
        InvalidError: outside of the rack.
        ConflictError: somebody is there; the sentence says who and where.
    """
    if wanted.face not in FACES:
        raise InvalidError(_("Choose the front or the rear."), "face")
    if wanted.rack_unit is None:
        return
    if not 1 <= wanted.rack_unit <= rack.height_u - wanted.height_u + 1:
        raise InvalidError(_("The rack has units 1 to %(height)s.", height=rack.height_u), "rack_unit")
    db.session.execute(for_update(sa.select(Rack.id).where(Rack.id == rack.id)))
    with db.session.no_autoflush:  # the device itself may be half changed
        rows = db.session.execute(mounted_rows(rack.id, device_id)).all()
    there = in_the_way(wanted, rows)
    if there:
        raise ConflictError(not_free(wanted, there), "rack_unit")


def not_free(wanted: Mounted, there: Iterable[Mounted]) -> str:
    """The sentence that says who is in the way, and where."""
    return _(
        "%(span)s is not free: %(names)s. Choose other units or the other face.",
        span=span_of(wanted),
        names=enumeration(f"{other.name} ({span_of(other)})" for other in there),
    )


def mounted_rows(rack_id: int, without: int | None = None) -> sa.Select[tuple[int, str, int, int, str, bool]]:
    """Devices with a unit in the rack, from the top; disposed ones are gone."""
    statement = sa.select(
        Device.id,
        Device.name,
        Device.rack_unit,
        Device.height_u,
        Device.face,
        Device.full_depth,
        Device.device_class,
        Device.state,
        Device.last_outcome,
    ).where(Device.rack_id == rack_id, Device.rack_unit.is_not(None), Device.state != "disposed")
    if without is not None:
        statement = statement.where(Device.id != without)
    return statement.order_by(Device.rack_unit.desc(), Device.id)  # type: ignore[return-value]  # more columns
