"""Plays months of daily inspections: the same code as live visits, on answers of the simulator's past."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from collectors.model import SshAccess, Target, Transcript, Visit
from collectors.runner import judge_transcript, transcript_of
from collectors.simulator.past import PastDevice
from collectors.simulator.site import read_site
from collectors.transcripts import digest, pack
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.demo import texts
from servicedesk.demo.building import HISTORY, Cast
from servicedesk.demo.working import how_resolved
from servicedesk.inspections.amending.service import Correction, amend
from servicedesk.inspections.amending.service import review as amendment_review
from servicedesk.inspections.amending.subjects import Reference
from servicedesk.inspections.days import service as day_service
from servicedesk.inspections.days.judging import MISSED
from servicedesk.inspections.models import Finding, InspectionPlan, InspectionRecord, InspectionRun
from servicedesk.inspections.outcomes import BY_CODE
from servicedesk.inspections.plans import works_of
from servicedesk.inspections.recording import Claim, record_visit
from servicedesk.inspections.reviewing import service as reviewing
from servicedesk.inspections.reviewing.models import CHECKED, OBJECTED, SampledItem
from servicedesk.inspections.reviewing.queries import requests_of
from servicedesk.inspections.runs import open_due_runs
from servicedesk.inspections.signing import sign
from servicedesk.inspections.slots import parse_times, slots_between
from servicedesk.inspections.targets import target_for
from servicedesk.staff.actors import actor_for
from servicedesk.staff.models import User
from servicedesk.tickets import service as tickets
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import TransitionInput

REPAIR_AFTER = timedelta(days=2)
MISSED_BEFORE = 6  # days before the last one


def play(cast: Cast, now: datetime) -> None:
    """Every working day up to yesterday: inspect, sign, review, repair."""
    specs = read_site(json.dumps(list(cast.entries.values())))
    past = {spec.name: PastDevice(spec, now - HISTORY) for spec in specs}
    slots = list(_slots(cast, now))
    for number, slot in enumerate(slots, 1):
        with unit_of_work():
            # One day nobody was there: its runs are missed, and explained below.
            late = timedelta(hours=3) if number == len(slots) - MISSED_BEFORE else timedelta(seconds=1)
            for run in open_due_runs(slot + late):
                _visit_all(run, cast, past, slot)
        with unit_of_work():
            _sign(cast, slot, last=number > len(slots) - 2)
        with unit_of_work():
            _repair(cast, slot + timedelta(hours=6))
        if number % 10 == 0 or number == len(slots):
            sys.stdout.write(f"  {number} of {len(slots)} days of inspections\n")
            sys.stdout.flush()
    with unit_of_work():
        _explain(cast, now)
    with unit_of_work() as session:
        session.execute(sa.update(InspectionPlan).values(scheduled_until=now))


def _slots(cast: Cast, now: datetime) -> Iterator[datetime]:
    plan = next(iter(cast.plans.values()))
    zone = ZoneInfo(plan.site.timezone)
    until = datetime.combine(now.astimezone(zone).date(), datetime.min.time(), zone).astimezone(UTC)
    return slots_between(
        parse_times(plan.times), plan.weekdays, zone, plan.scheduled_until, until, works_of(plan)
    )


def _visit_all(run: InspectionRun, cast: Cast, past: dict[str, PastDevice], slot: datetime) -> None:
    blobs, keyring = runtime().blobs, runtime().keyring
    rows = db.session.scalars(
        sa.select(InspectionRecord).where(
            InspectionRecord.run_id == run.id, InspectionRecord.state == "queued"
        )
    ).all()
    run.retries = 0
    for number, record in enumerate(rows):
        at = slot + timedelta(seconds=2 + number)
        target = target_for(record.device, keyring=keyring, deadline_s=60, now=at)
        transcript = _transcript(target, past[record.device.name], at)
        facts, findings = judge_transcript(transcript, target)
        record.state, record.attempt = "running", 1
        db.session.flush()
        sha256 = blobs.put(pack(transcript), sha256=digest(transcript))
        visit = Visit(transcript, facts, findings)
        record_visit(Claim(record.id, 1), visit, sha256, now=at + timedelta(seconds=2))


def _transcript(target: Target, device: PastDevice, at: datetime) -> Transcript:
    """What a visit at that moment would have brought home."""
    access = target.accesses[0]
    result = device.visit(target, access, at)
    name = "ssh" if isinstance(access, SshAccess) else "snmp"
    return transcript_of(target, at, 1.4, [(name, result)])


def _actor(user: User, at: datetime) -> Actor:
    return actor_for(user, today=at.date())


def _sign(cast: Cast, slot: datetime, *, last: bool) -> None:
    done = sa.select(InspectionRun).where(InspectionRun.slot == slot, InspectionRun.state != "missed")
    for run in db.session.scalars(done):
        inspector = cast.users["zhangwei" if run.site_id == cast.sites["hq"].id else "liuyang"]
        at = slot + timedelta(minutes=40)
        sign(run, note=texts.SIGN_NOTE.say(cast.chinese), actor=_actor(inspector, at), now=at)
        if not last:
            at += timedelta(hours=5)
            reviewer = _actor(cast.users["zhaolei"], at)
            _review(run, cast, reviewer, at)


def _review(run: InspectionRun, cast: Cast, reviewer: Actor, at: datetime) -> None:
    """By its sample; in every twentieth record one item is objected to, and amended the next hour."""
    found = reviewing.begin(run, actor=reviewer, now=at)
    items = db.session.scalars(sa.select(SampledItem).where(SampledItem.review_id == found.id)).all()
    decided = {item.id: (CHECKED, "") for item in items}
    if items and run.id % 20 == 0:
        decided[items[-1].id] = (OBJECTED, texts.OBJECTION.say(cast.chinese))
    reviewing.look_at(found, decided, actor=reviewer, now=at)
    reviewing.accept(found, note=texts.REVIEW_NOTE.say(cast.chinese), actor=reviewer, now=at)
    inspector = cast.users["zhangwei" if run.site_id == cast.sites["hq"].id else "liuyang"]
    for row in requests_of(run.id):
        subject = Reference(row.SampledItem.record_id, row.check, row.item)
        value = "" if row.value is None else f"{row.value:.10g}"
        said = BY_CODE[row.outcome].value
        given = Correction(
            texts.AMEND_REASON.say(cast.chinese), said, value, texts.AMEND_REMARK.say(cast.chinese)
        )
        later = at + timedelta(hours=1)
        made = amend(run, subject, given, actor=_actor(inspector, later), now=later)
        amendment_review(made, accept=True, note="", actor=reviewer, now=later + timedelta(hours=1))


def _explain(cast: Cast, now: datetime) -> None:
    """The missed day: accepted at one site, waiting for its approval at the other."""
    for row in day_service.ask(now):
        if row.kind != MISSED:
            continue
        here = row.site_id == cast.sites["hq"].id
        engineer = _actor(cast.users["zhangwei" if here else "liuyang"], now)
        text = texts.MISSED_REASON.say(cast.chinese)
        written = day_service.write(row.site, row.day, text, actor=engineer, now=now)
        if here:
            supervisor = _actor(cast.users["zhaolei"], now)
            day_service.decide(written, accept=True, note="", actor=supervisor, now=now)


def _repair(cast: Cast, at: datetime) -> None:
    """Engineers resolve inspection tickets after a while; the supervisor closes those that stay normal."""
    system = cast.users
    recovered = set(db.session.scalars(sa.select(Finding.ticket_id).where(Finding.state == "recovered")))
    due = db.session.scalars(
        sa.select(Ticket)
        .where(Ticket.source == "inspection", Ticket.phase != "closed", Ticket.created_at < at - REPAIR_AFTER)
        .order_by(Ticket.id)
    ).all()
    for ticket in due:
        text = texts.RESOLUTIONS[ticket.id % len(texts.RESOLUTIONS)].say(cast.chinese)
        worker = next(u for u in system.values() if u.id == (ticket.assignee_id or system["chenjing"].id))
        actor = _actor(worker, at)
        if ticket.state in ("new", "assigned"):
            tickets.transition(ticket, "start", TransitionInput(), actor=actor, now=at)
        elif ticket.state == "in_progress" and ticket.id in recovered:
            tickets.transition(
                ticket,
                "resolve",
                TransitionInput(resolution=text, details=how_resolved(ticket)),
                actor=actor,
                now=at,
            )
        elif ticket.state == "resolved":
            given = TransitionInput(reason=texts.CLOSE_REASON.say(cast.chinese))
            tickets.transition(ticket, "close", given, actor=_actor(system["zhaolei"], at), now=at)
