"""Forms of tickets; the category's own fields are added from its table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired

from servicedesk.assignment.crew import with_absences
from servicedesk.core.clock import utcnow
from servicedesk.core.forms import Choice, Day, Form, LocalTime, LongText, Text, options
from servicedesk.core.permissions import Permission
from servicedesk.staff.queries import holder_names
from servicedesk.tickets import lists
from servicedesk.tickets.fields import YES, values_of
from servicedesk.tickets.models import ListEntry, Ticket
from servicedesk.tickets.workflow import TicketField, Transition, Workflow
from servicedesk.tickets.workflows import WORKFLOWS

IMPACTS = (("1", _l("Many people or a whole service")), ("2", _l("A group")), ("3", _l("One person")))
URGENCIES = (("1", _l("Work stands still")), ("2", _l("Work is hindered")), ("3", _l("It can wait")))
SATISFACTION = (
    ("5", _l("★★★★★ Very satisfied")),
    ("4", _l("★★★★☆ Satisfied")),
    ("3", _l("★★★☆☆ Neither")),
    ("2", _l("★★☆☆☆ Dissatisfied")),
    ("1", _l("★☆☆☆☆ Very dissatisfied")),
)
PRIORITY_LABELS = {
    1: _l("Critical"),
    2: _l("High"),
    3: _l("Medium"),
    4: _l("Low"),
    5: _l("Planning"),
}
CATEGORY_DOORS = {
    "fault": (
        _l("Something is broken"),
        _l("A computer, printer, network or system does not work."),
        "tools",
    ),
    "general": (_l("I need help"), _l("A question, a small service, somebody to assist."), "life-preserver"),
    "data_request": (
        _l("I need data"),
        _l("A report or an extract; the data owner approves it first."),
        "database",
    ),
    "change": (
        _l("I need a change"),
        _l("Install, move, open or reconfigure something."),
        "arrow-left-right",
    ),
}


class NewTicketForm(Form):
    title = Text(
        _l("In a few words"),
        validators=[DataRequired()],
        description=_l("For example: printer in room 302 jams."),
    )
    description = LongText(_l("What happens, since when, what did you try?"))
    requester = Text(
        _l("Who called?"),
        max_length=254,
        description=_l("User name, badge number, e-mail or full name. Empty: it is your own."),
    )
    client_id = Choice(_l("Client"))
    site_id = Choice(_l("Site"))
    device_id = Choice(_l("Device"))
    impact = SelectField(_l("Who is affected"), choices=options(IMPACTS), default="3")
    urgency = SelectField(_l("How urgent"), choices=options(URGENCIES), default="2")
    files = MultipleFileField(_l("Photos and files"))


def detail_field(item: TicketField, offered: Sequence[ListEntry] = ()) -> Any:
    """The form field of a category's field. What must be filled in, and whether it fits, the service says."""
    match item.kind:
        case "choice":
            rows = [("", _l("(choose)")), *item.choices]
            return SelectField(item.label, choices=options(rows), description=item.help)
        case "listed":
            named = [(str(entry.id), lists.name_in(entry)) for entry in offered]
            return SelectField(item.label, choices=options([("", _l("(choose)")), *named]))
        case "flag":
            return BooleanField(item.label, description=item.help)
        case "time":
            return LocalTime(item.label, description=item.help, max_length=20)
        case "date":
            return Day(item.label, description=item.help, max_length=20)
        case "long":
            return LongText(item.label, description=item.help, max_length=item.max_length)
    return Text(item.label, description=item.help, max_length=min(item.max_length, 300))


def detail_values(form: Form, items: Iterable[TicketField]) -> dict[str, str]:
    """What was typed into the fields of a category, as text by name."""
    typed = {item.name: form[f"detail_{item.name}"].data for item in items}
    return {name: YES if value is True else value or "" for name, value in typed.items()}


def new_ticket_form(workflow: Workflow, more: Iterable[TicketField] = ()) -> NewTicketForm:
    """The form of one category: what is asked at the beginning, and ``more`` that its service asks."""
    items = (*workflow.early_fields, *more)
    made = {f"detail_{item.name}": _marked(item, detail_field(item)) for item in items}
    form: NewTicketForm = type("CategoryForm", (NewTicketForm,), made)()
    return form


def _marked(item: TicketField, field: Any) -> Any:
    """With the sign of what must be filled in where that holds in any case."""
    if item.required and item.when is None:
        field.kwargs["validators"] = [*field.kwargs.get("validators", ()), DataRequired()]
    return field


def transition_form(ticket: Ticket, arrow: Transition, *, submitted: bool) -> TransitionForm:
    """The form of one arrow: what it asks for, with what the ticket has already.

    Args:
        submitted: read the request; else only the ticket.
    """
    workflow = WORKFLOWS[ticket.category]
    items = [workflow.by_field[name] for name in arrow.inputs if name in workflow.by_field]
    form: TransitionForm = _made("ArrowForm", TransitionForm, ticket, items, submitted)
    form.version.data = str(ticket.version)  # also after a refusal: the page shows the ticket anew
    if "assignee" in arrow.inputs:
        people = holder_names(Permission.TICKET_WORK, ticket.client_id, site_id=ticket.site_id)
        form.assignee_id.offer(with_absences(people, utcnow()), empty=_l("(choose)"))
    else:
        form.assignee_id.offer([], empty="")
    number_form(form, arrow.name)
    return form


def fields_form(ticket: Ticket, names: Iterable[str], *, submitted: bool) -> FieldsForm:
    """The form of the fields that are open now."""
    workflow = WORKFLOWS[ticket.category]
    items = [workflow.by_field[name] for name in names]
    form: FieldsForm = _made("OpenFields", FieldsForm, ticket, items, submitted)
    form.version.data = str(ticket.version)
    number_form(form, "fields")
    return form


def _made(name: str, base: type[Form], ticket: Ticket, items: list[TicketField], submitted: bool) -> Any:
    workflow = WORKFLOWS[ticket.category]
    kept = {item.name: getattr(ticket, item.column) for item in items if item.kind == "listed"}
    names = {item.listed for item in items if item.kind == "listed"}
    chosen = [number for number in kept.values() if number is not None]
    offered = lists.entries(names, ticket.client_id, keep=chosen) if names else {}
    made = {f"detail_{i.name}": detail_field(i, offered.get(i.listed, ())) for i in items}
    values = values_of(ticket, workflow)
    data = {f"detail_{i.name}": values[i.name] == YES if i.kind == "flag" else values[i.name] for i in items}
    kind = type(name, (base,), made)
    return kind(data=data) if submitted else kind(formdata=None, data=data)


def number_form(form: Form, prefix: str) -> None:
    """Several forms stand on one page: each field gets an id of its own."""
    for field in form:
        field.id = f"{prefix}-{field.id}"
        field.label.field_id = field.id


class CommentForm(Form):
    text = LongText(_l("Write to the others"))
    internal = BooleanField(_l("Internal note: the requester does not see it"))
    files = MultipleFileField(_l("Photos and files"))


class TransitionForm(Form):
    """All that any arrow may ask for; the page shows only what this one does."""

    version = HiddenField()
    reason = LongText(_l("Reason or message"))
    resolution = LongText(_l("What was done"))
    assignee_id = Choice(_l("To whom"))
    rating = RadioField(_l("How satisfied are you?"), choices=options(SATISFACTION))
    rating_comment = LongText(_l("Anything to add?"))


class FieldsForm(Form):
    """The category's open fields are added from its table."""

    version = HiddenField()
