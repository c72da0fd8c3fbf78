"""What runbooks add to a ticket: a panel, and an objection while a run is unfinished."""

from __future__ import annotations

from servicedesk.core.actor import Actor
from servicedesk.equipment.panels import Panel
from servicedesk.notifications.events import register_guard
from servicedesk.runbooks import labels, library, notices, queries, service, texts
from servicedesk.runbooks.texts import Place
from servicedesk.tickets.guards import register_objection
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.page import register_ticket_panel


def ticket_panel(ticket: Ticket, actor: Actor) -> Panel | None:
    """Runs of the ticket, and the runbooks that fit it."""
    if not service.may_work(ticket, actor):
        return None
    runs = queries.runs_of(ticket)
    offered = []
    if ticket.phase != "closed":
        holding = texts.effective(Place(ticket.client_id, ticket.site_id))
        active = {run.key for run in runs if run.state == "active"}
        offered = [
            runbook
            for runbook in library.suggested(queries.situation(ticket), runbooks=holding.values())
            if runbook.key not in active and service.holds(runbook.role, ticket, actor)
        ]
    context = {
        "runs": [(run, service.runbook_of(run), service.standing(run)) for run in runs],
        "offered": offered,
        "states": labels.STATES,
        "open": ticket.phase != "closed",
        "ticket_id": ticket.id,
    }
    return Panel("runbooks/_ticket_panel.html", context)


def register() -> None:
    """Called once when the application is put together."""
    register_ticket_panel("runbooks", 10, ticket_panel)
    register_objection("runbooks", service.objection)
    register_guard(notices.TEXT_KIND, notices.who_may_see)
