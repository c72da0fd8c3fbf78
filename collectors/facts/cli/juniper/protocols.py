"""Junos: BGP, OSPF, LACP, members of a virtual chassis, and the light of transceivers."""

from __future__ import annotations

import re

from collectors.facts.cli.peers import ESTABLISHED
from collectors.facts.cli.rows import Member, Peer, Row, Rows, found
from collectors.facts.cli.values import blocks, fields, number, reading, table
from collectors.model import Sensor, SensorLimits
from collectors.outcome import Outcome

_BGP = re.compile(
    r"\s*(?P<peer>[\da-fA-F]+[:.][\da-fA-F:.]+)(?:\+\d+)?\s+(?P<peer_as>\d+(?:\.\d+)?)\s+(?P<in_packets>\d+)\s+"
    r"(?P<out_packets>\d+)\s+(?P<out_queue>\d+)\s+(?P<flaps>\d+)\s+(?P<last_change>\S+(?: [\d:]+)?)\s+"
    r"(?P<state>Establ\w*|Active|Idle(?:\(\w+\))?|Connect|OpenSent|OpenConfirm|\d+/\d+/\d+\S*)"
)
_OSPF = re.compile(
    r"\s*(?P<ip_address>\d+\.\d+\.\d+\.\d+)\s+(?P<interface>[a-z]\S*)\s+"
    r"(?P<state>Full|2Way|Init|Down|Attempt|ExStart|Exchange|Loading)\s+"
    r"(?P<neighbor_id>\d+\.\d+\.\d+\.\d+)\s+(?P<priority>\d+)\s+(?P<dead_time>\d+)"
)


def parse_bgp(output: str) -> Rows:
    """Parse ``show bgp summary``. Raises: ParseError: no peer."""
    rows = []
    for details in table(output.expandtabs(), _BGP):
        word = details["state"]
        established = word[0].isdigit() or word.startswith("Establ")
        rows.append(Row((Peer("bgp", details["peer"], ESTABLISHED if established else word),), details))
    return found(rows)


def parse_ospf(output: str) -> Rows:
    """Parse ``show ospf neighbor``. Raises: ParseError: no neighbour."""
    return found(
        Row((Peer("ospf", one["neighbor_id"], one["state"], one["interface"]),), one)
        for one in table(output.expandtabs(), _OSPF)
    )


_AGGREGATED = re.compile(r"\s*Aggregated interface: (\S+)")
_LACP = re.compile(
    r"\s*(?P<interface>[a-z]+-\d\S*)\s+"
    r"(?P<receive>Current|Expired|Defaulted|Initialize|Port disabled|LACP disabled)\s+"
    r"(?P<transmit>(?:Fast|Slow|No) periodic)\s+(?P<mux>[A-Z][a-z]+(?: distributing)?)"
)


def parse_lacp(output: str) -> Rows:
    """Parse ``show lacp interfaces``: a port that collects and distributes carries traffic.

    Raises: ParseError: no port.
    """
    return found(
        Row(
            (
                Peer(
                    "lacp",
                    head[1],
                    "bundled" if one["mux"] == "Collecting distributing" else one["mux"].lower(),
                    one["interface"],
                ),
            ),
            {"bundle": head[1], **one},
        )
        for head, body in blocks(output, _AGGREGATED)
        for one in table("\n".join(body).expandtabs(), _LACP)
    )


_MEMBER = re.compile(
    r"\s*(?P<id>\d+) \(FPC (?P<fpc>\d+)\)\s+(?P<status>\w+)(?:\s+(?P<serial>[A-Z0-9]{6,}))?"
    r"(?:\s+(?P<model>[A-Za-z]\S*\d\S*))?"
    r"(?:\s+(?P<priority>\d+)\s+(?P<role>Master|Backup|Linecard)\*?)?"
)


def parse_virtual_chassis(output: str) -> Rows:
    """Parse ``show virtual-chassis``. Raises: ParseError: no member."""
    return found(
        Row(
            (
                Member(
                    f"Member {one['id']}",
                    one["role"],
                    one["status"],
                    Outcome.OK if one["status"] == "Prsnt" else Outcome.CRITICAL,
                    one["serial"],
                ),
            ),
            one,
        )
        for one in table(output.expandtabs(), _MEMBER)
    )


_PORT = re.compile(r"Physical interface: (?P<interface>[^\s,]+)")
_LANE = re.compile(r"\s*Lane (?P<lane>\d+)\s*$")
_DBM = re.compile(r"(-?\d+(?:\.\d+)?) dBm")


def parse_optics(output: str) -> Rows:
    """Parse ``show interfaces diagnostics optics``; the module's alarm thresholds are its limits.

    Raises: ParseError: no port.
    """
    rows: list[Row] = []
    for head, body in blocks(output, _PORT):
        name = head["interface"]
        lanes = list(blocks("\n".join(body), _LANE))
        own = "\n".join(body).split("\n  Lane ")[0].splitlines() if lanes else body
        values = fields(own)
        facts = _module(name, values)
        for lane, lines in lanes:
            facts += _light(f"{name} lane {lane['lane']}", {**values, **fields(lines)})
        if not lanes:
            facts += _light(name, values)
        rows.append(
            Row(facts, {"interface": name, **{key.replace(" ", "_"): value for key, value in values.items()}})
        )
    return found(rows)


def _module(name: str, values: dict[str, str]) -> tuple[Sensor, ...]:
    return (
        *reading(
            "temperature",
            name,
            number(values.get("module temperature")),
            "°C",
            _limits(values, "module temperature"),
        ),
        *reading(
            "voltage", name, number(values.get("module voltage")), "V", _limits(values, "module voltage")
        ),
    )


def _light(name: str, values: dict[str, str]) -> tuple[Sensor, ...]:
    received = next(
        (
            key
            for key in ("receiver signal average optical power", "laser receiver power", "laser rx power")
            if key in values
        ),
        "",
    )
    bias = number(values.get("laser bias current"))
    return (
        *_dbm(f"{name} receive", values, received, "laser rx power"),
        *_dbm(f"{name} transmit", values, "laser output power", "laser output power"),
        *reading("current", f"{name} bias", None if bias is None else round(bias / 1000, 9), "A"),
    )


def _dbm(name: str, values: dict[str, str], key: str, limit: str) -> tuple[Sensor, ...]:
    match = _DBM.search(values.get(key, ""))  # "- Inf dBm" is no light
    value = float(match[1]) if match else None
    return reading(
        "dbm", name, None if value is None or value <= -40 else value, "dBm", _limits(values, limit)
    )


def _limits(values: dict[str, str], key: str) -> SensorLimits:
    def bound(which: str) -> float | None:
        text = values.get(f"{key} {which} threshold", "")
        match = _DBM.search(text)
        return float(match[1]) if match else None if "dBm" in text else number(text)

    return SensorLimits(bound("low alarm"), bound("low warning"), bound("high warning"), bound("high alarm"))
