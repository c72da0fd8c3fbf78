"""How long the hosts that sweeps found are kept. A sweep and its figures stay for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.discovery.models import DiscoveryKeeping, FoundHost, Sweep, SweepChunk
from servicedesk.discovery.queries import counts
from servicedesk.discovery.service import UNDER_WAY
from servicedesk.organisations.models import CLIENT, Organisation

DEFAULT_DAYS, LEAST_DAYS, MOST_DAYS = 180, 7, 3650
BATCH = 2000  # hosts a transaction


@dataclass(frozen=True, slots=True)
class Kept:
    """A client's rule, and what it lets go now."""

    client_id: int
    client_name: str
    days: int
    sweeps: int
    hosts: int


def kept_days(client_ids: Sequence[int] | None = None) -> dict[int, int]:
    """Days by client, only where somebody settled them."""
    statement = sa.select(DiscoveryKeeping.client_id, DiscoveryKeeping.days)
    if client_ids is not None:
        statement = statement.where(DiscoveryKeeping.client_id.in_(client_ids))
    return {row.client_id: row.days for row in db.session.execute(statement)}


def rules(actor: Actor, now: datetime, *, tried: dict[int, int] | None = None) -> list[Kept]:
    """Clients whose rule the actor may settle, with what goes next; ``tried``: days only looked at."""
    clause = actor.scope(Permission.ORGANISATION_MANAGE).clause(Organisation.id)
    clients = db.session.execute(
        sa.select(Organisation.id, Organisation.name)
        .where(Organisation.kind == CLIENT, clause)
        .order_by(Organisation.name, Organisation.id)
    ).all()
    ids = [row.id for row in clients]
    days = dict.fromkeys(ids, DEFAULT_DAYS) | kept_days(ids) | (tried or {})
    sweeps = sa.func.count(sa.distinct(Sweep.id))
    hosts = sa.func.count(FoundHost.id)
    due = {
        row[0]: (row[1], row[2])
        for row in db.session.execute(
            sa.select(Sweep.client_id, sweeps, hosts)
            .outerjoin(FoundHost, FoundHost.sweep_id == Sweep.id)
            .where(_due(days, now), Sweep.client_id.in_(ids))
            .group_by(Sweep.client_id)
        )
    }
    return [Kept(row.id, row.name, days[row.id], *due.get(row.id, (0, 0))) for row in clients]


def _due(days: dict[int, int], now: datetime, *, others: int | None = None) -> sa.ColumnElement[bool]:
    """Sweeps that are over, old enough, and still have their hosts.

    Args:
        others: days of the clients that are not among ``days``; None: those are left out.
    """
    by_days: dict[int, list[int]] = {}
    for client_id, count in days.items():
        by_days.setdefault(count, []).append(client_id)
    parts = [
        sa.and_(Sweep.client_id.in_(ids), Sweep.created_at < now - timedelta(days=count))
        for count, ids in by_days.items()
    ]
    if others is not None:
        older = Sweep.created_at < now - timedelta(days=others)
        parts.append(sa.and_(Sweep.client_id.not_in(list(days)), older))
    old = sa.or_(*parts) if parts else sa.false()
    return sa.and_(Sweep.cleared_at.is_(None), Sweep.state.not_in(UNDER_WAY), old)


def require_days(days: int) -> None:
    """Refuse what is no rule.

    Raises:
        InvalidError: too short to work with what was found, or endless.
    """
    if not LEAST_DAYS <= days <= MOST_DAYS:
        raise InvalidError(_("Give %(least)s to %(most)s days.", least=LEAST_DAYS, most=MOST_DAYS), "days")


def settle(client_id: int, days: int, *, actor: Actor, now: datetime) -> None:
    """Say how long a client's found hosts are kept.

    Raises:
        NotAllowedError, InvalidError: see ``require_days``.
    """
    if not actor.allows(Permission.ORGANISATION_MANAGE, client_id):
        raise NotAllowedError
    require_days(days)
    keeping = db.session.get(DiscoveryKeeping, client_id)
    before = {"kept_days": keeping.days if keeping is not None else DEFAULT_DAYS}
    if keeping is None:
        keeping = DiscoveryKeeping(client_id=client_id)
        db.session.add(keeping)
    keeping.days, keeping.changed_by, keeping.changed_at = days, actor.name, now
    db.session.flush()
    if before["kept_days"] != days:
        audit.record(
            actor, "discovery_keeping.settled", keeping, now=now, before=before, after={"kept_days": days}
        )


def next_due(now: datetime) -> int | None:
    """The oldest sweep whose hosts may go; None: there is none."""
    due = sa.select(Sweep.id).where(_due(kept_days(), now, others=DEFAULT_DAYS))
    return db.session.scalar(due.order_by(Sweep.created_at, Sweep.id).limit(1))


def clear_batch(sweep_id: int, *, actor: Actor, now: datetime) -> bool:
    """Remove some of a sweep's hosts; the last of them leaves its figures and an entry behind.

    Returns:
        Whether there is more.
    """
    sweep = db.session.scalars(for_update(sa.select(Sweep).where(Sweep.id == sweep_id))).one()
    if sweep.cleared_at is not None or sweep.state in UNDER_WAY:
        return False
    if sweep.figures is None:
        sweep.figures = dict(counts(sweep))
    chosen = sa.select(FoundHost.id).where(FoundHost.sweep_id == sweep_id).limit(BATCH)
    ids = list(db.session.scalars(chosen))
    for start in range(0, len(ids), 500):
        db.session.execute(sa.delete(FoundHost).where(FoundHost.id.in_(ids[start : start + 500])))
    if len(ids) == BATCH:
        return True
    db.session.execute(sa.delete(SweepChunk).where(SweepChunk.sweep_id == sweep_id))
    sweep.cleared_at = now
    after = {"hosts": sum(sweep.figures.values())}
    audit.record(actor, "discovery_sweep.cleared", sweep, now=now, label=sweep.prefix, after=after)
    return False
