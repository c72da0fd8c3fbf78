"""Supplies, power budgets and power over Ethernet of IOS and IOS-XE.

Source: "Cisco IOS Interface and Hardware Component Command Reference".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Row, Rows, found
from collectors.facts.cli.values import number, present, reading, state, table
from collectors.model import Component, Sensor, SensorLimits

_SUPPLY = re.compile(
    r"\s?(?P<ps_module>\d+[A-Z]?)\s+(?P<pid>Not Present|Built-in|\S+)(?:\s+(?P<serial>[A-Z0-9]{9,12}))?"
    r"(?:\s+(?P<status>OK|Not Responding|No Input Power|Disabled|Faulty|Bad|Failed|Unknown|\S+(?: \S+)*?))??"
    r"(?:\s+(?P<sys_pwr>Good|Bad|n/a|N/A|Unknown))?(?:\s+"
    r"(?P<poe_pwr>Good|Bad|n/a|N/A|Unknown))?(?:\s+(?P<watts>\d+(?:/\d+)?|n/a|Unknown))?\s*$"
)


# Catalyst 9400 and 9500: "PS0  C9K-PWR-1500WAC-R  AC  1000 W  active  good  N/A"
_BAY = re.compile(
    r"\s*(?P<bay>PS\d+)\s+(?P<model>\S+)\s+(?P<type>AC|DC|ac|dc)\s+(?P<capacity>\d+) W\s+(?P<status>\S+)"
    r"(?P<fans>(?:\s+\S+)*)\s*$"
)


def supplies(output: str) -> Iterator[Row]:
    """The tables of supplies of stacks and of Catalyst 9400 and 9500."""
    for details in table(output, _BAY):
        name = f"Power supply {details['bay']}"
        fans = [
            state(f"{name} fan {number_}", word) for number_, word in enumerate(details["fans"].split(), 1)
        ]
        yield Row(present(state(name, details["status"]), *fans), details)
    for part in re.split(r"(?m)^\s*(?=SW\s+PID)", output)[1:]:
        for details in table(part, _SUPPLY):
            pid, name = details["pid"], f"Power supply {details['ps_module']}"
            word = details["status"] or details["sys_pwr"]
            sensor = None if pid == "Not Present" else state(name, word, kind="show environment power")
            piece = (Component(name, "powerSupply", model=pid, serial=details["serial"], vendor="Cisco"),)
            yield Row((*present(sensor), *(piece if details["serial"] else ())), details)


def parse_power_all(output: str) -> Rows:
    """Parse ``show environment power all``. Raises: ParseError: no power supply."""
    return found(supplies(output))


_STATUS = re.compile(
    r"(?P<ps>PS\d+)\s+(?P<model>(?!none|\d+V)\S+)\s+(?P<type>\S+ \S+|\S+)\s{2,}(?P<status>\S+)\s+"
    r"(?P<fan_sensor>\S+)(?:\s+(?P<inline_status>\S+))?\s*$"
    r"|(?P<input>PS\d+-\d+)\s+(?:(?P<input_type>\S+)\s+)?(?P<input_status>\S+)\s*$"
    r"|(?P<bay>PS\d+)\s+(?P<none>none)\b"
)


def parse_power_status(output: str) -> Rows:
    """Parse ``show power status`` of Catalyst 4500. Raises: ParseError: no power supply."""
    return found(statuses(output))


def statuses(output: str) -> list[Row]:
    """The table of supplies as Catalyst 4500 draws it, alone and among its environment."""
    rows: list[Row] = []
    for details in table(output, _STATUS):
        name = details["ps"] or details.pop("input") or details["bay"]
        details = {**details, "ps": name}
        if details["input_status"] and rows:  # an input of the supply above
            parent = rows[-1].details
            details |= {key: parent[key] for key in ("model", "fan_sensor", "inline_status")}
        word = details["status"] or details["input_status"]
        sensors = present(
            state(f"Power supply {name}", word, kind="show power status"),
            state(f"Power supply {name} fan", details["fan_sensor"]) if details["status"] else None,
        )
        rows.append(Row(sensors, details))
    return rows


_AVAILABLE = {
    "sys": re.compile(r"System Power \(.*?\)\s+(\d+)\s+(\d+)"),
    "inline": re.compile(r"Inline Power \(.*?\)\s+(\d+)\s+(\d+)"),
    "backplane": re.compile(r"Backplane Power \(.*?\)\s+(\d+)\s+(\d+)"),
}
_TOTAL = re.compile(r"^Total\s+(?P<total_used_watts>\d+)(?:.*?Available = (?P<max_avail_watts>\d+))?", re.M)


def parse_power_available(output: str) -> Rows:
    """Parse ``show power available``, in watts. Raises: ParseError: no power in it."""
    details: dict[str, str] = {}
    sensors: list[Sensor] = []
    for name, pattern in _AVAILABLE.items():
        match = pattern.search(output)
        if match:
            details |= {f"{name}_used_watts": match[1], f"{name}_avail_watts": match[2]}
            limits = SensorLimits(high_critical=float(match[2]))
            sensors += reading("power", f"{name.capitalize()} power used", float(match[1]), "W", limits)
    total = _TOTAL.search(output)
    if total:
        details |= {key: value or "" for key, value in total.groupdict().items()}
        sensors += reading("power", "Total power used", float(total["total_used_watts"]), "W")
    return found([Row(tuple(sensors), details)] if details else [])


_NEEDED = re.compile(
    r"needed by system\s*: (?P<ps_needed>\d+)\s+.*currently available\s*: (?P<ps_avail>\d+)", re.S
)
_USED = re.compile(
    r"power used\s*=\s*(?P<watts>\d+(?:\.\d+)?) Watts "
    r"\((?P<amps>\d+(?:\.\d+)?) Amps @ (?P<volts>\d+(?:\.\d+)?)V\)"
)


def parse_power_supplies(output: str) -> Rows:
    """Parse ``show power supplies``: critical when fewer work than are needed. Raises: ParseError."""
    match = _NEEDED.search(output)
    if match is None:
        raise ParseError(UNKNOWN_FORM)
    enough = int(match["ps_avail"]) >= int(match["ps_needed"])
    sensor = state("Power supplies needed", "ok" if enough else "fail", kind="show power supplies")
    return (Row(present(sensor), match.groupdict()),)


def parse_power_used(output: str) -> Rows:
    """Parse ``show power used``. Raises: ParseError: no power in it."""
    match = _USED.search(output)
    if match is None:
        raise ParseError(UNKNOWN_FORM)
    sensors = (
        *reading("power", "System power used", float(match["watts"]), "W"),
        *reading("current", "System current", float(match["amps"]), "A"),
        *reading("voltage", "System voltage", float(match["volts"]), "V"),
    )
    return (Row(sensors, match.groupdict()),)


_INLINE = re.compile(
    r"(?P<interface>[A-Za-z]+\d\S*)\s+(?P<admin_status>\S+)\s+(?P<operational_status>\S+)\s+"
    r"(?P<power>\d+(?:\.\d+)?)(?:\s+(?P<to_device>\d+\.\d+)(?=\s+\S))?"
    r"(?:\s+(?P<device>\S.*?)\s+(?P<class>\d(?:,\d)?|n/a)(?:\s+(?P<max>\d+(?:\.\d+)?))?)?\s*$"
)
_BUDGET = re.compile(
    r"(?:^(?P<module>\d+)\s+(?P<available>\d+(?:\.\d+)?)\s+(?P<used>\d+(?:\.\d+)?)\s+(?P<remaining>\d+(?:\.\d+)?)\s*"
    r"$)|Available:(?P<available2>\d+(?:\.\d+)?)\(w\)\s+Used:(?P<used2>\d+(?:\.\d+)?)",
    re.M,
)


def parse_power_inline(output: str) -> Rows:
    """Parse ``show power inline``: a row a port, and the budget of each module.

    A port that is off has no reading: it feeds nothing. Raises: ParseError: no port.
    """
    rows: list[Row] = []
    for details in table(output, _INLINE):
        on, name = details["operational_status"] == "on", f"PoE {details['interface']}"
        limits = SensorLimits(high_critical=number(details["max"]))
        # Where both are told, the device's share counts, not what is lost on the way.
        details["power"] = details["to_device"] or details["power"]
        sensors = reading("power", name, float(details["power"]), "W", limits) if on else ()
        bad = details["operational_status"] in ("faulty", "power-deny", "err-disable")
        rows.append(Row((*sensors, *present(state(name, "faulty") if bad else None)), details))
    result = found(rows)
    budgets: list[Sensor] = []
    for match in _BUDGET.finditer(output):
        used, available = (
            float(match["used"] or match["used2"]),
            float(match["available"] or match["available2"]),
        )
        limits = SensorLimits(
            high_warning=round(0.8 * available, 1), high_critical=round(0.95 * available, 1)
        )
        if available:
            budgets += reading("power", f"PoE module {match['module'] or '1'} used", used, "W", limits)
    return (Row((*result[0].facts, *budgets), result[0].details), *result[1:])


_STACK_POWER = re.compile(
    r"\s*(?P<power_stack_name>\S+)\s+(?P<stack_mode>\S+)\s+(?P<stack_topology>\S+)\s+"
    r"(?P<total_power>\d+)\s+(?P<reserved_power>\d+)"
    r"\s+(?P<allocated_power>\d+)\s+(?P<switch_available_power>\d+)\s+(?P<stack_number>\d+)\s+"
    r"(?P<power_supply_numbers>\d+)\s*$"
)


def parse_stack_power(output: str) -> Rows:
    """Parse ``show stack-power``, in watts. Raises: ParseError: no power stack."""
    rows: list[Row] = []
    for details in table(output, _STACK_POWER):
        limits = SensorLimits(high_critical=float(details["total_power"]))
        rows.append(
            Row(
                reading(
                    "power",
                    f"{details['power_stack_name']} allocated",
                    float(details["allocated_power"]),
                    "W",
                    limits,
                ),
                details,
            )
        )
    return found(rows)
