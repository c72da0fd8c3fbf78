"""StoneOS: environment, modules, transceivers.

Source: Hillstone Networks "StoneOS CLI User Guide" 5.5R12, "Frequently used show commands": show environment,
show module, show transceiver. No real device was seen.
"""

from __future__ import annotations

import re

from collectors.facts.cli.cisco.optics import light
from collectors.facts.cli.rows import Row, Rows, found
from collectors.facts.cli.values import (
    NO_LIMITS,
    blocks,
    fields,
    number,
    present,
    reading,
    state,
    table,
)
from collectors.messages import N_
from collectors.model import Component, SensorLimits

_SECTION = re.compile(r" *(?P<what>Temperature|Fan|Power|Voltage) information\b", re.I)
_KINDS = {
    "temperature": ("temperature", "°C"),
    "fan": ("fan", "rpm"),
    "voltage": ("voltage", "V"),
}
_MEASURED = re.compile(
    r" *(?P<name>\S.*?) +(?P<value>-?\d{1,6}(?:\.\d{1,4})?)(?: +(?P<low>-?\d{1,6}(?:\.\d{1,4})?)"
    r" *[-~] *(?P<high>-?\d{1,6}(?:\.\d{1,4})?))? *$"
)
# "PS1   Fail/No power": two blanks part the columns where there are as many
_STATED = re.compile(r" *(?:(?P<long>\S+(?: \S+)*) {2,}|(?P<name>\S+) )(?P<state>[A-Za-z][A-Za-z/ -]*?) *$")
_NORMAL = re.compile(r"\b(?P<word>normal|abnormal) state\b", re.I)


def parse_environment(output: str) -> Rows:
    """Parse ``show environment``: readings with the device's own range, states of fans and supplies.

    A device without a fan tray of its own says "normal state" and nothing else.
    Raises: ParseError: none of these.
    """
    rows: list[Row] = []
    section = ""
    for line in output.splitlines():
        head = _SECTION.match(line)
        if head is not None:
            section = head["what"].lower()
        elif section and not line.strip().startswith(("=", "-", "Description")):
            rows += _line(section, line)
    plain = _NORMAL.search(output)
    if not rows and plain is not None:
        rows.append(Row(present(state(N_("Environment"), plain["word"])), plain.groupdict()))
    return found(rows)


def _line(section: str, line: str) -> Rows:
    measured = _MEASURED.match(line)
    if measured is not None and section in _KINDS:
        kind, unit = _KINDS[section]
        low, high = number(measured["low"]), number(measured["high"])
        # Nothing is too cold at the lower end of "0-90", nor too slow: only a voltage may be too low.
        limits = SensorLimits(low_critical=low if section == "voltage" else None, high_critical=high)
        if section == "fan":
            limits = SensorLimits(low_critical=low)
        details = {name: value or "" for name, value in measured.groupdict().items()}
        return (Row(reading(kind, measured["name"], number(measured["value"]), unit, limits), details),)
    stated = _STATED.match(line)
    if stated is None:
        return ()
    name = stated["long"] or stated["name"]
    return (Row(present(state(name, stated["state"])), {"name": name, "state": stated["state"]}),)


_MODULE = re.compile(
    r" *(?P<number>\d{1,3}) +(?P<name>[a-z]\w*) +(?P<state>[A-Z]\w*)"
    r"(?: +(?P<type>[A-Z]\S*))?(?: +(?P<serial>\d\w+))? *$"
)


def parse_modules(output: str) -> Rows:
    """Parse ``show module``: a row a slot; an empty one has neither state nor piece.

    Raises: ParseError: no slot.
    """
    rows: list[Row] = []
    for details in table(output, _MODULE):
        facts: list[object] = []
        if details["state"] != "Empty":
            facts += present(state(details["name"], details["state"]))
            facts.append(
                Component(details["name"], "module", model=details["type"], serial=details["serial"])
            )
        rows.append(Row(tuple(facts), details))
    return found(rows)


_OPTIC = re.compile(r" *={3,} *(?P<name>[a-z][\w/.-]*\d) *={3,} *$")
# what it is called in the answer, the kind, the unit, what it is called here, and the factor to the unit
_ELECTRIC = (
    ("module temperature", "temperature", "°C", "", 1.0),
    ("tx supply voltage", "voltage", "V", "", 1.0),
    ("tx bias current", "current", "A", " bias", 0.001),
)
_OPTICAL = (("tx optical power", " transmit"), ("rx optical power", " receive"))
_RANGE = re.compile(r"\[ *(?P<low>-?\d{1,4}(?:\.\d+)?) *[,\uff0c] *(?P<high>-?\d{1,4}(?:\.\d+)?) *\]")


def _bounds(values: dict[str, str], key: str, factor: float = 1.0) -> SensorLimits:
    match = _RANGE.search(values.get(f"{key} warning range", ""))
    if match is None:
        return NO_LIMITS
    low, high = (round(float(match[side]) * factor, 6) for side in ("low", "high"))
    return SensorLimits(low_warning=low, high_warning=high)


def parse_transceivers(output: str) -> Rows:
    """Parse ``show transceiver``: a row a port, with the module's own warnings.

    Raises: ParseError: no port, unless the answer is the heading alone.
    """
    rows: list[Row] = []
    for head, body in blocks(output, _OPTIC):
        name, values = head["name"], fields(line.replace("\uff1a", ":") for line in body)
        facts: list[object] = []
        for key, kind, unit, suffix, factor in _ELECTRIC:
            value = number(values.get(key))
            if value is not None:
                limits = _bounds(values, key, factor)
                facts += reading(kind, f"{name}{suffix}", round(value * factor, 6), unit, limits)
        for key, suffix in _OPTICAL:
            facts += light(f"{name}{suffix}", values.get(key, ""), _bounds(values, key))
        serial, part = values.get("serial number", ""), values.get("part number", "")
        if serial or part:
            what = next((value for key, value in values.items() if key.endswith(" information")), "")
            facts.append(Component(name, "port", what, part, serial))
        rows.append(Row(tuple(facts), {"interface": name, **values}))
    if not rows and "transceiver status information" in output.lower():
        return ()
    return found(rows)
