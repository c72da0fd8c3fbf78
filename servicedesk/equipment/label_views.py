"""Pages of labels: the sheet to print, and a new one for a device."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import joinedload

from servicedesk.core import typesetting
from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.forms import whole_number
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.core.web import document
from servicedesk.equipment import labels, queries
from servicedesk.equipment.access_views import bp
from servicedesk.equipment.models import Device

__all__ = ["bp"]
ARGS = ("q", "site", "class", "outcome", "device")


def _chosen(actor: Actor) -> list[Device]:
    """The devices of the address, at most a sheet of them, in the order in which somebody walks past them."""
    statement = (
        queries.visible_devices(actor, Permission.DEVICE_EDIT)
        .options(joinedload(Device.site), joinedload(Device.room), joinedload(Device.rack))
        .where(Device.state.in_(("active", "in_repair", "in_stock", "planned")))
    )
    if number := request.values.get("device", type=whole_number):
        statement = statement.where(Device.id == number)
    else:
        chosen = queries.devices_found(
            actor,
            text=request.values.get("q", "").strip()[:200],
            site_id=request.values.get("site", type=whole_number),
            device_class=request.values.get("class", ""),
            outcome=request.values.get("outcome", ""),
        )
        statement = statement.where(Device.id.in_(chosen))
    order = (Device.site_id, Device.room_id, Device.rack_id, Device.rack_unit, Device.name, Device.id)
    return list(db.session.scalars(statement.order_by(*order).limit(labels.SHEET + 1)))


@bp.route("/labels", methods=["GET", "POST"])
@login_required
def label_sheet() -> ResponseReturnValue:
    """Labels to print. Sending the form first gives one to each device that has none yet."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.DEVICE_EDIT):
        abort(404)
    devices = _chosen(actor)
    more, devices = len(devices) > labels.SHEET, devices[: labels.SHEET]
    if request.method == "POST":
        with unit_of_work():
            labels.issue(devices, actor=actor, now=utcnow())
        kept = {name: value for name in ARGS if (value := request.form.get(name))}
        return redirect(url_for("equipment.label_sheet", **kept))  # type: ignore[arg-type]  # texts by name
    tokens = labels.valid([device.id for device in devices])
    base = runtime().settings.base_url.rstrip("/")
    drawn = [
        (device, base + url_for("public.report", token=tokens[device.id]))
        for device in devices
        if device.id in tokens
    ]
    if request.args.get("format") == "pdf" and drawn:
        return _as_pdf(drawn)
    return render_template(
        "equipment/labels.html",
        drawn=[(device, labels.picture(address), labels.place(device)) for device, address in drawn],
        missing=len(devices) - len(drawn),
        more=more,
        base=base,
        local=urlsplit(base).hostname in ("localhost", "127.0.0.1", "::1"),
        sheet=labels.SHEET,
        kept={name: value for name in ARGS if (value := request.args.get(name))},
    )


def _as_pdf(drawn: Sequence[tuple[Device, str]]) -> Response:
    """The sheet in the size of the labels, whatever a browser's print dialog does."""
    content = typesetting.pdf(
        "labels",
        {
            "title": _("Labels"),
            "scan": _("Broken? Scan me."),
            "labels": [
                {
                    "name": device.name,
                    "lines": [text for text in (device.asset_tag, labels.place(device)) if text],
                    "picture": f"code{number}.svg",
                }
                for number, (device, _address) in enumerate(drawn)
            ],
        },
        made_at=utcnow(),
        images={f"code{number}.svg": labels.drawing(address) for number, (_d, address) in enumerate(drawn)},
    )
    return document(content, "labels.pdf")


@bp.post("/devices/<int:device_id>/label")
@login_required
def renew_label(device_id: int) -> ResponseReturnValue:
    """The old label no longer leads anywhere."""
    actor = current_actor()
    device = queries.get_visible_device(device_id, actor)
    with unit_of_work():
        labels.renew(device, actor=actor, now=utcnow())
    flash(_("The old label leads nowhere now. Print the new one and put it on the device."), "success")
    return redirect(url_for("equipment.label_sheet", device=device.id))
