"""Load, clock, units, processes and kernel tables of a host."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.checks.spec import CheckSpec, Context
from collectors.facts.host import Clock, FailedUnit, JournalErrors, Load, Processes, Quota, Reboot, Updates
from collectors.messages import N_
from collectors.model import Finding, Levels
from collectors.outcome import Outcome


def check_load_per_core(context: Context) -> Iterator[Finding]:
    load = context.fact("load")
    if isinstance(load, Load) and load.cores:
        yield context.judge_upper("15 min", round(load.fifteen / load.cores, 2), evidence=load.evidence)


def check_clock_offset(context: Context) -> Iterator[Finding]:
    """Distance from true time in milliseconds.

    Measured against the collector's own clock it is only good to some seconds: a smaller distance
    than that doubt is no finding.
    """
    clock = context.fact("clock")
    if not isinstance(clock, Clock) or clock.offset_s is None:
        return
    offset_ms = abs(clock.offset_s) * 1000
    if clock.uncertainty_s and abs(clock.offset_s) <= clock.uncertainty_s:
        values = {"doubt": f"{clock.uncertainty_s:g}"}
        template = N_("Agrees with the collector's clock within %(doubt)s s; no time service tells more")
        yield context.state("", Outcome.OK, template, values, evidence=clock.evidence)
        return
    yield context.judge_upper("", round(offset_ms, 3), evidence=clock.evidence)


def check_ntp_sync(context: Context) -> Iterator[Finding]:
    clock = context.fact("clock")
    if not isinstance(clock, Clock):
        return
    values = {"service": clock.service or "–", "source": clock.source or "–"}
    if clock.synchronised is None and clock.service:
        template = N_("%(service)s runs; whether it is in step only its offset tells")
        yield context.state("", Outcome.UNSUPPORTED, template, values, evidence=clock.evidence)
    elif clock.synchronised is None:
        yield context.state("", Outcome.WARNING, N_("No time service was found"), evidence=clock.evidence)
    elif not clock.synchronised:
        template = N_("The clock is not synchronised")
        yield context.state("", Outcome.WARNING, template, evidence=clock.evidence)
    elif clock.stratum is not None:
        levels = context.levels("")
        worst = context.judge_upper("", clock.stratum, evidence=clock.evidence, levels=levels)
        yield worst
    else:
        template = N_("Synchronised (%(service)s, %(source)s)")
        yield context.state("", Outcome.OK, template, values, evidence=clock.evidence)


def check_failed_units(context: Context) -> Iterator[Finding]:
    units = context.fact("failed_units")
    if not isinstance(units, tuple):
        return
    if not units:
        yield context.state("", Outcome.OK, N_("No unit has failed"))
    for unit in units:
        if isinstance(unit, FailedUnit):
            values = {"description": unit.description or unit.name}
            yield context.state(unit.name, Outcome.CRITICAL, N_("Failed: %(description)s"), values)


def check_file_descriptors(context: Context) -> Iterator[Finding]:
    yield from _quota(context, "file_descriptors")


def check_conntrack(context: Context) -> Iterator[Finding]:
    yield from _quota(context, "conntrack")


def _quota(context: Context, name: str) -> Iterator[Finding]:
    quota = context.fact(name)
    if isinstance(quota, Quota):
        yield context.judge_upper("", round(100 * quota.used / quota.maximum, 1), evidence=quota.evidence)


def check_zombies(context: Context) -> Iterator[Finding]:
    processes = context.fact("processes")
    if isinstance(processes, Processes):
        yield context.judge_upper("", len(processes.zombies), evidence=processes.evidence)


def check_journal_errors(context: Context) -> Iterator[Finding]:
    journal = context.fact("journal_errors")
    if isinstance(journal, JournalErrors):
        yield context.judge_upper("", journal.count, evidence=journal.evidence)


def check_updates_waiting(context: Context) -> Iterator[Finding]:
    updates = context.fact("updates")
    if isinstance(updates, Updates):
        values = {"total": updates.total, "security": updates.security}
        outcome = Outcome.WARNING if updates.security else Outcome.OK
        template = N_("%(total)s updates wait, %(security)s of them for security")
        yield context.state("", outcome, template, values, value=updates.total, evidence=updates.evidence)


def check_reboot_required(context: Context) -> Iterator[Finding]:
    reboot = context.fact("reboot")
    if isinstance(reboot, Reboot):
        values = {"running": reboot.running_kernel, "newest": reboot.newest_kernel or reboot.running_kernel}
        if reboot.required:
            template = N_("A restart is due: kernel %(running)s runs, %(newest)s is installed")
            yield context.state("", Outcome.WARNING, template, values, evidence=reboot.evidence)
        else:
            yield context.state("", Outcome.OK, N_("No restart is due"), evidence=reboot.evidence)


CHECKS: tuple[CheckSpec, ...] = (
    CheckSpec(
        "load_per_core",
        N_("Load per core"),
        N_("15-minute load below %(warning)s a core; critical from %(critical)s"),
        ("load",),
        check_load_per_core,
        "",
        Levels(warning_upper=5, critical_upper=10),
    ),
    CheckSpec(
        "clock_offset",
        N_("Clock offset"),
        N_("Below %(warning)s ms; critical from %(critical)s ms"),
        ("clock",),
        check_clock_offset,
        "ms",
        Levels(warning_upper=200, critical_upper=500),
        Outcome.UNSUPPORTED,
    ),
    CheckSpec(
        "ntp_sync",
        N_("Time synchronisation"),
        N_("Synchronised with a source of a stratum below %(warning)s"),
        ("clock",),
        check_ntp_sync,
        "",
        Levels(warning_upper=10, critical_upper=16),
        Outcome.UNSUPPORTED,
    ),
    CheckSpec(
        "failed_units",
        N_("Failed services"),
        N_("No unit of the service manager has failed"),
        ("failed_units",),
        check_failed_units,
        lists_abnormal=True,
    ),
    CheckSpec(
        "file_descriptors",
        N_("File handles"),
        N_("Below %(warning)s %% of the maximum; critical from %(critical)s %%"),
        ("file_descriptors",),
        check_file_descriptors,
        "%",
        Levels(warning_upper=70, critical_upper=90),
    ),
    CheckSpec(
        "conntrack",
        N_("Connection tracking table"),
        N_("Below %(warning)s %% of the maximum; critical from %(critical)s %%"),
        ("conntrack",),
        check_conntrack,
        "%",
        Levels(warning_upper=80, critical_upper=90),
    ),
    CheckSpec(
        "zombies",
        N_("Zombie processes"),
        N_("Fewer than %(warning)s; critical from %(critical)s"),
        ("processes",),
        check_zombies,
        "",
        Levels(warning_upper=5, critical_upper=50),
    ),
    CheckSpec(
        "journal_errors",
        N_("Errors in the system journal"),
        N_("Fewer than %(warning)s in 24 hours; critical from %(critical)s"),
        ("journal_errors",),
        check_journal_errors,
        "",
        Levels(warning_upper=50, critical_upper=300),
    ),
    CheckSpec(
        "updates_waiting",
        N_("Updates waiting"),
        N_("No security update waits"),
        ("updates",),
        check_updates_waiting,
    ),
    CheckSpec(
        "reboot_required",
        N_("Restart due"),
        N_("No restart is due after updates"),
        ("reboot",),
        check_reboot_required,
    ),
)
