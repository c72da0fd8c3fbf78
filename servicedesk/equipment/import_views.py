"""Pages that bring files of devices and of what belongs to them in, and give lists of devices out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import aliased

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, InvalidError, NotFoundError
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.core.sheet_files import read_rows
from servicedesk.core.sheets import sheet_response
from servicedesk.equipment import importing, jobs, queries
from servicedesk.equipment.device_columns import CODES, COLUMNS
from servicedesk.equipment.device_files import DEVICES
from servicedesk.equipment.file_kinds import CREATE, SAME, UPDATE, WRONG, FileKind, Planned, changes_in_words
from servicedesk.equipment.forms import ImportForm
from servicedesk.equipment.import_models import DeviceImport
from servicedesk.equipment.models import Device, Rack, Room
from servicedesk.equipment.views import list_filters
from servicedesk.organisations.models import CLIENT, Department, Organisation, Site
from servicedesk.staff.models import User

bp = Blueprint("device_files", __name__, url_prefix="/equipment")
EXPORTED = 50_000  # rows
SHOWN = 100  # rows of a preview
_ACTIONS = (WRONG, CREATE, UPDATE, SAME)


def _require_editor() -> Actor:
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_EDIT):
        abort(404)
    return actor


def _asked_kind() -> FileKind:
    """What the address asks for (``?of=``), files of devices if nothing else."""
    return importing.KINDS.get(request.args.get("of", ""), DEVICES)


def _visible(actor: Actor) -> sa.Select[DeviceImport]:
    """Imports of whole clients one keeps, and one's own."""
    clause = actor.scope(Permission.DEVICE_EDIT).clause(DeviceImport.client_id)
    clients = {site.client_id for site in queries.visible_sites(actor, Permission.DEVICE_EDIT)}
    own = sa.and_(DeviceImport.user_id == actor.user_id, DeviceImport.client_id.in_(clients))
    return sa.select(DeviceImport).where(sa.or_(clause, own))


def _get(import_id: int, actor: Actor) -> DeviceImport:
    found = db.session.scalar(_visible(actor).where(DeviceImport.id == import_id))
    if found is None:
        raise NotFoundError
    return found


