"""Pages of the catalogue of software, and of what is installed where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.sheets import sheet_response
from servicedesk.core.web import search_text
from servicedesk.equipment import queries as equipment
from servicedesk.equipment.device_choice import keep_device
from servicedesk.equipment.models import Device
from servicedesk.equipment.place_views import editable_clients
from servicedesk.equipment.software import products, queries
from servicedesk.equipment.software.blueprint import bp
from servicedesk.equipment.software.forms import InstallForm, ProductForm
from servicedesk.equipment.software.licence_views import LICENCES, reader
from servicedesk.equipment.software.models import SoftwareInstall, SoftwareProduct
from servicedesk.equipment.software.words import LICENCE_KINDS, LOOKS, PHASES, PRODUCT_KINDS, phase, use

PRODUCTS = Order((SoftwareProduct.name, SoftwareProduct.id), ("name", "id"), descending=False)
INSTALLS = Order((Device.name, SoftwareInstall.id), ("device_name", "id"), descending=False)


def _kind() -> str:
    kind = request.args.get("kind", "")
    return kind if kind in PRODUCT_KINDS else ""


@bp.get("/software/")
@login_required
def index() -> ResponseReturnValue:
    """Products, on how many devices each is, and how many licences there are; ``?kind=``, ``?q=``."""
    statement = queries.product_rows(reader(), text=search_text(), kind=_kind())
    return render_template(
        "equipment/software/index.html",
        page=paginate(statement, PRODUCTS, request.args.get("cursor", "")),
        kinds=PRODUCT_KINDS,
        kind=_kind(),
        text=search_text(),
        may_edit=bool(editable_clients()),
    )


@bp.get("/software.<any(csv, xlsx):kind>")
@login_required
def export(kind: str) -> ResponseReturnValue:
    """The same list as a file, all of it."""
    statement = queries.product_rows(reader(), text=search_text(), kind=_kind())
    heading = (_("Product"), _("Maker"), _("Kind"), _("Client"), _("Devices"), _("Licences"))
    return sheet_response(kind, "software", heading, _exported(statement.order_by(*PRODUCTS.columns)))


def _exported(statement: Any) -> Iterator[list[Any]]:
    for row in db.session.execute(statement.execution_options(yield_per=500)):
        kind = str(PRODUCT_KINDS[row.kind])
        yield [row.name, row.maker, kind, row.client_name, row.installs, row.licences]


@bp.get("/software/<int:product_id>")
@login_required
def product(product_id: int) -> ResponseReturnValue:
    """One product: where it is installed, in which versions, under which licences."""
    actor = reader()
    return _product_page(queries.get_visible_product(product_id, actor), actor, InstallForm())


def _product_page(
    found: SoftwareProduct, actor: Actor, form: InstallForm, status: int = 200
) -> ResponseReturnValue:
    today = utcnow().date()
    keep_device(form.device_id, actor)
    licences = queries.licence_rows(actor, queries.Chosen(show="all", product_id=found.id), today=today)
    return render_template(
        "equipment/software/product.html",
        product=found,
        form=form,
        page=paginate(queries.install_rows(actor, found), INSTALLS, request.args.get("cursor", "")),
        versions=queries.versions_of(found, actor),
        licences=db.session.execute(licences.order_by(*LICENCES.columns).limit(queries.SHOWN)).all(),
        kinds=PRODUCT_KINDS,
        licence_kinds=LICENCE_KINDS,
        phases=PHASES,
        looks=LOOKS,
        phase=lambda row: phase(row, today),
        days_left=lambda row: queries.days_left(row, today),
        use=use,
        sees_licences=actor.allows(Permission.DEVICE_VIEW, found.client_id),
        may_edit=actor.allows(Permission.DEVICE_EDIT, found.client_id),
        may_install=actor.allows_somewhere(Permission.DEVICE_EDIT),
    ), status


@bp.route("/software/new", methods=["GET", "POST"])
@bp.route("/software/<int:product_id>/edit", methods=["GET", "POST"])
@login_required
def product_form(product_id: int | None = None) -> ResponseReturnValue:
    """Make or change a product."""
    actor = reader()
    found = queries.get_visible_product(product_id, actor) if product_id else None
    clients = [one for one in editable_clients() if found is None or one.id == found.client_id]
    if not clients:
        abort(404)
    form = ProductForm(obj=found)
    form.client_id.offer([(one.id, one.name) for one in clients])
    if form.validate_on_submit():
        data = products.ProductData(
            form.name.data or "", form.maker.data or "", form.kind.data, form.notes.data or ""
        )
        try:
            with unit_of_work():
                saved = products.save_product(found, form.client_id.data, data, actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("software.product", product_id=saved.id))
    status = 422 if form.is_submitted() else 200
    return render_template("equipment/software/product_form.html", form=form, product=found), status


@bp.post("/software/<int:product_id>/remove")
@login_required
def remove_product(product_id: int) -> ResponseReturnValue:
    """Delete a product that nothing speaks of."""
    actor = reader()
    found = queries.get_visible_product(product_id, actor)
    try:
        with unit_of_work():
            products.remove_product(found, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("software.product", product_id=product_id))
    flash(_("Removed."), "success")
    return redirect(url_for("software.index"))


@bp.post("/software/<int:product_id>/devices")
@login_required
def install(product_id: int) -> ResponseReturnValue:
    """Say that the product is on a device, or change its version there."""
    actor = reader()
    found = queries.get_visible_product(product_id, actor)
    form = InstallForm()
    if form.validate_on_submit():
        device = equipment.get_visible_device(form.device_id.data, actor)
        try:
            with unit_of_work():
                products.install(
                    found,
                    device,
                    version=form.version.data or "",
                    installed_on=form.installed_on.data,
                    actor=actor,
                    now=utcnow(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("software.product", product_id=product_id))
    return _product_page(found, actor, form, 422)


@bp.post("/software/<int:product_id>/devices/<int:device_id>/remove")
@login_required
def uninstall(product_id: int, device_id: int) -> ResponseReturnValue:
    """Take the product off a device."""
    actor = reader()
    found = queries.get_visible_product(product_id, actor)
    with unit_of_work():
        products.uninstall(found, device_id, actor=actor, now=utcnow())
    flash(_("Removed."), "success")
    return redirect(url_for("software.product", product_id=product_id))
