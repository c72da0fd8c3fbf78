"""Pages behind a label's QR code, open to people without an account."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf.file import MultipleFileField
from wtforms.validators import DataRequired

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError, NotFoundError
from servicedesk.core.forms import Form, LongText, Text
from servicedesk.core.permissions import Permission
from servicedesk.core.runtime import runtime
from servicedesk.core.uploads import uploaded
from servicedesk.equipment.labels import device_of
from servicedesk.equipment.models import Device
from servicedesk.equipment.stocktaking.views import scanned_page
from servicedesk.organisations.models import PUBLIC_BADGE
from servicedesk.sla.models import RUNNING
from servicedesk.sla.queries import clock_views
from servicedesk.tickets import public_reports
from servicedesk.tickets.public_reports import Said
from servicedesk.tickets.workflows import WORKFLOWS

bp = Blueprint("public", __name__, url_prefix="/r")


class PublicForm(Form):
    text = LongText(_l("What is wrong?"), max_length=public_reports.MAX_TEXT, validators=[DataRequired()])
    name = Text(_l("Your name"), max_length=100)
    badge = Text(_l("Badge number"), max_length=32)
    contact = Text(_l("Telephone or e-mail, for questions"), max_length=100)
    photos = MultipleFileField(_l("Photos"))


@bp.route("/<token>", methods=["GET", "POST"])
def report(token: str) -> ResponseReturnValue:
    """Whoever is signed in goes to their own pages; all others get the short form."""
    device = device_of(token)
    if device is None:
        raise NotFoundError
    if current_user.is_authenticated and (own := _own_page(token, device)):
        return redirect(own)
    mode = public_reports.mode(device)
    form = PublicForm()
    if mode and form.validate_on_submit():
        try:
            said = _said(form)
            with unit_of_work():
                row, refusal = public_reports.report(
                    device,
                    said,
                    blobs=runtime().blobs,
                    max_bytes=runtime().settings.upload_max_bytes,
                    now=utcnow(),
                )
            if not refusal:
                return redirect(url_for("public.status", token=row.token))
            form.badge.errors = [*form.badge.errors, refusal]
        except DomainError as error:
            form.refuse(error)
            if error.status == 429:
                return _page(token, device, mode, form), 429
    status = 422 if mode and form.is_submitted() else 200
    return _page(token, device, mode, form), status


def _page(token: str, device: Device, mode: str, form: PublicForm) -> str:
    return render_template(
        "tickets/public_report.html",
        token=token,
        device=device,
        mode=mode,
        by_badge=mode == PUBLIC_BADGE,
        form=form,
        known=public_reports.open_report(device) if mode else None,
        workflow=WORKFLOWS["fault"],
    )


def _own_page(token: str, device: Device) -> str:
    """Staff see the device, its client's people report in their own name; for others it is as for anybody."""
    actor = current_actor()
    if counted := scanned_page(token, device, actor):
        return counted
    if actor.allows(Permission.DEVICE_VIEW, device.client_id, device.site_id):
        return url_for("equipment.device", device_id=device.id)
    if actor.home_client_id == device.client_id:
        return url_for("tickets.new_in_category", category="fault", device=device.id)
    return ""


def _said(form: PublicForm) -> Said:
    return Said(
        text=form.text.data or "",
        name=form.name.data or "",
        contact=form.contact.data or "",
        badge=form.badge.data or "",
        source=_source(),
        photos=tuple(uploaded(form.photos.data)),
    )


def _source() -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return public_reports.source_of(request.remote_addr or "", key)


@bp.post("/<token>/me-too")
def me_too(token: str) -> ResponseReturnValue:
    """It hinders somebody else as well."""
    device = device_of(token)
    if device is None:
        raise NotFoundError
    with unit_of_work():
        row = public_reports.me_too(device, _source(), now=utcnow())
    return redirect(url_for("public.status", token=row.token))


@bp.get("/status/<token>")
def status(token: str) -> ResponseReturnValue:
    """How it stands; nothing of what was written in the ticket."""
    row = public_reports.followed(token)
    if row is None or row.ticket is None:
        raise NotFoundError
    now = utcnow()
    clocks = clock_views(row.ticket.id, now)
    running = [clock.due_at for clock in clocks if clock.state == RUNNING and clock.due_at]
    return render_template(
        "tickets/public_status.html",
        ticket=row.ticket,
        at=row.at,
        workflow=WORKFLOWS[row.ticket.category],
        due_at=min(running, default=None),
    )
