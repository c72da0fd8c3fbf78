"""The JSON of StorCLI, PERC CLI and their second generation, in one shape for both."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from collectors.errors import ParseError
from collectors.messages import N_

Table = Mapping[str, Any]
_NOBODY = re.compile(r"no controller|number of controllers = 0", re.I)


def controllers_in(output: str) -> dict[str, tuple[Table, str]]:
    """Each controller's data of all answers, by its name: ``c0``; what the program says where it has none.

    Raises:
        ParseError: it is not the program's JSON, or no controller was found for another reason than that
            there is none.
    """
    merged: dict[tuple[bool, str], dict[str, Any]] = {}
    failures: dict[tuple[bool, str], str] = {}
    refused = ""
    for status, data in _answers(output):
        number, words = text_of(status.get("Controller")), text_of(status.get("Description"))
        failed = text_of(status.get("Status")).lower() != "success"
        if not re.fullmatch(r"\d{1,3}", number, re.ASCII):
            if failed and not _NOBODY.search(words):
                refused = refused or words or "-"
            continue
        key = (_second_generation(status), number)
        own = merged.setdefault(key, {})
        for name, value in data.items():
            own.setdefault(name, value)
        if failed and not data:
            failures.setdefault(key, words[:120])
    if refused and not merged:
        raise ParseError(N_("the program says: %(answer)s") % {"answer": refused[:200]})
    # Both generations count from 0.
    return {
        f"c{number}" + (" (StorCLI 2)" if second and (False, number) in merged else ""): (
            data,
            "" if data else failures.get((second, number), ""),
        )
        for (second, number), data in merged.items()
    }


def _second_generation(status: Table) -> bool:
    version = re.match(r"\d{1,3}", text_of(status.get("CLI Version")), re.ASCII)
    return version is not None and int(version[0]) >= 8


def _answers(output: str) -> Iterator[tuple[Table, Table]]:
    """Status and data of each controller in each document; data that is a list has the key "list"."""
    reader = json.JSONDecoder(strict=False)  # models hold raw control characters
    position = 0
    while position < len(output):
        if output[position].isspace():
            position += 1
            continue
        try:
            document, position = reader.raw_decode(output, position)
        except (ValueError, RecursionError):
            line = output.count("\n", 0, position) + 1
            raise ParseError(N_("expected the JSON of StorCLI"), line) from None
        for one in rows_of(table_of(document).get("Controllers")):
            data = one.get("Response Data")
            yield (
                table_of(one.get("Command Status")),
                {"list": data} if isinstance(data, list) else table_of(data),
            )


def disk_rows(data: Table) -> Iterator[Table]:
    """One a drive; an HBA's own list may be missing where the drives' details are there."""
    known: set[str] = set()
    more = [value for key, value in data.items() if re.fullmatch(r"Drive /c\d+(/e\d+)?/s\d+", key)]
    more.append([one.get("Drive Information") for one in rows_of(data.get("Drives List"))])
    for row in (*rows_of(data.get("PD LIST")), *(row for value in more for row in rows_of(value))):
        slot = text_of(row.get("EID:Slt"))
        if slot not in known:
            known.add(slot)
            yield row


def place_of(controller: str, row: Table) -> str:
    """``c0/e32/s4``, without an enclosure ``c0/s4``."""
    enclosure, _, slot = (part.strip() for part in str(row.get("EID:Slt", "")).partition(":"))
    return "/".join((controller, *([f"e{enclosure}"] if enclosure else []), f"s{slot}"))


# Second generation's names → first generation's
_RENAMED = {
    "Serial Number": "SN",
    "Vendor": "Manufacturer Id",
    "Model": "Model Number",
    "Firmware Revision Level": "Firmware Revision",
    "Temperature(C)": "Drive Temperature",
}


def details_of(data: Table, place: str, row: Table) -> Table:
    """A drive's details as one table, under the first generation's names."""
    for one in rows_of(data.get("Drives List")):
        if text_of(table_of(one.get("Drive Information")).get("EID:Slt")) == text_of(row.get("EID:Slt")):
            detailed = table_of(one.get("Drive Detailed Information"))
            # Counts stand with each of a drive's units, mostly one.
            units = [detailed.get("LU/NS Properties"), *rows_of(detailed.get("LU/NS Properties"))]
            found = {key: value for unit in units for key, value in table_of(unit).items()}
            return {**found, **{_RENAMED.get(key, key): value for key, value in detailed.items()}}
    detailed = table_of(data.get(f"Drive /{place} - Detailed Information"))
    return {
        **table_of(detailed.get(f"Drive /{place} Device attributes")),
        **table_of(detailed.get(f"Drive /{place} State")),
    }


def progress_of(controller: str, data: Table) -> dict[str, str]:
    """Of rebuilds: ``c0/e32/s1`` → ``45 %``."""
    return {
        text_of(row.get("Drive-ID")).lstrip("/")
        or place_of(controller, row): f"{text_of(row['Progress%'])} %"
        for value in data.values()
        for row in rows_of(value)
        if re.fullmatch(r"\d{1,3}", text_of(row.get("Progress%")), re.ASCII)
    }


def table_of(value: object) -> Table:
    """The value where it is a table, else an empty one."""
    return value if isinstance(value, dict) else {}


def rows_of(value: object) -> list[Table]:
    """The tables of a list."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def text_of(value: object) -> str:
    """A number or a word, with single blanks."""
    return "" if value is None or isinstance(value, dict | list) else " ".join(str(value).split())
