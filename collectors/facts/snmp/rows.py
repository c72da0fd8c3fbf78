"""Rows of vendors' tables: joins, names and numbers, as a ``Table`` of a definition tells."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from collectors.facts.snmp import entity
from collectors.platforms.definitions import Table
from collectors.snmprec import Value, Walk

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_IF_NAME, _IF_DESCRIPTION = "1.3.6.1.2.1.31.1.1.1.1", "1.3.6.1.2.1.2.2.1.2"
_BLANKS = re.compile(r"\s+")
# Numbers that mean "nothing here" whatever is measured: the ends of 32-bit and 64-bit integers.
_NEVER_READINGS = frozenset(
    {2**31 - 1, -(2**31), 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1, -(2**31) + 1, 2**31 - 2}
)

_LIMIT_BITS = {"low_critical": 0x80, "low_warning": 0x40, "high_warning": 0x20, "high_critical": 0x10}


@dataclass(frozen=True, slots=True)
class Row:
    """One index of a table."""

    walk: Walk
    table: Table
    index: str
    value: Value

    def part(self, name: str) -> str:
        """What a placeholder stands for; "" where it is not there.

        ``index``; ``i1``, ``i2`` … ``i-1``: parts of the index; ``t1`` … strings in the index, with
        their length before them; ``s2`` … the string that begins, with its length, at this part;
        ``text``: the index is one string without a length (IMPLIED); ``entity``: the ENTITY-MIB's name;
        ``parent``: that of what it is in; ``port``: the interface's; ``raw``: the value; else a column's
        name. ``name?words`` gives the words where the part is there.
        """
        if "?" in name:
            name, words = name.split("?", 1)
            return words if self.part(name) else ""
        if name == "index":
            return self.index
        if re.fullmatch(r"i-?\d", name):
            return _at(self.index.split("."), int(name[1:]))
        if re.fullmatch(r"t-?\d", name):
            return _at(texts_in(self.index), int(name[1:]))
        if re.fullmatch(r"s\d", name):
            return _at(texts_in(self.index.split(".", int(name[1:]) - 1)[-1]), 1)
        if name == "text":
            return _at(texts_in(f"{self.index.count('.') + 1}.{self.index}"), 1)
        if name == "raw":
            return self.value.text
        if name in ("entity", "parent", "port"):
            return self._known(name)
        value = self.column(name)
        if value is not None and value.tag == "6" and name in self.table.words:
            return self.table.words[name].get(value.text.lstrip("."), "")  # an OID is no name
        text = "" if value is None else _BLANKS.sub(" ", value.text).strip().strip('"').strip()
        return self.table.words.get(name, {}).get(text, text)

    def _known(self, name: str) -> str:
        column = self.column("entity_index") if "entity_index" in self.table.columns else None
        index = self.index if column is None else str(column.integer)
        if name == "entity":
            return entity.entity_name(self.walk, index)
        if name == "parent":
            return parent_name(self.walk, index)
        column = self.column("port_index") if "port_index" in self.table.columns else None
        index = self.index if column is None else str(column.integer)
        return self.walk.text(f"{_IF_NAME}.{index}") or self.walk.text(f"{_IF_DESCRIPTION}.{index}")

    def column(self, name: str) -> Value | None:
        """The value of a further column for this row."""
        place = self.table.columns.get(name)
        if place is None:
            return None
        oid, _, join = place.partition("@")
        if not join:
            return self.walk.get(f"{oid}.{self.index}")
        index = self.fill(join)
        return self.walk.get(f"{oid}.{index}") if index is not None else None

    def fill(self, template: str) -> str | None:
        """The template with its placeholders filled; None where one of them has nothing.

        Parts whose name ends in ``~`` may be empty.
        """
        pieces: list[str] = []
        at = 0
        for match in _PLACEHOLDER.finditer(template):
            name = match[1]
            text = self.part(name.removesuffix("~"))
            if not text and not name.endswith("~") and "?" not in name:
                return None
            pieces += [template[at : match.start()], text]
            at = match.end()
        pieces.append(template[at:])
        return "".join(pieces)

    def name(self) -> str:
        for template in self.table.names:
            name = self.fill(template)
            if name is not None and name.strip(" -:,#"):
                return _BLANKS.sub(" ", name).strip()
        return self.index

    def number(self, value: Value | None) -> float | None:
        """The raw number; None for fillers."""
        if value is None:
            return None
        number: float | None
        if self.table.pattern is not None:
            match = self.table.pattern.search(value.text)
            number = _float(match[1]) if match is not None else None
        else:
            number = value.number
        if number is None or number in self.table.fillers or number in _NEVER_READINGS:
            return None
        return number


def rows(walk: Walk, table: Table) -> Iterator[Row]:
    """The rows that the definition does not leave out."""
    for index, value in walk.column(table.value).items():
        if table.indexes is not None and table.indexes.fullmatch(index) is None:
            continue
        row = Row(walk, table, index, value)
        if _kept(row) and _named(row):
            yield row


def _kept(row: Row) -> bool:
    table = row.table
    for name, texts in table.skip.items():
        if row.part(name) in texts:
            return False
    if table.skip_all and all(row.part(name) in texts for name, texts in table.skip_all.items()):
        return False
    return all(row.part(name) in texts for name, texts in table.require.items())


def _named(row: Row) -> bool:
    skip, only = row.table.skip_name, row.table.only_name
    if skip is not None and skip.search(row.name()):
        return False
    return only is None or only.search(row.name()) is not None


def reading(row: Row, value: Value | None, factor: float = 1.0) -> float | None:
    """The value in the table's unit: ``(raw · scale + offset)``, converted; None for fillers."""
    table = row.table
    number = row.number(value)
    if number is None:
        return None
    if table.convert == "signed32" and number >= 2**31:
        number -= 2**32
    if table.convert == "signed16" and number >= 2**15:
        number -= 2**16
    scale = _scale(row)
    if scale is None:
        return None
    scaled = number * scale * factor * _thousands(row, number) + table.offset
    converted = _convert(table.convert, scaled)
    if converted is None or not math.isfinite(converted):
        return None
    if table.minimum is not None and converted < table.minimum:
        return None
    if table.maximum is not None and converted > table.maximum:
        return None
    return round(converted, 9)


