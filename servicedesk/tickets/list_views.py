"""What people maintain for tickets: cause categories, handling methods, canned replies, saved views."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import login_required
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import DataRequired, NumberRange, Optional

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import Choice, Form, LongText, Text, options, whole_number
from servicedesk.core.permissions import Permission
from servicedesk.organisations.models import CLIENT, Organisation
from servicedesk.staff.views import safe_next
from servicedesk.tickets import lists, macros, saved_views
from servicedesk.tickets.blueprint import bp
from servicedesk.tickets.models import ListEntry, Macro
from servicedesk.tickets.workflows import WORKFLOWS


class EntryForm(Form):
    name_zh = Text(_l("Chinese name"), max_length=100, validators=[DataRequired()])
    name_en = Text(_l("English name"), max_length=100, validators=[DataRequired()])
    client_id = Choice(_l("Client"))
    position = IntegerField(
        _l("Place in the list"), validators=[Optional(), NumberRange(min=0, max=9999)], default=0
    )
    active = BooleanField(_l("Offered"), default=True)


class MacroForm(Form):
    title = Text(_l("Title"), max_length=100, validators=[DataRequired()])
    category = SelectField(_l("Category"))
    client_id = Choice(_l("Client"))
    body = LongText(_l("Text"), max_length=4000, validators=[DataRequired()])
    active = BooleanField(_l("Offered"), default=True)


def editor() -> Actor:
    """Who maintains lists; for all others these pages are not there."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.TICKET_LIST_EDIT):
        abort(404)
    return actor


def offer_clients(form: Any, actor: Actor) -> None:
    """All clients for those who may change what all see; else the clients in reach."""
    scope = actor.scope(Permission.TICKET_LIST_EDIT)
    rows = db.session.scalars(
        sa.select(Organisation)
        .where(Organisation.kind == CLIENT, scope.clause(Organisation.id))
        .order_by(Organisation.name)
    )
    form.client_id.offer(
        [(c.id, c.name) for c in rows], empty=_("(all clients)") if scope.everything else None
    )


@bp.get("/lists/<list_name>")
@login_required
def list_entries(list_name: str) -> ResponseReturnValue:
    """A maintained list."""
    actor = editor()
    if list_name not in lists.LISTS:
        abort(404)
    return render_template(
        "tickets/lists.html",
        list_name=list_name,
        lists=lists.LISTS,
        entries=lists.visible(list_name, actor),
        everything=actor.scope(Permission.TICKET_LIST_EDIT).everything,
        clients=client_names(),
        may=lambda entry: reaches(actor, entry.client_id),
    )


def client_names() -> dict[int, str]:
    """Names of all clients by number."""
    rows = db.session.execute(
        sa.select(Organisation.id, Organisation.name).where(Organisation.kind == CLIENT)
    )
    return {row.id: row.name for row in rows}


def reaches(actor: Actor, client_id: int | None) -> bool:
    """Whether somebody maintains what belongs to this client, or (None) to all."""
    scope = actor.scope(Permission.TICKET_LIST_EDIT)
    return scope.everything or (client_id is not None and scope.covers(client_id))


@bp.route("/lists/<list_name>/new", methods=["GET", "POST"])
@bp.route("/lists/<list_name>/<int:entry_id>", methods=["GET", "POST"])
@login_required
def list_entry(list_name: str, entry_id: int | None = None) -> ResponseReturnValue:
    """Add an entry or change one."""
    actor = editor()
    if list_name not in lists.LISTS:
        abort(404)
    entry = db.session.get(ListEntry, entry_id) if entry_id is not None else None
    if entry_id is not None and (
        entry is None or entry.list_name != list_name or not reaches(actor, entry.client_id)
    ):
        raise NotFoundError
    form = EntryForm(obj=entry)
    offer_clients(form, actor)
    if form.validate_on_submit():
        data = lists.EntryData(
            list_name,
            form.client_id.data,
            form.name_zh.data or "",
            form.name_en.data or "",
            form.position.data or 0,
            bool(form.active.data),
        )
        try:
            with unit_of_work():
                lists.save(entry_id, data, actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect(url_for("tickets.list_entries", list_name=list_name))
    status = 422 if form.is_submitted() else 200
    return render_template(
        "tickets/list_form.html",
        form=form,
        title=lists.LISTS[list_name],
        back=url_for("tickets.list_entries", list_name=list_name),
    ), status


@bp.get("/macros")
@login_required
def macro_list() -> ResponseReturnValue:
    """Canned replies."""
    actor = editor()
    return render_template(
        "tickets/macros.html",
        macros=macros.visible(actor),
        workflows=WORKFLOWS,
        clients=client_names(),
        may=lambda macro: reaches(actor, macro.client_id),
    )


@bp.route("/macros/new", methods=["GET", "POST"])
@bp.route("/macros/<int:macro_id>", methods=["GET", "POST"])
@login_required
def macro_form(macro_id: int | None = None) -> ResponseReturnValue:
    """Add a canned reply or change one."""
    actor = editor()
    macro = db.session.get(Macro, macro_id) if macro_id is not None else None
    if macro_id is not None and (macro is None or not reaches(actor, macro.client_id)):
        raise NotFoundError
    form = MacroForm(obj=macro)
    form.category.choices = options(
        [("", _("All categories")), *((w.category, w.label) for w in WORKFLOWS.values())]
    )
    offer_clients(form, actor)
    if form.validate_on_submit():
        try:
            with unit_of_work():
                macros.save(
                    macro_id,
                    client_id=form.client_id.data,
                    category=form.category.data or "",
                    title=form.title.data or "",
                    body=form.body.data or "",
                    active=bool(form.active.data),
                    actor=actor,
                    now=utcnow(),
                )
        except DomainError as error:
            form.refuse(error)
        else:
            return redirect(url_for("tickets.macro_list"))
    status = 422 if form.is_submitted() else 200
    return render_template(
        "tickets/list_form.html",
        form=form,
        title=_("Canned replies"),
        back=url_for("tickets.macro_list"),
        placeholders=macros.PLACEHOLDERS,
    ), status


@bp.post("/views")
@login_required
def save_view() -> ResponseReturnValue:
    """Keep the present filters under a name."""
    try:
        with unit_of_work():
            view = saved_views.save(
                request.form.get("name", ""),
                request.form.get("query", ""),
                share_with=request.form.get("share_with", type=whole_number),
                actor=current_actor(),
                now=utcnow(),
            )
            query = view.query
    except DomainError as error:
        flash(str(error), "error")
        return redirect(safe_next(request.form.get("next")))
    return redirect(url_for("tickets.index") + f"?{query}")


@bp.post("/views/<int:view_id>/remove")
@login_required
def remove_view(view_id: int) -> ResponseReturnValue:
    """Forget a view of one's own."""
    with unit_of_work():
        saved_views.remove(view_id, actor=current_actor())
    return redirect(url_for("tickets.index"))
