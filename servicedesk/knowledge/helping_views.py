"""What readers say of articles, articles beside a ticket, and articles made of one."""

from __future__ import annotations

from datetime import timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.i18n import select_locale
from servicedesk.core.web import form_number, wants_fragment
from servicedesk.knowledge import helping, labels, making, queries, service
from servicedesk.knowledge.views import bp, require_reader
from servicedesk.tickets.queries import get_visible_ticket


@bp.post("/versions/<int:version_id>/vote")
@login_required
def vote(version_id: int) -> ResponseReturnValue:
    """Helpful or not, with a word if somebody likes."""
    actor = require_reader()
    version = queries.get_version(version_id, actor)
    word = request.form.get("word", "").replace("\x00", "")
    try:
        with unit_of_work():
            helping.vote(version, request.form.get("helpful") == "1", word, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(_("Thank you. This makes the article better."), "success")
    return redirect(url_for("knowledge.article", article_id=version.article_id))


@bp.post("/<int:article_id>/solved")
@login_required
def solved(article_id: int) -> ResponseReturnValue:
    """It solved the reader's matter; from a report that is being typed, or beside a ticket."""
    actor = require_reader()
    version = queries.shown(article_id, actor)
    number = form_number("ticket_id")
    ticket = get_visible_ticket(number, actor) if number else None
    try:
        with unit_of_work():
            helping.solved(version, actor=actor, now=utcnow(), ticket=ticket)
    except DomainError as error:
        flash(str(error), "error")
    else:
        if wants_fragment():
            return render_template("knowledge/_thanks.html")
        flash(_("Good. Nothing else is needed; it is counted for the article."), "success")
    return redirect(url_for("knowledge.article", article_id=article_id))


@bp.get("/beside/<int:ticket_id>")
@login_required
def beside(ticket_id: int) -> ResponseReturnValue:
    """The panel of a ticket: articles made of it, articles that fit it, the button to make one."""
    actor = current_actor()
    ticket = get_visible_ticket(ticket_id, actor)
    made = queries.made_of(ticket, actor)
    kept = {version.article_id for version in made}
    fitting = queries.beside(ticket, actor, language=select_locale())
    return render_template(
        "knowledge/_beside.html",
        ticket=ticket,
        made=made,
        fitting=[version for version in fitting if version.article_id not in kept],
        may_make=making.may_make(ticket, actor) and all(version.state == "retired" for version in made),
        states=labels.STATES,
        audiences=labels.AUDIENCES,
    )


@bp.post("/of-ticket/<int:ticket_id>")
@login_required
def make(ticket_id: int) -> ResponseReturnValue:
    """Make an article of a solved ticket; the editor follows."""
    actor = current_actor()
    ticket = get_visible_ticket(ticket_id, actor)
    try:
        with unit_of_work():
            version = making.make(ticket, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("tickets.detail", ticket_id=ticket_id))
    flash(
        _("Names and numbers of persons were left out as far as they were recognised. Read it through."),
        "info",
    )
    return redirect(url_for("knowledge.edit", version_id=version.id))


@bp.post("/<int:article_id>/still-right")
@login_required
def still_right(article_id: int) -> ResponseReturnValue:
    """Nothing has to be changed for some months."""
    actor, now = require_reader(), utcnow()
    article = queries.shown(article_id, actor).article
    review_on = (now + timedelta(days=30 * min(form_number("months"), 1000))).date()
    try:
        with unit_of_work():
            service.still_right(article, review_on, actor=actor, now=now)
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(_("Saved."), "success")
    return redirect(url_for("knowledge.article", article_id=article_id))
