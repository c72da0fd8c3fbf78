"""Pages of repairs: the list, one repair, its form, its sheet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from servicedesk.approvals.panel import panel as approval_panel
from servicedesk.core.actor import Actor
from servicedesk.core.clock import parse_time, utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError, InvalidError
from servicedesk.core.filters import datetime_in, datetime_text, duration
from servicedesk.core.forms import NONE_CHOSEN, whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.sheets import FORMATS, sheet_response
from servicedesk.core.web import day_arg, document, moment_of, search_text
from servicedesk.equipment.kinds import DEVICE_CLASSES, DEVICE_STATES
from servicedesk.equipment.models import Device
from servicedesk.equipment.queries import get_visible_device, visible_sites
from servicedesk.equipment.support_models import SupportContract
from servicedesk.repairs import costs, queries, service, sheet
from servicedesk.repairs.blueprint import bp
from servicedesk.repairs.forms import CostForm, RepairForm, StepForm, WorkForm
from servicedesk.repairs.models import Repair
from servicedesk.repairs.states import HISTORY, OVER, STATES, steps_from
from servicedesk.staff.queries import holder_names
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.queries import get_visible_ticket

ORDER = Order((Repair.id,), ("id",))


def reader() -> Actor:
    """Whoever may see any repair."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.REPAIR_VIEW):
        abort(404)
    return actor


def _chosen() -> queries.Chosen:
    args = request.args
    state, device_class = args.get("state", queries.OPEN), args.get("class", "")
    until = day_arg("until")
    return queries.Chosen(
        state=state if state in (*STATES, queries.ALL) else queries.OPEN,
        text=search_text(),
        device_class=device_class if device_class in DEVICE_CLASSES else "",
        site_id=whole_number(args.get("site")) or 0,
        supplier=args.get("supplier", "").strip()[:200],
        since=moment_of(day_arg("since")),
        until=moment_of(until + timedelta(days=1)) if until else None,
    )


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """Repairs, the newest first; those that are not over unless the address asks for others."""
    actor = reader()
    chosen = _chosen()
    return render_template(
        "repairs/index.html",
        page=paginate(queries.repair_rows(actor, chosen), ORDER, request.args.get("cursor", "")),
        chosen=chosen,
        states=STATES,
        classes=DEVICE_CLASSES,
        sites=visible_sites(actor, Permission.REPAIR_VIEW),
        cents=queries.cents,
        may_work=actor.allows_somewhere(Permission.REPAIR_WORK),
        may_limit=actor.allows_somewhere(Permission.APPROVAL_MANAGE),
    )


@bp.get("/export.<kind>")
@login_required
def export(kind: str) -> ResponseReturnValue:
    """The same list as a file, all of it."""
    actor = reader()
    if kind not in FORMATS:
        abort(404)
    heading = (
        _("Number"),
        _("State"),
        _("Device"),
        _("Class"),
        _("Site"),
        _("What is broken"),
        _("Supplier"),
        _("Ticket"),
        _("Opened"),
        _("Closed on"),
        _("Down for"),
        _("Cost"),
    )
    statement = queries.repair_rows(actor, _chosen()).order_by(Repair.id.desc())
    return sheet_response(kind, "repairs", heading, map(_cells, db.session.execute(statement)))


def _cells(row: Any) -> list[Any]:
    down = (row.down_until - row.down_from).total_seconds() if row.down_from and row.down_until else None
    return [
        row.number,
        str(STATES[row.state][0]),
        row.device_name,
        str(DEVICE_CLASSES[row.device_class]),
        row.site_name,
        row.symptom,
        row.supplier,
        row.ticket_number or "",
        datetime_text(row.created_at),
        datetime_text(row.closed_at) if row.closed_at else "",
        duration(down) if down is not None else "",
        float(queries.cents(row.cost)),
    ]


@bp.get("/<int:repair_id>")
@login_required
def detail(repair_id: int) -> ResponseReturnValue:
    """One repair."""
    return page(queries.get_visible_repair(repair_id, reader()))


def page(
    repair: Repair,
    *,
    step: str = "",
    step_form: StepForm | None = None,
    cost_form: CostForm | None = None,
    work_form: WorkForm | None = None,
) -> ResponseReturnValue:
    """The page of a repair; a form that is given was refused."""
    actor, now = current_actor(), utcnow()
    lines = costs.costs_of(repair)
    states = costs.states_of(lines)
    refused = step_form or cost_form or work_form
    works = repair.state not in OVER and actor.allows(
        Permission.REPAIR_WORK, repair.client_id, repair.site_id
    )
    events = queries.events_of(repair)
    today = datetime_in(now, ZoneInfo(repair.device.site.timezone))[:10]
    context = {
        "repair": repair,
        "states": STATES,
        "device_states": DEVICE_STATES,
        "history": HISTORY,
        "events": events,
        "work": queries.work_of(repair),
        "costs": lines,
        "cost_states": states,
        "cost_kinds": costs.KINDS,
        "settled": costs.SETTLED,
        "total": costs.total(lines),
        "open_sum": costs.total(costs.open_lines(lines)),
        "limit": costs.limit_of(repair.client_id),
        "approvals": approval_panel(costs.SUBJECT, repair.id, actor, now) if states else [],
        "approval_next": url_for("repairs.detail", repair_id=repair.id),
        "steps": steps_from(repair.state) if works else (),
        "failed": step,
        "step_form": step_form or StepForm(formdata=None),
        "cost_form": cost_form or CostForm(formdata=None),
        "work_form": work_form or WorkForm(formdata=None, data={"day": today}),
        "refused_cost": cost_form is not None,
        "refused_work": work_form is not None,
        "parts": queries.usable_parts(repair, actor) if works else [],
        "works": works,
        "may_retire": any(event.what == "give_up" for event in events)
        and repair.device.state not in ("retired", "disposed")
        and actor.allows(Permission.DEVICE_EDIT, repair.client_id, repair.device.site_id),
    }
    return render_template("repairs/detail.html", **context), 422 if refused else 200


