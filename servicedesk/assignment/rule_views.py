"""Pages of rules: their order, one of them, and who would get a ticket."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import joinedload

from servicedesk.assignment import labels
from servicedesk.assignment.deciding import Decision, Facts, decide
from servicedesk.assignment.forms import RuleForm, TryForm, named
from servicedesk.assignment.models import AssignmentRule, Team
from servicedesk.assignment.queries import managed_teams, workers_at
from servicedesk.assignment.rules import (
    RuleData,
    get_managed_rule,
    managed_rules,
    move_rule,
    remove_rule,
    save_rule,
)
from servicedesk.assignment.views import bp, chosen_client, manager, sites_of
from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Organisation
from servicedesk.sla.labels import CATEGORIES, PRIORITIES

OFFERED = 2000  # devices of the tester


@bp.get("/rules")
@login_required
def rules() -> ResponseReturnValue:
    """A client's rules in their order, and the tester."""
    actor = manager()
    clients, client = chosen_client(actor)
    rows = db.session.scalars(
        managed_rules(actor)
        .where(AssignmentRule.client_id == (client.id if client else 0))
        .options(
            joinedload(AssignmentRule.site),
            joinedload(AssignmentRule.team),
            joinedload(AssignmentRule.user),
        )
        .order_by(AssignmentRule.position, AssignmentRule.id)
    ).all()
    form, decision = _tried(client, actor, utcnow())
    return render_template(
        "assignment/rules.html",
        clients=clients,
        client=client,
        client_names=named(clients),
        rules=rows,
        form=form,
        decision=decision,
        actions=labels.ACTIONS,
        skills=labels.SKILLS,
        duties=labels.DUTY,
        subtypes=labels.SUBTYPES,
        categories=CATEGORIES,
        priorities=PRIORITIES,
        device_classes=DEVICE_CLASSES,
    )


def _tried(client: Organisation | None, actor: Actor, now: datetime) -> tuple[TryForm, Decision | None]:
    """Who would get a ticket registered now; nobody's turn is taken."""
    form = TryForm(request.args)
    form.offer_words()
    client_id = client.id if client else 0
    sites = sites_of(client_id, actor)
    everything = actor.allows(Permission.TICKET_ASSIGN, client_id)
    form.site.offer(sites, empty=_("(none)") if everything else None)
    reach = actor.scope(Permission.TICKET_ASSIGN).clause(Device.client_id, Device.site_id)
    devices = db.session.execute(
        sa.select(Device.id, Device.name, Device.site_id)
        .where(Device.client_id == client_id, Device.state != "disposed", reach)
        .order_by(Device.name)
        .limit(OFFERED)
    ).all()
    form.device.offer(named(devices), empty=_("(none)"))
    if "try" not in request.args or client is None or not form.validate():
        return form, None
    device = next((row for row in devices if row.id == form.device.data), None)
    return form, decide(
        Facts(
            client_id,
            device.site_id if device is not None else form.site.data,
            form.category.data,
            form.priority.data or 3,
            form.subtype.data if form.category.data == "change" else "",
            form.device.data,
        ),
        now=now,
        taking=False,
    )


@bp.route("/rules/new", methods=["GET", "POST"])
@login_required
def new_rule() -> ResponseReturnValue:
    """Add a rule at the end."""
    _clients, client = chosen_client(manager())
    if client is None:
        raise NotFoundError
    return _rule_page(client, None)


@bp.route("/rules/<int:rule_id>", methods=["GET", "POST"])
@login_required
def rule(rule_id: int) -> ResponseReturnValue:
    """Change a rule."""
    found = get_managed_rule(rule_id, manager())
    return _rule_page(db.session.get_one(Organisation, found.client_id), found)


def _rule_page(client: Organisation, found: AssignmentRule | None) -> ResponseReturnValue:
    actor = current_actor()
    client_id, client_name, rule_id = client.id, client.name, found.id if found else None
    form = RuleForm(obj=found)
    form.offer_words()
    everything = actor.allows(Permission.TICKET_ASSIGN, client_id)
    form.site_id.offer(sites_of(client_id, actor), empty=_("(all sites)") if everything else None)
    teams = db.session.scalars(managed_teams(actor).where(Team.client_id == client_id).order_by(Team.name))
    form.team_id.offer(named(teams), empty=_("(none)"))
    form.user_id.offer(named(workers_at(client_id, None)), empty=_("(none)"))
    if form.validate_on_submit():
        try:
            with unit_of_work():
                save_rule(rule_id, client_id, _data(form), actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved. It holds for tickets that are registered from now on."), "success")
            return redirect(url_for("assignment.rules", client=client_id))
    return render_template(
        "assignment/rule.html", form=form, client_id=client_id, client_name=client_name, rule_id=rule_id
    ), (422 if form.is_submitted() else 200)


def _data(form: RuleForm) -> RuleData:
    return RuleData(
        name=form.name.data or "",
        action=form.action.data or "",
        site_id=form.site_id.data,
        category=form.category.data or "",
        subtype=form.subtype.data or "",
        device_class=form.device_class.data or "",
        priority=form.priority.data,
        duty=form.duty.data or "",
        team_id=form.team_id.data,
        user_id=form.user_id.data,
        skill=form.skill.data or "",
        active=bool(form.active.data),
    )


@bp.post("/rules/<int:rule_id>/move")
@login_required
def move(rule_id: int) -> ResponseReturnValue:
    """Let a rule be asked earlier, or later."""
    client_id = get_managed_rule(rule_id, manager()).client_id
    up = request.form.get("where") == "up"
    try:
        with unit_of_work():
            move_rule(rule_id, up=up, actor=current_actor(), now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    return redirect(url_for("assignment.rules", client=client_id) + f"#rule-{rule_id}")


@bp.post("/rules/<int:rule_id>/remove")
@login_required
def drop_rule(rule_id: int) -> ResponseReturnValue:
    """Forget a rule."""
    client_id = get_managed_rule(rule_id, manager()).client_id
    with unit_of_work():
        remove_rule(rule_id, actor=current_actor(), now=utcnow())
    flash(_("Removed. What it gave stays given."), "success")
    return redirect(url_for("assignment.rules", client=client_id))
