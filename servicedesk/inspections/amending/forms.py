"""The form of an amendment; which fields it has depends on what is amended."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from wtforms import SelectField
from wtforms.validators import DataRequired

from servicedesk.core.forms import Form, LongText, Text, options
from servicedesk.inspections.amending.service import MAX_TEXT, SAYABLE
from servicedesk.inspections.amending.subjects import Subject
from servicedesk.inspections.manual.definitions import in_words
from servicedesk.inspections.manual.models import CHOICE, TEXT
from servicedesk.inspections.outcomes import OUTCOME_LABELS

_BY_LIMITS = (
    ("", _l("as the item's own standard judges it")),
    ("not_applicable", _l("Not applicable")),
    ("not_inspected", _l("Not inspected")),
)
_BY_PERSON = (
    ("normal", lazy_pgettext("verdict", "Normal")),
    ("abnormal", _l("Abnormal")),
    *_BY_LIMITS[1:],
)


class AmendForm(Form):
    said = SelectField(_l("Verdict"))
    value = Text(_l("Result"), max_length=MAX_TEXT)
    option = SelectField(_l("Result"))
    remark = LongText(_l("Remark"), max_length=MAX_TEXT)
    reason = LongText(_l("Why is it corrected?"), max_length=MAX_TEXT, validators=[DataRequired()])


def form_of(subject: Subject) -> AmendForm:
    """The form with the fields of this subject, filled in as it stands."""
    standing = subject.standing
    value = standing.get("text") if standing.get("value") is None else f"{standing['value']:.10g}"
    option = standing.get("option")
    form = AmendForm(
        data={
            "said": standing.get("outcome", ""),
            "value": value or "",
            "option": "" if option is None else str(option),
            "remark": standing.get("remark", ""),
        }
    )
    if subject.reference.general:
        del form.said, form.value, form.option
    elif subject.answer is None:
        form.said.choices = options((one.value, OUTCOME_LABELS[one]) for one in SAYABLE)
        del form.option
    else:
        _of_answer(form, subject)
    return form


def _of_answer(form: AmendForm, subject: Subject) -> None:
    definition = subject.answer.definition if subject.answer is not None else {}
    outcome = subject.standing["outcome"]
    if definition["kind"] == TEXT:
        form.said.choices = options(_BY_PERSON)
        said = {"ok": "normal", "warning": "abnormal", "critical": "abnormal"}.get(outcome, outcome)
    else:
        form.said.choices = options(_BY_LIMITS)
        said = outcome if outcome in ("not_applicable", "not_inspected") else ""
    if not form.is_submitted():
        form.said.data = said
    if definition["kind"] == CHOICE:
        rows = enumerate(definition["options"])
        form.option.choices = options([("", "—"), *((str(n), in_words(row[:2])) for n, row in rows)])
        del form.value
    else:
        del form.option
