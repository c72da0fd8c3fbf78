"""The form of a zone."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, SelectMultipleField

from servicedesk.core.forms import Form, Text


class ZoneForm(Form):
    name = Text(
        _l("Name"),
        max_length=31,
        description=_l("Small letters, digits and hyphens. It cannot be changed later."),
    )
    note = Text(_l("Remark"), max_length=500)
    site_ids = SelectMultipleField(
        _l("Sites"),
        coerce=int,
        description=_l("Their devices are visited from this zone alone. The server visits all other sites."),
    )
    active = BooleanField(
        _l("In use"), default=True, description=_l("Otherwise its visits wait and nothing is sent there.")
    )
