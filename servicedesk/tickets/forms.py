"""Forms of tickets; the category's own fields are added from its table."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired

from servicedesk.core.forms import Choice, Form, LongText, Text, options
from servicedesk.tickets.workflow import TicketField, Workflow

IMPACTS = (("1", _l("Many people or a whole service")), ("2", _l("A group")), ("3", _l("One person")))
URGENCIES = (("1", _l("Work stands still")), ("2", _l("Work is hindered")), ("3", _l("It can wait")))
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
    client_id = Choice(_l("Client"))
    site_id = Choice(_l("Site"))
    device_id = Choice(_l("Device"))
    impact = SelectField(_l("Who is affected"), choices=options(IMPACTS), default="3")
    urgency = SelectField(_l("How urgent"), choices=options(URGENCIES), default="2")
    files = MultipleFileField(_l("Photos and files"))


def detail_field(item: TicketField) -> Any:
    """The form field of a category's field."""
    checks = [DataRequired()] if item.required else []
    if item.kind == "choice":
        return SelectField(
            item.label, choices=options([("", _l("(choose)")), *item.choices]), validators=checks
        )
    if item.kind == "long":
        return LongText(item.label, description=item.help, max_length=item.max_length, validators=checks)
    return Text(item.label, description=item.help, max_length=min(item.max_length, 300), validators=checks)


def new_ticket_form(workflow: Workflow) -> NewTicketForm:
    """The form of one category."""
    fields = {f"detail_{item.name}": detail_field(item) for item in workflow.fields}
    made: NewTicketForm = type("CategoryForm", (NewTicketForm,), fields)()
    return made


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
    rating = RadioField(
        _l("How satisfied are you?"), choices=options((str(n), str(n)) for n in (5, 4, 3, 2, 1))
    )
    rating_comment = LongText(_l("Anything to add?"))
