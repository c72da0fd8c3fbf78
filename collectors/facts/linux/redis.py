"""Redis, Valkey and KeyDB servers on a host: what ``database_commands.REDIS`` prints. Pure.

Source: Redis documentation of INFO; redis.conf for ``active-defrag-ignore-bytes`` (100 MiB).
"""

from __future__ import annotations

from collectors.facts.database import Database, Part
from collectors.facts.linux.databases import optional, servers_in, whole, words_in

_MIB = 2**20
# Below this Redis itself does not care for fragmentation: the program's own few MiB are the greater part.
_WORTH_A_WORD = 100 * _MIB
_ENOUGH_CONNECTIONS = 100
_GOOD = (("rdb_last_bgsave_status", "ok"), ("aof_last_write_status", "ok"), ("master_link_status", "up"))
_Values = dict[str, str]


def parse_redis(output: str) -> tuple[Database, ...]:
    """Lines of INFO, "name:value", and the process's "VmSwap: kB".

    Raises:
        ParseError: a number that is none.
    """
    return tuple(_server(name, number, lines) for name, number, lines in servers_in(output))


def _server(name: str, number: int, lines: list[str]) -> Database:
    values = dict(line.strip().partition(":")[::2] for line in lines)
    product = _product(values)
    version = values.get("valkey_version") or values.get("redis_version", "")
    if not version:
        return Database(product, name, refused=words_in(lines))
    used, limit, resident = (
        optional(values.get(key), number) for key in ("used_memory", "maxmemory", "used_memory_rss")
    )
    if values.get("maxmemory_policy", "").startswith("allkeys-"):
        limit = None  # a cache that makes room among all keys is full by intention
    return Database(
        product,
        name,
        version=version[:60],
        connections=whole(values.get("connected_clients"), number),
        max_connections=whole(values.get("maxclients"), number),
        memory_percent=round(100 * used / limit, 1) if used is not None and limit else None,
        fragmentation=_fragmentation(used, resident),
        swapped_mib=_swapped(values, used, resident, number),
        evicted=whole(values.get("evicted_keys"), number),
        aborted_percent=_rejected(values, number),
        behind_mib=_behind(values, number),
        broken=", ".join(key for key, good in _GOOD if values.get(key, good) != good),
    )


def _product(values: _Values) -> str:
    if "valkey_version" in values or values.get("server_name") == "valkey":
        return "Valkey"
    return "KeyDB" if values.get("executable", "").rpartition("/")[2].startswith("keydb") else "Redis"


def _fragmentation(used: float | None, resident: float | None) -> float | None:
    """INFO's mem_fragmentation_ratio, where it says something."""
    if not used or resident is None or resident - used < _WORTH_A_WORD:
        return None
    return round(resident / used, 2)


def _swapped(values: _Values, used: float | None, resident: float | None, number: int) -> float | None:
    """Data is in swap where the process says so and less is in memory than was given out."""
    swap = optional(values.get("VmSwap", "").removesuffix("kB").strip(), number)
    if not swap or used is None or resident is None or used < _WORTH_A_WORD or resident >= used:
        return None
    return round(swap / 1024, 1)


def _rejected(values: _Values, number: int) -> tuple[Part, ...]:
    """Of those that came while the limit was reached; they are not among those that were received."""
    refused = optional(values.get("rejected_connections"), number)
    received = optional(values.get("total_connections_received"), number)
    if refused is None or received is None or refused + received < _ENOUGH_CONNECTIONS:
        return ()
    return (Part("rejected", round(100 * refused / (refused + received), 2)),)


def _behind(values: _Values, number: int) -> tuple[Part, ...]:
    """What a primary's replicas have not acknowledged; what a replica has received and not taken in."""
    if values.get("role") == "slave":
        read, done = (optional(values.get(f"slave{word}_repl_offset"), number) for word in ("_read", ""))
        told = [("received", read, done)]
    else:
        written = optional(values.get("master_repl_offset"), number)
        told = []
        for key, value in values.items():
            if not key.removeprefix("slave").isdigit():
                continue
            row = dict(one.partition("=")[::2] for one in value.split(","))
            if row.get("state") == "online":
                name = f"replica {row.get('ip', '')}:{row.get('port', '')}"[:80]
                told.append((name, written, optional(row.get("offset"), number)))
    return tuple(
        Part(name, round(max(0.0, ahead - behind) / _MIB, 3))
        for name, ahead, behind in told
        if ahead is not None and behind is not None
    )
