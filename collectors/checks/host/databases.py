"""Databases that run on a host: whether they go on, room for connections and data, what slows them down."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from collectors.checks.spec import WITHIN_LIMITS, CheckSpec, Context
from collectors.facts.database import Database
from collectors.messages import N_
from collectors.model import Finding, Levels
from collectors.outcome import Outcome


def servers_of(context: Context) -> Iterator[Database]:
    """The databases that a visit found."""
    servers = context.fact("databases")
    for server in servers if isinstance(servers, tuple) else ():
        if isinstance(server, Database):
            yield server


def check_state(context: Context) -> Iterator[Finding]:
    """Whether it tells of itself, and whether replication and saving go on."""
    for server in servers_of(context):
        values = {"reason": server.refused or "–", "broken": server.broken, "version": server.version}
        if not server.version:
            outcome = Outcome.UNSUPPORTED
            template = N_("The database does not tell the inspecting account: %(reason)s")
        elif server.broken:
            outcome, template = Outcome.CRITICAL, N_("Stands still: %(broken)s")
        else:
            outcome, template = Outcome.OK, N_("Answers, version %(version)s")
        yield context.state(server.item, outcome, template, values, evidence=server.evidence)
        if server.withheld:
            reason = {"reason": server.withheld}
            template = N_("Not everything was told: %(reason)s")
            item = f"{server.item} statistics"
            yield context.state(item, Outcome.UNSUPPORTED, template, reason, evidence=server.evidence)


def check_spaces(context: Context) -> Iterator[Finding]:
    """Tablespaces by what they may grow to, the recovery area without what can be reclaimed, ASM."""
    for server in servers_of(context):
        for space in server.spaces:
            item = " ".join(filter(None, (server.item, space.kind, space.name)))
            yield context.judge_upper(item, space.used_percent, evidence=server.evidence)


def upper(read: Callable[[Database], float | None]) -> Callable[[Context], Iterator[Finding]]:
    """A check of one number of each database that tells it."""

    def check(context: Context) -> Iterator[Finding]:
        for server in servers_of(context):
            value = read(server)
            if value is not None:
                yield context.judge_upper(server.item, value, evidence=server.evidence)

    return check


def _used(server: Database) -> float | None:
    if server.connections is None or not server.max_connections:
        return None
    return round(100 * server.connections / server.max_connections, 1)


def _processes(server: Database) -> float | None:
    if server.processes is None or not server.max_processes:
        return None
    return round(100 * server.processes / server.max_processes, 1)


def check_cache_hits(context: Context) -> Iterator[Finding]:
    for server in servers_of(context):
        if server.hit_percent is not None:
            yield context.judge_lower(server.item, server.hit_percent, evidence=server.evidence)


CHECKS: tuple[CheckSpec, ...] = (
    CheckSpec(
        "database_state",
        N_("Database"),
        N_("Answers; replication and saving go on"),
        ("databases",),
        check_state,
    ),
    CheckSpec(
        "database_connections",
        N_("Database connections"),
        N_("Below %(warning)s %% of what is allowed; critical from %(critical)s %%"),
        ("databases",),
        upper(_used),
        "%",
        Levels(warning_upper=80, critical_upper=90),
        quiet=True,
    ),
    CheckSpec(
        "database_processes",
        N_("Database processes"),
        N_("Below %(warning)s %% of what is allowed; critical from %(critical)s %%"),
        ("databases",),
        upper(_processes),
        "%",
        Levels(warning_upper=80, critical_upper=90),
        quiet=True,
    ),
    CheckSpec(
        "database_space",
        N_("Room of a database"),
        N_("Below %(warning)s %% of what it may grow to; critical from %(critical)s %%"),
        ("databases",),
        check_spaces,
        "%",
        Levels(warning_upper=85, critical_upper=95),
        quiet=True,
    ),
    CheckSpec(
        "database_memory",
        N_("Memory of a database in memory"),
        N_("Below %(warning)s %% of its limit; critical from %(critical)s %%"),
        ("databases",),
        upper(lambda server: server.memory_percent),
        "%",
        Levels(warning_upper=80, critical_upper=90),
        quiet=True,
    ),
    CheckSpec(
        "database_frozen",
        N_("Transactions since the last freeze"),
        N_("Below %(warning)s %% of what stops the database; critical from %(critical)s %%"),
        ("databases",),
        upper(lambda server: server.frozen_percent),
        "%",
        Levels(warning_upper=40, critical_upper=70),
        quiet=True,
    ),
    # What is normal here depends on the application: recorded, and judged once somebody sets a level.
    CheckSpec(
        "database_slow",
        N_("Statements that run for over five minutes"),
        WITHIN_LIMITS,
        ("databases",),
        upper(lambda server: server.slow),
        quiet=True,
    ),
    CheckSpec(
        "database_cache",
        N_("Hits of a database's cache"),
        WITHIN_LIMITS,
        ("databases",),
        check_cache_hits,
        "%",
        quiet=True,
    ),
)
