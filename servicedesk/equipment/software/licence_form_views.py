"""The form of a licence, and what it finds while one types."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.amounts import MAX_PRICE, parse_amount
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, InvalidError
from servicedesk.core.forms import whole_number
from servicedesk.core.web import search_text
from servicedesk.equipment.place_views import editable_clients
from servicedesk.equipment.software import licence_choices as choices
from servicedesk.equipment.software import licences, queries
from servicedesk.equipment.software.blueprint import bp
from servicedesk.equipment.software.forms import LicenceForm
from servicedesk.equipment.software.licence_views import reader
from servicedesk.equipment.software.models import Licence, SoftwareProduct

_TEXTS = ("number", "supplier", "notes")


@bp.route("/licences/new", methods=["GET", "POST"])
@bp.route("/licences/<int:licence_id>/edit", methods=["GET", "POST"])
@login_required
def licence_form(licence_id: int | None = None) -> ResponseReturnValue:
    """Make or change a licence; ``?product=``: of that product."""
    actor = reader()
    found = queries.get_visible_licence(licence_id, actor) if licence_id else None
    clients = _clients_of(found)
    form = LicenceForm(obj=found)
    if not form.is_submitted() and found is None:
        form.product_id.data = whole_number(request.args.get("product"))
    if form.validate_on_submit():
        try:
            data = _data(form)
            with unit_of_work():
                saved = licences.save_licence(
                    found,
                    _owner(form, clients),
                    data,
                    over_reason=form.over_reason.data or "",
                    actor=actor,
                    now=utcnow(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("software.licence", licence_id=saved.id))
    choices.keep(form.product_id, "products", clients)
    choices.keep(form.contract_id, "contracts", clients)
    choices.keep(form.document_id, "documents", clients)
    return render_template(
        "equipment/software/licence_form.html",
        form=form,
        licence=found,
        any_product=bool(choices.found("products", clients)),
    ), 422 if form.is_submitted() else 200


def _data(form: LicenceForm) -> licences.LicenceData:
    values: dict[str, Any] = {name: getattr(form, name).data for name in licences.FIELDS}
    values |= {name: values[name] or "" for name in _TEXTS}
    price = form.price.data
    values["price"] = parse_amount(price, "price", least=Decimal(0), most=MAX_PRICE) if price else None
    values["quantity"] = values["quantity"] or 0
    return licences.LicenceData(**values)


@bp.get("/licences/choices/<any(products, contracts, documents):what>")
@login_required
def licence_choices(what: str) -> ResponseReturnValue:
    """What the form of a licence finds while one types; ``?licence=``: of that licence's client alone."""
    licence_id = whole_number(request.args.get("licence"))
    found = queries.get_visible_licence(licence_id, reader()) if licence_id else None
    rows = choices.found(what, _clients_of(found), search_text())
    return [{"value": number, "text": words} for number, words in rows]


def _clients_of(licence: Licence | None) -> set[int]:
    """The clients whose licences the actor keeps; those of a licence that exists: its own. None: 404."""
    clients = {one.id for one in editable_clients() if licence is None or one.id == licence.client_id}
    if not clients:
        abort(404)
    return clients


def _owner(form: LicenceForm, clients: set[int]) -> int:
    """Whose the chosen product is."""
    of = sa.select(SoftwareProduct.client_id).where(SoftwareProduct.id == form.product_id.data)
    client_id = db.session.scalar(of.where(SoftwareProduct.client_id.in_(clients)))
    if client_id is None:
        raise InvalidError(_("Choose a product of the list."), "product_id")
    return client_id
