"""Who is logged in at a host, and who was."""

from __future__ import annotations

import re
from datetime import datetime, timezone

from collectors.errors import ParseError
from collectors.facts.host import Login, PastLogin
from collectors.messages import N_

# user, terminal, perhaps origin; then a time with its zone, or "Mon Nov 26 17:11:03 2026" or less of it
_LAST = re.compile(
    r"(?P<user>\S+)\s+(?P<terminal>\S+)(?:\s+(?P<origin>\S+))??\s+"
    r"(?:(?P<iso>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:?\d\d)\b"
    r"|(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?"
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+(?P<day>\d{1,2}) "
    r"(?P<time>\d\d:\d\d(?::\d\d)?)(?: (?P<year>\d{4})\b)?)"
)
_NO_USERS = frozenset({"reboot", "runlevel", "shutdown", "boot", "USER"})


def parse_who(output: str) -> tuple[Login, ...]:
    """Parse ``who``: user, terminal, time, (origin).

    Raises:
        ParseError: a row with fewer than three words.
    """
    logins: list[Login] = []
    for number, line in enumerate(output.splitlines(), 1):
        if not line.strip() or line.split()[:2] == ["NAME", "LINE"]:  # "who -H"
            continue
        match = re.match(r"(\S+)\s+(\S+)\s+(.+?)\s*(?:\((.*)\))?\s*$", line)
        if match is None:
            raise ParseError(N_("expected user, terminal and time"), number)
        logins.append(Login(match[1], match[2], match[3], match[4] or ""))
    return tuple(logins)


def parse_last(output: str, zone: timezone | None = None) -> tuple[PastLogin, ...]:
    """Parse ``last -w --time-format iso``, ``last -w -F``, ``last`` or BusyBox's ``last``; newest first.

    Restarts and changes of the run level are left out. Rows of another form are, too: a host has three kinds
    of ``last``, and the names of terminals hold anything.

    Args:
        zone: of times that are told with their year and without a zone.
    """
    found = []
    for line in output.splitlines():
        match = _LAST.match(line)
        if match is None or match["user"] in _NO_USERS or match["terminal"] == "begins":
            continue
        found.append(PastLogin(match["user"], match["terminal"], match["origin"] or "", _moment(match, zone)))
    return tuple(found)


def _moment(match: re.Match[str], zone: timezone | None) -> datetime | None:
    try:
        if match["iso"]:
            return datetime.fromisoformat(match["iso"])
        if zone is None or not match["year"]:
            return None
        text = f"{match['year']} {match['month']} {match['day']} {match['time']}"
        # %b is English: the C locale is never changed by a collector.
        return datetime.strptime(text, "%Y %b %d %H:%M:%S").replace(tzinfo=zone)
    except ValueError:
        return None
