"""Pages of prefixes and addresses."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.forms import whole_number
from servicedesk.core.paging import paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.sheets import sheet_response
from servicedesk.core.web import search_text
from servicedesk.equipment.addressing import files, keys, prefixes, queries, service
from servicedesk.equipment.addressing.forms import AddressForm, NetworkFileForm, PrefixForm
from servicedesk.equipment.addressing.models import Address
from servicedesk.equipment.device_choice import keep_device
from servicedesk.equipment.queries import visible_sites
from servicedesk.organisations.models import Organisation, Site

bp = Blueprint("addressing", __name__, url_prefix="/equipment/networks")
MAX_EXPORTED = 100_000


def _sites() -> list[Site]:
    """Sites whose equipment the actor keeps."""
    return list(visible_sites(current_actor(), Permission.DEVICE_EDIT))


def _clients(sites: list[Site]) -> list[tuple[int, str]]:
    numbers = {site.client_id for site in sites}
    statement = sa.select(Organisation.id, Organisation.name).where(Organisation.id.in_(sorted(numbers)))
    return [(row[0], row[1]) for row in db.session.execute(statement.order_by(Organisation.name))]


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """The tree of prefixes; ``?q=`` an address, a prefix or words."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        abort(404)
    statement = queries.prefix_rows(actor, text=search_text())
    page = paginate(statement, queries.PREFIX_ORDER, request.args.get("cursor", ""))
    return render_template(
        "equipment/addressing/index.html",
        page=page,
        text=search_text(),
        roles=prefixes.ROLES,
        size=_size,
        may_edit=actor.allows_somewhere(Permission.DEVICE_EDIT),
    )


def _size(row: Any) -> int:
    """How many addresses devices can have in a prefix."""
    return keys.Network(row.prefix, row.first, row.first, row.length).size


@bp.get("/<int:prefix_id>")
@login_required
def prefix(prefix_id: int) -> ResponseReturnValue:
    """One prefix: what is around it, within it, and its addresses."""
    actor = current_actor()
    found = queries.get_visible_prefix(prefix_id, actor)
    statement = queries.address_rows(actor, within=found, text=search_text())
    try:
        free = service.next_free(found)
    except DomainError:
        free = ""
    return render_template(
        "equipment/addressing/prefix.html",
        prefix=found,
        around=queries.around(actor, found.client_id, found.vrf, found.first, found.length),
        children=queries.children(actor, found),
        page=paginate(statement, queries.ADDRESS_ORDER, request.args.get("cursor", "")),
        text=search_text(),
        roles=prefixes.ROLES,
        states=service.STATES,
        size=_size,
        free=free,
        may_edit=actor.allows(Permission.DEVICE_EDIT, found.client_id, found.site_id),
    )


@bp.route("/new", methods=["GET", "POST"])
@bp.route("/<int:prefix_id>/edit", methods=["GET", "POST"])
@login_required
def prefix_form(prefix_id: int | None = None) -> ResponseReturnValue:
    """Make or change a prefix."""
    actor = current_actor()
    found = queries.get_visible_prefix(prefix_id, actor) if prefix_id else None
    sites = _sites()
    if not sites or (found and not actor.allows(Permission.DEVICE_EDIT, found.client_id, found.site_id)):
        abort(404)
    form = PrefixForm(obj=found, data={"prefix": request.args.get("prefix", "")[:80]})
    form.client_id.offer([row for row in _clients(sites) if found is None or row[0] == found.client_id])
    form.site_id.offer([(site.id, site.name) for site in sites], empty=_("(the whole client)"))
    if form.validate_on_submit():
        values = {name: getattr(form, name).data for name in prefixes.FIELDS}
        plain = {name: value or "" for name, value in values.items() if name not in ("site_id", "vlan_id")}
        data = prefixes.PrefixData(**values | plain)
        try:
            with unit_of_work():
                saved = prefixes.save_prefix(found, form.client_id.data, data, actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("addressing.prefix", prefix_id=saved.id))
    status = 422 if form.is_submitted() else 200
    return render_template("equipment/addressing/prefix_form.html", form=form, prefix=found), status


@bp.post("/<int:prefix_id>/remove")
@login_required
def remove_prefix(prefix_id: int) -> ResponseReturnValue:
    """Delete a prefix; its addresses stay."""
    found = queries.get_visible_prefix(prefix_id, current_actor())
    with unit_of_work():
        prefixes.remove_prefix(found, actor=current_actor(), now=utcnow())
    flash(_("Removed."), "success")
    return redirect(url_for("addressing.index"))


