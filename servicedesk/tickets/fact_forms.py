"""Small forms of a ticket's page: facts put right, a clock corrected, a rating after the closing."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import DataRequired

from servicedesk.core.actor import Actor
from servicedesk.core.clock import parse_time
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError
from servicedesk.core.forms import NONE_CHOSEN, Choice, Form, LocalTime, LongText, Text, options
from servicedesk.core.i18n import select_timezone
from servicedesk.core.permissions import Permission
from servicedesk.organisations.models import Site
from servicedesk.sla.corrections import CorrectionData
from servicedesk.sla.labels import KINDS
from servicedesk.tickets.forms import IMPACTS, SATISFACTION, URGENCIES, number_form
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.rating import may_rate
from servicedesk.tickets.reclassifying import Facts, may_reclassify

FACT_NAMES = {
    "title": _l("Title"),
    "impact": _l("Impact"),
    "urgency": _l("Urgency"),
    "priority": _l("Priority"),
    "site_id": _l("Site"),
}


class FactsForm(Form):
    title = Text(_l("In a few words"), validators=[DataRequired()])
    impact = SelectField(_l("Who is affected"), choices=options(IMPACTS))
    urgency = SelectField(_l("How urgent"), choices=options(URGENCIES))
    site_id = Choice(_l("Site"))

    def facts(self) -> Facts:
        """What was typed."""
        return Facts(self.title.data or "", int(self.impact.data), int(self.urgency.data), self.site_id.data)


class CorrectionForm(Form):
    kind = SelectField(_l("Clock"), choices=options(KINDS.items()))
    from_at = LocalTime(_l("From"), max_length=20, validators=[DataRequired()])
    to_at = LocalTime(_l("To"), max_length=20, validators=[DataRequired()])
    counts = BooleanField(_l("This time counts (else it does not)"))
    reason = LongText(_l("Reason"), max_length=500, validators=[DataRequired()])
    evidence = LongText(
        _l("Evidence"), max_length=2000, description=_l("For example a message, a call, a visitor's record.")
    )

    def correction(self) -> CorrectionData:
        """What was typed, times in the reader's zone.

        Raises:
            InvalidError: a time that is none.
        """
        zone = ZoneInfo(select_timezone())
        times = {}
        for name in ("from_at", "to_at"):
            try:
                times[name] = parse_time(self[name].data or "", zone)
            except ValueError:
                raise InvalidError(_("Give a date and a time, for example 2026-12-05 22:00."), name) from None
        return CorrectionData(
            self.kind.data,
            times["from_at"],
            times["to_at"],
            bool(self.counts.data),
            self.reason.data or "",
            self.evidence.data or "",
        )


class RatingForm(Form):
    rating = RadioField(_l("How satisfied are you?"), choices=options(SATISFACTION))
    rating_comment = LongText(_l("Anything to add?"), max_length=4000)


def facts_form(ticket: Ticket, actor: Actor, *, submitted: bool) -> FactsForm:
    """With what the ticket has; the sites the actor works at are offered."""
    data = {
        "title": ticket.title,
        "impact": str(ticket.impact),
        "urgency": str(ticket.urgency),
        "site_id": ticket.site_id,
    }
    form = FactsForm(data=data) if submitted else FactsForm(formdata=None, data=data)
    reach = actor.scope(Permission.TICKET_WORK).clause(Site.client_id, Site.id)
    sites = db.session.execute(
        sa.select(Site.id, Site.name)
        .where(Site.client_id == ticket.client_id, sa.or_(reach, Site.id == ticket.site_id))
        .order_by(Site.name)
    )
    form.site_id.offer([(row.id, row.name) for row in sites], empty=NONE_CHOSEN)
    number_form(form, "facts")
    return form


def facts_values(ticket: Ticket, actor: Actor, given: FactsForm | None) -> dict[str, Any]:
    """The page's values for putting facts right; ``given`` was refused."""
    may = may_reclassify(ticket, actor)
    form = given or (facts_form(ticket, actor, submitted=False) if may else None)
    return {"may_reclassify": may, "facts_form": form}


def small_forms(ticket: Ticket, actor: Actor, now: datetime, **given: Any) -> dict[str, Any]:
    """The page's values for correction and rating; ``given`` holds a form that was refused."""
    rates = may_rate(ticket, actor, now)
    corrects = actor.allows(Permission.SLA_MANAGE, ticket.client_id)
    values: dict[str, Any] = {
        "may_rate": rates,
        "may_correct": corrects,
        "fact_names": FACT_NAMES,
    }
    if corrects and "correction_form" not in given:
        values["correction_form"] = correction_form(submitted=False)
    if rates and "rating_form" not in given:
        data = {"rating": str(ticket.rating or ""), "rating_comment": ticket.rating_comment}
        values["rating_form"] = RatingForm(formdata=None, data=data)
        number_form(values["rating_form"], "after")
    return values | given


def correction_form(*, submitted: bool) -> CorrectionForm:
    """An empty one, or what was sent."""
    form = CorrectionForm() if submitted else CorrectionForm(formdata=None)
    number_form(form, "correct")
    return form
