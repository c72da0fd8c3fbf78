"""Alarms that VRP has raised and not cleared.

Source: Huawei "Command Reference": display alarm active, display alarm urgent.
"""

from __future__ import annotations

import re

from collectors.errors import ParseError
from collectors.facts.cli.rows import UNKNOWN_FORM, Alarm, Row, Rows
from collectors.outcome import Outcome

_SEVERITY = r"(?P<severity>Critical|Major|Minor|Warning|Indeterminate|Emergency|Error)"
_FORMS = (
    # CE, NE: sequence, number of the alarm, severity, time, description; the time may go on below the day
    re.compile(
        rf"\s*(?:(?P<sequence>\d+)\s+)?(?P<id>0x\w+)\s+{_SEVERITY}\s+"
        r"(?P<since>\d{4}-\d\d-\d\d(?:[ T]+\d\d:[\d:+.]+)?)\s*(?P<name>.*?)\s*$",
        re.I,
    ),
    # S: sequence / kind / raised / cleared / number / name / severity / state / what it is about
    re.compile(
        r"\s*(?P<sequence>\d+)/(?:Independent|RootCause|nonRootCause)/(?P<since>[^/]+)/[^/]*/(?P<id>0x\w+)/"
        rf"(?P<name>[^/]+)/{_SEVERITY}/[^/]*/(?P<about>.*?)(?:/(?:-|\d+))?\s*$",
        re.I,
    ),
    # AR and older S: number or none, severity, day and time, description
    re.compile(
        rf"\s*(?:(?P<sequence>\d+)\s+)?{_SEVERITY}\s+(?P<since>\d{{2,4}}-\d\d-\d\d\s+\d\d:\d\d:\d\d\S*)\s+"
        r"(?P<name>\S.*?)\s*$",
        re.I,
    ),
)
_GOES_ON = re.compile(r"\s{8,}(?P<time>\d\d:\d\d:\d\d\S*)?\s*(?P<text>\S.*?)?\s*$")
_GRAVITY = {
    "critical": Outcome.CRITICAL,
    "emergency": Outcome.CRITICAL,
    "major": Outcome.CRITICAL,
    "error": Outcome.CRITICAL,
    "minor": Outcome.WARNING,
    "warning": Outcome.WARNING,
}


def parse_alarms(output: str) -> Rows:
    """Parse ``display alarm active``; "no alarm" and an empty list are answers.

    Raises: ParseError: neither, or a line with a severity that has none of the known forms.
    """
    found: list[dict[str, str]] = []
    unread = False
    for line in output.expandtabs().splitlines():
        match = next((one for form in _FORMS if (one := form.match(line)) is not None), None)
        more = _GOES_ON.match(line)
        if match is not None:
            found.append({name: value or "" for name, value in match.groupdict().items()})
        elif found and more is not None:
            last = found[-1]
            last["since"] = " ".join(filter(None, (last["since"], more["time"])))
            last["name"] = " ".join(filter(None, (last["name"], more["text"])))
        elif re.search(rf"0x[0-9a-f]|\b{_SEVERITY}\b\S*\s+\d", line, re.I):
            unread = True
    if unread or (not found and not re.search(r"(?im)no (?:active )?alarm|alarm ?id|^\s*-{10,}", output)):
        raise ParseError(UNKNOWN_FORM)
    return tuple(Row((_alarm(details),), details) for details in found)


def _alarm(details: dict[str, str]) -> Alarm:
    outcome = _GRAVITY.get(details["severity"].lower(), Outcome.UNSUPPORTED)
    name = ": ".join(filter(None, (details["name"] or details["id"], details.get("about", ""))))
    return Alarm(name, details["severity"], outcome, details["since"])
