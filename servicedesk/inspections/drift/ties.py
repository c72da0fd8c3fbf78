"""Neighbours that inspections saw, for the maps of a site."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import sqlalchemy as sa

from servicedesk.core.db import db
from servicedesk.equipment.models import Device
from servicedesk.equipment.topology.graph import Tie, register_ties
from servicedesk.inspections.drift.composition import Composition, Peer, host_key, port_key
from servicedesk.inspections.drift.models import CompositionVersion

SOURCE = "neighbours"
_KEPT = 5000
_peers: dict[str, tuple[Peer, ...]] = {}  # by hash of the composition: it never changes


def register() -> None:
    """Let maps show them."""
    register_ties(SOURCE, neighbours)


def neighbours(device_ids: Collection[int]) -> list[Tie]:
    """Lines between these devices as the newest composition of each tells them; a line that both ends tell
    is one. Three queries, the third only for what was not seen before."""
    rows = db.session.execute(sa.select(Device.id, Device.name).where(Device.id.in_(device_ids)))
    names = {row.id: row.name for row in rows}
    by_key: dict[str, int] = {}
    for number, name in names.items():
        key = host_key(name)
        by_key[key] = 0 if key in by_key else number  # of two that are called alike neither is meant
    found: dict[frozenset[tuple[int, str]], Tie] = {}
    for number, peers in _newest(device_ids):
        for peer in peers:
            other = by_key.get(host_key(peer.name), 0)
            if other and other != number:
                ends = frozenset({(number, port_key(peer.port)), (other, port_key(peer.remote_port))})
                text = f"{peer.port} – {peer.remote_port}".rstrip(" –")
                found.setdefault(ends, Tie(number, other, text, SOURCE))
    return list(found.values())


def _newest(device_ids: Collection[int]) -> Iterator[tuple[int, tuple[Peer, ...]]]:
    newest = sa.select(sa.func.max(CompositionVersion.id)).where(CompositionVersion.device_id.in_(device_ids))
    chosen = CompositionVersion.id.in_(newest.group_by(CompositionVersion.device_id))
    columns = sa.select(CompositionVersion.id, CompositionVersion.device_id, CompositionVersion.sha256)
    rows = db.session.execute(columns.where(chosen).order_by(CompositionVersion.device_id)).all()
    unknown = [row.id for row in rows if row.sha256 not in _peers]
    if len(_peers) + len(unknown) > _KEPT:
        _peers.clear()
        unknown = [row.id for row in rows]
    contents = sa.select(CompositionVersion.sha256, CompositionVersion.content)
    for sha256, content in db.session.execute(contents.where(CompositionVersion.id.in_(unknown))):
        _peers[sha256] = Composition.unpacked(content).neighbours or ()
    for row in rows:
        yield row.device_id, _peers.get(row.sha256, ())
