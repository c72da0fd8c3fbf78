"""Hardware and security: the newest verdicts of each device, by check, with everything abnormal named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from collectors.outcome import ABNORMAL, Outcome
from servicedesk.core.sentences import N_
from servicedesk.inspections.outcomes import BY_CODE, Verdict, verdict
from servicedesk.reports.deep.content import ADVICE, STATE, Column, Content, Drill, Section, Table
from servicedesk.reports.deep.gathering.ground import Ground

HARDWARE_CHECKS = (
    "sensor_state",
    "sensor_temperature",
    "sensor_fan",
    "sensor_voltage",
    "sensor_dbm",
    "sensor_humidity",
    "device_members",
    "device_alarms",
    "raid_state",
    "bond_state",
    "smart",
    "smart_temperature",
    "ups_charge",
    "ups_minutes",
    "ups_load",
    "supply_level",
)
SECURITY_CHECKS = (
    "root_accounts",
    "empty_passwords",
    "sshd_settings",
    "certificate_days",
    "licence_days",
    "signature_age",
    "legacy_crypto",
    "updates_waiting",
    "reboot_required",
    "clock_offset",
    "ntp_sync",
)

_TABLES = (
    Table(
        "checks",
        _l("Verdicts by check"),
        (
            Column("check", _l("Check"), "check"),
            Column("devices", _l("Devices judged"), "count"),
            Column("normal", _l("Normal items"), "count"),
            Column("abnormal", _l("Abnormal items"), "count", Drill("abnormal", {"check": "=check"})),
            Column("failed", _l("Not inspected"), "count", Drill("failed", {"check": "=check"})),
        ),
        shown=40,
    ),
    Table(
        "abnormal",
        _l("Abnormal at the last inspection"),
        (
            Column("device", _l("Device"), "device"),
            Column("class", _l("Class"), "class"),
            Column("check", _l("Check"), "check"),
            Column("item", lazy_pgettext("inspection", "Of which")),
            Column("outcome", _l("Outcome"), "outcome"),
            Column("what", _l("What was found"), "message"),
            Column("record", _l("Record"), "record"),
        ),
        shown=40,
    ),
    Table(
        "failed",
        _l("Items that could not be judged"),
        (
            Column("device", _l("Device"), "device"),
            Column("check", _l("Check"), "check"),
            Column("item", lazy_pgettext("inspection", "Of which")),
            Column("outcome", _l("Reason"), "outcome"),
            Column("record", _l("Record"), "record"),
        ),
        shown=0,
    ),
)
_ABOUT = _l(
    "The verdicts of each device's newest visit of the half-year, by the limits that held for it. What the "
    "device does not have is not counted."
)
HARDWARE = Section("hardware", _l("Hardware health"), _ABOUT, tables=_TABLES)
SECURITY = Section("security", _l("Security baseline"), _ABOUT, tables=_TABLES)


def gather_hardware(ground: Ground) -> Content:
    """Sensors, disks, members, power."""
    found = _gather(ground, HARDWARE_CHECKS)
    if found.tables["abnormal"]:
        found.say(
            ADVICE, N_("Replace or repair the parts named below while their warranty or contract holds.")
        )
    return found


def gather_security(ground: Ground) -> Content:
    """Accounts, settings, certificates, updates, time."""
    found = _gather(ground, SECURITY_CHECKS)
    if found.tables["abnormal"]:
        found.say(
            ADVICE, N_("Mend the deviations from the baseline named below by a change for each system.")
        )
    return found


def _gather(ground: Ground, checks: tuple[str, ...]) -> Content:
    found = Content(tables={"checks": [], "abnormal": [], "failed": []})
    counts: dict[str, dict[Verdict, int]] = defaultdict(lambda: defaultdict(int))
    devices: dict[str, set[int]] = defaultdict(set)
    for row in ground.latest(checks):
        device, outcome = ground.devices.get(row.device_id), BY_CODE[row.outcome]
        if device is None:
            continue
        which = verdict(outcome)
        counts[row.check][which] += 1
        name = [row.device_id, device.name]
        if outcome in ABNORMAL:
            message = _message(row.message)
            found.tables["abnormal"].append(
                [name, device.device_class, row.check, row.item, outcome.value, message, row.record_id]
            )
        elif which is Verdict.NOT_INSPECTED:
            found.tables["failed"].append([name, row.check, row.item, outcome.value, row.record_id])
        if which in (Verdict.NORMAL, Verdict.ABNORMAL):
            devices[row.check].add(row.device_id)
    for check in checks:
        if check in counts:
            verdicts = counts[check]
            numbers = (verdicts[one] for one in (Verdict.NORMAL, Verdict.ABNORMAL, Verdict.NOT_INSPECTED))
            found.tables["checks"].append([check, len(devices[check]), *numbers])
    worst_first = {Outcome.CRITICAL.value: 0, Outcome.WARNING.value: 1}
    found.tables["abnormal"].sort(key=lambda row: (worst_first[row[4]], row[0][1], row[2], row[3]))
    found.tables["failed"].sort(key=lambda row: (row[0][1], row[1], row[2]))
    _say(found)
    return found


def _message(stored: Mapping[str, Any] | None) -> dict[str, Any]:
    message = stored or {}
    return {"template": message.get("template", ""), "values": message.get("values") or {}}


def _say(found: Content) -> None:
    if not found.tables["checks"]:
        found.empty = N_("None of these checks was performed in this half-year.")
        return
    found.say(
        STATE,
        N_("%(checks)s checks were performed; %(abnormal)s items are abnormal, %(failed)s not judged."),
        checks=len(found.tables["checks"]),
        abnormal=len(found.tables["abnormal"]),
        failed=len(found.tables["failed"]),
    )
