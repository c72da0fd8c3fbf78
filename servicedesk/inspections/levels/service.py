"""Setting levels: who may, what makes sense, and a reason for every change."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from collectors.levels import RUNGS
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.inspections.levels.models import LevelSetting
from servicedesk.inspections.levels.rules import default_levels, directions
from servicedesk.inspections.outcomes import check_title
from servicedesk.inspections.own.checks import all_checks
from servicedesk.organisations.models import Contract, Site

MAX_RUNS = 20
MAX_NUMBER = 1e15
_AUDITED = (
    "rung",
    "place",
    "check",
    "item",
    "direction",
    "warning",
    "critical",
    "runs",
    "margin",
    "reason",
)


@dataclass(frozen=True, slots=True)
class LevelData:
    """What a person writes of a level."""

    rung: str
    check: str
    reason: str
    item: str = "*"
    direction: str = "upper"
    warning: float | None = None
    critical: float | None = None
    runs: int = 1
    margin: float = 0.0
    device_id: int | None = None
    site_id: int | None = None
    contract_id: int | None = None
    model: str = ""


def draft(client_id: int, data: LevelData, *, actor: Actor, now: datetime) -> LevelSetting:
    """A setting that is checked but not kept, to be tested on history.

    Raises:
        NotAllowedError: the place is not the actor's to set levels for.
        InvalidError: with the field's name.
    """
    setting = LevelSetting(client_id=client_id)
    _fill(setting, data, actor=actor, now=now)
    return setting


def save_level(
    setting: LevelSetting | None, client_id: int, data: LevelData, *, actor: Actor, now: datetime
) -> LevelSetting:
    """Set or change a level; it holds from the next visit on. What was recorded keeps its levels.

    Raises:
        NotAllowedError, InvalidError: as ``draft``; the latter, too, without a reason.
    """
    before = None
    if setting is not None:
        _require(setting, actor)
        before = audit.snapshot(setting, _AUDITED)
    if not data.reason.strip():
        raise InvalidError(_("Say why: the reason is kept in the audit trail."), "reason")
    setting = setting or LevelSetting(client_id=client_id)
    with db.session.no_autoflush:
        _fill(setting, data, actor=actor, now=now)
    db.session.add(setting)
    db.session.flush()
    action = "level.set" if before is None else "level.changed"
    audit.record(
        actor,
        action,
        setting,
        now=now,
        label=_label(setting),
        client_id=client_id,
        before=before,
        after=audit.snapshot(setting, _AUDITED),
    )
    return setting


def remove_level(setting: LevelSetting, *, reason: str, actor: Actor, now: datetime) -> None:
    """Take a level back: what is beneath it on the ladder holds again.

    Raises:
        NotAllowedError, InvalidError: as usual; a reason is needed.
    """
    _require(setting, actor)
    if not reason.strip():
        raise InvalidError(_("Say why: the reason is kept in the audit trail."), "reason")
    audit.record(
        actor,
        "level.removed",
        setting,
        now=now,
        label=_label(setting),
        client_id=setting.client_id,
        before=audit.snapshot(setting, _AUDITED),
        after={"reason": reason.strip()},
    )
    db.session.delete(setting)


def may_change(setting: LevelSetting, actor: Actor) -> bool:
    """Whether the actor may change or remove it: a contract or a model reaches all of the client's sites."""
    site_id = setting.device.site_id if setting.device is not None else setting.site_id
    return actor.allows(Permission.PLAN_EDIT, setting.client_id, site_id)


def _require(setting: LevelSetting, actor: Actor) -> None:
    if not may_change(setting, actor):
        raise NotAllowedError


def _label(setting: LevelSetting) -> str:
    return f"{check_title(setting.check)} · {setting.item} · {setting.place}"[:200]


def _fill(setting: LevelSetting, data: LevelData, *, actor: Actor, now: datetime) -> None:
    _require_numbers(setting.client_id, data)
    place = _place(setting.client_id, data)
    setting.rung = data.rung
    setting.device = place if isinstance(place, Device) else None
    setting.site = place if isinstance(place, Site) else None
    setting.contract = place if isinstance(place, Contract) else None
    setting.device_id = place.id if isinstance(place, Device) else None
    setting.site_id = place.id if isinstance(place, Site) else None
    setting.contract_id = place.id if isinstance(place, Contract) else None
    setting.model = place if isinstance(place, str) else ""
    _require(setting, actor)
    setting.check, setting.item = data.check, data.item.strip() or "*"
    setting.direction = data.direction
    setting.warning, setting.critical = data.warning, data.critical
    setting.runs, setting.margin = data.runs, data.margin
    setting.reason = data.reason.strip()
    setting.set_by, setting.set_at = actor.name, now


def _place(client_id: int, data: LevelData) -> Device | Site | Contract | str:
    if data.rung not in RUNGS:
        raise InvalidError(_("Choose where the level holds."), "rung")
    if data.rung == "model":
        if not data.model.strip(" *?"):
            raise InvalidError(_("Name the model or platform, for instance S5720* or huawei_vrp."), "model")
        return data.model.strip()
    found: Device | Site | Contract | None
    match data.rung:
        case "device":
            found, field = db.session.get(Device, data.device_id or 0), "device_id"
        case "site":
            found, field = db.session.get(Site, data.site_id or 0), "site_id"
        case _:
            found, field = db.session.get(Contract, data.contract_id or 0), "contract_id"
    if found is None or found.client_id != client_id:
        raise InvalidError(_("Choose one of this client."), field)
    return found


def _require_numbers(client_id: int, data: LevelData) -> None:
    spec = all_checks({client_id}).get(data.check)
    sides = directions(spec) if spec is not None else ()
    if not sides:
        raise InvalidError(_("This check compares no numbers, so it has no levels."), "check")
    if data.direction not in sides:
        raise InvalidError(_("This check judges the other side alone."), "direction")
    for name, value in (("warning", data.warning), ("critical", data.critical), ("margin", data.margin)):
        if value is not None and not (math.isfinite(value) and abs(value) <= MAX_NUMBER):
            raise InvalidError(_("Write a number."), name)
    if data.warning is None and data.critical is None:
        raise InvalidError(_("Give at least one of the two levels."), "warning")
    default = default_levels(data.check)
    warning = _first(data.warning, getattr(default, f"warning_{data.direction}"))
    critical = _first(data.critical, getattr(default, f"critical_{data.direction}"))
    if warning is not None and critical is not None:
        if data.direction == "upper" and warning > critical:
            raise InvalidError(_("The warning level must not lie above the critical one."), "warning")
        if data.direction == "lower" and warning < critical:
            raise InvalidError(_("The warning level must not lie below the critical one."), "warning")
    if not 1 <= data.runs <= MAX_RUNS:
        raise InvalidError(_("Write a number from %(low)s to %(high)s.", low=1, high=MAX_RUNS), "runs")
    if data.margin < 0:
        raise InvalidError(_("The margin must not be negative."), "margin")


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)
