"""How a device is asked: its accesses, and the host keys it showed."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment import jump_hosts, queries, service
from servicedesk.equipment.access_form import access_form
from servicedesk.equipment.jump_host_models import JumpHost
from servicedesk.equipment.kinds import DEFAULT_PORTS
from servicedesk.equipment.models import Credential
from servicedesk.equipment.views import bp, device_page
from servicedesk.staff.forms import EmptyForm

__all__ = ["bp"]


@bp.get("/devices/<int:device_id>/access")
@login_required
def access(device_id: int) -> ResponseReturnValue:
    """The form of a device's access, which the page asks for when somebody opens it."""
    actor = current_actor()
    found = queries.get_visible_record(device_id, actor)
    form = access_form(found, actor)
    if form is None:
        abort(404)
    return render_template("equipment/_access_form.html", device=found, access_form=form)


@bp.post("/devices/<int:device_id>/access")
@login_required
def save_access(device_id: int) -> ResponseReturnValue:
    """Set how a device is asked."""
    actor = current_actor()
    found = queries.get_visible_device(device_id, actor)
    form = access_form(found, actor)
    if form is None:
        abort(404)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                service.save_access(
                    found,
                    protocol=form.protocol.data,
                    port=form.port.data or DEFAULT_PORTS[form.protocol.data],
                    credential=db.session.get(Credential, form.credential_id.data),
                    snmp_version=form.snmp_version.data,
                    legacy_crypto=bool(form.legacy_crypto.data),
                    jump_host=db.session.get(JumpHost, form.jump_host_id.data or 0),
                    actor=actor,
                    now=utcnow(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("equipment.device", device_id=found.id) + "#access")
    return device_page(found, actor, form), 422


@bp.post("/devices/<int:device_id>/access/<int:access_id>/remove")
@login_required
def remove_access(device_id: int, access_id: int) -> ResponseReturnValue:
    """Stop asking a device this way."""
    actor = current_actor()
    found = queries.get_visible_device(device_id, actor)
    with unit_of_work():
        access = next((a for a in found.accesses if a.id == access_id), None)
        if access is None:
            raise NotFoundError
        service.remove_access(access, actor=actor, now=utcnow())
    flash(_("Removed."), "success")
    return redirect(url_for("equipment.device", device_id=found.id) + "#access")


@bp.get("/host-keys")
@login_required
def host_keys() -> ResponseReturnValue:
    """SSH host keys that wait for approval, and those decided."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.HOST_KEY_APPROVE):
        abort(404)
    statement = queries.visible_host_keys(actor)
    keys = db.session.scalars(statement.limit(500)).all()
    order = {"pending": 0, "approved": 1, "rejected": 2}
    approved = {(k.access_id) for k in keys if k.state == "approved"}
    return render_template(
        "equipment/host_keys.html",
        keys=sorted(keys, key=lambda k: (order.get(k.state, 3), -k.id)),
        approved=approved,
        waiting_jump_hosts=jump_hosts.waiting_for_approval(actor),
        empty_form=EmptyForm(),
    )


@bp.post("/host-keys/<int:host_key_id>/<any(approve, reject):decision>")
@login_required
def decide_host_key(host_key_id: int, decision: str) -> ResponseReturnValue:
    """Approve or reject a host key."""
    actor = current_actor()
    with unit_of_work():
        key = queries.get_visible_host_key(host_key_id, actor)
        service.decide_host_key(key, approve=decision == "approve", actor=actor, now=utcnow())
    flash(
        _("The host key was approved.") if decision == "approve" else _("The host key was rejected."),
        "success",
    )
    if request.form.get("back") == "device":
        return redirect(url_for("equipment.device", device_id=key.access.device_id) + "#access")
    return redirect(url_for("equipment.host_keys"))
