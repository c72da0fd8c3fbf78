"""Supplies, fans and temperatures of NX-OS. Source: "Cisco Nexus Command Reference"."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.facts.cli.rows import Row, Rows, found
from collectors.facts.cli.values import number, present, reading, state, table
from collectors.model import SensorLimits

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
    r"(?!Fan +Model)(?P<fan>Fan\S*|PS-?\d\S*|Chassis-\d+)\s+(?:(?P<model>\S+)\s+(?P<hw>\S+)\s+)?(?:"
    r"(?P<direction>\S+-to-\S+|--)\s+)?"
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
        named = {
            "power_supply": details["supply"],
            "power_supply_model": details["model"],
            "power_supply_status": details["status"],
        }
        sensor = state(f"Power supply {details['supply']}", details["status"])
        yield Row(present(sensor), {**details, **named})


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
