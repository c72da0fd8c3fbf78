"""Visits that never happened, for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from collectors import transcripts
from collectors.model import (
    DeviceFacts,
    Evidence,
    Exchange,
    Finding,
    Identity,
    Levels,
    Message,
    Target,
    Transcript,
    Visit,
)
from collectors.outcome import Outcome
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.equipment.models import Device
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.inspections.recording import record_visit
from servicedesk.inspections.runs import start_device
from servicedesk.inspections.visiting import claim
from tests.servicedesk.world import SYSTEM

OK, WARNING, CRITICAL = Outcome.OK, Outcome.WARNING, Outcome.CRITICAL
LEVELS = Levels(warning_upper=80, critical_upper=90)


def judged(outcome: Outcome, item: str = "/", value: float = 50.0, check: str = "filesystem_used") -> Finding:
    return Finding(
        check, item, outcome, Message("%(value)s %%", {"value": value}), value, "%", LEVELS, Evidence(0, 2)
    )


def visit_of(
    target: Target,
    findings: Sequence[Finding] = (),
    *,
    at: datetime,
    outcome: Outcome = OK,
    error: str = "",
    session: dict[str, str] | None = None,
) -> Visit:
    exchange = Exchange("ssh", "df -P", b"Filesystem\n/dev/sda1 50%\n")
    told = {"ssh.outcome": outcome.value, "ssh.error": error, **(session or {})}
    transcript = Transcript(
        target.key, target.address, at, 1.25, (exchange,), outcome, error, "linux", told, "test"
    )
    return Visit(
        transcript, DeviceFacts(identity=Identity(vendor="Acme", model="X1", serial="S1")), tuple(findings)
    )


def take(run: InspectionRun, at: datetime) -> tuple[object, Target]:
    """Claim the run's only waiting visit."""
    record_id = db.session.scalars(
        sa.select(InspectionRecord.id).where(
            InspectionRecord.run_id == run.id, InspectionRecord.state == "queued"
        )
    ).one()
    claimed = claim(record_id, runtime().keyring, 60, now=at)
    assert claimed is not None
    return claimed


def finish(claimed: tuple[object, Target], visit: Visit, at: datetime) -> bool:
    sha256 = runtime().blobs.put(
        transcripts.pack(visit.transcript), sha256=transcripts.digest(visit.transcript)
    )
    with unit_of_work():
        return record_visit(claimed[0], visit, sha256, now=at)  # type: ignore[arg-type]


def inspect(device: Device, findings: Sequence[Finding], at: datetime, **values: object) -> InspectionRun:
    """One whole inspection of one device."""
    with unit_of_work():
        run = start_device(device, actor=SYSTEM, now=at)
    claimed = take(run, at + timedelta(seconds=1))
    assert finish(claimed, visit_of(claimed[1], findings, at=at, **values), at + timedelta(seconds=3))  # type: ignore[arg-type]
    return run
