"""Platform definitions: what vendors' own MIBs hold, read from the TOML files beside this module.

The form is described in ``collectors/platforms/README.md``. Everything is checked when it is loaded:
a key that is not known is an error, so that a mistyped one is not passed over.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from importlib import resources
from typing import Any

from collectors.outcome import Outcome

StateMap = Mapping[str, tuple[str, Outcome, float | None]]


@dataclass(frozen=True, slots=True)
class Table:
    """A column of values, and what makes readings of them.

    ``value`` is a column's OID (a scalar is a column whose only index is 0). ``columns`` are further
    columns by the name under which templates use them; ``OID@{i1}`` joins by a template of the index
    instead of the whole index. ``names``: the first template is taken whose parts are all there.
    ``skip``/``require``: texts of a column with (without) which a row is left out; ``skip_all``: it is
    left out when every column has one of its texts.
    """

    value: str
    names: tuple[str, ...] = ("{index}",)
    columns: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""
    unit: str = ""
    scale: float = 1.0
    offset: float = 0.0
    convert: str = ""
    pattern: re.Pattern[str] | None = None
    fillers: frozenset[float] = frozenset()
    minimum: float | None = None
    maximum: float | None = None
    skip: Mapping[str, frozenset[str]] = field(default_factory=dict)
    require: Mapping[str, frozenset[str]] = field(default_factory=dict)
    skip_all: Mapping[str, frozenset[str]] = field(default_factory=dict)
    skip_name: re.Pattern[str] | None = None
    only_name: re.Pattern[str] | None = None
    indexes: re.Pattern[str] | None = None
    limits: Mapping[str, str] = field(default_factory=dict)
    limit_scale: float | None = None
    limit_convert: str | None = None
    kinds: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    kind_column: str = ""
    scale_column: str = ""
    thousands_below: str = ""  # a column: a value below its number is written in thousands
    enabled: str = ""  # a column of BITS: which of the limits are in force
    scales: Mapping[str, float] = field(default_factory=dict)
    entity: bool = False
    type: str = ""
    states: StateMap = field(default_factory=dict)
    absent: frozenset[str] = frozenset()
    total: str = ""
    used: str = ""
    free: str = ""
    percent: str = ""
    size_unit: float = 1.0
    size_column: str = ""
    storage_kind: str = ""
    only_if_none: bool = False
    unless: str = ""  # another OID that tells the same better
    several: str = ""  # a column with more than one row, without which this says nothing
    word: str = ""  # the column that has a state's word
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # a column's numbers in words


@dataclass(frozen=True, slots=True)
class Source:
    """Where an identity field is found: an OID, sysDescr, or a component of ENTITY-MIB.

    ``pattern``'s group 1 (or all groups put into ``template``) is the value. With ``then`` a match of
    ``pattern`` is the condition for looking with ``then`` into sysDescr. ``values``: what the text means.
    """

    oid: str = ""
    entity: str = ""  # model, serial, software, firmware, name or description
    pattern: re.Pattern[str] | None = None
    template: str = ""
    then: re.Pattern[str] | None = None
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Definition:
    """One platform, or an addition that any device may answer (``addition``)."""

    name: str
    vendor: str = ""
    object_ids: tuple[str, ...] = ()
    description: re.Pattern[str] | None = None
    present: tuple[str, ...] = ()
    refines: str = ""
    addition: bool = False
    on: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    roots: tuple[str, ...] = ()
    identity: Mapping[str, tuple[Source, ...]] = field(default_factory=dict)
    processors: tuple[Table, ...] = ()
    memory: tuple[Table, ...] = ()
    storage: tuple[Table, ...] = ()
    sensors: tuple[Table, ...] = ()
    licences: tuple[Table, ...] = ()
    signatures: tuple[Table, ...] = ()


_TABLE_KEYS = {one.name for one in fields(Table)}
_DEFINITION_KEYS = {one.name for one in fields(Definition)} | {"states"}
_LISTS = ("processors", "memory", "storage", "sensors", "licences", "signatures")


@cache
def definitions() -> Mapping[str, Definition]:
    """Every definition by its name."""
    found: dict[str, Definition] = {}
    folder = resources.files("collectors.platforms")
    for file in sorted(folder.iterdir(), key=lambda one: one.name):
        if not file.name.endswith(".toml"):
            continue
        document = tomllib.loads(file.read_text("utf-8"))
        maps = {name: state_map(raw) for name, raw in document.get("maps", {}).items()}
        for raw in document.get("platform", []):
            definition = _definition(raw, maps, file.name)
            if definition.name in found:
                raise ValueError(f"{file.name}: platform {definition.name} is defined twice")
            found[definition.name] = definition
    return found


def state_map(raw: Mapping[str, Any]) -> StateMap:
    """``{"2": ["on", "ok"]}`` with the outcomes' own words.

    A state that the device writes as a word may have a number as third part: its place in records.
    """
    return {
        key: (str(words[0]), Outcome(words[1]), float(words[2]) if len(words) > 2 else None)
        for key, words in raw.items()
    }


def _definition(raw: Mapping[str, Any], maps: Mapping[str, StateMap], where: str) -> Definition:
    where = f"{where}: {raw.get('name', 'a platform without name')}"
    _check_keys(raw, _DEFINITION_KEYS, where)
    lists: dict[str, Any] = {
        name: tuple(_table(one, maps, f"{where}: {name}") for one in raw.get(name, [])) for name in _LISTS
    }
    states = tuple(
        _table({"kind": "state", **one}, maps, f"{where}: states") for one in raw.get("states", [])
    )
    lists["sensors"] = (*lists["sensors"], *states)
    identity = {
        name: tuple(_source(one, where) for one in sources)
        for name, sources in raw.get("identity", {}).items()
    }
    tuples = {
        name: tuple(raw.get(name, ()))
        for name in ("object_ids", "present", "on", "includes", "without", "roots")
    }
    return Definition(
        name=raw["name"],
        vendor=raw.get("vendor", ""),
        description=_pattern(raw.get("description")),
        refines=raw.get("refines", ""),
        addition=raw.get("addition", False),
        identity=identity,
        **tuples,
        **lists,
    )


def _table(raw: Mapping[str, Any], maps: Mapping[str, StateMap], where: str) -> Table:
    _check_keys(raw, _TABLE_KEYS | {"map", "name"}, f"{where} {raw.get('value', '')}")
    values: dict[str, Any] = {key: value for key, value in raw.items() if key not in ("map", "name")}
    for key in ("pattern", "skip_name", "only_name", "indexes"):
        values[key] = _pattern(raw.get(key))
    for key in ("skip", "require", "skip_all"):
        values[key] = {name: _texts(texts, where) for name, texts in raw.get(key, {}).items()}
    values["fillers"] = frozenset(float(one) for one in raw.get("fillers", ()))
    values["absent"] = frozenset(map(str, raw.get("absent", ())))
    values["kinds"] = {
        number: (str(pair[0]), float(pair[1])) for number, pair in raw.get("kinds", {}).items()
    }
    if "name" in raw:
        names = raw["name"]
        values["names"] = (names,) if isinstance(names, str) else tuple(names)
    mapped = raw.get("map", {})
    values["states"] = maps[mapped] if isinstance(mapped, str) else state_map(mapped)
    if "value" not in values:
        values["value"] = raw.get("percent") or raw.get("used") or raw.get("free") or raw["total"]
    return Table(**values)


def _texts(raw: Any, where: str) -> frozenset[str]:
    """Texts that are compared; a text instead of a list of them would count letter by letter."""
    if not isinstance(raw, list):
        raise ValueError(f"{where}: {raw!r} is no list")
    return frozenset(map(str, raw))


def _source(raw: str | Mapping[str, Any], where: str) -> Source:
    if isinstance(raw, str):
        return Source(oid=raw)
    _check_keys(raw, {one.name for one in fields(Source)}, f"{where}: identity")
    patterns = {key: _pattern(raw.get(key)) for key in ("pattern", "then")}
    return Source(**{**raw, **patterns})


def _pattern(text: str | None) -> re.Pattern[str] | None:
    return None if text is None else re.compile(text)


def _check_keys(raw: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = set(raw) - known
    if unknown:
        raise ValueError(f"{where}: unknown key {', '.join(sorted(unknown))}")
