"""The form of a question about history."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired

from servicedesk.core.forms import Choice, Day, Form, LongText


class WhatIfForm(Form):
    site_id = Choice(_l("Site"), validators=[DataRequired()])
    device_id = Choice(_l("Device"))
    first = Day(_l("From"), validators=[DataRequired()])
    last = Day(_l("To"), validators=[DataRequired()])
    occasion = LongText(_l("What was changed?"), max_length=2000)
