"""Versions and ends of life; warranties and contracts that end."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l

from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.equipment.support_models import SupportContract, support_contract_devices
from servicedesk.reports.deep.content import ADVICE, STATE, Column, Content, Drill, Section, Table
from servicedesk.reports.deep.gathering.ground import Ground
from servicedesk.reports.deep.gathering.licences import LICENCES, gather_licences

YEAR = timedelta(days=365)
ENDED, ENDING, RUNNING, UNKNOWN = "ended", "ending", "running", "unknown"

VERSIONS = Section(
    "versions",
    _l("Versions and end of life"),
    _l(
        "Versions as inspections found them; ends of support and life from the catalogue of device models. "
        "“Ending” is within a year of the day of this report."
    ),
    figures=(
        Column("ended", _l("Support has ended"), "count", Drill("devices", {"phase": ENDED})),
        Column("ending", _l("Support ends within a year"), "count", Drill("devices", {"phase": ENDING})),
        Column("unknown", _l("No date known"), "count", Drill("devices", {"phase": UNKNOWN})),
    ),
    tables=(
        Table(
            "models",
            _l("Models and versions in use"),
            (
                Column("model", _l("Model")),
                Column("version", _l("Version")),
                Column(
                    "devices",
                    _l("Devices"),
                    "count",
                    Drill("devices", {"model": "=model", "version": "=version"}),
                ),
            ),
            shown=40,
        ),
        Table(
            "devices",
            _l("Devices by end of support"),
            (
                Column("device", _l("Device"), "device"),
                Column("class", _l("Class"), "class"),
                Column("model", _l("Model")),
                Column("version", _l("Version")),
                Column("support", _l("End of support"), "day"),
                Column("life", _l("End of life"), "day"),
                Column("phase", _l("State"), "phase"),
            ),
            shown=30,
        ),
    ),
)

SUPPORT = Section(
    "support",
    _l("Warranties and contracts"),
    _l(
        "Contracts with vendors that end within a year of the day of this report, devices nothing covers, "
        "and software licences that end, or whose maintenance does, within half a year."
    ),
    figures=(
        Column("ending", _l("Contracts that end within a year"), "count", Drill("contracts")),
        Column("bare", _l("Devices without warranty or contract"), "count", Drill("bare")),
    ),
    tables=(
        Table(
            "contracts",
            _l("Contracts that end"),
            (
                Column("contract", _l("Contract"), "contract"),
                Column("vendor", _l("Vendor")),
                Column("kind", _l("Kind"), "support"),
                Column("ends", _l("Ends on"), "day"),
                Column("phase", _l("State"), "phase"),
                Column("devices", _l("Devices"), "count"),
            ),
            shown=40,
        ),
        Table(
            "bare",
            _l("Devices without warranty or contract"),
            (
                Column("device", _l("Device"), "device"),
                Column("class", _l("Class"), "class"),
                Column("site", _l("Site"), "site"),
                Column("warranty", _l("Warranty until"), "day"),
            ),
            shown=20,
        ),
        LICENCES,
    ),
)


def phase_of(day: date | None, today: date) -> str:
    """Ended, ending within a year, running or unknown."""
    if day is None:
        return UNKNOWN
    if day < today:
        return ENDED
    return ENDING if day <= today + YEAR else RUNNING


def _day(value: date | None) -> str | None:
    return value.isoformat() if value is not None else None


def gather_versions(ground: Ground) -> Content:
    """From the devices alone."""
    found, rows = Content(), []
    for number, row in ground.devices.items():
        support = row.end_of_support_on or row.end_of_life_on
        model = " ".join(filter(None, (row.vendor, row.model)))
        phase = phase_of(support, ground.as_of)
        days = (_day(row.end_of_support_on), _day(row.end_of_life_on))
        rows.append([[number, row.name], row.device_class, model, row.software_version, *days, phase])
    order = (ENDED, ENDING, RUNNING, UNKNOWN)
    rows.sort(key=lambda row: (order.index(row[6]), row[4] or row[5] or "9", row[0][1]))
    kinds = Counter((row[2], row[3]) for row in rows if row[2])
    found.tables["devices"] = rows
    found.tables["models"] = [
        [*key, number] for key, number in sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    phases = Counter(row[6] for row in rows)
    found.figures = {name: phases[name] for name in (ENDED, ENDING, UNKNOWN)}
    if not rows:
        found.empty = N_("No device of this place is in use.")
        return found
    found.say(
        STATE,
        N_("Of %(all)s devices, support has ended for %(ended)s and ends within a year for %(ending)s."),
        all=len(rows),
        ended=phases[ENDED],
        ending=phases[ENDING],
    )
    if phases[ENDED]:
        found.say(ADVICE, N_("Replace devices without support first where they are needed by others."))
    if phases[UNKNOWN]:
        found.say(
            ADVICE,
            N_("Write the ends of support of %(count)s devices' models into the catalogue."),
            count=phases[UNKNOWN],
        )
    return found


def gather_support(ground: Ground) -> Content:
    """Contracts of the client that touch the place, and devices that none covers."""
    found = Content()
    covers = support_contract_devices.c
    devices = list(ground.devices)
    ours = sa.func.count().filter(covers.device_id.in_(devices))
    rows = db.session.execute(
        sa.select(SupportContract, ours.label("devices"))
        .outerjoin(support_contract_devices, covers.contract_id == SupportContract.id)
        .where(
            SupportContract.client_id == ground.client_id,
            SupportContract.ends_on <= ground.as_of + YEAR,
            SupportContract.ends_on >= ground.period.first,
        )
        .group_by(SupportContract.id)
        .order_by(SupportContract.ends_on, SupportContract.number)
    ).all()
    found.tables["contracts"] = [_contract(one, count, ground.as_of) for one, count in rows if count]
    covered = set(
        db.session.scalars(
            sa.select(covers.device_id)
            .join(SupportContract, SupportContract.id == covers.contract_id)
            .where(SupportContract.client_id == ground.client_id, SupportContract.ends_on >= ground.as_of)
        )
    )
    found.tables["bare"] = [
        [[number, row.name], row.device_class, [row.site_id, row.site_name], _day(row.warranty_until)]
        for number, row in ground.devices.items()
        if number not in covered and (row.warranty_until is None or row.warranty_until < ground.as_of)
    ]
    bare, ending = len(found.tables["bare"]), len(found.tables["contracts"])
    found.figures = {"ending": ending, "bare": bare}
    found.say(
        STATE,
        N_("%(ending)s contracts end within a year; %(bare)s devices have neither warranty nor contract."),
        ending=ending,
        bare=bare,
    )
    if ending:
        found.say(ADVICE, N_("Renew or replace the contracts named below before they end."))
    gather_licences(ground, found)
    return found


def _contract(one: SupportContract, devices: int, today: date) -> list[Any]:
    name = [one.id, " ".join(filter(None, (one.number, one.title)))]
    return [name, one.vendor, one.kind, one.ends_on.isoformat(), phase_of(one.ends_on, today), devices]
