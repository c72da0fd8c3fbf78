"""RAID arrays, bonds and disk health."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.checks.spec import CheckSpec, Context
from collectors.facts.host import Bond, RaidArray, SmartDisk
from collectors.messages import N_
from collectors.model import Finding, Levels
from collectors.outcome import Outcome


def check_raid_state(context: Context) -> Iterator[Finding]:
    """Any missing member is critical; a rebuild of a complete array is a warning.

    A controller's word of an array's state is judged by what it means; one that is not known is a warning.
    """
    arrays = context.fact("raid")
    for array in arrays if isinstance(arrays, tuple) else ():
        if not isinstance(array, RaidArray):
            continue
        values: dict[str, str | float | int] = {
            "state": array.state,
            "active": "–" if array.active is None else array.active,
            "expected": "–" if array.expected is None else array.expected,
            "recovery": array.recovery,
        }
        if array.outcome is not None:
            outcome, template = _of_controller(array, array.outcome)
            yield context.state(array.name, outcome, template, values, evidence=array.evidence)
            continue
        missing = array.active is not None and array.expected is not None and array.active < array.expected
        if missing or array.failed or array.state != "active":
            outcome = Outcome.CRITICAL
            template = N_("Degraded: %(active)s of %(expected)s members work, state %(state)s")
        elif array.recovery.startswith(("recovery", "reshape")):
            outcome, template = Outcome.WARNING, N_("Rebuilding: %(recovery)s")
        else:
            outcome, template = Outcome.OK, N_("%(active)s of %(expected)s members work")
        yield context.state(array.name, outcome, template, values, evidence=array.evidence)


def _of_controller(array: RaidArray, outcome: Outcome) -> tuple[Outcome, str]:
    if outcome is Outcome.UNSUPPORTED:
        return Outcome.WARNING, N_("State %(state)s, whose meaning is not known")
    if array.recovery:
        return outcome, N_("State: %(state)s; rebuilding: %(recovery)s")
    if outcome is Outcome.CRITICAL and array.expected is not None:
        return outcome, N_("Degraded: %(active)s of %(expected)s members work, state %(state)s")
    return outcome, N_("State: %(state)s")


def check_bond_state(context: Context) -> Iterator[Finding]:
    bonds = context.fact("bonds")
    for bond in bonds if isinstance(bonds, tuple) else ():
        if not isinstance(bond, Bond):
            continue
        down = [member.name for member in bond.members if not member.up]
        values: dict[str, str | float | int] = {
            "down": ", ".join(down) or "–",
            "count": len(bond.members),
            "mode": bond.mode,
        }
        if not bond.up or not bond.members or len(down) == len(bond.members):
            outcome, template = Outcome.CRITICAL, N_("The bond is down")
        elif down:
            outcome, template = Outcome.CRITICAL, N_("Without redundancy: %(down)s is down")
        else:
            outcome, template = Outcome.OK, N_("All %(count)s members are up (%(mode)s)")
        yield context.state(bond.name, outcome, template, values, evidence=bond.evidence)


_BAD_COUNTERS = ("Current_Pending_Sector", "Offline_Uncorrectable", "Media_Errors")


def check_smart(context: Context) -> Iterator[Finding]:
    """The disk's own verdict, sectors it could not read, and its controller's word of its state."""
    disks = context.fact("smart")
    for disk in disks if isinstance(disks, tuple) else ():
        if not isinstance(disk, SmartDisk):
            continue
        bad = {name: disk.counters[name] for name in _BAD_COUNTERS if disk.counters.get(name)}
        values = {
            "counters": ", ".join(f"{name} {count}" for name, count in bad.items()),
            "state": disk.state,
        }
        if disk.state_outcome is Outcome.CRITICAL and disk.healthy is not False:
            outcome, template = Outcome.CRITICAL, N_("State: %(state)s")
        elif disk.healthy is False:
            outcome, template = Outcome.CRITICAL, N_("The disk predicts its failure: replace it")
        elif disk.state_outcome is Outcome.UNSUPPORTED:
            outcome, template = Outcome.WARNING, N_("State %(state)s, whose meaning is not known")
        elif disk.state_outcome is Outcome.WARNING:
            outcome, template = Outcome.WARNING, N_("State: %(state)s")
        elif bad:
            outcome, template = Outcome.WARNING, N_("Unreadable sectors: %(counters)s")
        elif disk.state_outcome is Outcome.OK:
            outcome, template = Outcome.OK, N_("State: %(state)s")
        elif disk.healthy is None:
            outcome, template = Outcome.UNSUPPORTED, N_("The disk does not tell its health")
        else:
            outcome, template = Outcome.OK, N_("Healthy")
        yield context.state(disk.device, outcome, template, values, evidence=disk.evidence)


def check_smart_temperature(context: Context) -> Iterator[Finding]:
    disks = context.fact("smart")
    for disk in disks if isinstance(disks, tuple) else ():
        if isinstance(disk, SmartDisk) and disk.temperature_c is not None:
            yield context.judge_upper(disk.device, disk.temperature_c, evidence=disk.evidence)


CHECKS: tuple[CheckSpec, ...] = (
    CheckSpec(
        "raid_state",
        N_("RAID arrays"),
        N_("Every member of every array works"),
        ("raid",),
        check_raid_state,
    ),
    CheckSpec(
        "bond_state",
        N_("Bonded interfaces"),
        N_("Every member of every bond is up"),
        ("bonds",),
        check_bond_state,
    ),
    CheckSpec(
        "smart",
        N_("Disk health (SMART)"),
        N_("The disk reports itself healthy and has no unreadable sectors"),
        ("smart",),
        check_smart,
    ),
    CheckSpec(
        "smart_temperature",
        N_("Disk temperature"),
        N_("Below %(warning)s °C; critical from %(critical)s °C"),
        ("smart",),
        check_smart_temperature,
        "°C",
        Levels(warning_upper=35, critical_upper=40),
    ),
)
