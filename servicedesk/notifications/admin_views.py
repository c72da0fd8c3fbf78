"""Deliveries, channels, recipient rules and mail that came in, for those who manage them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.core.web import search_text
from servicedesk.notifications import labels, queries, rules, sending, service
from servicedesk.notifications import preferences as choices
from servicedesk.notifications.channel_settings import (
    KINDS,
    MAIL_IN,
    SECRET_PARTS,
    ChannelData,
    remove_channel,
    save_channel,
    visible_channels,
)
from servicedesk.notifications.forms import ChannelForm
from servicedesk.notifications.models import Channel, Delivery, InboundMail
from servicedesk.organisations.models import CLIENT, Organisation
from servicedesk.staff.forms import EmptyForm

bp = Blueprint("messages", __name__, url_prefix="/notifications")


def _manager() -> Actor:
    actor = current_actor()
    if not actor.allows_somewhere(Permission.NOTIFICATION_MANAGE):
        abort(404)
    return actor


@bp.get("/deliveries")
@login_required
def deliveries() -> ResponseReturnValue:
    """The log: what somebody should look at first."""
    actor = _manager()
    show = request.args.get("show", "all")
    filters = {
        "show": show if show in queries.DELIVERY_FILTERS else "all",
        "kind": request.args.get("kind", ""),
        "text": search_text(),
        "delivery": request.args.get("delivery", ""),
    }
    order = Order((Delivery.rank, Delivery.id), ("rank", "id"))
    page = paginate(
        queries.visible_deliveries(actor, **filters), order, request.args.get("cursor", ""), scalars=True
    )
    return render_template(
        "notifications/deliveries.html", page=page, filters=filters, labels=labels, rules=rules
    )


@bp.post("/deliveries/<int:delivery_id>/again")
@login_required
def send_again(delivery_id: int) -> ResponseReturnValue:
    """A person decides that it goes out again."""
    actor = _manager()
    found = queries.get_visible_delivery(delivery_id, actor)
    try:
        with unit_of_work():
            sending.send_again(found, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(_("It goes out within a few seconds."), "success")
    return redirect(url_for("messages.deliveries", delivery=delivery_id, show="all"))


@bp.get("/channels")
@login_required
def channels() -> ResponseReturnValue:
    """All ways out and in."""
    actor = _manager()
    statement = visible_channels(actor).options(sa.orm.joinedload(Channel.client))
    order = Order((Channel.kind, Channel.id), ("kind", "id"), descending=False)
    page = paginate(statement, order, request.args.get("cursor", ""), scalars=True)
    return render_template("notifications/channels.html", page=page, kinds=KINDS)


@bp.route("/channels/new", methods=["GET", "POST"])
@bp.route("/channels/<int:channel_id>", methods=["GET", "POST"])
@login_required
def channel(channel_id: int | None = None) -> ResponseReturnValue:
    """Make a way out or in, or change it; what became of its last test."""
    actor = _manager()
    found = queries.get_visible_channel(channel_id, actor) if channel_id else None
    form = _channel_form(found, actor)
    if form.validate_on_submit():
        here = runtime()
        try:
            with unit_of_work():
                saved = save_channel(
                    found,
                    _channel_data(form),
                    keyring=here.keyring,
                    private=here.settings.webhook_private_addresses,
                    actor=actor,
                    now=utcnow(),
                )
                db.session.flush()
                number = saved.id
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved. The secret is encrypted and will not be shown again."), "success")
            return redirect(url_for("messages.channel", channel_id=number))
    status = 422 if form.is_submitted() else 200
    return render_template(
        "notifications/channel_form.html",
        form=form,
        channel=found,
        kinds=KINDS,
        test=queries.latest_test(found) if found is not None else None,
        mailbox=queries.mailbox_state(found) if found is not None and found.kind == MAIL_IN else None,
        labels=labels,
    ), status


def _channel_form(found: Channel | None, actor: Actor) -> ChannelForm:
    known: dict[str, Any] = {}
    if found is not None:
        known = {**found.public, "name": found.name, "active": found.active, "kind": found.kind}
        known["domains"] = " ".join(found.public.get("domains", ()))
    form = ChannelForm(data=known) if known else ChannelForm()
    scope = actor.scope(Permission.NOTIFICATION_MANAGE)
    statement = sa.select(Organisation.id, Organisation.name).where(
        Organisation.kind == CLIENT, scope.clause(Organisation.id)
    )
    rows = [(row.id, row.name) for row in db.session.execute(statement.order_by(Organisation.name))]
    form.client_id.offer(rows, empty=_("(all clients)") if scope.everything else None)
    if found is not None:
        form.client_id.data, form.kind.data = found.client_id, found.kind
    return form


def _channel_data(form: ChannelForm) -> ChannelData:
    kind = form.kind.data
    return ChannelData(
        kind=kind,
        name=form.name.data or "",
        client_id=form.client_id.data,
        active=bool(form.active.data),
        host=form.host.data or "",
        port=form.port.data,
        security=form.security.data,
        username=form.username.data or "",
        ca=form.ca.data or "",
        sender=form.sender.data or "",
        sender_name=form.sender_name.data or "",
        folder=form.folder.data or "",
        unknown=form.unknown.data,
        domains=form.domains.data or "",
        groups=tuple(form.groups.data or ()),
        locale=form.locale.data or "",
        secret={part: getattr(form, part).data or "" for part in SECRET_PARTS.get(kind, ())},
    )


@bp.post("/channels/<int:channel_id>/test")
@login_required
def test_channel(channel_id: int) -> ResponseReturnValue:
    """Send a test: a mail to oneself, a line into the group."""
    actor = _manager()
    found = queries.get_visible_channel(channel_id, actor)
    with unit_of_work():
        sending.send_test(found, recipient_id=actor.user_id, actor=actor, now=utcnow())
    return redirect(url_for("messages.channel", channel_id=channel_id) + "#test")


@bp.get("/channels/<int:channel_id>/test")
@login_required
def test_outcome(channel_id: int) -> ResponseReturnValue:
    """The part of the page that shows what became of the test, asked again while it is under way."""
    found = queries.get_visible_channel(channel_id, _manager())
    return render_template(
        "notifications/_test.html", channel=found, test=queries.latest_test(found), labels=labels
    )


@bp.post("/channels/<int:channel_id>/remove")
@login_required
def remove(channel_id: int) -> ResponseReturnValue:
    """Take a channel out of use and forget its secret."""
    actor = _manager()
    found = queries.get_visible_channel(channel_id, actor)
    with unit_of_work():
        remove_channel(found, actor=actor, now=utcnow())
    flash(_("Out of use; its secret is deleted."), "success")
    return redirect(url_for("messages.channels"))


@bp.get("/rules")
@login_required
def rule_clients() -> ResponseReturnValue:
    """Whose recipient rules?"""
    actor = _manager()
    order = Order((Organisation.name, Organisation.id), ("name", "id"), descending=False)
    page = paginate(_clients(actor), order, request.args.get("cursor", ""), scalars=True)
    return render_template("notifications/rule_clients.html", page=page)


def _clients(actor: Actor) -> sa.Select[Organisation]:
    scope = actor.scope(Permission.NOTIFICATION_MANAGE)
    return sa.select(Organisation).where(Organisation.kind == CLIENT, scope.clause(Organisation.id))


@bp.route("/rules/<int:organisation_id>", methods=["GET", "POST"])
@login_required
def client_rules(organisation_id: int) -> ResponseReturnValue:
    """Which event goes to whom over what, for one client."""
    actor = _manager()
    client = db.session.scalar(_clients(actor).where(Organisation.id == organisation_id))
    if client is None:
        abort(404)
    form = EmptyForm()
    chosen = service.rules_of(client.id)
    if form.validate_on_submit():
        given = [tuple(text.split("|")) for text in request.form.getlist("rule")]
        wanted = frozenset((rule[0], rule[1], rule[2]) for rule in given if len(rule) == 3)
        try:
            with unit_of_work():
                choices.save_rules(client, wanted, actor=actor, now=utcnow())
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("messages.client_rules", organisation_id=organisation_id))
    status = 422 if form.is_submitted() else 200
    return render_template(
        "notifications/rules.html", client=client, form=form, rules=rules, chosen=chosen
    ), status


@bp.get("/inbound")
@login_required
def inbound() -> ResponseReturnValue:
    """Mail that came in, and what became of it."""
    actor = _manager()
    filters = {"outcome": request.args.get("outcome", ""), "text": search_text()}
    page = paginate(
        queries.visible_mails(actor, **filters),
        Order((InboundMail.id,), ("id",)),
        request.args.get("cursor", ""),
        scalars=True,
    )
    return render_template("notifications/inbound.html", page=page, filters=filters, labels=labels)
