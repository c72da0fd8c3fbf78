"""The forms of a zone."""

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


class RevokeForm(Form):
    renew = BooleanField(
        _l("Replace the zone's key as well"),
        default=True,
        description=_l(
            "The machine knows the present key. What is sent from now on it cannot open then, and the other "
            "workers must be enrolled again. What these still deliver is taken."
        ),
    )
