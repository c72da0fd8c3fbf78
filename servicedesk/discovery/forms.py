"""Forms of ranges and sweeps."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from servicedesk.core.forms import Choice, Form, Text, options
from servicedesk.discovery.keeping import DEFAULT_DAYS, LEAST_DAYS, MOST_DAYS

METHODS = {
    "icmp": _l("ICMP echo"),
    "tcp": _l("TCP ports"),
    "snmp": _l("SNMP"),
    "ssh": _l("Greeting of SSH servers, without logging in"),
}


class KeepingForm(Form):
    client_id = Choice(_l("Client"), validators=[DataRequired()])
    days = IntegerField(
        _l("Keep found hosts for so many days"),
        default=DEFAULT_DAYS,
        validators=[InputRequired(), NumberRange(LEAST_DAYS, MOST_DAYS)],
    )


class RangeForm(Form):
    site_id = Choice(_l("Site"), validators=[DataRequired()])
    prefix = Text(
        _l("Prefix"),
        validators=[DataRequired()],
        max_length=80,
        description=_l("192.0.2.0/24; at most a /16 of addresses."),
    )
    note = Text(_l("Note"), max_length=200)
    special = BooleanField(_l("Loopback, multicast, link-local and reserved addresses too"))


class SweepForm(Form):
    methods = SelectMultipleField(
        _l("Ask by"),
        choices=options(METHODS.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
        default=["icmp", "tcp"],
    )
    tcp_ports = Text(_l("TCP ports"), max_length=100, default="22, 80, 443")
    ssh_port = IntegerField(_l("SSH port"), default=22, validators=[InputRequired(), NumberRange(1, 65535)])
    credential_id = Choice(_l("Credential for SNMP"))
    snmp_port = IntegerField(
        _l("SNMP port"), default=161, validators=[InputRequired(), NumberRange(1, 65535)]
    )
    packets_per_s = IntegerField(
        _l("Questions a second"), default=50, validators=[InputRequired(), NumberRange(5, 1000)]
    )
