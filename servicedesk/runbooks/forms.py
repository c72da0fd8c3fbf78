"""Forms of runbooks."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired

from servicedesk.core.forms import Choice, Form, Text, options
from servicedesk.inspections.forms import WEEKDAYS


class ScheduleForm(Form):
    """When a runbook is followed, where and by whom."""

    key = SelectField(_l("Runbook"), validate_choice=False)
    site_id = Choice(_l("Site"), validators=[DataRequired()])
    device_id = Choice(_l("Device"))
    unit = SelectField(
        _l("How often"),
        choices=options(
            (
                ("week", _l("on weekdays")),
                ("day", _l("every so many days")),
                ("month", _l("every so many months")),
            )
        ),
    )
    every = IntegerField(
        _l("Every"),
        default=1,
        validators=[InputRequired()],
        description=_l("Days or months; not for weekdays."),
    )
    weekdays = SelectMultipleField(_l("Weekdays"), choices=options(WEEKDAYS), default=list("12345"))
    at = Text(_l("Time of day"), default="08:30", max_length=5, description=_l("In the site's time zone."))
    starts_on = DateField(_l("From"), validators=[InputRequired()])
    assignee_id = Choice(
        _l("Given to"), description=_l("Without a name the assignment rules and the duty roster decide.")
    )
    active = BooleanField(_l("Carried out on schedule"), default=True)
