"""Canned replies with placeholders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.tickets.models import Macro, Ticket
from servicedesk.tickets.workflows import WORKFLOWS

PLACEHOLDERS: dict[str, LazyString] = {
    "{requester}": _l("who asked"),
    "{me}": _l("who answers"),
    "{number}": _l("the ticket's number"),
    "{title}": _l("the ticket's title"),
    "{device}": _l("the device's name"),
    "{site}": _l("the site's name"),
}
_FIELDS = ("client_id", "category", "title", "body", "active")


def offered(ticket: Ticket, actor: Actor) -> Sequence[tuple[str, str]]:
    """Titles and filled-in texts for those who work on the ticket."""
    if not actor.allows(Permission.TICKET_WORK, ticket.client_id, ticket.site_id):
        return []
    statement = sa.select(Macro).where(
        Macro.active,
        Macro.category.in_(("", ticket.category)),
        sa.or_(Macro.client_id.is_(None), Macro.client_id == ticket.client_id),
    )
    return [
        (m.title, filled(m.body, ticket, actor)) for m in db.session.scalars(statement.order_by(Macro.title))
    ]


def filled(body: str, ticket: Ticket, actor: Actor) -> str:
    """The text with its placeholders replaced; what the ticket does not have becomes a dash."""
    values = {
        "{requester}": ticket.requester.display_name if ticket.requester else "—",
        "{me}": actor.name,
        "{number}": ticket.number,
        "{title}": ticket.title,
        "{device}": ticket.device.name if ticket.device else "—",
        "{site}": ticket.site.name if ticket.site else "—",
    }
    # One pass over the original: a title that reads "{me}" is not filled in again.
    parts, rest = [], body
    while rest:
        at, name = min(((rest.find(n), n) for n in values if n in rest), default=(-1, ""))
        if at < 0:
            break
        parts += [rest[:at], values[name]]
        rest = rest[at + len(name) :]
    return "".join((*parts, rest))


def visible(actor: Actor) -> Sequence[Macro]:
    """The macros an administrator of lists sees."""
    scope = actor.scope(Permission.TICKET_LIST_EDIT)
    statement = sa.select(Macro).where(sa.or_(Macro.client_id.is_(None), scope.clause(Macro.client_id)))
    return db.session.scalars(statement.order_by(Macro.title, Macro.id)).all()


def save(
    macro_id: int | None,
    *,
    client_id: int | None,
    category: str,
    title: str,
    body: str,
    active: bool,
    actor: Actor,
    now: datetime,
) -> Macro:
    """Add a macro or change one.

    Raises:
        NotAllowedError, NotFoundError, InvalidError.
    """
    scope = actor.scope(Permission.TICKET_LIST_EDIT)
    macro = db.session.get(Macro, macro_id) if macro_id is not None else None
    if macro_id is not None and macro is None:
        raise NotFoundError
    for owner in {client_id, macro.client_id if macro is not None else client_id}:
        if not (scope.everything or (owner is not None and scope.covers(owner))):
            raise NotAllowedError
    if category and category not in WORKFLOWS:
        raise InvalidError(_("There is no such category."), "category")
    for name, text in (("title", title), ("body", body)):
        if not text.strip():
            raise InvalidError(_("Please write a few words."), name)
    before = audit.snapshot(macro, _FIELDS) if macro is not None else None
    if macro is None:
        macro = Macro(created_at=now)
        db.session.add(macro)
    macro.client_id, macro.category, macro.active = client_id, category, active
    macro.title, macro.body, macro.updated_at = title.strip()[:100], body.strip(), now
    db.session.flush()
    audit.record(
        actor,
        "ticket_macro.updated" if before else "ticket_macro.created",
        macro,
        now=now,
        label=macro.title,
        before=before,
        after=audit.snapshot(macro, _FIELDS),
    )
    return macro
