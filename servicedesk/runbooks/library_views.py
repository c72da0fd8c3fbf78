"""The library's pages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db
from servicedesk.core.forms import whole_number
from servicedesk.core.i18n import select_locale
from servicedesk.core.permissions import Permission
from servicedesk.core.web import search_text
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.equipment.models import Device
from servicedesk.equipment.queries import visible_sites
from servicedesk.inspections import on_demand
from servicedesk.runbooks import labels, learning, library, queries, service, texts
from servicedesk.runbooks.definition import CATEGORIES
from servicedesk.runbooks.rendering import markdown
from servicedesk.runbooks.texts import Place
from servicedesk.tickets.queries import get_visible_ticket
from servicedesk.tickets.workflows import WORKFLOWS

bp = Blueprint("runbooks", __name__, url_prefix="/runbooks")


def require_library() -> None:
    """Runbooks are for those who work on tickets."""
    if not current_actor().allows_somewhere(Permission.TICKET_WORK):
        abort(404)


def device_names(actor: Actor) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    """(id, name) of devices the actor works on, for pick lists."""
    scope = actor.scope(Permission.TICKET_WORK).clause(Device.client_id, Device.site_id)
    wanted = sa.select(Device.id, Device.name).where(scope, Device.state != "disposed")
    return db.session.execute(wanted.order_by(Device.name).limit(2000)).all()


def places(actor: Actor) -> list[tuple[str, str]]:
    """(``client:NUMBER`` or ``site:NUMBER``, name) where the actor may write texts."""
    sites = visible_sites(actor, texts.EDIT)
    names = texts.client_names({site.client_id for site in sites})
    whole = [number for number in names if actor.allows(texts.EDIT, number, None)]
    return [
        *((f"client:{number}", f"{names[number]} · {_('all sites')}") for number in whole),
        *((f"site:{site.id}", f"{names[site.client_id]} · {site.name}") for site in sites),
    ]


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """What there is, by words, category and class of device; and what is under way."""
    require_library()
    text, category = search_text(), request.args.get("category", "")
    device_class, check = request.args.get("class", ""), request.args.get("check", "")
    own_texts = texts.visible(current_actor())
    every = {**library.library(), **texts.own_runbooks(current_actor())}
    under_way = queries.runs_under_way(current_actor())
    return render_template(
        "runbooks/index.html",
        runbooks=library.search(
            every.values(), text=text, category=category, device_class=device_class, check=check
        ),
        filters={"text": text, "category": category, "device_class": device_class, "check": check},
        categories=[(name, WORKFLOWS[name].label) for name in CATEGORIES],
        classes=DEVICE_CLASSES,
        workflows=WORKFLOWS,
        own_texts=[(one, texts.title_of(one, select_locale())) for one in own_texts],
        text_states=labels.TEXT_STATES,
        under_way=[(run, service.runbook_of(run), service.standing(run)) for run in under_way],
    )


@bp.get("/usage")
@login_required
def usage() -> ResponseReturnValue:
    """Which steps take long or are skipped, and what has no runbook."""
    require_library()
    actor, now = current_actor(), utcnow()
    return render_template(
        "runbooks/usage.html",
        rows=learning.usage(actor, now),
        days=learning.PERIOD.days,
        unserved=library.unserved(sorted(on_demand.checks())),
        alike=learning.handled_alike(actor, now),
    )


@bp.get("/<key>")
@login_required
def show(key: str) -> ResponseReturnValue:
    """One runbook, to read or print."""
    require_library()
    actor = current_actor()
    ticket_id = request.args.get("ticket", type=whole_number)
    if ticket_id:
        ticket = get_visible_ticket(ticket_id, actor)
        runbook = texts.get(key, Place(ticket.client_id, ticket.site_id))
    else:
        found = library.library().get(key) or texts.own_runbooks(actor).get(key)
        if found is None:
            abort(404)
        runbook = found
    return render_template(
        "runbooks/show.html",
        runbook=runbook,
        own_texts=texts.visible(actor, key=key),
        text_states=labels.TEXT_STATES,
        places=places(actor),
        round_sites=visible_sites(actor, texts.EDIT),
        round_devices=device_names(actor),
        kinds=labels.KINDS,
        icons=labels.ICONS,
        roles=labels.ROLES,
        causes=labels.CAUSES,
        classes=DEVICE_CLASSES,
        workflows=WORKFLOWS,
        markdown=markdown,
    )
