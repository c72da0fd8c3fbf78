"""What the scheduler calls."""

from __future__ import annotations

import sqlalchemy as sa

from servicedesk.assignment.escalation import people_told
from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import unit_of_work
from servicedesk.core.sentences import N_
from servicedesk.sla import service as sla
from servicedesk.sla.escalation import ASSIGNEE, who_is_told
from servicedesk.tickets import assigning, notices
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import add_entry

ACTOR = Actor.system(N_("service levels"))
BATCH = 200


def check_clocks() -> int:
    """Periodic: write marks that clocks have reached into the timelines. Returns how many."""
    now = utcnow()
    told = 0
    while True:
        with unit_of_work() as session:
            ids = sla.tickets_to_check(now, BATCH)
            # Tickets are locked before their clocks, as everybody who moves a ticket does.
            rows = session.scalars(
                sa.select(Ticket).where(Ticket.id.in_(ids)).order_by(Ticket.id).with_for_update()
            )
            tickets = {ticket.id: ticket for ticket in rows}

            def announce(notice: sla.Notice, tickets: dict[int, Ticket] = tickets) -> None:
                ticket = tickets[notice.ticket_id]
                names = who_is_told(notice.mark, ticket)
                told = people_told(
                    names,
                    client_id=ticket.client_id,
                    site_id=ticket.site_id,
                    assignee_id=ticket.assignee_id,
                    team=assigning.team_of(ticket),
                    now=now,
                )
                data = {
                    "tell": list(names),
                    "people": {name: sorted(people.values()) for name, people in told.items()},
                    "clock": notice.kind,
                    "mark": notice.mark,
                    "due_at": notice.due_at.isoformat() if notice.due_at else None,
                }
                add_entry(ticket, "sla", actor=ACTOR, now=now, internal=True, data=data)
                above = {number for name in told.keys() - {ASSIGNEE} for number in told[name]}
                notices.clock_reached(ticket, notice, above, actor=ACTOR, now=now)

            told += sla.check_clocks(ids, now, announce)
        if len(ids) < BATCH:
            return told
