"""What network gear tells on its command line alone: members, alarms, log, shut ports, next start, peers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from collectors.checks.spec import CheckSpec, Context
from collectors.facts.cli.rows import Alarm, DeviceLog, ErrorDisabled, Member, Startup
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
        "startup_files",
        N_("Files of the next start"),
        N_("The next start takes the configuration and software that run now"),
        ("startup",),
        check_startup,
    ),
)
