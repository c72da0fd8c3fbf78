"""Interfaces and listening ports of an AIX host. Pure parsers."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, replace

from collectors.errors import ParseError
from collectors.facts.host import Listener
from collectors.messages import N_
from collectors.model import Interface

_FLAGS = re.compile(r"^(?P<name>[\w.]+): flags=[0-9a-f,]+<(?P<flags>[\w,()]*)>")
_INET = re.compile(r"^\s+inet (?P<address>[\d.]+) netmask (?P<mask>0x[0-9a-f]{1,8})")
_INET6 = re.compile(r"^\s+inet6 (?P<address>[0-9a-fA-F:]+)(?:%\d+)?/(?P<length>\d{1,3})")


@dataclass(frozen=True, slots=True)
class State:
    """Of one interface, from ``ifconfig -a``."""

    flags: frozenset[str]
    addresses: tuple[str, ...]  # with prefix length


def parse_interfaces(output: str) -> tuple[Interface, ...]:
    """``netstat -in``: the rows of the link layer, with counters; "*" after a name means down.

    Raises:
        ParseError: no heading, or a link row without counters.
    """
    lines = [line for line in output.splitlines() if line.strip()]
    if not lines or not lines[0].startswith("Name"):
        raise ParseError(N_("expected netstat's heading"), 1)
    found = []
    for number, line in enumerate(lines[1:], 2):
        words = line.split()
        if len(words) < 3 or not (link := re.fullmatch(r"link#(\d{1,6})", words[2])):
            continue
        counters = words[-5:]
        if len(words) < 8 or not all(word.isascii() and word.isdigit() for word in [words[1], *counters]):
            raise ParseError(N_("expected packets and errors"), number)
        in_packets, in_errors, out_packets, out_errors, _collisions = (int(word) for word in counters)
        name = words[0]
        found.append(
            Interface(
                int(link[1]),
                name.rstrip("*"),
                type="softwareLoopback" if name.startswith("lo") else "ethernetCsmacd",
                admin_status="down" if name.endswith("*") else "up",
                mtu=int(words[1]),
                mac=_mac(words[3]) if len(words) == 9 else "",
                in_packets=in_packets,
                in_errors=in_errors,
                out_packets=out_packets,
                out_errors=out_errors,
            )
        )
    return tuple(found)


def _mac(text: str) -> str:
    """ "fa.16.3e.8a.b.c", whose bytes lack their leading noughts, as aa:bb:cc:dd:ee:ff."""
    parts = re.split(r"[.:]", text)
    if len(parts) != 6 or not all(re.fullmatch(r"[0-9a-fA-F]{1,2}", part) for part in parts):
        return ""
    return ":".join(part.lower().zfill(2) for part in parts)


def parse_ifconfig(output: str) -> dict[str, State]:
    """``ifconfig -a``: flags and addresses by name.

    Raises:
        ParseError: no interface at all.
    """
    states: dict[str, State] = {}
    name = ""
    for line in output.splitlines():
        if head := _FLAGS.match(line):
            name = head["name"]
            states[name] = State(frozenset(head["flags"].split(",")), ())
        elif name and (match := _INET.match(line) or _INET6.match(line)) and (address := _address(match)):
            states[name] = replace(states[name], addresses=(*states[name].addresses, address))
    if not states:
        raise ParseError(N_("no interface at all"))
    return states


def _address(match: re.Match[str]) -> str:
    groups = match.groupdict()
    length = groups.get("length") or str(bin(int(groups["mask"], 16)).count("1"))
    try:
        return str(ipaddress.ip_interface(f"{groups['address']}/{length}"))
    except ValueError:
        return ""


def joined(found: tuple[Interface, ...], states: dict[str, State]) -> tuple[Interface, ...]:
    """Interfaces with what ``ifconfig`` knows of them."""
    whole = []
    for one in found:
        state = states.get(one.name)
        if state is None:
            whole.append(one)
            continue
        whole.append(
            replace(
                one,
                admin_status="up" if "UP" in state.flags else "down",
                oper_status="up" if {"UP", "RUNNING"} <= state.flags else "down",
                addresses=state.addresses,
            )
        )
    return tuple(whole)


def parse_listening(output: str) -> tuple[Listener, ...]:
    """``netstat -an``: TCP ports that listen and UDP ports that are bound; the port follows the last dot.

    Raises:
        ParseError: no row of TCP or UDP.
    """
    found: dict[tuple[str, str, int], Listener] = {}
    rows = [line.split() for line in output.splitlines() if re.match(r"\s*(tcp|udp)", line)]
    if not rows:
        raise ParseError(N_("expected rows of TCP and UDP"))
    for words in rows:
        protocol = words[0][:3]
        listens = protocol == "udp" or words[-1] == "LISTEN"
        address, dot, port = words[3].rpartition(".") if len(words) >= 5 else ("", "", "")
        if listens and dot and port.isascii() and port.isdigit() and int(port) < 65536:
            one = Listener(protocol, address, int(port))
            found[one.protocol, one.address, one.port] = one
    return tuple(found.values())
