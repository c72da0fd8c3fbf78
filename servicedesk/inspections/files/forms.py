"""Forms of chosen files."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import DataRequired

from servicedesk.core.forms import Choice, Form, LongText, options
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.inspections.files.choosing import CLASSES

RUNG_LABELS = {
    "device": _l("Device"),
    "class": _l("Class of devices"),
    "site": _l("Site"),
    "client": _l("All servers of the client"),
}


class FilesForm(Form):
    rung = SelectField(
        _l("Holds for"),
        choices=options(RUNG_LABELS.items()),
        description=_l("All lists that hold for a device are read together."),
    )
    device_id = Choice(_l("Device"))
    site_id = Choice(_l("Site"))
    device_class = SelectField(
        _l("Class"),
        choices=options((name, DEVICE_CLASSES[name]) for name in CLASSES),
        validate_choice=False,  # the service looks at it where it matters
    )
    paths = LongText(
        _l("Files"),
        max_length=16000,
        validators=[DataRequired()],
        description=_l(
            "Whole paths, one a line, such as /etc/fstab; * and ? in the last part alone. At most 256 KB a"
            " file and 1 MB a visit; text only. Files that keep passwords or keys are never read."
        ),
    )
    reason = LongText(
        _l("Reason"),
        max_length=500,
        validators=[DataRequired()],
        description=_l("Kept in the audit trail with every change."),
    )


class RemoveForm(Form):
    reason = LongText(_l("Reason"), max_length=500, validators=[DataRequired()])
