"""Pages of credentials. No page ever contains a stored secret."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.equipment import credentials as service
from servicedesk.equipment import queries, rotation
from servicedesk.equipment.credential_uses import uses_of
from servicedesk.equipment.forms import CredentialForm
from servicedesk.equipment.kinds import CREDENTIAL_KINDS
from servicedesk.equipment.models import Credential, DeviceAccess
from servicedesk.organisations.models import CLIENT, Organisation
from servicedesk.staff.forms import EmptyForm

bp = Blueprint("credentials", __name__, url_prefix="/equipment/credentials")


def manages_a_client(actor: Actor) -> bool:
    """Credentials and rules belong to whole clients: a single site's reach is not enough."""
    scope = actor.scope(Permission.CREDENTIAL_MANAGE)
    return scope.everything or bool(scope.client_ids)


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """The list of credentials, with how many devices use each."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.CREDENTIAL_MANAGE):
        abort(404)
    order = Order((Credential.name, Credential.id), ("name", "id"), descending=False)
    shown, now = request.args.get("show", ""), utcnow()
    rows = rotation.due(actor, now) if shown == "due" else queries.visible_credentials(actor)
    page = paginate(rows, order, request.args.get("cursor", ""), scalars=True)
    uses = dict(
        db.session.execute(
            sa.select(DeviceAccess.credential_id, sa.func.count())
            .where(DeviceAccess.credential_id.in_([c.id for c in page.rows]))
            .group_by(DeviceAccess.credential_id)
        ).all()
    )
    return render_template(
        "equipment/credentials.html",
        page=page,
        uses=uses,
        kinds=CREDENTIAL_KINDS,
        empty_form=EmptyForm(),
        shown=shown,
        reasons=rotation.reasons(page.rows, now),
        may_make=manages_a_client(actor),
    )


@bp.route("/new", methods=["GET", "POST"])
@bp.route("/<int:credential_id>", methods=["GET", "POST"])
@login_required
def form(credential_id: int | None = None) -> ResponseReturnValue:
    """Make a credential, or replace its secret."""
    actor = current_actor()
    scope = actor.scope(Permission.CREDENTIAL_MANAGE)
    if not scope:
        abort(404)
    found = queries.get_visible_credential(credential_id, actor) if credential_id else None
    page = CredentialForm(obj=found)
    clients = sa.select(Organisation).where(Organisation.kind == CLIENT, scope.clause(Organisation.id))
    offered = db.session.scalars(clients.order_by(Organisation.name)).all()
    page.client_id.offer([(client.id, client.name) for client in offered])
    reach = [found.client_id] if found is not None else [client.id for client in offered]
    page.known_to.choices = rotation.choices(reach, found)
    if found is not None:
        page.client_id.data, page.kind.data = found.client_id, found.kind
        if not page.is_submitted():
            page.known_to.data = rotation.knowers(found)
    if page.validate_on_submit():
        parts = service.SECRET_PARTS[page.kind.data]
        try:
            with unit_of_work():
                saved = service.save_credential(
                    found,
                    client_id=page.client_id.data,
                    name=page.name.data or "",
                    kind=page.kind.data,
                    username=page.username.data or "",
                    auth_protocol=page.auth_protocol.data or "",
                    priv_protocol=page.priv_protocol.data or "",
                    aaa_group=page.aaa_group.data or "",
                    secret={part: getattr(page, part).data or "" for part in parts},
                    keyring=runtime().keyring,
                    actor=actor,
                    now=utcnow(),
                )
                rotation.set_knowers(saved, page.known_to.data or [], actor=actor, now=utcnow())
        except DomainError as error:
            page.refuse(error)
        else:
            flash(_("Saved. The secret is encrypted and will not be shown again."), "success")
            return redirect(url_for("credentials.index"))
    status = 422 if page.is_submitted() else 200
    return render_template(
        "equipment/credential_form.html",
        form=page,
        credential=found,
        kinds=CREDENTIAL_KINDS,
        uses=uses_of(found, actor) if found is not None else None,
    ), status


@bp.post("/<int:credential_id>/remove")
@login_required
def remove(credential_id: int) -> ResponseReturnValue:
    """Delete a credential nobody uses."""
    actor = current_actor()
    found = queries.get_visible_credential(credential_id, actor)
    try:
        with unit_of_work():
            service.remove_credential(found, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(_("Removed."), "success")
    return redirect(url_for("credentials.index"))