def _scale(row: Row) -> float | None:
    """What the raw number is multiplied by; None where other rows tell theirs and this one's is lost."""
    table = row.table
    if not table.scale_column:
        return table.scale
    told, place = row.part(table.scale_column), table.columns.get(table.scale_column, "")
    if not told and place and row.walk.has(place.partition("@")[0]):
        return None
    return table.scales.get(told, table.scale)


def _thousands(row: Row, number: float) -> float:
    """What kilowatts need: no power in watts is below the amperes of one line."""
    other = row.number(row.column(row.table.thousands_below)) if row.table.thousands_below else None
    return 1000.0 if other is not None and number < other else 1.0


def _convert(how: str, number: float) -> float | None:
    """``dbm``: milliwatts to dBm. ``fahrenheit``: to °C. ``inverted``: the rest to 100.

    ``microwatts_or_hundredths``: light in µW, or in hundredths of dBm where it is negative.
    """
    if how == "microwatts_or_hundredths":
        return number / 100 if number < 0 else _convert("dbm", number / 1000)
    if how == "dbm":
        return 10 * math.log10(number) if number > 0 else None
    if how == "fahrenheit":
        return (number - 32) * 5 / 9
    if how == "inverted":
        return 100 - number
    return number


def limit(row: Row, place: str) -> float | None:
    """A device's own limit, from a column or as a number; 0 stands for "none is set"."""
    if re.fullmatch(r"-?\d+(\.\d+)?", place):
        return float(place)
    value = row.column(place)
    number = row.number(value)
    if number is None or number == 0:
        return None
    table = row.table
    if table.convert == "signed32" and number >= 2**31:
        number -= 2**32
    scale = table.limit_scale if table.limit_scale is not None else _scale(row)
    if scale is None:
        return None
    how = table.convert if table.limit_convert is None else table.limit_convert
    converted = _convert(how, number * scale + (table.offset if table.limit_scale is None else 0))
    return None if converted is None else round(converted, 9)


def in_force(row: Row, name: str) -> bool:
    """Whether the device's own limit counts: its bit in the column ``enabled`` is set, or there is none.

    Source: BITS { lowerCritical(0), lowerWarning(1), upperWarning(2), upperCritical(3) } of PDU2-MIB.
    """
    value = row.column(row.table.enabled) if row.table.enabled else None
    if value is None or not value.octets:
        return True
    return bool(value.octets[0] & _LIMIT_BITS[name])


def parent_name(walk: Walk, index: str) -> str:
    """What an entity is in, leaving out containers that say nothing; "" at the top."""
    contained_in: Mapping[str, Value] = walk.column(f"{entity.ENTITY}.1.4")
    seen = {index}
    while True:
        value = contained_in.get(index)
        index = str(value.integer) if value is not None else "0"
        if index in seen or index == "0":
            return ""
        seen.add(index)
        kind = walk.get(f"{entity.ENTITY}.1.5.{index}")
        if kind is not None and kind.integer in (3, 6, 7, 9, 10):  # chassis, PSU, fan, module, port
            return entity.entity_name(walk, index)


def texts_in(index: str) -> list[str]:
    """Strings that stand in an index with their length before them.

    >>> texts_in("3.117.112.115.4")
    ['ups']
    """
    parts = [int(part) for part in index.split(".") if part]
    found: list[str] = []
    while parts:
        length, parts = parts[0], parts[1:]
        octets = parts[:length]
        if length == 0 or len(octets) < length or not all(32 <= octet < 256 for octet in octets):
            break
        found.append(bytes(octets).decode("utf-8", errors="replace"))
        parts = parts[length:]
    return found


def _at(parts: list[str], number: int) -> str:
    place = number - 1 if number > 0 else number
    return parts[place] if -len(parts) <= place < len(parts) else ""


def _float(text: str) -> float | None:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None
