"""Labels for rooms: whoever inspects scans the one on the door and is in the round, at this room."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import joinedload

from servicedesk.core import typesetting
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db
from servicedesk.core.forms import whole_number
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.core.web import document
from servicedesk.equipment import labels
from servicedesk.equipment.models import Room
from servicedesk.equipment.queries import visible_sites
from servicedesk.inspections.manual import queries
from servicedesk.inspections.queries import visible_plans
from servicedesk.staff.forms import EmptyForm

bp = Blueprint("room_rounds", __name__, url_prefix="/inspections/rooms")


def _room(room_id: int) -> Room:
    """A room where the actor inspects; for all others there is none."""
    actor = current_actor()
    room = db.session.scalar(sa.select(Room).where(Room.id == room_id).options(joinedload(Room.site)))
    if room is None or not actor.allows(Permission.INSPECTION_RUN, room.client_id, room.site_id):
        abort(404)
    return room


@bp.get("/<int:room_id>/round")
@login_required
def scanned(room_id: int) -> ResponseReturnValue:
    """The newest open round at this room; without one, the plans of the site to begin one by."""
    room = _room(room_id)
    run_id = queries.open_round_of_room(room.id)
    if run_id is not None:
        return redirect(url_for("rounds.round_of", run_id=run_id) + f"#room-{room.id}")
    plans = visible_plans(current_actor()).filter_by(site_id=room.site_id, active=True)
    return render_template(
        "inspections/manual/room.html",
        room=room,
        plans=db.session.scalars(plans).all(),
        empty_form=EmptyForm(),
    )


@bp.get("/labels")
@login_required
def label_sheet() -> ResponseReturnValue:
    """The labels of a site's rooms, to print or as PDF in their size."""
    sites = visible_sites(current_actor(), Permission.INSPECTION_RUN)
    if not sites:
        abort(404)
    number = request.args.get("site", type=whole_number)
    site = next((one for one in sites if one.id == number), sites[0])
    rooms = db.session.scalars(
        sa.select(Room).where(Room.site_id == site.id).order_by(Room.name).limit(labels.SHEET)
    ).all()
    base = runtime().settings.base_url.rstrip("/")
    drawn = [(room, base + url_for("room_rounds.scanned", room_id=room.id)) for room in rooms]
    if request.args.get("format") == "pdf" and drawn:
        return _as_pdf(site.name, drawn)
    return render_template(
        "inspections/manual/room_labels.html",
        site=site,
        site_chips=[(one.id, one.name) for one in sites],
        drawn=[(room, labels.picture(address)) for room, address in drawn],
        base=base,
        local=urlsplit(base).hostname in ("localhost", "127.0.0.1", "::1"),
    )


def _as_pdf(site_name: str, drawn: Sequence[tuple[Room, str]]) -> ResponseReturnValue:
    content = typesetting.pdf(
        "labels",
        {
            "title": _("Labels of rooms"),
            "scan": _("Inspection: scan me."),
            "labels": [
                {
                    "name": room.name,
                    "lines": [text for text in (site_name, room.floor) if text],
                    "picture": f"code{number}.svg",
                }
                for number, (room, _address) in enumerate(drawn)
            ],
        },
        made_at=utcnow(),
        images={f"code{number}.svg": labels.drawing(address) for number, (_r, address) in enumerate(drawn)},
    )
    return document(content, "room-labels.pdf")
