"""MySQL and MariaDB servers on a host: what ``database_commands.MYSQL`` prints. Pure.

Source: MySQL 8.4 Reference Manual, "Server Status Variables" and "SHOW REPLICA STATUS"; MariaDB's
documentation, "SHOW ALL SLAVES STATUS".
"""

from __future__ import annotations

from collectors.facts.database import Database, Part
from collectors.facts.linux.databases import number_of, optional, servers_in, whole, words_in

# Below so many, one mistyped password is a share that says nothing.
_ENOUGH_CONNECTIONS = 100


def parse_mysql(output: str) -> tuple[Database, ...]:
    """Rows of name and value, and those of the replication's status as "name: value", by old or new names.

    Raises:
        ParseError: a number that is none.
    """
    return tuple(_server(name, number, lines) for name, number, lines in servers_in(output))


def _server(name: str, number: int, lines: list[str]) -> Database:
    values, channels, errors = _told(lines)
    if "version" not in values:
        return Database("MySQL", name, refused=words_in(lines))
    asked, missed = (
        optional(values.get(f"innodb_buffer_pool_{word}"), number) for word in ("read_requests", "reads")
    )
    slow, statements = (optional(values.get(word), number) for word in ("slow_queries", "questions"))
    lags = [(_channel(one), lag) for one in channels if (lag := _lag(one, number)) is not None]
    return Database(
        "MySQL",
        name,
        version=values["version"][:60],
        connections=whole(values.get("threads_connected"), number),
        max_connections=whole(values.get("max_connections"), number),
        hit_percent=round(100 * (1 - missed / asked), 2) if asked and missed is not None else None,
        lag_s=next((lag for channel, lag in lags if not channel), None),
        lags=tuple(Part(f"channel {channel}", lag) for channel, lag in lags if channel),
        aborted_percent=_aborted(values, number),
        slow_percent=round(100 * slow / statements, 3) if statements and slow is not None else None,
        broken=", ".join(stopped for one in channels for stopped in _stopped(one))[:200],
        withheld=words_in(errors) if errors else "",
    )


def _told(lines: list[str]) -> tuple[dict[str, str], list[dict[str, str]], list[str]]:
    """Variables, one dictionary a channel (names in small letters), errors of the second question."""
    values: dict[str, str] = {}
    channels: list[dict[str, str]] = []
    errors = []
    for line in lines:
        key, tab, value = line.partition("\t")
        if tab:
            values.setdefault(key.strip().lower(), value.strip())
        elif line.startswith("ERROR"):
            errors.append(line)
        elif line.lstrip().startswith("*"):
            channels.append({})
        else:
            key, _colon, value = line.partition(":")
            key = key.strip().lower()
            if not channels or key in channels[-1]:
                channels.append({})
            channels[-1][key] = value.strip()
    return values, channels, errors


def _channel(row: dict[str, str]) -> str:
    return (row.get("channel_name") or row.get("connection_name") or "")[:60]


def _lag(row: dict[str, str], number: int) -> float | None:
    """Beyond a delay that is wanted; None while a thread stands still."""
    text = row.get("seconds_behind_source", row.get("seconds_behind_master", "NULL"))
    if text.upper() in ("NULL", ""):
        return None
    return max(0.0, number_of(text, number) - (optional(row.get("sql_delay"), number) or 0))


def _stopped(row: dict[str, str]) -> list[str]:
    """Threads that do not run, one that goes on connecting among them, with the number of the last error.

    Its text is left out: it may hold rows of the data.
    """
    found = []
    for key in sorted(row):
        if key.endswith(("_io_running", "_sql_running")) and row[key].lower() != "yes":
            error = row.get(f"last_{key.split('_')[1]}_errno", "0")
            words = f"{_channel(row)}: {key}" if _channel(row) else key
            found.append(f"{words} ({error[:10]})" if error != "0" else words)
    return found


def _aborted(values: dict[str, str], number: int) -> tuple[Part, ...]:
    connections = optional(values.get("connections"), number) or 0
    if connections < _ENOUGH_CONNECTIONS:
        return ()
    told = ((word, optional(values.get(f"aborted_{word}"), number)) for word in ("connects", "clients"))
    return tuple(Part(word, round(100 * count / connections, 2)) for word, count in told if count is not None)
