"""What a device is made of, as far as it lasts: hardware with serial numbers, ports, neighbours. Pure.

Counters, operational states and whatever comes and goes by itself (``rules``) have no place in it, so that
two days without a change give the same bytes.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256

from collectors.model import Component, DeviceFacts, Interface, Neighbour
from servicedesk.inspections.drift import rules

MODULES, PORTS, NEIGHBOURS = "modules", "interfaces", "neighbours"
ALL = (MODULES, PORTS, NEIGHBOURS)
_FACTS = {MODULES: "inventory", PORTS: "interfaces", NEIGHBOURS: "neighbours"}
MAX_EACH = 4000  # a device that tells more is compared by its first ones
_NAME, _TEXT = 100, 200
_PORT = re.compile(r"([a-z-]+?)[ -]?(\d.*)")


@dataclass(frozen=True, slots=True, order=True)
class Module:
    """A piece of hardware. ``kind`` is a value of ``rules.KINDS``."""

    position: str
    kind: str
    model: str = ""
    serial: str = ""

    @property
    def what(self) -> str:
        """Model and serial number, as far as they are told."""
        return " ".join(filter(None, (self.model, self.serial))) or self.kind


@dataclass(frozen=True, slots=True, order=True)
class Port:
    """A port with a socket. ``admin``: up, down, "" (not told); ``speed_mbps`` 0: not told or not lasting."""

    name: str
    admin: str = ""
    speed_mbps: int = 0
    alias: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Peer:
    """Another device at the far end of a port's cable."""

    port: str
    name: str
    remote_port: str = ""


@dataclass(frozen=True, slots=True)
class Composition:
    """All of it; None: the device never told this kind."""

    modules: tuple[Module, ...] | None = None
    interfaces: tuple[Port, ...] | None = None
    neighbours: tuple[Peer, ...] | None = None

    def text(self) -> bytes:
        """The same bytes for the same content."""
        parts = [self.modules, self.interfaces, self.neighbours]
        rows = [None if part is None else [_row(one) for one in part] for part in parts]
        return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")

    def packed(self) -> tuple[str, bytes]:
        """Its hash, and how a column holds it."""
        text = self.text()
        return sha256(text).hexdigest(), zlib.compress(text, 6)

    @staticmethod
    def unpacked(content: bytes) -> Composition:
        """From a column."""
        modules, ports, peers = json.loads(zlib.decompress(content))
        return Composition(
            None if modules is None else tuple(Module(*row) for row in modules),
            None if ports is None else tuple(Port(*row) for row in ports),
            None if peers is None else tuple(Peer(*row) for row in peers),
        )


def _row(one: Module | Port | Peer) -> list[str | int]:
    return [getattr(one, name) for name in one.__slots__]


@lru_cache(maxsize=20_000)
def port_key(name: str) -> str:
    """One word for a port, whether it is told by its long name or its short one.

    >>> port_key("GigabitEthernet1/0/1") == port_key("Gi1/0/1") == port_key("ge1/0/1")
    True
    """
    text = "".join(name.casefold().split()).removesuffix(".0")  # Junos tells of unit 0 as well
    found = _PORT.fullmatch(text)
    if found is None:
        return text
    word = next((short for long, short in rules.SHORT_NAMES if found[1] in (long, short)), found[1])
    return word + found[2]


def host_key(name: str) -> str:
    """A device's name without its domain and without the serial number some put behind it."""
    text = name.partition("(")[0].strip().casefold()
    labels = text.split(".")
    return text if all(label.isdigit() for label in labels) else labels[0]


def observed(facts: DeviceFacts, before: Composition) -> tuple[Composition, frozenset[str]]:
    """What a visit saw, and which kinds it told; of the others the last that was told goes on.

    An empty answer about hardware or ports says nothing: there is no device without them. No neighbour
    is an answer, once the question was asked and answered.
    """
    failed = {error.fact for error in facts.errors}  # "answers": some lines could not be read at all
    asked = {kind for kind in ALL if _FACTS[kind] in facts.asked and not failed & {_FACTS[kind], "answers"}}
    peers = tuple(_peers(facts.neighbours))
    modules = tuple(_modules(facts.inventory))
    ports = tuple(_ports(facts.interfaces, {port_key(peer.port) for peer in peers}))
    told: set[str] = set()
    found = before
    if MODULES in asked and modules:
        found, told = replace(found, modules=modules), told | {MODULES}
    if PORTS in asked and ports:
        found, told = replace(found, interfaces=_filled(ports, before.interfaces or ())), told | {PORTS}
    if NEIGHBOURS in asked and (peers or before.neighbours is not None):
        found, told = replace(found, neighbours=peers), told | {NEIGHBOURS}
    return found, frozenset(told)


