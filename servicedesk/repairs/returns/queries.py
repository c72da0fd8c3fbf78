"""Returns as far as an actor may see them."""

from __future__ import annotations

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
from servicedesk.equipment.stock.models import Part, StockItem
from servicedesk.organisations.models import Site
from servicedesk.repairs.returns.models import SupplierReturn
from servicedesk.repairs.returns.words import OUTCOMES, SENT

SHOWN = ("", "overdue", "back", "all")


def visible_clause(actor: Actor) -> sa.ColumnElement[bool]:
    """Returns of the actor's reach."""
    return actor.scope(Permission.REPAIR_VIEW).clause(SupplierReturn.client_id, SupplierReturn.site_id)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the address of the list asks for. ``show``: one of ``SHOWN`` or an outcome."""

    show: str = ""
    text: str = ""


def return_rows(actor: Actor, chosen: Chosen, *, today: date) -> sa.Select[*tuple[Any, ...]]:
    """Columns of the list."""
    sent = SupplierReturn
    statement = (
        sa.select(
            sent.id,
            sent.number,
            sent.rma_number,
            sent.serial,
            sent.supplier,
            sent.warranty,
            sent.sent_on,
            sent.expected_on,
            sent.received_on,
            sent.outcome,
            sent.new_serial,
            sent.carrier,
            sent.tracking,
            sent.credit,
            sent.reason,
            sent.item_id,
            sent.device_id,
            Device.name.label("device_name"),
            Part.name.label("part_name"),
            Site.name.label("site_name"),
        )
        .join(Site, Site.id == sent.site_id)
        .outerjoin(Device, Device.id == sent.device_id)
        .outerjoin(StockItem, StockItem.id == sent.item_id)
        .outerjoin(Part, Part.id == StockItem.part_id)
        .where(visible_clause(actor))
    )
    if chosen.show in OUTCOMES:
        statement = statement.where(sent.outcome == chosen.show)
    elif chosen.show == "back":
        statement = statement.where(sent.outcome != SENT)
    elif chosen.show != "all":
        statement = statement.where(sent.outcome == SENT)
    if chosen.show == "overdue":
        statement = statement.where(sent.expected_on < today)
    if chosen.text:
        like = anywhere(chosen.text)
        columns = (sent.number, sent.rma_number, sent.supplier, sent.serial, sent.tracking, Device.name)
        statement = statement.where(sa.or_(*(column.ilike(like, escape="\\") for column in columns)))
    return statement


def get_visible_return(return_id: int, actor: Actor) -> SupplierReturn:
    """The return, or NotFoundError."""
    found = db.session.scalar(
        sa.select(SupplierReturn)
        .where(SupplierReturn.id == return_id, visible_clause(actor))
        .options(
            joinedload(SupplierReturn.client),
            joinedload(SupplierReturn.site),
            joinedload(SupplierReturn.item).joinedload(StockItem.part),
            joinedload(SupplierReturn.device),
            joinedload(SupplierReturn.repair),
            joinedload(SupplierReturn.contract),
        )
    )
    if found is None:
        raise NotFoundError
    return found
