"""Addresses as texts that sort and contain each other as networks do, in any database. Pure.

A key is the version and the address in hexadecimal digits of fixed length: ``4c0a80101`` for 192.168.1.1,
``6`` and 32 digits for IPv6. Order of keys is order of addresses; a network is a range of keys; and the
networks that can contain an address are at most 33 or 129 keys, looked up in an index one by one.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from flask_babel import gettext as _

from servicedesk.core.errors import InvalidError

_DIGITS = {4: 8, 6: 32}
MAX_TEXT = 80


@dataclass(frozen=True, slots=True)
class Network:
    """``first`` and ``last`` are keys, ``text`` the usual way to write it."""

    text: str
    first: str
    last: str
    length: int

    @property
    def version(self) -> int:
        """4 or 6."""
        return int(self.first[0])

    @property
    def size(self) -> int:
        """How many addresses it has for devices: without those that name an IPv4 network and all of it."""
        bits = 32 if self.version == 4 else 128
        count: int = 2 ** (bits - self.length)
        return count - 2 if self.version == 4 and self.length < 31 else count


def key_of(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str:
    """The key of an address."""
    return f"{address.version}{int(address):0{_DIGITS[address.version]}x}"


def text_of(key: str) -> str:
    """The usual way to write an address."""
    kind = ipaddress.IPv4Address if key[0] == "4" else ipaddress.IPv6Address
    return str(kind(int(key[1:], 16)))


def read_address(text: str, field: str = "address") -> tuple[str, str]:
    """The key and the usual way to write what somebody typed; a prefix length behind it is dropped.

    Raises:
        InvalidError: not an address.
    """
    try:
        found = ipaddress.ip_address(text.strip()[:MAX_TEXT].partition("/")[0].partition("%")[0])
    except ValueError:
        raise InvalidError(
            _("%(text)s is no address. Write one such as 192.0.2.10 or 2001:db8::10.", text=text[:60]), field
        ) from None
    return key_of(found), str(found)


def read_network(text: str, field: str = "prefix") -> Network:
    """What somebody typed, such as 192.0.2.0/24; host bits are refused, since they are most often a slip.

    Raises:
        InvalidError: not a network, or host bits are set; the sentence says what was probably meant.
    """
    typed = text.strip()[:MAX_TEXT]
    try:
        found = ipaddress.ip_network(typed, strict=False)
    except ValueError:
        raise InvalidError(
            _("%(text)s is no prefix. Write one such as 192.0.2.0/24 or 2001:db8::/64.", text=typed[:60]),
            field,
        ) from None
    if "/" not in typed:
        raise InvalidError(_("Say how long the prefix is, for instance %(text)s.", text=f"{typed}/24"), field)
    if ipaddress.ip_interface(typed).ip != found.network_address:
        raise InvalidError(_("%(text)s is an address in %(prefix)s.", text=typed, prefix=str(found)), field)
    return network_of(found)


def network_of(found: ipaddress.IPv4Network | ipaddress.IPv6Network) -> Network:
    """With its keys."""
    first, last = key_of(found.network_address), key_of(found.broadcast_address)
    return Network(str(found), first, last, found.prefixlen)


def containers(key: str, length: int | None = None) -> list[tuple[str, int]]:
    """First keys and lengths of every network that could contain an address, or (``length``) a network."""
    bits = _DIGITS[int(key[0])] * 4
    number = int(key[1:], 16)
    digits = _DIGITS[int(key[0])]
    most = bits if length is None else length - 1
    return [
        (f"{key[0]}{number >> (bits - one) << (bits - one):0{digits}x}", one) for one in range(most, -1, -1)
    ]
