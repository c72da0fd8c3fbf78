"""From abnormal answers to fault tickets, by the rules of collected items: one open for each item and place.

A run counts once: an answer that is corrected within its run is not another run.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from collectors.outcome import ABNORMAL, Outcome
from servicedesk.core.db import db
from servicedesk.inspections.findings import ACTOR, CLEAN_RUNS, FLAPPING_AFTER
from servicedesk.inspections.manual.definitions import result, title
from servicedesk.inspections.manual.models import ManualAnswer, ManualFinding
from servicedesk.inspections.models import InspectionRun
from servicedesk.tickets import assigning
from servicedesk.tickets import service as tickets
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import NewTicket, TransitionInput


def apply(run: InspectionRun, answer: ManualAnswer, *, now: datetime) -> None:
    """Bring the finding of this item and place up to date with an answer."""
    outcome = Outcome(answer.outcome)
    finding = db.session.scalar(
        sa.select(ManualFinding).where(
            ManualFinding.site_id == run.site_id,
            ManualFinding.item_id == answer.item_id,
            ManualFinding.place_key == answer.place_key,
            ManualFinding.state != "closed",
        )
    )
    if finding is not None and finding.last_answer.run_id > run.id:
        return  # an earlier round answered late: what is known is newer
    if finding is not None and finding.ticket is not None and finding.ticket.phase == "closed":
        if finding.ticket.state == "cancelled" and outcome in ABNORMAL:
            return
        if outcome in ABNORMAL or outcome is Outcome.OK:
            finding.state, finding.closed_at = "closed", now
            db.session.flush()
            finding = None
    if outcome in ABNORMAL:
        if finding is None:
            _open(run, answer, now)
        else:
            _seen_again(finding, answer, now)
    elif outcome is Outcome.OK and finding is not None:
        _seen_normal(finding, answer, now)


def _open(run: InspectionRun, answer: ManualAnswer, now: datetime) -> None:
    finding = ManualFinding(
        client_id=run.client_id,
        site_id=run.site_id,
        item_id=answer.item_id,
        place_key=answer.place_key,
        outcome=answer.outcome,
        first_at=now,
        last_at=now,
        last_answer_id=answer.id,
    )
    db.session.add(finding)
    seen = f"{title(answer.definition)}: {result(answer)}"
    ticket = tickets.create_ticket(
        NewTicket(
            client_id=run.client_id,
            category="fault",
            title=f"{answer.place_name} · {seen}"[:200],
            description="\n".join(filter(None, (run.site.name, answer.place_name, seen, answer.remark))),
            site_id=run.site_id,
            device_id=answer.device_id,
            impact=2,
            urgency=1 if answer.outcome == Outcome.CRITICAL else 2,
            source="inspection",
        ),
        actor=ACTOR,
        now=now,
    )
    finding.ticket = ticket
    _add_entry(ticket, "seen", answer, now)
    assigning.to_responsible(ticket, actor=ACTOR, now=now)
    db.session.flush()


def _add_entry(ticket: Ticket, event: str, answer: ManualAnswer, now: datetime, **data: Any) -> None:
    told = f"{title(answer.definition)}: {result(answer)}"
    message = {"template": "%(text)s", "values": {"text": told}, "value": answer.value}
    details = {"event": event, "manual_run_id": answer.run_id, "outcome": answer.outcome, **message, **data}
    tickets.add_entry(ticket, "finding", actor=ACTOR, now=now, data=details)


def _seen_again(finding: ManualFinding, answer: ManualAnswer, now: datetime) -> None:
    relapsed = finding.state == "recovered"
    worse = finding.outcome == Outcome.WARNING and answer.outcome == Outcome.CRITICAL
    finding.occurrences += int(finding.last_answer.run_id != answer.run_id)
    finding.relapses += int(relapsed)
    finding.state, finding.clean_runs = "open", 0
    finding.recovered_at = finding.proposed_at = None
    finding.outcome, finding.last_at, finding.last_answer_id = answer.outcome, now, answer.id
    ticket = finding.ticket
    if ticket is None or ticket.phase == "closed":
        return
    if ticket.phase == "resolved":
        reason = _("The inspection found it abnormal again.")
        tickets.transition(ticket, "reopen", TransitionInput(reason=reason), actor=ACTOR, now=now)
    flapping = finding.relapses >= FLAPPING_AFTER
    if worse or (relapsed and not flapping):
        _add_entry(ticket, "again", answer, now, relapses=finding.relapses, flapping=flapping)


def _seen_normal(finding: ManualFinding, answer: ManualAnswer, now: datetime) -> None:
    first = finding.state == "open"
    if first or finding.last_answer.run_id != answer.run_id:
        finding.clean_runs += 1
    finding.state, finding.last_answer_id = "recovered", answer.id
    if first:
        finding.recovered_at = now
    ticket = finding.ticket
    if ticket is None or ticket.phase == "closed":
        finding.state, finding.closed_at = "closed", now
        return
    if first and finding.relapses < FLAPPING_AFTER:
        _add_entry(ticket, "recovered", answer, now)
    ready = finding.clean_runs >= CLEAN_RUNS and finding.proposed_at is None
    if ready and ticket.phase in ("open", "waiting"):
        finding.proposed_at = now
        _add_entry(ticket, "propose", answer, now, clean_runs=finding.clean_runs)
