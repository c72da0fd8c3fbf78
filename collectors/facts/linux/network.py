"""Interfaces, bonds, listening ports and neighbours of a Linux host."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from collectors.errors import ParseError
from collectors.facts.host import Bond, BondMember, Listener
from collectors.messages import N_
from collectors.model import Interface, Neighbour


@dataclass(frozen=True, slots=True)
class Counters:
    in_octets: int
    in_packets: int
    in_errors: int
    in_discards: int
    out_octets: int
    out_packets: int
    out_errors: int
    out_discards: int


def parse_net_dev(output: str) -> dict[str, Counters]:
    """Parse ``/proc/net/dev``: sixteen counters a row, 8 received and 8 sent (proc_net_dev(5)).

    Raises:
        ParseError: no heading, or a row without sixteen numbers.
    """
    if "Inter-|" not in output:
        raise ParseError(N_("expected the heading 'Inter-|'"), 1)
    rows: dict[str, Counters] = {}
    for number, line in enumerate(output.splitlines(), 1):
        name, separator, rest = line.rpartition(":") if "|" not in line else ("", "", "")
        if not separator:
            continue
        try:
            n = [int(word) for word in rest.split()]
        except ValueError as error:
            raise ParseError(N_("a counter is not a number"), number) from error
        if len(n) < 16:
            raise ParseError(N_("expected sixteen counters"), number)
        rows[name.strip()] = Counters(n[0], n[1], n[2], n[3], n[8], n[9], n[10], n[11])
    return rows


def parse_grep_tree(output: str) -> dict[str, dict[str, str]]:
    """Parse ``grep -H . /sys/…/NAME/attribute``: ``{NAME: {attribute: first value}}``."""
    tree: dict[str, dict[str, str]] = {}
    for line in output.splitlines():
        path, separator, value = line.partition(":")
        parts = path.rsplit("/", 2)
        if separator and len(parts) == 3:
            tree.setdefault(parts[1], {}).setdefault(parts[2], value.strip())
    return tree


def parse_ip_addr(output: str) -> dict[str, tuple[str, ...]]:
    """Parse ``ip -o addr``: ``{interface: (address with prefix, …)}`` (ip-address(8)).

    Raises:
        ParseError: a row without number, name, family and address.
    """
    found: dict[str, list[str]] = {}
    for number, line in enumerate(output.splitlines(), 1):
        if not line.strip():
            continue
        match = re.match(r"\d+:\s+(\S+?)(?:@\S+)?:?\s+(?:(inet6?)\s+(\S+)|.*)", line)
        if match is None:
            raise ParseError(N_("expected number, interface, family and address"), number)
        addresses = found.setdefault(match[1], [])
        if match[2]:
            addresses.append(match[3])
    return {name: tuple(addresses) for name, addresses in found.items()}


# ARPHRD_ numbers of /sys/class/net/*/type (linux/if_arp.h) in IANAifType's words.
_TYPES = {"1": "ethernetCsmacd", "772": "softwareLoopback", "768": "tunnel", "776": "tunnel", "512": "ppp"}
_IFF_UP = 0x1


def build_interfaces(
    system: Mapping[str, Mapping[str, str]],
    counters: Mapping[str, Counters],
    addresses: Mapping[str, tuple[str, ...]],
) -> tuple[Interface, ...]:
    """Join sysfs, counters and addresses by name, in the kernel's order."""
    interfaces: list[Interface] = []
    names = list(dict.fromkeys([*system, *counters]))
    for position, name in enumerate(names, 1):
        values, count = system.get(name, {}), counters.get(name)
        if system and not values:
            continue  # a file under /sys/class/net that is no interface (bonding_masters)
        interfaces.append(
            Interface(
                index=_int(values.get("ifindex")) or position,
                name=name,
                description=name,
                alias=values.get("ifalias", ""),
                type=_TYPES.get(values.get("type", ""), "other" if values else ""),
                admin_status=_admin(values.get("flags")),
                oper_status=_oper(values),
                speed_bps=_speed(values.get("speed")),
                mtu=_int(values.get("mtu")),
                mac=_mac(values.get("address", "")),
                in_octets=count.in_octets if count else None,
                out_octets=count.out_octets if count else None,
                in_packets=count.in_packets if count else None,
                out_packets=count.out_packets if count else None,
                in_errors=count.in_errors if count else None,
                out_errors=count.out_errors if count else None,
                in_discards=count.in_discards if count else None,
                out_discards=count.out_discards if count else None,
                addresses=addresses.get(name, ()),
            )
        )
    return tuple(sorted(interfaces, key=lambda interface: interface.index))


