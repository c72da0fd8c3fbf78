"""Reports as far as an actor may see them: those who see the inspections of the whole place."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.queries import visible_sites
from servicedesk.organisations.models import Organisation, Site
from servicedesk.reports.deep.models import DeepReport


def visible_clause(actor: Actor) -> sa.ColumnElement[bool]:
    """The reports whose whole place the actor's sight reaches."""
    return actor.scope(Permission.INSPECTION_VIEW).clause(DeepReport.client_id, DeepReport.site_id)


def report_rows(
    actor: Actor, *, state: str = "", period: str = "", all_editions: bool = False
) -> sa.Select[*tuple[Any, ...]]:
    """Columns of the list: the last edition of each report, or all of them; of a state any edition."""
    statement = (
        sa.select(
            DeepReport.id,
            DeepReport.period,
            DeepReport.edition,
            DeepReport.state,
            DeepReport.created_by,
            DeepReport.created_at,
            Organisation.name.label("client_name"),
            Site.name.label("site_name"),
        )
        .join(Organisation, Organisation.id == DeepReport.client_id)
        .outerjoin(Site, Site.id == DeepReport.site_id)
        .where(visible_clause(actor))
    )
    if not state and not all_editions:
        later = aliased(DeepReport)
        same = (
            later.client_id == DeepReport.client_id,
            later.site_id.is_not_distinct_from(DeepReport.site_id),
            later.period == DeepReport.period,
            later.edition > DeepReport.edition,
        )
        statement = statement.where(~sa.exists().where(*same))
    if state:
        statement = statement.where(DeepReport.state == state)
    return statement.where(DeepReport.period == period) if period else statement


def get_visible_report(report_id: int, actor: Actor) -> DeepReport:
    """The report with its client and site, or NotFoundError."""
    found = db.session.scalar(
        sa.select(DeepReport)
        .where(DeepReport.id == report_id, visible_clause(actor))
        .options(joinedload(DeepReport.client), joinedload(DeepReport.site))
    )
    if found is None:
        raise NotFoundError
    return found


def places(actor: Actor) -> list[tuple[str, str, int, int | None]]:
    """What a report may be ordered for: value of the form, words, client and site.

    Whole clients come before their sites; those who reach single sites get these alone.
    """
    sites = visible_sites(actor, Permission.REPORT_EDIT)
    ids = {site.client_id for site in sites}
    rows = db.session.execute(
        sa.select(Organisation.id, Organisation.name)
        .where(Organisation.id.in_(ids))
        .order_by(Organisation.name)
    )
    found: list[tuple[str, str, int, int | None]] = []
    for client_id, name in rows:
        if actor.allows(Permission.REPORT_EDIT, client_id):
            found.append((f"c{client_id}", name, client_id, None))
        found += [
            (f"s{site.id}", f"{name} · {site.name}", client_id, site.id)
            for site in sites
            if site.client_id == client_id
        ]
    return found
