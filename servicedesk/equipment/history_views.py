"""Pages of a device's past, and of how it hangs together with others."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.i18n import select_timezone
from servicedesk.core.permissions import Permission
from servicedesk.core.web import form_number
from servicedesk.equipment import history, queries, relations
from servicedesk.equipment.impact import MAX_EDGES, SHOWN, impact_of
from servicedesk.equipment.models import Device
from servicedesk.equipment.panels import Panel

bp = Blueprint("device_history", __name__, url_prefix="/equipment/devices")
_CARD = "equipment/_relations.html"


@bp.get("/<int:device_id>/history")
@login_required
def timeline(device_id: int) -> ResponseReturnValue:
    """Everything that happened to a device; ``?kind=`` chooses, ``?before=`` goes on."""
    actor = current_actor()
    device = queries.get_visible_device(device_id, actor)
    kind = request.args.get("kind", "")
    return render_template(
        "equipment/history.html",
        device=device,
        timeline=history.timeline(device, actor, before=_moment(request.args.get("before", "")), kind=kind),
        kinds=history.KINDS,
        kind=kind if kind in history.KINDS else "",
    )


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and 1900 < moment.year < 9999 else None


@bp.get("/<int:device_id>/as-of")
@login_required
def as_of(device_id: int) -> ResponseReturnValue:
    """The record at the end of a day, in the reader's time zone."""
    device = queries.get_visible_device(device_id, current_actor())
    zone = ZoneInfo(select_timezone())
    today = utcnow().astimezone(zone).date()
    try:
        day = date.fromisoformat(request.args.get("date", ""))
    except ValueError:
        day = today
    day = min(max(day, date(1990, 1, 1)), today)
    end = datetime.combine(day + timedelta(days=1), time.min, zone).astimezone(UTC)
    return render_template(
        "equipment/as_of.html",
        device=device,
        day=day,
        today=today,
        then=history.as_of(device, end),
        now=history.as_of(device, utcnow()),
        label=history.VOCABULARY.label,
    )


@bp.post("/<int:device_id>/relations")
@login_required
def relate(device_id: int) -> ResponseReturnValue:
    """Record that a device needs, carries or is joined to another one."""
    actor = current_actor()
    device = queries.get_visible_device(device_id, actor)
    other = queries.get_visible_device(form_number("other_id"), actor)
    try:
        with unit_of_work():
            relations.relate(device, other, request.form.get("kind", ""), actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    else:
        flash(_("Saved."), "success")
    return redirect(url_for("equipment.device", device_id=device_id) + "#relations")


@bp.post("/<int:device_id>/relations/<int:relation_id>/remove")
@login_required
def unrelate(device_id: int, relation_id: int) -> ResponseReturnValue:
    """Remove a relation."""
    actor = current_actor()
    device = queries.get_visible_device(device_id, actor)
    with unit_of_work():
        relations.unrelate(device, relation_id, actor=actor, now=utcnow())
    flash(_("Removed."), "success")
    return redirect(url_for("equipment.device", device_id=device_id) + "#relations")


@bp.get("/<int:device_id>/relations")
@login_required
def relations_card(device_id: int) -> ResponseReturnValue:
    """The card of relations by itself; ``?all=1``: with all of them that are followed."""
    actor = current_actor()
    device = queries.get_visible_record(device_id, actor)
    limit = MAX_EDGES if "all" in request.args else SHOWN
    return render_template(_CARD, device=device, panel=_relations(device, actor, limit).context)


def relations_panel(device: Device, actor: Actor) -> Panel | None:
    """How a device hangs together with others, and what stops with it."""
    return _relations(device, actor, SHOWN)


def _relations(device: Device, actor: Actor, limit: int) -> Panel:
    return Panel(
        _CARD,
        {
            "relations": relations.relations_of(device, limit),
            "kinds": relations.KINDS,
            "impact": impact_of([device.id], actor, limit),
            "may_edit": actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id),
        },
    )
