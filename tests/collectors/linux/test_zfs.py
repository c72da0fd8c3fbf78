"""ZFS pools: what ``zpool status`` says of them, and what is made of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.checks import judge
from collectors.errors import ParseError
from collectors.facts.linux import facts_from_linux
from collectors.facts.linux.zfs import parse_zpool
from collectors.model import DeviceFacts, Evidence, Exchange, Target
from collectors.outcome import Outcome
from collectors.platforms.linux_commands import BY_NAME

WELL = """\
  pool: backup
 state: ONLINE
  scan: scrub repaired 0B in 02:11:03 with 0 errors on Sun Nov  8 02:35:04 2026
config:

\tNAME                        STATE     READ WRITE CKSUM
\tbackup                      ONLINE       0     0     0
\t  raidz2-0                  ONLINE       0     0     0
\t    ata-DISK_1              ONLINE       0     0     0
\t    ata-DISK_2              ONLINE       0     0     0
\t    ata-DISK_3              ONLINE       0     0     0
\t    ata-DISK_4              ONLINE       0     0     0
\tlogs
\t  nvme0n1p1                 ONLINE       0     0     0
\tcache
\t  nvme0n1p2                 FAULTED      0     0     0  too many errors
\tspares
\t  ata-DISK_5                AVAIL

errors: No known data errors
"""
REPLACING = """\
  pool: tank
 state: DEGRADED
status: One or more devices is currently being resilvered.
\tThe pool will continue to function, possibly in a degraded state.
action: Wait for the resilver to complete.
  scan: resilver in progress since Thu Nov 26 10:00:00 2026
\t1.20T scanned at 1.1G/s, 410G issued at 380M/s, 2.10T total
\t98.2G resilvered, 19.5% done, 01:18:22 to go
config:

\tNAME               STATE     READ WRITE CKSUM
\ttank               DEGRADED     0     0     0
\t  mirror-0         DEGRADED     0     0     0
\t    replacing-0    DEGRADED     0     0     0
\t      sda/old      UNAVAIL      0     0     0  was /dev/sda1
\t      sdc          ONLINE       0     0     0  (resilvering)
\t    sdb            ONLINE       0     0 1.2K

errors: 3 data errors, use '-v' for a list
"""


def test_a_pool_that_is_well() -> None:
    (pool,) = parse_zpool(WELL)
    assert (pool.name, pool.level, pool.state, pool.outcome) == ("backup", "zfs", "ONLINE", Outcome.OK)
    assert (pool.active, pool.expected, pool.failed, pool.recovery) == (5, 5, (), "")


def test_a_disk_that_is_replaced_lost_data_and_counted_errors() -> None:
    (pool,) = parse_zpool(REPLACING)
    assert pool.outcome is Outcome.CRITICAL
    assert pool.state == "DEGRADED; 3 data errors, use '-v' for a list; errors: sdb"
    assert (pool.active, pool.expected, pool.failed) == (2, 3, ("sda/old UNAVAIL",))
    assert pool.recovery.startswith("resilver in progress")


def test_errors_of_a_disk_in_a_pool_that_goes_on() -> None:
    (pool,) = parse_zpool(
        WELL.replace("ata-DISK_3              ONLINE       0     0     0", "ata-DISK_3  ONLINE  0  0  7")
    )
    assert (pool.outcome, pool.state) == (Outcome.WARNING, "ONLINE; errors: ata-DISK_3")


def test_several_pools_none_and_a_state_that_is_new() -> None:
    two = parse_zpool(WELL + "\n" + REPLACING)
    assert [pool.name for pool in two] == ["backup", "tank"]
    assert parse_zpool("no pools available\n") == ()
    (new,) = parse_zpool(WELL.replace(" state: ONLINE", " state: SOMETHING"))
    assert (new.outcome, new.state) == (Outcome.UNSUPPORTED, "SOMETHING")
    with pytest.raises(ParseError):
        parse_zpool("  pool: tank\n")


def told(answer: Exchange) -> DeviceFacts:
    none = Exchange(
        "ssh", BY_NAME["mdstat"].command, b"", Outcome.NOT_APPLICABLE, "The host has no /proc/mdstat."
    )
    return facts_from_linux((none, answer))


def test_pools_are_arrays_of_the_host_and_judged_as_such() -> None:
    command = BY_NAME["zpool"].command
    facts = told(Exchange("ssh", command, (WELL + REPLACING).encode(), Outcome.OK, "", 0))
    found = {
        one.item: one
        for one in judge(facts, Target("1", "h", ()), datetime.now(UTC))
        if one.check == "raid_state"
    }
    assert {name: one.outcome for name, one in found.items()} == {
        "backup": Outcome.OK,
        "tank": Outcome.CRITICAL,
    }
    assert found["tank"].evidence == Evidence(1)
    assert [error for error in facts.errors if error.fact in ("raid", "smart")] == []


def test_a_pool_that_may_not_be_asked_is_said_of_arrays_alone() -> None:
    denied = Exchange(
        "ssh", BY_NAME["zpool"].command, b"", Outcome.OK, "", 1, b"Permission denied the ZFS utilities\n"
    )
    assert {error.fact for error in told(denied).errors if error.evidence.exchange == 1} == {"raid"}


@given(st.lists(st.sampled_from([*WELL.splitlines(), *REPLACING.splitlines(), "", "x", "\t\t"]), max_size=40))
def test_lines_in_any_order_are_read_or_refused(lines: list[str]) -> None:
    try:
        found = parse_zpool("\n".join(lines))
    except ParseError:
        return
    assert all(pool.name is not None and pool.active is not None for pool in found)
