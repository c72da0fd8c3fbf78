"""Copies of databases: backups, replicas, and the log that both are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from collectors.checks.host.databases import servers_of
from collectors.checks.spec import CheckSpec, Context
from collectors.facts.database import Database, Part
from collectors.messages import N_
from collectors.model import Finding, Levels
from collectors.outcome import Outcome


def check_backup(context: Context) -> Iterator[Finding]:
    """Hours since the last backup of the whole database that was completed."""
    for server in servers_of(context):
        if server.backup_age_h is not None:
            yield context.judge_upper(server.item, server.backup_age_h, evidence=server.evidence)
        elif server.backup_last:
            template = N_("No completed backup is recorded; the last one: %(status)s")
            status = {"status": server.backup_last}
            yield context.state(server.item, Outcome.WARNING, template, status, evidence=server.evidence)


def check_lag(context: Context) -> Iterator[Finding]:
    """Of a replica, as it says itself; of standbys and channels, each by its name."""
    for server in servers_of(context):
        if server.lag_s is not None:
            yield context.judge_upper(server.item, server.lag_s, evidence=server.evidence)
    yield from parts(lambda server: server.lags)(context)


def check_archive(context: Context) -> Iterator[Finding]:
    """A file that was tried in vain is critical; else how long nothing went there while others wait."""
    for server in servers_of(context):
        for archive in server.archives:
            item = f"{server.item} {archive.name}".strip()
            if archive.error:
                template = N_("The log is not archived: %(reason)s")
                reason = {"reason": archive.error}
                yield context.state(item, Outcome.CRITICAL, template, reason, evidence=server.evidence)
            elif archive.age_s is not None:
                yield context.judge_upper(item, archive.age_s, evidence=server.evidence)
            else:
                template = N_("No error of archiving is told.")
                yield context.state(item, Outcome.OK, template, {}, evidence=server.evidence)


def parts(read: Callable[[Database], tuple[Part, ...]]) -> Callable[[Context], Iterator[Finding]]:
    """A check of one number of each part of a database."""

    def check(context: Context) -> Iterator[Finding]:
        for server in servers_of(context):
            for part in read(server):
                item = f"{server.item} {part.name}"
                yield context.judge_upper(item, part.value, evidence=server.evidence)

    return check


CHECKS: tuple[CheckSpec, ...] = (
    CheckSpec(
        "database_backup",
        N_("Backup of a database"),
        N_("The last one ended less than %(warning)s h ago; critical from %(critical)s h"),
        ("databases",),
        check_backup,
        "h",
        Levels(warning_upper=36, critical_upper=72),
        quiet=True,
    ),
    CheckSpec(
        "database_lag",
        N_("Lag of a database replica"),
        N_("Below %(warning)s s; critical from %(critical)s s"),
        ("databases",),
        check_lag,
        "s",
        Levels(warning_upper=600, critical_upper=1800),
        quiet=True,
    ),
    # The archiver takes a file the moment it is full: half an hour is a stop that nobody has seen.
    CheckSpec(
        "database_archive",
        N_("Archiving of a database's log"),
        N_("No error; while files wait, one went less than %(warning)s s ago; critical from %(critical)s s"),
        ("databases",),
        check_archive,
        "s",
        Levels(warning_upper=1800, critical_upper=7200),
        quiet=True,
    ),
    # PostgreSQL keeps 1 GiB for itself (max_wal_size); what a slot holds back beyond grows until the disk is
    # full, as nothing bounds it unless somebody set max_slot_wal_keep_size.
    CheckSpec(
        "database_retained",
        N_("Log held back by a replication slot"),
        N_("Below %(warning)s GiB; critical from %(critical)s GiB"),
        ("databases",),
        parts(lambda server: server.retained_gib),
        "GiB",
        Levels(warning_upper=10, critical_upper=50),
        quiet=True,
    ),
)
