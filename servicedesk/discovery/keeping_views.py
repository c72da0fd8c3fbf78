"""The page that says how long found hosts are kept, beside the other pages of discovery."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.permissions import Permission
from servicedesk.discovery import keeping
from servicedesk.discovery.forms import KeepingForm
from servicedesk.discovery.views import bp

__all__ = ["bp"]


@bp.route("/keeping", methods=["GET", "POST"])
@login_required
def keep() -> ResponseReturnValue:
    """The rule of each client and what goes next; another number of days is looked at before it is kept."""
    actor, now = current_actor(), utcnow()
    if not actor.allows_somewhere(Permission.ORGANISATION_MANAGE):
        abort(404)
    form = KeepingForm()
    known = keeping.rules(actor, now)
    form.client_id.offer([(row.client_id, row.client_name) for row in known])
    tried: dict[int, int] = {}
    if form.validate_on_submit():
        client_id, days = form.client_id.data, form.days.data or 0
        try:
            if "look" in request.form:
                keeping.require_days(days)
                tried = {client_id: days}
            else:
                with unit_of_work():
                    keeping.settle(client_id, days, actor=actor, now=now)
        except DomainError as error:
            form.refuse(error)
        else:
            if not tried:
                flash(_("Saved."), "success")
                return redirect(url_for("discovery.keep"))
    status = 422 if form.is_submitted() and not tried else 200
    return render_template(
        "discovery/keeping.html",
        form=form,
        rules=keeping.rules(actor, now, tried=tried) if tried else known,
        tried=tried,
    ), status
