"""What network gear tells of itself: members, alarms, log, shut ports, next start, peers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

from collectors.checks.spec import CheckSpec, Context
from collectors.facts.cli.rows import Alarm, DeviceLog, ErrorDisabled, Member, Peer, Startup
from collectors.messages import N_
from collectors.model import Finding, Levels
from collectors.outcome import Outcome

T = TypeVar("T")

# RFC 5424: 0 emergency, 1 alert, 2 critical. Errors (3) hold every port that goes down.
_GRAVE = 2


def _each(context: Context, name: str, kind: type[T]) -> Iterator[T]:
    """The items of a fact that is a tuple of one type; nothing for a fact of another form."""
    items = context.fact(name)
    if isinstance(items, tuple):
        yield from (item for item in items if isinstance(item, kind))


def check_members(context: Context) -> Iterator[Finding]:
    """Every device of a stack, cluster or pair is there and has the same configuration."""
    for member in _each(context, "members", Member):
        values = {"role": member.role or "–", "state": member.state or "–"}
        template = N_("Role %(role)s, state %(state)s")
        yield context.state(member.name, member.outcome, template, values, evidence=member.evidence)


def check_alarms(context: Context) -> Iterator[Finding]:
    """What the device itself complains of; no alarm is one normal finding."""
    alarms = tuple(_each(context, "alarms", Alarm))
    if not alarms and context.fact("alarms") == ():
        yield context.state("", Outcome.OK, N_("The device reports no alarm"))
    for alarm in alarms:
        values = {"severity": alarm.severity, "since": alarm.since or "–"}
        template = N_("Alarm of severity %(severity)s since %(since)s")
        yield context.state(alarm.name, alarm.outcome, template, values, evidence=alarm.evidence)


def check_device_log(context: Context) -> Iterator[Finding]:
    """Messages of the severities emergency, alert and critical in the log buffer."""
    for log in _each(context, "device_log", DeviceLog):
        grave = sum(count for severity, count in log.counts.items() if severity <= _GRAVE)
        yield context.judge_upper(log.slot, grave, evidence=log.evidence)


def check_error_disabled(context: Context) -> Iterator[Finding]:
    """Ports that the device has shut by itself."""
    ports = tuple(_each(context, "error_disabled", ErrorDisabled))
    if not ports and context.fact("error_disabled") == ():
        yield context.state("", Outcome.OK, N_("No port is shut for a fault"))
    for port in ports:
        template = N_("Shut by the device: %(reason)s")
        yield context.state(
            port.name, Outcome.CRITICAL, template, {"reason": port.reason}, evidence=port.evidence
        )


def check_startup(context: Context) -> Iterator[Finding]:
    """After a restart another configuration or software would run than now."""
    for startup in _each(context, "startup", Startup):
        pairs = (
            (startup.current_configuration, startup.next_configuration),
            (startup.current_software, startup.next_software),
        )
        if not startup.next_configuration:
            template = N_("No configuration is set for the next start: save the configuration")
            yield context.state(startup.board, Outcome.WARNING, template, evidence=startup.evidence)
            continue
        differing = next(((now, then) for now, then in pairs if now and then and now != then), None)
        if differing is None:
            template = N_("The next start takes what runs now")
            yield context.state(startup.board, Outcome.OK, template, evidence=startup.evidence)
        else:
            values = {"now": differing[0], "then": differing[1]}
            template = N_("The next start takes %(then)s instead of %(now)s")
            yield context.state(startup.board, Outcome.WARNING, template, values, evidence=startup.evidence)


# What the states of protocols mean, by their beginnings in lower case; what is not here is no neighbour's
# state (a role of OSPF's interfaces, a port of spanning tree) and is not judged.
_PEER_STATES: dict[str, tuple[tuple[str, Outcome], ...]] = {
    "bgp": (
        ("established", Outcome.OK),
        ("idle(", Outcome.NOT_APPLICABLE),  # shut by the administrator
        ("idle (", Outcome.NOT_APPLICABLE),
        ("no neg", Outcome.WARNING),
        *((word, Outcome.CRITICAL) for word in ("idle", "active", "connect", "opensent", "openconfirm")),
    ),
    "ospf": (
        ("full", Outcome.OK),
        ("2way", Outcome.OK),
        ("2-way", Outcome.OK),
        *((word, Outcome.CRITICAL) for word in ("init", "down", "attempt", "exstart", "exchange", "loading")),
    ),
    "hsrp": (
        *((word, Outcome.OK) for word in ("active", "standby", "listen")),
        ("disabled", Outcome.NOT_APPLICABLE),
        ("init", Outcome.CRITICAL),
        *((word, Outcome.WARNING) for word in ("learn", "speak")),
    ),
    "vrrp": (
        *((word, Outcome.OK) for word in ("master", "backup")),
        ("non-active", Outcome.NOT_APPLICABLE),
        ("inactive", Outcome.NOT_APPLICABLE),
        ("init", Outcome.CRITICAL),
    ),
    "vpc": (
        *((word, Outcome.OK) for word in ("peer adjacency formed ok", "peer is alive", "success", "up")),
        ("", Outcome.CRITICAL),
    ),
    "lacp": (
        *((word, Outcome.OK) for word in ("bundled", "selected", "standby", "up")),
        ("", Outcome.WARNING),
    ),
}
_SELECTED = re.compile(r"(\d+) selected, (\d+) unselected")


def _peer_outcome(peer: Peer) -> Outcome | None:
    word = peer.state.strip().lower()
    counts = _SELECTED.fullmatch(word)
    if counts is not None:
        if counts[1] == "0":
            return Outcome.CRITICAL
        return Outcome.OK if counts[2] == "0" else Outcome.WARNING
    if peer.protocol == "lacp" and word == "down" and not peer.interface:
        return Outcome.CRITICAL  # the whole bundle, not one port of it
    known = _PEER_STATES.get(peer.protocol, ())
    return next((outcome for start, outcome in known if word.startswith(start)), None)


def check_peers(context: Context) -> Iterator[Finding]:
    """Neighbours of routing protocols are there, groups have their members, bundles their ports."""
    for peer in _each(context, "peers", Peer):
        outcome = _peer_outcome(peer)
        if outcome is None:
            continue
        place = "" if peer.interface in ("", peer.name) else f" {peer.interface}"
        item = f"{peer.protocol.upper()} {peer.name}{place}"
        yield context.state(
            item, outcome, N_("State %(state)s"), {"state": peer.state}, evidence=peer.evidence
        )


CHECKS: tuple[CheckSpec, ...] = (
    CheckSpec(
        "device_members",
        N_("Stack and cluster members"),
        N_("Every member is present and in step with the others"),
        ("members",),
        check_members,
    ),
    CheckSpec(
        "device_alarms",
        N_("Alarms of the device"),
        N_("The device reports no alarm of its own"),
        ("alarms",),
        check_alarms,
        lists_abnormal=True,
    ),
    CheckSpec(
        "device_log",
        N_("Grave messages in the device log"),
        N_("Fewer than %(warning)s of severity critical or worse; critical from %(critical)s"),
        ("device_log",),
        check_device_log,
        "",
        Levels(warning_upper=1, critical_upper=50),
    ),
    CheckSpec(
        "error_disabled_ports",
        N_("Ports shut for a fault"),
        N_("The device has shut no port by itself"),
        ("error_disabled",),
        check_error_disabled,
        lists_abnormal=True,
    ),
    CheckSpec(
        "protocol_peers",
        N_("Neighbours and bundles"),
        N_("Every neighbour of a routing protocol is established, every bundle has all its ports"),
        ("peers",),
        check_peers,
    ),
    CheckSpec(
        "startup_files",
        N_("Files of the next start"),
        N_("The next start takes the configuration and software that run now"),
        ("startup",),
        check_startup,
    ),
)
