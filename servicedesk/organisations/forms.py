"""Forms of organisations, sites, departments and contracts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import BooleanField, DateField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired

from servicedesk.core.forms import Choice, Form, Text, options
from servicedesk.organisations.models import CLIENT, PUBLIC_ANYONE, PUBLIC_BADGE, PUBLIC_NOBODY, SERVICE

KIND_LABELS = {CLIENT: _l("Client"), SERVICE: _l("Service company"), "operator": _l("Operator")}


PUBLIC_LABELS = {
    PUBLIC_ANYONE: _l("Anyone, with their name"),
    PUBLIC_BADGE: _l("Those with a badge number"),
    PUBLIC_NOBODY: _l("Nobody without signing in"),
}


class OrganisationForm(Form):
    name = Text(_l("Name"), validators=[DataRequired()])
    kind = SelectField(_l("Kind"), choices=options((k, KIND_LABELS[k]) for k in (CLIENT, SERVICE)))
    active = BooleanField(_l("In use"), default=True)
    public_reports = SelectField(
        _l("Who may report by scanning a label"),
        choices=options(PUBLIC_LABELS.items()),
        default=PUBLIC_ANYONE,
    )


class SiteForm(Form):
    name = Text(_l("Name"), validators=[DataRequired()])
    address = Text(_l("Address"), max_length=500)
    timezone = Text(_l("Time zone"), default="Asia/Shanghai", validators=[DataRequired()], max_length=64)
    active = BooleanField(_l("In use"), default=True)


class DepartmentForm(Form):
    name = Text(_l("Name"), validators=[DataRequired()])


class ContractForm(Form):
    number = Text(_l("Number"), validators=[DataRequired()], max_length=64)
    title = Text(lazy_pgettext("contract", "Title"))
    client_id = Choice(_l("Client"), validators=[DataRequired()])
    service_id = Choice(_l("Service company"), validators=[DataRequired()])
    starts_on = DateField(_l("First day"), validators=[DataRequired()])
    ends_on = DateField(_l("Last day"), validators=[DataRequired()])
    site_ids = SelectMultipleField(
        _l("Sites"), coerce=int, description=_l("None chosen: all sites of the client.")
    )