def _int(text: str | None) -> int | None:
    return int(text) if text and re.fullmatch(r"-?\d+", text) else None


def _mac(text: str) -> str:
    return text if re.fullmatch(r"[0-9a-f:]{17}", text) and text != "00:00:00:00:00:00" else ""


def _speed(text: str | None) -> int | None:
    """Mbit/s; -1 and 4294967295 mean "unknown" (sysfs-class-net)."""
    value = _int(text)
    return value * 1_000_000 if value and 0 < value < 4_294_967_295 else None


def _admin(flags: str | None) -> str:
    try:
        return ("up" if int(flags, 16) & _IFF_UP else "down") if flags else "unknown"
    except ValueError:
        return "unknown"


def _oper(values: Mapping[str, str]) -> str:
    """operstate in RFC 2863's words; loopback and tunnels say "unknown" while they work."""
    state = values.get("operstate", "unknown")
    words = {"lowerlayerdown": "lowerLayerDown", "notpresent": "notPresent"}
    if state == "unknown" and values.get("type") != "1" and _admin(values.get("flags")) == "up":
        return "up"
    return words.get(state, state)


def parse_bonding(output: str) -> tuple[Bond, ...]:
    """Parse ``grep -H . /proc/net/bonding/*`` (Linux bonding.rst).

    Raises:
        ParseError: a row without the file's name in front.
    """
    bonds: dict[str, dict[str, object]] = {}
    for number, line in enumerate(output.splitlines(), 1):
        match = re.match(r"/proc/net/bonding/([^:]+):(.*)", line)
        if match is None:
            raise ParseError(N_("expected a path in front of the row"), number)
        bond = bonds.setdefault(match[1], {"mode": "", "up": True, "members": []})
        key, _, value = match[2].partition(":")
        members = bond["members"]
        assert isinstance(members, list)
        if key.strip() == "Bonding Mode":
            bond["mode"] = value.strip()
        elif key.strip() in ("Slave Interface", "Port Interface"):
            members.append(BondMember(value.strip(), False))
        elif key.strip() == "MII Status":
            up = value.strip() == "up"
            if members:
                members[-1] = BondMember(members[-1].name, up)
            else:
                bond["up"] = up
    return tuple(
        # "members" was filled with a list above.
        Bond(name, str(bond["mode"]), bool(bond["up"]), tuple(bond["members"]))  # type: ignore[arg-type]
        for name, bond in bonds.items()
    )


def parse_listening(output: str) -> tuple[Listener, ...]:
    """Parse ``ss -lntu`` or ``netstat -lntu``: sorted, each protocol, address and port once.

    Raises:
        ParseError: neither heading.
    """
    if "Local Address" not in output:
        raise ParseError(N_("expected a heading with 'Local Address'"))
    found: set[tuple[str, str, int]] = set()
    for line in output.splitlines():
        words = line.split()
        if len(words) < 4 or words[0].rstrip("6") not in ("tcp", "udp"):
            continue
        local = words[3] if words[1].isdigit() else words[4] if len(words) > 4 else ""
        address, _, port = local.rpartition(":")
        if port.isdigit():
            found.add((words[0].rstrip("6"), address.strip("[]") or "*", int(port)))
    return tuple(Listener(*row) for row in sorted(found, key=lambda row: (row[0], row[2], row[1])))


def parse_lldp(output: str) -> tuple[Neighbour, ...]:
    """Parse ``lldpctl -f keyvalue`` (lldpcli(8)); no neighbour gives an empty tuple."""
    ports: dict[str, dict[str, str]] = {}
    for line in output.splitlines():
        match = re.match(
            r"lldp\.([^=]+?)\.((?:chassis|port|via|vlan|age|rid|unknown-tlvs|lldp-med)\S*?)=(.*)", line
        )
        if match:
            ports.setdefault(match[1], {})[match[2]] = match[3].strip()
    return tuple(
        Neighbour(
            "cdp" if values.get("via", "").startswith("CDP") else "lldp",
            port,
            values.get("chassis.name", ""),
            values.get("port.ifname") or values.get("port.descr", ""),
            values.get("chassis.descr", ""),
            values.get("chassis.mgmt-ip", ""),
            values.get("chassis.mac", ""),
        )
        for port, values in ports.items()
        if "chassis.name" in values or "chassis.mac" in values
    )
