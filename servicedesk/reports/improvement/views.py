"""Pages of the improvement plan."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import login_required

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.current import current_actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import DomainError
from servicedesk.core.forms import whole_number
from servicedesk.core.paging import Order, paginate
from servicedesk.core.permissions import Permission
from servicedesk.core.sheets import FORMATS, sheet_response
from servicedesk.core.web import form_number
from servicedesk.equipment.models import Device
from servicedesk.equipment.panels import Panel
from servicedesk.equipment.queries import get_visible_device
from servicedesk.reports.deep import queries as reports
from servicedesk.reports.deep.content import Column
from servicedesk.reports.deep.presenting import Presenter
from servicedesk.reports.improvement import queries, service, ticketing, wording
from servicedesk.reports.improvement.forms import StepForm
from servicedesk.reports.improvement.models import Improvement
from servicedesk.reports.improvement.queries import Chosen
from servicedesk.reports.improvement.rules import RULES
from servicedesk.reports.improvement.states import EDITABLE, HISTORY, STATES, STEPS
from servicedesk.tickets.forms import PRIORITY_LABELS
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.queries import visible_clause as visible_tickets

bp = Blueprint("improvements", __name__, url_prefix="/reports/improvements")
ORDER = Order(
    (Improvement.priority, Improvement.due_on, Improvement.id), ("priority", "due_on", "id"), descending=False
)


def reader() -> Actor:
    """Whoever may see anything here."""
    actor = current_actor()
    if not actor.allows_somewhere(Permission.IMPROVEMENT_VIEW):
        abort(404)
    return actor


def _chosen(actor: Actor) -> Chosen:
    """What the address asks for."""
    args = request.args
    owner = actor.user_id if args.get("owner") == "me" else whole_number(args.get("owner"))
    return Chosen(
        state=args.get("state", queries.OPEN),
        priority=whole_number(args.get("priority")) or 0,
        owner_id=owner or 0,
        rule=args.get("rule", "") if args.get("rule", "") in (*RULES, queries.BY_HAND) else "",
        site_id=whole_number(args.get("site")) or 0,
        report_id=whole_number(args.get("report")) or 0,
    )


@bp.get("/")
@login_required
def index() -> ResponseReturnValue:
    """The plan, the most urgent first."""
    actor = reader()
    chosen = _chosen(actor)
    report = reports.get_visible_report(chosen.report_id, actor) if chosen.report_id else None
    edits = actor.allows_somewhere(Permission.IMPROVEMENT_EDIT)
    return render_template(
        "reports/improvements/index.html",
        page=paginate(queries.item_rows(actor, chosen), ORDER, request.args.get("cursor", "")),
        chosen=chosen,
        report=report,
        states=STATES,
        rules=RULES,
        sites=queries.site_choices(actor),
        owners=queries.owner_choices(actor),
        priorities=PRIORITY_LABELS,
        part=wording.part,
        today=utcnow().date(),
        bulk=[step for step in STEPS if step.bulk and actor.allows_somewhere(step.permission)],
        edits=edits,
    )


@bp.get("/export.<kind>")
@login_required
def export(kind: str) -> ResponseReturnValue:
    """The same list as a file, all of it."""
    actor = reader()
    if kind not in FORMATS:
        abort(404)
    statement = queries.item_rows(actor, _chosen(actor)).order_by(*ORDER.columns)
    heading = (
        _("Number"),
        _("What is to be done"),
        _("Reason"),
        _("Rule"),
        _("Client"),
        _("Site"),
        _("Devices"),
        _("Priority"),
        _("Owner"),
        _("Due on"),
        _("Expected effect"),
        _("Ticket"),
        _("State"),
        _("Half-year"),
    )
    rows = (_sheet_row(row) for row in db.session.execute(statement))
    return sheet_response(kind, "improvements", heading, rows)


def _sheet_row(row: Any) -> list[Any]:
    more = f" (+{row.device_count - 1})" if row.device_count > 1 else ""
    return [
        row.id,
        wording.part(row, "title"),
        wording.part(row, "reason"),
        str(RULES[row.rule]) if row.rule in RULES else _("Written by a person"),
        row.client_name,
        row.site_name or "",
        f"{row.device_name or ''}{more}",
        str(PRIORITY_LABELS[row.priority]),
        row.owner_name or "",
        row.due_on.isoformat(),
        wording.part(row, "effect"),
        row.ticket_number or "",
        str(STATES[row.state][0]),
        row.period,
    ]


@bp.get("/<int:improvement_id>")
@login_required
def detail(improvement_id: int) -> ResponseReturnValue:
    """One item with what it came from and what was done."""
    return _page(improvement_id)


def _page(improvement_id: int, form: StepForm | None = None, failed: str = "") -> ResponseReturnValue:
    actor = reader()
    item = queries.get_visible_item(improvement_id, actor)
    presenter = Presenter(item.report.timezone if item.report else "UTC")
    edits = service.may(item, Permission.IMPROVEMENT_EDIT, actor)
    sees_report = item.report is not None and actor.allows(
        Permission.INSPECTION_VIEW, item.report.client_id, item.report.site_id
    )
    page = render_template(
        "reports/improvements/item.html",
        item=item,
        part=wording.part,
        say=wording.say,
        cell=lambda one: presenter.cell(Column("", "", one["kind"]), one["value"]),  # type: ignore[arg-type]  # its label is not shown
        events=queries.history_of(item),
        history=HISTORY,
        states=STATES,
        rules=RULES,
        priorities=PRIORITY_LABELS,
        steps=service.steps_for(item, actor),
        form=form or StepForm(),
        failed=failed,
        edits=edits and item.state in EDITABLE,
        waits_for_other=item.state == "accepted" and item.accepted_by_id == actor.user_id,
        may_begin=ticketing.may_begin(item, actor),
        sees_report=sees_report,
        sees_ticket=item.ticket_id is not None and _sees(item.ticket_id, actor),
        today=utcnow().date(),
    )
    return (page, 422) if failed else (page, 200)


def _sees(ticket_id: int, actor: Actor) -> bool:
    found = db.session.query(Ticket.id).where(Ticket.id == ticket_id, visible_tickets(actor))
    return found.scalar() is not None


@bp.post("/<int:improvement_id>/steps/<key>")
@login_required
def step(improvement_id: int, key: str) -> ResponseReturnValue:
    """Take a step of the table."""
    actor = reader()
    queries.get_visible_item(improvement_id, actor)
    if key not in {one.key for one in STEPS if not one.hidden}:
        abort(404)
    form = StepForm()
    if not form.validate_on_submit():
        return _page(improvement_id, form, key)
    try:
        with unit_of_work():
            service.take(improvement_id, key, form.note.data or "", actor=actor, now=utcnow())
    except DomainError as error:
        form.refuse(error)
        return _page(improvement_id, form, key)
    flash(_("Saved."), "success")
    return redirect(url_for("improvements.detail", improvement_id=improvement_id))


@bp.post("/<int:improvement_id>/ticket")
@login_required
def ticket(improvement_id: int) -> ResponseReturnValue:
    """Make a ticket of an approved item."""
    actor = reader()
    queries.get_visible_item(improvement_id, actor)
    try:
        with unit_of_work():
            category = request.form.get("category", "")
            made = ticketing.make_ticket(improvement_id, category, actor=actor, now=utcnow())
            ticket_id = made.id
    except DomainError as error:
        flash(str(error), "error")
        return redirect(url_for("improvements.detail", improvement_id=improvement_id))
    return redirect(url_for("tickets.detail", ticket_id=ticket_id))


@bp.post("/bulk")
@login_required
def bulk() -> ResponseReturnValue:
    """Accept, approve or reject what was ticked."""
    actor = reader()
    numbers = [whole_number(text) or 0 for text in request.form.getlist("ids")[: service.MAX_BULK]]
    seen = queries.item_rows(actor, Chosen(queries.ALL)).where(Improvement.id.in_(numbers))
    ids = [row.id for row in db.session.execute(seen)]
    form = StepForm()
    try:
        if not form.validate_on_submit():
            flash(_("This text contains control characters. Please type it again."), "error")
        else:
            with unit_of_work():
                words = form.note.data or ""
                done, left = service.take_all(
                    ids, request.form.get("step", ""), words, actor=actor, now=utcnow()
                )
            flash(ngettext("%(num)s item changed.", "%(num)s items changed.", done), "success")
            if left:
                flash(
                    _("%(count)s items stay as they are: not in a fitting state, or not yours.", count=left),
                    "info",
                )
    except DomainError as error:
        flash(str(error), "error")
    return redirect(url_for("improvements.index", **_kept(request.form.get("kept", ""))))


def _kept(text: str) -> dict[str, Any]:
    """The filters of the list somebody came from."""
    pairs = (part.partition("=") for part in text[:500].split("&"))
    return {
        name: value
        for name, _equal, value in pairs
        if name in ("state", "priority", "rule", "site", "report")
    }


@bp.post("/<int:improvement_id>/devices")
@login_required
def add_device(improvement_id: int) -> ResponseReturnValue:
    """Say that the item is about a device, too."""
    actor = reader()
    queries.get_visible_item(improvement_id, actor)
    device = get_visible_device(form_number("device_id"), actor)
    try:
        with unit_of_work():
            service.add_device(
                improvement_id, db.session.get_one(Device, device.id), actor=actor, now=utcnow()
            )
    except DomainError as error:
        flash(str(error), "error")
    return redirect(url_for("improvements.detail", improvement_id=improvement_id))


@bp.post("/<int:improvement_id>/devices/<int:device_id>/remove")
@login_required
def remove_device(improvement_id: int, device_id: int) -> ResponseReturnValue:
    """Take a device off the item."""
    actor = reader()
    queries.get_visible_item(improvement_id, actor)
    try:
        with unit_of_work():
            service.remove_device(improvement_id, device_id, actor=actor, now=utcnow())
    except DomainError as error:
        flash(str(error), "error")
    return redirect(url_for("improvements.detail", improvement_id=improvement_id))


def ticket_panel(ticket: Ticket, actor: Actor) -> Panel | None:
    """On tickets: the items of the plan they were made of."""
    if not actor.allows_somewhere(Permission.IMPROVEMENT_VIEW):
        return None
    seen = queries.item_rows(actor, Chosen(queries.ALL)).where(Improvement.ticket_id == ticket.id)
    rows = db.session.execute(seen.order_by(Improvement.id)).all()
    if not rows:
        return None
    context = {"rows": rows, "part": wording.part, "states": STATES}
    return Panel("reports/improvements/_ticket.html", context)
