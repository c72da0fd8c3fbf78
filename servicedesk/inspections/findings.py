"""From abnormal readings to fault tickets: one open ticket per device and item, and no spam.

A finding lives from its first abnormal reading. Further abnormal runs only add to it. When it reads
normal again that is noted once; after ``CLEAN_RUNS`` normal runs in a row the ticket gets a proposal
to resolve. When its ticket is closed the finding closes with it; should it turn abnormal again, a new
ticket is made. A cancelled ticket means "known, leave us alone": no new one until it was normal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from collectors.checks import catalogue
from collectors.levels import is_back
from collectors.messages import N_
from collectors.model import Finding as Judgement
from collectors.model import Message
from collectors.outcome import ABNORMAL, JUDGED, Outcome
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.sentences import render
from servicedesk.equipment.models import Device
from servicedesk.inspections.models import Finding, InspectionRecord
from servicedesk.inspections.outcomes import found_words
from servicedesk.tickets import assigning
from servicedesk.tickets import service as tickets
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import NewTicket, TransitionInput

CLEAN_RUNS = 3
FLAPPING_AFTER = 3  # relapses; from then on the timeline hears of it once a day at most
ACTOR = Actor.system(N_("inspection"))


@dataclass(frozen=True, slots=True)
class _Situation:
    device: Device
    record: InspectionRecord
    now: datetime


def apply_judgements(
    device: Device,
    record: InspectionRecord,
    judged: Sequence[Judgement],
    *,
    now: datetime,
    quiet: bool = False,
) -> None:
    """Bring the device's findings and tickets up to date with one run's judgements.

    Args:
        quiet: the device was being worked on; what is abnormal opens and worsens nothing.
    """
    here = _Situation(device, record, now)
    known = {
        (finding.check, finding.item): finding
        for finding in db.session.scalars(
            sa.select(Finding).where(Finding.device_id == device.id, Finding.state != "closed")
        )
    }
    for judgement in (*judged, *_gone(known, judged)):
        if quiet and judgement.outcome in ABNORMAL:
            continue
        finding = known.get((judgement.check, judgement.item))
        if finding is not None and _ticket_is_done(finding):
            finding = _after_ticket(finding, judgement, here)
        if judgement.outcome in ABNORMAL:
            if finding is None:
                _open_finding(judgement, here)
            else:
                _seen_again(finding, judgement, here)
        elif judgement.outcome is Outcome.OK and finding is not None and not _held(finding, judgement):
            _seen_normal(finding, judgement, here)


def _gone(known: Mapping[tuple[str, str], Finding], judged: Sequence[Judgement]) -> list[Judgement]:
    """Normal judgements for what a check lists only while it is abnormal, and listed no more."""
    listed = {(judgement.check, judgement.item) for judgement in judged}
    checked = {judgement.check for judgement in judged if judgement.outcome in JUDGED}
    lists = {name for name, spec in catalogue().items() if spec.lists_abnormal}
    return [
        Judgement(check, item, Outcome.OK, Message(N_("No longer listed")))
        for check, item in known
        if check in lists & checked and (check, item) not in listed
    ]


def _held(finding: Finding, judgement: Judgement) -> bool:
    """Whether a value is back by less than its margin, so that an open finding stays as it is."""
    if finding.state == "watched" or judgement.levels is None or judgement.value is None:
        return False
    return not is_back(judgement.value, judgement.levels)


def _runs(judgement: Judgement) -> int:
    return judgement.levels.runs if judgement.levels is not None else 1


def _ticket_is_done(finding: Finding) -> bool:
    return finding.ticket is not None and finding.ticket.phase == "closed"


def _after_ticket(finding: Finding, judgement: Judgement, here: _Situation) -> Finding | None:
    """The finding still in force after its ticket was closed, if any."""
    assert finding.ticket is not None
    if finding.ticket.state == "cancelled" and judgement.outcome in ABNORMAL:
        return finding
    if judgement.outcome not in ABNORMAL and judgement.outcome is not Outcome.OK:
        return finding  # not judged this time: nothing is known
    finding.state, finding.closed_at = "closed", here.now
    db.session.flush()
    return None


def message_data(judgement: Judgement) -> dict[str, Any]:
    """A judgement's sentence for a column, so that it can be read in any language later."""
    return {
        "template": judgement.message.template,
        "values": dict(judgement.message.values),
        "value": judgement.value,
        "unit": judgement.unit,
    }


