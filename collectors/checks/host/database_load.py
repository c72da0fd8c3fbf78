"""What wears on databases: connections that break off, memory between the data, replicas that fall back."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.checks.host.database_copies import parts
from collectors.checks.host.databases import servers_of, upper
from collectors.checks.spec import WITHIN_LIMITS, CheckSpec, Context
from collectors.messages import N_
from collectors.model import Finding, Levels
from collectors.outcome import Outcome


def check_fragmentation(context: Context) -> Iterator[Finding]:
    """Memory that is lost between the data, and data that is not in memory."""
    for server in servers_of(context):
        if server.swapped_mib is not None:
            template = N_("%(size)s MiB of its memory are in swap")
            size = {"size": server.swapped_mib}
            yield context.state(server.item, Outcome.WARNING, template, size, evidence=server.evidence)
        elif server.fragmentation is not None:
            yield context.judge_upper(server.item, server.fragmentation, evidence=server.evidence)


CHECKS: tuple[CheckSpec, ...] = (
    # Counters since the start: judged by share. Tuning guides complain from 1 to 3 %, which on a quiet server
    # are a few mistyped passwords; one in ten is a client or a probe that does something wrong all the time.
    CheckSpec(
        "database_aborted",
        N_("Connections of a database that failed or broke off"),
        N_("Below %(warning)s %% of all since its start"),
        ("databases",),
        parts(lambda server: server.aborted_percent),
        "%",
        Levels(warning_upper=10),
        quiet=True,
    ),
    # Redis drops a replica that is 64 MiB behind for a minute, and one that is 256 MiB behind at once
    # (client-output-buffer-limit): it begins from nothing then.
    CheckSpec(
        "database_behind",
        N_("What a replica has not taken in yet"),
        N_("Below %(warning)s MiB; critical from %(critical)s MiB"),
        ("databases",),
        parts(lambda server: server.behind_mib),
        "MiB",
        Levels(warning_upper=64, critical_upper=256),
        quiet=True,
    ),
    CheckSpec(
        "database_fragmentation",
        N_("Fragmented memory of a database in memory"),
        N_("Memory of the process below %(warning)s times that of the data, and none in swap"),
        ("databases",),
        check_fragmentation,
        "",
        Levels(warning_upper=1.5),
        quiet=True,
    ),
    # Of these it depends on the application what is normal: recorded until somebody sets a level.
    CheckSpec(
        "database_slow_share",
        N_("Share of slow statements"),
        WITHIN_LIMITS,
        ("databases",),
        upper(lambda server: server.slow_percent),
        "%",
        quiet=True,
    ),
    CheckSpec(
        "database_evicted",
        N_("Keys that were evicted"),
        WITHIN_LIMITS,
        ("databases",),
        upper(lambda server: server.evicted),
        quiet=True,
    ),
)
