"""The columns of a file of devices."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.equipment.kinds import DEVICE_CLASSES, DEVICE_STATES
from servicedesk.equipment.placing import FACES
from servicedesk.equipment.sheet_table import LONGEST_DAY, Column, Table, count

COLUMNS: tuple[Column, ...] = (
    Column("asset_tag", _l("Asset tag"), 64, "IT-0001"),
    Column("serial", _l("Serial number"), 100, "210235A1B2C3"),
    Column("name", _l("Name"), 200, "SW-CORE-1"),
    Column("device_class", _l("Class"), 40, "switch"),
    Column("state", _l("Life-cycle"), 40, "active"),
    Column("site", _l("Site")),
    Column("room", _l("Room"), 100),
    Column("rack", _l("Rack"), 100),
    Column("rack_unit", _l("Lowest unit"), 9),
    Column("height_u", _l("Height in units"), 9, "1"),
    Column("face", _l("Face"), 20, "front"),
    Column("address", _l("Address"), 253, "192.0.2.10"),
    Column("vendor", _l("Vendor"), 100, "Huawei"),
    Column("model", _l("Model"), 200, "S5735"),
    Column("software_version", _l("Software version")),
    Column("department", _l("Owner department")),
    Column("responsible", _l("Responsible engineer")),
    Column("standby", _l("Standby engineer")),
    Column("warranty_until", _l("Warranty until"), LONGEST_DAY, "2028-12-31"),
    Column("notes", _l("Notes"), 5000),
)
CODES: dict[str, Mapping[str, LazyString]] = {
    "device_class": DEVICE_CLASSES,
    "state": DEVICE_STATES,
    "face": FACES,
}
TABLE = Table(COLUMNS, CODES, ("name", "asset_tag", "serial"))


def units(text: str) -> int:
    """A number of rack units, 1 to 60.

    Raises:
        InvalidError: not one.
    """
    return count(text, 60)
