"""Carries out trials of own checks: one visit that asks this and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from collectors import runner
from collectors.messages import N_
from collectors.model import Finding, SnmpAccess, SshAccess, Target, Transcript, Visit
from collectors.outcome import Outcome
from collectors.own import judge_own
from servicedesk.core.clock import utcnow
from servicedesk.core.crypto import DecryptionError, Keyring
from servicedesk.core.db import db, for_update, unit_of_work
from servicedesk.equipment.models import Device
from servicedesk.inspections.own.models import OwnCheckTrial
from servicedesk.inspections.own.service import definition_of
from servicedesk.inspections.targets import target_for

log = logging.getLogger(__name__)
DEADLINE_S = 60.0
LOST_AFTER = timedelta(minutes=3)
WAITS = timedelta(seconds=30)  # after this long without a worker a trial is enqueued again
MAX_ANSWER = 20_000  # characters of raw answers that the page shows
MAX_ROWS = 50
KEPT = timedelta(days=7)
LOGIN = "login"  # in place of a definition: the protocol by which a login is tried, and nothing asked

# A web address is asked over none of a device's accesses.
_ASKED_OVER: dict[str, tuple[type[SshAccess] | type[SnmpAccess], ...]] = {
    "command": (SshAccess,),
    "oid": (SnmpAccess,),
    "web": (),
    "newest": (SshAccess,),
}

Visitor = Callable[[Target], Visit]


def run_trial(trial_id: int, keyring: Keyring, *, visitor: Visitor = runner.visit) -> bool:
    """Ask the device; False when the trial was taken by another worker or is gone."""
    target = _claim(trial_id, keyring, utcnow())
    if target is None:
        return False
    visit = visitor(target)
    result = _result(visit.transcript, judge_own(visit.transcript, target))
    with unit_of_work() as session:
        trial = session.get(OwnCheckTrial, trial_id)
        if trial is not None:
            trial.state, trial.finished_at, trial.result = "done", utcnow(), result
    return True


def _claim(trial_id: int, keyring: Keyring, now: datetime) -> Target | None:
    with unit_of_work() as session:
        trial = session.scalar(for_update(sa.select(OwnCheckTrial).where(OwnCheckTrial.id == trial_id)))
        if trial is None or trial.state != "queued":
            return None
        device = session.get_one(Device, trial.device_id)
        try:
            target = target_for(device, keyring=keyring, deadline_s=DEADLINE_S, now=now)
        except DecryptionError as error:
            trial.state, trial.finished_at = "done", now
            trial.result = {"rows": [], "answers": [], "outcome": "not_inspected", "error": str(error)}
            return None
        trial.state, trial.started_at = "running", now
        if protocol := trial.definition.get(LOGIN):
            kept = SshAccess if protocol == "ssh" else SnmpAccess
            accesses = tuple(access for access in target.accesses if isinstance(access, kept))
            return replace(target, accesses=accesses, own_checks=(), only_own=True)
        check = definition_of(trial)
        asked = tuple(access for access in target.accesses if isinstance(access, _ASKED_OVER[check.kind]))
        return replace(target, accesses=asked, own_checks=(check,), only_own=True)


def _result(transcript: Transcript, findings: Sequence[Finding]) -> dict[str, Any]:
    rows = [
        {
            "item": finding.item,
            "value": finding.value,
            "unit": finding.unit,
            "outcome": finding.outcome.value,
            "message": {"template": finding.message.template, "values": dict(finding.message.values)},
        }
        for finding in findings[:MAX_ROWS]
    ]
    answers = [
        {
            "question": exchange.question,
            "answer": exchange.answer.decode("utf-8", "replace").replace("\x00", "")[:MAX_ANSWER],
            "error": exchange.error,
        }
        for exchange in transcript.exchanges[-5:]
    ]
    return {
        "rows": rows,
        "found": len(findings),
        "answers": answers,
        "outcome": transcript.outcome.value,
        "error": transcript.error,
        "platform": transcript.platform,
    }


def waiting(now: datetime) -> list[int]:
    """Trials to enqueue again; those whose worker died say so, old ones go."""
    db.session.execute(sa.delete(OwnCheckTrial).where(OwnCheckTrial.created_at < now - KEPT))
    lost = {
        "rows": [],
        "answers": [],
        "outcome": Outcome.NOT_INSPECTED.value,
        "error": N_("The trial was interrupted. Try it again."),
    }
    for trial in db.session.scalars(
        sa.select(OwnCheckTrial).where(
            OwnCheckTrial.state == "running", OwnCheckTrial.started_at < now - LOST_AFTER
        )
    ):
        trial.state, trial.finished_at, trial.result = "done", now, lost
    return list(
        db.session.scalars(
            sa.select(OwnCheckTrial.id).where(
                OwnCheckTrial.state == "queued", OwnCheckTrial.created_at < now - WAITS
            )
        )
    )
