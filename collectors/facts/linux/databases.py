"""Databases on a host: what ``platforms.database_commands`` prints. Pure parsers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from collectors.errors import ParseError
from collectors.facts.database import Database
from collectors.messages import N_

_REFUSED = 200


def servers_in(output: str) -> Iterator[tuple[str, int, list[str]]]:
    """Name, number of its line and the lines of each server."""
    name, begin, lines = "", 0, list[str]()
    for number, line in enumerate(output.splitlines(), 1):
        if line.startswith("server: "):
            if name:
                yield name, begin, lines
            name, begin, lines = line.removeprefix("server: ").strip()[:60], number, []
        elif line.strip():
            if not name:
                raise ParseError(N_("expected a server"), number)
            lines.append(line)
    if name:
        yield name, begin, lines


def parse_mysql(output: str) -> tuple[Database, ...]:
    """Rows of name and value, and those of ``show slave status`` as "name: value".

    Raises:
        ParseError: a number that is none.
    """
    found = []
    for name, number, lines in servers_in(output):
        values: dict[str, str] = {}
        for line in lines:
            key, tab, value = line.partition("\t")
            if not tab:
                key, _colon, value = line.partition(":")
            values.setdefault(key.strip().lower(), value.strip())
        if "version" not in values:
            found.append(Database("MySQL", name, refused=words_in(lines)))
            continue
        asked, missed = (
            optional(values.get(f"innodb_buffer_pool_{word}"), number) for word in ("read_requests", "reads")
        )
        stopped = [key for key, value in values.items() if key.endswith("_running") and value.lower() == "no"]
        found.append(
            Database(
                "MySQL",
                name,
                version=values["version"][:60],
                connections=whole(values.get("threads_connected"), number),
                max_connections=whole(values.get("max_connections"), number),
                hit_percent=round(100 * (1 - missed / asked), 2) if asked and missed is not None else None,
                lag_s=_lag(values, number),
                broken=", ".join(sorted(stopped)),
            )
        )
    return tuple(found)


def _lag(values: dict[str, str], number: int) -> float | None:
    text = values.get("seconds_behind_master", "NULL")
    return None if text.upper() == "NULL" else number_of(text, number)


def parse_redis(output: str) -> tuple[Database, ...]:
    """Lines of INFO, "name:value".

    Raises:
        ParseError: a number that is none.
    """
    found = []
    for name, number, lines in servers_in(output):
        values = dict(line.strip().partition(":")[::2] for line in lines)
        if "redis_version" not in values:
            found.append(Database("Redis", name, refused=words_in(lines)))
            continue
        used, limit = (optional(values.get(key), number) for key in ("used_memory", "maxmemory"))
        broken = [
            key
            for key, good in (
                ("rdb_last_bgsave_status", "ok"),
                ("aof_last_write_status", "ok"),
                ("master_link_status", "up"),
            )
            if values.get(key, good) != good
        ]
        replica = values.get("role") == "slave"
        lag = optional(values.get("master_last_io_seconds_ago"), number) if replica else None
        found.append(
            Database(
                "Redis",
                name,
                version=values["redis_version"][:60],
                connections=whole(values.get("connected_clients"), number),
                max_connections=whole(values.get("maxclients"), number),
                lag_s=lag if lag is not None and lag >= 0 else None,
                memory_percent=round(100 * used / limit, 1) if used is not None and limit else None,
                broken=", ".join(broken),
            )
        )
    return tuple(found)


def words_in(lines: list[str]) -> str:
    """What a server said instead of an answer."""
    return (lines[0].strip() if lines else "")[:_REFUSED]


def whole(text: str | None, number: int) -> int | None:
    """As ``optional``, without what is behind the point."""
    value = optional(text, number)
    return None if value is None else int(value)


def optional(text: str | None, number: int) -> float | None:
    """A number of a row that may be missing.

    Raises:
        ParseError: it is there and is none.
    """
    return None if text is None or text == "" else number_of(text, number)


def number_of(text: str, number: int) -> float:
    """A number of a row; ``number`` is that of its line.

    Raises:
        ParseError: it is none.
    """
    if not re.fullmatch(r"-?\d{1,18}(\.\d{1,6})?", text.strip(), re.ASCII):
        raise ParseError(N_("expected a number"), number)
    return float(text)
