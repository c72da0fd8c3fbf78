"""The sections in their order, each with its gatherer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from servicedesk.reports.deep.content import Content, Section
from servicedesk.reports.deep.gathering import (
    capacity,
    comparison,
    configurations,
    faults,
    health,
    plan,
    ports,
    reliance,
    repairs,
    repeats,
    scope,
    upkeep,
    verdicts,
    versions,
)
from servicedesk.reports.deep.gathering.ground import Ground

Gather = Callable[[Ground], Content]
_GATHERERS: tuple[tuple[Section, Gather], ...] = (
    (scope.SCOPE, scope.gather_scope),
    (plan.LAST_PLAN, plan.gather_last_plan),
    (scope.COVERAGE, scope.gather_coverage),
    (health.HEALTH, health.gather_health),
    (capacity.CAPACITY_SECTION, capacity.gather_capacity),
    (ports.PORTS, ports.gather_ports),
    (verdicts.HARDWARE, verdicts.gather_hardware),
    (versions.VERSIONS, versions.gather_versions),
    (verdicts.SECURITY, verdicts.gather_security),
    (configurations.CONFIGURATIONS, configurations.gather_configurations),
    (faults.FAULTS, faults.gather_faults),
    (faults.SERVICE, faults.gather_service),
    (repeats.REPEATS, repeats.gather_repeats),
    (upkeep.UPKEEP, upkeep.gather_upkeep),
    (repairs.REPAIRS, repairs.gather_repairs),
    (versions.SUPPORT, versions.gather_support),
    (reliance.RELIANCE, reliance.gather_reliance),
    (comparison.COMPARISON, comparison.gather_comparison),
)
# The chapter about systems is drawn from the others and stands after the overall health.
AFTER_HEALTH = 4
SECTIONS: tuple[Section, ...] = (
    *(section for section, _gather in _GATHERERS[:AFTER_HEALTH]),
    comparison.CLASSES,
    *(section for section, _gather in _GATHERERS[AFTER_HEALTH:]),
    plan.PLAN,  # after what it is proposed from; see ``improvement.chapter``
)
BY_KEY: Mapping[str, Section] = {section.key: section for section in SECTIONS}


def gather(ground: Ground) -> dict[str, Content]:
    """Everything but the plan, by section."""
    found = {section.key: read(ground) for section, read in _GATHERERS}
    found[comparison.CLASSES.key] = comparison.gather_classes(ground, found)
    return found
