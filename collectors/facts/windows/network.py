"""Network adapters of a Windows host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from collectors.facts.windows.rows import Row, parse_rows
from collectors.model import Interface

# MSFT_NetAdapter: InterfaceAdminStatus and InterfaceOperationalStatus have IF-MIB's numbers (RFC 2863).
_ADMIN = {1: "up", 2: "down", 3: "testing"}
_OPER = {1: "up", 2: "down", 3: "testing", 4: "unknown", 5: "dormant", 6: "notPresent", 7: "lowerLayerDown"}
_NO_SPEED = 2**64 - 1  # an adapter without a link


def parse_counters(output: str) -> dict[str, Row]:
    """Statistics by the adapter's name."""
    return {row.text("Name"): row for row in parse_rows(output)}


def parse_addresses(output: str) -> dict[int, tuple[str, ...]]:
    """Addresses with their prefix length by interface index."""
    found: dict[int, list[str]] = {}
    for row in parse_rows(output):
        index, address = row.count("InterfaceIndex"), row.text("IPAddress").split("%", 1)[0]
        if index is not None and address:
            prefix = row.count("PrefixLength")
            found.setdefault(index, []).append(address if prefix is None else f"{address}/{prefix}")
    return {index: tuple(addresses) for index, addresses in found.items()}


def build_interfaces(
    adapters: Sequence[Row], counters: Mapping[str, Row], addresses: Mapping[int, tuple[str, ...]]
) -> tuple[Interface, ...]:
    """What ``Get-NetAdapter`` lists, with counters and addresses."""
    found = []
    for row in adapters:
        index = row.count("Index")
        if index is None:
            continue
        speed, mtu = row.count("ReceiveLinkSpeed"), row.count("MtuSize")
        counted = counters.get(row.text("Name"))
        found.append(
            Interface(
                index=index,
                name=row.text("Name"),
                description=row.text("InterfaceDescription"),
                type="ethernetCsmacd",
                admin_status=_ADMIN.get(row.number("Admin") or 0, "unknown"),
                oper_status=_OPER.get(row.number("Oper") or 0, "unknown"),
                speed_bps=speed if speed and speed < _NO_SPEED else None,
                mtu=mtu,
                mac=row.text("MacAddress").replace("-", ":").lower(),
                in_octets=counted.count("ReceivedBytes") if counted else None,
                out_octets=counted.count("SentBytes") if counted else None,
                in_packets=_packets(counted, "Received"),
                out_packets=_packets(counted, "Sent"),
                in_errors=counted.count("ReceivedPacketErrors") if counted else None,
                out_errors=counted.count("OutboundPacketErrors") if counted else None,
                in_discards=counted.count("ReceivedDiscardedPackets") if counted else None,
                out_discards=counted.count("OutboundDiscardedPackets") if counted else None,
                addresses=addresses.get(index, ()),
            )
        )
    return tuple(sorted(found, key=lambda interface: interface.index))


def _packets(row: Row | None, direction: str) -> int | None:
    """All kinds together; None as soon as one is not told."""
    if row is None:
        return None
    parts = [row.count(f"{direction}{kind}Packets") for kind in ("Unicast", "Multicast", "Broadcast")]
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
