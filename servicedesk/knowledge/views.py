"""Pages to find and read articles."""

from __future__ import annotations

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.differences import differences
from servicedesk.core.forms import whole_number
from servicedesk.core.i18n import LOCALE_NAMES
from servicedesk.core.paging import paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.web import search_text
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.knowledge import labels, permissions, queries, staleness
from servicedesk.runbooks.rendering import markdown
from servicedesk.tickets.lists import name_in
from servicedesk.tickets.workflows import WORKFLOWS

bp = Blueprint("knowledge", __name__, url_prefix="/knowledge")
FILTERS = ("category", "language", "audience")


def require_reader() -> Actor:
    """Whoever reports or works; administrators of accounts alone have nothing to read here."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.TICKET_CREATE) and actor.home_client_id is None:
        abort(404)
    return actor


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Articles in one state, by words and filters."""
    actor = require_reader()
    writes = actor.allows_somewhere(permissions.WRITE)
    state = request.args.get("state", "")
    due = state == "due" and writes
    if state not in labels.STATES or state == "replaced" or not writes:
        state = "published"
    chosen = {name: request.args.get(name, "") for name in FILTERS}
    device_class = request.args.get("class", "")
    today = utcnow().date()
    statement = queries.rows(
        actor,
        state=state,
        text=search_text(),
        device_class=device_class,
        due_on=today if due else None,
        **chosen,
    )
    return render_template(
        "knowledge/index.html",
        page=paginate(statement, queries.BY_TITLE, request.args.get("cursor", "")),
        state=state,
        due=due,
        today=today,
        states=labels.STATES,
        audiences=labels.AUDIENCES,
        languages=LOCALE_NAMES,
        workflows=WORKFLOWS,
        classes=DEVICE_CLASSES,
        filters={"q": search_text(), "class": device_class, **chosen},
        writes=writes,
    )


@bp.get("/<int:article_id>")
@login_required
def article(article_id: int) -> ResponseReturnValue:
    """One article; ``?version=`` an older or newer version of it."""
    actor = require_reader()
    number = request.args.get("version", type=whole_number)
    version = queries.shown(article_id, actor)
    if number:
        wanted = [one for one in queries.versions(version.article, actor) if one.number == number]
        if not wanted:
            abort(404)
        version = queries.get_version(wanted[0].id, actor)
    writes = permissions.may_write(version.article, actor)
    return render_template(
        "knowledge/article.html",
        version=version,
        article=version.article,
        versions=queries.versions(version.article, actor) if writes else [],
        counts=queries.counts(version),
        vote=queries.vote_of(version, actor),
        words_on=queries.words_on(version) if writes else [],
        may_write=writes,
        may_publish=permissions.may_publish(version.article, actor),
        origin=queries.origin(version.article, actor),
        cause=name_in(version.cause) if version.cause is not None else "",
        states=labels.STATES,
        audiences=labels.AUDIENCES,
        languages=LOCALE_NAMES,
        workflows=WORKFLOWS,
        classes=DEVICE_CLASSES,
        markdown=markdown,
        is_due=writes and version.state == "published" and staleness.is_due(version, utcnow().date()),
        from_ticket=request.args.get("ticket", type=whole_number),
    )


@bp.get("/<int:article_id>/changes")
@login_required
def changes(article_id: int) -> ResponseReturnValue:
    """What changed from version ``?old=`` to version ``?new=``."""
    actor = require_reader()
    shown = queries.shown(article_id, actor)
    if not permissions.may_write(shown.article, actor):
        abort(404)
    by_number = {one.number: one for one in queries.versions(shown.article, actor)}
    new = by_number.get(whole_number(request.args.get("new")) or max(by_number))
    old = by_number.get(whole_number(request.args.get("old")) or ((new.number - 1) if new else 0))
    if new is None or old is None:
        abort(404)
    return render_template(
        "knowledge/changes.html",
        old=old,
        new=new,
        title=shown.title,
        article_id=article_id,
        numbers=sorted(by_number),
        lines=list(differences(old.body, new.body)),
        audiences=labels.AUDIENCES,
        states=labels.STATES,
    )
