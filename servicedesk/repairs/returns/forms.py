"""Forms of returns."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, SelectField
from wtforms.validators import DataRequired

from servicedesk.core.forms import Choice, Form, LongText, Text, options
from servicedesk.repairs.returns.words import OUTCOMES


class ReturnForm(Form):
    supplier = Text(_l("Supplier"), validators=[DataRequired()])
    rma_number = Text(_l("RMA number"), max_length=100, description=_l("The supplier's number."))
    contract_id = Choice(_l("Under which contract"))
    warranty = BooleanField(_l("Under warranty"))
    reason = LongText(_l("What is broken"), validators=[DataRequired()], max_length=5000)
    sent_on = DateField(_l("Sent on"), validators=[DataRequired()])
    expected_on = DateField(_l("Expected back on"), validators=[DataRequired()])
    carrier = Text(_l("Carrier"), max_length=100)
    tracking = Text(_l("Tracking number"), max_length=100)


class ArrivalForm(Form):
    outcome = SelectField(_l("Outcome"), choices=options((name, one.label) for name, one in OUTCOMES.items()))
    received_on = DateField(_l("Received on"), validators=[DataRequired()])
    new_serial = Text(_l("Serial of what came instead"), max_length=100)
    place_id = Choice(_l("Where it lies now"))
    credit = Text(_l("Credited amount"), max_length=20)
    in_service = BooleanField(_l("The device serves again"))
    note = LongText(_l("Remark"), max_length=5000)
