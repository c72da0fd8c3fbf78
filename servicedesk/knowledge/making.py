"""An article out of a solved ticket: what happened, why, and what helped, without the people."""

from __future__ import annotations

import re
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, NotAllowedError
from servicedesk.core.i18n import select_locale
from servicedesk.knowledge import permissions, queries, service
from servicedesk.knowledge.models import ArticleVersion
from servicedesk.knowledge.service import Content
from servicedesk.staff.models import User
from servicedesk.tickets import lists
from servicedesk.tickets.masking import leave_out
from servicedesk.tickets.models import Ticket

SOLVED = ("resolved", "closed")


def may_make(ticket: Ticket, actor: Actor) -> bool:
    """Whether the actor may make an article of this ticket: it is solved, and theirs to work on."""
    return ticket.phase in SOLVED and actor.allows(permissions.WRITE, ticket.client_id, ticket.site_id)


def make(ticket: Ticket, *, actor: Actor, now: datetime) -> ArticleVersion:
    """A draft for the ticket's client, for staff until somebody says otherwise.

    Raises:
        ConflictError: there is one already.
    """
    if not may_make(ticket, actor):
        raise NotAllowedError
    if any(version.state != "retired" for version in queries.made_of(ticket, actor)):
        raise ConflictError(_("There is an article of this ticket already."))
    content = Content(
        title=_without_people(ticket.title) or ticket.number,
        body=_without_people(_body(ticket)),
        language=select_locale(),
        category=ticket.category,
        classes=(ticket.device.device_class,) if ticket.device is not None else (),
        cause_id=ticket.cause_id,
    )
    return service.begin(f"client:{ticket.client_id}", content, actor=actor, now=now, ticket=ticket)


def _body(ticket: Ticket) -> str:
    """Headings as in every article of this kind; what is not known is left to be written."""
    handling = lists.name_of(str(ticket.handling_id)) if ticket.handling_id else ""
    cause = lists.name_of(str(ticket.cause_id)) if ticket.cause_id else ""
    diagnosis = str(ticket.details.get("diagnosis") or "")
    parts = (
        (_("What is seen"), (ticket.description,)),
        (_("Cause"), (cause, diagnosis)),
        (_("What helps"), (handling, ticket.resolution)),
    )
    return "\n\n".join(
        f"## {heading}\n\n" + "\n\n".join(text.strip() for text in texts if text.strip())
        for heading, texts in parts
    )


def _without_people(text: str) -> str:
    """Names of people with an account, their user names, addresses and numbers are left out."""
    found = db.session.execute(
        sa.select(User.display_name, User.username).where(
            sa.or_(
                sa.literal(text).contains(User.display_name),
                sa.literal(text.lower()).contains(User.username),
            )
        )
    ).all()
    names = {name for row in found for name in row if len(name) > 1}
    for name in sorted(names, key=len, reverse=True):
        # A name in Latin letters is left alone inside a longer word; Chinese has no blanks to go by.
        edge = r"(?<!\w){}(?!\w)" if name.isascii() else "{}"
        text = re.sub(edge.format(re.escape(name)), "…", text, flags=re.IGNORECASE)
    return leave_out(text)
