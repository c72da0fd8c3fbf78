"""What a ticket's page shows: its parts, each asked for once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from flask import url_for

from servicedesk.approvals.panel import panel as approval_panel
from servicedesk.core.actor import Actor
from servicedesk.equipment.panels import Panel
from servicedesk.equipment.relations import KINDS as RELATION_KINDS
from servicedesk.sla.queries import clock_views
from servicedesk.tickets import (
    belongings,
    catalogue,
    change_calendar,
    cost_approval,
    deliveries,
    drafts,
    editing,
    fields,
    links,
    macros,
    queries,
    risk,
    service,
)
from servicedesk.tickets.approving import SUBJECT
from servicedesk.tickets.fact_forms import facts_values, small_forms
from servicedesk.tickets.forms import (
    PRIORITY_LABELS,
    CommentForm,
    TransitionForm,
    fields_form,
    transition_form,
)
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.slots import Span
from servicedesk.tickets.team_form import TeamForm, team_values
from servicedesk.tickets.workflows import WORKFLOWS

# Other domains show what they know of a ticket; they register here, from above.
PanelMaker = Callable[[Ticket, Actor], "Panel | None"]
_makers: dict[str, tuple[int, PanelMaker]] = {}


def register_ticket_panel(name: str, position: int, maker: PanelMaker) -> None:
    """Add a panel; registering a name again replaces it."""
    _makers[name] = (position, maker)


@dataclass(frozen=True, slots=True)
class Refused:
    """A small form that was refused: the card it stands in, why, and what was typed."""

    at: str = ""
    message: str = ""
    typed: Mapping[str, str] = field(default_factory=dict)

    def value(self, at: str, name: str, default: str = "") -> str:
        """What a field of this card is to show."""
        return self.typed.get(name, default) if at == self.at else default

    def on(self, ticket: Ticket, *, works: bool) -> Refused:
        """The same at the top of the page where the card is not shown."""
        lacks = {
            "deliveries": ticket.category != "data_request",
            "costs": ticket.category == "data_request",
            "merge": ticket.phase == "resolved",
        }
        shown = works and ticket.phase != "closed" and not lacks.get(self.at, False)
        return self if shown else replace(self, at="")


def ticket_page(
    ticket: Ticket,
    actor: Actor,
    now: datetime,
    *,
    comment_form: CommentForm | None = None,
    failed: str = "",
    failed_form: TransitionForm | None = None,
    fields_form_: Any = None,
    small: dict[str, Any] | None = None,
    team_form: TeamForm | None = None,
    refused: Refused | None = None,
    whole: bool = True,
) -> dict[str, Any]:
    """The template's values.

    Args:
        failed: the arrow whose form was refused (``failed_form``), or "fields" (``fields_form_``).
        small: one of ``small_forms`` that was refused.
        refused: a form of a card that was refused.
        whole: with ``rest_of_page``; else the page asks for that when it is shown.
    """
    workflow = WORKFLOWS[ticket.category]
    works = queries.sees_internal(ticket, actor)
    refused_arrow = {failed: failed_form} if failed_form else {}
    typed, others = drafts.at(ticket, actor, now)
    form = comment_form or CommentForm(formdata=None, data={"text": typed})
    values = fields.values_of(ticket, workflow)
    service_title, answers = catalogue.asked_for(ticket)
    return {
        "ticket": ticket,
        "workflow": workflow,
        "clocks": clock_views(ticket.id, now),
        "entries": queries.timeline(ticket, actor),
        **_arrows(ticket, actor, now),
        "failed": failed,
        "comment_form": form,
        "service_title": service_title,
        "answers": answers,
        "shown_fields": [
            (item, fields.show(ticket, item, values[item.name]))
            for item in workflow.fields
            if values[item.name] and item.shown(values)
        ],
        "sees_internal": works,
        "priorities": PRIORITY_LABELS,
        "whole": whole,
        "refused": refused.on(ticket, works=works) if refused else Refused(),
        "macros": macros.offered(ticket, actor),
        "others": others if works else [],
        **_shared(ticket, actor),
        "approvals": approval_panel(SUBJECT, ticket.id, actor, now)
        if ticket.category in ("change", "data_request")
        else [],
        **small_forms(ticket, actor, now, **(small or {})),
        **_of_category(ticket, actor),
        **(_rest(ticket, actor, now, fields_form_, team_form, small or {}, refused_arrow) if whole else {}),
    }


def rest_of_page(ticket: Ticket, actor: Actor, now: datetime) -> dict[str, Any]:
    """What stands below and beside the timeline, for a page that asks for it when it is there."""
    return {
        "refused": Refused(),
        "failed": "",
        **_arrows(ticket, actor, now),
        **_rest(ticket, actor, now, None, None, {}, {}),
    }


def _arrows(ticket: Ticket, actor: Actor, now: datetime) -> dict[str, Any]:
    """The buttons of the workflow's table, and why some cannot be pressed yet."""
    arrows = service.available(ticket, actor)
    said = {a.name: a.guard(ticket, now) for a in arrows if a.guard}
    return {"arrows": arrows, "blocked": {name: why for name, why in said.items() if why is not None}}


