"""Services that others depend on, and containers, of a Linux host."""

from __future__ import annotations

from collectors.errors import ParseError
from collectors.facts.host import Container, Service
from collectors.messages import N_

_NO_NUMBER = 2**64 - 1  # as systemd before 240 writes "not counted" and "no limit"
# "generated" says only that there is an init script, not that it is run.
_STARTS = frozenset({"enabled", "enabled-runtime", "alias"})
_MAX_CONTAINERS = 500


def parse_services(output: str) -> tuple[Service, ...]:
    """Parse ``systemctl show -p …`` of several units: ``Name=value`` lines, a blank line between units.

    Returns:
        the units that the host has.
    Raises:
        ParseError: a line of another form, or a unit without a name or state.
    Source: systemctl(1), systemd.resource-control(5); sizes in bytes.
    """
    found: dict[str, Service] = {}
    unit: dict[str, str] = {}
    for number, line in enumerate([*output.splitlines(), ""], 1):
        if line.strip():
            name, sign, value = line.partition("=")
            if not sign:
                raise ParseError(N_("expected a name, = and a value"), number)
            unit[name.strip()] = value.strip()
        elif unit:
            if not unit.get("Id") or not unit.get("ActiveState"):
                raise ParseError(N_("a unit without a name or a state"), number)
            if unit.get("LoadState") == "loaded":
                one = _service(unit)
                found.setdefault(one.name, one)  # two names of one unit are one service
            unit = {}
    return tuple(found.values())


def _service(unit: dict[str, str]) -> Service:
    # One that was never tried has no result either, but no time.
    unmet = unit.get("ConditionResult") == "no" and bool(unit.get("ConditionTimestamp"))
    return Service(
        name=unit["Id"].removesuffix(".service"),
        active=unit["ActiveState"],
        enabled=unit.get("UnitFileState", "") in _STARTS and not unmet,
        sub=unit.get("SubState", ""),
        memory_bytes=_bytes(unit.get("MemoryCurrent", "")),
        limit_bytes=_bytes(unit.get("MemoryMax", "")),
    )


def _bytes(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 20 else _NO_NUMBER
    return number if number < _NO_NUMBER else None


def parse_containers(output: str) -> tuple[Container, ...]:
    """Parse ``docker ps -a --format '{{.Names}}\\t{{.Status}}'``.

    Raises:
        ParseError: a row of another form.
    """
    found: list[Container] = []
    for number, line in enumerate(output.splitlines(), 1):
        if not line.strip():
            continue
        name, sign, status = line.strip().partition("\t")
        if not sign or not status:
            raise ParseError(N_("expected a name and a state"), number)
        if len(found) < _MAX_CONTAINERS:
            found.append(Container(name[:200], status[:200]))
    return tuple(found)
