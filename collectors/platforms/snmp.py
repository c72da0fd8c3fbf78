"""Which platform answers SNMP, and which subtrees a visit has to walk for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from collectors.platforms.definitions import Definition, definitions

# What every device is asked for: SNMPv2-MIB, IF-MIB, IP-MIB, HOST-RESOURCES-MIB, ENTITY-MIB,
# ENTITY-SENSOR-MIB, LLDP-MIB, snmpEngineTime.
STANDARD_ROOTS: tuple[str, ...] = (
    "1.3.6.1.2.1.1",
    "1.3.6.1.2.1.2.2",
    "1.3.6.1.2.1.31.1.1",
    "1.3.6.1.2.1.4.20",
    "1.3.6.1.2.1.4.34",
    "1.3.6.1.2.1.25.1.1",
    "1.3.6.1.2.1.25.2",
    "1.3.6.1.2.1.25.3",
    "1.3.6.1.2.1.47.1.1.1",
    "1.3.6.1.2.1.99.1.1",
    "1.0.8802.1.1.2.1.3.7",
    "1.0.8802.1.1.2.1.4",
    "1.3.6.1.6.3.10.2.1.3",
)
_UNKNOWN_ROOTS: tuple[str, ...] = ("1.3.6.1.4.1.2021", "1.3.6.1.2.1.43", "1.3.6.1.2.1.33.1")


def detect(object_id: str, description: str) -> str:
    """The platform's name by sysObjectID and sysDescr; "" when none of the definitions fits."""
    found = detect_definition(object_id, description)
    return "" if found is None else found.name


def detect_definition(
    object_id: str, description: str, has: Callable[[str], bool] | None = None
) -> Definition | None:
    """The most specific definition: longest sysObjectID, then with a fitting sysDescr.

    Args:
        has: whether the device answers anything below an OID. Definitions that are known by what
            the device answers alone are looked at only with it.
    """
    object_id = object_id.strip().removeprefix(".")
    best: tuple[int, Definition] | None = None
    for definition in definitions().values():
        score = _score(definition, object_id, description, has)
        if score is not None and (best is None or score > best[0]):
            best = (score, definition)
    return None if best is None else best[1]


def _score(
    definition: Definition, object_id: str, description: str, has: Callable[[str], bool] | None
) -> int | None:
    """How well a definition fits; None when it does not."""
    if definition.addition:
        return None
    score = 0
    if definition.object_ids:
        depths = [_depth(prefix, object_id) for prefix in definition.object_ids]
        if max(depths) == 0 and not (definition.present and has is not None):
            return None
        score += 10 * max(depths)
    if definition.description is not None:
        if definition.description.search(description) is None:
            return None
        score += 5 if definition.object_ids else 15
    if definition.present:
        if has is None or not any(map(has, definition.present)):
            return None
        score += 200 if definition.refines else 1
    return score or None


def _depth(prefix: str, object_id: str) -> int:
    if object_id == prefix or object_id.startswith(prefix + "."):
        return prefix.count(".") + 1
    return 0


def parts_of(definition: Definition) -> Iterator[Definition]:
    """The definition and those it includes, each once."""
    known = definitions()
    waiting, seen = [definition], set[str]()
    while waiting:
        one = waiting.pop(0)
        if one.name not in seen:
            seen.add(one.name)
            yield one
            waiting += [known[name] for name in one.includes]


def additions_for(name: str) -> Iterator[Definition]:
    """Additions a platform may answer; those of no certain platform for all."""
    for definition in definitions().values():
        if definition.addition and (not definition.on or name in definition.on):
            yield definition


def roots_for(object_id: str, description: str) -> tuple[str, ...]:
    """The subtrees a visit has to walk, none of them inside another.

    The standard ones, those of the detected platform, of platforms that can only be told from it by
    their answers, and of additions. A device of no known platform is asked what printers, UPSes and
    net-snmp answer.
    """
    found = detect_definition(object_id, description)
    name = "" if found is None else found.name
    roots = [*STANDARD_ROOTS]
    if found is None:
        roots += _UNKNOWN_ROOTS
    else:
        roots += [root for part in parts_of(found) for root in part.roots]
    for definition in definitions().values():
        if definition.refines and definition.refines == name:
            roots += [root for part in parts_of(definition) for root in part.roots]
    roots += [root for addition in additions_for(name) for root in addition.roots]
    return outermost(roots)


def walk_roots(object_id: str, description: str) -> tuple[str, ...]:
    """Another name of ``roots_for``."""
    return roots_for(object_id, description)


def outermost(roots: list[str]) -> tuple[str, ...]:
    """Without duplicates and without what another root holds already; the order stays."""
    unique: Mapping[str, None] = dict.fromkeys(roots)
    return tuple(
        root for root in unique if not any(root != other and root.startswith(other + ".") for other in unique)
    )
