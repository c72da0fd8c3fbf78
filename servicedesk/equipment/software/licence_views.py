"""Pages of licences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import pgettext
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.forms import NONE_CHOSEN, whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.sheets import sheet_response
from servicedesk.core.web import search_text
from servicedesk.equipment.device_choice import keep_device
from servicedesk.equipment.place_views import editable_clients
from servicedesk.equipment.software import licences, queries, seats
from servicedesk.equipment.software.blueprint import bp
from servicedesk.equipment.software.forms import KeyForm, SeatForm
from servicedesk.equipment.software.models import Licence
from servicedesk.equipment.software.words import LICENCE_KINDS, LOOKS, PHASES, phase, use
from servicedesk.staff.models import User

LICENCES = Order((Licence.due_on, Licence.id), ("due_on", "id"), descending=False)


def reader() -> Actor:
    """Whoever may see any equipment."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        abort(404)
    return actor


def sees_licences(actor: Actor) -> bool:
    """Whether some client's licences are shown: they are the whole client's, one site alone is not enough."""
    scope = actor.scope(Permission.DEVICE_VIEW)
    return scope.everything or bool(scope.client_ids)


def _chosen() -> queries.Chosen:
    args = request.args
    show, kind = args.get("show", ""), args.get("kind", "")
    return queries.Chosen(
        text=search_text(),
        show=show if show in queries.SHOWS else "",
        product_id=whole_number(args.get("product")) or 0,
        kind=kind if kind in LICENCE_KINDS else "",
    )


@bp.get("/licences/")
@login_required
def licence_list() -> ResponseReturnValue:
    """Licences, those that end first at the top; ``?show=`` one of ``queries.SHOWS``."""
    actor, chosen, today = reader(), _chosen(), utcnow().date()
    statement = queries.licence_rows(actor, chosen, today=today)
    return render_template(
        "equipment/software/licences.html",
        page=paginate(statement, LICENCES, request.args.get("cursor", "")),
        chosen=chosen,
        product=queries.get_visible_product(chosen.product_id, actor) if chosen.product_id else None,
        kinds=LICENCE_KINDS,
        phases=PHASES,
        looks=LOOKS,
        phase=lambda row: phase(row, today),
        days_left=lambda row: queries.days_left(row, today),
        use=use,
        may_edit=bool(editable_clients()),
        sees_some=sees_licences(actor),
    )


@bp.get("/licences.<any(csv, xlsx):kind>")
@login_required
def export_licences(kind: str) -> ResponseReturnValue:
    """The same list as a file, all of it. Keys are never in it."""
    today = utcnow().date()
    statement = queries.licence_rows(reader(), _chosen(), today=today).order_by(*LICENCES.columns)
    heading = (
        _("Number"),
        _("Product"),
        _("Maker"),
        _("Kind"),
        _("Client"),
        _("Bought"),
        pgettext("licence", "In use"),
        _("State"),
        _("Valid from"),
        _("Valid until"),
        _("Maintenance until"),
        _("Bought on"),
        pgettext("licence", "Price"),
        _("Supplier"),
        _("Why more are in use"),
    )
    return sheet_response(kind, "licences", heading, _exported(statement, today))


def _exported(statement: Any, today: date) -> Iterator[list[Any]]:
    for row in db.session.execute(statement.execution_options(yield_per=500)):
        yield [
            row.number,
            row.product_name,
            row.product_maker,
            str(LICENCE_KINDS[row.kind]),
            row.client_name,
            row.quantity or "",
            row.used,
            str(PHASES[phase(row, today)]),
            row.starts_on,
            row.ends_on,
            row.maintenance_until,
            row.bought_on,
            row.price,
            row.supplier,
            row.over_reason,
        ]


@bp.get("/licences/<int:licence_id>")
@login_required
def licence(licence_id: int) -> ResponseReturnValue:
    """One licence and who uses it."""
    actor = reader()
    return licence_page(queries.get_visible_licence(licence_id, actor), actor, SeatForm())


def licence_page(
    found: Licence, actor: Actor, form: SeatForm, *, key: str | None = None, status: int = 200
) -> ResponseReturnValue:
    """The page of a licence; ``key``: in plain text, once, for who asked for it."""
    today = utcnow().date()
    used = licences.used_of(found)
    keep_device(form.device_id, actor)
    people = seats.people(found.client_id).where(User.id == form.user_id.data)
    form.user_id.offer([(one.id, one.display_name) for one in db.session.scalars(people)], empty=NONE_CHOSEN)
    return render_template(
        "equipment/software/licence.html",
        licence=found,
        form=form,
        key_form=KeyForm(formdata=None),
        key=key,
        seats=queries.seats_of(found, ended=False),
        past=queries.seats_of(found, ended=True),
        used=used,
        use=use(used, found.quantity),
        kinds=LICENCE_KINDS,
        phases=PHASES,
        looks=LOOKS,
        phase=phase(found, today),
        days_left=queries.days_left(found, today),
        may_edit=actor.allows(Permission.DEVICE_EDIT, found.client_id),
        may_see_key=licences.may_see_key(found, actor),
    ), status


@bp.post("/licences/<int:licence_id>/remove")
@login_required
def remove_licence(licence_id: int) -> ResponseReturnValue:
    """Delete a licence that was never used."""
    actor = reader()
    found = queries.get_visible_licence(licence_id, actor)
    try:
        with unit_of_work():
            licences.remove_licence(found, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("software.licence", licence_id=licence_id))
    flash(_("Removed."), "success")
    return redirect(url_for("software.licence_list"))
