"""General: consultation, how-to, small services, assistance."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from servicedesk.tickets.workflow import Workflow
from servicedesk.tickets.workflows import common as c

GENERAL = Workflow(
    category="general",
    label=_l("General"),
    prefix="GEN",
    initial="new",
    states=(c.NEW, c.ASSIGNED, c.IN_PROGRESS, c.WAITING, c.RESOLVED, c.CLOSED, c.CANCELLED),
    transitions=(
        c.start("new", "assigned"),
        c.assign("new", "assigned"),
        c.ANSWER,
        c.RESOLVE,
        c.ASK_REQUESTER,
        c.HAND_OVER,
        c.CONFIRM,
        c.CLOSE,
        c.REOPEN,
        c.cancel("new", "assigned", "in_progress", "waiting"),
    ),
)
