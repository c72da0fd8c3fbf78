"""What the words mean that programs of RAID controllers print for states."""

from __future__ import annotations

import re
from collections.abc import Mapping

from collectors.outcome import Outcome

# A word as the program prints it, in lower case: its long form where it is short, and what it means.
States = Mapping[str, tuple[str, Outcome]]


def _states(ok: str = "", warning: str = "", critical: str = "") -> States:
    """One word a line; ``short = long form`` where the program shortens it."""
    found: dict[str, tuple[str, Outcome]] = {}
    for outcome, lines in (
        (Outcome.OK, ok),
        (Outcome.WARNING, warning),
        (Outcome.CRITICAL, critical),
    ):
        for line in filter(None, map(str.strip, lines.splitlines())):
            short, _, long = line.partition(" = ")
            found[short.lower()] = (long, outcome)
    return found


# StorCLI's legends below its tables, and the long forms that some versions print instead.
MEGARAID_ARRAYS = _states(
    """
    Optl = Optimal
    Optimal
    Cac = CacheCade
    """,
    """
    Rec = Recovery
    Recovery
    """,
    """
    Dgrd = Degraded
    Degraded
    Pdgd = Partially Degraded
    Partially Degraded
    OfLn = Offline
    Offline
    Blkd = Blocked
    """,
)
MEGARAID_DISKS = _states(
    """
    Onln = Online
    Online
    Hotspare
    Unconfigured(good)
    Conf = Configured
    UGood = Unconfigured Good
    UConf = Unconfigured
    JBOD
    GHS = Global Hot Spare
    DHS = Dedicated Hot Spare
    """,
    """
    Rbld = Rebuild
    Rebuild
    Copyback
    Cpybck = Copyback
    Sntze = Sanitize
    UGUnsp = Unconfigured Good Unsupported
    UGShld = Unconfigured Good Shielded
    HSPShld = Hot Spare Shielded
    CFShld = Configured Shielded
    CBShld = Copyback Shielded
    UConfUnsp = Unconfigured Unsupported
    UConfShld = Unconfigured Shielded
    ConfShld = Configured Shielded
    Shld = JBOD Shielded
    GHSShld = Global Hot Spare Shielded
    DHSShld = Dedicated Hot Spare Shielded
    UConfSntz = Unconfigured Sanitize
    ConfSntz = Configured Sanitize
    JBODSntz = JBOD Sanitize
    GHSSntz = Global Hot Spare Sanitize
    DHSSntz = Dedicated Hot Spare Sanitize
    UConfDgrd = Unconfigured Degraded
    ConfDgrd = Configured Degraded
    JBODDgrd = JBOD Degraded
    GHSDgrd = Global Hot Spare Degraded
    DHSDgrd = Dedicated Hot Spare Degraded
    """,
    """
    UBad = Unconfigured Bad
    Unconfigured(bad)
    UBUnsp = Unconfigured Bad Unsupported
    Offln = Offline
    Offline
    Failed
    Msng = Missing
    Missing
    Unusbl = Unusable
    """,
)
# StorCLI 2 tells a drive's use (the words above) and its health apart.
MEGARAID_HEALTH = _states(
    """
    Online
    Good
    """,
    """
    Rebuild
    Copyback
    Various
    Unknown
    """,
    """
    Bad
    Failed
    Offline
    Missing
    Replace
    Unusable
    """,
)
MEGARAID_CONTROLLERS = _states(
    """
    Optimal
    OK
    Opt = Optimal
    """,
    """
    Needs Attention
    Need Attention
    NdAtn = Needs Attention
    Degraded
    Dgd = Degraded
    Unknown
    """,
    """
    Failed
    Safe Mode
    """,
)
# A battery that charges or learns is well, though the controller calls it degraded meanwhile.
MEGARAID_BATTERIES = _states(
    """
    Optimal
    Opt = Optimal
    Operational
    Charging
    Learning
    Learn cycle active = Learning
    Degraded(Charging)
    Degraded(Learning)
    Dgd(Charging)
    Dgd(Learning)
    """,
    """
    Degraded
    Dgd = Degraded
    Dgrd = Degraded
    Degraded(Needs Attention)
    Dgd(Needs Attention)
    Needs Attention
    Need Attention
    NdAtn = Needs Attention
    Unavailable
    Discharging
    Missing
    Msng = Missing
    Unknown
    """,
    """
    Failed
    Fail = Failed
    Non Operational
    Critical
    Replace
    """,
)

