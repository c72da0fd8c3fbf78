"""Forms of prefixes and addresses."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import IntegerField, SelectField
from wtforms.validators import DataRequired, NumberRange, Optional

from servicedesk.core.forms import Choice, Form, Text, options
from servicedesk.equipment.addressing.prefixes import ROLES
from servicedesk.equipment.addressing.service import STATES


class PrefixForm(Form):
    client_id = Choice(_l("Client"), validators=[DataRequired()])
    prefix = Text(
        _l("Prefix"),
        validators=[DataRequired()],
        max_length=80,
        description=_l("192.0.2.0/24 or 2001:db8::/64"),
    )
    vrf = Text(_l("VRF"), max_length=64, description=_l("Empty where the client has but one routing table."))
    site_id = Choice(_l("Site"))
    role = SelectField(_l("Role"), choices=options(ROLES.items()))
    vlan_id = IntegerField(_l("VLAN number"), validators=[Optional(), NumberRange(1, 4094)])
    vlan_name = Text(_l("VLAN name"), max_length=64)
    gateway = Text(_l("Gateway"), max_length=80)
    description = Text(_l("Description"), max_length=300)


class AddressForm(Form):
    client_id = Choice(_l("Client"), validators=[DataRequired()])
    address = Text(_l("Address"), validators=[DataRequired()], max_length=80)
    vrf = Text(_l("VRF"), max_length=64)
    state = SelectField(_l("State"), choices=options(STATES.items()), default="active")
    dns_name = Text(_l("DNS name"), max_length=253)
    description = Text(_l("Description"), max_length=300)
    device_id = Choice(_l("Device"), validate_choice=False)
    interface = Text(_l("Interface"), max_length=100, description=_l("As it is recorded on the device."))


class NetworkFileForm(Form):
    client_id = Choice(_l("Client"), validators=[DataRequired()])
    what = SelectField(
        _l("What the rows are"),
        choices=options([("prefixes", _l("Prefixes")), ("addresses", _l("Addresses"))]),
    )
    file = FileField(_l("File"), description=_l("XLSX, or CSV in UTF-8 or GBK; at most 10,000 rows."))
