"""Software licences that end, beside the contracts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.equipment.software.models import Licence, LicenceSeat, SoftwareProduct
from servicedesk.equipment.software.products import label_of
from servicedesk.reports.deep.content import ADVICE, STATE, Column, Content, Table
from servicedesk.reports.deep.gathering.ground import Ground

HALF_YEAR = timedelta(days=184)

LICENCES = Table(
    "licences",
    _l("Software licences that end"),
    (
        Column("licence", _l("Licence"), "licence"),
        Column("product", _l("Product")),
        Column("kind", _l("Kind"), "licence_kind"),
        Column("ends", _l("Valid until"), "day"),
        Column("maintenance", _l("Maintenance until"), "day"),
        Column("bought", _l("Bought"), "count"),
        Column("used", _l("In use here"), "count"),
    ),
    shown=40,
)


def gather_licences(ground: Ground, found: Content) -> None:
    """Licences that end, or whose maintenance does, in the period or the half-year after the report's day.

    A report on one site names those that its devices use.
    """
    rows = [row for row in _rows(ground) if ground.site_id is None or row.used]
    found.tables[LICENCES.key] = [
        [
            [row.id, row.number],
            label_of(row),
            row.kind,
            row.ends_on.isoformat() if row.ends_on else None,
            row.maintenance_until.isoformat() if row.maintenance_until else None,
            row.quantity,
            row.used,
        ]
        for row in rows
    ]
    if rows:
        found.say(
            STATE,
            N_("%(count)s software licences, or their maintenance, end within half a year or have ended."),
            count=len(rows),
        )
        found.say(ADVICE, N_("Renew the software licences named below, or take them out of use."))


def _rows(ground: Ground) -> list[Any]:
    """Ordered by the day to act by. Seats count that are used by devices of the ground, or by people."""
    first, last = ground.period.first, ground.as_of + HALF_YEAR
    used = sa.select(sa.func.coalesce(sa.func.sum(LicenceSeat.quantity), 0)).where(
        LicenceSeat.licence_id == Licence.id, LicenceSeat.ended_at.is_(None)
    )
    if ground.site_id is not None:
        used = used.where(LicenceSeat.device_id.in_(list(ground.devices)))
    return list(
        db.session.execute(
            sa.select(
                Licence.id,
                Licence.number,
                Licence.kind,
                Licence.quantity,
                Licence.ends_on,
                Licence.maintenance_until,
                SoftwareProduct.name,
                SoftwareProduct.maker,
                used.scalar_subquery().label("used"),
            )
            .join(SoftwareProduct, SoftwareProduct.id == Licence.product_id)
            .where(
                Licence.client_id == ground.client_id,
                sa.or_(
                    Licence.ends_on.between(first, last),
                    sa.and_(
                        Licence.maintenance_until.between(first, last),
                        sa.or_(Licence.ends_on.is_(None), Licence.ends_on >= first),
                    ),
                ),
            )
            .order_by(Licence.due_on, Licence.number)
        )
    )
