"""The form of an own check."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, FloatField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, Optional

from collectors.own import command_lines
from collectors.web import METHODS
from servicedesk.core.forms import Choice, Form, LongText, Text, options

KINDS = {
    "oid": _l("OID over SNMP"),
    "command": _l("Command over SSH"),
    "web": _l("Web address"),
    "newest": _l("Newest file over SSH"),
}
VERIFYING = {
    "system": _l("must be trusted by the system's authorities"),
    "ca": _l("must be trusted by the authority given here"),
    "no": _l("is not verified, and every record says so"),
}
DIRECTIONS = {"upper": _l("at or above the level"), "lower": _l("at or below the level")}


class OwnCheckForm(Form):
    title = Text(_l("Name"), max_length=100, validators=[DataRequired()])
    active = BooleanField(_l("Carried out in every inspection"), default=True)
    kind = SelectField(_l("Kind"), choices=options(KINDS.items()))
    question = Text(
        _l("Command, OID, web address or files"),
        validators=[DataRequired()],
        description=_l(
            "A whole command that only reads, such as “display ntp status”, “systemctl is-active nginx” or"
            " “Get-Service W32Time”;"
            " or an OID in numbers, of one value or of a table's column; or an address such as"
            " https://{address}:8443/health, in which {address} is the device's own; or files such as"
            " /backup/db/*.dmp, whose newest must not be too old."
        ),
    )
    dialects = SelectMultipleField(
        _l("Command lines"),
        choices=options((name, name) for name in command_lines()),
        description=_l("Of which devices the command is asked. Each allows its own reading commands."),
    )
    names_oid = Text(
        _l("OID of the names"), description=_l("A column that names the rows; else their index does.")
    )
    pattern = Text(
        _l("Pattern"),
        max_length=300,
        description=_l(
            "For a command: each line it fits is one item; the group value is taken, and the group item is"
            " its name. For an OID only where the value stands within a text."
        ),
    )
    unit = Text(_l("Unit"), max_length=16)
    scale = FloatField(
        _l("Factor"),
        default=1.0,
        validators=[InputRequired()],
        description=_l("The value is multiplied by it: 0.1 makes 235 to 23.5."),
    )
    states = LongText(
        _l("States"),
        max_length=5000,
        description=_l("For words or numbers that are states; a line for each: synchronized = ok"),
    )
    direction = SelectField(_l("Abnormal when"), choices=options(DIRECTIONS.items()))
    warning = FloatField(_l("Warning"), validators=[Optional()])
    critical = FloatField(_l("Critical"), validators=[Optional()])
    applies_to = LongText(
        _l("Applies to"),
        max_length=5000,
        default="*",
        description=_l("Names, models or platforms of devices, one a line; * stands for anything."),
    )
    web_status = Text(_l("Expected status"), default="200", description=_l("Such as 200 or 200-299,401."))
    web_text = Text(
        _l("Expected text"),
        max_length=300,
        description=_l("A pattern that the answer must hold; empty for none."),
    )
    web_method = SelectField(_l("Method"), choices=options((name, name) for name in METHODS), default="GET")
    web_verify = SelectField(_l("Certificate"), choices=options(VERIFYING.items()), default="system")
    web_ca = LongText(
        _l("Certificate of the authority"),
        max_length=60000,
        description=_l("In PEM; a private key does not belong here."),
    )
    web_server_name = Text(
        _l("Name of the server"),
        description=_l("For Host and SNI, where it is another than the address has."),
    )
    web_follow = BooleanField(_l("Follow redirects within the device"))
    device_id = Choice(_l("Try it on"))