def _clean(text: str, longest: int) -> str:
    """One line of visible characters."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text[:longest].strip()
    return " ".join("".join(c if c.isprintable() else " " for c in text[: longest * 2]).split())[:longest]


def _modules(inventory: Iterable[Component]) -> list[Module]:
    found: dict[str, Module] = {}
    for part in inventory:
        kind = rules.KINDS.get(part.kind.casefold())
        model, serial = _clean(part.model, _TEXT), _clean(part.serial, _NAME)
        serial = "" if serial.casefold() in rules.NO_SERIALS else serial
        if kind is None or not (serial or (model and kind in rules.TOLD_BY_MODEL)):
            continue
        position = _clean(part.name, _NAME) or kind
        if kind == "disk" and serial and rules.WANDERING_DISKS.fullmatch(position):
            position = " ".join(filter(None, (model, serial)))[:_NAME]
        number, name = 2, position
        while name in found and len(found) < MAX_EACH:
            name, number = f"{position} #{number}", number + 1
        found[name] = Module(name, kind, model, serial)
        if len(found) >= MAX_EACH:
            break
    return sorted(found.values())


def _ports(interfaces: Iterable[Interface], linked: set[str]) -> list[Port]:
    """Ports with a socket. What a port runs at is lasting where another device of ours is plugged in: on
    a desk it changes whenever somebody's computer goes to sleep."""
    found: dict[str, Port] = {}
    known = {one.name for one in interfaces}
    for one in interfaces:
        name = _clean(one.name or one.description, _NAME)
        key = port_key(name)
        if not name or key in found or len(found) >= MAX_EACH or _is_virtual(one, name, known):
            continue
        lasting = one.oper_status == "up" and key in linked
        found[key] = Port(
            name,
            one.admin_status if one.admin_status in ("up", "down") else "",
            (one.speed_bps or 0) // 1_000_000 if lasting else 0,
            _clean(one.alias, _TEXT),
        )
    return sorted(found.values())


def _is_virtual(one: Interface, name: str, known: set[str]) -> bool:
    by_name = _by_name(name)
    if by_name is not None:
        return by_name
    if one.type in rules.VIRTUAL_TYPES or (one.alias and rules.WINDOWS_LAYERS.fullmatch(one.alias[:_TEXT])):
        return True
    part = rules.SUBINTERFACE.fullmatch(name)
    return part is not None and part[1] in known


@lru_cache(maxsize=20_000)
def _by_name(name: str) -> bool | None:
    """Whether a port's name alone says that it is virtual, or that it is not; None: it says neither."""
    if rules.AGGREGATE_NAMES.fullmatch(name):
        return False
    return bool(rules.VIRTUAL_NAMES.fullmatch(name) or rules.WINDOWS_LAYERS.fullmatch(name)) or None


def _filled(ports: tuple[Port, ...], before: tuple[Port, ...]) -> tuple[Port, ...]:
    """What this way of asking does not tell goes on as it was told: a speed, an administrator's state,
    and descriptions when not a single port has one."""
    old = {port_key(port.name): port for port in before}
    silent = not any(port.alias for port in ports)
    return tuple(_one_filled(port, old.get(port_key(port.name)), silent=silent) for port in ports)


def _one_filled(port: Port, old: Port | None, *, silent: bool) -> Port:
    if old is None:
        return port
    return Port(
        old.name,
        port.admin or old.admin,
        port.speed_mbps or old.speed_mbps,
        old.alias if silent else port.alias,
    )


def _peers(neighbours: Iterable[Neighbour]) -> Iterator[Peer]:
    """Each port's devices; LLDP's word where CDP tells the same device too."""
    found: dict[tuple[str, str], Peer] = {}
    for one in sorted(neighbours, key=lambda n: n.protocol != "lldp"):
        name, port = _clean(one.remote_name, _NAME), _clean(one.local_interface, _NAME)
        if not name or not port or rules.MAC_NAME.fullmatch(name) or rules.PASSING_NAMES.fullmatch(name):
            continue
        if rules.PASSING_PLATFORMS.fullmatch(one.remote_platform[:_TEXT]):
            continue
        peer = Peer(port, name.partition("(")[0].strip() or name, _clean(one.remote_interface, _NAME))
        found.setdefault((port_key(port), host_key(name)), peer)
        if len(found) >= MAX_EACH:
            break
    yield from sorted(found.values())
