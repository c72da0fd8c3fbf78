"""The form of a rule."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField
from wtforms.validators import DataRequired, NumberRange, Optional

from servicedesk.core.forms import Choice, Form, Text, options
from servicedesk.equipment.kinds import DEVICE_CLASSES


class AccessRuleForm(Form):
    client_id = Choice(_l("Client"), validators=[DataRequired()])
    site_id = Choice(_l("Site"))
    device_class = SelectField(
        _l("Device class"), choices=options([("", _l("All classes")), *DEVICE_CLASSES.items()])
    )
    tag = Text(_l("Tag"), max_length=40, description=_l("Only devices with this tag; a tag makes any group."))
    protocol = SelectField(_l("Protocol"), choices=options([("snmp", "SNMP"), ("ssh", "SSH")]))
    credential_id = Choice(_l("Credential"), validators=[DataRequired()])
    jump_host_id = Choice(
        _l("Through a jump host"), description=_l("For SSH alone: SNMP cannot go through a jump host.")
    )
    port = IntegerField(
        _l("Port"), validators=[Optional(), NumberRange(1, 65535)], description=_l("Empty: 161 or 22.")
    )
    snmp_version = SelectField(_l("SNMP version of a community"), choices=options([("2c", "2c"), ("1", "1")]))