# HPE's names of the states of cpqDaLogDrvStatus and cpqDaPhyDrvStatus, as its program prints them.
SMART_ARRAY_ARRAYS = _states(
    """
    OK
    """,
    """
    Recovering
    Rebuilding
    Expanding
    Transforming
    Migrating
    Queued for Expansion
    Queued for Transformation
    Multi-path Access Degraded
    Erasing
    Erase in Progress
    Predictive Spare Rebuild Ready
    Predictive Spare Rebuilding
    Rapid Parity Initialization in Progress
    Rapid Parity Initialization Pending
    Background Parity Initialization in Progress
    Not Configured
    Unconfigured
    """,
    """
    Failed
    Interim Recovery Mode
    Ready for Recovery
    Waiting for Recovery
    Waiting for Rebuild
    Queued for Rebuild
    Ready for Rebuild
    Ready Rebuild
    Wrong Drive
    Wrong Physical Drive Replaced
    Bad Connect
    Physical Drive Not Properly Connected
    Overheating
    Overheated
    Shutdown
    Not Available
    Not Yet Available
    Ejected
    Offline
    Degraded
    """,
)
SMART_ARRAY_DISKS = _states(
    """
    OK
    """,
    """
    Rebuilding
    Erase in Progress
    Erase Queued
    Erase Complete
    Not Authenticated
    Unsupported
    Not Supported
    """,
    """
    Failed
    Predictive Failure
    SSD Wear Out
    Offline
    Missing
    Erase Failed
    """,
)
SMART_ARRAY_PARTS = _states(
    """
    OK
    Not Configured
    Recharging
    Charging
    Redundant
    Not Redundant
    """,
    """
    Temporarily Disabled
    Degraded
    Warning
    Not Present
    Not Fully Charged
    Unknown
    """,
    """
    Permanently Disabled
    Failed
    Lockup
    """,
)
FOREIGN = "Foreign configuration"

# The long forms, for the catalogue of translations.
STATE_WORDS = frozenset(
    long or short
    for states in (
        MEGARAID_ARRAYS,
        MEGARAID_DISKS,
        MEGARAID_HEALTH,
        MEGARAID_CONTROLLERS,
        MEGARAID_BATTERIES,
        SMART_ARRAY_ARRAYS,
        SMART_ARRAY_DISKS,
        SMART_ARRAY_PARTS,
    )
    for short, (long, _outcome) in states.items()
    if "(" not in short
) | {FOREIGN}


def meaning(word: str, states: States) -> tuple[str, Outcome]:
    """The word as it is shown, ``Degraded (Dgrd)``, and what it means; UNSUPPORTED when no map knows it.

    What follows a word (``Recovering, 26% complete``; ``Failed (Replace Batteries)``) may explain a fault,
    but a good word with something behind it is not taken for good.
    """
    text = " ".join(word.split())
    key = re.sub(r" ?\( ?", "(", text.lower())
    long, outcome = states.get(key, ("", Outcome.UNSUPPORTED))
    if outcome is Outcome.UNSUPPORTED:
        head = re.split(r"[(,]", key, maxsplit=1)[0].strip()
        _long, worse = states.get(head, ("", Outcome.OK))
        outcome = worse if worse is not Outcome.OK else outcome
    return (f"{long} ({text})" if long and long != text else text), outcome
