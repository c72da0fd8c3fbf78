"""Forms of teams, rules, the tester, the duty roster and absences."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired

from servicedesk.assignment import labels
from servicedesk.core.forms import Choice, Form, LocalTime, Text, options
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.sla.labels import CATEGORIES, PRIORITIES

WEEKDAYS = (
    _l("Monday"),
    _l("Tuesday"),
    _l("Wednesday"),
    _l("Thursday"),
    _l("Friday"),
    _l("Saturday"),
    _l("Sunday"),
)


class TeamForm(Form):
    name = Text(_l("Name"), max_length=100, validators=[DataRequired()])
    site_id = Choice(_l("Site"), description=_l("Left empty: the tickets of all sites."))
    members = SelectMultipleField(_l("Members"), coerce=int)
    leader_id = Choice(
        _l("Leader"), description=_l("Is told when the time of one of the team's tickets runs out.")
    )
    active = BooleanField(_l("The team can be given tickets"), default=True)


class RuleForm(Form):
    name = Text(_l("Name"), max_length=100, validators=[DataRequired()])
    site_id = Choice(_l("Site"))
    category = SelectField(_l("Category"))
    subtype = SelectField(_l("Kind of change"))
    device_class = SelectField(_l("Class of the device"))
    priority = Choice(_l("Priority"))
    duty = SelectField(_l("Duty roster"))
    action = SelectField(_l("Who gets it"))
    team_id = Choice(_l("Team"), description=_l("For what a team does, and for its duty roster."))
    user_id = Choice(_l("Person"), description=_l("For tickets that go to one person."))
    skill = SelectField(_l("Skill"), description=_l("For tickets that go by skill."))
    active = BooleanField(_l("The rule holds"), default=True)

    def offer_words(self) -> None:
        """What is the same for every client, in the reader's language."""
        all_of_them = ("", _("(all)"))
        self.category.choices = options([all_of_them, *CATEGORIES.items()])
        self.subtype.choices = options([all_of_them, *labels.SUBTYPES.items()])
        self.device_class.choices = options([all_of_them, *DEVICE_CLASSES.items()])
        self.duty.choices = options([("", _("(at any time)")), *labels.DUTY.items()])
        self.action.choices = options(labels.ACTIONS.items())
        self.skill.choices = options([("", _("(none)")), *labels.SKILLS.items()])
        self.priority.offer(
            [(number, f"P{number} {label}") for number, label in PRIORITIES.items()], empty=all_of_them[1]
        )


class TryForm(Form):
    """Who would get a ticket; a page that only reads, so without a token."""

    class Meta:
        csrf = False

    site = Choice(_l("Site"))
    category = SelectField(_l("Category"))
    subtype = SelectField(_l("Kind of change"))
    priority = Choice(_l("Priority"))
    device = Choice(_l("Device"))

    def offer_words(self) -> None:
        """As ``RuleForm.offer_words``."""
        self.category.choices = options(CATEGORIES.items())
        self.subtype.choices = options([("", _("(none)")), *labels.SUBTYPES.items()])
        self.priority.offer([(number, f"P{number} {label}") for number, label in PRIORITIES.items()])


class DutyForm(Form):
    """``user_id`` empty: nobody, on a single day alone."""

    user_id = Choice(_l("Who"))
    hours = Text(
        _l("Hours"),
        max_length=20,
        validators=[DataRequired()],
        description=_l("Like 08:30-17:30; 18:00-08:00 ends on the next day."),
    )


class WeeklyForm(DutyForm):
    weekdays = SelectMultipleField(_l("Weekdays"), coerce=int)


class SingleForm(DutyForm):
    day = Text(_l("Day"), max_length=10, validators=[DataRequired()], render_kw={"type": "date"})


class RosterFileForm(Form):
    file = FileField(
        _l("File"), description=_l("CSV with day, user name and hours; - as user name: nobody is on duty.")
    )


class AbsenceForm(Form):
    user_id = Choice(_l("Who is away"), validators=[DataRequired()])
    from_at = LocalTime(_l("From"), max_length=20, validators=[DataRequired()])
    until = LocalTime(_l("Until"), max_length=20, validators=[DataRequired()])
    substitute_id = Choice(
        _l("Who stands in"), description=_l("Gets what would be given to them; left empty: the rules go on.")
    )


def named(rows: Any) -> list[tuple[int, str]]:
    """Numbers and names for a choice of people or places."""
    return [(row.id, getattr(row, "display_name", None) or row.name) for row in rows]
