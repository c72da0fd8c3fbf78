"""General: consultation, how-to, small services, assistance."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from servicedesk.tickets.workflow import TicketField, Workflow
from servicedesk.tickets.workflows import common as c

_OPEN = ("new", "assigned", "in_progress", "waiting", "suspended")

GENERAL = Workflow(
    category="general",
    label=_l("General"),
    prefix="GEN",
    initial="new",
    states=c.states(
        c.NEW,
        c.ASSIGNED,
        c.IN_PROGRESS,
        c.WAITING,
        c.SUSPENDED,
        c.RESOLVED,
        c.CLOSED,
        c.CANCELLED,
        c.MERGED,
        editable=("topic",),
    ),
    transitions=(
        c.start("new", "assigned"),
        c.assign("new", "assigned"),
        c.ANSWER,
        c.CONTINUE,
        c.resolve(),
        c.ASK_REQUESTER,
        c.SUSPEND,
        c.HAND_OVER,
        c.confirm(),
        c.CLOSE,
        c.REOPEN,
        c.cancel(*_OPEN),
        c.merge(*_OPEN),
    ),
    fields=(
        TicketField(
            "topic",
            _l("Topic"),
            "choice",
            choices=(
                ("advice", _l("Advice and how-to")),
                ("account", _l("Accounts and access")),
                ("software", _l("Software and settings")),
                ("meeting", _l("Meeting support")),
                ("assistance", _l("Assistance with other work")),
                ("other", _l("Something else")),
            ),
            column="subtype",
        ),
    ),
)
