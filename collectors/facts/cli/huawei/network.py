"""Interfaces, optics, LLDP neighbours and protocol states of VRP.

Source: Huawei "Command Reference": display interface, transceiver, lldp neighbor, vrrp, stp, ospf, bgp.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from collectors.errors import ParseError
from collectors.facts.cli.cisco.interfaces import brief
from collectors.facts.cli.cisco.optics import light
from collectors.facts.cli.rows import UNKNOWN_FORM, Peer, Row, Rows, found
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
from collectors.model import Component, Interface, Neighbour, SensorLimits

_START = re.compile(
    r"(?P<interface>(?:(?:\d+\|)?\d+GE|[A-Za-z])[\w./:-]*(?:\([^)]*\))?) current state ?: ?"
    r"(?P<link_status>.*?)\s*"
    r"(?:\(ifindex: *(?P<ifindex>\d+)\))?\s*,?\s*$"
)
_PARTS = tuple(
    re.compile(pattern, re.M)
    for pattern in (
        r"^Line protocol current state ?: ?(?P<protocol_status>.*?)\s*$",
        r"^Description: ?(?P<interface_description>.*?)\s*$",
        r"^(?P<port_type>Route|Switch) Port",
        r"PVID ?: *(?P<pvid>\d+)",
        r"The Maximum (?:Transmit Unit|Frame Length) is (?P<mtu>\d+)",
        r"^Internet Address is (?P<internet_address>.+?)\s*$",
        r"[Hh]ardware address is (?P<hardware_address>[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4})",
        r"^Internet protocol processing : (?P<internet_protocol>\S+)",
        r"^Last physical up time\s*: (?P<last_physical_up_time>.+?)\s*$",
        r"^Last physical down time\s*: (?P<last_physical_down_time>.+?)\s*$",
        r"^Last line protocol up time\s*: (?P<last_line_protocol_uptime>.+?)\s*$",
        r"^Current system time: (?P<current_system_time>.+?)\s*$",
        r"^Port Mode: *(?P<port_mode>.+?)\s*(?:,|$)",
        r"Speed ?: *(?P<speed>\w+)",
        r"Loopback: *(?P<loopback>\w+)",
        r"Duplex: *(?P<duplex>\w+)",
        r"Negotiation: *(?P<negotiation>\w+)",
        r"^Switch Port, *Link-type ?: ?(?P<link_type>[\w-]+)",
        r"TPID ?: ?(?P<tpid>\w+)",
        r"Hold timer is (?P<hold_timer>\d+)",
        r"Encapsulation VLAN (?P<vlan_id>\d+)",
        r"Current Work Mode ?: ?(?P<current_work_mode>\w+)",
        r"Input(?: packets)? ?:\s*(?P<input_packets>\d+)(?: packets)?, *(?P<input_bytes>\d+) bytes",
        r"Output(?: packets)? ?:\s*(?P<output_packets>\d+)(?: packets)?, *(?P<output_bytes>\d+) bytes",
        r"CRC: *(?P<crc>\d+)",
    )
)
_ERRORS = re.compile(r"Total Error: *(?P<s>\d+)|(?m:^\s+(?P<ce>\d+) errors?, )")
_DISCARDS = re.compile(r"Discard: *(?P<s>\d+)|errors?, *(?P<ce>\d+) drops?")
_ADDRESS = re.compile(r"(\d+\.\d+\.\d+\.\d+/\d+)")
_ADDRESSED = re.compile(r"(?m)^Internet Address is (.+)$")  # further ones end with "Sub"
_TRUNKED = re.compile(
    r"(?P<port>(?:(?:\d+\|)?\d+GE|[A-Z][A-Za-z-]*)\d*/\d[\d/]*(?:\([^)]*\))?)\s+(?:UP|DOWN)\s+\d+\s*$"
)


def parse_interface(output: str) -> Rows:
    """Parse ``display interface``: a row an interface. Raises: ParseError: no interface."""
    rows: list[Row] = []
    for number_, (head, body) in enumerate(blocks(output, _START), 1):
        text = "\n".join(body)
        details = {name: (value or "").strip() for name, value in head.groupdict().items()}
        for pattern in _PARTS:
            match = pattern.search(text)
            details |= {
                name: value.strip() for name, value in (match.groupdict() if match else {}).items() if value
            }
        address = _ADDRESS.search(details.get("internet_address", ""))
        details["mac_address"] = details.get("hardware_address", "")
        details["ip_address"] = address[1] if address else ""
        details["aggregated_interfaces"] = "\n".join(one["port"] for one in table(text, _TRUNKED))
        # "allocated by DHCP, 192.0.2.10/24", "negotiated, 192.0.2.10/32"; or that the protocol is disabled
        how, comma, _ = details.get("internet_address", "").rpartition(", ")
        details["ip_status"] = how if comma else details.get("internet_protocol", "")
        if address:
            details["internet_address"] = address[1]
        rows.append(Row((_interface(number_, details, text),), details))
    return found(rows)


def _interface(number_: int, details: Mapping[str, str], text: str) -> Interface:
    received, *more = re.split(r"\n\s*Output ?:(?! *\d+ bits)", text, maxsplit=1)
    sent = more[0] if more else ""
    status, name = details["link_status"], details["interface"]
    protocol = details.get("protocol_status", "")
    errors = [(_ERRORS.search(part), _DISCARDS.search(part)) for part in (received, sent)]
    return Interface(
        index=integer(details.get("ifindex")) or number_,
        name=name,
        description=name,
        alias=details.get("interface_description", ""),
        type=if_type(name),
        admin_status=admin_word(status),
        oper_status=oper_word(status) if oper_word(status) != "up" or not protocol else oper_word(protocol),
        speed_bps=speed_bps(details.get("speed")),
        mtu=integer(details.get("mtu")),
        mac=mac(details.get("hardware_address")),
        in_octets=integer(details.get("input_bytes")),
        out_octets=integer(details.get("output_bytes")),
        in_packets=integer(details.get("input_packets")),
        out_packets=integer(details.get("output_packets")),
        in_errors=_count(errors[0][0]),
        out_errors=_count(errors[1][0]),
        in_discards=_count(errors[0][1]),
        out_discards=_count(errors[1][1]),
        addresses=tuple(
            dict.fromkeys(one for line in _ADDRESSED.findall(text) for one in _ADDRESS.findall(line))
        ),
    )


def _count(match: re.Match[str] | None) -> int | None:
    return None if match is None else int(match["s"] or match["ce"])


_BRIEF = re.compile(
    r"\s*(?P<interface>(?:(?:\d+\|)?\d+GE|[A-Za-z])[\w./:-]*(?:\(\w+\))?)\s+"
    r"(?P<phy>[*^!#]?(?:up|down|standby)(?:\(\w+\))*)\s+"
    r"(?P<protocol>[*^]?(?:up|down)(?:\(\w+\))*)\s+"
    r"(?P<inuti>\S+)\s+(?P<oututi>\S+)\s+(?P<inerrors>\d+)\s+(?P<outerrors>\d+)"
)


def parse_interface_brief(output: str) -> Rows:
    """Parse ``display interface brief``: state, use and errors. Raises: ParseError: no interface."""
    rows: list[Row] = []
    for details in table(output, _BRIEF):
        one = brief(
            len(rows) + 1, re.sub(r"\(\w+\)$", "", details["interface"]), details["phy"], details["protocol"]
        )
        errors = integer(details["inerrors"]), integer(details["outerrors"])
        whole = Interface(
            one.index,
            one.name,
            type=one.type,
            admin_status=one.admin_status,
            oper_status=one.oper_status,
            in_errors=errors[0],
            out_errors=errors[1],
        )
        rows.append(Row((whole,), details))
    return found(rows)


_IP = re.compile(
    r"(?P<interface>(?:(?:\d+\|)?\d+GE|[A-Za-z])[\w./:-]*(?:\(\w+\))?)\s+(?:(?P<ip>[\d.]+)/(?P<mask>\d+)|"
    r"(?P<none>unassigned))\s+(?P<physical>[*^!#]?\w+(?:\(\w+\))*)\s+"
    r"(?P<protocol>[*^]?\w+(?:\(\w+\))*)"
)


def parse_ip_interface_brief(output: str) -> Rows:
    """Parse ``display ip interface brief``. Raises: ParseError: no interface."""
    rows: list[Row] = []
    for details in table(output, _IP):
        address = f"{details['ip']}/{details['mask']}" if details["ip"] else ""
        details["ip"] = details["ip"] or details.pop("none")
        rows.append(
            Row(
                (
                    brief(
                        len(rows) + 1, details["interface"], details["physical"], details["protocol"], address
                    ),
                ),
                details,
            )
        )
    return found(rows)


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


_LLDP_PORT = re.compile(
    r"i?(?P<local_interface>[A-Za-z0-9][\w/.:-]*) +has +(?P<count>\d+) +neighbors?(?:\(s\))?:?"
)
_LLDP_ENTRY = re.compile(r"\s*Neighbor index *: *\d+")
_FIRST_LINE = re.compile(
    r"^\s*System description\s*:\s*(.*?)(?=^\s*(?:System capabilities|Management address|$))", re.M | re.S
)


def parse_lldp(output: str) -> Rows:
    """Parse ``display lldp neighbor``: a row a neighbour; the first management address counts.

    A list in which every port has none is an answer. Raises: ParseError: no list.
    """
    rows: list[Row] = []
    ports = list(blocks(output, _LLDP_PORT))
    for head, body in ports:
        for _, lines in blocks("\n".join(body), _LLDP_ENTRY):
            rows.append(_neighbour(head["local_interface"], lines))
    if not ports and not re.search(r"(?i)lldp is not enabled|no neighbor", output):
        raise ParseError(UNKNOWN_FORM)
    return tuple(rows)


# Names of VRP that are shortened, or not those other makers use.
_ALSO = {
    "hardware_revision": "hardwarerev",
    "firmware_revision": "firmwarerev",
    "software_revision": "softwarerev",
    "manufacturer": "manufacturer name",
    "med_device_class": "device class",
    "media_policy_vlan_id": "media policy vlanid",
    "vlan_id_and_protocol": "port and protocol vlan id(ppvid)",
    "energy_efficient_ethernet_support": "eee support",
    "power_ext_type": "power typex",
    "power_class_ext": "power classx",
    "pse_power_pairs_ext": "pse power pairsx",
    "pd_requested_power": "pd requested power value",
    "pd_requested_power_mode_a": "pd requested power mode a value",
    "pd_requested_power_mode_b": "pd requested power mode b value",
    "pse_allocated_power": "pse allocated power value",
    "pse_allocated_mode_power_a": "pse allocated power mode a value",
    "pse_allocated_mode_power_b": "pse allocated power mode b value",
}


def _neighbour(port: str, lines: list[str]) -> Row:
    values = fields(lines)
    described = _FIRST_LINE.search("\n".join(lines))
    text = "\n".join(line.strip() for line in described[1].splitlines()).strip() if described else ""
    address = values.get("management address value") or values.get("management address", "")
    details = {re.sub(r"\W+", "_", key).strip("_"): value for key, value in values.items()}
    details |= {name: values[key] for name, key in _ALSO.items() if key in values}
    details |= {
        "local_interface": port,
        "chassis_id": values.get("chassis id", ""),
        "neighbor_port_id": values.get("port id", ""),
        "neighbor_interface": values.get("port description", ""),
        "neighbor": values.get("system name", ""),
        "neighbor_name": values.get("system name", ""),
        "system_description": text,
        "neighbor_description": text,
        "capabilities": values.get("system capabilities enabled", ""),
        "management_ip": address,
        "mgmt_address": address,
        "mgmt_address_type": values.get("management address type", ""),
        "vlan": values.get("port vlan id(pvid)", "").strip("-"),
        "vlan_id": values.get("port vlan id(pvid)", "").strip("-"),
        "manufacturer_name": values.get("manufacturer name", ""),
        "model_name": values.get("model name", ""),
        "serial": values.get("serialnum", values.get("serial number", "")),
        "autonegotiation_supported": values.get("auto-negotiation supported", ""),
        "autonegotiation_enabled": values.get("auto-negotiation enabled", ""),
        "operation_mode": values.get("opermau", ""),
        "expired_time": values.get("expired time", "").rstrip("s"),
    }
    chassis = details["chassis_id"]
    neighbour = Neighbour(
        "lldp",
        port,
        details["neighbor"],
        details["neighbor_port_id"],
        text.split("\n")[0],
        address,
        mac(chassis) or chassis,
    )
    return Row((neighbour,), details)


_VRRP = re.compile(
    r"\s*(?P<vrid>\d+)\s+(?P<state>(?:Master|Backup|Initialize|Non-active|Init)(?:\(\w+\))?)\s+"
    r"(?P<interface>\S+)\s+(?P<type>\S+)\s+(?P<vip>\S+)"
)
_STP = re.compile(
    r"\s*(?P<mstid>\d+)\s+(?P<port>[A-Za-z0-9][\w/.-]*)\s+(?P<role>[A-Z]{4})\s+(?P<state>\w+)\s+"
    r"(?P<protection>\w+)(?:\s+(?P<cost>\d+))?(?:\s+(?P<edged>\w+))?"
)
_OSPF_HEAD = re.compile(r"\s*OSPF Process (?P<ospf_id>\d+) with Router ID (?P<ospf_router_id>\S+)")
_OSPF = re.compile(
    r"\s*(?P<area>\d+\.\d+\.\d+\.\d+)\s+(?P<interface>\S+)\s+(?P<neighbor>\d+\.\d+\.\d+\.\d+)\s+"
    r"(?P<state>\S+)"
)
_BGP = re.compile(
    r"\s*(?P<peer_rid>[\da-fA-F.:]+)\s+(?P<version>4)\s+(?P<peer_as_num>[\d.]+)\s+\d+\s+\d+\s+"
    r"\d+\s+0*(?P<time>\S+)\s+(?P<state>[A-Z]\w+(?:\(\w+\))?)"
)
_BGP_HEADS = (
    re.compile(r"\s*BGP local router ID ?: ?(?P<local_rid>\S+)"),
    re.compile(r"\s*Local AS number ?: ?(?P<local_as_num>\S+)"),
)


def parse_vrrp_brief(output: str) -> Rows:
    """Parse ``display vrrp brief``. Raises: ParseError: no group."""
    return found(
        Row((Peer("vrrp", one["vip"], one["state"], one["interface"]),), one) for one in table(output, _VRRP)
    )


def parse_stp_brief(output: str) -> Rows:
    """Parse ``display stp brief``. Raises: ParseError: no port."""
    return found(
        Row((Peer("stp", one["mstid"], one["state"], one["port"]),), one) for one in table(output, _STP)
    )


def parse_ospf_peers(output: str) -> Rows:
    """Parse ``display ospf peer brief``. Raises: ParseError: no neighbour."""
    said: dict[str, str] = {}
    rows: list[Row] = []
    for line in output.splitlines():
        head, match = _OSPF_HEAD.match(line), _OSPF.match(line)
        said = head.groupdict() if head else said
        if match:
            rows.append(
                Row(
                    (Peer("ospf", match["neighbor"], match["state"], match["interface"]),),
                    {**said, **match.groupdict()},
                )
            )
    return found(rows)


def parse_bgp_peers(output: str) -> Rows:
    """Parse ``display bgp peer``. Raises: ParseError: no peer."""
    said: dict[str, str] = {}
    for pattern in _BGP_HEADS:
        match = next((one for line in output.splitlines() if (one := pattern.match(line)) is not None), None)
        said |= match.groupdict() if match else {}
    return found(
        Row((Peer("bgp", one["peer_rid"], one["state"]),), {**said, **one}) for one in table(output, _BGP)
    )
