"""A repair on paper: A4, what people sign and file."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from servicedesk.approvals.labels import STATES as APPROVALS
from servicedesk.core import typesetting
from servicedesk.core.filters import datetime_text, duration, hours_text, money, number
from servicedesk.repairs import costs, queries
from servicedesk.repairs.models import Repair
from servicedesk.repairs.states import HISTORY, STATES


def pdf(repair: Repair) -> bytes:
    """The repair as it stands, in the reader's language; the same repair gives the same bytes."""
    made_at = repair.closed_at or repair.updated_at or repair.created_at
    return typesetting.pdf("repair", _data(repair), made_at=made_at)


def _data(repair: Repair) -> dict[str, Any]:
    title = _("Repair sheet")
    device, lines = repair.device, costs.costs_of(repair)
    states = costs.states_of(lines)
    work = queries.work_of(repair)
    down = (
        duration((repair.down_until - repair.down_from).total_seconds())
        if repair.down_from and repair.down_until
        else ""
    )
    return {
        "title": f"{title} {repair.number}",
        "header": f"{title} · {repair.number} · {device.name}",
        "heading": title,
        "head": [
            [_("Number"), repair.number],
            [_("State"), str(STATES[repair.state][0])],
            [_("Client"), repair.client.name],
            [_("Site"), device.site.name],
            [_("Device"), device.name],
            [_("Model"), f"{device.vendor} {device.model}".strip() or "—"],
            [_("Serial number"), device.serial or "—"],
            [_("Ticket"), repair.ticket.number if repair.ticket else "—"],
            [_("Opened"), datetime_text(repair.created_at)],
            [_("Closed on"), datetime_text(repair.closed_at)],
            [_("Down for"), down or "—"],
            [_("Time spent"), hours_text(sum(log.minutes for log in work) * 60) if work else "—"],
            [_("Supplier"), repair.supplier or "—"],
            [_("Who repairs it"), repair.assignee.display_name if repair.assignee else "—"],
        ],
        "texts": [
            [_("What is broken"), repair.symptom],
            [_("Diagnosis"), repair.diagnosis or "—"],
            [_("What was done"), repair.work_done or "—"],
        ],
        "cost_heading": _("Parts and costs"),
        "cost_columns": [
            _("Part or work"),
            _("Serial numbers"),
            _("Quantity"),
            _("Price"),
            _("Amount"),
            _("Approval"),
        ],
        "costs": [
            [
                f"{costs.KINDS[line.kind]}: {line.description}",
                " → ".join(filter(None, (line.serial_old, line.serial_new))) or "—",
                number(float(line.quantity)),
                money(line.unit_price),
                money(line.amount),
                _approval(states.get(line.id, "")),
            ]
            for line in lines
        ],
        "sum": [_("Sum"), money(costs.total(lines))],
        "history_heading": _("History"),
        "history": [
            [datetime_text(event.at), event.actor_name, str(HISTORY[event.what]), event.note]
            for event in reversed(queries.events_of(repair))
        ],
        "signatures": [_("Repaired by"), _("Accepted by")],
        "signed_at": _("Date"),
    }


def _approval(state: str) -> str:
    return str(APPROVALS[state][0]) if state in APPROVALS else "—"
