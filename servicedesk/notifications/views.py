"""One's own notifications and what one wants of them."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.paging import Order, paginate
from servicedesk.notifications import preferences, queries, rules
from servicedesk.notifications.forms import PreferencesForm
from servicedesk.notifications.models import Notification
from servicedesk.notifications.preferences import Times
from servicedesk.notifications.texts import headline

bp = Blueprint("notifications", __name__, url_prefix="/notifications")


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """The list, newest first."""
    actor = current_actor()
    show = "unread" if request.args.get("show") == "unread" else "all"
    statement = queries.own_notifications(actor, unread=show == "unread")
    order = Order((Notification.id,), ("id",))
    page = paginate(statement, order, request.args.get("cursor", ""), scalars=True)
    return render_template("notifications/index.html", page=page, show=show, headline=headline)


@bp.get("/bell")
@login_required
def bell() -> ResponseReturnValue:
    """The bell alone, for pages that stay open."""
    return render_template("notifications/_bell_part.html", unread=queries.unread_count(current_actor()))


@bp.get("/<int:notification_id>")
@login_required
def open_one(notification_id: int) -> ResponseReturnValue:
    """Mark as read and go to what it is about."""
    actor = current_actor()
    found = queries.get_own(notification_id, actor)
    path = found.event.path
    with unit_of_work():
        preferences.mark_read(found, utcnow())
    return redirect(path)


@bp.post("/read")
@login_required
def read_all() -> ResponseReturnValue:
    """Mark all as read."""
    with unit_of_work():
        preferences.mark_all_read(current_actor(), utcnow())
    return redirect(url_for("notifications.index"))


@bp.route("/preferences", methods=["GET", "POST"])
@login_required
def own_preferences() -> ResponseReturnValue:
    """What of which group of events, over which channel, and when."""
    user_id = current_actor().user_id or 0
    form = PreferencesForm(obj=preferences.preference_of(user_id))
    modes = preferences.choices_of(user_id)
    if form.is_submitted():
        modes = {
            (group, channel): request.form.get(f"mode_{group}_{channel}", mode)
            for (group, channel), mode in modes.items()
        }
    if form.validate_on_submit():
        times = Times(
            form.quiet_from.data or "",
            form.quiet_to.data or "",
            form.digest_at.data or "",
            form.timezone.data or "",
        )
        try:
            with unit_of_work():
                preferences.save_own(user_id, times, modes)
        except DomainError as error:
            form.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("notifications.own_preferences"))
    status = 422 if form.is_submitted() else 200
    return render_template("notifications/preferences.html", form=form, modes=modes, rules=rules), status
