"""Forms of technical documents."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_wtf.file import FileField
from wtforms import DateField, SelectField
from wtforms.validators import DataRequired, Optional

from servicedesk.core.forms import Choice, Form, LongText, Text, options
from servicedesk.equipment.documents import KINDS


class DocumentForm(Form):
    client_id = Choice(_l("Client"), validators=[DataRequired()])
    site_id = Choice(_l("Site"), description=_l("Empty: it concerns the whole client."))
    kind = SelectField(_l("Kind"), choices=options(KINDS.items()))
    title = Text(_l("Title"), validators=[DataRequired()])
    note = LongText(_l("Note"), max_length=5000)
    review_on = DateField(_l("Review due on"), validators=[Optional()])


class VersionForm(Form):
    files = FileField(_l("File"))
    label = Text(_l("Version"), max_length=64, description=_l("Empty: the versions are counted."))
    changes = LongText(lazy_pgettext("document", "What changed"), max_length=5000)


class NewDocumentForm(DocumentForm, VersionForm):
    """A document comes with its first version."""
