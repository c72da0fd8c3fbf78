"""Filtered queues under a name: one's own, and those others share with a client's people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.core.actor import Actor
from servicedesk.core.db import db, kept_by_thread
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.tickets.models import SavedView

# What of an address makes a view; anything else is left out.
KEPT = ("queue", "category", "team", "q", "priority", "assignee", "site", "device", "cause", "major")
MAX_VIEWS = 30


def visible(actor: Actor) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """Rows (id, name, query, own) of the views in reach, one's own first."""
    return db.session.execute(_visible(actor.anywhen)).all()


@kept_by_thread
def _visible(actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    own = SavedView.user_id == (actor.user_id or 0)
    shared = actor.scope(Permission.TICKET_VIEW).clause(SavedView.client_id)
    return (
        sa.select(SavedView.id, SavedView.name, SavedView.query, own.label("own"))
        .where(sa.or_(own, sa.and_(SavedView.client_id.is_not(None), shared)))
        .order_by(sa.case((own, 0), else_=1), SavedView.name, SavedView.id)
        .limit(2 * MAX_VIEWS)
    )


def kept_query(text: str) -> str:
    """The part of an address's query that a view keeps."""
    pairs = [(name, value[:100]) for name, value in parse_qsl(text[:2000]) if name in KEPT and value]
    return urlencode(pairs)[:500]


def save(name: str, query: str, *, share_with: int | None = None, actor: Actor, now: datetime) -> SavedView:
    """Keep a view; the same name again replaces one's own.

    Args:
        share_with: a client whose tickets the actor assigns.
    """
    if actor.user_id is None:
        raise NotAllowedError
    if not name.strip():
        raise InvalidError(_("Give the view a name."), "name")
    if share_with is not None and not actor.allows(Permission.TICKET_ASSIGN, share_with):
        raise NotAllowedError
    view = db.session.scalar(
        sa.select(SavedView).where(SavedView.user_id == actor.user_id, SavedView.name == name.strip()[:60])
    )
    if view is None:
        mine = sa.select(sa.func.count()).where(SavedView.user_id == actor.user_id)
        if (db.session.scalar(mine) or 0) >= MAX_VIEWS:
            raise InvalidError(_("At most %(count)s views; remove one first.", count=MAX_VIEWS), "name")
        view = SavedView(user_id=actor.user_id, name=name.strip()[:60], created_at=now)
        db.session.add(view)
    view.query, view.client_id = kept_query(query), share_with
    db.session.flush()
    return view


def remove(view_id: int, *, actor: Actor) -> None:
    """Remove a view of one's own."""
    view = db.session.get(SavedView, view_id)
    if view is None or view.user_id != actor.user_id:
        raise NotFoundError
    db.session.delete(view)
    db.session.flush()
