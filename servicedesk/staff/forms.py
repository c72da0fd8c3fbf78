"""Forms of sign-in and accounts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, SelectField
from wtforms.validators import DataRequired, Email, EqualTo, Length, Optional

from servicedesk.core.forms import Choice, Form, Text, options
from servicedesk.core.i18n import LOCALE_NAMES
from servicedesk.core.permissions import ROLE_LABELS, Role

_ROLES = [(role.value, ROLE_LABELS[role]) for role in Role]


class SignInForm(Form):
    username = Text(_l("User name"), validators=[DataRequired()], max_length=64)
    password = PasswordField(_l("Password"), validators=[DataRequired(), Length(max=256)])


class ChangePasswordForm(Form):
    current_password = PasswordField(_l("Current password"), validators=[DataRequired(), Length(max=256)])
    new_password = PasswordField(_l("New password"), validators=[DataRequired(), Length(max=256)])
    repeat_password = PasswordField(
        _l("New password again"),
        validators=[DataRequired(), EqualTo("new_password", _l("The two passwords differ."))],
    )


class _AccountFields(Form):
    display_name = Text(_l("Name"), validators=[DataRequired()], max_length=100)
    department_id = Choice(_l("Department"))
    email = Text(_l("E-mail"), validators=[Optional(), Email()], max_length=254)
    phone = Text(_l("Telephone"), max_length=32)
    badge = Text(_l("Badge number"), max_length=32)


class NewAccountForm(_AccountFields):
    organisation_id = Choice(_l("Organisation"), validators=[DataRequired()])
    username = Text(
        _l("User name"),
        validators=[DataRequired()],
        max_length=64,
        description=_l("Small letters, digits, dot, hyphen, underscore or @."),
    )
    locale = SelectField(_l("Language"), choices=options([("", _l("Default")), *LOCALE_NAMES.items()]))
    role = SelectField(_l("Role"), choices=options([("", _l("(none)")), *_ROLES]))


class AccountForm(_AccountFields):
    active = BooleanField(_l("The account can be used"))


class GrantForm(Form):
    role = SelectField(_l("Role"), choices=options(_ROLES))
    place = SelectField(
        _l("Where"), description=_l("A role never reaches further than the organisation of its holder.")
    )


class EmptyForm(Form):
    """Only the CSRF token, for buttons."""
