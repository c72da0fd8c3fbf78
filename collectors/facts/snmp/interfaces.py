"""IF-MIB (RFC 2863) and IP-MIB (RFC 4293, with RFC 1213's table): ports and their addresses."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Address, ip_address

from collectors.facts.snmp.iftypes import admin_word, oper_word, type_word
from collectors.model import Interface
from collectors.snmprec import Value, Walk

IF_TABLE = "1.3.6.1.2.1.2.2"
IFX_TABLE = "1.3.6.1.2.1.31.1.1"
IP_ADDR_TABLE = "1.3.6.1.2.1.4.20"
IP_ADDRESS_TABLE = "1.3.6.1.2.1.4.34"

_UNKNOWN_SPEED = 4294967295  # "look at ifHighSpeed" (RFC 2863, ifSpeed)

Column = Mapping[str, Value]


def parse_interfaces(walk: Walk) -> tuple[Interface, ...]:
    """One interface for each ifIndex of ifTable, in the order of numbers.

    Rows that ifXTable alone has are taken too. Without ifIndex or ifDescr (a truncated row) the
    columns that are there count.
    """
    columns = {number: walk.column(f"{IF_TABLE}.1.{number}") for number in range(1, 21)}
    more = {number: walk.column(f"{IFX_TABLE}.1.{number}") for number in range(1, 19)}
    named = (columns[1], columns[2], columns[3], columns[7], columns[8], more[1])
    indexes = {index for column in named for index in column if index.isdigit()}
    addresses = parse_addresses(walk)
    found = (_interface(index, columns, more, addresses) for index in sorted(indexes, key=int))
    return tuple(interface for interface in found if interface is not None)


def _interface(
    index: str, columns: Mapping[int, Column], more: Mapping[int, Column], addresses: Mapping[str, list[str]]
) -> Interface | None:
    def integer(number: int) -> int | None:
        return _natural(columns[number].get(index))

    def text(column: Column) -> str:
        value = column.get(index)
        return "" if value is None else value.text

    description = text(columns[2])
    name = text(more[1]) or description
    first = columns[2].get(index) or more[1].get(index) or columns[8].get(index) or columns[1].get(index)
    if not name and integer(3) is None and integer(8) is None:
        return None  # a number in ifIndex and nothing else is no interface
    ticks = integer(9)
    return Interface(
        index=int(index),
        name=name or index,
        description=description or name,
        alias=text(more[18]),
        type=type_word(integer(3)),
        admin_status=admin_word(integer(7)),
        oper_status=oper_word(integer(8)),
        speed_bps=_speed(integer(5), _natural(more[15].get(index))),
        mtu=integer(4),
        mac=_mac(columns[6].get(index)),
        in_octets=_prefer(_natural(more[6].get(index)), integer(10)),
        out_octets=_prefer(_natural(more[10].get(index)), integer(16)),
        in_packets=_packets(index, columns, more, (7, 8, 9), (11, 12), (2, 3)),
        out_packets=_packets(index, columns, more, (11, 12, 13), (17, 18), (4, 5)),
        in_errors=integer(14),
        out_errors=integer(20),
        in_discards=integer(13),
        out_discards=integer(19),
        last_change_s=None if ticks is None else ticks / 100,
        addresses=tuple(addresses.get(index, ())),
        evidence=None if first is None else first.evidence,
    )


def _natural(value: Value | None) -> int | None:
    """A counter or enumeration. Agents that send an unsigned number as Integer32 make it negative."""
    number = None if value is None else value.integer
    return number + 2**32 if number is not None and -(2**31) <= number < 0 else number


def _speed(speed: int | None, high_speed: int | None) -> int | None:
    """Bits per second. ifHighSpeed (Mbit/s) where ifSpeed says that it cannot hold the number.

    Both zero: the device does not know; a gauge of zero beside a known ifHighSpeed yields to that.
    """
    if speed in (None, 0, _UNKNOWN_SPEED):
        if high_speed:
            return high_speed * 1_000_000
        return None if speed == _UNKNOWN_SPEED else speed
    if speed is not None and high_speed and high_speed * 1_000_000 > _UNKNOWN_SPEED:
        return high_speed * 1_000_000  # some agents let ifSpeed wrap instead of stopping at its end
    return speed


def _mac(value: Value | None) -> str:
    """Six bytes; all zero is no address."""
    if value is None:
        return ""
    octets = value.octets
    if len(octets) != 6 and value.tag == "4":
        digits = value.text.replace(":", "").replace("-", "").replace(" ", "")
        if len(digits) == 12 and all(digit in "0123456789abcdefABCDEF" for digit in digits):
            octets = bytes.fromhex(digits)
    if len(octets) != 6 or octets == bytes(6):
        return ""
    return ":".join(f"{byte:02x}" for byte in octets)


def _prefer(high: int | None, low: int | None) -> int | None:
    """The 64-bit counter, unless the agent leaves it at zero while the 32-bit one counts."""
    if high is None or (high == 0 and low):
        return low
    return high


def _packets(
    index: str,
    columns: Mapping[int, Column],
    more: Mapping[int, Column],
    high: tuple[int, int, int],
    low: tuple[int, int],
    low_more: tuple[int, int],
) -> int | None:
    """Unicast + multicast + broadcast; ifInNUcastPkts only where ifXTable has no 32-bit pair."""

    def pick(column: Mapping[int, Column], numbers: tuple[int, ...]) -> list[int]:
        found = (_natural(column[number].get(index)) for number in numbers)
        return [number for number in found if number is not None]

    wide = pick(more, high)
    narrow_unicast = pick(columns, low[:1])
    narrow = narrow_unicast + (pick(more, low_more) or pick(columns, low[1:]))
    if len(wide) == len(high) or (wide and not narrow):
        return _prefer(sum(wide), sum(narrow) if narrow else None)
    return sum(narrow) if narrow_unicast else None


def parse_addresses(walk: Walk) -> dict[str, list[str]]:
    """Addresses with prefix length by ifIndex; the older table fills what the newer one lacks."""
    found: dict[str, list[str]] = {}

    def add(interface: Value | None, address: str) -> None:
        number = None if interface is None else interface.integer
        if number is None or address.split("/")[0] in ("0.0.0.0", "::"):  # noqa: S104 - an address, no socket
            return
        known = found.setdefault(str(number), [])
        if address.split("/")[0] not in (one.split("/")[0] for one in known):
            known.append(address)

    masks = walk.column(f"{IP_ADDR_TABLE}.1.3")
    for index, interface in walk.column(f"{IP_ADDR_TABLE}.1.2").items():
        if index.count(".") == 3:
            add(interface, _with_mask(index, masks.get(index)))
    prefixes = walk.column(f"{IP_ADDRESS_TABLE}.1.5")
    for index, interface in walk.column(f"{IP_ADDRESS_TABLE}.1.3").items():
        address = address_of(index)
        if address:
            add(interface, address + _prefix_length(prefixes.get(index)))
    return found


def _with_mask(address: str, mask: Value | None) -> str:
    if mask is None:
        return address
    try:
        return f"{address}/{IPv4Network(f'0.0.0.0/{mask.address}').prefixlen}"
    except ValueError:
        return address


def _prefix_length(prefix: Value | None) -> str:
    """ipAddressPrefix points to a row of ipAddressPrefixTable; its last part is the length."""
    if prefix is None:
        return ""
    parts = prefix.raw.strip(".").split(".")
    return f"/{parts[-1]}" if len(parts) > 12 and parts[-1].isdigit() else ""


def address_of(index: str) -> str:
    """The address in an InetAddressType.InetAddress index; "" for other kinds (RFC 4001).

    >>> address_of("1.4.192.0.2.7")
    '192.0.2.7'
    """
    parts = [int(part) for part in index.split(".")]
    if len(parts) < 3 or parts[0] not in (1, 2, 3, 4):
        return ""
    octets = parts[2 : 2 + parts[1]] if parts[1] in (4, 8, 16, 20) else parts[1:]
    octets = octets[: 4 if parts[0] in (1, 3) else 16]
    if any(octet > 255 for octet in octets) or len(octets) != (4 if parts[0] in (1, 3) else 16):
        return ""
    address = ip_address(bytes(octets))
    return "" if isinstance(address, IPv6Address) and address.is_unspecified else str(address)