@bp.route("/imports", methods=["GET", "POST"])
@login_required
def imports() -> ResponseReturnValue:
    """The imports so far, and a form for the next file."""
    actor = _require_editor()
    form = ImportForm()
    clients = {site.client_id for site in queries.visible_sites(actor, Permission.DEVICE_EDIT)}
    rows = db.session.execute(
        sa.select(Organisation.id, Organisation.name)
        .where(Organisation.kind == CLIENT, Organisation.id.in_(clients))
        .order_by(Organisation.name)
    ).all()
    form.client_id.offer([(row.id, row.name) for row in rows])
    if form.validate_on_submit():
        upload = request.files.get("file")
        limit = runtime().settings.upload_max_bytes
        content = upload.stream.read(limit + 1) if upload else b""
        try:
            if not content or upload is None:
                raise InvalidError(_("Choose a file."), "file")
            if len(content) > limit:
                megabytes = limit // (1024 * 1024)
                raise InvalidError(_("The file is larger than %(size)s MB.", size=megabytes), "file")
            with unit_of_work():
                found, _planned = importing.prepare(
                    form.client_id.data,
                    upload.filename or "",
                    content,
                    kind=_asked_kind().name,
                    actor=actor,
                    blobs=runtime().blobs,
                    now=utcnow(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect(url_for("device_files.one", import_id=found.id))
    page = paginate(
        _visible(actor), Order((DeviceImport.id,), ("id",)), request.args.get("cursor", ""), scalars=True
    )
    status = 422 if form.is_submitted() else 200
    return render_template(
        "equipment/imports.html", form=form, page=page, kind=_asked_kind(), kinds=importing.KINDS
    ), status


@bp.get("/imports/<int:import_id>")
@login_required
def one(import_id: int) -> ResponseReturnValue:
    """One import: what it would do, how far it is, what it did."""
    actor = _require_editor()
    found = _get(import_id, actor)
    done, total = jobs.progress_of(found.id) if found.state in importing.WAITING else (0, 0)
    planned, left_out = _planned(found, actor) if found.state == "previewed" else ([], [])
    by_action = {name: [row for row in planned if row.action == name] for name in _ACTIONS}
    changes = changes_in_words(by_action[UPDATE][:SHOWN], importing.kind_of(found).vocabulary)
    template = "equipment/_import_state.html" if "poll" in request.args else "equipment/import.html"
    return render_template(
        template,
        found=found,
        kind=importing.kind_of(found),
        done=done,
        total=total or found.row_count,
        waiting=found.state in importing.WAITING,
        by_action=by_action,
        changes=changes,
        left_out=left_out,
        shown=SHOWN,
    )


def _planned(found: DeviceImport, actor: Actor) -> tuple[list[Planned], list[str]]:
    rows = list(read_rows(runtime().blobs.get(found.sha256)))
    kind = importing.kind_of(found)
    return kind.plan(rows, found.client_id, actor), kind.table.unread(rows[0][1])


@bp.post("/imports/<int:import_id>/<any(carry_out, undo):step>")
@login_required
def start(import_id: int, step: str) -> ResponseReturnValue:
    """Let a worker carry it out, or take it back."""
    actor = _require_editor()
    found = _get(import_id, actor)
    try:
        with unit_of_work():
            importing.queue(found, undo=step == "undo", actor=actor)
    except DomainError as error:
        flash(str(error), "error")
    else:
        jobs.enqueue(import_id)
    return redirect(url_for("device_files.one", import_id=import_id))


@bp.get("/imports/template.<any(csv, xlsx):kind>")
@login_required
def template(kind: str) -> ResponseReturnValue:
    """An empty table with our headings in the reader's language, and one example; ``?of=`` a kind of file."""
    actor, asked = _require_editor(), _asked_kind()
    sites = queries.visible_sites(actor, Permission.DEVICE_EDIT)
    example = [
        sites[0].name if column.name == "site" and sites else text
        for column, text in zip(asked.table.columns, asked.table.example(), strict=True)
    ]
    heading = [column.label for column in asked.table.columns]
    return sheet_response(kind, f"{asked.name}-template", heading, [example])


@bp.get("/devices/export.<any(csv, xlsx):kind>")
@login_required
def export(kind: str) -> ResponseReturnValue:
    """The filtered list as a file that can be brought in again."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        abort(404)
    heading = [column.label for column in COLUMNS]
    return sheet_response(kind, "devices", heading, _exported(actor))


def _exported(actor: Actor) -> Iterator[list[Any]]:
    responsible, standby = aliased(User), aliased(User)
    chosen = queries.devices_found(actor, **list_filters())
    named: dict[str, Any] = {
        "site": Site.name,
        "room": Room.name,
        "rack": Rack.name,
        "department": Department.name,
        "responsible": responsible.display_name,
        "standby": standby.display_name,
    }
    values = [named[c.name] if c.name in named else getattr(Device, c.name) for c in COLUMNS]
    statement = (
        sa.select(*values)
        .select_from(Device)
        .join(Site, Site.id == Device.site_id)
        .outerjoin(Room, Room.id == Device.room_id)
        .outerjoin(Rack, Rack.id == Device.rack_id)
        .outerjoin(Department, Department.id == Device.department_id)
        .outerjoin(responsible, responsible.id == Device.responsible_id)
        .outerjoin(standby, standby.id == Device.standby_id)
        .where(Device.id.in_(chosen))
        .order_by(Device.name, Device.id)
        .limit(EXPORTED)
    )
    for row in db.session.execute(statement.execution_options(yield_per=500)):
        yield [
            str(CODES[column.name].get(value, value)) if column.name in CODES else value
            for column, value in zip(COLUMNS, row, strict=True)
        ]
