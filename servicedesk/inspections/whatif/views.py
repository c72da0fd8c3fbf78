"""Pages of questions about history: order one, follow it, read and export the answer."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.filters import datetime_text
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.sheets import sheet_response
from servicedesk.equipment.models import Device
from servicedesk.equipment.queries import visible_sites
from servicedesk.inspections.outcomes import check_title, item_title, outcome_label
from servicedesk.inspections.views import started
from servicedesk.inspections.whatif import jobs, queries, service
from servicedesk.inspections.whatif.forms import WhatIfForm
from servicedesk.inspections.whatif.models import RejudgedItem, Rejudging
from servicedesk.organisations.models import Site
from servicedesk.staff.forms import EmptyForm

bp = Blueprint("whatif", __name__, url_prefix="/inspections/judged-again")


@bp.route("/", methods=["GET", "POST"])
@login_required
def index() -> ResponseReturnValue:
    """Questions that were asked, and a form for the next."""
    actor = current_actor()
    sites = visible_sites(actor, Permission.INSPECTION_REVIEW)
    if not sites:
        abort(404)
    form = WhatIfForm()
    form.site_id.offer([(site.id, site.name) for site in sites])
    devices = db.session.execute(
        sa.select(Device.id, Device.name)
        .where(Device.site_id.in_([site.id for site in sites]), Device.state == "active")
        .order_by(Device.name)
        .limit(2000)
    ).all()
    form.device_id.offer([(row.id, row.name) for row in devices], empty=_("All devices of the site"))
    if not form.is_submitted():
        today = utcnow().astimezone(ZoneInfo(sites[0].timezone)).date()
        form.first.data, form.last.data = (today - timedelta(days=30)).isoformat(), today.isoformat()
    elif form.validate():
        try:
            with unit_of_work():
                site = db.session.get_one(Site, form.site_id.data)
                days = (date.fromisoformat(form.first.data or ""), date.fromisoformat(form.last.data or ""))
                number = service.order(
                    site, form.device_id.data, days, form.occasion.data or "", actor=actor, now=utcnow()
                ).id
        except DomainError as error:
            form.refuse(error)
        else:
            jobs.enqueue(number)
            return redirect(url_for("whatif.show", rejudging_id=number))
    order = Order((Rejudging.id,), ("id",))
    page = paginate(queries.visible(actor), order, request.args.get("cursor", ""), scalars=True)
    return render_template("inspections/whatif/index.html", form=form, page=page), (
        422 if form.is_submitted() else 200
    )


@bp.get("/<int:rejudging_id>")
@login_required
def show(rejudging_id: int) -> ResponseReturnValue:
    """Progress while it lasts, then what would be otherwise."""
    found = queries.get_visible(rejudging_id, current_actor())
    kind = request.args.get("kind", "")
    order = Order((RejudgedItem.id,), ("id",), descending=False)
    page = paginate(queries.item_rows(found.id, kind), order, request.args.get("cursor", ""))
    template = "_progress" if "poll" in request.args else "show"
    return render_template(
        f"inspections/whatif/{template}.html",
        found=found,
        page=page,
        kind=kind if kind in queries.KINDS else "",
        kinds=queries.KINDS,
        why=queries.why,
        waiting=service.WAITING,
        max_kept=service.MAX_KEPT,
        empty_form=EmptyForm(),
    )


@bp.get("/<int:rejudging_id>/changes.<any(csv, xlsx):kind>")
@login_required
def sheet(rejudging_id: int, kind: str) -> ResponseReturnValue:
    """All differences that were kept, as a file."""
    found = queries.get_visible(rejudging_id, current_actor())
    heading = (
        _("Device"),
        _("Inspected"),
        _("Check"),
        _("Of which"),
        _("Difference"),
        _("Was"),
        _("Value"),
        _("Would be"),
        _("Value"),
        _("Why"),
    )
    rows = db.session.execute(queries.item_rows(found.id).order_by(RejudgedItem.id))
    return sheet_response(kind, f"judged-again-{found.id}", heading, map(_row, rows))


def _row(row: Any) -> list[object]:
    return [
        row.device_name,
        datetime_text(row.finished_at),
        check_title(row.check),
        item_title(row.check, row.item),
        str(queries.KINDS[row.kind]),
        str(outcome_label(row.old)),
        row.old_value,
        str(outcome_label(row.new)),
        row.new_value,
        queries.why(row.kind, row.old_value, row.new_value),
    ]


@bp.post("/<int:rejudging_id>/inspect")
@login_required
def inspect(rejudging_id: int) -> ResponseReturnValue:
    """Inspect now the devices whose verdicts would be others."""
    actor = current_actor()
    found = queries.get_visible(rejudging_id, actor)
    try:
        with unit_of_work():
            run = service.inspect_again(found, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("whatif.show", rejudging_id=rejudging_id))
    return started(run)
