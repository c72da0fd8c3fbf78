"""Forms of required lists."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import SelectField, SelectMultipleField
from wtforms.validators import DataRequired

from servicedesk.core.forms import Choice, Form, LongText, options
from servicedesk.inspections.lists.profiles import PROFILES
from servicedesk.inspections.lists.service import MAX_NOTE


class ListForm(Form):
    contract_id = Choice(_l("Contract"))
    profile = SelectField(_l("Profile"), choices=options((name, one.label) for name, one in PROFILES.items()))
    checks = SelectMultipleField(
        _l("Required items"), description=_l("Every plan requires them of these devices, beside its own.")
    )
    note = LongText(_l("Why is it changed?"), max_length=MAX_NOTE)


class ListFileForm(Form):
    file = FileField(_l("XLSX or CSV file"), validators=[DataRequired()])
