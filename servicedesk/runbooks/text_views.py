"""Writing, reviewing and publishing a client's own texts in the browser."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.equipment.queries import visible_sites
from servicedesk.runbooks import labels, texts
from servicedesk.runbooks.definition import CATEGORIES
from servicedesk.runbooks.library_views import bp, places, require_library
from servicedesk.runbooks.parsing import MAX_BYTES
from servicedesk.runbooks.rendering import markdown
from servicedesk.runbooks.texts import NewRunbook, Place
from servicedesk.tickets.workflows import WORKFLOWS


def _typed() -> str:
    """One character more than is accepted, so that what is too long is told and not cut in silence."""
    return request.form.get("source", "").replace("\x00", "")[: MAX_BYTES + 1]


def _chosen_place() -> Place:
    """The place a form names: ``client:NUMBER`` or ``site:NUMBER``, or NotFoundError."""
    kind, _colon, number = request.form.get("place", "").partition(":")
    place = next(
        (
            Place(site.client_id, site.id if kind == "site" else None)
            for site in visible_sites(current_actor(), texts.EDIT)
            if number == str(site.id if kind == "site" else site.client_id)
        ),
        None,
    )
    if place is None:
        raise NotFoundError
    return place


@bp.route("/new", methods=["GET", "POST"])
@login_required
def new() -> ResponseReturnValue:
    """Begin a runbook that the product does not have."""
    require_library()
    refused: DomainError | None = None
    if request.method == "POST":
        fields = ("key", "title_en", "title_zh", "category")
        typed = {name: request.form.get(name, "").replace("\x00", "").strip()[:300] for name in fields}
        try:
            with unit_of_work():
                made = texts.begin_new(
                    NewRunbook(**typed), _chosen_place(), actor=current_actor(), now=utcnow()
                )
        except NotFoundError:
            raise
        except DomainError as error:
            refused = error
        else:
            return redirect(url_for("runbooks.text", text_id=made.id))
    page = render_template(
        "runbooks/new.html",
        places=places(current_actor()),
        categories=[(name, WORKFLOWS[name].label) for name in CATEGORIES],
        refused=refused,
    )
    return page, refused.status if refused is not None else 200


@bp.post("/<key>/texts")
@login_required
def begin_text(key: str) -> ResponseReturnValue:
    """Begin a text of one's own for a client (``client:NUMBER``) or a site (``site:NUMBER``)."""
    require_library()
    actor = current_actor()
    place = _chosen_place()
    try:
        with unit_of_work():
            text = texts.begin(key, place, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("runbooks.show", key=key))
    return redirect(url_for("runbooks.text", text_id=text.id))


@bp.get("/texts/<int:text_id>")
@login_required
def text(text_id: int) -> ResponseReturnValue:
    """One text: to write while it is a draft, else to read."""
    return _page(text_id)


def _page(text_id: int, *, refused: DomainError | None = None, typed: str = "") -> ResponseReturnValue:
    actor = current_actor()
    found = texts.get_visible(text_id, actor)
    source = typed or found.source
    runbook, problems = texts.lint(found, source)
    shown = render_template(
        "runbooks/text.html",
        text=found,
        source=source,
        runbook=runbook,
        problems=problems,
        refused=refused,
        text_states=labels.TEXT_STATES,
        may_publish=texts.may_publish(found, actor),
        kinds=labels.KINDS,
        icons=labels.ICONS,
        roles=labels.ROLES,
        markdown=markdown,
    )
    return shown, refused.status if refused is not None else 200


@bp.post("/texts/<int:text_id>/preview")
@login_required
def preview(text_id: int) -> ResponseReturnValue:
    """What is typed, as it would be followed, or what is wrong with it and where. Nothing is stored."""
    runbook, problems = texts.lint(texts.get_visible(text_id, current_actor()), _typed())
    return render_template(
        "runbooks/_preview.html",
        runbook=runbook,
        problems=problems,
        kinds=labels.KINDS,
        icons=labels.ICONS,
        roles=labels.ROLES,
        markdown=markdown,
    )


@bp.post("/texts/<int:text_id>/<any(save, submit, send_back, publish, retire):change>")
@login_required
def change_text(text_id: int, change: str) -> ResponseReturnValue:
    """Save, ask for review, send back, publish, retire."""
    actor, now = current_actor(), utcnow()
    found = texts.get_visible(text_id, actor)
    typed = _typed()

    def submit() -> None:
        texts.save(found, typed, actor=actor, now=now)
        texts.submit(found, actor=actor, now=now)

    acts: dict[str, tuple[Callable[[], object], str]] = {
        "save": (lambda: texts.save(found, typed, actor=actor, now=now), _("Saved.")),
        "submit": (submit, _("Submitted for review.")),
        "send_back": (
            lambda: texts.send_back(found, request.form.get("remark", ""), actor=actor, now=now),
            _("Sent back."),
        ),
        "publish": (lambda: texts.publish(found, actor=actor, now=now), _("Published.")),
        "retire": (lambda: texts.retire(found, actor=actor, now=now), _("Taken back.")),
    }
    do, said = acts[change]
    try:
        with unit_of_work():
            do()
    except DomainError as error:
        return _page(text_id, refused=error, typed=typed if change in ("save", "submit") else "")
    flash(said, "success")
    return redirect(url_for("runbooks.text", text_id=text_id))
