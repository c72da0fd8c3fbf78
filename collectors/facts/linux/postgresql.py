"""PostgreSQL servers on a host: what ``database_commands.POSTGRESQL`` prints. Pure.

Source: PostgreSQL documentation, "The Cumulative Statistics System" (pg_stat_archiver, pg_stat_replication),
pg_replication_slots, and "Continuous Archiving" for the names of log files.
"""

from __future__ import annotations

import re

from collectors.errors import ParseError
from collectors.facts.database import Archive, Database, Part
from collectors.facts.linux.databases import number_of, servers_in, words_in
from collectors.messages import N_

_FROZEN = 2**31  # PostgreSQL stops before so many transactions without a vacuum
_GIB = 2**30
_LOG_FILE = re.compile(r"[0-9A-F]{8}([0-9A-F]{8})([0-9A-F]{8})")
# The one that is being written is none that waits, and one that has just been filled is on its way.
_FILES_ON_THEIR_WAY = 2
_COLUMNS = {"a": 7, "s": 4, "r": 5}
_Rows = dict[str, list[list[str]]]


def parse_postgresql(output: str) -> tuple[Database, ...]:
    """Rows of each server, their columns between bars.

    The first: version, limit of connections, connections, hits of the cache in percent, age of the oldest
    transaction, statements that run for over five minutes (-1: not told to this account), whether it is a
    replica, its lag (s). Then, as far as it was asked: "a", the archiver (mode, last file, its age (s), the
    last that failed, its age (s), bytes of the log that were ever written, bytes a file); "s", a slot (name,
    whether it is in use, bytes that it holds back, state); "r", a standby (name, address, state, lag (s),
    bytes that it is behind).

    Raises:
        ParseError: a row of another form.
    """
    return tuple(_server(name, number, lines) for name, number, lines in servers_in(output))


def _server(name: str, number: int, lines: list[str]) -> Database:
    row = lines[0].split("|") if lines else []
    if not row or not re.match(r"\d+(\.\d+)*", row[0]):
        return Database("PostgreSQL", name, refused=words_in(lines))
    if len(row) != 8 or row[6] not in ("t", "f"):
        raise ParseError(N_("expected eight columns"), number + 1)
    limit, used, hits, age, slow, lag = (number_of(row[at], number + 1) for at in (1, 2, 3, 4, 5, 7))
    replica = row[6] == "t"
    rows, errors = _rows(lines[1:], number + 2)
    lost = [f"slot {one[0]} lost"[:80] for one in rows["s"] if one[3] == "lost"]
    return Database(
        "PostgreSQL",
        name,
        version=row[0].split()[0],
        connections=int(used),
        max_connections=int(limit),
        hit_percent=hits if hits >= 0 else None,
        frozen_percent=round(100 * age / _FROZEN, 2),
        slow=int(slow) if slow >= 0 else None,
        lag_s=lag if replica and lag >= 0 else None,
        lags=_standbys(rows["r"], number),
        retained_gib=_slots(rows["s"], number),
        archives=_archives(rows["a"], number, replica=replica),
        broken=", ".join(lost)[:200],
        withheld=_withheld(slow, rows["r"], errors),
    )


def _rows(lines: list[str], number: int) -> tuple[_Rows, list[str]]:
    rows: _Rows = {letter: [] for letter in _COLUMNS}
    errors = []
    for at, line in enumerate(lines, number):
        letter, *columns = line.split("|")
        if letter in _COLUMNS:
            if len(columns) != _COLUMNS[letter]:
                raise ParseError(N_("expected %(count)s columns") % {"count": _COLUMNS[letter]}, at)
            rows[letter].append(columns)
        elif line.startswith("ERROR:"):
            errors.append(line)
    return rows, errors


def _archives(rows: list[list[str]], number: int, *, replica: bool) -> tuple[Archive, ...]:
    """A replica archives where it is told to always; else its figures are of the time when it was none."""
    modes = ("always",) if replica else ("always", "on")
    return tuple(_archive(row, number, replica=replica) for row in rows if row[0] in modes)


def _archive(row: list[str], number: int, *, replica: bool) -> Archive:
    _mode, last, last_age, failed, failed_age, written, size = row
    since, since_failed = number_of(last_age, number), number_of(failed_age, number)
    if failed and since_failed >= 0 and (since < 0 or since_failed < since):
        return Archive(error=failed[:80], age_s=since if since >= 0 else None)
    found = _LOG_FILE.match(last)
    if found is None or since < 0 or replica:
        return Archive()  # none yet, or nothing to compare it with
    end = int(found[1], 16) * 2**32 + (int(found[2], 16) + 1) * int(number_of(size, number))
    waits = number_of(written, number) - end >= _FILES_ON_THEIR_WAY * number_of(size, number)
    return Archive(age_s=since if waits else 0.0)


def _slots(rows: list[list[str]], number: int) -> tuple[Part, ...]:
    held = ((name, number_of(size, number)) for name, _used, size, _state in rows)
    return tuple(Part(f"slot {name}"[:80], round(size / _GIB, 3)) for name, size in held if size >= 0)


def _standbys(rows: list[list[str]], number: int) -> tuple[Part, ...]:
    """Those whose lag is known: none is measured while nothing is written, and nothing is behind then."""
    found = []
    for name, address, _state, lag, behind in rows:
        seconds = 0.0 if number_of(behind, number) == 0 else number_of(lag, number)
        if seconds >= 0:
            found.append(Part(" ".join(filter(None, ("standby", name, address)))[:120], seconds))
    return tuple(found)


def _withheld(slow: float, standbys: list[list[str]], errors: list[str]) -> str:
    if errors:
        return words_in(errors)
    if slow < 0 or any(not state for _name, _address, state, *_more in standbys):
        return N_("Sessions of others and standbys are told to members of pg_monitor alone.")
    return ""
