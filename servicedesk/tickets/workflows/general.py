"""General: consultation, how-to, small services, assistance."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from servicedesk.tickets.workflow import TicketField, Workflow
from servicedesk.tickets.workflows import common as c

GENERAL = Workflow(
    category="general",
    label=_l("General"),
    prefix="GEN",
    initial="new",
    states=c.states(*c.DESK_STATES, editable=("topic",)),
    transitions=c.desk_transitions(c.resolve()),
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
                ("improvement", _l("Improvement item")),
                ("other", _l("Something else")),
            ),
            column="subtype",
        ),
    ),
)
