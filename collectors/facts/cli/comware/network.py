"""Interfaces, aggregations and optics of Comware.

Source: H3C "Command Reference": display interface, link-aggregation, transceiver diagnosis.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from collectors.facts.cli.cisco.interfaces import brief
from collectors.facts.cli.cisco.optics import light
from collectors.facts.cli.rows import Peer, Row, Rows, found
from collectors.facts.cli.values import (
    admin_word,
    blocks,
    fields,
    if_type,
    integer,
    mac,
    number,
    oper_word,
    reading,
    speed_bps,
    table,
)
from collectors.model import Interface, SensorLimits

_NAME = r"[A-Za-z][A-Za-z-]*[\d][\w/.:-]*|NULL\d+|Aux\d+"
# Comware 5: "NAME current state: UP" on one line; 7: the name alone and the state below it.
_START = re.compile(rf"\s?(?P<interface>{_NAME})(?: current state ?: ?(?P<state>.+?))?\s*$")
_STATE_BELOW = re.compile(r"\s*Current state: (.+?)\s*$")
_PARTS = tuple(
    re.compile(pattern, re.M)
    for pattern in (
        r"^\s*Line protocol (?:current )?state ?: ?(?P<protocol_state>.+?)\s*$",
        r"^\s*Description: ?(?P<description>.*?)\s*$",
        r"^\s*Bandwidth: (?P<bandwidth>\d+ ?\w+)",
        r"^\s*(?:The )?[Mm]aximum [Tt]ransm(?:it|ission) [Uu]nit(?: is|:) (?P<mtu>\d+)",
        r"^\s*(?:The )?[Mm]aximum [Ff]rame [Ll]ength(?: is|:) (?P<l2mtu>\d+)",
        r"^\s*(?P<speed>\w+(?:-speed)?) ?mode\s*, *(?P<duplex>[\w-]+?)(?: mode)?\s*$",
        r"^\s*(?P<speed>\d+[MGk](?:b/s|bps)?), (?P<duplex>\w+(?:-duplex)?), link type",
        r"seconds? input: +(?P<last_300_sec_input_rate_packets>\d+) packets/sec "
        r"(?P<last_300_sec_input_rate_bytes>\d+) bytes/sec",
        r"seconds? output: +(?P<last_300_sec_output_rate_packets>\d+) packets/sec "
        r"(?P<last_300_sec_output_rate_bytes>\d+) bytes/sec",
        r"[Ll]ink speed type is (?P<link_type>\w+)|link type is (?P<link_type_old>\w+)",
        r"^\s*Port link-type: (?P<port_link_type>\w+)",
        r"^\s*PVID: (?P<vlan_native>\d+)",
        r"^\s*Untagged VLANs: +(?P<untagged_vlan_id>.+?)\s*$",
        r"^\s*Last clearing of counters: +(?P<clear_counters>.+?)\s*$",
        r"input rate:? (?P<last_300_sec_input_rate_bytes>[\d.]+) bytes/sec, "
        r"(?P<last_300_sec_input_rate_bits>\d+) bits/sec, "
        r"(?P<last_300_sec_input_rate_packets>[\d.]+) packets/sec",
        r"output rate:? (?P<last_300_sec_output_rate_bytes>[\d.]+) bytes/sec, "
        r"(?P<last_300_sec_output_rate_bits>\d+) bits/sec, "
        r"(?P<last_300_sec_output_rate_packets>[\d.]+) packets/sec",
    )
)
_IN = re.compile(
    r"^\s*[Ii]nput(?: ?\(total\))?: *\n?\s*(?P<packets>\d+) packets, (?P<bytes>\d+|-) bytes", re.M
)
_OUT = re.compile(
    r"^\s*[Oo]utput(?: ?\(total\))?: *\n?\s*(?P<packets>\d+) packets, (?P<bytes>\d+|-) bytes", re.M
)
_COUNTS = {
    "buffers": r"(\d+|-) buffers",
    "broadcasts": r"(\d+|-) broadcasts",
    "multicasts": r"(\d+|-) multicasts",
    "pauses": r"(\d+|-) pauses",
    "errors": r"(\d+|-) (?:input |output )?errors",
    "runts": r"(\d+|-) runts",
    "giants": r"(\d+|-) giants",
    "crc": r"(?i:(\d+|-) CRC)",
    "align_errors": r"(\d+|-) align errors",
    "overruns": r"(\d+|-) overruns",
    "dribbles": r"(\d+|-) dribbles",
    "drops": r"(\d+|-) drops",
    "frame_errors": r"(\d+|-) frame(?: errors)?\b",
    "no_buffers": r"(\d+|-) no buffers",
    "underruns": r"(\d+|-) underruns",
    "collisions": r"(\d+|-) collisions",
    "deferred": r"(\d+|-) deferred",
    "lost_carriers": r"(\d+|-) lost carriers?",
    "aborts": r"(\d+|-) aborts",
}
_MACS = re.compile(r"[Hh]ardware [Aa]ddress: ([0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4})")
_ADDRESSES = re.compile(r"^\s*Internet [Aa]ddress(?: is|:) (\S+?)(?:/(\S+))?(?: .*)?$", re.M)
_VLANS = re.compile(r"^\s*VLAN (?P<what>[Pp]assing|permitted) *: *(?P<list>.+(?:\n\s{6,}\d.*)*)", re.M)


def parse_interface(output: str) -> Rows:
    """Parse ``display interface``: a row an interface. Raises: ParseError: no interface."""
    rows: list[Row] = []
    for head, body in blocks(output, _START):
        state = head["state"] or next((one[1] for line in body[:2] if (one := _STATE_BELOW.match(line))), "")
        if state:
            rows.append(_row(len(rows) + 1, head["interface"], state, "\n".join(body)))
    return found(rows)


def _row(place: int, name: str, state: str, body: str) -> Row:
    details: dict[str, str] = {"interface": name, "state": state}
    for pattern in _PARTS:
        match = pattern.search(body)
        for key, value in (match.groupdict() if match else {}).items():
            if value:
                details.setdefault(key.removesuffix("_old"), value.strip())
    entering, leaving = _IN.search(body), _OUT.search(body)
    middle = leaving.start() if leaving else len(body)
    for side, match, part in (
        ("input", entering, body[entering.start() : middle] if entering else ""),
        ("output", leaving, body[middle:]),
    ):
        if match:
            details |= {f"{side}_packets": match["packets"], f"{side}_btypes": match["bytes"]}
        for key, counted in _COUNTS.items():
            hit = re.search(counted, part)
            if hit:
                details[f"{side}_{key}"] = hit[1]
    addresses = _ADDRESSES.findall(body)
    details |= _more(details, addresses, body)
    return Row((_interface(place, details, addresses),), details)


def _more(details: Mapping[str, str], addresses: list[tuple[str, str]], body: str) -> dict[str, str]:
    more = {
        "line_status": details["state"],
        "protocol_status": details.get("protocol_state", ""),
        "hw_address": "\n".join(dict.fromkeys(_MACS.findall(body))),
        "ip_address": "\n".join(f"{one}/{mask}" if mask else one for one, mask in addresses),
        "ip_address_mask": "\n".join(mask for _, mask in addresses),
    }
    for match in _VLANS.finditer(body):
        listed = re.sub(r"\(default vlan\)", "", match["list"])
        more[f"vlan_{match['what'].lower()}"] = "\n".join(re.split(r"[,\s]+", listed.strip()))
    return more


def _interface(place: int, details: Mapping[str, str], addresses: list[tuple[str, str]]) -> Interface:
    state, protocol = details["state"], details.get("protocol_state", "")
    oper = oper_word(state)
    return Interface(
        index=place,
        name=details["interface"],
        description=details["interface"],
        alias=details.get("description", ""),
        type=if_type(details["interface"]),
        admin_status=admin_word(state),
        oper_status=oper_word(protocol) if oper == "up" and protocol else oper,
        speed_bps=speed_bps(details.get("speed")) or speed_bps(details.get("bandwidth")),
        mtu=integer(details.get("mtu") or details.get("l2mtu")),
        mac=mac(details["hw_address"].split("\n")[0]),
        in_octets=integer(details.get("input_btypes")),
        out_octets=integer(details.get("output_btypes")),
        in_packets=integer(details.get("input_packets")),
        out_packets=integer(details.get("output_packets")),
        in_errors=integer(details.get("input_errors")),
        out_errors=integer(details.get("output_errors")),
        in_discards=integer(details.get("input_drops")),
        out_discards=integer(details.get("output_drops")),
        addresses=tuple(f"{one}/{mask}" if mask else one for one, mask in addresses),
    )


_ROUTE = re.compile(
    r"(?P<interface>[A-Za-z][\w/.:-]*)\s+(?P<link>UP|DOWN|ADM|Stby)\s+"
    r"(?P<protocol>UP(?:\(s\))?|DOWN|--)\s+(?P<main_ip>[\d.]+|--)(?:\s+"
    r"(?P<description>\S.*?))?\s*$"
)
_BRIDGE = re.compile(
    r"(?P<interface>[A-Za-z][\w/.:-]*)\s+(?P<link>UP|ADM DOWN|DOWN|ADM|Stby)\s+(?P<speed>\S+)\s+"
    r"(?P<duplex>[AHF](?:\(a\))?|--|auto|full|half)\s+(?P<type>[ATH]|--|access|trunk|hybrid)\s+"
    r"(?P<vlan_id>\d+|--)(?:\s+(?P<description>\S.*?))?\s*$"
)
_BRIEF_NAMES = (
    "interface",
    "link",
    "protocol",
    "main_ip",
    "speed",
    "duplex",
    "type",
    "vlan_id",
    "description",
)


def parse_interface_brief(output: str) -> Rows:
    """Parse ``display interface brief``: ports in route and in bridge mode. Raises: ParseError: none."""
    rows: list[Row] = []
    for line in output.splitlines():
        match = _BRIDGE.match(line) or _ROUTE.match(line)
        if match is None:
            continue
        details = {
            **dict.fromkeys(_BRIEF_NAMES, ""),
            **{key: value or "" for key, value in match.groupdict().items()},
        }
        one = brief(
            len(rows) + 1,
            details["interface"],
            details["link"],
            details["protocol"].strip("-"),
            details["main_ip"],
        )
        whole = Interface(
            one.index,
            one.name,
            alias=details["description"].removeprefix("--"),
            type=one.type,
            admin_status=one.admin_status,
            oper_status=one.oper_status,
            speed_bps=speed_bps(details["speed"]),
            addresses=one.addresses,
        )
        rows.append(Row((whole,), details))
    return found(rows)


_IP = re.compile(
    r"(?P<interface>[A-Za-z][\w/.:-]*)\s+(?P<physical>[*^]?(?:up|down)(?:\(\w\))?)\s+"
    r"(?P<protocol>(?:up|down)(?:\(\w\))?)\s+(?P<ip>[\d.]+|--|unassigned)(?:/(?P<mask>\d+))?(?=\s|$)"
)


def parse_ip_interface_brief(output: str) -> Rows:
    """Parse ``display ip interface brief``. Raises: ParseError: no interface."""
    rows: list[Row] = []
    for details in table(output, _IP):
        rows.append(
            Row(
                (
                    brief(
                        len(rows) + 1,
                        details["interface"],
                        details["physical"],
                        details["protocol"],
                        f"{details['ip']}/{details['mask']}" if details["mask"] else details["ip"],
                    ),
                ),
                details,
            )
        )
    return found(rows)


_MEMBER = re.compile(rf"(?P<member_port>{_NAME}):\s*$")
_SIDES = re.compile(r"^Local:\s*\n(?P<local>.*?)^Remote:\s*\n(?P<remote>.*?)^Received", re.M | re.S)


def parse_aggregation_members(output: str) -> Rows:
    """Parse ``display link-aggregation member-port``: a row a port. Raises: ParseError: no port."""
    rows: list[Row] = []
    for head, body in blocks(output, _MEMBER):
        text = "\n".join(body)
        values, sides = fields(body), _SIDES.search(text + "\n")
        details = {
            "member_port": head["member_port"],
            "aggregate_interface": values.get("aggregate interface", values.get("aggregation interface", "")),
            "illegal_packets": values.get("illegal", "").split(" ")[0],
            "received_packets": values.get("received lacp packets", "").split(" ")[0],
            "sent_packets": values.get("sent lacp packets", "").split(" ")[0],
        }
        for side in ("local", "remote"):
            for key, value in fields((sides[side] if sides else "").splitlines()).items():
                details[f"{side}_{re.sub(r'[ -]', '_', key)}"] = value
        # Flag D: synchronised, E: collecting, F: distributing (IEEE 802.1AX).
        working = set("DEF") <= set(details.get("local_flag", ""))
        peer = Peer(
            "lacp",
            details["aggregate_interface"],
            "selected" if working else "unselected",
            head["member_port"],
        )
        # A port of a static aggregation speaks no LACP: nothing tells whether it is selected.
        rows.append(Row((peer,) if "local_flag" in details else (), details))
    return found(rows)


_AGGREGATION = re.compile(
    r"(?P<interface>[A-Z][\w-]*\d+)\s+(?P<mode>[SD])\s+(?P<partner_id>None|none|\S+?,\s*\S+)\s+"
    r"(?P<selected_ports>\d+)\s+(?P<unselected_ports>\d+)"
    r"(?:\s+(?P<individual_ports>\d+))?\s+(?P<share_type>Shar|NonS)"
)


def parse_aggregation_summary(output: str) -> Rows:
    """Parse ``display link-aggregation summary``. Raises: ParseError: no aggregation."""
    rows: list[Row] = []
    for details in table(output, _AGGREGATION):
        word = f"{details['selected_ports']} selected, {details['unselected_ports']} unselected"
        rows.append(Row((Peer("lacp", details["interface"], word, details["interface"]),), details))
    return found(rows)


_OPTIC = re.compile(r"\s*(?P<interface>(?=\S*\d)[A-Za-z][\w/.:-]*) transceiver diagnostic information:")
_FIVE = (
    r"(?P<temperature>-?[\d.]+|-)\s+(?P<voltage>-?[\d.]+|-)\s+(?P<bias>-?[\d.]+|-)\s+"
    r"(?P<rx>-?[\d.]+|-)\s+(?P<tx>-?[\d.]+|-)\s*$"
)
_CURRENT = re.compile(r"\s*" + _FIVE)
# Modules of several channels tell temperature and voltage once and the rest of each channel.
_MODULE = re.compile(r"\s*(?P<temperature>-?[\d.]+|-)\s+(?P<voltage>-?[\d.]+|-)\s*$")
_CHANNEL = re.compile(
    r"\s*(?P<channel>\d+)\s+(?P<bias>-?[\d.]+|-)\s+(?P<rx>-?[\d.]+|-)\s+(?P<tx>-?[\d.]+|-)\s*$"
)
_ENDS = re.compile(r"\s*(?P<end>High|Low)\s+" + _FIVE)


def _thresholds(text: str) -> Iterator[dict[str, dict[str, str]]]:
    """What is High and Low of alarms, then of warnings; many modules tell alarms alone."""
    alarm, _, warning = text.partition("Warning thresholds")
    for part in (alarm, warning):
        yield {one["end"]: one for one in table(part, _ENDS)}


def parse_transceiver(output: str) -> Rows:
    """Parse ``display transceiver diagnosis interface``; the module's alarm thresholds are its limits.

    Raises: ParseError: no port.
    """
    rows: list[Row] = []
    for head, body in blocks(output, _OPTIC):
        text, name = "\n".join(body), head["interface"]
        values = next(iter(table(text, _CURRENT)), None) or next(iter(table(text, _MODULE)), None)
        if values is None:
            rows.append(Row((), {"interface": name}))
            continue
        channels = [values] if "rx" in values else list(table(text, _CHANNEL))
        alarms, warnings = _thresholds(text)
        bounds = {
            key: SensorLimits(
                number(alarms.get("Low", {}).get(key)),
                number(warnings.get("Low", {}).get(key)),
                number(warnings.get("High", {}).get(key)),
                number(alarms.get("High", {}).get(key)),
            )
            for key in ("temperature", "voltage", "rx", "tx")
        }
        optical: list[object] = []
        for one in channels:
            lane = f"{name} lane {one['channel']}" if "channel" in one else name
            milliamperes = number(one["bias"])
            amperes = None if milliamperes is None else round(milliamperes / 1000, 6)
            optical += (
                *reading("current", f"{lane} bias", amperes, "A"),
                *light(f"{lane} receive", one["rx"], bounds["rx"]),
                *light(f"{lane} transmit", one["tx"], bounds["tx"]),
            )
        facts = (
            *reading("temperature", name, number(values["temperature"]), "°C", bounds["temperature"]),
            *reading("voltage", name, number(values["voltage"]), "V", bounds["voltage"]),
            *optical,
        )
        rows.append(Row(facts, {"interface": name, **values}))
    return found(rows)
