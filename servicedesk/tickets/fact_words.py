"""The facts an approval of a ticket goes by, as people read them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _l

from servicedesk.core.filters import datetime_text, money
from servicedesk.tickets import risk
from servicedesk.tickets.fields import YES, YES_LABEL
from servicedesk.tickets.forms import IMPACTS, PRIORITY_LABELS
from servicedesk.tickets.workflow import TicketField
from servicedesk.tickets.workflows import WORKFLOWS

_LABELS = {
    "title": _l("Title"),
    "priority": _l("Priority"),
    "impact": _l("Who is affected"),
    "amount": _l("Amount"),
    "supplier": _l("Supplier"),
    "lines": _l("Parts and costs"),
    "risk": _l("Risk"),
    "risk_score": _l("Risk score"),
    "window_from": _l("Change window from"),
    "window_until": _l("Change window until"),
}
_FIELD_OF = {"change_type": "subtype"}


def fact_in_words(name: str, value: Any) -> tuple[str, str]:
    """Label and value in the reader's language; what is not known stays as it is stored."""
    field = _field(_FIELD_OF.get(name, name))
    label = str(_LABELS.get(name) or (field.label if field is not None else name))
    return label, _words(name, value, field)


def _field(name: str) -> TicketField | None:
    return next((w.by_field[name] for w in WORKFLOWS.values() if name in w.by_field), None)


def _words(name: str, value: Any, field: TicketField | None) -> str:
    if name == "priority" and value in PRIORITY_LABELS:
        return f"P{value} {PRIORITY_LABELS[value]}"
    if name == "impact":
        return str(dict(IMPACTS).get(str(value), value))
    if name == "risk":
        return str(risk.LEVELS.get(str(value), value))
    if name == "amount":
        return _amount(str(value))
    if name.startswith("window_"):
        return _moment(str(value))
    if field is not None and field.kind == "choice":
        return str(dict(field.choices).get(str(value), value))
    if field is not None and field.kind == "flag" and value == YES:
        return str(YES_LABEL)
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def _amount(text: str) -> str:
    try:
        return money(Decimal(text))
    except InvalidOperation:
        return text


def _moment(text: str) -> str:
    try:
        return datetime_text(datetime.fromisoformat(text))
    except ValueError:
        return text
