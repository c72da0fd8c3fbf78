"""``show interfaces`` of IOS, NX-OS and RGOS, and the short lists beside it.

Source: "Cisco IOS Interface and Hardware Component Command Reference", "show interfaces".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from ipaddress import ip_interface

from collectors.facts.cli.rows import ErrorDisabled, Row, Rows, found
from collectors.facts.cli.values import (
    admin_word,
    blocks,
    cells,
    if_type,
    integer,
    mac,
    narrow,
    oper_word,
    speed_bps,
    table,
)
from collectors.model import Interface

START = re.compile(
    r"(?P<interface>[A-Za-z][\w./:-]*(?: ?\d[\w./:-]*)?) is (?P<link_status>[^,(]+?)\s*"
    r"(?:\((?P<link_reason>[^)]*)\))?\s*"
    r"(?:,\s*line protocol is\s+(?P<protocol_status>\S.*?)\s*(?:, *[Aa]utostate \w+\s*)?)?$"
)
_PARTS = tuple(
    re.compile(pattern, re.M)
    for pattern in (
        r"Hardware(?: is|:) (?P<hardware_type>[^,]+?)(?:,|\s*$)",
        r"address(?: is|:)\s+(?P<mac_address>[0-9a-fA-F]{4}(?:\.[0-9a-fA-F]{4}){2})",
        r"\(bia (?P<bia>[0-9a-fA-F.]+)\)",
        r"^\s*Description: ?(?P<description>.*?)\s*$",
        r"(?:Internet|Interface) [Aa]ddress is:? (?P<ip_address>\d[\d.]*)/(?P<prefix_length>\d+)",
        r"MTU (?P<mtu>\d+) bytes",
        r"BW (?P<bandwidth>\d+ [KMG]bit)",
        r"DLY (?P<delay>\d+ \w+)",
        r"(?P<duplex>(?:Full|Half|Auto|Unknown)[ -][Dd]uplex|(?:full|half|auto)-?\s?[Dd]uplex)",
        r"[Dd]uplex(?: mode)?,\s*(?P<speed>[^,\n]+?)\s*(?:,|$)",
        r"Encapsulation (?:protocol is )?(?P<encapsulation>[^,\n]+?),?\s*(?:,|$)",
        r"Vlan ID\s+(?P<vlan_id>\d+)",
        r"outer ID\s+(?P<vlan_id_outer>\d+)",
        r"inner ID\s+(?P<vlan_id_inner>\d+)",
        r"[Mm]edia type is (?P<media_type>[^\n,]+?)\s*$",
        r"Last input (?P<last_input>[^,\n]+), output (?P<last_output>[^,\n]+)(?:, output hang "
        r"(?P<last_output_hang>\S+))?",
        r"(?:input rate|input) (?P<input_rate>\d+) bits/sec,(?: \d+ bytes/sec,)? "
        r"(?P<input_pps>\d+) packets/sec",
        r"(?:output rate|output) (?P<output_rate>\d+) bits/sec,(?: \d+ bytes/sec,)? "
        r"(?P<output_pps>\d+) packets/sec",
        r"(?P<input_packets>\d+) (?:packets input|input packets),? *(?P<input_bytes>\d+) bytes",
        r"(?P<output_packets>\d+) (?:packets output|output packets),? *(?P<output_bytes>\d+) bytes",
        r"(?P<input_packets>\d+) input packets",
        r"(?P<output_packets>\d+) output packets",
        r"(?P<runts>\d+) runts",
        r"(?P<giants>\d+) giants",
        r"(?P<input_errors>\d+) input errors?",
        r"(?P<crc>\d+) CRC",
        r"(?P<frame>\d+) frame",
        r"(?P<overrun>\d+) overrun",
        r"(?P<abort>\d+) abort",
        r"(?P<output_errors>\d+) output errors?",
        r"Input queue: (?P<queue_size>\d+)/(?P<queue_max>\d+)/(?P<queue_drops>\d+)/(?P<queue_flushes>\d+)",
        r"Total output drops: (?P<queue_output_drops>\d+)",
        # IOS 12.0 and before has both queues in one line
        r"Output queue \d+/\d+, (?P<queue_output_drops>\d+) drops; "
        r"input queue (?P<queue_size>\d+)/(?P<queue_max>\d+), (?P<queue_drops>\d+) drops",
        r"(?P<input_discards>\d+) input discard",
        r"(?P<output_discards>\d+) output discard",
        # RGOS
        r"packets input, .*?(?P<input_discards>\d+) dropped",
        r"packets output, .*?(?P<output_discards>\d+) dropped",
        r"Queueing strategy: (?P<queue_strategy>.+?)\s*$",
        r"Input peak rate: (?P<input_peak_rate>\d+)",
        r"Output peak rate: (?P<output_peak_rate>\d+)",
        r"Last link state change time: (?P<last_change>\S[^\n]*?)\s*$",
        r"Medium-type is (?P<medium_type>\S+)",
        r"oper duplex is (?P<duplex>\S+)",
        r"oper speed is (?P<speed>\S+)",
        r"Carrier delay is (?P<carrier_delay_s>\d+) sec",
    )
)
_ADMIN = re.compile(r"^\s*[Aa]dmin state is (\w+)", re.M)
_SECOND = re.compile(r"(?:Internet|Secondary|Interface) [Aa]ddress (?:is:? )?(\d[\d.]*/\d+)")
_LINE_RATE = re.compile(r"^\s+(?:Unknown|Auto|Full|Half)[- ]?(?:[Dd]uplex)?, *(\S[^,\n]*?), ", re.M)


def parse_show_interfaces(output: str) -> Rows:
    """Parse ``show interfaces`` (``show interface``): one row an interface, numbered in their order.

    Raises: ParseError: no interface.
    """
    rows: list[Row] = []
    for number, (head, body) in enumerate(blocks(output, START), 1):
        rows.append(_interface(number, head, "\n".join(body)))
    return found(rows)


def _interface(number: int, head: re.Match[str], body: str) -> Row:
    details = {name: (value or "").strip() for name, value in head.groupdict().items()}
    for pattern in _PARTS:
        match = pattern.search(body)
        for name, value in (match.groupdict() if match else {}).items():
            if value is not None:
                details.setdefault(name, value.strip())
    rate = _LINE_RATE.search(body)
    details.setdefault("speed", rate[1] if rate else "")
    return Row((build(number, details, body),), details)


def build(number: int, details: Mapping[str, str], body: str = "") -> Interface:
    """The interface the details describe. ``number``: its place, for want of an ifIndex."""
    status = details.get("link_status", "")
    admin = _ADMIN.search(body)
    told = f"{status} {details.get('link_reason', '')}"
    addresses = [f"{details['ip_address']}/{details['prefix_length']}"] if details.get("ip_address") else []
    addresses += [one for one in _SECOND.findall(body) if one not in addresses]
    bandwidth = speed_bps(details.get("bandwidth"), unit="k")
    return Interface(
        index=number,
        name=details["interface"],
        description=details["interface"],
        alias=details.get("description", ""),
        type=if_type(details["interface"]),
        admin_status=(admin[1] if admin and admin[1] in ("up", "down") else admin_word(told)),
        oper_status=oper_word(details.get("protocol_status") or status)
        if oper_word(status) == "up"
        else oper_word(status),
        speed_bps=speed_bps(details.get("speed")) or bandwidth,
        mtu=integer(details.get("mtu")),
        mac=mac(details.get("mac_address")),
        in_octets=integer(details.get("input_bytes")),
        out_octets=integer(details.get("output_bytes")),
        in_packets=integer(details.get("input_packets")),
        out_packets=integer(details.get("output_packets")),
        in_errors=integer(details.get("input_errors")),
        out_errors=integer(details.get("output_errors")),
        in_discards=integer(details.get("queue_drops", details.get("input_discards"))),
        out_discards=integer(details.get("queue_output_drops", details.get("output_discards"))),
        addresses=tuple(addresses),
    )


_STATUS = re.compile(
    r"(?P<port>[A-Za-z][\w-]*\d\S*)\s+(?P<name>.*?)\s*"
    r"\b(?P<status>connected|notconnect|notconnec|disabled|err-disabled|errDisabled|suspended|suspnd|inactive|monitoring"
    r"|sfpAbsent|sfpAbsen|xcvrAbsen|xcvrInval|linkFlapE|noOperMem|channelDo|faulty|down|up)"
    r"(?P<note>:(?: \S+)?)?\s+"
    r"(?P<vlan_id>\S+(?: (?:prom|host|isol|comm)\w*)?)\s+(?P<duplex>(?:a-)?(?:full|half|auto)|unknown|--)\s+"
    r"(?P<speed>\S+)\s*(?P<type>.*)$"
)
# A state of no list: it stands before what only can be a VLAN, with duplex and speed behind it.
_ANY_STATUS = re.compile(
    r"(?P<port>[A-Z][A-Za-z-]*\d\S*)\s+(?:(?P<name>\S.*?)\s+)?(?P<status>[A-Za-z][\w-]+)\s+"
    r"(?P<vlan_id>\d+|trunk|routed|f-path|unassigned|--)\s+"
    r"(?P<duplex>(?:a-)?(?:full|half|auto)|unknown|--)\s+(?P<speed>\S+)\s*(?P<type>.*)$"
)
_FC = re.compile(
    r"(?P<port>fc\d\S*)\s+is (?P<status>\w+)\s*(?:Port mode is (?P<fc_mode>\w+)|\((?P<type>.*)\))?"
)


def parse_interfaces_status(output: str) -> Rows:
    """Parse ``show interfaces status`` (``show interface status``). Raises: ParseError: no port."""
    rows: list[Row] = []
    for line in narrow(output).splitlines():
        match = _FC.match(line) or _last_match(line)
        if match is None:
            continue
        details = {name: (value or "").strip() for name, value in match.groupdict().items()}
        status = details["status"]
        interface = Interface(
            len(rows) + 1,
            details["port"],
            alias=details.get("name", ""),
            type=if_type(details["port"]),
            admin_status=admin_word(status),
            oper_status=oper_word(status),
            speed_bps=speed_bps(details.get("speed")),
        )
        rows.append(Row((interface,), details))
    return found(rows)


def _last_match(line: str) -> re.Match[str] | None:
    """A name may hold a word of state: the state is the last one with VLAN and duplex behind it."""
    for greedy in re.finditer(
        r"(?=\b(?:connected|notconn|disabled|err-?[dD]isa|susp|inactive|monitoring|sfpAbs|xcvr|link|noOper|channel|faulty|down|up))",
        line,
    ):
        match = _STATUS.match(line) if greedy.start() else None
        if match is not None:
            return match
    return _STATUS.match(line) or _ANY_STATUS.match(line)


_ERR = re.compile(
    r"(?P<interface>[A-Za-z]\S*\d\S*)\s+(?P<name>.*?)\s*(?P<status>err-disabled)\s+(?P<port_error>\S+)"
)


def parse_err_disabled(output: str) -> Rows:
    """Parse ``show interfaces status err-disabled``; none listed is an answer.

    Raises: ParseError: neither a port nor the list's heading.
    """
    rows = tuple(
        Row((ErrorDisabled(details["interface"], details["port_error"]),), details)
        for details in table(narrow(output), _ERR)
    )
    if rows or re.search(r"(?m)^Port\s+Name\s+Status", output) or not output.strip():
        return rows
    return found(rows)


_IP_BRIEF = re.compile(
    r"(?P<interface>[A-Za-z][\w./:-]*)\s+(?P<ip_address>[\d.]+|unassigned)\s+(?:YES|NO)\s+\S+\s+"
    r"(?P<status>\S.*?)\s+(?P<proto>up|down)\s*$"
)


def parse_ip_interface_brief(output: str) -> Rows:
    """Parse ``show ip interface brief`` of IOS. Raises: ParseError: no interface."""
    rows: list[Row] = []
    for details in table(output, _IP_BRIEF):
        rows.append(
            Row(
                (
                    brief(
                        len(rows) + 1,
                        details["interface"],
                        details["status"],
                        details["proto"],
                        details["ip_address"],
                    ),
                ),
                details,
            )
        )
    return found(rows)


def brief(number: int, name: str, status: str, protocol: str, *addresses: str) -> Interface:
    """An interface of a short list: two states and its addresses."""
    down = oper_word(status) != "up"
    return Interface(
        number,
        name,
        type=if_type(name),
        admin_status=admin_word(status),
        oper_status=oper_word(status) if down or not protocol else oper_word(protocol),
        addresses=tuple(one for one in addresses if is_address(one)),
    )


def is_address(text: str) -> bool:
    try:
        ip_interface(text)
    except ValueError:
        return False
    return True


_IPV6 = re.compile(r"(?P<interface>[A-Za-z][\w./:-]*)\s+\[(?P<admin>[^/\]]+)/(?P<protocol>[^\]]+)\]")


def parse_ipv6_interface_brief(output: str) -> Rows:
    """Parse ``show ipv6 interface brief`` of IOS. Raises: ParseError: no interface."""
    rows: list[Row] = []
    for head, body in blocks(output, _IPV6):
        addresses = [line.strip() for line in body if line.strip() and not line.lstrip().startswith("unnum")]
        details = {**head.groupdict(), "ipv6_address": "\n".join(addresses)}
        interface = brief(len(rows) + 1, head["interface"], head["admin"], head["protocol"], *addresses)
        rows.append(Row((interface,), details))
    return found(rows)


_NX_IP = re.compile(
    r"(?P<interface>[A-Za-z][\w./:-]*)\s+(?P<ip_address>\S+)\s+(?P<proto>protocol-\w+)/"
    r"(?P<link>link-\w+)/(?P<status>admin-\w+)"
)
_VRF = re.compile(r"IP(?:v6)? Interface Status for VRF \"?(?P<vrf>[^\"(]+)\"?")


def parse_nx_ip_interface_brief(output: str) -> Rows:
    """Parse ``show ip interface brief`` of NX-OS, with or without ``vrf all``. Raises: ParseError."""
    vrf = ""
    rows: list[Row] = []
    for line in output.splitlines():
        heading, match = _VRF.match(line), _NX_IP.match(line)
        vrf = heading["vrf"] if heading else vrf
        if match:
            details = {**match.groupdict(), "vrf": vrf}
            up = "up" if "down" not in match["proto"] + match["link"] else "down"
            status = "admin down" if match["status"].endswith("down") else up
            interface = brief(len(rows) + 1, match["interface"], status, up, match["ip_address"])
            rows.append(Row((interface,), details))
        elif rows and re.match(r"\s+\(\S+\)\s*$", line):  # unnumbered: of which interface
            rows[-1] = Row(rows[-1].facts, {**rows[-1].details, "borrowed_from": line.strip(" ()")})
    return found(rows)


_NX_IPV6 = re.compile(
    r"(?P<interface>[A-Za-z][\w./-]*)\s+(?P<ipv6_address>[0-9a-fA-F:.]+|\S+)\s+(?P<proto>\w+)/"
    r"(?P<status>\w+/\w+)"
)


def parse_nx_ipv6_interface_brief(output: str) -> Rows:
    """Parse ``show ipv6 interface brief`` of NX-OS. Raises: ParseError: no interface."""
    rows: list[Row] = []
    for line in output.splitlines():
        match = _NX_IPV6.match(line)
        if match:
            link, admin = match["status"].split("/")
            status = "admin down" if admin == "down" else link
            interface = brief(
                len(rows) + 1, match["interface"], status, match["proto"], match["ipv6_address"]
            )
            rows.append(Row((interface,), match.groupdict()))
        elif rows and is_address(line.strip()):
            rows[-1] = Row(rows[-1].facts, {**rows[-1].details, "linkipaddr": line.strip()})
    return found(rows)


_NX_TITLES = re.compile(
    r"(?:Port|Ethernet|Port-channel|Interface|Loopback|Tunnel|Vlan|Secondary)\b.*\b(?:Status|Secondary)"
)


def parse_nx_interface_brief(output: str) -> Rows:
    """Parse ``show interface brief`` of NX-OS: a table for each kind of port. Raises: ParseError."""
    rows: list[Row] = []
    titles = ""
    for line in output.splitlines():
        if _NX_TITLES.match(line):
            titles = line
        elif titles and re.match(r"[A-Za-z][A-Za-z-]*\d\S*\s", line):
            details = _nx_row(line, titles)
            status = "administratively down" if details["reason"].startswith("Admin") else details["status"]
            interface = brief(
                len(rows) + 1,
                details["interface"],
                status,
                details["protocol"] if details["protocol"] in ("up", "down") else "",
                details["ip_address"],
            )
            whole = replace(
                interface,
                alias=details["description"].strip("-"),
                speed_bps=speed_bps(
                    details.get("speed"), unit="g" if details["interface"].startswith("fc") else "m"
                ),
            )
            rows.append(Row((whole,), details))
    return found(rows)


_NX_ETHERNET = re.compile(
    r"(?P<interface>\S+)\s+(?P<vlan_id>\S+)\s+(?P<type>\S+)\s+(?P<mode>\S+)\s+(?P<status>\S+)\s+"
    r"(?P<reason>\S.*?)\s+(?P<speed>\S*\(\w\)|auto|\d+G?|--)\s+(?P<portch>\S+)\s*$"
)
_NX_MGMT = re.compile(
    r"(?P<interface>\S+)\s+(?P<vrf>\S+)\s+(?P<status>\S+)\s+(?P<ip_address>\S+)\s+"
    r"(?P<speed>\S+)\s+(?P<mtu>\d+)"
)
_NX_TUNNEL = re.compile(
    r"(?P<interface>Tunnel\S+)\s+(?P<status>up|down)\s+(?P<ip_address>\S+)\s+(?P<type>\S+)\s+(?P<mtu>\d+)"
)
_NX_PLAIN = re.compile(r"(?P<interface>\S+)\s+(?P<status>up|down)\s+(?P<description>.*?)\s*$")
_NX_VLAN = re.compile(r"(?P<interface>\S+)\s+(?P<vlan_id>\S+)\s+(?P<status>up|down)\s+(?P<reason>.*?)\s*$")


def _nx_row(line: str, titles: str) -> dict[str, str]:
    blank = dict.fromkeys(("status", "reason", "protocol", "ip_address", "description"), "")
    for pattern in (_NX_MGMT, _NX_TUNNEL, _NX_ETHERNET, _NX_PLAIN, _NX_VLAN):
        match = pattern.match(line)
        if match is not None:
            details = {**blank, **match.groupdict()}
            if pattern is _NX_ETHERNET and titles.startswith("Port-channel"):
                details["protocol"] = details.pop("portch")
            if pattern is _NX_PLAIN and "Reason" in titles:  # "nve1  up  none  9216"
                details["reason"], details["description"] = details["description"].split("  ")[0], ""
            return details
    row = cells(line, titles)
    return {**blank, "interface": line.split()[0], "status": row.get("status", "")}