@bp.route("/new", methods=["GET", "POST"])
@bp.route("/<int:repair_id>/edit", methods=["GET", "POST"])
@login_required
def form(repair_id: int | None = None) -> ResponseReturnValue:
    """Open a repair, from a ticket (``?ticket=``) or alone, or change what is written of one."""
    actor = reader()
    found = queries.get_visible_repair(repair_id, actor) if repair_id else None
    ticket = _ticket(actor) if found is None else None
    device = found.device if found is not None else _device(actor, ticket)
    page = RepairForm(obj=found)
    _offer(page, device, found, ticket)
    if found is not None:
        del page.device_id
        del page.out_of_service
    if page.validate_on_submit():
        try:
            if device is None:
                raise InvalidError(_("Choose the device."), "device_id")
            data = _data(page, ZoneInfo(device.site.timezone))
            with unit_of_work():
                if found is not None:
                    service.save_repair(found, data, actor=actor, now=utcnow())
                else:
                    down = bool(page.out_of_service.data)
                    found = service.open_repair(
                        device, data, ticket=ticket, out_of_service=down, actor=actor, now=utcnow()
                    )
        except DomainError as error:
            page.refuse(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("repairs.detail", repair_id=found.id))
    status = 422 if page.is_submitted() else 200
    context = {"form": page, "repair": repair_id and found, "device": device, "ticket": ticket}
    return render_template("repairs/form.html", **context), status


def _ticket(actor: Actor) -> Ticket | None:
    number = whole_number(request.args.get("ticket"))
    return get_visible_ticket(number, actor) if number else None


def _device(actor: Actor, ticket: Ticket | None) -> Device | None:
    """The one that is named in the form, else in the address, else the ticket's."""
    named = request.form.get("device_id") or request.args.get("device")
    number = whole_number(named) or (ticket.device_id if ticket is not None and not named else None)
    return get_visible_device(number, actor) if number else None


def _offer(page: RepairForm, device: Device | None, found: Repair | None, ticket: Ticket | None) -> None:
    page.device_id.offer([(device.id, device.name)] if device is not None else [], empty=NONE_CHOSEN)
    people, contracts = [], []
    if device is not None:
        people = holder_names(Permission.REPAIR_WORK, device.client_id, site_id=device.site_id)
        statement = sa.select(SupportContract.id, SupportContract.number, SupportContract.vendor)
        rows = db.session.execute(
            statement.where(SupportContract.client_id == device.client_id).order_by(
                SupportContract.ends_on.desc()
            )
        )
        contracts = [(row.id, f"{row.number} {row.vendor}") for row in rows]
    if found is not None and found.assignee is not None:
        people = [*people, (found.assignee.id, found.assignee.display_name)]
    page.assignee_id.offer(sorted(set(people), key=lambda one: one[1]), empty=NONE_CHOSEN)
    page.contract_id.offer(contracts, empty=NONE_CHOSEN)
    if page.is_submitted():
        return
    if found is not None:
        zone = ZoneInfo(found.device.site.timezone)
        for name in ("down_from", "down_until"):
            moment: datetime | None = getattr(found, name)
            page[name].data = datetime_in(moment, zone).replace(" ", "T") if moment else ""
        return
    page.device_id.data = device.id if device is not None else None
    if ticket is not None:
        page.symptom.data = "\n".join(filter(None, (ticket.title, ticket.description)))[: service.MAX_TEXT]
    actor = current_actor()
    page.assignee_id.data = actor.user_id if actor.user_id in dict(people) else None


def _data(page: RepairForm, zone: ZoneInfo) -> service.RepairData:
    values: dict[str, Any] = {name: getattr(page, name).data for name in service.FIELDS}
    for name in ("down_from", "down_until"):
        try:
            values[name] = parse_time(values[name], zone) if values[name] else None
        except ValueError:
            raise InvalidError(_("Give a day and a time."), name) from None
    values |= {name: values[name] or "" for name in ("symptom", "diagnosis", "work_done", "supplier")}
    return service.RepairData(**values)


@bp.get("/<int:repair_id>/sheet.pdf")
@login_required
def print_sheet(repair_id: int) -> ResponseReturnValue:
    """The repair on paper."""
    repair = queries.get_visible_repair(repair_id, reader())
    return document(sheet.pdf(repair), f"{repair.number}.pdf", shown=True)
