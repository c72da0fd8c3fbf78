"""Pages to write, review and publish articles."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError, first_error
from servicedesk.core.forms import options
from servicedesk.core.i18n import select_locale
from servicedesk.core.web import form_number
from servicedesk.knowledge import permissions, queries, service
from servicedesk.knowledge.forms import ArticleForm, NewArticleForm
from servicedesk.knowledge.models import ArticleVersion
from servicedesk.knowledge.views import bp, require_reader
from servicedesk.runbooks.rendering import markdown


@bp.route("/new", methods=["GET", "POST"])
@login_required
def new() -> ResponseReturnValue:
    """Begin an article; the editor follows."""
    actor = require_reader()
    places = permissions.write_places(actor)
    if not places:
        abort(404)
    form = NewArticleForm()
    form.place.choices = options(places)
    if not form.is_submitted():
        form.language.data = select_locale()
    if form.validate_on_submit():
        content = service.Content(form.title.data or "", language=form.language.data)
        try:
            with unit_of_work():
                version = service.begin(form.place.data, content, actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect(url_for("knowledge.edit", version_id=version.id))
    return render_template("knowledge/new.html", form=form), 422 if form.is_submitted() else 200


def writable_version(version_id: int) -> ArticleVersion:
    """A version of an article the actor writes, or NotFoundError."""
    actor = require_reader()
    version = queries.get_version(version_id, actor)
    if not permissions.may_write(version.article, actor):
        raise NotFoundError
    return version


@bp.route("/versions/<int:version_id>/edit", methods=["GET", "POST"])
@login_required
def edit(version_id: int) -> ResponseReturnValue:
    """The editor of a draft: saves, or saves and submits for review."""
    version = writable_version(version_id)
    if version.state != "draft":
        return redirect(url_for("knowledge.article", article_id=version.article_id, version=version.number))
    form = ArticleForm(data=_values(version))
    form.offer(version.article.client_id)
    revision = form_number("revision") or version.revision
    if form.validate_on_submit():
        actor, now = current_actor(), utcnow()
        try:
            with unit_of_work():
                service.save(version, form.content(), revision, actor=actor, now=now)
                if "submit" in request.form:
                    service.move(version, "submit", actor=actor, now=now)
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Submitted for review.") if "submit" in request.form else _("Saved."), "success")
            return redirect(
                url_for("knowledge.article", article_id=version.article_id, version=version.number)
            )
    page = render_template(
        "knowledge/edit.html",
        form=form,
        version=version,
        revision=revision,
        preview=markdown(form.body.data or ""),
    )
    return page, 422 if form.is_submitted() else 200


def _values(version: ArticleVersion) -> dict[str, object]:
    names = ("title", "body", "language", "audience", "category", "cause_id", "words")
    return {name: getattr(version, name) for name in names} | {"classes": version.class_names}


@bp.post("/versions/<int:version_id>/keep")
@login_required
def keep(version_id: int) -> ResponseReturnValue:
    """While somebody types: keep the draft and show how it reads; what is wrong is said, not lost."""
    version = writable_version(version_id)
    form = ArticleForm()
    form.offer(version.article.client_id)
    refused, revision = "", form_number("revision")
    if form.validate():
        try:
            with unit_of_work():
                service.save(version, form.content(), revision, actor=current_actor(), now=utcnow())
                revision = version.revision
        except DomainError as error:
            refused = str(error)
    else:
        refused = first_error(form.errors)
    return render_template(
        "knowledge/_preview.html",
        refused=refused,
        revision=revision,
        preview=markdown(form.body.data or ""),
        kept_at=utcnow(),
        polled=True,
    )


@bp.post("/versions/<int:version_id>/<any(submit, send_back, publish, discard, retire):what>")
@login_required
def move(version_id: int, what: str) -> ResponseReturnValue:
    """Submit, send back, publish, take back."""
    version = writable_version(version_id)
    said = {
        "submit": _("Submitted for review."),
        "send_back": _("Sent back."),
        "publish": _("Published."),
        "discard": _("Taken back."),
        "retire": _("Taken back."),
    }
    here = url_for("knowledge.article", article_id=version.article_id, version=version.number)
    try:
        with unit_of_work():
            remark = request.form.get("remark", "").replace("\x00", "")
            service.move(version, what, remark=remark, actor=current_actor(), now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(said[what], "success")
    return redirect(here)


@bp.post("/<int:article_id>/revise")
@login_required
def revise(article_id: int) -> ResponseReturnValue:
    """Begin the next version, or go on with the one that is being written."""
    actor = require_reader()
    article = queries.shown(article_id, actor).article
    writing = [one for one in queries.versions(article, actor) if one.state in service.WRITING]
    if writing:
        return redirect(url_for("knowledge.edit", version_id=writing[0].id))
    try:
        with unit_of_work():
            version = service.revise(article, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("knowledge.article", article_id=article_id))
    return redirect(url_for("knowledge.edit", version_id=version.id))
