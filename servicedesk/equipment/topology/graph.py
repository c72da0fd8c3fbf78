"""What a map shows: the devices of a site, and who is connected to whom or fed by whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from servicedesk.core.db import db
from servicedesk.equipment.impact import POWER
from servicedesk.equipment.models import Device, DeviceRelation
from servicedesk.equipment.network_models import Interface, Link
from servicedesk.equipment.topology.layout import Pair
from servicedesk.organisations.models import Site

MAX_DEVICES = 600  # on one map; the network's own come first
SHOWN_STATES = ("planned", "active", "in_repair")

# From the outside of a network to its inside: lower stands higher on a map.
RANKS: dict[str, int] = {"router": 0, "firewall": 0, "security": 1, "load_balancer": 1, "switch": 2}
RANKS |= {"wireless": 3, "storage": 4, "hypervisor": 4, "server": 4, "bmc": 5, "virtual_machine": 5}
LAST = 6
POWER_CLASSES = ("ups", "pdu")


@dataclass(frozen=True, slots=True)
class Tie:
    """One thing two devices have with each other, in words: a cable from port to port, a relation, or what
    an inspection saw. ``source``: link, relation, or the name of another source."""

    a: int
    b: int
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Graph:
    """``cut``: how many devices of the site were left out because there are too many."""

    devices: Mapping[int, sa.Row[*tuple[Any, ...]]]
    ties: Mapping[Pair, tuple[Tie, ...]]
    cut: int = 0

    @property
    def tied(self) -> frozenset[int]:
        """Devices with a line to another one."""
        return frozenset(number for pair in self.ties for number in pair)


# Domains above know more ties, as neighbours that inspections saw; they register here.
Source = Callable[[Collection[int]], Iterable[Tie]]
_sources: dict[str, Source] = {}


def register_ties(name: str, source: Source) -> None:
    """Add a source of lines between devices of these numbers; registering a name again replaces it."""
    _sources[name] = source


def connections(site: Site) -> Graph:
    """The network of a site: cables, relations that say so, and what the sources above know."""
    devices, cut = _devices(site, network=True)
    recorded = _together([*_links(devices), *_related(devices, "connected_to")])
    # What is recorded is shown as it is recorded, whatever more an inspection saw there.
    seen = {pair: ties for pair, ties in _together(_seen(devices)).items() if pair not in recorded}
    return Graph(devices, dict(sorted((recorded | seen).items())), cut)


def power(site: Site) -> Graph:
    """What feeds what at a site: each tie goes from a device (``a``) to its feed (``b``)."""
    devices, cut = _devices(site, network=False)
    ties = [*_related(devices, POWER), *_power_cables(devices)]
    return Graph(devices, _together(ties, directed=True), cut)


def _devices(site: Site, *, network: bool) -> tuple[dict[int, sa.Row[*tuple[Any, ...]]], int]:
    first = sorted(RANKS, key=RANKS.__getitem__)[:6] if network else POWER_CLASSES
    statement = sa.select(
        Device.id,
        Device.name,
        Device.device_class,
        Device.model,
        Device.address,
        Device.last_outcome,
        Device.state,
    ).where(Device.site_id == site.id, Device.state.in_(SHOWN_STATES))
    order = (sa.case((Device.device_class.in_(first), 0), else_=1), Device.name, Device.id)
    rows = db.session.execute(statement.order_by(*order).limit(MAX_DEVICES)).all()
    total = len(rows)
    if total == MAX_DEVICES:
        total = db.session.scalar(statement.with_only_columns(sa.func.count())) or total
    return {row.id: row for row in rows}, total - len(rows)


def _links(devices: Collection[int]) -> list[Tie]:
    return [
        Tie(row.a_id, row.b_id, _cable(row), "link")
        for row in _cables(devices)
        if "power" not in (row.a_kind, row.b_kind)
    ]


def _power_cables(devices: Mapping[int, Any]) -> list[Tie]:
    """A power cable feeds whatever is no source of power itself; between two sources nothing is known."""
    ties = []
    for row in _cables(devices):
        if "power" not in (row.a_kind, row.b_kind):
            continue
        ends = [(row.a_id, row.b_id), (row.b_id, row.a_id)]
        fed = [(one, other) for one, other in ends if _feeds(devices, other) and not _feeds(devices, one)]
        ties += [Tie(one, other, _cable(row), "link") for one, other in fed]
    return ties


def _feeds(devices: Mapping[int, Any], number: int) -> bool:
    return devices[number].device_class in POWER_CLASSES


def _cables(devices: Collection[int]) -> Sequence[sa.Row[*tuple[Any, ...]]]:
    a, b = aliased(Interface), aliased(Interface)
    return db.session.execute(
        sa.select(
            a.device_id.label("a_id"),
            b.device_id.label("b_id"),
            a.name.label("a_name"),
            b.name.label("b_name"),
            a.kind.label("a_kind"),
            b.kind.label("b_kind"),
            Link.label,
        )
        .join(a, a.id == Link.a_id)
        .join(b, b.id == Link.b_id)
        .where(a.device_id.in_(devices), b.device_id.in_(devices), a.device_id != b.device_id)
        .order_by(Link.id)
    ).all()


def _cable(row: Any) -> str:
    text = f"{row.a_name} – {row.b_name}"
    return f"{text} ({row.label})" if row.label else text


def _related(devices: Collection[int], kind: str) -> list[Tie]:
    rows = db.session.execute(
        sa.select(DeviceRelation.device_id, DeviceRelation.other_id)
        .where(
            DeviceRelation.kind == kind,
            DeviceRelation.device_id.in_(devices),
            DeviceRelation.other_id.in_(devices),
        )
        .order_by(DeviceRelation.id)
    )
    return [Tie(one, other, "", "relation") for one, other in rows]


def _seen(devices: Collection[int]) -> list[Tie]:
    return [tie for name in sorted(_sources) for tie in _sources[name](devices)]


def _together(ties: Iterable[Tie], *, directed: bool = False) -> dict[Pair, tuple[Tie, ...]]:
    """By pair of devices; a relation says nothing where a cable is recorded."""
    found: dict[Pair, list[Tie]] = defaultdict(list)
    for tie in ties:
        pair = (tie.a, tie.b) if directed or tie.a < tie.b else (tie.b, tie.a)
        found[pair].append(tie)
    return {
        pair: tuple([tie for tie in some if tie.text] or some[:1]) for pair, some in sorted(found.items())
    }
