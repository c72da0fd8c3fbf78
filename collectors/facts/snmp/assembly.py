"""Everything one SNMP visit says, as ``DeviceFacts``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from collectors.errors import ParseError
from collectors.facts.snmp import (
    entity,
    host_resources,
    interfaces,
    neighbours,
    printer,
    system,
    ucd,
    vendor,
)
from collectors.facts.snmp import identity as identity_of
from collectors.messages import N_
from collectors.model import (
    DeviceFacts,
    Evidence,
    Exchange,
    FactError,
    Identity,
    Interface,
    MemoryPool,
    Neighbour,
    Processor,
    Sensor,
    Target,
    Volume,
)
from collectors.outcome import Outcome
from collectors.platforms.definitions import Definition
from collectors.snmprec import Varbind, Walk, parse_lines

_T = TypeVar("_T", Processor, MemoryPool, Volume)

# Which roots a fact is read from. Vendors' own are added from their definitions.
STANDARD_ROOTS: Mapping[str, tuple[str, ...]] = {
    "identity": (system.SYSTEM,),
    "uptime": (system.SYSTEM,),
    "interfaces": (interfaces.IF_TABLE, interfaces.IFX_TABLE),
    "addresses": (interfaces.IP_ADDR_TABLE, interfaces.IP_ADDRESS_TABLE),
    "processors": (f"{host_resources.DEVICES}.3", f"{ucd.UCD}.11"),
    "memory": (host_resources.STORAGE, f"{ucd.UCD}.4"),
    "storage": (host_resources.STORAGE, f"{ucd.UCD}.9"),
    "load": (f"{ucd.UCD}.10",),
    "sensors": (entity.ENTITY_SENSOR, entity.CISCO_SENSOR, ucd.LM_SENSORS, "1.3.6.1.2.1.33"),
    "inventory": (entity.ENTITY,),
    "neighbours": (neighbours.LLDP, neighbours.CDP),
    "supplies": (f"{printer.PRINTER}.11", f"{printer.PRINTER}.8"),
}


def facts_from_recording(text: str | bytes) -> DeviceFacts:
    """Read a whole snmprec recording as the answer to one walk of everything."""
    raw = text.encode("utf-8", errors="surrogatepass") if isinstance(text, str) else text
    return facts_from_snmp((Exchange("snmp", "walk 1", raw),))


def facts_from_snmp(exchanges: Sequence[Exchange], *, target: Target | None = None) -> DeviceFacts:
    """Read every answer of one visit.

    Args:
        exchanges: "walk ROOT" and "get ROOT" with ``OID|tag|value`` lines; evidence is numbered by
            their place in this sequence.
        target: not needed: detection decides by what the device says.
    Returns:
        what could be read. An exchange that failed gives an error for each fact that needed it,
        besides what arrived of it.
    """
    bad: list[FactError] = []
    walk = Walk(_varbinds(exchanges, bad))
    identity = system.parse_system(walk)
    parts = identity_of.definitions_of(walk, identity)
    facts = _read(walk, identity, parts)
    roots = _roots(parts)
    asked = {fact for fact, needed in roots.items() if any(_touches(e, needed) for e in exchanges)}
    errors = (*_failures(exchanges, roots), *bad)
    return replace(facts, asked=facts.asked | asked, errors=errors)


def _varbinds(exchanges: Sequence[Exchange], bad: list[FactError]) -> Iterator[tuple[int, Varbind]]:
    for number, exchange in enumerate(exchanges):
        faulty: list[ParseError] = []
        for varbind in parse_lines(exchange.answer, faulty):
            yield number, varbind
        if faulty:
            first = faulty[0]
            words = N_("%(count)s of the lines answered to '%(question)s' are no varbinds (%(reason)s).")
            message = words % {"count": len(faulty), "question": exchange.question, "reason": first}
            where = Evidence(number, line=first.line)
            bad.append(FactError("answers", Outcome.PARSE_FAILED, message, where))


def _read(walk: Walk, identity: Identity, parts: tuple[Definition, ...]) -> DeviceFacts:
    ports = interfaces.parse_interfaces(walk)
    inventory = entity.parse_inventory(walk)
    processors = _first(
        vendor.parse_processors(walk, parts),
        host_resources.parse_processors(walk),
        ucd.parse_processors(walk),
    )
    rows = host_resources.parse_storage(walk)
    memory = _first(
        vendor.parse_memory(walk, parts), host_resources.memory_pools(rows), ucd.parse_memory(walk)
    )
    storage = _first(
        vendor.parse_storage(walk, parts), host_resources.volumes(walk, rows), ucd.parse_volumes(walk)
    )
    load = ucd.parse_load(walk, len(processors) or None)
    dated = {
        "licences": tuple(vendor.parse_licences(walk, parts)),
        "signatures": tuple(vendor.parse_signatures(walk, parts)),
    }
    return DeviceFacts(
        identity=identity_of.identify(walk, identity, parts, inventory),
        processors=processors,
        memory=memory,
        storage=storage,
        interfaces=ports,
        sensors=_distinct(_sensors(walk, parts)),
        supplies=tuple(printer.parse_supplies(walk)),
        inventory=inventory,
        neighbours=tuple(_neighbours(walk, ports)),
        extra={
            **({} if load is None else {"load": load}),
            **{name: found for name, found in dated.items() if found},
        },
        asked=frozenset({"swap"} if _has_swap(memory) else ()),
    )


def _has_swap(memory: tuple[MemoryPool, ...]) -> bool:
    """Swap by its name; Windows calls it virtual memory, which on Linux is RAM and caches besides."""
    names = {pool.name.lower() for pool in memory}
    return any("swap" in name for name in names) or (
        "cached memory" not in names and any("virtual memory" in name for name in names)
    )


def _first(*sources: Iterable[_T]) -> tuple[_T, ...]:
    """The first source that has anything: two views of the same memory are never mixed.

    What shares its name (the cores of one model) is told by its index.
    """
    found = next((found for source in sources if (found := tuple(source))), ())
    times = Counter(one.name for one in found)
    return tuple(
        replace(one, name=f"{one.name} ({one.index})") if times[one.name] > 1 else one for one in found
    )


def _sensors(walk: Walk, parts: tuple[Definition, ...]) -> Iterator[Sensor]:
    """The standard MIBs' sensors, without those that a vendor's table tells more about."""
    vendors = list(vendor.parse_sensors(walk, parts))
    replaced = {sensor.index for sensor, is_entity in vendors if is_entity}
    for sensor in entity.parse_sensors(walk, entity.CISCO_SENSOR):
        replaced.add(sensor.index)
        yield sensor
    for sensor in entity.parse_sensors(walk):
        if sensor.index not in replaced:
            yield sensor
    yield from ucd.parse_lm_sensors(walk)
    yield from (sensor for sensor, _ in vendors)


def _distinct(sensors: Iterable[Sensor]) -> tuple[Sensor, ...]:
    """Sensors of one kind get names of their own, so that findings and histories keep them apart.

    What shares its name is told by its index; states of one thing by the MIB's name of the state.
    """
    found = tuple(sensors)
    for distinguish in _DISTINGUISH:
        times = Counter((one.kind, one.name) for one in found)
        indexes = {(one.kind, one.name, distinguish(one)) for one in found}
        apart = Counter((kind, name) for kind, name, _ in indexes)
        found = tuple(
            replace(one, name=f"{one.name} ({distinguish(one)})")
            if times[one.kind, one.name] > 1 and apart[one.kind, one.name] > 1 and distinguish(one)
            else one
            for one in found
        )
    return found


def _place(sensor: Sensor) -> str:
    return "" if sensor.evidence is None else sensor.evidence.oid


_DISTINGUISH: tuple[Callable[[Sensor], str], ...] = (
    lambda one: one.index,
    lambda one: one.state_type,
    _place,
)


_LISTS = ("processors", "memory", "storage", "sensors", "licences", "signatures")


def _roots(parts: tuple[Definition, ...]) -> dict[str, tuple[str, ...]]:
    """The roots of each fact, with those of the platform's own tables."""
    roots = dict(STANDARD_ROOTS)
    for fact in _LISTS:
        tables = (table for part in parts for table in getattr(part, fact))
        roots[fact] = (*roots.get(fact, ()), *(table.value for table in tables))
    return roots


