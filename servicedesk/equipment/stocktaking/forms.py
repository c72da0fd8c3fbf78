"""Forms of a stock-taking: its beginning, what was scanned, its end."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms.validators import DataRequired

from servicedesk.core.forms import Choice, Form, LongText, Text


class BeginForm(Form):
    site_id = Choice(_l("Site"), validators=[DataRequired()])
    room_id = Choice(_l("Room"), description=_l("Empty: everything that is recorded at the site."))


class CountForm(Form):
    text = Text(
        _l("Scan a label, or type an asset tag, a serial number or a name"),
        max_length=300,
        validators=[DataRequired()],
    )


class EndForm(Form):
    note = LongText(_l("Note"), max_length=4000)
