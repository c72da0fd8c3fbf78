"""The page of retention: what would go is shown before a policy is saved."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.inspections.retention import queries, service
from servicedesk.inspections.retention.forms import PolicyForm
from servicedesk.inspections.retention.models import EVIDENCE, READINGS, RetentionRemoval
from servicedesk.organisations.models import OPERATOR

bp = Blueprint("retention", __name__, url_prefix="/inspections/retention")
KIND_LABELS = {READINGS: _l("Readings"), EVIDENCE: _l("Raw answers")}


@bp.route("/", methods=["GET", "POST"])
@login_required
def index() -> ResponseReturnValue:
    """A client's policy, what it would remove now, and what was removed."""
    actor, now = current_actor(), utcnow()
    organisations = queries.organisations_to_keep(actor)
    number = request.values.get("organisation", type=whole_number)
    chosen = next((one for one in organisations if number in (None, one.id)), None)
    if chosen is None:
        raise NotFoundError
    form, preview = PolicyForm(obj=queries.policy_of(chosen.id)), None
    client_ids = queries.clients_kept_by(chosen)
    if form.validate_on_submit():
        readings, evidence = form.readings_months.data, form.evidence_months.data
        try:
            service.check_months(readings, "readings_months")
            service.check_months(evidence, "evidence_months")
            if "save" in request.form:
                with unit_of_work():
                    service.save_policy(
                        chosen.id, readings_months=readings, evidence_months=evidence, actor=actor, now=now
                    )
                flash(_("Saved. What may go is removed bit by bit from the next hour on."), "success")
                return redirect(url_for("retention.index", organisation=chosen.id))
            preview = [
                (KIND_LABELS[kind], queries.amount(client_ids, kind, months, now))
                for kind, months in ((READINGS, readings), (EVIDENCE, evidence))
            ]
        except DomainError as error:
            form.refuse(error)
    order = Order((RetentionRemoval.id,), ("id",))
    removals = queries.removals_of(client_ids)
    page = render_template(
        "inspections/retention.html",
        form=form,
        chosen=chosen,
        preview=preview,
        policy=queries.policy_of(chosen.id),
        is_default=chosen.kind == OPERATOR,
        chips=[
            (one.id, _("All other clients") if one.kind == OPERATOR else one.name) for one in organisations
        ],
        kinds=KIND_LABELS,
        page=paginate(removals, order, request.args.get("cursor", ""), scalars=True),
    )
    return page, 422 if form.errors or form.form_errors else 200
