"""Which addresses may be asked at all. Pure; whoever sends a packet looks here first."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from collectors.errors import CollectorError
from collectors.messages import N_

MAX_ADDRESSES = 65_536  # a /16
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class RangeError(CollectorError):
    """A range or an address that must not be swept; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """A range that somebody responsible allowed. ``special``: loopback, multicast and the like as well."""

    prefix: str
    special: bool = False


def network_of(prefix: str, *, special: bool = False) -> Network:
    """A range that can be swept.

    Raises:
        RangeError: not a prefix, too large, or of addresses that name no single device.
    """
    try:
        network = ipaddress.ip_network(prefix.strip()[:80])
    except ValueError as error:
        raise RangeError(N_("%(text)s is no prefix.") % {"text": prefix.strip()[:60]}) from error
    if network.num_addresses > MAX_ADDRESSES:
        raise RangeError(
            N_("%(text)s has more than %(count)s addresses. Take smaller ranges.")
            % {"text": str(network), "count": MAX_ADDRESSES}
        )
    if not special and _is_special(network):
        raise RangeError(
            N_("%(text)s is loopback, multicast, link-local or reserved. Allow that explicitly.")
            % {"text": str(network)}
        )
    return network


def _is_special(network: Network) -> bool:
    ends = (network.network_address, network.broadcast_address)
    return any(
        one.is_loopback or one.is_multicast or one.is_link_local or one.is_unspecified or one.is_reserved
        for one in ends
    )


def hosts_of(network: Network) -> Iterator[str]:
    """Addresses that devices can have, in order."""
    return (str(address) for address in network.hosts())


def require_allowed(addresses: Sequence[str], allowed: Sequence[Allowed]) -> None:
    """Raise unless every address lies in a range that was allowed.

    Raises:
        RangeError: names the first that does not.
    """
    networks = [network_of(one.prefix, special=one.special) for one in allowed]
    for text in addresses:
        address = ipaddress.ip_address(text)
        if not any(address in network for network in networks):
            raise RangeError(N_("%(text)s is in no allowed range.") % {"text": text})
