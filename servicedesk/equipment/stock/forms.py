"""Forms of parts, places and bookings."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from servicedesk.core.forms import Choice, Form, LongText, Text
from servicedesk.equipment.stock.booking import MAX_QUANTITY
from servicedesk.equipment.stock.catalogue import MAX_MINIMUM


class PartForm(Form):
    client_id = Choice(_l("Client"), validators=[DataRequired()])
    name = Text(_l("Part"), validators=[DataRequired()], description=_l("For example: hard disk 1.2 TB SAS."))
    manufacturer = Text(_l("Manufacturer"), max_length=100)
    part_number = Text(_l("Part number"), max_length=100)
    unit = Text(_l("Unit"), max_length=16, description=_l("Piece, metre, box …"))
    minimum = IntegerField(
        _l("At least in stock"),
        default=0,
        validators=[InputRequired(), NumberRange(0, MAX_MINIMUM)],
        description=_l("With fewer at all places together, those who order are told. 0: nobody is."),
    )
    serialised = BooleanField(_l("Every piece has a serial and is followed one by one"))
    active = BooleanField(_l("Kept in stock"), default=True)
    model_ids = SelectMultipleField(_l("Fits these models"), coerce=int, validators=[Optional()])
    notes = LongText(_l("Notes"), max_length=5000)


class PlaceForm(Form):
    site_id = Choice(_l("Site"), validators=[DataRequired()])
    name = Text(_l("Place"), validators=[DataRequired()], max_length=100, description=_l("Shelf, cabinet …"))
    room_id = Choice(_l("Room"))
    active = BooleanField(_l("In use"), default=True)


class BookingForm(Form):
    """Counted pieces, or new ones with serials; a page takes away the fields it does not ask for."""

    place_id = Choice(_l("Place"), validators=[DataRequired()])
    to_place_id = Choice(_l("To which place"), validators=[DataRequired()])
    quantity = IntegerField(_l("How many"), validators=[InputRequired(), NumberRange(0, MAX_QUANTITY)])
    serials = LongText(
        _l("Serials"), validators=[DataRequired()], max_length=25000, description=_l("One a line.")
    )
    device_id = Choice(_l("For which device"), validate_choice=False)
    reason = Text(_l("Why"), max_length=300)
    document = Text(
        _l("Document"), max_length=100, description=_l("Number of the delivery note, order or ticket.")
    )


class ItemForm(Form):
    """What becomes of one piece."""

    target = SelectField(_l("What becomes of it"))
    place_id = Choice(_l("Where it lies then"))
    device_id = Choice(_l("In which device"), validate_choice=False)
    reason = Text(_l("Why"), max_length=300)
    document = Text(_l("Document"), max_length=100)
