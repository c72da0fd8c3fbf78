"""Level settings as far as an actor may see them."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.inspections.levels.models import LevelSetting
from servicedesk.organisations.models import CLIENT, Organisation, Site


def visible_settings(
    actor: Actor, *, client_id: int | None = None, rung: str = "", check: str = ""
) -> sa.Select[LevelSetting]:
    """Settings with their places. Who may see one site alone sees what is set for it and its devices."""
    site = sa.func.coalesce(LevelSetting.site_id, Device.site_id)
    statement = (
        sa.select(LevelSetting)
        .outerjoin(LevelSetting.device)
        .where(actor.scope(Permission.INSPECTION_VIEW).clause(LevelSetting.client_id, site))
        .options(
            contains_eager(LevelSetting.device),
            joinedload(LevelSetting.site),
            joinedload(LevelSetting.contract),
            joinedload(LevelSetting.client),
        )
    )
    if client_id:
        statement = statement.where(LevelSetting.client_id == client_id)
    if rung:
        statement = statement.where(LevelSetting.rung == rung)
    if check:
        statement = statement.where(LevelSetting.check == check)
    return statement


def get_visible_setting(setting_id: int, actor: Actor) -> LevelSetting:
    """The setting, or NotFoundError."""
    found = db.session.scalar(visible_settings(actor).where(LevelSetting.id == setting_id))
    if found is None:
        raise NotFoundError
    return found


def clients_to_set(actor: Actor) -> Sequence[Organisation]:
    """Clients for which, or for a site of which, the actor may set levels."""
    sites = sa.select(Site.client_id).where(actor.scope(Permission.PLAN_EDIT).clause(Site.client_id, Site.id))
    return db.session.scalars(
        sa.select(Organisation)
        .where(Organisation.kind == CLIENT, Organisation.active, Organisation.id.in_(sites))
        .order_by(Organisation.name)
    ).all()
