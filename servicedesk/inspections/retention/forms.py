"""The form of a policy."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import Optional

from servicedesk.core.forms import Form


class PolicyForm(Form):
    readings_months = IntegerField(
        _l("Keep readings for so many months"),
        validators=[Optional()],
        description=_l("Empty: for the contract, at least 13 months."),
    )
    evidence_months = IntegerField(
        _l("Keep raw answers of devices for so many months"),
        validators=[Optional()],
        description=_l("Empty: for the contract, at least 13 months."),
    )
