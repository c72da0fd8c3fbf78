"""Forms of software, licences and their seats."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import BooleanField, DateField, IntegerField, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from servicedesk.core.forms import Choice, Form, LongText, Text, options
from servicedesk.equipment.software.licences import MAX_KEY, MAX_QUANTITY
from servicedesk.equipment.software.words import LICENCE_KINDS, PRODUCT_KINDS


class ProductForm(Form):
    client_id = Choice(_l("Client"), validators=[DataRequired()])
    name = Text(_l("Product"), validators=[DataRequired()], description=_l("Without its version."))
    maker = Text(_l("Maker"), max_length=100)
    kind = SelectField(_l("Kind"), choices=options(PRODUCT_KINDS.items()), default="application")
    notes = LongText(_l("Notes"), max_length=5000)


class InstallForm(Form):
    device_id = Choice(_l("Device"), validators=[DataRequired()], validate_choice=False)
    version = Text(_l("Version"))
    installed_on = DateField(_l("Installed on"), validators=[Optional()])


class LicenceForm(Form):
    product_id = Choice(_l("Product"), validators=[DataRequired()], validate_choice=False)
    number = Text(
        _l("Number or name"), validators=[DataRequired()], max_length=100, description=_l("As on the paper.")
    )
    kind = SelectField(_l("Kind"), choices=options(LICENCE_KINDS.items()))
    quantity = IntegerField(
        _l("How many were bought"),
        validators=[Optional(), NumberRange(0, MAX_QUANTITY)],
        description=_l("Site licences and free software are not counted."),
    )
    over_reason = Text(
        _l("Why fewer are enough than are in use"),
        max_length=300,
        description=_l("Only if more are in use than were bought. It stays visible."),
    )
    bought_on = DateField(_l("Bought on"), validators=[Optional()])
    price = Text(lazy_pgettext("licence", "Price"), max_length=20)
    supplier = Text(_l("Supplier"))
    contract_id = Choice(_l("Vendor contract"), validate_choice=False)
    document_id = Choice(_l("Technical document"), validate_choice=False)
    starts_on = DateField(_l("Valid from"), validators=[Optional()])
    ends_on = DateField(_l("Valid until"), validators=[Optional()], description=_l("Empty: it never ends."))
    maintenance_until = DateField(
        _l("Maintenance until"), validators=[Optional()], description=_l("New versions and support.")
    )
    warn_days = IntegerField(
        _l("Warn so many days ahead"), default=90, validators=[InputRequired(), NumberRange(0, 730)]
    )
    notes = LongText(_l("Notes"), max_length=5000)


class KeyForm(Form):
    """Write-only: a stored key is never sent into a form."""

    key = LongText(_l("Licence key"), max_length=MAX_KEY)


class SeatForm(Form):
    device_id = Choice(_l("Device"), validate_choice=False)
    user_id = Choice(_l("Person with an account"), validate_choice=False)
    holder = Text(_l("Or a person by name"))
    quantity = IntegerField(
        _l("How many"), default=1, validators=[InputRequired(), NumberRange(1, MAX_QUANTITY)]
    )
    known = BooleanField(_l("We know that more are used than were bought"))
    over_reason = Text(_l("Why"), max_length=300)
