"""Questions and their answers, as far as an actor reviews the sites."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.inspections.models import InspectionRecord
from servicedesk.inspections.rejudging import APPEARED, CHANGED, GONE, VALUE
from servicedesk.inspections.whatif.models import RejudgedItem, Rejudging

KINDS: dict[str, LazyString] = {
    CHANGED: _l("another verdict"),
    APPEARED: _l("judged today alone"),
    GONE: _l("judged then alone"),
    VALUE: _l("another value, the same verdict"),
}


def visible(actor: Actor) -> sa.Select[Rejudging]:
    """Of sites whose records the actor reviews."""
    reach = actor.scope(Permission.INSPECTION_REVIEW)
    return (
        sa.select(Rejudging)
        .where(reach.clause(Rejudging.client_id, Rejudging.site_id))
        .options(joinedload(Rejudging.site), joinedload(Rejudging.device))
    )


def get_visible(rejudging_id: int, actor: Actor) -> Rejudging:
    """The question, or NotFoundError."""
    found = db.session.scalar(visible(actor).where(Rejudging.id == rejudging_id))
    if found is None:
        raise NotFoundError
    return found


def item_rows(rejudging_id: int, kind: str = "") -> sa.Select[*tuple[Any, ...]]:
    """Columns of the differences, with device and day."""
    item = RejudgedItem
    statement = (
        sa.select(
            item.id,
            item.record_id,
            item.check,
            item.item,
            item.kind,
            item.old,
            item.new,
            item.old_value,
            item.new_value,
            Device.name.label("device_name"),
            InspectionRecord.finished_at,
        )
        .join(InspectionRecord, InspectionRecord.id == item.record_id)
        .join(Device, Device.id == InspectionRecord.device_id)
        .where(item.rejudging_id == rejudging_id)
    )
    return statement.where(item.kind == kind) if kind in KINDS else statement


def why(kind: str, old_value: float | None, new_value: float | None) -> str:
    """What the difference comes from, as far as its two sides tell."""
    if kind == APPEARED:
        return _("a check, level or parser that was not there then")
    if kind == GONE:
        return _("a check or parser that no longer gives it")
    if old_value != new_value:
        return _("the parser reads another value")
    return _("the same value, other levels or rule")
