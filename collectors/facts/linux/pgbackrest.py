"""Backups that pgBackRest keeps: what ``database_commands.PGBACKREST`` prints. Pure.

Source: pgBackRest command reference, "info" (its JSON is kept stable), and the states of a stanza: 0 ok,
1 missing stanza path, 2 no valid backups, 3 missing stanza data, 4 and 5 repositories that differ, 99 other.
"""

from __future__ import annotations

import json

from collectors.errors import ParseError
from collectors.facts.database import Database
from collectors.facts.linux.databases import number_of, words_in
from collectors.messages import N_

_PRODUCT = "pgBackRest"
_NOT_READ = "[invalid]"  # its name of every stanza of a repository that it may not read
_NO_BACKUP = frozenset({1, 2, 3})
_DIFFER = frozenset({4, 5})


def parse_pgbackrest(output: str) -> tuple[Database, ...]:
    """ "now: seconds since 1970", then a JSON list of stanzas, else why there is none.

    Returns:
        one a stanza, its version that of PostgreSQL, its age that of the newest backup of any type: each can
        be restored as a whole.

    Raises:
        ParseError: of another form.
    """
    lines = [line for line in output.splitlines() if line.strip()]
    if not lines:
        return ()
    if not lines[0].startswith("now: "):
        raise ParseError(N_("expected a time"), 1)
    now = number_of(lines[0].removeprefix("now: "), 1)
    at = next((place for place, line in enumerate(lines) if line.startswith("[")), 0)
    if not at:
        return (Database(_PRODUCT, "", refused=words_in(lines[1:])),)
    try:
        found = json.JSONDecoder().raw_decode("\n".join(lines[at:]))[0]
        return tuple(_stanza(one, now) for one in found)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ParseError(N_("expected pgBackRest's list of stanzas"), at + 1) from error


def _stanza(told: dict[str, object], now: float) -> Database:
    name, status = str(told["name"])[:60].replace(_NOT_READ, ""), _object(told["status"])
    code, message = _whole(status["code"]), str(status["message"])[:100]
    backups = sorted(map(_object, _list(told.get("backup"))), key=_end)
    versions = [str(_object(one)["version"])[:20] for one in _list(told.get("db"))]
    if not versions or (code not in _NO_BACKUP | _DIFFER and code != 0 and not backups):
        known = message if code in _NO_BACKUP else ""
        return Database(_PRODUCT, name, refused=_reason(told, message), backup_last=known)
    broken = [message] if code in _DIFFER else []
    # Told from 2.36 on; pages whose checksum does not fit were copied all the same.
    if backups and backups[-1].get("error") is True:
        broken.append(f"{str(backups[-1]['label'])[:60]}: page checksum error")
    return Database(
        _PRODUCT,
        name,
        version=versions[-1],
        backup_age_h=round(max(0.0, now - _end(backups[-1])) / 3600, 2) if backups else None,
        backup_last="" if backups else message,
        broken=", ".join(broken),
    )


def _reason(told: dict[str, object], message: str) -> str:
    """What a repository says of itself is more than "other"."""
    for repository in map(_object, _list(told.get("repo"))):
        said = str(_object(repository.get("status", {})).get("message", "")).strip()
        if said and said != "ok":
            return said.splitlines()[0][:200]
    return message


def _end(backup: dict[str, object]) -> int:
    return _whole(_object(backup["timestamp"])["stop"])


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError
    return value


def _list(value: object) -> list[object]:
    if value is not None and not isinstance(value, list):
        raise TypeError
    return value or []


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError
    return value
