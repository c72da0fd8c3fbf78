"""What is done on the page of a licence: seats given and taken back, its key set and read."""

from __future__ import annotations

import sqlalchemy as sa
from flask import abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import pgettext
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.crypto import DecryptionError
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.core.web import search_text
from servicedesk.equipment.software import licences, queries, seats
from servicedesk.equipment.software.blueprint import bp
from servicedesk.equipment.software.forms import KeyForm, SeatForm
from servicedesk.equipment.software.licence_views import licence_page
from servicedesk.staff.models import User


@bp.post("/licences/<int:licence_id>/seats")
@login_required
def assign(licence_id: int) -> ResponseReturnValue:
    """Give the licence to a device or a person."""
    actor = current_actor()
    found = queries.get_visible_licence(licence_id, actor)
    form = SeatForm()
    if form.validate_on_submit():
        wanted = seats.Wanted(
            form.device_id.data, form.user_id.data, form.holder.data or "", form.quantity.data or 0
        )
        reason = (form.over_reason.data or "") if form.known.data else ""
        try:
            with unit_of_work():
                seats.assign(found, wanted, over_reason=reason, actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("software.licence", licence_id=licence_id))
    return licence_page(found, actor, form, status=422)


@bp.post("/licences/<int:licence_id>/seats/<int:seat_id>/release")
@login_required
def release(licence_id: int, seat_id: int) -> ResponseReturnValue:
    """Take a seat back."""
    actor = current_actor()
    found = queries.get_visible_licence(licence_id, actor)
    with unit_of_work():
        seats.release(found, seat_id, actor=actor, now=utcnow())
    flash(pgettext("licence", "Taken back."), "success")
    return redirect(url_for("software.licence", licence_id=licence_id))


@bp.get("/licences/<int:licence_id>/people")
@login_required
def find_people(licence_id: int) -> ResponseReturnValue:
    """Accounts by a part of their name, for the field that looks one up while one types."""
    actor = current_actor()
    found = queries.get_visible_licence(licence_id, actor)
    if not actor.allows(Permission.DEVICE_EDIT, found.client_id):
        abort(404)
    pattern = queries.like(search_text())
    named = sa.or_(User.display_name.ilike(pattern, escape="\\"), User.username.ilike(pattern, escape="\\"))
    rows = db.session.scalars(
        seats.people(found.client_id).where(named).order_by(User.display_name, User.id).limit(30)
    )
    return [{"value": row.id, "text": row.display_name} for row in rows]


@bp.post("/licences/<int:licence_id>/key")
@login_required
def set_key(licence_id: int) -> ResponseReturnValue:
    """Keep a key, or take it away."""
    actor = current_actor()
    found = queries.get_visible_licence(licence_id, actor)
    form = KeyForm()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                licences.set_key(
                    found, form.key.data or "", keyring=runtime().keyring, actor=actor, now=utcnow()
                )
        except DomainError as error:
            flash(str(error), "error")
        else:
            flash(_("Saved. The key is encrypted; whoever reads it is noted."), "success")
    else:
        flash(" ".join(str(told) for told in form.key.errors) or _("Please send it again."), "error")
    return redirect(url_for("software.licence", licence_id=licence_id))


@bp.post("/licences/<int:licence_id>/key/show")
@login_required
def show_key(licence_id: int) -> ResponseReturnValue:
    """The key in plain text on this one answer; the audit trail says who read it."""
    actor = current_actor()
    found = queries.get_visible_licence(licence_id, actor)
    try:
        with unit_of_work():
            key = licences.show_key(found, keyring=runtime().keyring, actor=actor, now=utcnow())
    except DecryptionError as error:
        flash(_(str(error)), "error")
        return redirect(url_for("software.licence", licence_id=licence_id))
    return licence_page(found, actor, SeatForm(formdata=None), key=key)
