"""Forms of plans and signatures."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, Optional

from servicedesk.core.forms import Choice, Form, LongText, Text, options
from servicedesk.inspections.half_years import MONTHS

WEEKDAYS = (
    ("1", _l("Monday")),
    ("2", _l("Tuesday")),
    ("3", _l("Wednesday")),
    ("4", _l("Thursday")),
    ("5", _l("Friday")),
    ("6", _l("Saturday")),
    ("7", _l("Sunday")),
)


HALVES = (
    _l("January and July"),
    _l("February and August"),
    _l("March and September"),
    _l("April and October"),
    _l("May and November"),
    _l("June and December"),
)


class PlanForm(Form):
    name = Text(_l("Name"), validators=[DataRequired()])
    first_month = SelectField(
        _l("Half-years begin in"),
        coerce=int,
        choices=options(zip(MONTHS, HALVES, strict=True)),
        default=1,
        description=_l("As the contract counts them."),
    )
    opens_on = IntegerField(
        _l("Window from day"),
        default=1,
        validators=[InputRequired()],
        description=_l("Of the half-year; 1 is its first day."),
    )
    open_days = IntegerField(
        _l("Days of the window"),
        default=14,
        validators=[InputRequired()],
        description=_l("The inspection begins on the first of these days on which the plan works, once."),
    )
    site_id = Choice(_l("Site"), validators=[DataRequired()])
    active = BooleanField(_l("Carried out on schedule"), default=True)
    times = Text(
        _l("Times of day"), default="08:30", description=_l("In the site's time zone; several by commas.")
    )
    weekdays = SelectMultipleField(_l("Weekdays"), choices=options(WEEKDAYS), default=list("12345"))
    by_calendar = BooleanField(
        _l("On the working days of the site's calendar"),
        description=_l("With public holidays and make-up days; the weekdays do not count then."),
    )
    window_minutes = IntegerField(
        _l("Window in minutes"),
        default=120,
        validators=[InputRequired()],
        description=_l("An inspection that cannot begin within it is written down as missed."),
    )
    spread_minutes = IntegerField(
        _l("Spread the starts over so many minutes"),
        default=0,
        validators=[Optional()],
        description=_l("Each device has its own minute, the same every day. 0: all at once."),
    )
    retries = IntegerField(
        _l("Further tries"),
        default=2,
        validators=[InputRequired()],
        description=_l("When a device does not answer."),
    )
    retry_gap_minutes = IntegerField(_l("Minutes between tries"), default=5, validators=[InputRequired()])
    sample_percent = IntegerField(
        _l("Sample of the review, in percent"),
        default=2,
        validators=[InputRequired()],
        description=_l("Of the items that are not abnormal; abnormal ones are always looked at."),
    )
    sample_minimum = IntegerField(_l("At least so many items"), default=5, validators=[InputRequired()])
    all_devices = RadioField(
        _l("Devices"),
        choices=options(
            (("all", _l("All active devices of the site")), ("some", _l("Only those chosen below")))
        ),
        default="all",
    )
    device_ids = SelectMultipleField(_l("Chosen devices"), coerce=int)
    required = SelectMultipleField(
        _l("Required items"), description=_l("Each appears in the record of every device it applies to.")
    )


class NoteForm(Form):
    note = LongText(_l("Remark"), max_length=2000)
