"""Pages where tickets begin: the four doors, the catalogue behind them, the form."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from wtforms import SelectField

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.forms import NONE_CHOSEN, whole_number
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.core.uploads import uploaded
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import CLIENT, Organisation, Site
from servicedesk.staff.models import User
from servicedesk.staff.queries import known_as
from servicedesk.tickets import attachments, catalogue, links, queries, service, similar
from servicedesk.tickets.blueprint import bp
from servicedesk.tickets.catalogue_models import CatalogueService
from servicedesk.tickets.forms import CATEGORY_DOORS, NewTicketForm, detail_values, new_ticket_form
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import NewTicket
from servicedesk.tickets.workflow import Workflow
from servicedesk.tickets.workflows import WORKFLOWS


@bp.get("/new")
@login_required
def new() -> ResponseReturnValue:
    """The four doors, and behind each what the catalogue offers."""
    actor = current_actor()
    return render_template(
        "tickets/doors.html",
        doors=CATEGORY_DOORS,
        services=catalogue.offered(actor, [client.id for client in clients_of(actor)]),
        title_of=catalogue.title_of,
    )


@bp.get("/suggest")
@login_required
def suggest() -> ResponseReturnValue:
    """While a title is typed: services, articles and visible tickets that read like it."""
    actor = current_actor()
    text = request.args.get("title", "").strip()[:200]
    if len(text) < 2:
        return render_template("tickets/_suggestions.html", rows=[], services=[], panels=[])
    offered = catalogue.offered(actor, [client.id for client in clients_of(actor)])
    return render_template(
        "tickets/_suggestions.html",
        rows=similar.like_text(text, actor),
        services=catalogue.named_in(text, offered),
        panels=similar.answers(text, actor),
        title_of=catalogue.title_of,
    )


@bp.route("/new/<category>", methods=["GET", "POST"])
@login_required
def new_in_category(category: str) -> ResponseReturnValue:
    """Report or request in one category, or one service of it."""
    workflow = WORKFLOWS.get(category)
    if workflow is None:
        abort(404)
    actor = current_actor()
    clients = clients_of(actor)
    if not clients:
        raise NotAllowedError
    services = catalogue.offered(actor, [client.id for client in clients], category)
    chosen = _chosen(services)
    asked = catalogue.ticket_fields(chosen) if chosen is not None else ()
    form = new_ticket_form(workflow, asked)
    _offer_places(form, actor, clients)
    source = _followed()
    if not form.is_submitted():
        _prefill(form, source, chosen)
    if form.validate_on_submit():
        try:
            ticket = _create(form, workflow, source, chosen)
        except DomainError as error:
            form.refuse(error)
        else:
            flash(
                _("Registered as %(number)s. You will see here what happens next.", number=ticket.number),
                "success",
            )
            return redirect(url_for("tickets.detail", ticket_id=ticket.id))
    return render_template(
        "tickets/new.html",
        form=form,
        workflow=workflow,
        door=CATEGORY_DOORS[category],
        several_clients=len(clients) > 1,
        takes_calls=actor.allows_somewhere(Permission.TICKET_WORK),
        source=source,
        services=services,
        chosen=chosen,
        asked=asked,
        title_of=catalogue.title_of,
        help_of=catalogue.help_of,
    ), 422 if form.is_submitted() else 200


def _chosen(services: Sequence[CatalogueService]) -> CatalogueService | None:
    """The service the address names, or None; one that is not offered is no page."""
    number = request.args.get("service", type=whole_number)
    if not number:
        return None
    found = next((service for service in services if service.id == number), None)
    if found is None:
        raise NotFoundError
    return found


def _followed() -> Ticket | None:
    """The ticket that the new one follows from, if its page was where this began."""
    number = request.args.get("follow", type=whole_number)
    return queries.get_visible_ticket(number, current_actor()) if number else None


def _prefill(form: NewTicketForm, source: Ticket | None, chosen: CatalogueService | None) -> None:
    if chosen is not None:
        form.site_id.data = chosen.site_id
        form.client_id.data = chosen.client_id or form.client_id.data
        form.impact.data = str(chosen.impact or form.impact.data)
        form.urgency.data = str(chosen.urgency or form.urgency.data)
    form.title.data = request.args.get("title", "")[:200]
    topic = form._fields.get("detail_topic")
    if isinstance(topic, SelectField):
        topic.data = request.args.get("topic") or topic.data
    form.device_id.data = request.args.get("device", type=whole_number)
    if source is not None:
        form.title.data, form.description.data = source.title, f"{source.number}: {source.title}"
        form.client_id.data, form.site_id.data = source.client_id, source.site_id
        form.device_id.data = source.device_id


def clients_of(actor: Actor) -> list[Organisation]:
    """For whom somebody may report; for requesters that is their own organisation."""
    scope = actor.scope(Permission.TICKET_CREATE)
    own = sa.or_(Organisation.id == (actor.home_client_id or 0), scope.clause(Organisation.id))
    of_sites = Organisation.id.in_(sa.select(Site.client_id).where(scope.clause(sa.null(), Site.id)))
    return list(
        db.session.scalars(
            sa.select(Organisation)
            .where(Organisation.kind == CLIENT, Organisation.active, sa.or_(own, of_sites))
            .order_by(Organisation.name)
        )
    )


def _offer_places(form: NewTicketForm, actor: Actor, clients: list[Organisation]) -> None:
    """Clients, sites and devices the reporter may name."""
    form.client_id.offer([(c.id, c.name) for c in clients])
    if len(clients) == 1:
        form.client_id.data = clients[0].id  # the page does not ask where there is nothing to choose
    ids = [c.id for c in clients]
    sites = db.session.scalars(
        sa.select(Site).where(Site.client_id.in_(ids), Site.active).order_by(Site.name)
    )
    names = {c.id: c.name for c in clients}
    several = len(clients) > 1
    form.site_id.offer(
        [(s.id, f"{names[s.client_id]} / {s.name}" if several else s.name) for s in sites], empty=NONE_CHOSEN
    )
    device_scope = actor.scope(Permission.DEVICE_VIEW)
    devices = db.session.execute(
        sa.select(Device.id, Device.name)
        .where(
            Device.state != "disposed",
            device_scope.clause(Device.client_id, Device.site_id)
            if device_scope
            else Device.client_id == (actor.home_client_id or 0),
        )
        .order_by(Device.name)
        .limit(2000)
    )
    form.device_id.offer([(d.id, d.name) for d in devices], empty=NONE_CHOSEN)


def _caller(form: NewTicketForm, actor: Actor) -> User | None:
    """For whom somebody who works on the client's tickets writes down a call; None: for themselves."""
    text, client_id = form.requester.data or "", form.client_id.data
    if not text or client_id is None or not actor.allows_somewhere(Permission.TICKET_WORK):
        return None
    if not actor.allows(Permission.TICKET_WORK, client_id, form.site_id.data):
        raise InvalidError(_("You may report here for yourself only. Leave this empty."), "requester")
    found = known_as(text, client_id)
    if len(found) != 1:
        said = (
            _("Several people are known by this. Give their user name.")
            if found
            else _("Nobody at this client is known by this. Leave it empty and write the name below.")
        )
        raise InvalidError(said, "requester")
    (caller,) = found
    return caller


def _create(
    form: NewTicketForm, workflow: Workflow, source: Ticket | None, chosen: CatalogueService | None
) -> Ticket:
    asked = catalogue.ticket_fields(chosen) if chosen is not None else ()
    actor = current_actor()
    files = uploaded(form.files.data)
    caller = _caller(form, actor)
    with unit_of_work():
        ticket = service.create_ticket(
            NewTicket(
                client_id=form.client_id.data,
                category=workflow.category,
                title=form.title.data or "",
                description=form.description.data or "",
                site_id=form.site_id.data,
                device_id=form.device_id.data,
                impact=int(form.impact.data or 2),
                urgency=int(form.urgency.data or 2),
                details=detail_values(form, (*workflow.early_fields, *asked)),
                service_id=chosen.id if chosen is not None else None,
                requester_id=caller.id if caller is not None else None,
                source="phone" if caller is not None else "web",
            ),
            actor=actor,
            now=utcnow(),
        )
        if files:
            entry = service.add_entry(ticket, "attachment", actor=actor, now=utcnow())
            attachments.attach(entry, files, blobs=runtime().blobs, now=utcnow())
        if source is not None:
            links.follow_up(source, ticket, actor=actor, now=utcnow())
    return ticket
