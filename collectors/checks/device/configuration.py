"""The configuration of network gear: was it backed up, does it and the device's identity fit the record?

Whether something differs from the record is known where the record is: all but the first are judged by
whoever keeps it, under these names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from collectors.checks.spec import CheckSpec, Context
from collectors.configuration import Configuration
from collectors.messages import N_
from collectors.model import Finding
from collectors.outcome import Outcome

CONFIGURATION_CHANGE, IDENTITY_DRIFT = "configuration_change", "identity_drift"
MODULE_DRIFT, INTERFACE_DRIFT, NEIGHBOUR_DRIFT = "module_drift", "interface_drift", "neighbour_drift"
# Judged where the record is, never from a transcript alone.
AGAINST_THE_RECORD = frozenset(
    {CONFIGURATION_CHANGE, IDENTITY_DRIFT, MODULE_DRIFT, INTERFACE_DRIFT, NEIGHBOUR_DRIFT}
)


def check_backup(context: Context) -> Iterator[Finding]:
    """A whole configuration came with this visit and is kept."""
    found = context.fact("configuration")
    if isinstance(found, Configuration):
        values = {"lines": found.lines}
        yield context.state("", Outcome.OK, N_("Backed up: %(lines)s lines"), values, evidence=found.evidence)


def _elsewhere(_context: Context) -> Iterable[Finding]:
    return ()


CHECKS: tuple[CheckSpec, ...] = (
    CheckSpec(
        "configuration_backup",
        N_("Configuration backup"),
        N_("The whole configuration was read and is kept"),
        ("configuration",),
        check_backup,
    ),
    CheckSpec(
        CONFIGURATION_CHANGE,
        N_("Unregistered change of the configuration"),
        N_("The configuration changes within approved changes alone"),
        ("configuration",),
        _elsewhere,
        quiet=True,
    ),
    CheckSpec(
        IDENTITY_DRIFT,
        N_("Identity differs from the record"),
        N_("Model, serial number and software are as recorded"),
        ("identity",),
        _elsewhere,
        quiet=True,
    ),
    CheckSpec(
        MODULE_DRIFT,
        N_("Unregistered change of the hardware"),
        N_("Modules, power supplies, fans, disks and transceivers are those that were accepted"),
        ("inventory",),
        _elsewhere,
        quiet=True,
    ),
    CheckSpec(
        INTERFACE_DRIFT,
        N_("Unregistered change of the interfaces"),
        N_("Interfaces, whether they are enabled, and their descriptions are as accepted"),
        ("interfaces",),
        _elsewhere,
        quiet=True,
    ),
    CheckSpec(
        NEIGHBOUR_DRIFT,
        N_("Unregistered change of the neighbours"),
        N_("At the far end of each cable is the device that was accepted"),
        ("neighbours",),
        _elsewhere,
        quiet=True,
    ),
)
