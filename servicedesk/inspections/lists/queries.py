"""Required lists as far as an actor plans for their clients, and what no plan covers of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.inspections.half_years import DAILY
from servicedesk.inspections.lists.models import RequiredList
from servicedesk.inspections.lists.profiles import PROFILES
from servicedesk.inspections.lists.service import known_checks
from servicedesk.inspections.models import InspectionPlan, plan_devices
from servicedesk.organisations.models import Contract, Site

NAMED = 5  # devices of a gap that are named


def visible_lists(actor: Actor) -> sa.Select[RequiredList]:
    """Of the clients for which the actor plans as a whole."""
    reach = actor.scope(Permission.PLAN_EDIT)
    return (
        sa.select(RequiredList)
        .where(reach.clause(RequiredList.client_id))
        .options(joinedload(RequiredList.client), joinedload(RequiredList.contract))
    )


def get_visible_list(list_id: int, actor: Actor) -> RequiredList:
    """The list with its versions, or NotFoundError."""
    statement = visible_lists(actor).options(selectinload(RequiredList.versions))
    found = db.session.scalar(statement.where(RequiredList.id == list_id))
    if found is None:
        raise NotFoundError
    return found


def contracts_of(client_id: int) -> Sequence[Contract]:
    """A client's contracts with their sites, the newest first."""
    return db.session.scalars(
        sa.select(Contract)
        .where(Contract.client_id == client_id)
        .options(selectinload(Contract.sites))
        .order_by(Contract.starts_on.desc(), Contract.id.desc())
    ).all()


@dataclass(frozen=True, slots=True)
class Gap:
    """Required by a list and covered by no plan: ``devices`` of a site, a ``site`` without a plan, or a
    ``check`` that no longer exists."""

    profile: str
    site: str = ""
    count: int = 0
    devices: tuple[str, ...] = ()
    check: str = ""


def gaps(contract: Contract, day: date) -> list[Gap]:
    """What the lists that hold for a contract require and no active plan covers; five queries at most.

    Plans inherit the lists, so an item of a device is covered when any active plan inspects the device; one
    of deep inspections does not, twice a year is not what lists of daily inspection ask for.
    """
    lists = db.session.scalars(
        sa.select(RequiredList)
        .where(
            RequiredList.client_id == contract.client_id,
            sa.or_(RequiredList.contract_id.is_(None), RequiredList.contract_id == contract.id),
        )
        .order_by(RequiredList.id)
    ).all()
    wanted = {one.profile for one in lists if one.checks and one.profile in PROFILES}
    known = known_checks(contract.client_id)
    found = [Gap(one.profile, check=check) for one in lists for check in one.checks if check not in known]
    if not contract.runs_on(day) or not wanted:
        return found
    sites = _sites(contract)
    return found + _rooms(sites, wanted) + _devices(sites, wanted)


def _sites(contract: Contract) -> dict[int, str]:
    if contract.sites:
        return {site.id: site.name for site in contract.sites}
    rows = db.session.execute(
        sa.select(Site.id, Site.name).where(Site.client_id == contract.client_id, Site.active)
    )
    return {row.id: row.name for row in rows}


def _rooms(sites: dict[int, str], wanted: set[str]) -> list[Gap]:
    profiles = [name for name in PROFILES if name in wanted and not PROFILES[name].classes]
    if not profiles:
        return []
    planned = set(
        db.session.scalars(
            sa.select(InspectionPlan.site_id).where(
                InspectionPlan.active, InspectionPlan.kind == DAILY, InspectionPlan.site_id.in_(sites)
            )
        )
    )
    return [
        Gap(profile, site=name) for profile in profiles for id_, name in sites.items() if id_ not in planned
    ]


def _devices(sites: dict[int, str], wanted: set[str]) -> list[Gap]:
    profile_of = {name: key for key in PROFILES if key in wanted for name in PROFILES[key].classes}
    plan = InspectionPlan
    whole = sa.exists().where(
        plan.active, plan.kind == DAILY, plan.all_devices, plan.site_id == Device.site_id
    )
    chosen = sa.exists().where(
        plan_devices.c.device_id == Device.id,
        plan_devices.c.plan_id == plan.id,
        plan.active,
        plan.kind == DAILY,
    )
    rows = db.session.execute(
        sa.select(Device.name, Device.site_id, Device.device_class)
        .where(
            Device.site_id.in_(sites),
            Device.state == "active",
            Device.device_class.in_(profile_of),
            ~whole,
            ~chosen,
        )
        .order_by(Device.site_id, Device.name)
    )
    groups: dict[tuple[str, int], list[str]] = {}
    for name, site_id, device_class in rows:
        groups.setdefault((profile_of[device_class], site_id), []).append(name)
    return [
        Gap(profile, sites[site_id], len(names), tuple(names[:NAMED]))
        for (profile, site_id), names in groups.items()
    ]
