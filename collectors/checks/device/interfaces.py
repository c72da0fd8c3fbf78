"""Interface states and errors."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from collectors.checks.spec import CheckSpec, Context
from collectors.messages import N_
from collectors.model import Finding, Interface, Levels
from collectors.outcome import Outcome

# Below this many packets a single error would be a large share.
_MIN_PACKETS = 10_000
_UNWATCHED_TYPES = frozenset({"softwareLoopback", "l2vlan", "l3ipvlan", "propVirtual", "tunnel", "other"})


def watched(context: Context) -> Iterator[Interface]:
    """The interfaces named by the target's globs; without globs the physical ones that are enabled."""
    globs = context.target.watched_interfaces
    for interface in context.facts.interfaces:
        names = (interface.name, interface.alias, interface.description)
        if globs:
            if any(name and fnmatchcase(name, glob) for name in names for glob in globs):
                yield interface
        elif interface.admin_status == "up" and interface.type not in _UNWATCHED_TYPES:
            yield interface


def check_interface_state(context: Context) -> Iterator[Finding]:
    """Operational state against administrative state.

    Named interfaces that are down are critical. Where nobody named any, an empty port of a switch
    is nothing abnormal: only ports that have carried traffic count.
    """
    named = bool(context.target.watched_interfaces)
    for interface in watched(context):
        values = {"admin": interface.admin_status, "oper": interface.oper_status}
        template = N_("Administratively %(admin)s, operationally %(oper)s")
        used = bool(interface.in_octets or interface.out_octets)
        if interface.admin_status == "unknown" or interface.oper_status == "unknown":
            outcome = Outcome.UNSUPPORTED
        elif interface.admin_status == interface.oper_status or interface.oper_status == "dormant":
            outcome = Outcome.OK
        elif named or used:
            outcome = Outcome.CRITICAL
        else:
            outcome, template = Outcome.OK, N_("Enabled and never used")
        yield context.state(interface.name, outcome, template, values, evidence=interface.evidence)


def check_interface_errors(context: Context) -> Iterator[Finding]:
    """Errors as a share of all packets since the device's start, the worse direction."""
    for interface in watched(context):
        shares = [
            100 * errors / packets
            for errors, packets in (
                (interface.in_errors, interface.in_packets),
                (interface.out_errors, interface.out_packets),
            )
            if errors is not None and packets is not None and packets >= _MIN_PACKETS
        ]
        if shares:
            yield context.judge_upper(interface.name, round(max(shares), 4), evidence=interface.evidence)


CHECKS: tuple[CheckSpec, ...] = (
    CheckSpec(
        "interface_state",
        N_("Interface state"),
        N_("Every watched interface that is enabled is up"),
        ("interfaces",),
        check_interface_state,
    ),
    CheckSpec(
        "interface_errors",
        N_("Interface errors"),
        N_("Fewer than %(warning)s %% of packets; critical from %(critical)s %%"),
        ("interfaces",),
        check_interface_errors,
        "%",
        Levels(warning_upper=0.01, critical_upper=0.1),
    ),
)
