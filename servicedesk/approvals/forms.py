"""Forms of approvals. What one may decide is offered by the panel; the service checks it again."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import DateField
from wtforms.validators import DataRequired, InputRequired

from servicedesk.approvals.service import MAX_REASON
from servicedesk.core.forms import Choice, Form, LongText, Text


class DecisionForm(Form):
    """``decision`` is the button pressed; ``send_to`` an earlier step, counted from 0."""

    seat_id = Choice(validators=[DataRequired()], validate_choice=False)
    decision = Text(max_length=16)
    send_to = Text(max_length=4)
    reason = LongText(_l("Reason"), max_length=MAX_REASON)


class WithdrawForm(Form):
    reason = LongText(_l("Reason"), max_length=MAX_REASON)


class HandOnForm(Form):
    """Hand a seat on, or ask for one more signature."""

    seat_id = Choice(validators=[DataRequired()], validate_choice=False)
    user_id = Choice(_l("Person"), validators=[DataRequired()])
    reason = Text(_l("Reason"), max_length=500)


class StandInForm(Form):
    to_user_id = Choice(_l("Who stands in"), validators=[DataRequired()])
    starts_on = DateField(_l("First day"), validators=[InputRequired()])
    until = DateField(_l("Last day"), validators=[InputRequired()])
    client_id = Choice(_l("Client"))
    reason = Text(_l("Reason"), max_length=500, description=_l("For example leave or a business trip."))


class DefinitionForm(Form):
    """The steps are posted beside these; see ``editor``."""

    key = Text(
        _l("Key"), max_length=64, description=_l("By which requests find it; it cannot be changed later.")
    )
    client_id = Choice(_l("Client"))
    title_en = Text(_l("English title"), max_length=120)
    title_zh = Text(_l("Chinese title"), max_length=120)
    active = Choice(_l("New requests"))
