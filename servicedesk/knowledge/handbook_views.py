"""Handbooks: to read on screen, to print as PDF, to put together."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import options
from servicedesk.core.i18n import LOCALE_NAMES, select_locale
from servicedesk.core.paging import paginate
from servicedesk.core.web import document, form_number
from servicedesk.knowledge import handbooks as books
from servicedesk.knowledge import labels, permissions, printing
from servicedesk.knowledge.forms import HandbookForm
from servicedesk.knowledge.models import Handbook
from servicedesk.knowledge.views import bp, require_reader
from servicedesk.runbooks.rendering import markdown


@bp.get("/handbooks/")
@login_required
def handbooks() -> ResponseReturnValue:
    """What there is to read."""
    actor = require_reader()
    return render_template(
        "knowledge/handbooks.html",
        page=paginate(books.rows(actor), books.BY_TITLE, request.args.get("cursor", ""), scalars=True),
        writes=actor.allows_somewhere(permissions.WRITE),
        states=labels.STATES,
        audiences=labels.AUDIENCES,
        languages=LOCALE_NAMES,
    )


@bp.route("/handbooks/new", methods=["GET", "POST"])
@login_required
def new_handbook() -> ResponseReturnValue:
    """Begin one."""
    actor = require_reader()
    places = permissions.write_places(actor)
    if not places:
        abort(404)
    form = HandbookForm()
    form.place.choices = options(places)
    if not form.is_submitted():
        form.language.data = select_locale()
    if form.validate_on_submit():
        try:
            with unit_of_work():
                made = books.create(form.place.data, form.cover(), actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect(url_for("knowledge.arrange_handbook", handbook_id=made.id))
    page = render_template("knowledge/handbook_new.html", form=form)
    return page, 422 if form.is_submitted() else 200


@bp.get("/handbooks/<int:handbook_id>")
@login_required
def handbook(handbook_id: int) -> ResponseReturnValue:
    """One handbook, to read."""
    actor = require_reader()
    found = books.get(handbook_id, actor)
    return render_template(
        "knowledge/handbook.html",
        handbook=found,
        chapters=books.chapters(books.pieces(found, actor)),
        may_keep=books.may_keep(found, actor),
        states=labels.STATES,
        markdown=markdown,
    )


@bp.get("/handbooks/<int:handbook_id>.pdf")
@login_required
def handbook_pdf(handbook_id: int) -> ResponseReturnValue:
    """The same on paper, in the handbook's own language."""
    actor = require_reader()
    found = books.get(handbook_id, actor)
    now = utcnow()
    with force_locale(found.language):
        content = printing.pdf(found, books.chapters(books.pieces(found, actor)), now=now)
    return document(content, f"handbook-{found.id}.pdf")


def kept(handbook_id: int) -> Handbook:
    """A handbook the actor changes, or NotFoundError."""
    found = books.get(handbook_id, require_reader())
    if not books.may_keep(found, current_actor()):
        raise NotFoundError
    return found


@bp.route("/handbooks/<int:handbook_id>/edit", methods=["GET", "POST"])
@login_required
def arrange_handbook(handbook_id: int) -> ResponseReturnValue:
    """The cover, and the parts in order."""
    actor, found = current_actor(), kept(handbook_id)
    form = HandbookForm(obj=found)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                books.change(found, form.cover(), actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("knowledge.arrange_handbook", handbook_id=handbook_id))
    runbooks = books.runbooks(found)
    page = render_template(
        "knowledge/handbook_edit.html",
        form=form,
        handbook=found,
        pieces=books.pieces(found, actor),
        articles=books.offered_articles(found, actor),
        runbooks=sorted(
            ((key, one.title.say(found.language)) for key, one in runbooks.items()), key=lambda row: row[1]
        ),
        may_publish=books.may_publish(found, actor),
        states=labels.STATES,
    )
    return page, 422 if form.is_submitted() else 200


@bp.post("/handbooks/<int:handbook_id>/<any(add, up, down, remove, publish, withdraw, delete):what>")
@login_required
def change_handbook(handbook_id: int, what: str) -> ResponseReturnValue:
    """Add a part, move or remove one; publish the whole, take it back, delete it."""
    actor, found, now = current_actor(), kept(handbook_id), utcnow()
    here = url_for("knowledge.arrange_handbook", handbook_id=handbook_id)
    part_id = form_number("part")
    try:
        with unit_of_work():
            if what == "add":
                value = request.form.get("value", "").replace("\x00", "")
                books.add(found, request.form.get("kind", ""), value, actor=actor, now=now)
            elif what in ("up", "down", "remove"):
                books.arrange(found, part_id, what, actor=actor, now=now)
            elif what == "delete":
                books.remove(found, actor=actor, now=now)
                here = url_for("knowledge.handbooks")
            else:
                books.set_published(found, what == "publish", actor=actor, now=now)
    except DomainError as error:
        flash(str(error), "error")
    return redirect(here)
