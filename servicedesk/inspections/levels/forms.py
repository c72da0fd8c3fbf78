"""Forms of levels."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import FloatField, IntegerField, SelectField
from wtforms.validators import DataRequired, InputRequired, Optional

from servicedesk.core.forms import Choice, Form, LongText, Text, options

RUNG_LABELS = {
    "device": _l("Device"),
    "model": _l("Model or platform"),
    "site": _l("Site"),
    "contract": _l("Contract"),
}
DIRECTION_LABELS = {"upper": _l("at or above the level"), "lower": _l("at or below the level")}


class LevelForm(Form):
    check = SelectField(_l("Check"), validators=[DataRequired()])
    item = Text(
        _l("Items"),
        max_length=300,
        default="*",
        description=_l("* stands for all; /data* for all that begin so; a full name for that one alone."),
    )
    rung = SelectField(
        _l("Holds for"),
        choices=options(RUNG_LABELS.items()),
        description=_l("What is said for a device wins over its model, then its site, then its contract."),
    )
    device_id = Choice(_l("Device"))
    site_id = Choice(_l("Site"))
    contract_id = Choice(_l("Contract"), description=_l("Holds while the contract is in force."))
    model = Text(
        _l("Model or platform"), description=_l("For instance S5720* or huawei_vrp; * stands for anything.")
    )
    direction = SelectField(_l("Abnormal when"), choices=options(DIRECTION_LABELS.items()))
    warning = FloatField(_l("Warning"), validators=[Optional()])
    critical = FloatField(_l("Critical"), validators=[Optional()])
    runs = IntegerField(
        _l("Runs in a row"),
        default=1,
        validators=[InputRequired()],
        description=_l("A fault is reported after so many abnormal inspections in a row."),
    )
    margin = FloatField(
        _l("Margin back"),
        default=0.0,
        validators=[InputRequired()],
        description=_l("It counts as over only when the value is back by more than this."),
    )
    reason = LongText(
        _l("Reason"), max_length=500, description=_l("Kept in the audit trail with every change.")
    )


class RemoveForm(Form):
    reason = LongText(_l("Reason"), max_length=500, validators=[DataRequired()])
