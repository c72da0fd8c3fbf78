"""Handing over data: lay a file ready, take it, take it back."""

from __future__ import annotations

import io

from flask import flash, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.blobs import BlobMissingError
from servicedesk.core.clock import utcnow
from servicedesk.core.crypto import DecryptionError
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.runtime import runtime
from servicedesk.core.uploads import uploaded
from servicedesk.core.web import form_number
from servicedesk.tickets import deliveries, queries
from servicedesk.tickets.blueprint import bp
from servicedesk.tickets.link_views import carried_out


@bp.post("/<int:ticket_id>/deliveries")
@login_required
def deliver(ticket_id: int) -> ResponseReturnValue:
    """Lay a file ready."""
    actor, here = current_actor(), runtime()
    ticket = queries.get_visible_ticket(ticket_id, actor)

    def act() -> None:
        files = uploaded(request.files.getlist("file"))
        if not files:
            raise DomainError(_("Choose a file."), "file")
        for name, content in files:
            deliveries.deliver(
                ticket,
                name,
                content,
                days=form_number("days") or deliveries.DAYS,
                blobs=here.blobs,
                keyring=here.keyring,
                actor=actor,
                now=utcnow(),
            )

    return carried_out(ticket, act, anchor="deliveries")


@bp.post("/<int:ticket_id>/deliveries/<int:handover_id>/take")
@login_required
def take(ticket_id: int, handover_id: int) -> ResponseReturnValue:
    """Download, which is written down first; a link alone takes nothing."""
    actor, here = current_actor(), runtime()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    try:
        with unit_of_work():
            delivery, content = deliveries.take(
                ticket, handover_id, blobs=here.blobs, keyring=here.keyring, actor=actor, now=utcnow()
            )
            name = delivery.name
    except DomainError as error:
        flash(str(error), "error")
    except (BlobMissingError, DecryptionError):
        flash(_("The file cannot be read any more. Ask for it again in the ticket."), "error")
    else:
        response = send_file(
            io.BytesIO(content), mimetype="application/octet-stream", as_attachment=True, download_name=name
        )
        response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response.headers["Cache-Control"] = "no-store"
        return response
    return redirect(url_for("tickets.detail", ticket_id=ticket.id) + "#deliveries")


@bp.post("/<int:ticket_id>/deliveries/<int:handover_id>/withdraw")
@login_required
def withdraw(ticket_id: int, handover_id: int) -> ResponseReturnValue:
    """Take a file back before its time is over."""
    actor = current_actor()
    ticket = queries.get_visible_ticket(ticket_id, actor)
    return carried_out(
        ticket,
        lambda: deliveries.withdraw(ticket, handover_id, blobs=runtime().blobs, actor=actor, now=utcnow()),
        anchor="deliveries",
    )
