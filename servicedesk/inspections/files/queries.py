"""Lists of chosen files as far as an actor may see them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.inspections.files.models import ChosenFileList


def visible_lists(actor: Actor, *, client_id: int | None = None) -> sa.Select[ChosenFileList]:
    """Lists with their places. Who may see one site alone sees what is chosen for it and its devices."""
    site = sa.func.coalesce(ChosenFileList.site_id, Device.site_id)
    statement = (
        sa.select(ChosenFileList)
        .outerjoin(ChosenFileList.device)
        .where(actor.scope(Permission.PLAN_EDIT).clause(ChosenFileList.client_id, site))
        .options(
            contains_eager(ChosenFileList.device),
            joinedload(ChosenFileList.site),
            joinedload(ChosenFileList.client),
        )
    )
    return statement.where(ChosenFileList.client_id == client_id) if client_id else statement


def get_visible_list(list_id: int, actor: Actor) -> ChosenFileList:
    """The list, or NotFoundError."""
    found = db.session.scalar(visible_lists(actor).where(ChosenFileList.id == list_id))
    if found is None:
        raise NotFoundError
    return found
