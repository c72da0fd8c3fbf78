"""Forms of the improvement plan."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField, HiddenField, SelectField
from wtforms.validators import DataRequired

from servicedesk.core.forms import Choice, Form, LongText, Text, options
from servicedesk.tickets.forms import PRIORITY_LABELS


class ItemForm(Form):
    """An item of the plan."""

    title = Text(_l("What is to be done"), validators=[DataRequired()])
    reason = LongText(_l("Reason"), max_length=4000, validators=[DataRequired()])
    effect = LongText(_l("Expected effect"), max_length=4000)
    priority = SelectField(_l("Priority"), coerce=int)
    due_on = DateField(_l("Due on"), validators=[DataRequired()])
    owner_id = Choice(_l("Owner"))
    version = HiddenField()


class NewItemForm(ItemForm):
    """An item nobody proposed: it needs a place."""

    place = SelectField(_l("Client or site"), validators=[DataRequired()])


class StepForm(Form):
    """A note to a step."""

    note = LongText(_l("Remark"), max_length=2000)


def with_priorities(form: ItemForm) -> None:
    """Offer the priorities that tickets have."""
    form.priority.choices = options(list(PRIORITY_LABELS.items()))
