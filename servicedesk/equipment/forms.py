"""Forms of devices, the ways to reach them, and credentials."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    IntegerField,
    PasswordField,
    SelectField,
    SelectMultipleField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from servicedesk.core.forms import Choice, Form, LongText, Text, no_control_characters, options, read_by
from servicedesk.equipment.credentials import AUTH_PROTOCOLS, PRIV_PROTOCOLS
from servicedesk.equipment.custom_fields import KINDS as FIELD_KINDS
from servicedesk.equipment.interfaces import KINDS as INTERFACE_KINDS
from servicedesk.equipment.kinds import CREDENTIAL_KINDS, DEVICE_CLASSES, DEVICE_STATES
from servicedesk.equipment.placing import FACES
from servicedesk.equipment.service import require_address
from servicedesk.equipment.support import KINDS as SUPPORT_KINDS

_VERSIONS = options((("2c", "v2c"), ("1", "v1")))
_PRIVACY = options((name, name or "—") for name in PRIV_PROTOCOLS)


class DeviceForm(Form):
    name = Text(_l("Name"), validators=[DataRequired()])
    device_class = SelectField(_l("Class"), choices=options(DEVICE_CLASSES.items()), default="server")
    state = SelectField(_l("Life-cycle"), choices=options(DEVICE_STATES.items()), default="active")
    site_id = Choice(_l("Site"), validators=[DataRequired()])
    room_id = Choice(_l("Room"))
    rack_id = Choice(_l("Rack"))
    rack_unit = IntegerField(_l("Lowest unit"), validators=[Optional(), NumberRange(1, 60)])
    height_u = IntegerField(_l("Height in units"), default=1, validators=[NumberRange(1, 60)])
    face = SelectField(_l("Face"), choices=options(FACES.items()), default="front")
    full_depth = BooleanField(_l("As deep as the rack"), default=True)
    address = Text(
        _l("Address"),
        max_length=253,
        validators=[read_by(require_address)],
        description=_l("IP address or host name."),
    )
    model_id = Choice(
        _l("Model of the catalogue"), description=_l("Vendor and model are then taken from there.")
    )
    vendor = Text(_l("Vendor"), max_length=100)
    model = Text(_l("Model"))
    serial = Text(_l("Serial number"), max_length=100)
    software_version = Text(_l("Software version"))
    asset_tag = Text(_l("Asset tag"), max_length=64)
    department_id = Choice(_l("Owner department"))
    responsible_id = Choice(_l("Responsible engineer"))
    standby_id = Choice(_l("Standby engineer"))
    warranty_until = DateField(_l("Warranty until"), validators=[Optional()])
    watched_interfaces = LongText(
        _l("Watched interfaces"),
        max_length=2000,
        description=_l("One pattern a line, such as GigabitEthernet0/0/*; empty: all that are switched on."),
    )
    notes = LongText(_l("Notes"))
    disposal_proof = Text(
        _l("Proof of disposal"),
        max_length=300,
        description=_l("Who took it and by what paper; needed to dispose of it."),
    )
    reason = Text(_l("Why it is changed"), max_length=300, description=_l("Goes into the history."))


class AccessForm(Form):
    protocol = SelectField(_l("Protocol"), choices=options([("snmp", "SNMP"), ("ssh", "SSH")]))
    port = IntegerField(
        _l("Port"), validators=[Optional(), NumberRange(1, 65535)], description=_l("Empty: 161 or 22.")
    )
    credential_id = Choice(_l("Credential"), validators=[DataRequired()])
    jump_host_id = Choice(
        _l("Through a jump host"), description=_l("For SSH alone: SNMP cannot go through a jump host.")
    )
    snmp_version = SelectField(_l("SNMP version of a community"), choices=_VERSIONS)
    legacy_crypto = BooleanField(
        _l("Allow outdated SSH algorithms"),
        description=_l("SHA-1 key exchange, ssh-rsa, CBC: only for old devices; every record says so."),
    )


class CredentialForm(Form):
    """All secret fields are write-only: a stored secret is never sent to a page."""

    client_id = Choice(_l("Client"), validators=[DataRequired()])
    name = Text(_l("Name"), validators=[DataRequired()], max_length=100)
    kind = SelectField(_l("Kind"), choices=options(CREDENTIAL_KINDS.items()))
    username = Text(_l("User name on the device"), max_length=100)
    community = PasswordField(_l("Community"), validators=[Length(max=255)])
    auth_protocol = SelectField(
        _l("Authentication protocol"), choices=options((p, p or "—") for p in AUTH_PROTOCOLS)
    )
    auth_key = PasswordField(_l("Authentication pass phrase"), validators=[Length(max=255)])
    priv_protocol = SelectField(_l("Privacy protocol"), choices=_PRIVACY)
    priv_key = PasswordField(_l("Privacy pass phrase"), validators=[Length(max=255)])
    password = PasswordField(_l("Password"), validators=[Length(max=255)])
    private_key = LongText(
        _l("Private key"),
        validators=[no_control_characters],
        description=_l("The text of the file, from -----BEGIN to END-----."),
    )
    passphrase = PasswordField(_l("Pass phrase of the key"), validators=[Length(max=255)])
    aaa_group = Text(
        _l("AAA group"),
        max_length=64,
        description=_l(
            "Accounts one authentication server checks: only a few devices of a group are visited at once."
        ),
    )
    enable_secret = PasswordField(_l("Enable secret"), validators=[Length(max=255)])
    known_to = SelectMultipleField(
        _l("Who else knows the secret"),
        coerce=int,
        description=_l("When one of them leaves, it is on the list of those to be changed."),
    )


class ImportForm(Form):
    client_id = Choice(_l("Client"), validators=[DataRequired()])
    file = FileField(_l("File"), description=_l("XLSX, or CSV in UTF-8 or GBK; at most 10,000 rows."))


class SupportContractForm(Form):
    client_id = Choice(_l("Client"), validators=[DataRequired()])
    kind = SelectField(_l("Kind"), choices=options(SUPPORT_KINDS.items()))
    vendor = Text(_l("Vendor"), validators=[DataRequired()])
    number = Text(_l("Number"), validators=[DataRequired()], max_length=64)
    title = Text(_l("What it is about"))
    contact = Text(_l("Whom to call"), description=_l("Telephone or address of the vendor's desk."))
    sla_text = LongText(_l("What the vendor promises"), max_length=5000)
    starts_on = DateField(_l("First day"), validators=[DataRequired()])
    ends_on = DateField(_l("Last day"), validators=[DataRequired()])
    warn_days = IntegerField(
        _l("Warn so many days ahead"), default=60, validators=[InputRequired(), NumberRange(0, 730)]
    )


class InterfaceForm(Form):
    name = Text(
        _l("Interface"),
        validators=[DataRequired()],
        max_length=100,
        description=_l("Gi0/0/1, or a range: Gi0/0/1-24."),
    )
    kind = SelectField(_l("Kind"), choices=options(INTERFACE_KINDS.items()))
    speed_mbps = IntegerField(_l("Speed in Mbit/s"), validators=[Optional(), NumberRange(1, 1_000_000)])


class CableForm(Form):
    other_name = Text(_l("Its interface"), validators=[DataRequired()], max_length=100)
    label = Text(_l("Label on the cable"), max_length=64)
    cable = Text(_l("Kind of cable"), max_length=64)


class CustomFieldForm(Form):
    client_id = Choice(_l("Client"), validators=[DataRequired()])
    name = Text(_l("Name"), validators=[DataRequired()], max_length=60)
    kind = SelectField(_l("Kind"), choices=options(FIELD_KINDS.items()))
    device_class = SelectField(
        _l("Class"), choices=options([("", _l("All classes")), *DEVICE_CLASSES.items()]), default=""
    )
    choice_lines = LongText(_l("Choices"), max_length=5000, description=_l("One a line."))
    position = IntegerField(_l("Place in the list"), default=0, validators=[Optional(), NumberRange(0, 1000)])
    required = BooleanField(_l("Must be filled in"))
    active = BooleanField(_l("In use"), default=True)


class RoomForm(Form):
    site_id = Choice(_l("Site"), validators=[DataRequired()])
    building = Text(
        _l("Building"), max_length=100, description=_l("Empty where the site has one building only.")
    )
    floor = Text(_l("Floor"), max_length=32)
    name = Text(_l("Room"), validators=[DataRequired()], max_length=100)
    grid_rows = IntegerField(_l("Rows of the plan"), default=4, validators=[NumberRange(1, 30)])
    grid_columns = IntegerField(_l("Columns of the plan"), default=8, validators=[NumberRange(1, 30)])


class RackForm(Form):
    name = Text(_l("Rack"), validators=[DataRequired()], max_length=100)
    height_u = IntegerField(_l("Height in units"), default=42, validators=[NumberRange(1, 60)])
    grid_row = IntegerField(_l("Row on the plan"), validators=[Optional(), NumberRange(1, 30)])
    grid_column = IntegerField(_l("Column on the plan"), validators=[Optional(), NumberRange(1, 30)])


class DeviceModelForm(Form):
    client_id = Choice(_l("Client"), validators=[DataRequired()])
    manufacturer = Text(_l("Manufacturer"), validators=[DataRequired()], max_length=100)
    name = Text(_l("Model"), validators=[DataRequired()])
    device_class = SelectField(_l("Class"), choices=options(DEVICE_CLASSES.items()), default="server")
    height_u = IntegerField(_l("Height in units"), default=1, validators=[NumberRange(1, 60)])
    full_depth = BooleanField(_l("As deep as the rack"), default=True)
    port_count = IntegerField(_l("Ports"), default=0, validators=[NumberRange(0, 10000)])
    end_of_sale_on = DateField(_l("End of sale"), validators=[Optional()])
    end_of_support_on = DateField(_l("End of support"), validators=[Optional()])
    end_of_life_on = DateField(_l("End of life"), validators=[Optional()])
    notes = LongText(_l("Notes"))
