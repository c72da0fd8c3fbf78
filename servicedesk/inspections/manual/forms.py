"""The form of an item by hand."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import BooleanField, FloatField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, Optional

from servicedesk.core.forms import Choice, Form, LongText, Text, options
from servicedesk.equipment.kinds import DEVICE_CLASSES

LOOKS_AT = {"room": _l("Each room"), "device": _l("Devices of these classes"), "site": _l("The site, once")}
KINDS = {
    "number": lazy_pgettext("kind of answer", "Number"),
    "choice": _l("Choice"),
    "text": lazy_pgettext("kind of answer", "Text"),
}


class ItemForm(Form):
    title_en = Text(_l("Name in English"), max_length=100, validators=[DataRequired()])
    title_zh = Text(_l("Name in Chinese"), max_length=100, validators=[DataRequired()])
    site_id = Choice(_l("Site"))
    active = BooleanField(_l("In use"), default=True)
    looks_at = SelectField(_l("Looks at"), choices=options(LOOKS_AT.items()))
    device_classes = SelectMultipleField(_l("Classes of devices"), choices=options(DEVICE_CLASSES.items()))
    kind = SelectField(_l("Kind of answer"), choices=options(KINDS.items()))
    unit = Text(_l("Unit"), max_length=16)
    critical_lower = FloatField(_l("Critical at or below"), validators=[Optional()])
    warning_lower = FloatField(_l("Warning at or below"), validators=[Optional()])
    warning_upper = FloatField(_l("Warning at or above"), validators=[Optional()])
    critical_upper = FloatField(_l("Critical at or above"), validators=[Optional()])
    options = LongText(
        _l("Answers to choose from"),
        max_length=4000,
        description=_l("A line for each: English | Chinese = ok, warning or critical. The normal one first."),
    )
    photo_required = BooleanField(_l("A photo is required"))
    upkeep = BooleanField(
        _l("Cleaning, cabling or maintenance"),
        description=_l("Its answers stand in the half-yearly report."),
    )
    standard_en = Text(
        _l("Standard in English"), max_length=500, description=_l("Empty: the limits or normal answers.")
    )
    standard_zh = Text(_l("Standard in Chinese"), max_length=500)
