"""LLDP neighbours of VRP. Source: Huawei "Command Reference", display lldp neighbor."""

from __future__ import annotations

import re

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Row, Rows
from collectors.facts.cli.values import blocks, fields, mac
from collectors.model import Neighbour

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
