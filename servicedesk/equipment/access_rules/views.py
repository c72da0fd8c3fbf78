"""Pages of the rules of access."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.forms import NONE_CHOSEN, TO_CHOOSE
from servicedesk.core.permissions import Permission
from servicedesk.equipment import queries
from servicedesk.equipment.access_rules import service
from servicedesk.equipment.access_rules.forms import AccessRuleForm
from servicedesk.equipment.access_rules.models import AccessRule
from servicedesk.equipment.credential_views import manages_a_client
from servicedesk.equipment.jump_host_models import JumpHost
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.organisations.models import CLIENT, Organisation, Site

bp = Blueprint("access_rules", __name__, url_prefix="/equipment/credentials/rules")


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """All rules, with how many devices each serves."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.CREDENTIAL_MANAGE):
        abort(404)
    return render_template(
        "equipment/access_rules.html",
        rows=service.listed(actor),
        classes=DEVICE_CLASSES,
        may_make=manages_a_client(actor),
    )


@bp.route("/new", methods=["GET", "POST"])
@bp.route("/<int:access_rule_id>", methods=["GET", "POST"])
@login_required
def form(access_rule_id: int | None = None) -> ResponseReturnValue:
    """Make or change a rule; devices follow at once."""
    actor = current_actor()
    found = service.get_visible_rule(access_rule_id, actor) if access_rule_id else None
    page = AccessRuleForm(obj=found)
    if not _offer(page, found):
        abort(404)
    if page.validate_on_submit():
        data = service.RuleData(
            page.protocol.data,
            page.credential_id.data or 0,
            page.site_id.data or None,
            page.device_class.data or "",
            page.tag.data or "",
            page.port.data or 0,
            page.snmp_version.data or "2c",
            page.jump_host_id.data or None,
        )
        try:
            with unit_of_work():
                _rule, changed = service.save_rule(
                    found, page.client_id.data, data, actor=actor, now=utcnow()
                )
        except DomainError as error:
            page.refuse(error)
        else:
            _tell(changed)
            return redirect(url_for("access_rules.index"))
    status = 422 if page.is_submitted() else 200
    return render_template("equipment/access_rule_form.html", form=page, rule=found), status


def _offer(page: AccessRuleForm, found: AccessRule | None) -> bool:
    """The choices within the actor's reach; False: there are none."""
    actor = current_actor()
    scope = actor.scope(Permission.CREDENTIAL_MANAGE)
    statement = sa.select(Organisation).where(Organisation.kind == CLIENT, scope.clause(Organisation.id))
    if found is not None:
        statement = statement.where(Organisation.id == found.client_id)
    clients = db.session.scalars(statement.order_by(Organisation.name)).all()
    names = {client.id: client.name for client in clients}
    several = len(names) > 1

    def said(client_id: int, name: str) -> str:
        return f"{names[client_id]} / {name}" if several else name

    sites: Any = sa.select(Site).where(Site.client_id.in_(names)).order_by(Site.name)
    page.client_id.offer(list(names.items()))
    page.site_id.offer(
        [(s.id, said(s.client_id, s.name)) for s in db.session.scalars(sites)], empty=_l("All sites")
    )
    credentials = db.session.scalars(queries.visible_credentials(actor)).all()
    page.credential_id.offer(
        [(c.id, said(c.client_id, c.name)) for c in credentials if c.client_id in names], empty=TO_CHOOSE
    )
    known = sa.select(JumpHost).where(JumpHost.client_id.in_(names))
    hops = db.session.scalars(known.order_by(JumpHost.name))
    page.jump_host_id.offer([(hop.id, said(hop.client_id, hop.name)) for hop in hops], empty=NONE_CHOSEN)
    return bool(names)


@bp.post("/<int:access_rule_id>/remove")
@login_required
def remove(access_rule_id: int) -> ResponseReturnValue:
    """Delete a rule and the ways it gave."""
    actor = current_actor()
    found = service.get_visible_rule(access_rule_id, actor)
    with unit_of_work():
        changed = service.remove_rule(found, actor=actor, now=utcnow())
    _tell(changed)
    return redirect(url_for("access_rules.index"))


def _tell(changed: int) -> None:
    said = ngettext("%(num)s way to ask a device changed.", "%(num)s ways to ask devices changed.", changed)
    flash(f"{_('Saved.')} {said}", "success")
