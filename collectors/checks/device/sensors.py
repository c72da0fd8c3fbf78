"""Sensors of every kind, printer supplies, uptime and the way to the device."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from collectors.checks.spec import WITHIN_LIMITS, CheckSpec, Context
from collectors.facts.host import AccessState
from collectors.messages import N_
from collectors.model import Finding, Levels
from collectors.outcome import Outcome

# check, kind, title, unit, default levels where a product default makes sense without the device's limits
_KINDS: tuple[tuple[str, str, str, str, Levels], ...] = (
    ("sensor_temperature", "temperature", N_("Temperature"), "°C", Levels()),
    ("sensor_fan", "fan", N_("Fan speed"), "rpm", Levels()),
    ("sensor_voltage", "voltage", N_("Voltage"), "V", Levels()),
    ("sensor_current", "current", N_("Current"), "A", Levels()),
    ("sensor_power", "power", N_("Power"), "W", Levels()),
    ("sensor_energy", "energy", N_("Energy"), "Wh", Levels()),
    (
        "sensor_humidity",
        "humidity",
        N_("Humidity"),
        "%",
        Levels(warning_lower=40, critical_lower=20, warning_upper=60, critical_upper=80),
    ),
    ("sensor_frequency", "frequency", N_("Frequency"), "Hz", Levels()),
    ("sensor_dbm", "dbm", N_("Optical power"), "dBm", Levels()),
    ("sensor_airflow", "airflow", N_("Air flow"), "", Levels()),
    ("sensor_flow", "flow", N_("Fluid flow"), "", Levels()),
    ("sensor_pressure", "pressure", N_("Pressure"), "", Levels()),
    ("sensor_apparent_power", "apparent_power", N_("Apparent power"), "VA", Levels()),
    ("sensor_power_factor", "power_factor", N_("Power factor"), "", Levels()),
    ("sensor_signal", "signal", N_("Signal"), "", Levels()),
    ("sensor_percent", "percent", N_("Percentage"), "%", Levels()),
    ("sensor_count", "count", N_("Count"), "", Levels()),
    ("ups_charge", "charge", N_("Battery charge"), "%", Levels(warning_lower=50, critical_lower=15)),
    ("ups_minutes", "runtime", N_("Battery runtime"), "min", Levels(warning_lower=10, critical_lower=5)),
    ("ups_load", "load", N_("Power load"), "%", Levels(warning_upper=80, critical_upper=90)),
)

# What stands in a machine room to measure or make its air: the room's own profile. Supply air is colder by
# intention, so it is recorded without levels.
_ROOM_CLASSES = frozenset({"air_conditioner", "environment"})
_ROOM_AIR = Levels(
    warning_lower=18,
    critical_lower=10,
    warning_upper=27,
    critical_upper=32,
    provenance=N_("product default for machine rooms"),
)
_SUPPLY_AIR = re.compile(r"supply|discharge|outlet|\u9001\u98ce|\u51fa\u98ce", re.IGNORECASE)


def _default_levels(context: Context, item: str) -> Levels:
    if context.spec.name != "sensor_temperature" or context.target.device_class not in _ROOM_CLASSES:
        return context.spec.levels
    return context.spec.levels if _SUPPLY_AIR.search(item) else _ROOM_AIR


def _of_kind(kind: str) -> Callable[[Context], Iterator[Finding]]:
    def check_sensors(context: Context) -> Iterator[Finding]:
        for sensor in context.facts.sensors:
            if sensor.kind == kind:
                levels = context.levels(sensor.name, sensor.limits, _default_levels(context, sensor.name))
                yield context.judge_both(sensor.name, sensor.value, evidence=sensor.evidence, levels=levels)

    return check_sensors


def check_sensor_state(context: Context) -> Iterator[Finding]:
    """A state is judged by the platform's map; a state the map does not know is UNSUPPORTED."""
    for sensor in context.facts.sensors:
        if sensor.kind != "state":
            continue
        outcome = sensor.state_outcome or Outcome.UNSUPPORTED
        text = sensor.state_text or f"{sensor.value:g}"
        if outcome is Outcome.UNSUPPORTED:
            template = N_("State %(state)s, whose meaning is not known")
        else:
            template = N_("State: %(state)s")
        yield context.state(
            sensor.name, outcome, template, {"state": text}, value=sensor.value, evidence=sensor.evidence
        )


def check_supply_level(context: Context) -> Iterator[Finding]:
    """What is left of toner, ink or paper; −1, −2, −3 of the Printer-MIB are no numbers."""
    for supply in context.facts.supplies:
        if supply.used_percent is None:
            yield context.state(
                supply.name,
                Outcome.UNSUPPORTED,
                N_("The printer does not know the level"),
                evidence=supply.evidence,
            )
        else:
            yield context.judge_lower(
                supply.name, round(100 - supply.used_percent, 1), evidence=supply.evidence
            )


def check_uptime(context: Context) -> Iterator[Finding]:
    """A restart within the last day that nobody may have noticed."""
    uptime_s = context.facts.identity.uptime_s
    if uptime_s is not None:
        hours = round(uptime_s / 3600, 2)
        yield context.judge_lower("", hours, evidence=context.facts.identity.evidence)


def check_reachable(context: Context) -> Iterator[Finding]:
    """One row for each way to the device."""
    accesses = context.fact("accesses")
    if not isinstance(accesses, tuple):
        return
    for access in accesses:
        if isinstance(access, AccessState):
            values = {"reason": access.error}
            template = N_("Not visited: %(reason)s") if access.error else N_("Answers")
            yield context.state(access.transport, Outcome(access.outcome), template, values)


CHECKS: tuple[CheckSpec, ...] = (
    CheckSpec(
        "reachable",
        N_("Reachable"),
        N_("The device answers and accepts the login"),
        ("accesses",),
        check_reachable,
    ),
    CheckSpec(
        "uptime",
        N_("Time since restart"),
        N_("No restart within the last %(warning)s hours"),
        ("uptime", "identity"),
        check_uptime,
        "h",
        Levels(warning_lower=24),
        Outcome.UNSUPPORTED,
    ),
    *(
        CheckSpec(
            name,
            title,
            WITHIN_LIMITS,
            ("sensors",),
            _of_kind(kind),
            unit,
            levels,
            quiet=kind != "temperature",
            version=2 if kind == "temperature" else 1,  # 2: the profile of machine rooms
        )
        for name, kind, title, unit, levels in _KINDS
    ),
    CheckSpec(
        "sensor_state",
        N_("Component state"),
        N_("Every component reports a normal state"),
        ("sensors",),
        check_sensor_state,
    ),
    CheckSpec(
        "supply_level",
        N_("Printer supplies"),
        N_("Above %(warning)s %%; critical at %(critical)s %% and below"),
        ("supplies",),
        check_supply_level,
        "%",
        Levels(warning_lower=20, critical_lower=10),
    ),
)
