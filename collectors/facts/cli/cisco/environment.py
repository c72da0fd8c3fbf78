"""Temperature, fans and supplies as ``show environment`` of IOS and IOS-XE tells them.

Source: "Cisco IOS Interface and Hardware Component Command Reference", "show environment".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.facts.cli.cisco.power import statuses, supplies
from collectors.facts.cli.rows import Row, Rows, found
from collectors.facts.cli.values import blocks, number, present, reading, state, table
from collectors.model import Sensor, SensorLimits

_SWITCH = re.compile(r"Switch (?P<switch>\d+): SYSTEM TEMPERATURE is (?P<switch_temperature>.+?)\s*$")
_PLACE = re.compile(r"\s*(?:(?P<place>\w+) )?Temperature Value *: *(?P<value>-?\d+) Degree")
_STATE = re.compile(r"Temperature State: (?P<state>\S+)")
_YELLOW = re.compile(r"(?:Yellow|High Temperature Alert) Threshold *: (?P<value>-?\d+)")
_RED = re.compile(r"(?:Red|High Temperature Shutdown) Threshold *: (?P<value>-?\d+)")
_PIECE_IS = re.compile(
    r"(?:Switch (?P<switch>\d+):? )?(?:SYSTEM )?"
    r"(?P<what>FAN|POWER(?: SUPPLY)?|RPS|TEMPERATURE|Fan|Power Supply)"
    # industrial switches: "POWER SUPPLY B is DC FAULTY <--"
    r"(?: (?P<piece>[\w-]+))? is (?:[AD]C (?=[A-Z]))?(?P<status>.+?)(?:\s*<-+)?\s*$"
)
# Catalyst 9000: "  1       2         0   FAULTY   Front to Back"
_FANS_HEAD = re.compile(r"(?m)^Switch\s+FAN\s+Speed\s+State")
_FAN_ROW = re.compile(
    r"\s*(?P<switch>\d+)\s+(?P<fan>\d+)\s+(?P<speed>\d+)\s+(?P<status>[A-Za-z]+(?: [A-Z]+)*)"
    r"(?:\s{2,}(?P<airflow>\S.*?))?\s*$"
)
# IOS-XE: slot, sensor, state, reading and the sensor's own limits
_XE_ROW = re.compile(
    r"\s*(?P<slot>[A-Z]+\d+|\d+)\s+(?P<sensor>\S.*?)"
    # a name as wide as its column touches the state
    r"(?:\s{2,}|\s(?=(?:Normal|Warning|Minor|Major|Critical|Shutdown|Fan Speed)\b))"
    r"(?P<status>\S(?:.*?\S)?)\s{2,}"
    r"(?P<value>-?\d+(?:\.\d+)?)\s+(?P<unit>Celsius|mV|V|RPM|Watts?|W|mA|A)\b"
    r"(?:.*?\((?P<minor>-?\d+|na) ?,(?P<major>-?\d+|na) ?,(?P<critical>-?\d+|na))?"
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
    rows = [*_switches(output), *supplies(output), *statuses(output)]
    for details in table(output, _PIECE_IS):
        if details["what"] == "TEMPERATURE" and _STATE.search(output):
            continue  # told with its reading
        name = " ".join(filter(None, (details["what"].capitalize(), details["switch"], details["piece"])))
        rows.append(Row(present(state(name, details["status"], kind="show environment")), details))
    rows += _fans(output)
    rows += _modular(output)
    rows += _routers(output)
    for details in table(output.expandtabs(), _XE_ROW):
        limits = SensorLimits(None, None, number(details["minor"]), number(details["critical"]))
        rows += _sensor(f"{details['slot']} {details['sensor']}", details, limits)
    for details in table(output, _SENSOR_ROW):
        rows += _sensor(f"{details['sensor']} {details['location']}", details, SensorLimits())
    return found(rows)


def _sensor(name: str, details: dict[str, str], limits: SensorLimits) -> Iterator[Row]:
    """A reading of IOS-XE, with its state where that is not normal; fans that turn faster are not."""
    word = details["status"]
    if word in ("AC", "DC"):
        return  # a supply, told by itself
    well = word == "Normal" or word.startswith("Fan Speed")
    bad = state(f"{name} state", word) if not well else None
    if not well and bad is None:
        yield Row((), details)  # not there
        return
    kind, unit, scale = _UNITS[details["unit"]]
    value = round(float(details["value"]) * scale, 3)
    yield Row((*reading(kind, name, value, unit, limits), *present(bad)), details)


def _fans(output: str) -> Iterator[Row]:
    if _FANS_HEAD.search(output) is None:
        return
    for details in table(output, _FAN_ROW):
        name = f"Fan {details['switch']} {details['fan']}"
        there = state(name, details["status"], kind="show environment")
        speed = reading("fan", name, float(details["speed"]), "rpm")
        yield Row((*present(there), *speed) if there else (), details)


# Catalyst 4500
_CHASSIS = re.compile(
    r"Chassis (?P<what>Temperature|Over Temperature Threshold|Critical Temp\w*(?: Threshold)?)\s*= *"
    r"(?P<value>-?\d+) degrees"
)
_OF_MODULE = re.compile(
    r"\s*(?P<module>\d+)\s+(?P<sensor>\S.*?)\s{2,}(?P<value>-?\d+)C "
    r"\((?P<minor>\d+)C, ?(?P<major>\d+)C, ?(?P<critical>\d+)C\)\s+(?P<status>\S+)"
)
_FAN_TRAY = re.compile(r"Fan ?tray *: *(?P<status>\w+)\s*$")


def _modular(output: str) -> Iterator[Row]:
    chassis = {one["what"].split(" ")[0]: one["value"] for one in table(output, _CHASSIS)}
    if "Temperature" in chassis:
        limits = SensorLimits(
            high_warning=number(chassis.get("Over")), high_critical=number(chassis.get("Critical"))
        )
        yield Row(reading("temperature", "Chassis", float(chassis["Temperature"]), "°C", limits), chassis)
    for details in table(output, _OF_MODULE):
        name = f"Module {details['module']} {details['sensor']}"
        limits = SensorLimits(
            high_warning=number(details["minor"]), high_critical=number(details["critical"])
        )
        yield Row(
            (
                *reading("temperature", name, float(details["value"]), "°C", limits),
                *present(state(f"{name} temperature", details["status"])),
            ),
            details,
        )
    for details in table(output, _FAN_TRAY):
        yield Row(present(state("Fan tray", details["status"], kind="show environment")), details)


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


# "Intake Left temperature: 26 Celsius, Normal" of routers; "module 1 inlet temperature: 27C" of Catalyst 6500
_ROUTER_TEMPERATURE = re.compile(
    r"\s*(?P<sensor>\S.{0,60}?) [Tt]emperature: *(?P<value>-?\d+) ?C(?:elsius)?"
    r"(?:,? *\(?(?P<status>\w+)\)?)?\s*$"
)
_ROUTER_FAN = re.compile(r"\s*(?P<fan>Fan \d+) (?P<status>OK|\w+(?=, .*speed))")
# Routers of the first generation: "SYS PS1 is present." and "Fan status: Normal" below it
_ROUTER_SUPPLY = re.compile(r"\s*(?P<supply>(?:SYS|AUX\S*) PS\d+) is (?P<status>present|absent)")
_ROUTER_PART = re.compile(
    r"\s*(?P<part>Fan|Input Voltage|DC Output Voltage|Thermal) status: *(?P<status>\w+)"
)
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
        bad = details["status"].lower() not in ("", "normal")
        yield Row(
            (
                *reading("temperature", name, float(details["value"]), "°C"),
                *present(state(f"{name} temperature", details["status"]) if bad else None),
            ),
            details,
        )
    for details in table(output, _ROUTER_FAN):
        yield Row(present(state(details["fan"], details["status"])), details)
    for head, body in blocks(output, _ROUTER_SUPPLY):
        name = head["supply"]
        there = present(state(name, head["status"]))
        parts = (
            state(f"{name} {one['part']}", one["status"]) for one in table("\n".join(body), _ROUTER_PART)
        )
        yield Row((*there, *present(*parts)) if there else (), head.groupdict())
    for details in table(output, _ROUTER_STATUS):
        yield Row(present(state(details["piece"], details["status"])), details)
    for details in table(output, _PART_FAILS):
        name = f"{details['piece']} {details['part'].replace('power-', '')}".removesuffix(" OK")
        yield Row(present(state(name, details["status"])), details)
    for details in table(output, _CONSUMED):
        yield Row(reading("power", "System", float(details["value"]), "W"), details)
