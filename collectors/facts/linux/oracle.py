"""Oracle databases on a host: what ``platforms.oracle_commands`` prints. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from collectors.errors import ParseError
from collectors.facts.database import Archive, Database, Space
from collectors.facts.linux.databases import number_of, servers_in
from collectors.messages import N_

_ERROR = re.compile(r"(?:ORA|SP2|TNS)-\d{4,5}")
_LAG = re.compile(r"\+(\d{2,9}) (\d{2}):(\d{2}):(\d{2})(?:\.\d+)?")
# What Oracle's numbers mean for whoever must act.
_WORDS = {
    "ORA-01017": N_(
        "ORA-01017: the database does not let the account in; it has no user identified externally."
    ),
    "ORA-01031": N_("ORA-01031: the account lacks a right; it needs SELECT_CATALOG_ROLE."),
    "ORA-01045": N_("ORA-01045: the user may not open a session; it needs CREATE SESSION."),
    "ORA-00942": N_("ORA-00942: the user does not see a view; it needs SELECT_CATALOG_ROLE."),
    "ORA-01034": N_("ORA-01034: the instance is not started."),
    "ORA-27101": N_("ORA-27101: the instance is not started, or ORACLE_HOME and ORACLE_SID do not fit it."),
    "ORA-01033": N_(
        "ORA-01033: the instance is starting or shutting down, or a standby that is only mounted."
    ),
    "ORA-01090": N_("ORA-01090: the database is being shut down."),
    "ORA-01507": N_("ORA-01507: no database is mounted."),
    "ORA-00257": N_("ORA-00257: the archive area is full; nobody but administrators may log in."),
    "ORA-00020": N_("ORA-00020: all processes are in use."),
    "ORA-00018": N_("ORA-00018: all sessions are in use."),
    "ORA-28000": N_("ORA-28000: the user is locked."),
    "ORA-28001": N_("ORA-28001: the user's password has expired."),
    "ORA-12541": N_("ORA-12541: no listener answers there."),
    "ORA-12514": N_("ORA-12514: the listener does not know this service."),
    "ORA-12547": N_("ORA-12547: the program and the server do not fit, or may not be run by this account."),
    "ORA-12162": N_("ORA-12162: ORACLE_SID names no instance."),
    "SP2-0000": N_(
        "The host has no sqlplus for this instance: it stands neither in /etc/oratab nor in the path."
    ),
    "SP2-0667": N_("SP2-0667: sqlplus does not find its messages; ORACLE_HOME is wrong or not readable."),
    "SP2-0750": N_("SP2-0750: sqlplus needs another ORACLE_HOME."),
}
# What a standby that is only mounted, or a release without containers, cannot be asked.
_EXPECTED = frozenset({("pluggable", "ORA-00942"), ("standby", "ORA-00942")})
_NOT_OPEN = "ORA-01219"


@dataclass(slots=True)
class _Told:
    """Rows of one instance by their letter, and errors by question, in order."""

    rows: dict[str, list[list[str]]] = field(default_factory=dict)
    errors: list[tuple[str, str, str]] = field(default_factory=list)  # question, number, line
    ended: bool = False


def parse_oracle(output: str) -> tuple[Database, ...]:
    """One or more rows a question: see ``oracle_commands``.

    Raises:
        ParseError: a row of another form.
    """
    return tuple(_database(name, number, _told(lines, number)) for name, number, lines in servers_in(output))


def words_of(error: str) -> str:
    """An error's number in words, else the line as it came."""
    found = _ERROR.search(error)
    return _WORDS.get(found[0], error.strip()[:200]) if found else error.strip()[:200]


def _told(lines: list[str], number: int) -> _Told:
    told, question = _Told(), ""
    for line in lines:
        text = line.strip()
        letter, bar, rest = text.partition("|")
        if bar and letter == "q":
            question, told.ended = rest, rest == "end"
        elif bar and letter in _COLUMNS:
            columns = rest.split("|")
            if len(columns) != _COLUMNS[letter]:
                raise ParseError(N_("expected %(count)s columns") % {"count": _COLUMNS[letter]}, number)
            told.rows.setdefault(letter, []).append(columns)
        elif error := _ERROR.match(text):
            told.errors.append((question, error[0], text))
    return told


