"""Temperature, fans, power supplies, power over Ethernet and optics of IOS, IOS-XE and NX-OS.

Source: "Cisco IOS Interface and Hardware Component Command Reference"; "Cisco Nexus Command Reference".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Row, Rows, found
from collectors.facts.cli.values import blocks, number, present, reading, state, table
from collectors.model import Component, Sensor, SensorLimits

_SWITCH = re.compile(r"Switch (?P<switch>\d+): SYSTEM TEMPERATURE is (?P<switch_temperature>.+?)\s*$")
_PLACE = re.compile(r"(?:(?P<place>\w+) )?Temperature Value: (?P<value>-?\d+) Degree")
_STATE = re.compile(r"Temperature State: (?P<state>\S+)")
_YELLOW = re.compile(r"Yellow Threshold *: (?P<value>-?\d+)")
_RED = re.compile(r"Red Threshold *: (?P<value>-?\d+)")
_PIECE_IS = re.compile(
    r"(?:Switch (?P<switch>\d+):? )?(?:SYSTEM )?"
    r"(?P<what>FAN|POWER(?: SUPPLY)?|RPS|TEMPERATURE|Fan|Power Supply)"
    r"(?: (?P<piece>[\w-]+))? is (?P<status>.+?)\s*$"
)
# IOS-XE: slot, sensor, state, reading and the sensor's own limits
_XE_ROW = re.compile(
    r"\s*(?P<slot>[A-Z]+\d+|\d+)\s+(?P<sensor>\S.*?)\s{2,}(?P<status>\S(?:.*?\S)?)\s{2,}"
    r"(?P<value>-?\d+(?:\.\d+)?)\s+(?P<unit>Celsius|mV|V|RPM|Watts?|W|mA|A)\b"
    r"(?:.*?\((?P<minor>-?\d+) ?,(?P<major>-?\d+) ?,(?P<critical>-?\d+))?"
)
_SENSOR_ROW = re.compile(
    r" ?(?P<sensor>\S(?:.*?\S)?)\s{2,}(?P<location>\S+)\s{2,}(?P<status>\S(?:.*?\S)?)\s{2,}"
    r"(?P<value>-?\d+(?:\.\d+)?) (?P<unit>Celsius|mV|V|RPM|Watts?|W|mA|A)\b"
)
_UNITS = {
    "Celsius": ("temperature", "°C", 1.0),
    "mV": ("voltage", "V", 0.001),
    "V": ("voltage", "V", 1.0),
    "RPM": ("fan", "rpm", 1.0),
    "W": ("power", "W", 1.0),
    "Watts": ("power", "W", 1.0),
    "Watt": ("power", "W", 1.0),
    "mA": ("current", "A", 0.001),
    "A": ("current", "A", 1.0),
}


def parse_environment(output: str) -> Rows:
    """Parse ``show environment [all|temperature]`` of IOS: a row a switch, then fans, supplies and sensors.

    Raises: ParseError: nothing of these.
    """
    rows = [*_switches(output), *_supplies(output)]
    for details in table(output, _PIECE_IS):
        if details["what"] == "TEMPERATURE" and _STATE.search(output):
            continue  # told with its reading
        name = " ".join(filter(None, (details["what"].capitalize(), details["switch"], details["piece"])))
        rows.append(Row(present(state(name, details["status"], kind="show environment")), details))
    rows += _routers(output)
    for details in table(output.expandtabs(), _XE_ROW):
        if details["status"] in ("AC", "DC"):
            continue  # a supply, told above
        kind, unit, scale = _UNITS[details["unit"]]
        name = f"{details['slot']} {details['sensor']}"
        limits = SensorLimits(None, None, number(details["minor"]), number(details["critical"]))
        value = round(float(details["value"]) * scale, 3)
        bad = present(state(f"{name} state", details["status"])) if details["status"] != "Normal" else ()
        rows.append(Row((*reading(kind, name, value, unit, limits), *bad), details))
    for details in table(output, _SENSOR_ROW):
        if details["status"] in ("AC", "DC"):
            continue
        kind, unit, scale = _UNITS[details["unit"]]
        name = f"{details['sensor']} {details['location']}"
        rows.append(Row(reading(kind, name, round(float(details["value"]) * scale, 3), unit), details))
    return found(rows)


def _switches(output: str) -> Iterator[Row]:
    found_any = False
    for head, body in blocks(output, _SWITCH):
        found_any = True
        yield _temperatures(head["switch"], head.groupdict(), body)
    if not found_any and _PLACE.search(output):
        yield _temperatures("", {}, output.splitlines())


def _temperatures(switch: str, details: dict[str, str], body: list[str]) -> Row:
    details = dict(details)
    sensors: list[Sensor] = []
    for head, lines in blocks("\n".join(body), _PLACE):
        text = "\n".join(lines)
        place = (head["place"] or "System").lower()
        yellow, red, word = _YELLOW.search(text), _RED.search(text), _STATE.search(text)
        values = {
            "temperature_value": head["value"],
            "temperature_state": word["state"] if word else "",
            "yellow_threshold": yellow["value"] if yellow else "",
            "red_threshold": red["value"] if red else "",
        }
        details |= {f"{place}_{name}": value for name, value in values.items()}
        limits = SensorLimits(
            high_warning=number(values["yellow_threshold"]), high_critical=number(values["red_threshold"])
        )
        name = f"Switch {switch} {place}".replace("  ", " ") if switch else place
        sensors += reading("temperature", name, float(head["value"]), "°C", limits)
        sensors += present(state(f"{name} temperature", values["temperature_state"]))
    return Row(tuple(sensors), details)


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
# "Intake Left temperature: 26 Celsius, Normal" of routers; "module 1 inlet temperature: 27C" of Catalyst 6500
_ROUTER_TEMPERATURE = re.compile(
    r"\s*(?P<sensor>\S.{0,60}?) temperature: *(?P<value>-?\d+) ?C(?:elsius)?(?:, *(?P<status>\w+))?\s*$"
)
_ROUTER_FAN = re.compile(r"\s*(?P<fan>Fan \d+) (?P<status>\w+), .*speed")
_ROUTER_STATUS = re.compile(r"\s*(?P<piece>\S.{0,60}?Power Supply.{0,30}?) Status: *(?P<status>\S+)\s*$")
_PART_FAILS = re.compile(
    r"\s*(?P<piece>(?:power-supply|fan-tray|VTT|clock|module) \d+) (?P<part>fan|power-output|OK)"
    r"(?:-fail)?: (?P<status>\S+)\s*$"
)
_CONSUMED = re.compile(r"\s*Total System Power consumption is: (?P<value>\d+(?:\.\d+)?) W")


def _routers(output: str) -> Iterator[Row]:
    """Sentences of routers and of large switches."""
    for details in table(output, _ROUTER_TEMPERATURE):
        name = details["sensor"]
        bad = details["status"] not in ("", "Normal")
        yield Row(
            (
                *reading("temperature", name, float(details["value"]), "°C"),
                *present(state(f"{name} temperature", details["status"]) if bad else None),
            ),
            details,
        )
    for details in table(output, _ROUTER_FAN):
        yield Row(present(state(details["fan"], details["status"])), details)
    for details in table(output, _ROUTER_STATUS):
        yield Row(present(state(details["piece"], details["status"])), details)
    for details in table(output, _PART_FAILS):
        name = f"{details['piece']} {details['part'].replace('power-', '')}".removesuffix(" OK")
        yield Row(present(state(name, details["status"])), details)
    for details in table(output, _CONSUMED):
        yield Row(reading("power", "System", float(details["value"]), "W"), details)


def _supplies(output: str) -> Iterator[Row]:
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
    return found(_supplies(output))


_STATUS = re.compile(
    r"(?P<ps>PS\d+)\s+(?P<model>(?!none|\d+V)\S+)\s+(?P<type>\S+ \S+|\S+)\s{2,}(?P<status>\S+)\s+"
    r"(?P<fan_sensor>\S+)(?:\s+(?P<inline_status>\S+))?\s*$"
    r"|(?P<input>PS\d+-\d+)\s+(?:(?P<input_type>\d+V)\s+)?(?P<input_status>\S+)\s*$"
    r"|(?P<bay>PS\d+)\s+(?P<none>none)\b"
)


def parse_power_status(output: str) -> Rows:
    """Parse ``show power status`` of Catalyst 4500. Raises: ParseError: no power supply."""
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
    return found(rows)


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
    r"(?:\s+(?P<device>\S.*?)\s+(?P<class>\d|n/a)(?:\s+(?P<max>\d+(?:\.\d+)?))?)?\s*$"
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


_NX_SUPPLY = re.compile(
    r"(?P<power_supply>\d+)\s+(?P<power_supply_model>\S+)\s+(?P<power_supply_output>\d+(?:\.\d+)?) W\s+"
    r"(?:(?P<power_supply_input>\d+(?:\.\d+)?) W\s+)?(?P<power_supply_capacity>\d+(?:\.\d+)?) W\s+"
    r"(?P<power_supply_status>\S.*?)\s*$"
)
# Nexus 5000: model, watts and amperes it may give, state
_NX_AMPERES = re.compile(
    r"(?P<supply>\d+)\s+(?P<model>\S+)\s+(?P<watts>[\d.]+|--)\s+(?P<amperes>[\d.]+|--)\s+(?P<status>[a-z]\S*)\s*$"
)
_NX_FAN = re.compile(
    r"(?!Fan +Model)(?P<fan>Fan\S*|PS-?\d\S*|Chassis-\d+)\s+(?P<model>\S+)\s+(?P<hw>\S+)\s+(?:"
    r"(?P<direction>front-to-back|back-to-front|\S+-to-\S+)\s+)?"
    r"(?P<fan_status>[A-Za-z][\w/ -]*?)\s*$"
)
_NX_TEMPERATURE = re.compile(
    r"(?P<module>(?:xbar-)?\d+)\s+(?P<sensor>\S.*?)\s+(?P<major_threshold>-?\d+)\s+"
    r"(?P<minor_threshold>-?\d+)\s+(?P<current_value>-?\d+)\s+(?P<status>\S+)\s*$"
)


def _nx_supplies_by_amperes(output: str) -> Iterator[Row]:
    _, _, below = output.partition("Power Supply:")
    part = re.split(r"(?m)^Mod(?:ule)?\s+Model\s", below)[0]
    for details in table(part, _NX_AMPERES):
        yield Row(present(state(f"Power supply {details['supply']}", details["status"])), details)


def parse_nx_environment(output: str) -> Rows:
    """Parse ``show environment`` of NX-OS: supplies, fans, temperatures. Raises: ParseError: none."""
    rows: list[Row] = []
    for part in re.split(r"(?m)^(?=Module\s+Model\s)", output)[0:1]:
        for details in table(part, _NX_SUPPLY):
            name = f"Power supply {details['power_supply']}"
            watts = reading(
                "power",
                f"{name} output",
                number(details["power_supply_output"]),
                "W",
                SensorLimits(high_critical=number(details["power_supply_capacity"]) or None),
            )
            there = present(state(name, details["power_supply_status"]))
            rows.append(Row((*there, *watts) if there else (), details))
    if not rows:
        rows += _nx_supplies_by_amperes(output)
    rows += [
        Row(present(state(f"Fan {details['fan']}", details["fan_status"])), details)
        for details in table(output, _NX_FAN)
        if details["fan_status"].lower() != "powered-up"  # fans in the table of modules, told again below
    ]
    rows += [
        Row(row.facts, {f"temperature_{_NX_NAMES[name]}": text for name, text in row.details.items()})
        for row in _nx_temperatures(output)
    ]
    return found(rows)


_NX_NAMES = {
    "module": "module",
    "sensor": "sensor",
    "major_threshold": "major_thresh",
    "minor_threshold": "minor_thresh",
    "current_value": "current",
    "status": "status",
}


def _nx_temperatures(output: str) -> Iterator[Row]:
    for details in table(output, _NX_TEMPERATURE):
        name = f"Module {details['module']} {details['sensor']}"
        limits = SensorLimits(
            high_warning=number(details["minor_threshold"]), high_critical=number(details["major_threshold"])
        )
        facts = reading("temperature", name, float(details["current_value"]), "°C", limits)
        yield Row((*facts, *present(state(f"{name} temperature", details["status"]))), details)


def parse_nx_temperature(output: str) -> Rows:
    """Parse ``show environment temperature`` of NX-OS. Raises: ParseError: no sensor."""
    return found(_nx_temperatures(output))
