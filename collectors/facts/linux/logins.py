"""Who is logged in at a host, and who was."""

from __future__ import annotations

import re
from datetime import datetime

from collectors.errors import ParseError
from collectors.facts.host import Login, PastLogin
from collectors.messages import N_

# user, terminal, perhaps origin; then a time with its zone, or "Mon Nov 26 17:11" or "Nov 26 17:11"
_LAST = re.compile(
    r"(?P<user>\S+)\s+(?P<where>\S+(?:\s+\S+)?)\s+"
    r"(?:(?P<iso>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:?\d\d)\b"
    r"|(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    r"\s+\d+ \d\d:\d\d)"
)
_NO_USERS = frozenset({"reboot", "runlevel", "shutdown", "wtmp", "btmp", "USER"})


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


def parse_last(output: str) -> tuple[PastLogin, ...]:
    """Parse ``last -w --time-format iso``, ``last -w`` or BusyBox's ``last``; newest first.

    Restarts and changes of the run level are left out. Rows of another form are, too: a host has three kinds
    of ``last``, and the names of terminals hold anything.
    """
    found = []
    for line in output.splitlines():
        match = _LAST.match(line)
        if match is None or match["user"] in _NO_USERS:
            continue
        words = match["where"].split()
        at = datetime.fromisoformat(match["iso"]) if match["iso"] else None
        found.append(PastLogin(match["user"], words[0], words[1] if len(words) > 1 else "", at))
    return tuple(found)
