"""Transceivers of IOS and NX-OS: what is plugged in, its light, temperature, voltage and bias current.

Limits are the module's own alarms and warnings (SFF-8472). Source: "show interfaces transceiver".
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from collectors.facts.cli.rows import Row, Rows, found
from collectors.facts.cli.values import NO_LIMITS, blocks, number, reading, table
from collectors.model import Component, Sensor, SensorLimits

_N = r"(?:-?\d+(?:\.\d+)?|N/A|n/a|-inf|--)"
_FIGURE = r"(?:-?\d+\.\d+|N/A)"
_ROW = re.compile(
    rf"(?P<interface>[A-Za-z]+\d\S*)\s+(?:(?P<lane>\d{{1,2}}|N/A)\s+(?=(?:{_FIGURE}\s+){{4}}{_FIGURE}))?"
    rf"(?P<temperature>{_N})\s+(?P<voltage>{_N})\s+(?:"
    rf"(?P<current>{_N})\s+(?:[+-]+\s+)?(?=\S+\s+\S))?"
    rf"(?P<tx_pwr>{_N})\s*(?:[+-]{{1,2}}\s+)?(?P<rx_pwr>{_N})\s*(?:[+-]{{1,2}})?\s*$"
)

# "31.2 +", "3.29 --": above or below the module's own bounds
_FLAG = re.compile(r"(?<=\.\d)\s*(?:\+{1,2}|-{1,2})(?=\s)|(?<=\.\d\d)\s*(?:\+{1,2}|-{1,2})(?=\s)")


def parse_transceiver(output: str) -> Rows:
    """Parse ``show interfaces transceiver`` of IOS: a row a port. Raises: ParseError: no port."""
    rows: list[Row] = []
    lines = (line if _ROW.match(line) else _FLAG.sub(" ", line) for line in output.expandtabs().splitlines())
    for details in table("\n".join(lines), _ROW):
        name = details["interface"]
        lane = details.pop("lane")
        name = f"{name} lane {lane}" if lane.isdigit() else name
        facts = (
            *reading("temperature", name, number(details["temperature"]), "°C"),
            *reading("voltage", name, number(details["voltage"]), "V"),
            *_bias(name, details["current"], NO_LIMITS),
            *light(f"{name} transmit", details["tx_pwr"]),
            *light(f"{name} receive", details["rx_pwr"]),
        )
        rows.append(Row(facts, details))
    return found(rows)


def light(name: str, text: str, limits: SensorLimits = NO_LIMITS) -> tuple[Sensor, ...]:
    """Optical power. At −30 dBm and less, below what receivers can use, a port is dark: no reading."""
    value = number(text)
    if value is None or not -30 < value < 20:
        return ()
    return reading("dbm", name, value, "dBm", limits)


def _bias(name: str, text: str, limits: SensorLimits) -> tuple[Sensor, ...]:
    value = number(text)
    return () if value is None else reading("current", f"{name} bias", round(value / 1000, 6), "A", limits)


_PORT = re.compile(r"(?P<interface>[A-Za-z][\w-]*\d[\d/.]*)\s*$")
_PIECES = {
    "status": re.compile(r"^\s+transceiver is (.+?)\s*$", re.M),
    "type": re.compile(r"^\s+type is (.+?)\s*$", re.M),
    "manufacturer": re.compile(r"^\s+name is (.+?)\s*$", re.M),
    "part_number": re.compile(r"^\s+part number is (.+?)\s*$", re.M),
    "serial": re.compile(r"^\s+serial number is (.+?)\s*$", re.M),
    "product_id": re.compile(r"^\s+cisco product id is (.+?)\s*$", re.M),
}


def parse_nx_transceiver(output: str) -> Rows:
    """Parse ``show interface transceiver`` of NX-OS: a row a port. Raises: ParseError: no port."""
    rows: list[Row] = []
    for head, body in blocks(output, _PORT):
        text = "\n".join(body)
        details = {"interface": head["interface"]}
        for name, pattern in _PIECES.items():
            match = pattern.search(text)
            details[name] = match[1] if match else ""
        piece = (
            Component(
                details["interface"],
                "port",
                details["type"],
                details["part_number"],
                details["serial"],
                vendor=details["manufacturer"],
            ),
        )
        rows.append(Row(piece if details["serial"] or details["part_number"] else (), details))
    return found(rows)


_LANE = re.compile(r"\s*Lane Number ?: ?(?P<lane>\d+)")
_MEASURED = re.compile(
    rf"\s*(?P<what>Temperature|Voltage|Current|Tx Power|Rx Power)\s+"
    rf"(?P<value>{_N})(?: (?:C|V|mA|dBm))?\s*(?:[+-]{{1,2}}\s+)?"
    rf"(?:\s*(?P<alarm_high>{_N})(?: \w+)?\s+(?P<alarm_low>{_N})(?: \w+)?\s+"
    rf"(?P<warn_high>{_N})(?: \w+)?\s+(?P<warn_low>{_N})(?: \w+)?)?"
)
_WHAT = {
    "Temperature": "temperature",
    "Voltage": "voltage",
    "Current": "amps",
    "Tx Power": "tx",
    "Rx Power": "rx",
}


def parse_nx_transceiver_details(output: str) -> Rows:
    """Parse ``show interface transceiver details`` of NX-OS: a row a lane. Raises: ParseError: none."""
    rows: list[Row] = []
    for head, body in blocks(output, _PORT):
        lanes: list[tuple[str, list[str]]] = [("", [])]
        for line in body:
            lane = _LANE.match(line)
            if lane:
                lanes.append((lane["lane"], []))
            lanes[-1][1].append(line)
        for lane_number, lines in lanes:
            details = _measured("\n".join(lines))
            if details:
                details = {"interface": head["interface"], "lane": lane_number, **details}
                rows.append(Row(_readings(details), details))
    return found(rows)


def _measured(text: str) -> dict[str, str]:
    details: dict[str, str] = {}
    for match in table(text, _MEASURED):
        what = _WHAT[match["what"]]
        details |= {
            f"{what}_{name}": match[name]
            for name in ("value", "alarm_high", "alarm_low", "warn_high", "warn_low")
        }
    return details


def _readings(details: Mapping[str, str]) -> tuple[Sensor, ...]:
    name = details["interface"] + (f" lane {details['lane']}" if details["lane"] else "")

    def limits(what: str, scale: float = 1.0) -> SensorLimits:
        found_limits = (
            number(details.get(f"{what}_{one}"))
            for one in ("alarm_low", "warn_low", "warn_high", "alarm_high")
        )
        return SensorLimits(*(None if one is None else round(one * scale, 6) for one in found_limits))

    return (
        *reading("temperature", name, number(details.get("temperature_value")), "°C", limits("temperature")),
        *reading("voltage", name, number(details.get("voltage_value")), "V", limits("voltage")),
        *_bias(name, details.get("amps_value", ""), limits("amps", 0.001)),
        *light(f"{name} transmit", details.get("tx_value", ""), limits("tx")),
        *light(f"{name} receive", details.get("rx_value", ""), limits("rx")),
    )
