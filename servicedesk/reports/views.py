"""Pages of reports."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db
from servicedesk.core.forms import whole_number
from servicedesk.core.i18n import select_timezone
from servicedesk.core.permissions import Permission
from servicedesk.equipment.queries import visible_sites
from servicedesk.organisations.models import Organisation
from servicedesk.reports.service_report import Place, draft
from servicedesk.tickets.lists import name_in
from servicedesk.tickets.periods import MONTHS, WEEK, parse_period
from servicedesk.tickets.workflows import WORKFLOWS

bp = Blueprint("reports", __name__, url_prefix="/reports")


@bp.get("/service")
@login_required
def service() -> ResponseReturnValue:
    """The service report of a period, to be read, printed and signed."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.TICKET_ASSIGN):
        abort(404)
    sites = visible_sites(actor, Permission.TICKET_ASSIGN)
    site = next((one for one in sites if one.id == request.args.get("site", type=whole_number)), None)
    zone = ZoneInfo(site.timezone if site is not None else select_timezone())
    period = parse_period(request.args.get("period", ""), utcnow().astimezone(zone).date())
    clients = {one.client_id for one in sites}
    named = request.args.get("client", type=whole_number)
    client_id = site.client_id if site is not None else named if named in clients else None
    place = Place(client_id, site.id if site is not None else None)
    names = db.session.execute(
        sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(clients))
    )
    client_names = {row.id: row.name for row in names}
    return render_template(
        "reports/service.html",
        report=draft(actor, period, place, zone),
        period=period,
        kinds={kind: period.of_kind(kind).text for kind in (WEEK, *MONTHS)},
        sites=sites,
        site=site,
        client_id=client_id,
        clients=client_names,
        workflows=WORKFLOWS,
        name_in=name_in,
    )
