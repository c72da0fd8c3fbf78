"""The values of a category's fields: read, checked, stored and shown, by kind. One place for each rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.core.clock import parse_time
from servicedesk.core.errors import InvalidError
from servicedesk.core.filters import datetime_in
from servicedesk.core.i18n import select_timezone
from servicedesk.tickets import lists
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import TicketField, Workflow

YES = "yes"
YES_LABEL = _l("Yes")
_LARGEST = 1_000_000_000


def zone_of(ticket: Ticket | None) -> ZoneInfo:
    """The time zone in which times of a ticket are typed and shown."""
    return ZoneInfo(ticket.site.timezone if ticket is not None and ticket.site else select_timezone())


def values_of(ticket: Ticket, workflow: Workflow) -> dict[str, str]:
    """Every field's value as a form holds it; empty text where there is none."""
    return {item.name: _read(ticket, item) for item in workflow.fields}


def _read(ticket: Ticket, item: TicketField) -> str:
    if not item.column:
        return str(ticket.details.get(item.name, ""))
    value = getattr(ticket, item.column)
    match value:
        case None | False:
            return ""
        case True:
            return YES
        case datetime():
            return value.astimezone(zone_of(ticket)).strftime("%Y-%m-%dT%H:%M")
        case _:
            return str(value)


def store(
    ticket: Ticket,
    workflow: Workflow,
    given: Mapping[str, str],
    *,
    required: Iterable[str] = (),
) -> dict[str, tuple[str, str]]:
    """Check and store values of some fields.

    Args:
        given: by name; fields that are not named stay as they are, an empty text empties one.
        required: names that must have a value afterwards, as far as they are shown.
    Returns:
        What changed: name → (before, after), as forms write it.
    Raises:
        InvalidError: a value does not fit, or is missing; ``field`` is its name.
    """
    before = values_of(ticket, workflow)
    cleaned = {
        item.name: clean(item, given[item.name], ticket) for item in workflow.fields if item.name in given
    }
    after = {**before, **cleaned}
    for item in workflow.fields:
        if not item.shown(after):
            after[item.name] = ""
        elif item.name in required and not after[item.name]:
            raise InvalidError(_("Please fill in: %(field)s.", field=str(item.label)), item.name)
    changed = {name: (before[name], value) for name, value in after.items() if value != before[name]}
    details = dict(ticket.details)
    for name in changed:
        _write(ticket, workflow.by_field[name], after[name], details)
    ticket.details = details
    return changed


def _write(ticket: Ticket, item: TicketField, value: str, details: dict[str, object]) -> None:
    if not item.column:
        details[item.name] = value
        if not value:
            del details[item.name]
        return
    stored: object = value or None
    if item.kind == "time" and value:
        stored = parse_time(value, zone_of(ticket))
    elif item.kind == "flag":
        stored = value == YES
    elif item.kind in ("listed", "number"):
        stored = int(value) if value else None
    setattr(ticket, item.column, stored)


def clean(item: TicketField, text: str, ticket: Ticket) -> str:
    """The value in its usual form.

    Raises:
        InvalidError: it is not of the field's kind.
    """
    value = text.strip()
    if not value:
        return ""
    match item.kind:
        case "choice" if value not in {name for name, _label in item.choices}:
            raise InvalidError(_("Choose one of the list."), item.name)
        case "listed" if value not in _offered(ticket, item):
            raise InvalidError(_("Choose one of the list."), item.name)
        case "flag":
            return YES
        case "number":
            if not (value.isascii() and value.isdigit() and int(value) <= _LARGEST):
                raise InvalidError(_("Give a whole number."), item.name)
            return str(int(value))
        case "time":
            try:
                parse_time(value, zone_of(ticket))
            except ValueError:
                raise InvalidError(
                    _("Give a date and a time, for example 2026-12-05 22:00."), item.name
                ) from None
            return value.replace(" ", "T")[:16]
        case "date":
            try:
                return date.fromisoformat(value[:10]).isoformat()
            except ValueError:
                raise InvalidError(_("Give a date, for example 2026-12-05."), item.name) from None
        case "text" | "long":
            return value[: item.max_length]
    return value


def _offered(ticket: Ticket, item: TicketField) -> set[str]:
    """What may be chosen; the entry that the ticket has already may stay, though it is no longer offered."""
    value = getattr(ticket, item.column, None) if item.column else None
    kept = [value] if isinstance(value, int) else []
    found = lists.entries([item.listed], ticket.client_id, keep=kept)
    return {str(entry.id) for entry in found[item.listed]}


def show(ticket: Ticket, item: TicketField, value: str) -> str | LazyString:
    """A value in words, in the reader's language."""
    match item.kind:
        case "choice":
            return next((label for name, label in item.choices if name == value), value)
        case "listed":
            return lists.name_of(value)
        case "flag":
            return YES_LABEL
        case "time":
            try:
                return datetime_in(parse_time(value, zone_of(ticket)), zone_of(ticket))
            except ValueError:
                return value
    return value
