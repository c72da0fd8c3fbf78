"""What devices' clocks show: ``show clock`` and ``display clock`` of all makers."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, DeviceTime, Row, Rows
from collectors.facts.dates import MONTHS

_MONTHS = {name: number for number, name in enumerate(MONTHS, 1)}
_FORMS = (
    # *18:57:38.347 UTC Mon Oct 19 2015
    re.compile(
        r"(?P<sign>[*.]?)(?P<time>\d{1,2}:\d\d:\d\d(?:\.\d+)?) (?P<timezone>[^\s]+) "
        r"(?P<dayweek>\w{3}),? (?P<month>[A-Z][a-z]{2}) +(?P<day>\d+),? (?P<year>\d{4})"
    ),
    # 19:35:31 UTC Sat 01/08/2011
    re.compile(
        r"(?P<time>\d{1,2}:\d\d:\d\d(?:\.\d+)?) (?P<timezone>\S+) (?P<dayweek>\w{3}) "
        r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})"
    ),
    # 2022-03-14 10:11:01+08:00, the day of the week below
    re.compile(
        r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d) (?P<time>\d\d:\d\d:\d\d)"
        r"(?P<offset>[+-]\d\d:\d\d)?(?:\s*(?P<summer>DST))?\s*(?P<dayweek>[A-Z][a-z]+day)?"
    ),
)
_ZONE = re.compile(
    r"Time Zone(?:\s*\((?P<name>[^)]+)\))?\s*: *(?:(?P<z>\S+) (?P<way>add|minus) "
    r"(?P<far>\d\d:\d\d)|UTC(?P<offset>[+-]\d\d:\d\d))?"
)
_UTC_NAMES = frozenset({"UTC", "GMT", "Z"})


def parse_clock(output: str) -> Rows:
    """Parse a device's clock. Aware where the offset is shown or the zone is UTC.

    Raises: ParseError: no date and time, or one that cannot be.
    """
    match = next((found for form in _FORMS if (found := form.search(output)) is not None), None)
    if match is None:
        raise ParseError(UNKNOWN_FORM)
    details = {name: value or "" for name, value in match.groupdict().items()}
    zone = _ZONE.search(output)
    name = details.get("timezone", "") or (zone["name"] if zone and zone["name"] else "")
    details["timezone"] = name
    if details.pop("summer", "") and not details.get("offset"):
        zone = None  # what is shown is ahead of the zone by as much as nobody tells
    month = details["month"]
    try:
        hour, minute, second = details["time"].split(":")
        when = datetime(
            int(details["year"]),
            int(month) if month.isdigit() else _MONTHS[month.lower()],
            int(details["day"]),
            int(hour),
            int(minute),
            int(float(second)),
            tzinfo=_offset(details.get("offset", ""), zone, name),
        )
    except (ValueError, KeyError) as error:
        raise ParseError(UNKNOWN_FORM) from error
    trusted = False if details.get("sign") else None
    return (Row((DeviceTime(when, name, trusted),), details),)


def _offset(shown: str, zone: re.Match[str] | None, name: str) -> timezone | None:
    if not shown and zone is not None:
        shown = zone["offset"] or (
            f"{'+' if zone['way'] == 'add' else '-'}{zone['far']}" if zone["far"] else ""
        )
    if shown:
        hours, minutes = int(shown[1:3]), int(shown[4:6])
        return timezone(timedelta(hours=hours, minutes=minutes) * (-1 if shown[0] == "-" else 1))
    return UTC if name.upper() in _UTC_NAMES else None
