"""The form that orders a report."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import DataRequired

from servicedesk.core.forms import Form


class OrderForm(Form):
    """For which place, and which half-year."""

    place = SelectField(_l("Client or site"), validators=[DataRequired()])
    period = SelectField(_l("Half-year"), validators=[DataRequired()])
