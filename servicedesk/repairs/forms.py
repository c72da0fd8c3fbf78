"""Forms of repairs."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from servicedesk.core.amounts import parse_price, parse_quantity
from servicedesk.core.forms import Choice, Day, Form, LocalTime, LongText, Text, options, read_by
from servicedesk.repairs.costs import KINDS


class RepairForm(Form):
    device_id = Choice(_l("Device"), validators=[DataRequired()], validate_choice=False)
    symptom = LongText(_l("What is broken"), validators=[DataRequired()])
    assignee_id = Choice(_l("Who repairs it"))
    supplier = Text(_l("Supplier"), description=_l("Who repairs it outside, or sends parts."))
    contract_id = Choice(_l("Under which contract"))
    down_from = LocalTime(_l("Down from"), max_length=20)
    down_until = LocalTime(_l("Down until"), max_length=20)
    diagnosis = LongText(_l("Diagnosis"))
    work_done = LongText(_l("What was done"))
    out_of_service = BooleanField(_l("The device is out of service: its life-cycle becomes “in repair”"))


class StepForm(Form):
    note = LongText(_l("Remark"), max_length=2000)
    device_too = BooleanField(_l("The device's life-cycle follows"))


class WorkForm(Form):
    minutes = IntegerField(_l("Minutes"), validators=[InputRequired(), NumberRange(1, 1440)])
    day = Day(_l("Day"), max_length=10, validators=[DataRequired()])
    note = Text(_l("Note"))


class CostForm(Form):
    kind = SelectField(_l("Kind"), choices=options(KINDS.items()), default="labour")
    description = Text(_l("Part or work"), validators=[DataRequired()])
    quantity = Text(
        _l("Quantity"), max_length=20, default="1", validators=[DataRequired(), read_by(parse_quantity)]
    )
    unit_price = Text(_l("Price"), max_length=20, validators=[DataRequired(), read_by(parse_price)])


class PartForm(Form):
    """A part out of stock; a page takes away what its kind does not need."""

    item_id = Choice(_l("Serial of the new part"), validators=[DataRequired()])
    place_id = Choice(_l("Taken from"), validators=[DataRequired()])
    quantity = IntegerField(_l("How many"), default=1, validators=[InputRequired(), NumberRange(1, 100_000)])
    unit_price = Text(_l("Price of one"), max_length=20, validators=[read_by(parse_price)])
    serial_old = Text(
        _l("Serial of the old part"), max_length=100, description=_l("It is kept as a faulty piece.")
    )
    old_place_id = Choice(_l("Where the old part is kept"))
