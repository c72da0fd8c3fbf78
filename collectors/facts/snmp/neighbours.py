"""LLDP-MIB (IEEE 802.1AB) and CISCO-CDP-MIB: the devices at the other end of the cables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from collectors.facts.snmp.interfaces import address_of
from collectors.facts.text import decode
from collectors.model import Interface, Neighbour
from collectors.snmprec import Value, Walk

LLDP = "1.0.8802.1.1.2.1"
CDP = "1.3.6.1.4.1.9.9.23.1.2"
_MAC_CHASSIS, _MAC_PORT = 4, 3  # LldpChassisIdSubtype and LldpPortIdSubtype macAddress
_NETWORK_CHASSIS, _NETWORK_PORT = 5, 4


def parse_lldp(walk: Walk, interfaces: tuple[Interface, ...]) -> Iterator[Neighbour]:
    """lldpRemTable; its index is time mark, local port number, remote number."""
    table = f"{LLDP}.4.1.1"
    columns = {number: walk.column(f"{table}.{number}") for number in range(4, 11)}
    addresses = _lldp_addresses(walk)
    locals_ = _local_ports(walk, interfaces)
    indexes = [index for index in (columns[5] or columns[7] or columns[9]) if index.count(".") == 2]
    for index in indexes:
        first = columns[5].get(index) or columns[7].get(index) or columns[9].get(index)
        chassis = _identifier(columns[5].get(index), columns[4].get(index), _MAC_CHASSIS, _NETWORK_CHASSIS)
        port = _identifier(columns[7].get(index), columns[6].get(index), _MAC_PORT, _NETWORK_PORT)
        description = _text(columns[8].get(index))
        number = index.split(".")[1]
        yield Neighbour(
            protocol="lldp",
            local_interface=locals_.get(number, number),
            remote_name=_text(columns[9].get(index)) or chassis,
            remote_interface=description if description and _is_mac(port) else port or description,
            remote_platform=_text(columns[10].get(index)),
            remote_address=addresses.get(index, ""),
            remote_chassis=chassis,
            evidence=None if first is None else first.evidence,
        )


def _local_ports(walk: Walk, interfaces: tuple[Interface, ...]) -> dict[str, str]:
    """Local port numbers are ifIndexes on most devices, yet only lldpLocPortTable is sure."""
    by_index = {str(interface.index): interface.name for interface in interfaces}
    known = set(by_index.values())
    names: dict[str, str] = dict(by_index)
    descriptions = walk.column(f"{LLDP}.3.7.1.4")
    for index, value in walk.column(f"{LLDP}.3.7.1.3").items():
        candidates = (value.text, _text(descriptions.get(index)))
        name = next((text for text in candidates if text in known), "")
        if name:
            names[index] = name
        elif index not in by_index:
            names[index] = candidates[1] or candidates[0]
    return names


def _lldp_addresses(walk: Walk) -> dict[str, str]:
    """lldpRemManAddrTable: the address is in the index, after the row's own three numbers."""
    found: dict[str, str] = {}
    for column in (3, 4, 5):
        for index in walk.column(f"{LLDP}.4.2.1.{column}"):
            parts = index.split(".")
            address = address_of(".".join(parts[3:])) if len(parts) > 5 else ""
            if address:
                found.setdefault(".".join(parts[:3]), address)
    return found


def _identifier(value: Value | None, subtype: Value | None, mac: int, network: int) -> str:
    """A chassis or port id by its subtype: a MAC address, a network address or text."""
    if value is None:
        return ""
    octets = value.octets
    kind = None if subtype is None else subtype.integer
    binary = any(byte < 32 or byte > 126 for byte in octets.rstrip(b"\0"))
    if len(octets) == 6 and (kind == mac or (kind is None and binary)):
        return octets.hex(":")
    if kind == network and len(octets) == 5 and octets[0] == 1:
        return ".".join(str(byte) for byte in octets[1:])
    return value.text


def _is_mac(text: str) -> bool:
    return len(text) == 17 and text.count(":") == 5


def parse_cdp(walk: Walk, interfaces: tuple[Interface, ...]) -> Iterator[Neighbour]:
    """cdpCacheTable; its index is ifIndex and a device number."""
    columns = {number: walk.column(f"{CDP}.1.1.{number}") for number in (3, 4, 6, 7, 8)}
    names: Mapping[str, str] = {str(interface.index): interface.name for interface in interfaces}
    for index, device in columns[6].items():
        if_index = index.split(".")[0]
        yield Neighbour(
            protocol="cdp",
            local_interface=names.get(if_index, if_index),
            remote_name=_text(device),
            remote_interface=_text(columns[7].get(index)),
            remote_platform=_text(columns[8].get(index)),
            remote_address=_cdp_address(columns[4].get(index)),
            evidence=device.evidence,
        )


def _cdp_address(value: Value | None) -> str:
    """cdpCacheAddress: four bytes of an IPv4 address; others are shown as they are when text."""
    if value is None:
        return ""
    octets = value.octets
    if len(octets) == 4:
        return ".".join(str(byte) for byte in octets)
    text = decode(octets).strip()
    return text if text.isprintable() and len(octets) > 6 else ""


def _text(value: Value | None) -> str:
    return "" if value is None else value.text