def _rest(
    ticket: Ticket,
    actor: Actor,
    now: datetime,
    fields_form_: Any,
    team_form: TeamForm | None,
    small: dict[str, Any],
    refused_arrow: dict[str, TransitionForm],
) -> dict[str, Any]:
    """Cards of their own, and the forms that open when they are asked for; those given were refused."""
    open_fields = editing.editable_fields(ticket, actor)
    works = queries.sees_internal(ticket, actor)
    parent, children = links.family(ticket, actor)
    return {
        "ticket": ticket,
        "workflow": WORKFLOWS[ticket.category],
        "sees_internal": works,
        "forms": {
            arrow.name: refused_arrow.get(arrow.name) or transition_form(ticket, arrow, submitted=False)
            for arrow in service.available(ticket, actor)
            if arrow.inputs
        },
        "fields_form": fields_form_
        or (fields_form(ticket, open_fields, submitted=False) if open_fields else None),
        **facts_values(ticket, actor, small.get("facts_form")),
        **team_values(ticket, actor, team_form),
        "links": links.links_of(ticket, actor),
        "parent": parent,
        "children": children,
        "devices": belongings.devices_of(ticket),
        "checklist": belongings.checklist_of(ticket),
        **_costs(ticket, actor, now, works=works),
        "work": belongings.work_of(ticket) if works else [],
        "panels": [
            panel
            for _at, maker in sorted(_makers.values(), key=lambda entry: entry[0])
            if (panel := maker(ticket, actor)) is not None
        ],
        **_shared(ticket, actor),
    }


def _shared(ticket: Ticket, actor: Actor) -> dict[str, Any]:
    """What both parts of the page need. ``may_more``: whether there is a place for what is seldom done."""
    works = queries.sees_internal(ticket, actor)
    return {
        "may_more": (works and ticket.phase != "closed") or bool(editing.editable_fields(ticket, actor)),
        "relation_kinds": RELATION_KINDS,
        "link_kinds": links.KINDS,
        "cost_kinds": belongings.COST_KINDS,
        "workflows": WORKFLOWS,
        "approval_next": url_for("tickets.detail", ticket_id=ticket.id),
    }


def _costs(ticket: Ticket, actor: Actor, now: datetime, *, works: bool) -> dict[str, Any]:
    costs = belongings.costs_of(ticket) if works else []
    states = cost_approval.states_of(costs)
    return {
        "costs": costs,
        "cost_states": states,
        "costs_open": sum(cost.amount for cost in costs if states.get(cost.id) not in cost_approval.SETTLED),
        "cost_approvals": approval_panel(cost_approval.SUBJECT, ticket.id, actor, now) if states else [],
    }


def _of_category(ticket: Ticket, actor: Actor) -> dict[str, Any]:
    if ticket.category == "change":
        window = (
            Span(ticket.window_start, ticket.window_end)
            if ticket.window_start and ticket.window_end and ticket.window_start < ticket.window_end
            else None
        )
        return {
            "risk_level": risk.level(ticket.details),
            "risk_score": risk.score(ticket.details),
            "risk_levels": risk.LEVELS,
            "conflicts": change_calendar.conflicts(ticket, window) if window else [],
            "blackouts": change_calendar.entries(
                ticket.client_id, ticket.site_id, window, change_calendar.BLACKOUT
            )
            if window
            else [],
        }
    if ticket.category == "data_request":
        return {
            "deliveries": deliveries.deliveries_of(ticket),
            "may_take": deliveries.may_take(ticket, actor),
        }
    return {}
