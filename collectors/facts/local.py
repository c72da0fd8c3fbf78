"""Facts of the local host from psutil's readings, joined with the Linux parsers'."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from collectors.errors import ParseError
from collectors.facts.host import Load, Login
from collectors.facts.linux import facts_from_linux
from collectors.facts.merge import merge_facts
from collectors.messages import N_
from collectors.model import (
    DeviceFacts,
    Evidence,
    Exchange,
    FactError,
    Identity,
    Interface,
    MemoryPool,
    Processor,
    Sensor,
    SensorLimits,
    Volume,
)
from collectors.outcome import Outcome

T = TypeVar("T")


def facts_from_local(exchanges: Sequence[Exchange]) -> DeviceFacts:
    """Parse psutil's JSON answers and, on Linux, the command table's sections."""
    readings = _Readings(exchanges)
    psutil_facts = _from_psutil(readings)
    linux = facts_from_linux(exchanges, transport="local")
    merged = merge_facts([psutil_facts, linux])
    # psutil knows no inodes: where the commands told sizes as well, theirs are complete.
    identity = replace(
        merged.identity,
        version=linux.identity.version or psutil_facts.identity.version,
        platform=linux.identity.platform or psutil_facts.identity.platform,
    )
    return replace(merged, identity=identity, storage=_with_inodes(psutil_facts.storage, exchanges))


class _Readings:
    def __init__(self, exchanges: Sequence[Exchange]) -> None:
        self._found = {
            exchange.question: (number, exchange)
            for number, exchange in enumerate(exchanges)
            if exchange.transport == "local"
        }
        self.errors: list[FactError] = []
        self.asked: set[str] = set()

    def read(self, fact: str, question: str, build: Callable[[Any, Evidence], T]) -> T | None:
        if question not in self._found:
            return None
        self.asked.add(fact)
        number, exchange = self._found[question]
        evidence = Evidence(number)
        if exchange.outcome is not Outcome.OK:
            self.errors.append(FactError(fact, exchange.outcome, exchange.error, evidence))
            return None
        try:
            return build(json.loads(exchange.answer), evidence)
        except (ValueError, KeyError, TypeError, AttributeError, ParseError) as error:
            words = N_("%(question)s: not of psutil's form (%(error)s)") % {
                "question": question,
                "error": type(error).__name__,
            }
            self.errors.append(FactError(fact, Outcome.PARSE_FAILED, words, evidence))
            return None


def _from_psutil(readings: _Readings) -> DeviceFacts:
    identity = readings.read("identity", "platform", _identity) or Identity()
    uptime_s = readings.read("uptime", "psutil.boot_time()", lambda data, _: data["now"] - data["boot_time"])
    processors = readings.read("processors", "psutil.cpu_percent(percpu=True)", _processors) or ()
    memory = readings.read("memory", "psutil.virtual_memory()", _memory)
    swap = readings.read("swap", "psutil.swap_memory()", _swap)
    storage = (
        readings.read("storage", "psutil.disk_usage()", lambda data, at: _volumes(readings, data, at)) or ()
    )
    temperatures = readings.read("sensors", "psutil.sensors_temperatures()", _temperatures) or ()
    fans = readings.read("sensors", "psutil.sensors_fans()", _fans) or ()
    load = readings.read(
        "load", "psutil.getloadavg()", lambda data, at: Load(data[0], data[1], data[2], evidence=at)
    )
    logins = readings.read("logins", "psutil.users()", _logins)
    extra: dict[str, object] = {}
    if load is not None:
        extra["load"] = replace(load, cores=max(1, len(processors) - 1))
    if logins is not None:
        extra["logins"] = logins
    return DeviceFacts(
        identity=replace(identity, uptime_s=uptime_s),
        processors=processors,
        memory=tuple(pool for pool in (memory, swap) if pool is not None),
        storage=storage,
        interfaces=_interfaces(readings),
        sensors=(*temperatures, *fans),
        extra=extra,
        errors=tuple(readings.errors),
        asked=frozenset(readings.asked),
    )


def _identity(data: Any, evidence: Evidence) -> Identity:
    return Identity(
        platform=str(data["system"]).lower(),
        version=f"{data['system']} {data['release']}",
        name=str(data["node"]),
        description=f"{data['system']} {data['release']} {data['machine']}",
        evidence=evidence,
    )


def _processors(data: Any, evidence: Evidence) -> tuple[Processor, ...]:
    total = round(sum(data) / len(data), 1) if data else 0.0
    rows = [("total", total, "cpu"), *((f"cpu{n}", float(value), f"cpu{n}") for n, value in enumerate(data))]
    return tuple(Processor(name, value, index, evidence) for name, value, index in rows)


def _memory(data: Any, evidence: Evidence) -> MemoryPool:
    used = data["total"] - data["available"]
    percent = round(100 * used / data["total"], 1)
    return MemoryPool("RAM", percent, data["total"], used, evidence=evidence)


def _swap(data: Any, evidence: Evidence) -> MemoryPool | None:
    if not data["total"]:
        return None
    return MemoryPool("Swap", float(data["percent"]), data["total"], data["used"], evidence=evidence)


def _volumes(readings: _Readings, data: Any, evidence: Evidence) -> tuple[Volume, ...]:
    volumes: dict[str, Volume] = {}
    for row in data:
        if "error" in row:
            words = N_("%(question)s: %(reason)s") % {"question": row["mount"], "reason": row["error"]}
            readings.errors.append(FactError("storage", Outcome.UNSUPPORTED, words, evidence))
            continue
        if row["kind"] in ("squashfs", "iso9660") or not row["total"]:
            continue
        read_only = "ro" in str(row["options"]).split(",")
        volumes[row["mount"]] = Volume(
            row["mount"],
            row["total"],
            row["used"],
            float(row["percent"]),
            row["kind"],
            read_only,
            index=row["device"],
            evidence=evidence,
        )
    return tuple(volumes.values())


def _with_inodes(volumes: Sequence[Volume], exchanges: Sequence[Exchange]) -> tuple[Volume, ...]:
    from collectors.facts.linux.reader import Reader
    from collectors.facts.linux.storage import parse_df

    rows = Reader(exchanges, "local").read("inodes", "df_inodes", lambda text: parse_df(text, unit=1)) or ()
    by_mount = {row.mount: row for row in rows}
    return tuple(
        replace(volume, inodes_total=by_mount[volume.name].total, inodes_free=by_mount[volume.name].free)
        if volume.name in by_mount
        else volume
        for volume in volumes
    )


_AF_INET, _AF_INET6, _AF_LINK = (2,), (10, 23, 30), (-1, 17, 18)


def _interfaces(readings: _Readings) -> tuple[Interface, ...]:
    stats = readings.read("interfaces", "psutil.net_if_stats()", lambda data, _: dict(data)) or {}
    addresses = readings.read("addresses", "psutil.net_if_addrs()", lambda data, _: dict(data)) or {}
    counters = readings.read("interfaces", "psutil.net_io_counters(pernic=True)", lambda data, at: (data, at))
    counts, evidence = counters or ({}, None)
    found: list[Interface] = []
    for index, (name, state) in enumerate(stats.items(), 1):
        count = counts.get(name, {})
        own = addresses.get(name, [])
        flags = str(state.get("flags", "")).split(",")
        loopback = "loopback" in flags or name == "lo"
        status = "up" if state["isup"] else "down"
        found.append(
            Interface(
                index=index,
                name=name,
                description=name,
                type="softwareLoopback" if loopback else "ethernetCsmacd",
                admin_status="up" if "up" in flags or state["isup"] else "down",
                oper_status=status,
                speed_bps=state["speed"] * 1_000_000 or None,
                mtu=state["mtu"],
                mac=next((row["address"] for row in own if row["family"] in _AF_LINK and not loopback), ""),
                in_octets=count.get("bytes_recv"),
                out_octets=count.get("bytes_sent"),
                in_packets=count.get("packets_recv"),
                out_packets=count.get("packets_sent"),
                in_errors=count.get("errin"),
                out_errors=count.get("errout"),
                in_discards=count.get("dropin"),
                out_discards=count.get("dropout"),
                addresses=tuple(row["address"] for row in own if row["family"] in (*_AF_INET, *_AF_INET6)),
                evidence=evidence,
            )
        )
    return tuple(found)


def _temperatures(data: Any, evidence: Evidence) -> tuple[Sensor, ...]:
    return tuple(
        Sensor(
            "temperature",
            f"{chip} {row['label'] or number}",
            float(row["current"]),
            "°C",
            SensorLimits(high_warning=row["high"], high_critical=row["critical"]),
            index=f"{chip}/{number}",
            evidence=evidence,
        )
        for chip, rows in data.items()
        for number, row in enumerate(rows, 1)
        if row["current"] is not None and -100 < row["current"] < 250
    )


def _fans(data: Any, evidence: Evidence) -> tuple[Sensor, ...]:
    return tuple(
        Sensor(
            "fan",
            f"{chip} {row['label'] or number}",
            float(row["current"]),
            "rpm",
            index=f"{chip}/{number}",
            evidence=evidence,
        )
        for chip, rows in data.items()
        for number, row in enumerate(rows, 1)
    )


def _logins(data: Any, evidence: Evidence) -> tuple[Login, ...]:
    return tuple(
        Login(row["name"], row["terminal"] or "", f"{row['started']:.0f}", row["host"] or "", evidence)
        for row in data
    )
