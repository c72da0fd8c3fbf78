"""The page of tickets that lie with people who are not there."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from flask_login import login_required

from servicedesk.assignment.crew import with_absences
from servicedesk.assignment.queries import worker_names
from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.forms import whole_number
from servicedesk.core.permissions import Permission
from servicedesk.tickets import handover
from servicedesk.tickets.blueprint import bp
from servicedesk.tickets.bulk import MAX_TICKETS
from servicedesk.tickets.forms import PRIORITY_LABELS
from servicedesk.tickets.workflows import WORKFLOWS


def _assigner() -> Actor:
    actor = current_actor()
    if not actor.allows_somewhere(Permission.TICKET_ASSIGN):
        abort(404)
    return actor


@bp.get("/hand-over")
@login_required
def hand_over_list() -> ResponseReturnValue:
    """What lies with people who are away or whose account is closed."""
    actor = _assigner()
    people = handover.waiting(actor, utcnow())
    return render_template(
        "assignment/hand_over.html",
        people=people,
        full=sum(len(one.tickets) for one in people) >= MAX_TICKETS,
        most=MAX_TICKETS,
        workers=with_absences(worker_names(actor.scope(Permission.TICKET_ASSIGN)), utcnow()),
        workflows=WORKFLOWS,
        priorities=PRIORITY_LABELS,
    )


@bp.post("/hand-over/<int:user_id>")
@login_required
def hand_over_all(user_id: int) -> ResponseReturnValue:
    """Give all of somebody's on."""
    actor = _assigner()
    chosen = request.form.get("assignee_id", type=whole_number)
    outcome = handover.hand_over(user_id, chosen, actor=actor, now=utcnow())
    if outcome.done:
        done = ngettext("%(num)s ticket handed over.", "%(num)s tickets handed over.", outcome.done)
        flash(done, "success")
    for number, reason in outcome.refused[:10]:
        flash(f"{number}: {reason}", "error")
    return redirect(url_for("tickets.hand_over_list"))
