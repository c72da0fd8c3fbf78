"""What stops if this stops: along the relations, however they loop, in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from servicedesk.core.actor import Actor, Scope
from servicedesk.core.db import db, kept_by_thread
from servicedesk.core.permissions import Permission
from servicedesk.equipment.lifecycle import NEEDING, RUNNING
from servicedesk.equipment.models import Device, DeviceRelation

MAX_DEPTH, MAX_EDGES, SHOWN = 12, 1000, 50
POWER = "powered_by"
Edge = tuple[int, int, str]  # the device, what it needs, how


@dataclass(frozen=True, slots=True)
class Hit:
    """A device that stops, or that loses one of several power feeds (``weakened``), and why."""

    device_id: int
    name: str
    device_class: str
    depth: int
    weakened: bool
    kind: str
    through: str


@dataclass(frozen=True, slots=True)
class Impact:
    """``hits`` in order of distance, at most as many as were asked for; ``found``: how many there are, and
    ``stopped`` of these altogether; ``hidden``: how many more there are that the actor may not see; ``cut``:
    there are more than are followed."""

    hits: tuple[Hit, ...]
    found: int = 0
    stopped: int = 0
    hidden: int = 0
    cut: bool = False


def impact_of(device_ids: Collection[int], actor: Actor, shown: int = SHOWN) -> Impact:
    """What stops when all of these stop: two queries, whatever the size and shape of the graph."""
    roots = frozenset(device_ids)
    if not roots:
        return Impact(())
    given = {"roots": sorted(roots)}
    scope = actor.scope(Permission.DEVICE_VIEW)
    reached = db.session.execute(_reached(scope), given).all()
    if not reached:
        return Impact(())
    by_id: dict[int, sa.Row[Any]] = {row.id: row for row in reached}
    by_id |= {row.id: row for row in db.session.execute(_named(scope), given)}
    found = stops(roots, [(row.id, row.other_id, row.kind) for row in reached])
    running = [number for number in found if by_id[number].running]
    seen = [number for number in running if by_id[number].seen]
    seen.sort(key=lambda number: (found[number].weakened, found[number].depth, by_id[number].name))
    hits = [
        Hit(
            number,
            by_id[number].name,
            by_id[number].device_class,
            found[number].depth,
            found[number].weakened,
            found[number].kind,
            by_id[found[number].through].name if by_id[found[number].through].seen else "",
        )
        for number in seen[:shown]
    ]
    stopped = sum(not found[number].weakened for number in seen)
    return Impact(tuple(hits), len(seen), stopped, len(running) - len(seen), reached[0].steps > MAX_EDGES)


@dataclass(frozen=True, slots=True)
class Stop:
    """How a device is reached: ``depth`` steps away, ``through`` its neighbour."""

    depth: int
    through: int
    kind: str
    weakened: bool = False


def stops(roots: Collection[int], edges: Iterable[Edge]) -> dict[int, Stop]:
    """Which devices stop, and which lose a power feed but have another one. Pure.

    A device stops when something it depends on or runs on stops, or when all its power feeds do.
    """
    needs: dict[int, list[tuple[int, str]]] = {}
    feeds: dict[int, set[int]] = {}
    for device, other, kind in edges:
        needs.setdefault(other, []).append((device, kind))
        if kind == POWER:
            feeds.setdefault(device, set()).add(other)
    stopped: set[int] = set(roots)
    found: dict[int, Stop] = {}
    front, depth = list(roots), 0
    while front:
        depth += 1
        following: list[int] = []
        for other in front:
            for device, kind in sorted(needs.get(other, ())):
                if device in stopped:
                    continue
                if kind == POWER and not feeds[device] <= stopped:
                    found.setdefault(device, Stop(depth, other, kind, weakened=True))
                    continue
                found[device] = Stop(depth, other, kind)
                stopped.add(device)
                following.append(device)
        front = following
    return found


def _walk() -> sa.CTE:
    """Every device that may be touched; rows of (device, depth), so that loops end at the depth."""
    relation = DeviceRelation.__table__
    roots: sa.BindParameter[int] = sa.bindparam("roots", expanding=True)
    start = sa.select(relation.c.device_id, sa.literal(1).label("depth")).where(
        relation.c.other_id.in_(roots), relation.c.kind.in_(NEEDING)
    )
    reached = start.cte("reached", recursive=True)
    step = sa.select(relation.c.device_id, reached.c.depth + 1).where(
        relation.c.other_id == reached.c.device_id,
        relation.c.kind.in_(NEEDING),
        reached.c.depth < MAX_DEPTH,
    )
    return sa.select(reached.union(step).c.device_id).limit(MAX_EDGES + 1).cte("walked")


def _devices(scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    return sa.select(
        Device.id,
        Device.name,
        Device.device_class,
        Device.state.in_(sorted(RUNNING)).label("running"),
        scope.clause(Device.client_id, Device.site_id).label("seen"),
    )


@kept_by_thread
def _reached(scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    """The reached devices with what each needs, and of how many steps they were found (``steps``).

    A second feed may come from what was not reached; only the device itself must be known.
    """
    walk, relation = _walk(), DeviceRelation
    steps = sa.select(sa.func.count()).select_from(walk).scalar_subquery()
    once = sa.select(walk.c.device_id).distinct().subquery()
    return (
        _devices(scope)
        .add_columns(relation.other_id, relation.kind, steps.label("steps"))
        .join(once, once.c.device_id == Device.id)
        .join(relation, sa.and_(relation.device_id == Device.id, relation.kind.in_(NEEDING)))
    )


@kept_by_thread
def _named(scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    return _devices(scope).where(Device.id.in_(sa.bindparam("roots", expanding=True)))
