"""Pages of configurations: a device's versions, differences, search, download, and acceptance."""

from __future__ import annotations

from itertools import islice

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.differences import Line, differences
from servicedesk.core.errors import DomainError
from servicedesk.core.forms import whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.web import form_number, name_file, search_text
from servicedesk.equipment.models import Device
from servicedesk.inspections.drift import queries, service
from servicedesk.inspections.drift.models import UNREGISTERED, ConfigurationVersion
from servicedesk.inspections.drift.noting import present_texts
from servicedesk.inspections.drift.queries import SHOWN

PRESENT = Order(
    (Device.name, ConfigurationVersion.path, ConfigurationVersion.id),
    ("device_name", "path", "id"),
    descending=False,
)

bp = Blueprint("drift", __name__, url_prefix="/inspections/configurations")


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """What is kept of all one's devices, and words looked for in it; ``?show=`` unregistered."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_EDIT):
        abort(404)
    words, shown = search_text(), request.args.get("show", "")
    hits, more = queries.search_all(words, actor) if words else ([], False)
    rows = queries.present_rows(actor, unregistered=shown == "unregistered")
    return render_template(
        "inspections/drift/index.html",
        words=words,
        hits=hits,
        more=more,
        searched=queries.SEARCHED,
        shown=shown,
        page=None if words else paginate(rows, PRESENT, request.args.get("cursor", "")),
    )


@bp.get("/<int:device_id>")
@login_required
def device(device_id: int) -> ResponseReturnValue:
    """A device's versions, and what the chosen one (else the newest) changed against another."""
    return _shown(device_id)


def _shown(device_id: int, *, refused: str = "", reason: str = "", status: int = 200) -> ResponseReturnValue:
    found, files = queries.device_to_read(device_id, current_actor()), present_texts(device_id)
    path = request.args.get("path", "")
    if not path and "" not in files:
        path = next(iter(files), "")
    versions = queries.versions_of(found.id, path)
    if path and not versions:
        abort(404)
    asked = request.args.get("version", type=whole_number)
    number = asked or (versions[0].number if versions else 0)
    version = queries.version_of(found.id, number, path) if versions else None
    against = request.args.get("against", type=whole_number)
    if against is None:
        # Who accepts the newest accepts all that came since somebody accepted one.
        before = [one for one in versions if one.number < number]
        accepted = [one for one in before if one.state != UNREGISTERED] if not asked else []
        against = next((one.number for one in (*accepted, *before)), None)
    other = queries.version_of(found.id, against, path) if version and against else None
    lines: list[Line] = []
    if version is not None and other is not None:
        lines = list(islice(differences(other.text, version.text, thorough=True), SHOWN + 1))
    words = search_text()
    return render_template(
        "inspections/drift/device.html",
        device=found,
        path=path,
        files=[one for one in files.values() if one.path],
        configured="" in files,
        versions=versions,
        version=version,
        other=other,
        lines=lines[:SHOWN],
        cut=len(lines) > SHOWN,
        words=words,
        hits=queries.found_in(version.text, words) if version and words else [],
        findings=service.open_drift(found.id),
        refused=refused,
        reason=reason,
    ), status


@bp.get("/<int:device_id>/<int:number>/download")
@login_required
def download(device_id: int, number: int) -> ResponseReturnValue:
    """A version as a text file."""
    found = queries.device_to_read(device_id, current_actor())
    path = request.args.get("path", "")
    version = queries.version_of(found.id, number, path)
    answer = Response(version.text, mimetype="text/plain")
    name_file(answer, f"{found.name}{path}-{number}.txt")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/<int:device_id>/accept")
@login_required
def accept(device_id: int) -> ResponseReturnValue:
    """Say that the present configuration is right."""
    actor = current_actor()
    found = queries.device_to_read(device_id, actor)
    reason = request.form.get("reason", "")
    try:
        with unit_of_work():
            service.accept_configuration(found, form_number("version"), reason, actor=actor, now=utcnow())
    except DomainError as error:
        return _shown(device_id, refused=str(error), reason=reason, status=422)
    flash(_("Accepted. The finding ends with the next inspection."), "success")
    return redirect(url_for("drift.device", device_id=device_id, path=request.args.get("path") or None))


@bp.post("/<int:device_id>/identity/<any(model, serial, software_version):part>")
@login_required
def accept_identity(device_id: int, part: str) -> ResponseReturnValue:
    """Let the record say what the device tells."""
    actor = current_actor()
    found = queries.device_to_read(device_id, actor)
    try:
        with unit_of_work():
            service.accept_identity(found, part, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(
            _("The record says now what the device tells. The finding ends with the next inspection."),
            "success",
        )
    return redirect(url_for("drift.device", device_id=device_id))