@bp.get("/addresses/")
@login_required
def addresses() -> ResponseReturnValue:
    """All addresses; ``?q=`` an address, a prefix, or words of a DNS name."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        abort(404)
    statement = queries.address_rows(actor, text=search_text())
    return render_template(
        "equipment/addressing/addresses.html",
        page=paginate(statement, queries.ADDRESS_ORDER, request.args.get("cursor", "")),
        text=search_text(),
        states=service.STATES,
        may_edit=actor.allows_somewhere(Permission.DEVICE_EDIT),
    )


@bp.route("/addresses/new", methods=["GET", "POST"])
@bp.route("/addresses/<int:address_id>", methods=["GET", "POST"])
@login_required
def address_form(address_id: int | None = None) -> ResponseReturnValue:
    """Record an address or change it; ``?prefix=`` proposes the next that is free there."""
    actor = current_actor()
    found = queries.get_visible_address(address_id, actor) if address_id else None
    sites = _sites()
    if not sites or (found and not actor.allows(Permission.DEVICE_EDIT, found.client_id, found.site_id)):
        abort(404)
    form = AddressForm(obj=found, **_proposed(found))
    form.client_id.offer([row for row in _clients(sites) if found is None or row[0] == found.client_id])
    keep_device(form.device_id, actor)
    if form.validate_on_submit():
        values = {
            name: getattr(form, name).data or ""
            for name in ("address", "vrf", "state", "dns_name", "description", "interface")
        }
        data = service.AddressData(**values, device_id=form.device_id.data)
        try:
            with unit_of_work():
                service.save_address(found, form.client_id.data, data, actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(_back(form.client_id.data, data))
    status = 422 if form.is_submitted() else 200
    return render_template("equipment/addressing/address_form.html", form=form, address=found), status


def _proposed(found: Address | None) -> dict[str, Any]:
    if found is not None:
        return {"interface": found.interface.name if found.interface else ""}
    number = request.args.get("prefix", type=whole_number)
    if number is None or not 0 < number < 10**9:
        return {}
    prefix = queries.get_visible_prefix(number, current_actor())
    free = request.args.get("address", "")[:80]
    return {"client_id": prefix.client_id, "vrf": prefix.vrf, "address": free}


def _back(client_id: int, data: service.AddressData) -> str:
    """The innermost prefix around it, else the list."""
    key, _text = keys.read_address(data.address)
    around = queries.around(current_actor(), client_id, data.vrf.strip(), key)
    if not around:
        return url_for("addressing.addresses", q=data.address.strip())
    return url_for("addressing.prefix", prefix_id=around[-1].id)


@bp.post("/addresses/<int:address_id>/remove")
@login_required
def remove_address(address_id: int) -> ResponseReturnValue:
    """Delete an address from the record."""
    found = queries.get_visible_address(address_id, current_actor())
    with unit_of_work():
        service.remove_address(found, actor=current_actor(), now=utcnow())
    flash(_("Removed."), "success")
    return redirect(url_for("addressing.addresses"))


@bp.get("/<any(prefixes, addresses):what>.<any(csv, xlsx):kind>")
@login_required
def export(what: str, kind: str) -> Response:
    """The filtered list as a file that can be brought in again."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        abort(404)
    if what == files.PREFIXES:
        statement = queries.prefix_rows(actor, text=search_text()).order_by(*queries.PREFIX_ORDER.columns)
        cells = files.prefix_cells
    else:
        statement = queries.address_rows(actor, text=search_text()).order_by(*queries.ADDRESS_ORDER.columns)
        cells = files.address_cells
    rows = db.session.execute(statement.limit(MAX_EXPORTED)).all()
    return sheet_response(kind, what, list(files.COLUMNS[what].values()), (cells(row) for row in rows))


@bp.route("/import", methods=["GET", "POST"])
@login_required
def bring_in() -> ResponseReturnValue:
    """Prefixes or addresses from a file: all rows, or none."""
    sites = _sites()
    if not sites:
        abort(404)
    form = NetworkFileForm()
    form.client_id.offer(_clients(sites))
    if form.validate_on_submit():
        content = form.file.data.read() if form.file.data else b""
        try:
            with unit_of_work():
                made, changed = files.bring_in(
                    content, form.what.data, form.client_id.data, actor=current_actor(), now=utcnow()
                )
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("%(made)s new, %(changed)s looked at again.", made=made, changed=changed), "success")
            return redirect(
                url_for("addressing.index" if form.what.data == "prefixes" else "addressing.addresses")
            )
    status = 422 if form.is_submitted() else 200
    return render_template("equipment/addressing/import.html", form=form, columns=files.COLUMNS), status
