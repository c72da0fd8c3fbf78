"""Single points of failure: devices that many others stop with, and that have no second."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from servicedesk.core.db import db
from servicedesk.core.i18n import enumeration
from servicedesk.core.sentences import N_
from servicedesk.equipment.impact import Edge, stops
from servicedesk.equipment.lifecycle import NEEDING, RUNNING
from servicedesk.equipment.models import Device, DeviceRelation
from servicedesk.reports.deep.content import ADVICE, STATE, Column, Content, Drill, Section, Table
from servicedesk.reports.deep.gathering.ground import Ground

MANY = 3  # devices that stop, from which it is said
NAMED = 5  # of them that are named
SECOND = "backs_up"

RELIANCE = Section(
    "reliance",
    _l("Redundancy and single points of failure"),
    _l(
        "From the recorded relations: what stops when one device stops. A device that another one backs up "
        "has a second and is not counted; nor is what keeps one of several power feeds."
    ),
    figures=(Column("points", _l("Single points of failure"), "count", Drill("points")),),
    tables=(
        Table(
            "points",
            _l("Devices three or more others stop with"),
            (
                Column("device", _l("Device"), "device"),
                Column("class", _l("Class"), "class"),
                Column("site", _l("Site"), "site"),
                Column("stopped", _l("Devices that stop"), "count"),
                Column("named", _l("For instance")),
            ),
            shown=30,
        ),
    ),
)


@dataclass(slots=True)
class Graph:
    """Who needs whom among running devices, and who has a second."""

    edges: list[Edge] = field(default_factory=list)
    seconded: set[int] = field(default_factory=set)

    def stopped_with(self, device_id: int) -> set[int]:
        """What stops with a device; nothing when it has a second."""
        if device_id in self.seconded:
            return set()
        found = stops([device_id], self.edges)
        return {number for number, stop in found.items() if not stop.weakened}


def graph_of(client_id: int) -> Graph:
    """The relations of a client's running devices; one query."""
    running = sa.select(Device.id).where(Device.client_id == client_id, Device.state.in_(sorted(RUNNING)))
    rows = db.session.execute(
        sa.select(DeviceRelation.device_id, DeviceRelation.other_id, DeviceRelation.kind)
        .where(DeviceRelation.kind.in_((*NEEDING, SECOND)))
        .where(DeviceRelation.device_id.in_(running), DeviceRelation.other_id.in_(running))
        .order_by(DeviceRelation.id)
    )
    found = Graph()
    for device_id, other_id, kind in rows:
        if kind == SECOND:
            found.seconded.add(other_id)
        else:
            found.edges.append((device_id, other_id, kind))
    return found


def points(graph: Graph, devices: Collection[int]) -> Iterable[tuple[int, set[int]]]:
    """Each of these devices that many others stop with, and which. Pure."""
    for number in sorted({other for _device, other, _kind in graph.edges} & set(devices)):
        stopped = graph.stopped_with(number)
        if len(stopped) >= MANY:
            yield number, stopped


def gather_reliance(ground: Ground) -> Content:
    """Dependants at other sites count, but only devices of the place are named."""
    found, rows = Content(), []
    graph = graph_of(ground.client_id)
    for number, stopped in points(graph, ground.devices):
        row = ground.devices[number]
        names = sorted(ground.devices[one].name for one in stopped if one in ground.devices)
        more = ["…"] if len(stopped) > min(len(names), NAMED) else []
        rows.append(
            [
                [number, row.name],
                row.device_class,
                [row.site_id, row.site_name],
                len(stopped),
                enumeration(names[:NAMED] + more),
            ]
        )
    rows.sort(key=lambda row: (-row[3], row[0][1]))
    found.tables = {"points": rows}
    found.figures = {"points": len(rows)}
    if not graph.edges:
        found.empty = N_("No relation between devices of this place is recorded.")
    elif not rows:
        found.empty = N_("No device is known that three others or more stop with.")
    else:
        found.say(STATE, N_("%(count)s devices stop three others or more with them."), count=len(rows))
        found.say(ADVICE, N_("Give those that most depend on a second, or a tried way to replace them."))
    return found
