"""Transceivers of VRP. Source: Huawei "Command Reference", display transceiver."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from collectors.facts.cli.cisco.optics import light
from collectors.facts.cli.rows import Row, Rows, found
from collectors.facts.cli.values import blocks, fields, number, reading
from collectors.model import Component, SensorLimits

_OPTIC = re.compile(r"(?P<interface>(?=\S*\d)[A-Za-z0-9][\w/.:-]*) (?:transceiver )?information:\s*$")
_NAMES = {
    "transceiver_type": ("transceiver type", "type"),
    "connector_type": ("connector type",),
    "wavelength": ("wavelength(nm)", "wavelength (nm)"),
    "vendor": ("vendor name", "manufacturer"),
    "vendor_pn": ("vendor part number", "huaweipartnumber"),
    "manu_sn": ("manu. serial number", "vendorsn"),
    "manu_date": ("manufacturing date",),
    "distance": ("transfer distance(m)", "transfer distance (m)"),
    "temperature": ("temperature",),
    "temperature_high": ("temp high threshold", "temperature high threshold"),
    "temperature_low": ("temp low threshold", "temperature low threshold"),
    "voltage": ("voltage(v)",),
    "voltage_high": ("volt high threshold(v)", "voltage high threshold(v)"),
    "voltage_low": ("volt low threshold(v)", "voltage low threshold(v)"),
    "bias_current": ("bias current(ma)",),
    "bias_high": ("bias high threshold(ma)",),
    "bias_low": ("bias low threshold(ma)",),
    "rx_power": ("rx power(dbm)", "current rx power(dbm)"),
    "def_rx_power_high": ("rx power high threshold(dbm)", "default rx power high threshold(dbm)"),
    "def_rx_power_low": ("rx power low threshold(dbm)", "default rx power low threshold(dbm)"),
    "rx_warn_high": ("rx power high warning(dbm)",),
    "rx_warn_low": ("rx power low warning(dbm)",),
    "tx_power": ("tx power(dbm)", "current tx power(dbm)"),
    "def_tx_power_high": ("tx power high threshold(dbm)", "default tx power high threshold(dbm)"),
    "def_tx_power_low": ("tx power low threshold(dbm)", "default tx power low threshold(dbm)"),
    "tx_warn_high": ("tx power high warning(dbm)",),
    "tx_warn_low": ("tx power low warning(dbm)",),
}


# "temperature(°c)", "temperature(celsius)"; the degree sign comes in several characters
_UNWRITTEN = re.compile(r" ?\((?:(?:°|ﾰ)?c|℃|celsius)\)| ?\(\W*c\)")


def parse_transceiver(output: str) -> Rows:
    """Parse ``display transceiver verbose``: a row a module with its readings. Raises: ParseError: none."""
    rows: list[Row] = []
    for head, body in blocks(output, _OPTIC):
        values = {_UNWRITTEN.sub("", key).replace(" (", "("): value for key, value in fields(body).items()}
        details = {"interface": head["interface"]}
        details |= {
            name: next((values[key] for key in keys if values.get(key, "-") != "-"), "")
            for name, keys in _NAMES.items()
        }
        rows.append(Row((*_optic_facts(details), *_lanes(head["interface"], body)), details))
    if not rows and re.search(r"(?i)no transceiver|not (?:present|exist)|no optical", output):
        return ()
    return found(rows)


_LANES = re.compile(r"(?P<values>-?[\d.]+(?:\|-?[\d.]+)+)\s*\((?P<lanes>Lane\d+(?:\|Lane\d+)+)\)")


def _lanes(name: str, body: list[str]) -> Iterator[object]:
    """Readings of "7.10|7.20 (Lane0|Lane1)", which go on in lines without a name."""
    key = ""
    for line in body:
        before, colon, _ = line.partition(":")
        key = before.lower() if colon else key
        match = _LANES.search(line)
        if match is None:
            continue
        for lane, text in zip(re.findall(r"\d+", match["lanes"]), match["values"].split("|"), strict=False):
            if "bias" in key:
                value = number(text)
                amperes = None if value is None else round(value / 1000, 6)
                yield from reading("current", f"{name} lane {lane} bias", amperes, "A")
            elif "rx power" in key or "tx power" in key:
                way = "receive" if "rx" in key else "transmit"
                yield from light(f"{name} lane {lane} {way}", text)


def _optic_facts(details: Mapping[str, str]) -> Iterator[object]:
    name = details["interface"]
    if details["manu_sn"] or details["transceiver_type"]:
        yield Component(
            name,
            "port",
            details["transceiver_type"],
            details["vendor_pn"],
            details["manu_sn"],
            vendor=details["vendor"],
        )

    def limits(high: str, low: str, scale: float = 1.0) -> SensorLimits:
        ends = [number(details[f"{one}"]) for one in (low, high)]
        return SensorLimits(
            None if ends[0] is None else ends[0] * scale,
            None,
            None,
            None if ends[1] is None else ends[1] * scale,
        )

    yield from reading(
        "temperature",
        name,
        number(details["temperature"]),
        "°C",
        limits("temperature_high", "temperature_low"),
    )
    yield from reading(
        "voltage", name, number(details["voltage"]), "V", limits("voltage_high", "voltage_low")
    )
    if "|" in details["bias_current"] + details["rx_power"]:
        return  # each lane's own
    bias = number(details["bias_current"])
    if bias is not None:
        yield from reading(
            "current", f"{name} bias", round(bias / 1000, 6), "A", limits("bias_high", "bias_low", 0.001)
        )
    yield from light(f"{name} receive", details["rx_power"], limits("def_rx_power_high", "def_rx_power_low"))
    yield from light(f"{name} transmit", details["tx_power"], limits("def_tx_power_high", "def_tx_power_low"))
