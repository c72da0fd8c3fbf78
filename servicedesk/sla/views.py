"""Pages of service levels: the clients' promises, and what would hold for a ticket."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import options, whole_number
from servicedesk.core.permissions import Permission
from servicedesk.organisations.models import CLIENT, Contract, Organisation, Site
from servicedesk.sla.calendar import add_working
from servicedesk.sla.escalation import DEFAULT_MARKS
from servicedesk.sla.forms import PolicyForm, TryForm
from servicedesk.sla.labels import CATEGORIES, PRIORITIES
from servicedesk.sla.models import SlaCalendar, SlaPolicy
from servicedesk.sla.policies import TicketFacts, policy_for
from servicedesk.sla.promises import PolicyData, remove_policy, save_policy

bp = Blueprint("sla", __name__, url_prefix="/service-levels")
SHOWN = 500  # rows of each list


def manager() -> Actor:
    """Who manages service levels somewhere; nobody else learns that these pages exist."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.SLA_MANAGE):
        abort(404)
    return actor


def clients_of(actor: Actor) -> Sequence[Organisation]:
    """Clients whose service levels the actor manages."""
    scope = actor.scope(Permission.SLA_MANAGE)
    return db.session.scalars(
        sa.select(Organisation)
        .where(Organisation.kind == CLIENT, Organisation.active, scope.clause(Organisation.id))
        .order_by(Organisation.name)
    ).all()


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Calendars and promises of the clients in reach."""
    actor = manager()
    clients = clients_of(actor)
    chosen = request.args.get("client", type=whole_number)
    ids = [client.id for client in clients if chosen in (None, client.id)]
    policies = db.session.execute(
        sa.select(SlaPolicy, Site.name.label("site"), Contract.number.label("contract"))
        .outerjoin(Site, Site.id == SlaPolicy.site_id)
        .outerjoin(Contract, Contract.id == SlaPolicy.contract_id)
        .where(SlaPolicy.client_id.in_(ids))
        .options(joinedload(SlaPolicy.calendar))
        .order_by(SlaPolicy.client_id, SlaPolicy.priority, SlaPolicy.id)
        .limit(SHOWN)
    ).all()
    calendars = db.session.scalars(
        sa.select(SlaCalendar)
        .where(SlaCalendar.client_id.in_(ids))
        .order_by(SlaCalendar.client_id, SlaCalendar.name)
        .limit(SHOWN)
    ).all()
    form, answer = _tried(clients, utcnow())
    return render_template(
        "sla/index.html",
        clients=clients,
        chosen=chosen,
        names={client.id: client.name for client in clients},
        policies=policies,
        calendars=calendars,
        categories=CATEGORIES,
        priorities=PRIORITIES,
        form=form,
        answer=answer,
        default_marks=DEFAULT_MARKS,
    )


def _tried(clients: Sequence[Organisation], now: datetime) -> tuple[TryForm, dict[str, Any] | None]:
    """The tester: what would hold for a ticket registered now."""
    form = TryForm(request.args)
    form.client.offer([(c.id, c.name) for c in clients])
    sites = {
        site.id: site
        for site in db.session.scalars(
            sa.select(Site).where(Site.client_id.in_([c.id for c in clients])).order_by(Site.name)
        )
    }
    form.site.offer([(s.id, s.name) for s in sites.values()], empty=_("(none)"))
    form.category.choices = options(CATEGORIES.items())
    form.priority.offer([(number, f"P{number} {label}") for number, label in PRIORITIES.items()])
    if "try" not in request.args or not form.validate() or form.client.data is None:
        return form, None
    site = sites.get(form.site.data or 0)
    if site is not None and site.client_id != form.client.data:
        site = None
    facts = TicketFacts(
        0, form.client.data, site.id if site else None, form.category.data, form.priority.data or 3
    )
    terms = policy_for(facts, now)
    by = terms.calendar
    return form, {
        "terms": terms,
        "calendar": db.session.get(SlaCalendar, terms.calendar_id) if terms.calendar_id else None,
        "response_at": add_working(by, now, terms.response_minutes * 60),
        "restore_at": add_working(by, now, terms.restore_minutes * 60) if terms.restore_minutes else None,
    }


@bp.route("/policies/new", methods=["GET", "POST"])
@login_required
def new_policy() -> ResponseReturnValue:
    """Promise something to a client."""
    actor = manager()
    client = _client(actor, whole_number(request.args.get("client")) or 0)
    return _policy_page(client, None)


@bp.route("/policies/<int:policy_id>", methods=["GET", "POST"])
@login_required
def policy(policy_id: int) -> ResponseReturnValue:
    """Change a promise."""
    found = _policy(policy_id)
    return _policy_page(db.session.get_one(Organisation, found.client_id), found)


@bp.post("/policies/<int:policy_id>/remove")
@login_required
def drop_policy(policy_id: int) -> ResponseReturnValue:
    """Promise it no longer."""
    found = _policy(policy_id)
    client_id = found.client_id
    with unit_of_work():
        remove_policy(policy_id, client_id, actor=current_actor(), now=utcnow())
    flash(_("Removed. Clocks that run keep what was promised to them."), "success")
    return redirect(url_for("sla.index", client=client_id))


def _policy(policy_id: int) -> SlaPolicy:
    actor = manager()
    found = db.session.get(SlaPolicy, policy_id)
    if found is None or not actor.allows(Permission.SLA_MANAGE, found.client_id):
        raise NotFoundError
    return found


def _client(actor: Actor, client_id: int) -> Organisation:
    found = next((client for client in clients_of(actor) if client.id == client_id), None)
    if found is None:
        raise NotFoundError
    return found


def _policy_page(client: Organisation, found: SlaPolicy | None) -> ResponseReturnValue:
    form = PolicyForm(obj=found)
    _offer(form, client.id)
    if not form.is_submitted():
        form.marks.data = [m for m in (found.marks if found else None) or DEFAULT_MARKS if m < 100]
    policy_id, client_id, client_name = found.id if found else None, client.id, client.name
    if form.validate_on_submit():
        data = PolicyData(
            calendar_id=form.calendar_id.data or 0,
            response_minutes=form.response_minutes.data or 0,
            restore_minutes=form.restore_minutes.data,
            site_id=form.site_id.data,
            contract_id=form.contract_id.data,
            category=form.category.data or None,
            priority=form.priority.data,
            marks=tuple(form.marks.data or ()),
        )
        try:
            with unit_of_work():
                save_policy(policy_id, client_id, data, actor=current_actor(), now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved. It holds for tickets that are registered from now on."), "success")
            return redirect(url_for("sla.index", client=client_id))
    status = 422 if form.is_submitted() else 200
    return render_template(
        "sla/policy.html", form=form, client_name=client_name, client_id=client_id, policy_id=policy_id
    ), status


def _offer(form: PolicyForm, client_id: int) -> None:
    calendars = db.session.execute(
        sa.select(SlaCalendar.id, SlaCalendar.name)
        .where(SlaCalendar.client_id == client_id)
        .order_by(SlaCalendar.name)
    )
    form.calendar_id.offer([(row.id, row.name) for row in calendars])
    sites = db.session.execute(
        sa.select(Site.id, Site.name).where(Site.client_id == client_id).order_by(Site.name)
    )
    form.site_id.offer([(row.id, row.name) for row in sites], empty=_("(all sites)"))
    contracts = db.session.execute(
        sa.select(Contract.id, Contract.number)
        .where(Contract.client_id == client_id)
        .order_by(Contract.number)
    )
    form.contract_id.offer([(row.id, row.number) for row in contracts], empty=_("(whatever the contract)"))
    form.category.choices = options([("", _("All categories")), *CATEGORIES.items()])
    form.priority.offer(
        [(number, f"P{number} {label}") for number, label in PRIORITIES.items()], empty=_("(all priorities)")
    )
