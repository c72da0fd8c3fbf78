"""Two compositions compared, in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from collectors.messages import N_
from collectors.model import Message
from servicedesk.inspections.drift.composition import (
    MODULES,
    NEIGHBOURS,
    PORTS,
    Composition,
    Module,
    Peer,
    Port,
    host_key,
    port_key,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is otherwise. ``kind`` is one of ``composition.ALL``, ``item`` what it is about."""

    kind: str
    item: str
    message: Message

    @property
    def data(self) -> dict[str, object]:
        """The sentence as columns and templates take it."""
        return {"template": self.message.template, "values": dict(self.message.values)}


def compared(before: Composition, after: Composition) -> list[Difference]:
    """What differs, hardware first. What was never told before is no difference."""
    found: list[Difference] = []
    if before.modules is not None:
        found += _modules(before.modules, after.modules or ())
    if before.interfaces is not None:
        found += _ports(before.interfaces, after.interfaces or ())
    if before.neighbours is not None:
        found += _peers(before.neighbours, after.neighbours or ())
    return found


def _modules(before: tuple[Module, ...], after: tuple[Module, ...]) -> Iterator[Difference]:
    old, new = ({one.position: one for one in part} for part in (before, after))
    gone = {one.serial: one for one in before if one.position not in new and one.serial}
    moved = set()
    for position, one in new.items():
        was = old.get(position)
        if was is not None:
            yield from _same_place(was, one)
        elif one.serial in gone:
            before_there = gone.pop(one.serial).position
            moved.add(before_there)
            values = {"what": one.what, "before": before_there, "after": position}
            yield _of(MODULES, position, N_("%(what)s moved from %(before)s to %(after)s"), values)
        else:
            values = {"name": position, "what": one.what}
            yield _of(MODULES, position, N_("%(name)s is new: %(what)s"), values)
    for position, one in old.items():
        if position not in new and position not in moved:
            yield _of(
                MODULES, position, N_("%(name)s removed: %(what)s"), {"name": position, "what": one.what}
            )


def _same_place(was: Module, one: Module) -> Iterator[Difference]:
    values = {"name": one.position}
    if was.serial and one.serial and was.serial != one.serial:
        values |= {"before": was.serial, "after": one.serial}
        yield _of(
            MODULES, one.position, N_("%(name)s replaced: serial number %(before)s → %(after)s"), values
        )
    elif was.model and one.model and was.model != one.model:
        values |= {"before": was.model, "after": one.model}
        yield _of(MODULES, one.position, N_("%(name)s replaced: model %(before)s → %(after)s"), values)


def _ports(before: tuple[Port, ...], after: tuple[Port, ...]) -> Iterator[Difference]:
    old, new = ({port_key(one.name): one for one in part} for part in (before, after))
    for key, port in new.items():
        was = old.get(key)
        if was is None:
            yield _of(PORTS, port.name, N_("Interface %(name)s new"), {"name": port.name})
        else:
            yield from _same_port(was, port)
    for key, port in old.items():
        if key not in new:
            yield _of(PORTS, port.name, N_("Interface %(name)s gone"), {"name": port.name})


def _same_port(was: Port, port: Port) -> Iterator[Difference]:
    name = {"name": port.name}
    if was.admin and port.admin and was.admin != port.admin:
        on, off = N_("Interface %(name)s was enabled"), N_("Interface %(name)s was disabled")
        yield _of(PORTS, port.name, on if port.admin == "up" else off, name)
    if was.speed_mbps and port.speed_mbps and was.speed_mbps != port.speed_mbps:
        values = name | {"before": str(was.speed_mbps), "after": str(port.speed_mbps)}
        sentence = N_("Interface %(name)s runs at %(after)s Mbit/s, was %(before)s")
        yield _of(PORTS, port.name, sentence, values)
    if was.alias != port.alias:
        values = name | {"before": was.alias, "after": port.alias}
        yield _of(PORTS, port.name, N_("Interface %(name)s: description “%(before)s” → “%(after)s”"), values)


def _peers(before: tuple[Peer, ...], after: tuple[Peer, ...]) -> Iterator[Difference]:
    old, new = _by_port(before), _by_port(after)
    for key in sorted(old | new):
        was, now = old.get(key, {}), new.get(key, {})
        gone = [was[name] for name in was if name not in now]
        come = [now[name] for name in now if name not in was]
        port = (gone or come or [next(iter((now or was).values()))])[0].port
        if gone and come:
            values = {"port": port, "before": _named(gone), "after": _named(come)}
            sentence = N_("Neighbour on %(port)s is now %(after)s, was %(before)s")
            yield _of(NEIGHBOURS, port, sentence, values)
        elif come:
            values = {"port": port, "after": _named(come)}
            yield _of(NEIGHBOURS, port, N_("Neighbour on %(port)s new: %(after)s"), values)
        elif gone:
            values = {"port": port, "before": _named(gone)}
            yield _of(NEIGHBOURS, port, N_("Neighbour on %(port)s gone: %(before)s"), values)
        yield from _replugged(was, now)


def _replugged(was: dict[str, Peer], now: dict[str, Peer]) -> Iterator[Difference]:
    for name in was.keys() & now.keys():
        before, after = was[name], now[name]
        if before.remote_port and after.remote_port and _key(before) != _key(after):
            values = {
                "port": after.port,
                "name": after.name,
                "before": before.remote_port,
                "after": after.remote_port,
            }
            sentence = N_("%(port)s is now plugged into %(after)s of %(name)s, was %(before)s")
            yield _of(NEIGHBOURS, after.port, sentence, values)


def _key(peer: Peer) -> str:
    return port_key(peer.remote_port)


def _by_port(peers: tuple[Peer, ...]) -> dict[str, dict[str, Peer]]:
    found: dict[str, dict[str, Peer]] = {}
    for peer in peers:
        found.setdefault(port_key(peer.port), {})[host_key(peer.name)] = peer
    return found


def _named(peers: list[Peer]) -> str:
    return ", ".join(" ".join(filter(None, (peer.name, peer.remote_port))) for peer in peers)[:300]


def _of(kind: str, item: str, template: str, values: dict[str, str]) -> Difference:
    return Difference(kind, item, Message(template, values))
