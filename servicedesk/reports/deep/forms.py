"""The form that orders a report."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectField
from wtforms.validators import DataRequired, Length

from servicedesk.core.forms import Form, LongText


class OrderForm(Form):
    """For which place, and which half-year."""

    place = SelectField(_l("Client or site"), validators=[DataRequired()])
    period = SelectField(_l("Half-year"), validators=[DataRequired()])


class SignForm(Form):
    """A signature: the password again, and a remark."""

    note = LongText(_l("Remark"), max_length=2000)
    password = PasswordField(_l("Your password"), validators=[DataRequired(), Length(max=256)])
