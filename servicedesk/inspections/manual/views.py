"""Pages of the maintained list of items by hand."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.web import form_number
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.equipment.queries import visible_sites
from servicedesk.inspections.levels.queries import clients_to_set
from servicedesk.inspections.manual import queries, service
from servicedesk.inspections.manual.definitions import LIMITS, of_item
from servicedesk.inspections.manual.forms import KINDS, LOOKS_AT, ItemForm
from servicedesk.inspections.manual.models import ManualItem
from servicedesk.inspections.manual.service import ItemData
from servicedesk.inspections.manual.starter import starter_set
from servicedesk.organisations.models import Organisation

bp = Blueprint("manual_items", __name__, url_prefix="/inspections/manual-items")


def _clients(actor: Actor) -> list[Organisation]:
    """Clients as a whole: an item of a client reaches all of its sites."""
    return [one for one in clients_to_set(actor) if actor.allows(Permission.PLAN_EDIT, one.id)]


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """All items in reach."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.PLAN_EDIT):
        raise NotFoundError
    order = Order((ManualItem.title_en, ManualItem.id), ("title_en", "id"), descending=False)
    page = paginate(queries.visible_items(actor), order, request.args.get("cursor", ""), scalars=True)
    return render_template(
        "inspections/manual/index.html",
        page=page,
        clients=_clients(actor),
        kinds=KINDS,
        looks_at=LOOKS_AT,
        classes=DEVICE_CLASSES,
        definition=of_item,
    )


@bp.post("/starter")
@login_required
def starter() -> ResponseReturnValue:
    """Add the starter set to a client."""
    actor = current_actor()
    client = next((one for one in _clients(actor) if one.id == form_number("client_id")), None)
    if client is None:
        raise NotFoundError
    with unit_of_work():
        added = service.add_all(client.id, starter_set(), actor=actor, now=utcnow())
    flash(
        ngettext(
            "%(num)s item added. Plans can require it.", "%(num)s items added. Plans can require them.", added
        ),
        "success",
    )
    return redirect(url_for("manual_items.index"))


@bp.route("/new", methods=["GET", "POST"])
@login_required
def new() -> ResponseReturnValue:
    """Make an item."""
    chosen = request.args.get("client", type=whole_number)
    client = next((one for one in _clients(current_actor()) if chosen in (None, one.id)), None)
    if client is None:
        raise NotFoundError
    return _editor(client, None, ItemForm())


@bp.route("/<int:item_id>", methods=["GET", "POST"])
@login_required
def edit(item_id: int) -> ResponseReturnValue:
    """Change an item."""
    found = queries.get_visible_item(item_id, current_actor())
    form = ItemForm(obj=found)
    if not form.is_submitted():
        form.options.data = "\n".join(f"{en} | {zh} = {outcome}" for en, zh, outcome in found.options)
    return _editor(found.client, found, form)


def _editor(client: Organisation, found: ManualItem | None, form: ItemForm) -> ResponseReturnValue:
    actor = current_actor()
    sites = [site for site in visible_sites(actor, Permission.PLAN_EDIT) if site.client_id == client.id]
    form.site_id.offer([(site.id, site.name) for site in sites], empty=_("All sites"))
    name, client_id = client.name, client.id
    if form.validate_on_submit():
        try:
            with unit_of_work():
                service.save_item(found, client_id, _data(form), actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved. Rounds that begin from now on ask it so."), "success")
            return redirect(url_for("manual_items.index"))
    status = 422 if form.is_submitted() else 200
    return render_template("inspections/manual/edit.html", form=form, item=found, client_name=name), status


def _data(form: ItemForm) -> ItemData:
    return ItemData(
        title_en=form.title_en.data or "",
        title_zh=form.title_zh.data or "",
        looks_at=form.looks_at.data,
        kind=form.kind.data,
        site_id=form.site_id.data,
        active=bool(form.active.data),
        device_classes=form.device_classes.data or (),
        unit=form.unit.data or "",
        **{name: form[name].data for name in LIMITS},
        options=form.options.data or "",
        photo_required=bool(form.photo_required.data),
        upkeep=bool(form.upkeep.data),
        standard_en=form.standard_en.data or "",
        standard_zh=form.standard_zh.data or "",
    )
