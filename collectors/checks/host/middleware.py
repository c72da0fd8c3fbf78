"""Services that others depend on: do they run, have they memory left; and containers.

A service that does not start with the host may stand still on purpose, and so may a container that has
ended: neither is judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from collectors.checks.spec import WITHIN_LIMITS, CheckSpec, Context
from collectors.facts.host import Container, Service
from collectors.messages import N_
from collectors.model import Finding, Levels
from collectors.outcome import Outcome

_COMING = frozenset({"activating", "reloading", "refreshing"})


def _services(context: Context) -> Iterator[Service]:
    found = context.fact("services")
    for one in found if isinstance(found, tuple) else ():
        if isinstance(one, Service):
            yield one


def check_services(context: Context) -> Iterator[Finding]:
    """Every well-known service that starts with the host, or runs, or failed."""
    for one in _services(context):
        values = {"state": f"{one.active} ({one.sub})" if one.sub else one.active}
        if one.active == "active":
            outcome, template = Outcome.OK, N_("It is running: %(state)s")
        elif one.active in _COMING:
            outcome, template = Outcome.WARNING, N_("Is just starting: %(state)s")
        elif one.active == "failed" or one.enabled:
            outcome, template = Outcome.CRITICAL, N_("Does not run: %(state)s")
        else:
            continue
        yield context.state(one.name, outcome, template, values, evidence=one.evidence)


def check_service_memory(context: Context) -> Iterator[Finding]:
    """The share of its own limit that a service uses; without a limit there is nothing to judge."""
    for one in _services(context):
        if one.active == "active" and one.memory_bytes is not None and one.limit_bytes:
            share = round(100 * one.memory_bytes / one.limit_bytes, 1)
            yield context.judge_upper(one.name, share, evidence=one.evidence)


def check_containers(context: Context) -> Iterator[Finding]:
    """Containers that run, or should and cannot."""
    found = context.fact("containers")
    for one in found if isinstance(found, tuple) else ():
        if not isinstance(one, Container):
            continue
        values, state = {"status": one.status}, one.status.lower()
        if state.startswith(("restarting", "dead", "removal")):
            outcome, template = Outcome.CRITICAL, N_("Does not stay up: %(status)s")
        elif not state.startswith("up"):
            continue
        elif "(unhealthy)" in state:
            outcome, template = Outcome.CRITICAL, N_("Its own check fails: %(status)s")
        elif "(paused)" in state:
            outcome, template = Outcome.WARNING, N_("Is paused: %(status)s")
        else:
            outcome, template = Outcome.OK, N_("It is running: %(status)s")
        yield context.state(one.name, outcome, template, values, evidence=one.evidence)


CHECKS: tuple[CheckSpec, ...] = (
    CheckSpec(
        "service_state",
        N_("Services"),
        N_("Web servers, middleware and databases that start with the host run"),
        ("services",),
        check_services,
    ),
    CheckSpec(
        "service_memory",
        N_("Memory of services"),
        WITHIN_LIMITS,
        ("services",),
        check_service_memory,
        unit="%",
        levels=Levels(warning_upper=80, critical_upper=90),
        quiet=True,
    ),
    CheckSpec(
        "container_state",
        N_("Containers"),
        N_("Containers run, and their own checks pass"),
        ("containers",),
        check_containers,
    ),
)
