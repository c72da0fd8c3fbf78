"""Pages of jump hosts."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required
from wtforms import BooleanField, IntegerField
from wtforms.validators import DataRequired, NumberRange

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.forms import NONE_CHOSEN, TO_CHOOSE, Choice, Form, Text, whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.equipment import jump_hosts as service
from servicedesk.equipment.jump_host_models import JumpHost
from servicedesk.equipment.jump_hosts import JumpHostData
from servicedesk.equipment.kinds import PROTOCOL_KINDS
from servicedesk.equipment.models import Credential
from servicedesk.organisations.models import CLIENT, Organisation
from servicedesk.staff.forms import EmptyForm

bp = Blueprint("jump_hosts", __name__, url_prefix="/equipment/jump-hosts")


class JumpHostForm(Form):
    name = Text(_l("Name"), max_length=100, validators=[DataRequired()])
    address = Text(_l("Address"), max_length=255, validators=[DataRequired()])
    port = IntegerField(_l("Port"), default=22, validators=[NumberRange(1, 65535)])
    credential_id = Choice(_l("Credential"), validators=[DataRequired()])
    via_id = Choice(
        _l("Behind another jump host"), description=_l("Leave empty when it is reached directly.")
    )
    max_visits = IntegerField(
        _l("Devices visited through it at once"), default=8, validators=[NumberRange(1, 100)]
    )
    legacy_crypto = BooleanField(
        _l("Allow outdated SSH algorithms"),
        description=_l("SHA-1 key exchange, ssh-rsa, CBC: only for old devices; every record says so."),
    )


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """The jump hosts, with how many devices lie behind each."""
    actor = current_actor()
    if not (
        actor.allows_somewhere(Permission.CREDENTIAL_MANAGE)
        or actor.allows_somewhere(Permission.HOST_KEY_APPROVE)
    ):
        abort(404)
    order = Order((JumpHost.name, JumpHost.id), ("name", "id"), descending=False)
    page = paginate(service.visible_jump_hosts(actor), order, request.args.get("cursor", ""), scalars=True)
    return render_template(
        "equipment/jump_hosts.html",
        page=page,
        uses=service.uses([one.id for one in page.rows]),
        empty_form=EmptyForm(),
    )


def _clients(actor: Actor) -> list[Organisation]:
    scope = actor.scope(Permission.CREDENTIAL_MANAGE)
    statement = sa.select(Organisation).where(Organisation.kind == CLIENT, scope.clause(Organisation.id))
    return list(db.session.scalars(statement.order_by(Organisation.name)))


@bp.route("/new", methods=["GET", "POST"])
@login_required
def new() -> ResponseReturnValue:
    """Make a jump host of a client."""
    clients = _clients(current_actor())
    chosen = request.args.get("client", type=whole_number)
    client = next((one for one in clients if chosen in (None, one.id)), None)
    if client is None:
        abort(404)
    return _edited(None, client, clients)


@bp.route("/<int:jump_host_id>", methods=["GET", "POST"])
@login_required
def edit(jump_host_id: int) -> ResponseReturnValue:
    """Change a jump host."""
    actor = current_actor()
    found = service.get_visible_jump_host(jump_host_id, actor)
    if not actor.allows(Permission.CREDENTIAL_MANAGE, found.client_id):
        abort(404)
    return _edited(found, found.client, [])


def _edited(found: JumpHost | None, client: Organisation, clients: list[Organisation]) -> ResponseReturnValue:
    form, number = JumpHostForm(obj=found), client.id
    kinds = PROTOCOL_KINDS["ssh"]
    credentials = sa.select(Credential.id, Credential.name).where(
        Credential.client_id == client.id, Credential.kind.in_(kinds)
    )
    form.credential_id.offer(
        [(r.id, r.name) for r in db.session.execute(credentials.order_by(Credential.name))], empty=TO_CHOOSE
    )
    others = [(one.id, one.name) for one in service.of_client(client.id) if one is not found]
    form.via_id.offer(others, empty=NONE_CHOSEN)
    if form.validate_on_submit():
        data = JumpHostData(
            client_id=number,
            name=form.name.data or "",
            address=form.address.data or "",
            port=form.port.data or 0,
            credential_id=form.credential_id.data,
            via_id=form.via_id.data,
            max_visits=form.max_visits.data or 0,
            legacy_crypto=bool(form.legacy_crypto.data),
        )
        try:
            with unit_of_work():
                service.save_jump_host(found, data, actor=current_actor(), now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved. Its host key is shown here after the first visit, to be approved."), "success")
            return redirect(url_for("jump_hosts.index"))
    status = 422 if form.is_submitted() else 200
    return render_template(
        "equipment/jump_host_form.html",
        form=form,
        jump_host=found,
        client=client,
        chips=[(one.id, one.name) for one in clients],
    ), status


@bp.post("/<int:jump_host_id>/key")
@login_required
def decide_key(jump_host_id: int) -> ResponseReturnValue:
    """Approve or reject the key it showed."""
    actor = current_actor()
    found = service.get_visible_jump_host(jump_host_id, actor)
    if not actor.allows(Permission.HOST_KEY_APPROVE, found.client_id):
        abort(404)
    approve, shown = request.form.get("decision") == "approve", request.form.get("key", "")
    try:
        with unit_of_work():
            service.decide_key(found, shown, approve=approve, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(_("Saved."), "success")
    return redirect(url_for("jump_hosts.index"))


@bp.post("/<int:jump_host_id>/remove")
@login_required
def remove(jump_host_id: int) -> ResponseReturnValue:
    """Delete a jump host nothing leads through."""
    actor = current_actor()
    found = service.get_visible_jump_host(jump_host_id, actor)
    if not actor.allows(Permission.CREDENTIAL_MANAGE, found.client_id):
        abort(404)
    try:
        with unit_of_work():
            service.remove_jump_host(found, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(_("Removed."), "success")
    return redirect(url_for("jump_hosts.index"))
