"""Pages of technical documents."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobMissingError
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, InvalidError, NotFoundError
from servicedesk.core.forms import NONE_CHOSEN, whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.core.uploads import uploaded
from servicedesk.core.web import document, form_number, search_text
from servicedesk.equipment import document_queries, documents, queries
from servicedesk.equipment.document_forms import DocumentForm, NewDocumentForm, VersionForm
from servicedesk.equipment.document_models import TechnicalDocument
from servicedesk.equipment.models import Device
from servicedesk.equipment.panels import Panel
from servicedesk.equipment.place_views import editable_clients

bp = Blueprint("technical_documents", __name__, url_prefix="/equipment/documents")


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Documents by title; ``?show=`` due, archived or all, and ``kind client site device q``."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        abort(404)
    numbers = {name: whole_number(request.args.get(name)) for name in ("client", "site", "device")}
    chosen = document_queries.Chosen(
        request.args.get("show", ""),
        request.args.get("kind", ""),
        numbers["client"],
        numbers["site"],
        numbers["device"],
        search_text(),
    )
    today = utcnow().date()
    statement = document_queries.document_rows(actor, chosen, today=today)
    order = Order((TechnicalDocument.title, TechnicalDocument.id), ("title", "id"), descending=False)
    sites = document_queries.sites(actor, Permission.DEVICE_VIEW)
    return render_template(
        "equipment/technical_documents.html",
        page=paginate(statement, order, request.args.get("cursor", "")),
        chosen=chosen,
        kinds=documents.KINDS,
        sites=sites,
        clients={site.client_id: site.client_name for site in sites},
        today=today,
        may_edit=actor.allows_somewhere(Permission.DEVICE_EDIT),
    )


@bp.get("/<int:document_id>")
@login_required
def detail(document_id: int) -> ResponseReturnValue:
    """One document: its versions, and the devices it is about."""
    found = document_queries.get_visible_document(document_id, current_actor())
    return _show(found, VersionForm())


def _show(found: TechnicalDocument, form: VersionForm, status: int = 200) -> ResponseReturnValue:
    actor = current_actor()
    return render_template(
        "equipment/technical_document.html",
        document=found,
        versions=document_queries.versions_of(found),
        devices=document_queries.devices_of(found, actor),
        kinds=documents.KINDS,
        form=form,
        today=utcnow().date(),
        may_edit=documents.may_edit(found, actor),
    ), status


@bp.route("/new", methods=["GET", "POST"])
@bp.route("/<int:document_id>/edit", methods=["GET", "POST"])
@login_required
def form(document_id: int | None = None) -> ResponseReturnValue:
    """Add a document with its first version, or change what is said about it."""
    actor = current_actor()
    found = document_queries.get_visible_document(document_id, actor) if document_id else None
    if found is not None and not documents.may_edit(found, actor):
        abort(404)
    page = DocumentForm(obj=found) if found else NewDocumentForm()
    if not _offer(page, found, actor):
        abort(404)
    if page.validate_on_submit():
        try:
            saved = _save(page, found, actor)
        except DomainError as error:
            page.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("technical_documents.detail", document_id=saved))
    status = 422 if page.is_submitted() else 200
    return render_template("equipment/technical_document_form.html", form=page, document=found), status


def _offer(page: DocumentForm, found: TechnicalDocument | None, actor: Actor) -> bool:
    """Fill the choices with what the actor keeps; whether there is any."""
    sites = document_queries.sites(actor, Permission.DEVICE_EDIT)
    clients = {site.client_id: site.client_name for site in sites}
    whole = {client.id: client.name for client in editable_clients()}
    clients |= whole
    if found is not None:
        clients = {number: name for number, name in clients.items() if number == found.client_id}
    page.client_id.offer(clients.items())
    offered = [(site.id, f"{site.client_name} · {site.name}") for site in sites if site.client_id in clients]
    if whole.keys() & clients.keys():
        page.site_id.offer(offered, empty=NONE_CHOSEN)
    else:  # whoever keeps sites alone writes for one of them
        page.site_id.offer(offered)
        page.site_id.description = ""
    return bool(clients)


def _save(page: DocumentForm, found: TechnicalDocument | None, actor: Actor) -> int:
    data = documents.DocumentData(
        page.title.data or "", page.kind.data, page.site_id.data, page.note.data or "", page.review_on.data
    )
    files = _one_file() if isinstance(page, NewDocumentForm) else None
    now = utcnow()
    with unit_of_work():
        saved = documents.save_document(found, page.client_id.data, data, actor=actor, now=now)
        if isinstance(page, NewDocumentForm) and files is not None:
            _put(saved, page, files, actor)
        return saved.id


def _one_file() -> tuple[str, bytes]:
    files = uploaded(request.files.getlist("files")[:1])
    if not files:
        raise InvalidError(_("Choose a file."), "files")
    return files[0]


def _put(found: TechnicalDocument, page: VersionForm, file: tuple[str, bytes], actor: Actor) -> None:
    documents.add_version(
        found,
        file,
        label=page.label.data or "",
        changes=page.changes.data or "",
        blobs=runtime().blobs,
        actor=actor,
        now=utcnow(),
    )


@bp.post("/<int:document_id>/versions")
@login_required
def add_version(document_id: int) -> ResponseReturnValue:
    """Hand in a new version."""
    actor = current_actor()
    found = document_queries.get_visible_document(document_id, actor)
    page = VersionForm()
    if page.validate_on_submit():
        try:
            file = _one_file()
            with unit_of_work():
                _put(found, page, file, actor)
        except InvalidError as error:
            page.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("technical_documents.detail", document_id=document_id))
    return _show(found, page, 422)


@bp.get("/<int:document_id>/versions/<int:number>/file")
@login_required
def download(document_id: int, number: int) -> Response:
    """The file of a version, only ever to be saved; who took it is written down."""
    actor = current_actor()
    found = document_queries.get_visible_document(document_id, actor)
    version = document_queries.get_version(found, number)
    try:
        content = runtime().blobs.get(version.sha256)
    except BlobMissingError:
        raise NotFoundError from None
    with unit_of_work():
        documents.note_download(found, version, actor=actor, now=utcnow())
    answer = document(content, version.file_name, mimetype=version.content_type)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer


@bp.post("/<int:document_id>/devices")
@login_required
def link(document_id: int) -> ResponseReturnValue:
    """Say that the document is about a device."""
    actor = current_actor()
    found = document_queries.get_visible_document(document_id, actor)
    device = queries.get_visible_device(form_number("device_id"), actor)
    try:
        with unit_of_work():
            documents.link(found, device, actor=actor, now=utcnow())
    except InvalidError as error:
        flash(str(error), "error")
    else:
        flash(_("Saved."), "success")
    return redirect(url_for("technical_documents.detail", document_id=document_id))


@bp.post("/<int:document_id>/devices/<int:device_id>/remove")
@login_required
def unlink(document_id: int, device_id: int) -> ResponseReturnValue:
    """Take a device off the document."""
    found = document_queries.get_visible_document(document_id, current_actor())
    with unit_of_work():
        documents.unlink(found, device_id, actor=current_actor(), now=utcnow())
    flash(_("Removed."), "success")
    return redirect(url_for("technical_documents.detail", document_id=document_id))


@bp.post("/<int:document_id>/archive")
@login_required
def archive(document_id: int) -> ResponseReturnValue:
    """Put the document away (``archived`` 1) or take it out of the archive (0)."""
    found = document_queries.get_visible_document(document_id, current_actor())
    with unit_of_work():
        archived = form_number("archived") == 1
        documents.archive(found, archived, actor=current_actor(), now=utcnow())
    flash(_("Saved."), "success")
    return redirect(url_for("technical_documents.detail", document_id=document_id))


def documents_panel(device: Device, actor: Actor) -> Panel | None:
    """What was written about a device."""
    today = utcnow().date()
    rows = document_queries.of_device(device, actor, today=today)
    if not rows:
        return None
    return Panel(
        "equipment/_technical_documents.html",
        {"rows": rows, "kinds": documents.KINDS, "today": today},
    )
