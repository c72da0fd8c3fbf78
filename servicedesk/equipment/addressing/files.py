"""Prefixes and addresses as files: sent out, and brought in again. All rows are taken, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.config import LOCALES
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import DomainError, InvalidError
from servicedesk.core.forms import whole_number
from servicedesk.core.sheet_files import read_rows
from servicedesk.equipment.addressing import keys, prefixes, service
from servicedesk.equipment.addressing.models import Address, Prefix
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Site

PREFIXES, ADDRESSES = "prefixes", "addresses"
MAX_ROWS = 5000
_SHOWN = 20  # lines that a refusal names
COLUMNS: dict[str, dict[str, LazyString]] = {
    PREFIXES: {
        "prefix": _l("Prefix"),
        "vrf": _l("VRF"),
        "site": _l("Site"),
        "role": _l("Role"),
        "vlan_id": _l("VLAN number"),
        "vlan_name": _l("VLAN name"),
        "gateway": _l("Gateway"),
        "description": _l("Description"),
    },
    ADDRESSES: {
        "address": _l("Address"),
        "vrf": _l("VRF"),
        "state": _l("State"),
        "dns_name": _l("DNS name"),
        "device": _l("Device"),
        "interface": _l("Interface"),
        "description": _l("Description"),
    },
}
_CODES: dict[str, Mapping[str, LazyString]] = {"role": prefixes.ROLES, "state": service.STATES}


@dataclass(frozen=True, slots=True)
class _Names:
    sites: dict[str, int]
    devices: dict[str, int]


def prefix_cells(row: Any) -> Sequence[Any]:
    """A row of ``queries.prefix_rows`` in the order of the columns."""
    role = str(prefixes.ROLES.get(row.role, row.role)) if row.role else ""
    site = row.site_name or ""
    return (row.prefix, row.vrf, site, role, row.vlan_id, row.vlan_name, row.gateway, row.description)


def address_cells(row: Any) -> Sequence[Any]:
    """A row of ``queries.address_rows`` in the order of the columns."""
    state = str(service.STATES.get(row.state, row.state))
    device, port = row.device_name or "", row.interface_name or ""
    return (row.address, row.vrf, state, row.dns_name, device, port, row.description)


def bring_in(content: bytes, what: str, client_id: int, *, actor: Actor, now: datetime) -> tuple[int, int]:
    """Record or change what a file lists, in the caller's transaction; how many are new, and changed.

    Raises:
        InvalidError: the file cannot be read, or the lines (named in the sentence) that do not fit: the
            caller's transaction is to be rolled back then.
    """
    rows = read_rows(content)
    if len(rows) < 2 or len(rows) > MAX_ROWS + 1:
        raise InvalidError(_("A heading and 1 to %(count)s rows are expected.", count=MAX_ROWS), "file")
    headings = _headings(rows[0][1], what)
    names = _names(client_id)
    wrong: list[str] = []
    made = changed = 0
    for line, cells in rows[1:]:
        values = {name: cells[place] for place, name in headings.items() if place < len(cells)}
        try:
            new = _take(what, client_id, _values(values, names), actor=actor, now=now)
        except DomainError as error:
            wrong.append(_("line %(line)s: %(reason)s", line=line, reason=str(error)))
        else:
            made, changed = made + new, changed + (not new)
    if wrong:
        more = len(wrong) - _SHOWN
        lines = [*wrong[:_SHOWN], *([_("and %(count)s more", count=more)] if more > 0 else [])]
        raise InvalidError(_("Nothing was taken over. %(lines)s", lines="; ".join(lines)), "file")
    return made, changed


def _headings(cells: Sequence[str], what: str) -> dict[int, str]:
    known: dict[str, str] = {name: name for name in COLUMNS[what]}
    for locale in LOCALES:
        with force_locale(locale):
            known |= {str(label).casefold(): name for name, label in COLUMNS[what].items()}
    found = {
        place: known[cell.strip().casefold()]
        for place, cell in enumerate(cells)
        if cell.strip().casefold() in known
    }
    first = next(iter(COLUMNS[what]))
    if first not in found.values():
        raise InvalidError(_("The file has no column “%(name)s”.", name=str(COLUMNS[what][first])), "file")
    return found


def _names(client_id: int) -> _Names:
    sites = db.session.execute(sa.select(Site.name, Site.id).where(Site.client_id == client_id)).all()
    devices = db.session.execute(sa.select(Device.name, Device.id).where(Device.client_id == client_id)).all()
    return _Names({row[0]: row[1] for row in sites}, {row[0]: row[1] for row in devices})


def _values(cells: Mapping[str, str], names: _Names) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, cell in cells.items():
        text = cell.strip()
        if name in ("site", "device"):
            values[f"{name}_id"] = _named(names.sites if name == "site" else names.devices, text)
        elif name == "vlan_id":
            values[name] = None if not text else (whole_number(text) if text.isdigit() else -1)
        elif name in _CODES:
            values[name] = _code(_CODES[name], text)
        else:
            values[name] = text
    return values


def _named(known: Mapping[str, int], text: str) -> int | None:
    if not text:
        return None
    if text not in known:
        raise InvalidError(_("“%(name)s” is not known.", name=text[:60]))
    return known[text]


def _code(words: Mapping[str, LazyString], text: str) -> str:
    for locale in LOCALES:
        with force_locale(locale):
            for code, label in words.items():
                if text.casefold() in (code, str(label).casefold()):
                    return code
    if not text:
        return next(iter(words))
    raise InvalidError(_("“%(name)s” is not known.", name=text[:60]))


def _take(what: str, client_id: int, values: dict[str, Any], *, actor: Actor, now: datetime) -> bool:
    """Whether it is new."""
    if what == PREFIXES:
        network = keys.read_network(values.get("prefix", ""))
        prefix = db.session.scalar(
            sa.select(Prefix).where(
                Prefix.client_id == client_id,
                Prefix.vrf == values.get("vrf", "")[:64],
                Prefix.first == network.first,
                Prefix.length == network.length,
            )
        )
        kept = {name: getattr(prefix, name) for name in prefixes.FIELDS} if prefix is not None else {}
        data = prefixes.PrefixData(**{**kept, **values})
        prefixes.save_prefix(prefix, client_id, data, actor=actor, now=now)
        return prefix is None
    key, _text = keys.read_address(values.get("address", ""))
    address = db.session.scalar(
        sa.select(Address).where(
            Address.client_id == client_id, Address.vrf == values.get("vrf", "")[:64], Address.key == key
        )
    )
    kept = {}
    if address is not None:
        kept = {name: getattr(address, name) for name in service.FIELDS if name != "interface_id"}
        kept["interface"] = address.interface.name if address.interface is not None else ""
        if values.get("device_id", address.device_id) != address.device_id:
            kept["interface"] = ""
    service.save_address(address, client_id, service.AddressData(**{**kept, **values}), actor=actor, now=now)
    return address is None
