"""Forms of calendars, promises and the tester."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from servicedesk.core.forms import Choice, Form, LongText, Text, options
from servicedesk.sla.escalation import MARKS
from servicedesk.sla.promises import MAX_MINUTES

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LENGTH = NumberRange(min=1, max=MAX_MINUTES)


class CalendarForm(Form):
    client_id = Choice(_l("Client"), validators=[DataRequired()])
    name = Text(_l("Name"), max_length=100, validators=[DataRequired()])
    timezone = Text(_l("Time zone"), max_length=64, default="Asia/Shanghai", validators=[DataRequired()])
    always = BooleanField(_l("Round the clock, on all days"))
    monday = Text(_l("Monday"), max_length=200)
    tuesday = Text(_l("Tuesday"), max_length=200)
    wednesday = Text(_l("Wednesday"), max_length=200)
    thursday = Text(_l("Thursday"), max_length=200)
    friday = Text(_l("Friday"), max_length=200)
    saturday = Text(_l("Saturday"), max_length=200)
    sunday = Text(_l("Sunday"), max_length=200)
    days = LongText(
        _l("Single days"),
        max_length=100000,
        description=_l("A line a day: 2026-10-01 - is a holiday, 2026-10-10 08:30-12:00 is worked."),
    )
    version = HiddenField()


class OfficialForm(Form):
    year = SelectField(_l("Year"))


class ImportForm(Form):
    file = FileField(_l("File"), description=_l("TOML, CSV with date, kind and name, or iCalendar (.ics)."))


class PolicyForm(Form):
    calendar_id = Choice(_l("Working calendar"), validators=[DataRequired()])
    response_minutes = IntegerField(_l("Response time in minutes"), validators=[InputRequired(), _LENGTH])
    restore_minutes = IntegerField(
        _l("Restore time in minutes"),
        validators=[Optional(), _LENGTH],
        description=_l("Left empty: not promised. Faults and general tickets alone have one."),
    )
    site_id = Choice(_l("Site"))
    contract_id = Choice(_l("Contract"), description=_l("Holds while the contract is in force."))
    category = SelectField(_l("Category"))
    priority = Choice(_l("Priority"))
    marks = SelectMultipleField(
        _l("Tell at"),
        coerce=int,
        choices=options((mark, f"{mark} %") for mark in MARKS if mark < 100),
        description=_l("Percent of the time; that it is over is always told."),
    )


class TryForm(Form):
    """What would hold for a ticket; a page that only reads, so without a token."""

    class Meta:
        csrf = False

    client = Choice(_l("Client"))
    site = Choice(_l("Site"))
    category = SelectField(_l("Category"))
    priority = Choice(_l("Priority"))
