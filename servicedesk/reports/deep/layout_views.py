"""Pages on which somebody says how the reports of a client look, with a preview."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import joinedload

from servicedesk.config import LOCALES
from servicedesk.core.actor import Actor
from servicedesk.core.blobs import BlobMissingError
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import whole_number
from servicedesk.core.i18n import LOCALE_NAMES, select_timezone
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.core.sentences import N_
from servicedesk.core.web import document, form_number
from servicedesk.organisations.models import Organisation
from servicedesk.reports.deep import building, layouts
from servicedesk.reports.deep.content import Content
from servicedesk.reports.deep.documents import as_pdf
from servicedesk.reports.deep.files import Made
from servicedesk.reports.deep.layouts import WORDS, Layout, Placed
from servicedesk.reports.deep.models import DeepReport
from servicedesk.reports.deep.queries import visible_clause
from servicedesk.reports.deep.sections import BY_KEY, SECTIONS
from servicedesk.tickets.periods import parse_period

bp = Blueprint("deep_layouts", __name__, url_prefix="/reports/deep/layouts")
ALL = "all"  # in addresses; clients stand there by number


def _editor() -> Actor:
    actor = current_actor()
    if not actor.allows_somewhere(Permission.REPORT_LAYOUT):
        abort(404)
    return actor


def _place(place: str, actor: Actor) -> tuple[int, str]:
    """Number and name of what a layout is for, or NotFoundError."""
    number = 0 if place == ALL else whole_number(place) or -1
    name = dict(layouts.editable_places(actor)).get(number)
    if name is None:
        raise NotFoundError
    return number, name


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """For which clients one may say it."""
    places = layouts.editable_places(_editor())
    return render_template("reports/deep/layouts.html", places=places, all_clients=ALL)


@bp.route("/<place>", methods=["GET", "POST"])
@login_required
def edit(place: str) -> ResponseReturnValue:
    """Words, logo and chapters; kept as one."""
    actor = _editor()
    client_id, name = _place(place, actor)
    row = layouts.stored(client_id)
    content, refused = (dict(row.content) if row is not None else {}), ""
    revision = row.revision if row is not None else 0
    if request.method == "POST":
        words, chapters = _typed_words(), _typed_chapters(Layout(content).chapters())
        revision = form_number("revision")
        try:
            logo = _typed_logo()
            with unit_of_work():
                layouts.save(client_id, words, chapters, logo, revision, actor=actor, now=utcnow())
        except DomainError as error:
            content, refused = {**content, "words": words, "chapters": chapters}, str(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("deep_layouts.edit", place=place))
    page = render_template(
        "reports/deep/layout.html",
        place=place,
        name=name,
        content=content,
        chapters=Layout(content).chapters(),
        own={one["key"]: one for one in content.get("chapters", ())},
        words=WORDS,
        locales=[(key, LOCALE_NAMES[key]) for key in LOCALES],
        refused=refused,
        revision=revision,
        saved=row,
    )
    return page, 422 if refused else 200


def _typed_words() -> dict[str, dict[str, str]]:
    return {field: {key: request.form.get(f"word_{field}_{key}", "") for key in LOCALES} for field in WORDS}


def _typed_chapters(before: Sequence[Placed]) -> list[dict[str, Any]]:
    """In the order of their numbers; what has none stands at the end.

    Whoever types a 1 wants that chapter first: of two with the same number the one that was moved up stands
    before the one that was there, the one that was moved down behind it.
    """
    found = []
    for old, key in enumerate([one.section.key for one in before], 1):
        title = {one: request.form.get(f"title_{key}_{one}", "") for one in LOCALES}
        intro = {one: request.form.get(f"intro_{key}_{one}", "") for one in LOCALES}
        place = whole_number(request.form.get(f"place_{key}")) or len(BY_KEY) + 1
        shown = f"shown_{key}" in request.form
        rank = (place, (place > old) - (place < old))
        found.append((rank, {"key": key, "shown": shown, "title": title, "intro": intro}))
    return [one for _rank, one in sorted(found, key=lambda pair: pair[0])]


def _typed_logo() -> tuple[str, str] | None:
    upload = request.files.get("logo")
    content = b""
    if upload is not None:
        with closing(upload):
            content = upload.stream.read(layouts.MAX_LOGO_BYTES + 1)
    if content:
        kind = layouts.logo_kind(content)
        return runtime().blobs.put(content), kind
    return ("", "") if "no_logo" in request.form else None


@bp.get("/<place>/preview.pdf")
@login_required
def preview(place: str) -> ResponseReturnValue:
    """The layout with the data of the last report one may see, or with a sample."""
    actor = _editor()
    client_id, name = _place(place, actor)
    row = layouts.stored(client_id)
    content = dict(row.content) if row is not None else {}
    try:
        logo = runtime().blobs.get(content["logo"]) if content.get("logo") else b""
        report = _last_report(client_id, actor)
        data = building.load(report, runtime().blobs) if report is not None else _sample()
    except (BlobMissingError, ValueError):
        abort(500)
    made = Made(report or _nobodys_report(name), data, layout=content, logo=logo)
    return document(as_pdf(made.document()), "preview.pdf", shown=True)


def _last_report(client_id: int, actor: Actor) -> DeepReport | None:
    statement = sa.select(DeepReport).where(visible_clause(actor), DeepReport.data_sha256 != "")
    if client_id:
        statement = statement.where(DeepReport.client_id == client_id)
    wanted = statement.options(joinedload(DeepReport.client), joinedload(DeepReport.site))
    return db.session.scalar(wanted.order_by(DeepReport.id.desc()).limit(1))


def _sample() -> building.Data:
    empty = Content(empty=N_("Here stands what was gathered for this chapter.")).plain()
    return {"sections": {section.key: empty for section in SECTIONS}}


def _nobodys_report(name: str) -> DeepReport:
    now = utcnow()
    half = parse_period("", now.date()).of_kind("half")
    return DeepReport(
        client=Organisation(name=name),
        period=half.text,
        edition=1,
        reason="",
        as_of=now.date(),
        timezone=select_timezone(),
        data_sha256="",
        created_at=now,
    )
