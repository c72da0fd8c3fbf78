"""States of protocols as IOS and NX-OS list them: VRRP, OSPF, PIM, TrustSec, device tracking, NTP."""

from __future__ import annotations

import re
from collections.abc import Callable

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Peer, Row, Rows, found
from collectors.facts.cli.values import number, table
from collectors.facts.host import Clock

_VRRP = re.compile(
    r"(?P<interface>[A-Z][\w./:-]*\d\S*)\s+(?P<group>\d+)\s+(?:(?P<addr_family>IPv[46])\s+)?"
    r"(?P<priority>\d+)\s+(?P<time>\d+)\s+"
    r"(?:(?P<own>[YN])\s+(?=[YN]\s))?(?:(?P<preempt>[YN])\s+)?(?P<state>[A-Za-z]+)\s+"
    r"(?P<master_ip_address>\S+?)(?:\(local\))?\s+(?P<virtual_ip_address>no address|\S+)"
)
_OSPF = re.compile(
    r"(?P<interface>[A-Z][\w./:-]*)\s+(?P<process>\d+)\s+(?P<area>\S+)\s+(?:(?P<ip_address>[\d.]+)/"
    r"(?P<prefix_length>\d+)|Unnumbered (?P<borrowed_from>\S+))\s+(?P<cost>\d+)\s+"
    r"(?P<state>\S+)\s+(?P<neighbors_fc>\d+/\d+)"
)
_NX_OSPF = re.compile(
    r"\s*(?P<interface>[A-Z][\w./-]*)\s+\d+\s+(?P<area>[\d.]+)\s+(?P<cost>\d+)\s+"
    r"(?P<state>\S+)\s+(?P<neighbors_fc>\d+)\s+(?P<status>\S+)"
)
_NX_OSPF_HEAD = re.compile(r"\s*OSPF Process ID (?P<process>\S+) VRF (?P<vrf>\S+)")
_NX_COUNT = re.compile(r"\s*Total number of interface: (?P<interface_count>\d+)")
_PIM = re.compile(
    r"(?P<interface>[A-Z][\w./-]*)\s+(?P<ip_address>[\d.]+)\s+(?P<pim_dr_address>[\d.]+)\s+"
    r"(?P<neighbor_count>\d+)\s+(?P<border_interface>\w+)"
)
_PIM_HEAD = re.compile(r'PIM Interface Status for VRF "(?P<vrf>[^"]+)"')
_CTS = re.compile(
    r"(?P<interface>[A-Z]\S*\d\S*)\s+(?P<mode>\S+)\s+(?P<ifc_state>\S+)\s+"
    r"(?P<sgt_assignment>\S.*?)\s+(?P<sgt_propagate>\S+)\s*$"
)
_TRACKING = re.compile(
    r"(?P<ip_address>[\d.]+)\s+(?P<mac_address>[0-9a-f.]{14})\s+(?P<vlan_id>\d+)\s+"
    r"(?P<interface>\S+)\s+(?:(?P<probe_timeout>\d+)\s+)?(?P<state>\S+)(?:\s+(?P<source>\S+))?"
)


def _peers(
    protocol: str, row: re.Pattern[str], *heads: re.Pattern[str], name: str = "interface"
) -> Callable[[str], Rows]:
    """A parser of a list: every row with what the last headings said."""

    def parse(output: str) -> Rows:
        """Raises: ParseError: no row."""
        said: dict[str, str] = {}
        rows = []
        for line in output.expandtabs().splitlines():
            for head in heads:
                match = head.match(line)
                said.update(match.groupdict() if match else {})
            for details in table(line, row):
                peer = Peer(protocol, details[name], details.get("state", ""), details.get("interface", ""))
                nobody = details[name] == "no address"
                rows.append(Row(() if nobody else (peer,), {**said, **details}))
        return found(rows)

    return parse


parse_vrrp_brief = _peers("vrrp", _VRRP, name="virtual_ip_address")
parse_ospf_interface_brief = _peers("ospf", _OSPF)
parse_nx_ospf_interface_brief = _peers("ospf", _NX_OSPF, _NX_OSPF_HEAD, _NX_COUNT)
parse_pim_interface_brief = _peers("pim", _PIM, _PIM_HEAD)
parse_cts_interface_brief = _peers("cts", _CTS)
parse_device_tracking = _peers("tracking", _TRACKING, name="ip_address")

_NTP = re.compile(
    r"Clock is (?P<status>synchronized|unsynchronized), (?:stratum "
    r"(?P<stratum>\d+))(?:, (?:reference is (?P<reference>\S+)|no reference clock))?"
)
_OFFSET = re.compile(r"clock offset is (-?\d+(?:\.\d+)?) (msec|sec)")


def parse_ntp_status(output: str) -> Rows:
    """Parse ``show ntp status`` of IOS and RGOS. Raises: ParseError: no word of the clock's state."""
    match = _NTP.search(output)
    if match is None:
        if re.search(r"(?i)ntp (?:is )?not enabled|%NTP is not", output):
            return (Row((Clock("ntp", None),), {"status": "not enabled"}),)
        raise ParseError(UNKNOWN_FORM)
    details = {name: value or "" for name, value in match.groupdict().items()}
    synchronised = match["status"] == "synchronized"
    offset = _OFFSET.search(output)
    offset_s = float(offset[1]) / (1000 if offset[2] == "msec" else 1) if offset and synchronised else None
    stratum = number(details["stratum"])
    clock = Clock(
        "ntp", synchronised, offset_s, None if stratum is None else int(stratum), details["reference"]
    )
    return (Row((clock,), details),)


_PEER = re.compile(
    r"(?P<sign>[*=+-])\s*(?P<remote>\S+)\s+(?P<local>\S+)\s+(?P<stratum>\d+)\s+(?P<poll>\d+)\s+"
    r"(?P<reach>\d+)\s+(?P<delay>[\d.-]+)"
)


def parse_nx_ntp_peers(output: str) -> Rows:
    """Parse ``show ntp peer-status`` of NX-OS: synchronised with the peer marked "*".

    Raises: ParseError: no list of peers.
    """
    peers = list(table(output, _PEER))
    if not peers:
        if "Total peers : 0" in output or "not enabled" in output:
            return (Row((Clock("ntp", None),), {}),)
        raise ParseError(UNKNOWN_FORM)
    chosen = next((one for one in peers if one["sign"] == "*"), None)
    clock = (
        Clock("ntp", False)
        if chosen is None
        else Clock("ntp", True, None, int(chosen["stratum"]), chosen["remote"])
    )
    return (Row((clock,), chosen or peers[0]),)
