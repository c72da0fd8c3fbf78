"""The form of a plan."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import DateField, IntegerField, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from servicedesk.core.forms import Choice, Form, LongText, Text, options
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.maintenance.rhythm import MOST
from servicedesk.maintenance.service import CATEGORIES, GROUPINGS, MAX_LEAD, MAX_WINDOW, SCOPES
from servicedesk.tickets.workflows import WORKFLOWS

UNIT_LABELS = {
    "day": _l("Days"),
    "week": lazy_pgettext("maintenance", "Weeks"),
    "month": _l("Months"),
    "dates": _l("Fixed dates of each year"),
}


class PlanForm(Form):
    site_id = Choice(_l("Site"), validators=[DataRequired()])
    title = Text(_l("Title"), max_length=160, validators=[DataRequired()])
    description = LongText(lazy_pgettext("maintenance", "What is to be done"), max_length=10_000)
    scope = SelectField(_l("For what"), choices=options(SCOPES.items()))
    device_id = Choice(_l("Device"), validate_choice=False)
    device_class = SelectField(_l("Class"), choices=options([("", "—"), *DEVICE_CLASSES.items()]))
    model_id = Choice(_l("Model"))
    contract_id = Choice(_l("Vendor contract"))
    unit = SelectField(_l("Rhythm"), choices=options(UNIT_LABELS.items()), default="month")
    every = IntegerField(_l("Every so many"), default=1, validators=[InputRequired(), NumberRange(1, MOST)])
    dates = Text(_l("Dates"), description=_l("Month and day of each, such as 03-15 09-15."))
    starts_on = DateField(_l("First day"), validators=[DataRequired()])
    lead_days = IntegerField(
        _l("Open the ticket so many days before"),
        default=3,
        validators=[InputRequired(), NumberRange(0, MAX_LEAD)],
    )
    window_days = IntegerField(
        _l("Done within so many working days"),
        default=5,
        validators=[InputRequired(), NumberRange(1, MAX_WINDOW)],
        description=_l("From the due day on, by the site's working calendar."),
    )
    checklist = LongText(_l("Checklist"), max_length=10_000, description=_l("One a line."))
    runbook_key = SelectField(_l("Runbook"))
    category = SelectField(
        _l("Category"), choices=options((name, WORKFLOWS[name].label) for name in CATEGORIES)
    )
    grouping = SelectField(_l("Tickets"), choices=options(GROUPINGS.items()))
    team_id = Choice(_l("Team"))
