"""The first page, the health check and the choice of language."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from servicedesk import palette
from servicedesk.config import LOCALES
from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.paging import Order
from servicedesk.core.permissions import Permission
from servicedesk.core.web import search_text
from servicedesk.inspections import queries as inspections
from servicedesk.staff.models import User
from servicedesk.staff.views import safe_next
from servicedesk.tickets import queries as tickets
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflows import WORKFLOWS

bp = Blueprint("main", __name__)
SHOWN = 8
_BY_PRIORITY = Order(
    (Ticket.priority, Ticket.created_at, Ticket.id), ("priority", "created_at", "id"), descending=False
)


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """What is wrong and who is on it; for requesters: their tickets and the four doors."""
    actor = current_actor()
    mine = sa.select(Ticket.id).where(
        Ticket.requester_id == actor.user_id, Ticket.phase.in_(("open", "waiting", "resolved"))
    )
    all_rows = tickets.tickets_found(actor, queue="all")
    own = tickets.first_rows(all_rows.where(Ticket.id.in_(mine)), tickets.NEWEST, SHOWN)
    works = actor.allows_somewhere(Permission.TICKET_VIEW)
    looks = actor.allows_somewhere(Permission.INSPECTION_VIEW)
    urgent = _urgent(actor) if works else []
    rows = tickets.with_clocks([*own, *urgent])
    return render_template(
        "main/index.html",
        own=rows[: len(own)],
        urgent=rows[len(own) :],
        works=works,
        looks=looks,
        counts=inspections.ticket_counts(actor) if works else None,
        devices=inspections.device_outcomes(actor) if looks else None,
        runs=inspections.latest_runs(actor, limit=6) if looks else [],
        workflows=WORKFLOWS,
        now=utcnow(),
    )


def _urgent(actor: Actor) -> list[Any]:
    """Open tickets whose promise ends first; after them, those without a promise by priority and age."""
    rows = tickets.tickets_found(actor, queue="open")
    soonest = tickets.soonest_due(actor, SHOWN)
    promised = tickets.first_rows(rows.where(Ticket.id.in_(soonest)), tickets.NEWEST, SHOWN)
    promised.sort(key=lambda row: soonest.index(row.id))
    others = rows.where(Ticket.id.not_in(soonest))
    return promised + tickets.first_rows(others, _BY_PRIORITY, SHOWN - len(promised))


@bp.get("/search")
@login_required
def search() -> ResponseReturnValue:
    """Tickets, devices, articles and pages by words; the palette asks for the list alone."""
    text = search_text()
    found = palette.find(text, current_actor()) if text else []
    template = "main/_found.html" if "list" in request.args else "main/search.html"
    return render_template(template, groups=found, text=text)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """For the supervisor and load balancers: the application answers and reaches its database."""
    db.session.execute(sa.text("SELECT 1"))
    return {"status": "ok"}


@bp.post("/language")
def set_locale() -> ResponseReturnValue:
    """Choose the language: for this session, and for the account when signed in."""
    chosen = request.form.get("locale", "")
    if chosen in LOCALES:
        session["locale"] = chosen
        if current_user.is_authenticated and current_user.locale != chosen:
            with unit_of_work() as work:
                work.execute(sa.update(User).where(User.id == current_user.id).values(locale=chosen))
    return redirect(safe_next(request.form.get("next")))
