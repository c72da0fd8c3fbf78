"""The columns of a file of devices: their headings in every language, and how a cell becomes a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.config import LOCALES
from servicedesk.core.errors import InvalidError
from servicedesk.core.forms import whole_number
from servicedesk.equipment.kinds import DEVICE_CLASSES, DEVICE_STATES
from servicedesk.equipment.placing import FACES


@dataclass(frozen=True, slots=True)
class Column:
    """``name``: the code, understood in every language; ``size`` the most characters."""

    name: str
    label: LazyString
    size: int = 200
    example: str = ""


COLUMNS: tuple[Column, ...] = (
    Column("asset_tag", _l("Asset tag"), 64, "IT-0001"),
    Column("serial", _l("Serial number"), 100, "210235A1B2C3"),
    Column("name", _l("Name"), 200, "SW-CORE-1"),
    Column("device_class", _l("Class"), 40, "switch"),
    Column("state", _l("Life-cycle"), 40, "active"),
    Column("site", _l("Site")),
    Column("room", _l("Room"), 100),
    Column("rack", _l("Rack"), 100),
    Column("rack_unit", _l("Lowest unit"), 2),
    Column("height_u", _l("Height in units"), 2, "1"),
    Column("face", _l("Face"), 20, "front"),
    Column("address", _l("Address"), 253, "192.0.2.10"),
    Column("vendor", _l("Vendor"), 100, "Huawei"),
    Column("model", _l("Model"), 200, "S5735"),
    Column("software_version", _l("Software version")),
    Column("department", _l("Owner department")),
    Column("responsible", _l("Responsible engineer")),
    Column("standby", _l("Standby engineer")),
    Column("warranty_until", _l("Warranty until"), 10, "2028-12-31"),
    Column("notes", _l("Notes"), 5000),
)
BY_NAME = {column.name: column for column in COLUMNS}
CODES: dict[str, Mapping[str, LazyString]] = {
    "device_class": DEVICE_CLASSES,
    "state": DEVICE_STATES,
    "face": FACES,
}


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def known_words() -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Headings to column names, and for each coded column words to codes; in all languages at once."""
    headings = {column.name: column.name for column in COLUMNS}
    words = {name: {code: code for code in labels} for name, labels in CODES.items()}
    for locale in LOCALES:
        with force_locale(locale):
            headings |= {_folded(str(column.label)): column.name for column in COLUMNS}
            for name, labels in CODES.items():
                words[name] |= {_folded(str(label)): code for code, label in labels.items()}
    return headings, words


def _column_of(cell: str, headings: Mapping[str, str]) -> str:
    return headings.get(_folded(cell.rstrip("*")), "")


def unread(heading: list[str]) -> list[str]:
    """The words of a file's first row that name no column of ours, so that nothing is left out in silence."""
    headings, _words = known_words()
    return [cell for cell in heading if cell and not _column_of(cell, headings)]


def columns_of(heading: list[str], headings: Mapping[str, str]) -> list[str]:
    """The column names of a file's first row; "" for columns that are not ours.

    Raises:
        InvalidError: no column by which a device could be known, or one that is there twice.
    """
    names = [_column_of(cell, headings) for cell in heading]
    ours = [name for name in names if name]
    if "name" not in ours and "asset_tag" not in ours and "serial" not in ours:
        raise InvalidError(
            _("The first row names no column we know. Start from the template of this page."), "file"
        )
    twice = next((name for name in ours if ours.count(name) > 1), "")
    if twice:
        raise InvalidError(_("The column “%(name)s” is there twice.", name=BY_NAME[twice].label), "file")
    return names


def coded(name: str, text: str, words: Mapping[str, Mapping[str, str]]) -> str:
    """The code that a word of any language means.

    Raises:
        InvalidError: with the words that are possible.
    """
    code = words[name].get(_folded(text))
    if code is None:
        raise InvalidError(
            _(
                "“%(text)s” is not one of: %(possible)s.",
                text=text[:40],
                possible=", ".join(str(label) for label in CODES[name].values()),
            ),
            name,
        )
    return code


def day(text: str) -> date:
    """A day as 2028-12-31, 2028/12/31 or 2028.12.31.

    Raises:
        InvalidError: none of them.
    """
    parts = text.replace("/", "-").replace(".", "-").split("-")
    try:
        year, month, number = (whole_number(part) or 0 for part in parts)
        found = date(year, month, number)
        if not 1970 <= year <= 2200:
            raise ValueError(year)
    except ValueError:
        raise InvalidError(_("“%(text)s” is no day; write 2028-12-31.", text=text[:40])) from None
    return found


def units(text: str) -> int:
    """A number of rack units, 1 to 60.

    Raises:
        InvalidError: not one.
    """
    found = whole_number(text)
    if not found or found > 60:
        raise InvalidError(_("“%(text)s” is not a number from 1 to 60.", text=text[:40]))
    return found
