"""ZFS pools of a Linux host, as ``zpool status`` tells them. Pure parser."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from collectors.errors import ParseError
from collectors.facts.host import RaidArray
from collectors.messages import N_
from collectors.outcome import Outcome

# zpoolconcepts(7), "Device Failure and Recovery"; a pool's own state and those of its devices
_STATES = {
    "ONLINE": Outcome.OK,
    "DEGRADED": Outcome.CRITICAL,
    "FAULTED": Outcome.CRITICAL,
    "OFFLINE": Outcome.CRITICAL,
    "REMOVED": Outcome.CRITICAL,
    "UNAVAIL": Outcome.CRITICAL,
    "SUSPENDED": Outcome.CRITICAL,
}
_PARTS = frozenset({"logs", "cache", "spares", "special", "dedup"})  # headings within the table
_FIELD = re.compile(
    r" {0,12}(pool|state|status|action|see|scan|scrub|remove|checkpoint|config|errors): ?(.*)\Z"
)
_ROW = re.compile(
    r"(?P<name>\S+)\s+(?P<state>[A-Z]+)(?:\s+(?P<counts>[\d.]+[KMGT]?(?:\s+[\d.]+[KMGT]?){2}))?(?:\s|\Z)"
)
_NO_ERRORS = "No known data errors"


def parse_zpool(output: str) -> tuple[RaidArray, ...]:
    """One array a pool: its members are the devices at the ends of the tree, caches and spares left out.

    Data that is lost, and devices that count errors while the pool is online, are in the state's words.
    Raises:
        ParseError: a pool without its state.
    Source: zpool-status(8).
    """
    return tuple(_pool(fields, number) for fields, number in _pools(output))


def _pools(output: str) -> Iterator[tuple[dict[str, list[str]], int]]:
    """The fields of each pool, each with its lines, and the number of its first line."""
    fields: dict[str, list[str]] = {}
    begin, current = 0, ""
    for number, line in enumerate(output.splitlines(), 1):
        match = _FIELD.match(line)
        if match is not None and match[1] == "pool":
            if fields:
                yield fields, begin
            fields, begin = {}, number
        if match is not None and (fields or match[1] == "pool"):
            current = match[1]
            fields[current] = [match[2]]
        elif fields and line.strip():
            fields[current].append(line)
    if fields:
        yield fields, begin


def _pool(fields: dict[str, list[str]], number: int) -> RaidArray:
    state = fields.get("state", [""])[0].strip()
    if not state:
        raise ParseError(N_("expected a pool and its state"), number)
    outcome = _STATES.get(state, Outcome.UNSUPPORTED)
    members, words = _members(fields.get("config", [])), [state]
    errors = fields.get("errors", [""])[0].strip()
    if errors and errors != _NO_ERRORS:
        words.append(errors)
        outcome = Outcome.CRITICAL
    counting = [name for name, word, counts in members if word == "ONLINE" and set(counts.split()) - {"0"}]
    if counting:
        words.append(f"errors: {', '.join(counting)}"[:200])
        outcome = Outcome.WARNING if outcome is Outcome.OK else outcome
    failed = tuple(f"{name} {word}" for name, word, _ in members if word != "ONLINE")
    scan = next((fields[name][0].strip() for name in ("scan", "scrub") if name in fields), "")
    return RaidArray(
        name=fields["pool"][0].strip(),
        level="zfs",
        state="; ".join(words),
        active=len(members) - len(failed),
        expected=len(members),
        failed=failed,
        recovery=scan if scan.startswith("resilver in progress") else "",
        outcome=outcome,
    )


def _members(lines: Sequence[str]) -> list[tuple[str, str, str]]:
    """Name, state and counts of errors of each device that has none below it."""
    texts = [line.expandtabs().rstrip() for line in lines]
    depths = [len(text) - len(text.lstrip()) for text in texts]
    found, part = [], ""
    for at, text in enumerate(texts):
        match = _ROW.match(text.strip())
        if text.strip() in _PARTS:
            part = text.strip()
        elif match is None or match["state"] not in _STATES or part in ("cache", "spares"):
            continue
        elif at + 1 == len(texts) or depths[at + 1] <= depths[at]:
            found.append((match["name"], match["state"], match["counts"] or ""))
    return found
