"""Ranges, sweeps and hosts that a reader may see: who keeps the equipment there, or allows ranges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.paging import Order
from servicedesk.core.permissions import Permission
from servicedesk.discovery.models import DiscoveryRange, FoundHost, Sweep
from servicedesk.discovery.service import SNMP_KINDS
from servicedesk.equipment.models import Credential, Device
from servicedesk.organisations.models import Organisation, Site

LISTED = 200
HOST_ORDER = Order((FoundHost.key, FoundHost.id), ("key", "id"), descending=False)
SWEEP_ORDER = Order((Sweep.id,), ("id",))


def _scope(actor: Actor, model: type[DiscoveryRange] | type[Sweep]) -> sa.ColumnElement[bool]:
    return actor.scope(Permission.DEVICE_EDIT).clause(model.client_id, model.site_id)


def ranges(actor: Actor) -> Sequence[DiscoveryRange]:
    """What may be swept; at most ``LISTED``."""
    return db.session.scalars(
        sa.select(DiscoveryRange)
        .where(_scope(actor, DiscoveryRange))
        .options(joinedload(DiscoveryRange.site), joinedload(DiscoveryRange.client))
        .order_by(DiscoveryRange.client_id, DiscoveryRange.site_id, DiscoveryRange.id)
        .limit(LISTED)
    ).all()


def get_visible_range(range_id: int, actor: Actor) -> DiscoveryRange:
    """The range, or NotFoundError."""
    found = db.session.scalar(
        sa.select(DiscoveryRange)
        .where(DiscoveryRange.id == range_id, _scope(actor, DiscoveryRange))
        .options(joinedload(DiscoveryRange.site))
    )
    if found is None:
        raise NotFoundError
    return found


def sites_to_allow(actor: Actor) -> Sequence[Any]:
    """Sites at which the actor allows ranges: number, client's name and name."""
    clause = actor.scope(Permission.ORGANISATION_MANAGE).clause(Site.client_id, Site.id)
    return db.session.execute(
        sa.select(Site.id, Organisation.name.label("client_name"), Site.name)
        .join(Organisation, Organisation.id == Site.client_id)
        .where(clause)
        .order_by(Organisation.name, Site.name)
    ).all()


def snmp_credentials(client_id: int) -> Sequence[Any]:
    """A client's credentials for SNMP: number and name, never more."""
    return db.session.execute(
        sa.select(Credential.id, Credential.name)
        .where(Credential.client_id == client_id, Credential.kind.in_(SNMP_KINDS))
        .order_by(Credential.name)
    ).all()


def sweep_rows(actor: Actor) -> sa.Select[*tuple[Any, ...]]:
    """Columns of the list of sweeps."""
    return (
        sa.select(
            Sweep.id,
            Sweep.prefix,
            Sweep.state,
            Sweep.total,
            Sweep.asked,
            Sweep.found,
            Sweep.started_by,
            Sweep.created_at,
            Site.name.label("site_name"),
        )
        .join(Site, Site.id == Sweep.site_id)
        .where(_scope(actor, Sweep))
    )


def get_visible_sweep(sweep_id: int, actor: Actor) -> Sweep:
    """The sweep, or NotFoundError."""
    found = db.session.scalar(
        sa.select(Sweep)
        .where(Sweep.id == sweep_id, _scope(actor, Sweep))
        .options(joinedload(Sweep.site), joinedload(Sweep.credential))
    )
    if found is None:
        raise NotFoundError
    return found


def counts(sweep: Sweep) -> dict[str, int]:
    """How many hosts of each verdict; of a sweep whose hosts are gone, how many there were."""
    if sweep.figures is not None:
        return {verdict: int(count) for verdict, count in sweep.figures.items()}
    rows = db.session.execute(
        sa.select(FoundHost.verdict, sa.func.count())
        .where(FoundHost.sweep_id == sweep.id)
        .group_by(FoundHost.verdict)
    ).all()
    return {row[0]: row[1] for row in rows}


def host_rows(sweep: Sweep, verdict: str = "") -> sa.Select[*tuple[Any, ...]]:
    """Columns of a sweep's hosts, of one verdict or all."""
    statement = (
        sa.select(FoundHost, Device.name.label("device_name"), FoundHost.key, FoundHost.id)
        .outerjoin(Device, Device.id == FoundHost.device_id)
        .where(FoundHost.sweep_id == sweep.id)
    )
    return statement.where(FoundHost.verdict == verdict) if verdict else statement
