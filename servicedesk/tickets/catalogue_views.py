"""The administrator's pages of the service catalogue."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_login import login_required
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import DataRequired, NumberRange, Optional

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import NONE_CHOSEN, Choice, Form, Text, options, whole_number
from servicedesk.core.i18n import select_locale
from servicedesk.core.permissions import Permission
from servicedesk.organisations.models import CLIENT, Department, Organisation, Site
from servicedesk.tickets import catalogue, catalogue_editor, catalogue_fields
from servicedesk.tickets.blueprint import bp
from servicedesk.tickets.catalogue_models import CatalogueService
from servicedesk.tickets.forms import IMPACTS, URGENCIES, new_ticket_form
from servicedesk.tickets.list_views import client_names, editor, offer_clients, reaches
from servicedesk.tickets.workflow import TicketField
from servicedesk.tickets.workflows import WORKFLOWS

_AS_USUAL = ("", _l("(as usual)"))
KIND_LABELS = {
    "text": _l("One line"),
    "long": _l("Several lines"),
    "number": lazy_pgettext("kind of answer", "Number"),
    "choice": _l("Choice"),
    "date": _l("Date"),
    "flag": _l("Yes or no"),
}
ICONS = (
    "arrow-repeat", "building", "calendar-event", "camera", "database", "download", "envelope",
    "file-earmark-text", "gear", "graph-up", "hdd-rack", "house", "key", "life-preserver", "link-45deg",
    "lock", "pc-display", "people", "person", "printer", "question-circle", "router", "server",
    "shield-check", "telephone", "tools", "upload", "wifi-off",
)  # fmt: skip


class ServiceForm(Form):
    category = SelectField(_l("Category"))
    title_zh = Text(_l("Chinese name"), max_length=100, validators=[DataRequired()])
    title_en = Text(_l("English name"), max_length=100, validators=[DataRequired()])
    help_zh = Text(_l("Help in Chinese"), max_length=300)
    help_en = Text(_l("Help in English"), max_length=300)
    icon = SelectField(_l("Icon"), choices=options([("", NONE_CHOSEN), *((name, name) for name in ICONS)]))
    client_id = Choice(_l("Client"))
    department_id = Choice(_l("Only for the department"))
    site_id = Choice(_l("Site"))
    impact = SelectField(_l("Who is affected"), choices=options([_AS_USUAL, *IMPACTS]))
    urgency = SelectField(_l("How urgent"), choices=options([_AS_USUAL, *URGENCIES]))
    position = IntegerField(
        _l("Place in the list"), validators=[Optional(), NumberRange(min=0, max=9999)], default=0
    )
    active = BooleanField(_l("Offered"), default=True)


@bp.get("/catalogue")
@login_required
def catalogue_list() -> ResponseReturnValue:
    """What is offered behind each door."""
    actor = editor()
    return render_template(
        "tickets/catalogue.html",
        services=catalogue.visible(actor),
        workflows=WORKFLOWS,
        clients=client_names(),
        title_of=catalogue.title_of,
        help_of=catalogue.help_of,
        list_name="catalogue",
        may=lambda service: reaches(actor, service.client_id),
    )


@bp.route("/catalogue/new", methods=["GET", "POST"])
@bp.route("/catalogue/<int:service_id>", methods=["GET", "POST"])
@login_required
def catalogue_service(service_id: int | None = None) -> ResponseReturnValue:
    """Add a service or change one; the preview shows its form without saving."""
    actor = editor()
    service = db.session.get(CatalogueService, service_id) if service_id is not None else None
    if service_id is not None and (service is None or not reaches(actor, service.client_id)):
        raise NotFoundError
    form = _service_form(service, actor)
    rows = (
        catalogue_editor.draft(request.form)
        if form.is_submitted()
        else list(service.fields if service else ())
    )
    changed = catalogue_editor.act(rows, request.form.get("act", "")) if form.is_submitted() else None
    shown = None
    asked: tuple[TicketField, ...] = ()
    if changed is None and form.validate_on_submit():
        try:
            data = _data(form, rows)
            catalogue_fields.parse(rows)
            if "preview" not in request.form:
                with unit_of_work():
                    catalogue.save(service_id, data, actor=actor, now=utcnow())
                flash(_("Saved."), "success")
                return redirect(url_for("tickets.catalogue_list"))
            asked = catalogue.ticket_fields(CatalogueService(fields=rows))
            shown = new_ticket_form(WORKFLOWS[data.category], asked)
        except DomainError as error:
            form.refuse(error)
    refused = form.is_submitted() and shown is None and changed is None
    return render_template(
        "tickets/catalogue_form.html",
        form=form,
        shown=shown,
        asked=asked,
        editors=catalogue_editor.shown(rows if changed is None else changed, select_locale()),
        kinds=KIND_LABELS,
        most=catalogue_fields.MAX_FIELDS,
    ), 422 if refused else 200


def _service_form(service: CatalogueService | None, actor: Actor) -> ServiceForm:
    form = ServiceForm(obj=service)
    form.category.choices = options((w.category, w.label) for w in WORKFLOWS.values())
    offer_clients(form, actor)
    scope = actor.scope(Permission.TICKET_LIST_EDIT)
    for field, model, owner in (
        (form.site_id, Site, Site.client_id),
        (form.department_id, Department, Department.organisation_id),
    ):
        rows = db.session.execute(
            sa.select(model.id, Organisation.name, model.name.label("part"))
            .join(Organisation, Organisation.id == owner)
            .where(Organisation.kind == CLIENT, scope.clause(Organisation.id))
            .order_by(Organisation.name, model.name)
            .limit(2000)
        )
        field.offer([(row.id, f"{row.name} / {row.part}") for row in rows], empty=NONE_CHOSEN)
    if not form.is_submitted() and service is not None:
        form.impact.data, form.urgency.data = str(service.impact or ""), str(service.urgency or "")
    return form


def _data(form: ServiceForm, rows: list[dict[str, Any]]) -> catalogue.ServiceData:
    return catalogue.ServiceData(
        category=form.category.data or "",
        title_zh=form.title_zh.data or "",
        title_en=form.title_en.data or "",
        client_id=form.client_id.data,
        department_id=form.department_id.data,
        site_id=form.site_id.data,
        help_zh=form.help_zh.data or "",
        help_en=form.help_en.data or "",
        icon=form.icon.data or "",
        impact=whole_number(form.impact.data),
        urgency=whole_number(form.urgency.data),
        fields=tuple(rows),
        position=form.position.data or 0,
        active=bool(form.active.data),
    )