def _open_finding(judgement: Judgement, here: _Situation) -> None:
    finding = Finding(
        client_id=here.device.client_id,
        site_id=here.device.site_id,
        device_id=here.device.id,
        check=judgement.check,
        item=judgement.item,
        outcome=judgement.outcome.value,
        message=message_data(judgement),
        first_at=here.now,
        last_at=here.now,
        last_record_id=here.record.id,
        needed_runs=_runs(judgement),
    )
    db.session.add(finding)
    if finding.needed_runs > 1:
        finding.state = "watched"
    else:
        finding.ticket = _open_ticket(judgement, here)
    db.session.flush()


def _open_ticket(judgement: Judgement, here: _Situation) -> Ticket:
    critical = judgement.outcome is Outcome.CRITICAL
    sentence = render(judgement.message.template, judgement.message.values)
    found = found_words(judgement.check, judgement.item, sentence)
    ticket = tickets.create_ticket(
        NewTicket(
            client_id=here.device.client_id,
            category="fault",
            title=f"{here.device.name} · {found}"[:200],
            description=sentence,
            device_id=here.device.id,
            impact=2,
            urgency=1 if critical else 2,
            source="inspection",
        ),
        actor=ACTOR,
        now=here.now,
    )
    _add_entry(ticket, "seen", judgement, here)
    assigning.to_responsible(ticket, actor=ACTOR, now=here.now)
    return ticket


def _add_entry(
    ticket: Ticket, event: str, judgement: Judgement | None, here: _Situation, **data: Any
) -> None:
    """A machine's entry: data, rendered in the reader's language."""
    details: dict[str, Any] = {"event": event, "record_id": here.record.id, **data}
    if judgement is not None:
        details |= {"outcome": judgement.outcome.value, "check": judgement.check, "item": judgement.item}
        details |= message_data(judgement)
    tickets.add_entry(ticket, "finding", actor=ACTOR, now=here.now, data=details)


def _watched_again(finding: Finding, judgement: Judgement, here: _Situation) -> None:
    """One more of the abnormal runs in a row it takes; with the last of them comes the ticket."""
    finding.occurrences += 1
    finding.needed_runs = _runs(judgement)
    finding.outcome, finding.message = judgement.outcome.value, message_data(judgement)
    finding.last_at, finding.last_record_id = here.now, here.record.id
    if finding.occurrences >= finding.needed_runs:
        finding.state = "open"
        finding.ticket = _open_ticket(judgement, here)
        db.session.flush()


def _seen_again(finding: Finding, judgement: Judgement, here: _Situation) -> None:
    if finding.state == "watched":
        _watched_again(finding, judgement, here)
        return
    relapsed = finding.state == "recovered"
    worse = finding.outcome == Outcome.WARNING and judgement.outcome is Outcome.CRITICAL
    quiet_since = here.now - finding.last_at
    finding.state, finding.clean_runs = "open", 0
    finding.recovered_at = finding.proposed_at = None
    finding.occurrences += 1
    finding.relapses += int(relapsed)
    finding.outcome, finding.message = judgement.outcome.value, message_data(judgement)
    finding.last_at, finding.last_record_id = here.now, here.record.id
    ticket = finding.ticket
    if ticket is None or ticket.phase == "closed":
        return
    if ticket.phase == "resolved":
        reason = _("The inspection found it abnormal again.")
        tickets.transition(ticket, "reopen", TransitionInput(reason=reason), actor=ACTOR, now=here.now)
    flapping = finding.relapses >= FLAPPING_AFTER
    if worse or (relapsed and (not flapping or quiet_since > timedelta(days=1))):
        _add_entry(ticket, "again", judgement, here, relapses=finding.relapses, flapping=flapping)


def _seen_normal(finding: Finding, judgement: Judgement, here: _Situation) -> None:
    first = finding.state == "open"
    finding.clean_runs += 1
    finding.state = "recovered"
    if first:
        finding.recovered_at = here.now
    ticket = finding.ticket
    if ticket is None or ticket.phase == "closed":
        finding.state, finding.closed_at = "closed", here.now
        return
    if first and finding.relapses < FLAPPING_AFTER:
        _add_entry(ticket, "recovered", judgement, here)
    if (
        finding.clean_runs >= CLEAN_RUNS
        and finding.proposed_at is None
        and ticket.phase in ("open", "waiting")
    ):
        finding.proposed_at = here.now
        _add_entry(ticket, "propose", judgement, here, clean_runs=finding.clean_runs)
