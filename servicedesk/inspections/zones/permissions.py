"""Who may look after zones."""

from __future__ import annotations

from servicedesk.core.actor import Actor
from servicedesk.core.permissions import Permission


def may_manage(actor: Actor) -> bool:
    """Whoever manages all organisations: a zone may serve sites of several clients, and its key opens what
    is asked of all of them."""
    return actor.scope(Permission.ORGANISATION_MANAGE).everything
