"""Writes the ledger: the required list and everything judged, against what a visit gave."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from collectors.checks import catalogue
from collectors.messages import N_
from collectors.model import Finding as Judgement
from collectors.outcome import JUDGED, Outcome, worst
from servicedesk.core.db import db
from servicedesk.equipment.models import Device
from servicedesk.inspections.coverage.models import CoverageEntry
from servicedesk.inspections.coverage.reasons import NOT_ASKED, NOT_CONFIGURED, PERFORMED, reason_of
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.inspections.own.models import PREFIX
from servicedesk.inspections.required import from_json

_NEEDS_LOGIN = N_("Only a login over SSH tells this, and none is set up.")
_PLATFORM = N_("What is asked of this platform does not contain it.")
_OTHER_DEVICES = N_("This check is not defined for this device.")
# Families whose facts only a shell gives.
_LOGIN_FAMILIES = ("collectors.checks.host", "collectors.checks.security")


def write_visit(
    record: InspectionRecord, run: InspectionRun, device: Device, judged: Sequence[Judgement]
) -> None:
    """The ledger of a visit that was made, in the caller's transaction."""
    by_check: dict[str, list[Judgement]] = defaultdict(list)
    for judgement in judged:
        by_check[judgement.check].append(judgement)
    required = _required(run.required, device.device_class)
    rows = []
    for check in dict.fromkeys((*required, *by_check)):
        mine = by_check.get(check, [])
        row = _from_judgements(mine) if mine else _gap(check, record, device)
        rows.append({"record_id": record.id, "check": check, "required": check in required, **row})
    _insert(rows)


def write_unvisited(
    records: Iterable[tuple[int, str]], required: Sequence[Any], reason: str, detail: str
) -> None:
    """The ledger of records (number, device class) nobody visited: all that was required is a gap."""
    _insert(
        {
            "record_id": record_id,
            "check": check,
            "required": True,
            "reason": reason,
            "items": 0,
            "failed": 0,
            "detail": detail[:300],
        }
        for record_id, device_class in records
        for check in _required(required, device_class)
    )


def _required(rows: Sequence[Any], device_class: str) -> dict[str, None]:
    return {item.check: None for item in from_json(rows) if item.applies_to(device_class)}


def _from_judgements(mine: Sequence[Judgement]) -> Mapping[str, Any]:
    failed = [one for one in mine if one.outcome not in JUDGED]
    items = len(mine) - len(failed)
    detail = str(failed[0].message)[:300] if failed else ""
    reason = PERFORMED if items else reason_of(worst(one.outcome for one in failed), detail)
    return {"reason": reason, "items": items, "failed": len(failed), "detail": detail}


def _gap(check: str, record: InspectionRecord, device: Device) -> Mapping[str, Any]:
    """A check the visit says nothing of: why?"""
    outcome = Outcome(record.outcome)
    if outcome not in (Outcome.OK, Outcome.PARSE_FAILED):
        reason, detail = reason_of(outcome, record.error), record.error
    elif check.startswith(PREFIX):
        reason, detail = Outcome.NOT_APPLICABLE.value, _OTHER_DEVICES
    elif _needs_login(check) and not any(a.protocol in ("ssh", "local") for a in device.accesses):
        reason, detail = NOT_CONFIGURED, _NEEDS_LOGIN
    else:
        reason, detail = NOT_ASKED, _PLATFORM
    return {"reason": reason, "items": 0, "failed": 0, "detail": detail[:300]}


def _needs_login(check: str) -> bool:
    spec = catalogue().get(check)
    return spec is not None and spec.run.__module__.startswith(_LOGIN_FAMILIES)


def _insert(rows: Iterable[Mapping[str, Any]]) -> None:
    values = list(rows)
    if values:
        db.session.execute(sa.insert(CoverageEntry), values)
