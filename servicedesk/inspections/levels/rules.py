"""Which levels hold for a device: settings of the database as the collectors' rules."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fnmatch import fnmatchcase
from typing import Literal, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from collectors.checks import CheckSpec, catalogue
from collectors.checks.spec import NO_LEVELS
from collectors.messages import N_
from collectors.model import LevelRule, Levels
from servicedesk.core.db import db
from servicedesk.core.i18n import select_timezone
from servicedesk.equipment.models import Device
from servicedesk.inspections.levels.models import LevelSetting
from servicedesk.inspections.own.checks import all_checks, own_levels
from servicedesk.inspections.own.models import PREFIX
from servicedesk.organisations.models import Contract, Site

# Stored with every reading, in English; shown in the reader's language.
_PROVENANCES = {
    "device": N_("level of device %(name)s, set %(day)s by %(who)s"),
    "model": N_("level of model %(name)s, set %(day)s by %(who)s"),
    "site": N_("level of site %(name)s, set %(day)s by %(who)s"),
    "contract": N_("level of contract %(name)s, set %(day)s by %(who)s"),
}
Rung = Literal["contract", "site", "model", "device"]
Direction = Literal["upper", "lower"]
_MAX_NAME = 80  # two names and the words around them fit the provenance's column


def rule_of(setting: LevelSetting, place: str | None = None) -> LevelRule:
    """A setting in the collectors' words; ``place`` for one whose relations are not loaded."""
    provenance = _PROVENANCES[setting.rung] % {
        "name": (setting.place if place is None else place)[:_MAX_NAME],
        "day": setting.set_at.astimezone(ZoneInfo(select_timezone())).date().isoformat(),
        "who": setting.set_by[:_MAX_NAME],
    }
    return LevelRule(
        check=setting.check,
        provenance=provenance,
        item=setting.item,
        warning=setting.warning,
        critical=setting.critical,
        direction=cast(Direction, setting.direction),
        rung=cast(Rung, setting.rung),
        runs=setting.runs,
        margin=setting.margin,
    )


def fits_model(pattern: str, device: Device) -> bool:
    """Whether a glob names the device's model or platform; case does not matter."""
    wanted = pattern.casefold()
    return any(name and fnmatchcase(name.casefold(), wanted) for name in (device.model, device.platform))


def holds_for(setting: LevelSetting, device: Device, contract_ids: frozenset[int]) -> bool:
    """Whether a setting of the device's client holds for it, given the contracts in force for its site."""
    match setting.rung:
        case "device":
            return setting.device_id == device.id
        case "model":
            return fits_model(setting.model, device)
        case "site":
            return setting.site_id == device.site_id
        case _:
            return setting.contract_id in contract_ids


def contracts_in_force(client_id: int, site_id: int, day: date) -> frozenset[int]:
    """Contracts of a client that cover a site on a day."""
    statement = sa.select(Contract.id).where(
        Contract.client_id == client_id,
        Contract.starts_on <= day,
        Contract.ends_on >= day,
        sa.or_(~Contract.sites.any(), Contract.sites.any(Site.id == site_id)),
    )
    return frozenset(db.session.scalars(statement))


def settings_for(device: Device, day: date) -> list[LevelSetting]:
    """The settings that hold for a device on a day, the older first; two queries at most."""
    found = db.session.scalars(
        sa.select(LevelSetting)
        .where(LevelSetting.client_id == device.client_id)
        .where(sa.or_(LevelSetting.device_id.is_(None), LevelSetting.device_id == device.id))
        .where(sa.or_(LevelSetting.site_id.is_(None), LevelSetting.site_id == device.site_id))
        .options(
            joinedload(LevelSetting.device), joinedload(LevelSetting.site), joinedload(LevelSetting.contract)
        )
        .order_by(LevelSetting.id)
    ).all()
    if not found:
        return []
    named = any(setting.contract_id is not None for setting in found)
    contracts = contracts_in_force(device.client_id, device.site_id, day) if named else frozenset()
    return [setting for setting in found if holds_for(setting, device, contracts)]


def rules_for(device: Device, day: date) -> tuple[LevelRule, ...]:
    """What a visit's target carries."""
    return tuple(rule_of(setting) for setting in settings_for(device, day))


def directions(spec: CheckSpec) -> tuple[str, ...]:
    """On which sides a check compares with levels; none for checks that compare no numbers."""
    if spec.by_limits:
        return ("upper", "lower")
    upper = (spec.levels.warning_upper, spec.levels.critical_upper) != (None, None)
    lower = (spec.levels.warning_lower, spec.levels.critical_lower) != (None, None)
    return tuple(side for side, given in (("upper", upper), ("lower", lower)) if given)


def levelled_checks(client_ids: Iterable[int] | None = None) -> dict[str, CheckSpec]:
    """The checks one can set levels for: the product's, and these clients' own."""
    return {name: spec for name, spec in all_checks(client_ids).items() if directions(spec)}


def default_levels(check: str) -> Levels:
    """The product's levels of a check, or those of an own check's definition."""
    if check.startswith(PREFIX):
        return own_levels(check)
    spec = catalogue().get(check)
    return spec.levels if spec is not None else NO_LEVELS


def matching(rules: Iterable[LevelRule], check: str, item: str) -> list[LevelRule]:
    """The rules that name this item of this check."""
    return [rule for rule in rules if rule.check == check and fnmatchcase(item, rule.item)]
