"""Own checks and their trials as far as an actor may see them."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.inspections.own.models import OwnCheckDefinition, OwnCheckTrial


def visible_definitions(actor: Actor) -> sa.Select[OwnCheckDefinition]:
    """Those of clients for which the actor edits plans."""
    return (
        sa.select(OwnCheckDefinition)
        .where(actor.scope(Permission.PLAN_EDIT).clause(OwnCheckDefinition.client_id))
        .options(joinedload(OwnCheckDefinition.client))
    )


def get_visible_definition(own_check_id: int, actor: Actor) -> OwnCheckDefinition:
    """The definition, or NotFoundError."""
    found = db.session.scalar(visible_definitions(actor).where(OwnCheckDefinition.id == own_check_id))
    if found is None:
        raise NotFoundError
    return found


def get_visible_trial(trial_id: int, actor: Actor) -> OwnCheckTrial:
    """The trial with its device, or NotFoundError."""
    found = db.session.scalar(
        sa.select(OwnCheckTrial)
        .where(
            OwnCheckTrial.id == trial_id,
            actor.scope(Permission.PLAN_EDIT).clause(OwnCheckTrial.client_id),
        )
        .options(joinedload(OwnCheckTrial.device))
    )
    if found is None:
        raise NotFoundError
    return found
