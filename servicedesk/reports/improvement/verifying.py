"""Whether what was done had its effect: asked of the records that came after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.equipment.lifecycle import RUNNING
from servicedesk.equipment.models import Device
from servicedesk.equipment.support_models import SupportContract, support_contract_devices
from servicedesk.inspections.models import Finding
from servicedesk.reports.deep.gathering.reliance import MANY, graph_of
from servicedesk.reports.improvement import later, rules, service
from servicedesk.reports.improvement.later import RUNS, cell
from servicedesk.reports.improvement.models import Improvement
from servicedesk.reports.improvement.states import DONE
from servicedesk.tickets.models import Ticket

QUIET_DAYS = 30
VERIFIER = Actor.system(N_("later records"))
_NO_FAULT = ("merged", "cancelled", "rejected")


@dataclass(frozen=True, slots=True)
class Verdict:
    """``words``: a sentence as template and values; ``evidence``: cells of the records that say so."""

    effective: bool
    words: dict[str, Any]
    evidence: tuple[dict[str, Any], ...] = ()


def _say(effective: bool, template: str, *evidence: dict[str, Any], **values: Any) -> Verdict:
    return Verdict(effective, {"template": template, "values": values}, evidence[: rules.MOST_EVIDENCE])


def verdict_on(item: Improvement, now: datetime) -> Verdict | None:
    """What later records say of an item that is done; None while they say nothing yet."""
    check = _CHECKS.get(item.rule)
    if check is None or item.done_at is None:
        return None
    return check(item, item.done_at, now)


def waiting() -> list[int]:
    """Items that later records could verify."""
    done = sa.select(Improvement.id).where(Improvement.state == DONE, Improvement.rule.in_(sorted(_CHECKS)))
    return list(db.session.scalars(done.order_by(Improvement.id)))


def settle(item_id: int, *, now: datetime) -> bool:
    """Close an item whose effect shows, open one again whose effect does not; False when nothing is known."""
    item = db.session.get(Improvement, item_id)
    found = verdict_on(item, now) if item is not None and item.state == DONE else None
    if found is None:
        return False
    key = "verify" if found.effective else "refute"
    service.take(item_id, key, actor=VERIFIER, now=now, words=found.words, evidence=list(found.evidence))
    return True


def _running(item: Improvement) -> list[Device]:
    """Its devices that are still in use; what was retired can fail no more."""
    return [device for device in item.devices if device.state in RUNNING]


def _retired(item: Improvement) -> Verdict | None:
    if item.devices and not _running(item):
        return _say(True, N_("The devices are no longer in use."))
    return None


def _capacity(item: Improvement, since: datetime, _now: datetime) -> Verdict | None:
    facts, fine = item.facts, []
    least = min(facts["now"], facts["limit"])
    shown = ""
    for device in _running(item):
        runs = later.runs(device.id, facts["check"], since, item=facts["item"])
        values = [value for run in runs for value in run.values]
        if len(runs) < RUNS or not values:
            return None
        record = cell("record", runs[0].record_id)
        shown = f"{values[0]:g} {facts['unit']}".strip()
        if all(value >= least for value in values):
            return _say(False, N_("Now %(value)s: not lower than it was."), record, value=shown)
        if any(value >= least for value in values):
            return None
        fine.append(record)
    if not fine:
        return _retired(item)
    return _say(True, N_("Now %(value)s: below the limit and lower than it was."), *fine, value=shown)


def _baseline(item: Improvement, since: datetime, _now: datetime) -> Verdict | None:
    fine: list[dict[str, Any]] = []
    for device in _running(item):
        runs = later.runs(device.id, item.facts["check"], since)
        if len(runs) < RUNS:
            return None
        if runs[0].abnormal:
            record = cell("record", runs[0].record_id)
            return _say(False, N_("%(name)s is still abnormal."), record, name=device.name)
        if any(run.abnormal for run in runs):
            return None
        fine.append(cell("record", runs[0].record_id))
    if not fine:
        return _retired(item)
    return _say(True, N_("Normal in %(count)s later inspections of each device."), *fine, count=RUNS)


def _life(item: Improvement, since: datetime, _now: datetime) -> Verdict | None:
    same = [device for device in _running(item) if _unchanged(device, item.facts)]
    if not same:
        return _say(True, N_("The devices were replaced, upgraded or taken out of use."))
    seen = [record for device in same if (record := later.answered(device.id, since, RUNS)) is not None]
    if len(seen) == len(same):
        name = same[0].name
        return _say(
            False,
            N_("%(name)s has the same model and version as before."),
            cell("record", seen[0]),
            name=name,
        )
    return None


def _unchanged(device: Device, facts: dict[str, Any]) -> bool:
    model = " ".join(filter(None, (device.vendor, device.model)))
    version = facts.get("versions", {}).get(str(device.id))
    return model == facts["model"] and version in (None, device.software_version)


def _repeated(item: Improvement, since: datetime, now: datetime) -> Verdict | None:
    facts, devices = item.facts, _running(item)
    numbers = [device.id for device in devices]
    again = db.session.scalar(
        sa.select(Finding)
        .where(Finding.device_id.in_(numbers), Finding.check == facts["check"])
        .where(Finding.item == facts["item"], Finding.last_at > since, Finding.state != "watched")
        .order_by(Finding.id.desc())
        .limit(1)
    )
    if again is not None:
        return _say(False, N_("It was found abnormal again."), cell("record", again.last_record_id))
    if now < since + timedelta(days=QUIET_DAYS):
        return None
    # Quiet is only what was looked at.
    seen = [record for number in numbers if (record := later.answered(number, since, RUNS)) is not None]
    if not numbers or len(seen) < len(numbers):
        return _retired(item)
    return _say(True, N_("Not found abnormal for %(count)s days."), cell("record", seen[0]), count=QUIET_DAYS)


def _faults(item: Improvement, since: datetime, now: datetime) -> Verdict | None:
    numbers = [device.id for device in item.devices]
    fault = db.session.scalar(
        sa.select(Ticket)
        .where(Ticket.category == "fault", Ticket.device_id.in_(numbers), Ticket.created_at > since)
        .where(Ticket.state.not_in(_NO_FAULT))
        .order_by(Ticket.id)
        .limit(1)
    )
    if fault is not None:
        return _say(
            False,
            N_("A fault was registered again."),
            cell("ticket", [fault.id, fault.number, fault.title]),
        )
    if now < since + timedelta(days=QUIET_DAYS):
        return None
    return _say(True, N_("No fault for %(count)s days."), count=QUIET_DAYS)


def _contract(item: Improvement, _since: datetime, now: datetime) -> Verdict | None:
    covers, ends = support_contract_devices.c, item.facts["ends"]
    numbers = db.session.scalars(
        sa.select(Device.id)
        .join(support_contract_devices, covers.device_id == Device.id)
        .where(covers.contract_id == item.facts["contract"], Device.state.in_(sorted(RUNNING)))
    ).all()
    if not numbers:
        return None
    beyond = _covered(item, numbers, SupportContract.ends_on > datetime.fromisoformat(ends).date())
    if set(beyond) >= set(numbers):
        contract = next(iter(beyond.values()))
        return _say(
            True,
            N_("The devices are covered until %(day)s."),
            cell("contract", [contract.id, contract.number]),
            day=contract.ends_on.isoformat(),
        )
    if now.date().isoformat() > ends:
        count = len(set(numbers) - set(beyond))
        return _say(False, N_("It ended, and %(count)s devices are covered by no other."), count=count)
    return None


def _bare(item: Improvement, _since: datetime, now: datetime) -> Verdict | None:
    today, devices = now.date(), _running(item)
    covered = _covered(item, [device.id for device in devices], SupportContract.ends_on >= today)
    if any(
        device.id not in covered and (device.warranty_until is None or device.warranty_until < today)
        for device in devices
    ):
        return None
    contracts = {contract.id: contract for contract in covered.values()}
    evidence = [cell("contract", [one.id, one.number]) for one in contracts.values()]
    return _retired(item) or _say(True, N_("A warranty or contract covers each device."), *evidence)


def _covered(item: Improvement, numbers: Any, holds: sa.ColumnElement[bool]) -> dict[int, SupportContract]:
    """Device → a contract of the client for which ``holds`` is true."""
    covers = support_contract_devices.c
    rows = db.session.execute(
        sa.select(covers.device_id, SupportContract)
        .join(SupportContract, SupportContract.id == covers.contract_id)
        .where(SupportContract.client_id == item.client_id, covers.device_id.in_(list(numbers)), holds)
        .order_by(SupportContract.ends_on.desc())
    )
    return {row[0]: row[1] for row in rows}


def _single(item: Improvement, _since: datetime, _now: datetime) -> Verdict | None:
    graph = graph_of(item.client_id)
    devices = _running(item)
    if any(len(graph.stopped_with(device.id)) >= MANY for device in devices):
        return None
    if any(device.id in graph.seconded for device in devices):
        return _say(True, N_("Another device is recorded as its second."))
    return _retired(item) or _say(True, N_("Fewer than three devices depend on it alone."))


_CHECKS: dict[str, Callable[[Improvement, datetime, datetime], Verdict | None]] = {
    rules.CAPACITY: _capacity,
    rules.BASELINE: _baseline,
    rules.LIFE: _life,
    rules.REPEATED: _repeated,
    rules.FAULTS: _faults,
    rules.CONTRACT: _contract,
    rules.BARE: _bare,
    rules.SINGLE: _single,
}