_COLUMNS = {"i": 4, "d": 3, "l": 3, "t": 2, "f": 1, "b": 2, "a": 4, "s": 2, "h": 3}


def _database(name: str, number: int, told: _Told) -> Database:
    if "i" not in told.rows:
        first = told.errors[0][2] if told.errors else ""
        return Database("Oracle", name, refused=words_of(first) if first else N_("It told nothing."))
    _instance, version, status, archiver = told.rows["i"][0]
    role = told.rows["d"][0][2] if "d" in told.rows else ""
    limits = {row[0]: row for row in told.rows.get("l", [])}
    sessions, processes = (_limit(limits.get(word), number) for word in ("sessions", "processes"))
    age, last = _backup(told, number)
    lags = [lag for _name, value in told.rows.get("s", []) if (lag := _seconds(value)) is not None]
    return Database(
        "Oracle",
        name,
        version=version[:60],
        connections=sessions[0],
        max_connections=sessions[1],
        processes=processes[0],
        max_processes=processes[1],
        lag_s=max(lags) if lags and "STANDBY" in role else None,
        spaces=_spaces(told, number),
        backup_age_h=age,
        backup_last=last,
        archives=_archives(told),
        broken=_broken(told, status, archiver, role),
        withheld=_withheld(told, status),
    )


def _limit(row: list[str] | None, number: int) -> tuple[int | None, int | None]:
    """In use, and the limit; None for one that is unlimited."""
    if row is None:
        return None, None
    limit = None if row[2].upper() == "UNLIMITED" else int(number_of(row[2], number))
    return int(number_of(row[1], number)), limit


def _backup(told: _Told, number: int) -> tuple[float | None, str]:
    """Hours since the last that was completed, and how the last one went; "-" when there was none."""
    if "b" not in told.rows:
        return None, ""
    age, last = told.rows["b"][0]
    return (None if age == "-" else number_of(age, number)), last[:60]


def _spaces(told: _Told, number: int) -> tuple[Space, ...]:
    found = [Space("tablespace", row[0][:120], number_of(row[1], number)) for row in told.rows.get("t", [])]
    found += [Space("recovery area", "", number_of(row[0], number)) for row in told.rows.get("f", [])]
    found += [
        Space("ASM", row[0][:120], number_of(row[3], number)) for row in told.rows.get("a", []) if row[3]
    ]
    return tuple(found)


def _archives(told: _Told) -> tuple[Archive, ...]:
    """Destinations in use; whatever is neither valid nor unknown takes no files."""
    return tuple(
        Archive(row[0][:60], "" if row[1] in ("VALID", "UNKNOWN") else f"{row[1]} {row[2]}"[:200])
        for row in told.rows.get("h", [])
    )


def _seconds(text: str) -> float | None:
    match = _LAG.fullmatch(text.strip())
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part) for part in match.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def _broken(told: _Told, status: str, archiver: str, role: str) -> str:
    found = []
    if status != "OPEN" and "STANDBY" not in role:
        found.append(f"instance {status}")
    if archiver == "FAILED":
        found.append("archiver FAILED")
    for name, state, offline, _used in told.rows.get("a", []):
        if state not in ("MOUNTED", "CONNECTED"):
            found.append(f"ASM {name} {state}")
        elif offline not in ("", "0"):
            found.append(f"ASM {name}: {offline} disks offline")
    return ", ".join(found)[:200]


def _withheld(told: _Told, status: str) -> str:
    """The first error of a question that ought to have had an answer."""
    if not told.ended:
        return N_("The answer ended before it was complete.")
    for question, code, line in told.errors:
        if (question, code) in _EXPECTED or (code == _NOT_OPEN and status != "OPEN"):
            continue
        return words_of(line)
    return ""