def _neighbours(walk: Walk, ports: tuple[Interface, ...]) -> Iterator[Neighbour]:
    """LLDP's; of CDP's only those on ports where LLDP shows nobody of that name."""
    known: set[tuple[str, str]] = set()
    for neighbour in neighbours.parse_lldp(walk, ports):
        known.add((neighbour.local_interface, _short(neighbour.remote_name)))
        yield neighbour
    for neighbour in neighbours.parse_cdp(walk, ports):
        if (neighbour.local_interface, _short(neighbour.remote_name)) not in known:
            yield neighbour


def _short(name: str) -> str:
    return name.split(".")[0].split("(")[0].lower()


def _touches(exchange: Exchange, roots: Iterable[str]) -> bool:
    """Whether the question asks for anything at, below or above one of the roots."""
    asked = exchange.question.split()[-1].strip(".") if exchange.question.split() else ""
    return any(
        asked == root or root.startswith(f"{asked}.") or asked.startswith(f"{root}.") for root in roots
    )


def _failures(exchanges: Sequence[Exchange], roots: Mapping[str, tuple[str, ...]]) -> Iterator[FactError]:
    """One error for each fact and outcome.

    UNSUPPORTED is the agent's word that it has no such table: only when it has none of those a fact
    is read from is the fact itself not supported.
    """
    for fact, needed in roots.items():
        asked = [(number, one) for number, one in enumerate(exchanges) if _touches(one, needed)]
        hard = [
            (number, one) for number, one in asked if one.outcome not in (Outcome.OK, Outcome.UNSUPPORTED)
        ]
        if not hard and asked and all(one.outcome is Outcome.UNSUPPORTED for _, one in asked):
            hard = asked
        if hard:
            number, one = hard[0]
            message = N_("%(question)s: %(reason)s") % {
                "question": one.question,
                "reason": one.error or one.outcome.value,
            }
            yield FactError(fact, one.outcome, message, Evidence(number))
