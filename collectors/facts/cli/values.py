"""Reads the small things that command lines of all makers write in their own ways."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from collectors.errors import ParseError
from collectors.messages import N_
from collectors.model import Sensor, SensorLimits
from collectors.outcome import Outcome

NO_LIMITS = SensorLimits()
_SPEED = re.compile(r"(?:^|[^\w.])(?:a-)?(\d{1,12}(?:\.\d{1,6})?)\s*([kmgt]?)(?:b|bit|bps|\b|$)", re.I)
_FACTOR = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000, "t": 1_000_000_000_000}
_SPAN = re.compile(r"(\d{1,9})\s*(year|yr|y|week|wk|w|day|d|hour|hr|h|minute|min|m|second|sec|s)", re.I)
_SECONDS = {"y": 31_536_000, "w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_CLOCK = re.compile(r"(?:(\d{1,6}):(?=\d{1,2}:\d{1,2}:\d{1,2}$))?(\d{1,3}):(\d{1,2}):(\d{1,2})$")


def integer(text: str | None) -> int | None:
    """A whole number, with separators of thousands or not; None for anything else ("-", "N/A")."""
    digits = (text or "").strip().replace(",", "")
    return int(digits) if re.fullmatch(r"-?\d{1,20}", digits, re.ASCII) else None


def number(text: str | None) -> float | None:
    """The first number of a text, with its sign."""
    match = re.search(r"-?\d{1,15}(?:\.\d{1,15})?", text or "", re.ASCII)
    return float(match[0]) if match else None


def mac(text: str | None) -> str:
    """``aa:bb:cc:dd:ee:ff`` from any way to write one; "" for anything else and for zeros."""
    digits = re.sub(r"[.:-]", "", (text or "").strip()).lower()
    if not re.fullmatch(r"[0-9a-f]{12}", digits) or digits == "0" * 12:
        return ""
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def speed_bps(text: str | None, *, unit: str = "m") -> int | None:
    """Bits per second from "1000Mbps", "a-100", "10G", "10Gbps-speed mode", "1000000 Kbit".

    ``unit``: of a bare number. None for "auto" and what is no speed.
    """
    match = _SPEED.search((text or "").replace("-speed", ""))
    if match is None:
        return None
    return round(float(match[1]) * _FACTOR[(match[2] or unit).lower()])


def span_s(text: str | None) -> float | None:
    """Seconds from "2 years, 31 weeks, 6 days", "123 day(s), 5 hour(s)", "43w0d 15:54", "846:16:52:08"."""
    text = (text or "").strip()
    parts = _SPAN.findall(text)
    total = float(sum(int(count) * _SECONDS[word[0].lower()] for count, word in parts))
    clock = _CLOCK.search(text)
    if clock is not None:
        days, hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return total + days * 86_400 + hours * 3_600 + minutes * 60 + seconds
    short = re.search(r"(?:^|[ ,])(\d{1,2}):(\d\d)$", text)
    if short is not None:
        return total + int(short[1]) * 3_600 + int(short[2]) * 60
    return total if parts else None


def percent(text: str) -> float:
    """A share in percent. Raises: ParseError: more than a whole, or no number."""
    value = number(text)
    if value is None or not 0 <= value <= 100:
        raise ParseError(N_("a percentage is not between 0 and 100"))
    return value


def used_percent(total: float | None, used: float | None) -> float | None:
    """A share of a total that is no zero."""
    return round(100 * used / total, 2) if total and used is not None and 0 <= used <= total else None


def admin_word(text: str) -> str:
    """ifAdminStatus in RFC 2863's word, from the state a device shows for the link."""
    word = text.lower()
    if any(part in word for part in ("admin", "disabled", "*down", "adm", "shut")) and "err" not in word:
        return "down"
    if word.strip(" -") == "" or "unknown" in word:
        return "unknown"
    return "testing" if "test" in word else "up"


def oper_word(text: str) -> str:
    """ifOperStatus in RFC 2863's word."""
    word = text.strip().lower().lstrip("^*!#")
    if word.startswith(("up", "connected", "monitoring", "enabled")):
        return "up"
    if any(part in word for part in ("not present", "notpresent", "absen", "deleted", "removed")):
        return "notPresent"
    if word.startswith(("standby", "stby", "dormant")):
        return "dormant"
    if word.startswith(("lower", "lowerlayer")):
        return "lowerLayerDown"
    if word.startswith(
        (
            "down",
            "adm",
            "dis",
            "notconn",
            "err",
            "susp",
            "inactive",
            "reset",
            "shut",
            "sfp",
            "xcvr",
            "noop",
            "linkfl",
            "offline",
        )
    ):
        return "down"
    if word.startswith("test"):
        return "testing"
    return "down" if word.endswith("down") else "unknown"  # "STP DOWN", "BPDU_DOWN", "linkdown"


_TYPES: tuple[tuple[str, str], ...] = (
    (r"(?i)(?:in)?loop|lo\d", "softwareLoopback"),
    (r"(?i)vlan-?if|vlan|svi|irb|vbdif|vsi|bvi", "l3ipvlan"),
    (
        r"(?i)port-?channel|po\d|eth-trunk|bridge-aggregation|route-aggregation|bagg|ragg|aggregate(?:port)?|ag\d|ae\d|lacp",
        "ieee8023adLag",
    ),
    (r"(?i)tun(?:nel)?\d|tunnel|tu\d|gre?-|ip-\d|mt-", "tunnel"),
    (r"(?i)null|nul|reg|aux|con|console|discard|dsc|lsi|pp\d|vt-|cbp|pip|tap|esi", "other"),
    (
        r"(?i)dialer|virtual|mp\d|vcp|vpls|nve|cellular|wlan-bss|stack|vasi|in-?loop|redundant|vswitchif",
        "propVirtual",
    ),
    (r"(?i)serial|pos|se?\d|e-ch", "ppp"),
    (r"(?i)fc\d", "fibreChannel"),
    (
        r"(?i)(?:fast|ten|forty|hundred|twenty|five|two|four|[mxhwtf]|multi|wi|25|50|100|400|-)*(?:gig|ge|eth|gi|fa|te|et-|xe-|\d+g)|mgmt|meth|fxp|em\d|port|lan|wan|internal|dmz|x\d|ha\d?$|twe?\d|ap\d|fo|hu|fi",
        "ethernetCsmacd",
    ),
)
_TYPE_PATTERNS = tuple((re.compile(pattern), word) for pattern, word in _TYPES)


def if_type(name: str) -> str:
    """IANAifType's word, guessed from an interface's name; a subinterface is an l2vlan; "" for no idea."""
    if re.search(r"\d\.\d+$", name):
        return "l2vlan"
    return next((word for pattern, word in _TYPE_PATTERNS if pattern.match(name)), "")


def fields(lines: Iterable[str], between: str = ":") -> dict[str, str]:
    """``Key : value`` lines by lower-case key with single blanks; the first of a key counts."""
    result: dict[str, str] = {}
    for line in lines:
        key, mark, value = line.partition(between)
        if mark and key.strip():
            result.setdefault(" ".join(key.lower().split()), value.strip())
    return result


Block = tuple[re.Match[str] | None, list[str]]


def blocks(text: str, start: re.Pattern[str]) -> Iterator[tuple[re.Match[str], list[str]]]:
    """The lines from each line that matches ``start`` up to the next such line."""
    head: re.Match[str] | None = None
    body: list[str] = []
    for line in text.splitlines():
        match = start.match(line)
        if match is not None:
            if head is not None:
                yield head, body
            head, body = match, []
        elif head is not None:
            body.append(line)
    if head is not None:
        yield head, body


def table(text: str, row: re.Pattern[str]) -> Iterator[dict[str, str]]:
    """The named groups of each line that is such a row, "" for those that are not there."""
    for line in text.splitlines():
        match = row.match(line)
        if match is not None:
            yield {name: (value or "").strip() for name, value in match.groupdict().items()}


def narrow(text: str) -> str:
    """With two blanks at most between words: patterns that look for names with blanks cost less then."""
    return _WIDE.sub("  ", text)


_WIDE = re.compile(r"[ \t]{3,}")


def cells(line: str, header: str) -> dict[str, str]:
    """Cells of a row by a header's columns: two blanks part columns; a cell belongs where it overlaps.

    Keys are the header's words in lower case with single blanks.
    """
    columns = [
        (match.start(), match.end(), " ".join(match[0].lower().split())) for match in _CELL.finditer(header)
    ]
    result = {name: "" for _, _, name in columns}
    for match in _CELL.finditer(line):
        nearest = min(
            columns, key=lambda one: max(one[0] - match.end(), match.start() - one[1], 0), default=None
        )
        if nearest is not None:
            name = nearest[2]
            result[name] = f"{result[name]} {match[0]}".strip()
    return result


_CELL = re.compile(r"\S+(?: \S+)*")

# --- states --------------------------------------------------------------------------------------------

_OK = Outcome.OK, 1.0
_WARN = Outcome.WARNING, 2.0
_BAD = Outcome.CRITICAL, 3.0
# Words of all makers for a piece of hardware; what is not here is UNSUPPORTED, never OK.
_GOOD = """
ok good normal green powered-up power-on poweron online running active master slave standby supply supplied
registered up auto on working ready present yes inserted primary backup connected sleep manual operational
init-ok spinning testing powered powered-ok member pass fine
"""
_WORSE = (
    "warning yellow minor derate degraded powered-dn speed-low unsupported-type fandirectionfault uninstall"
    " minor-error pwrdown powerdown other"
)
_FAILED = """
fail failed faulty fault bad abnormal err-disable err-disabled red critical shutdown major fatal error offline
off unregistered no-input-power notsupply off-line alarm down failure nosupply uninstall-err mismatch
offenvpower offdenied offenvother power-down not-ok check stopped lost fan-failure fanfailure powerfailure
fail/shut fail/shutdown cannot-startup input-fail bad/off fail/no-power
"""
STATE_WORDS: Mapping[str, tuple[Outcome, float]] = {
    **dict.fromkeys(_GOOD.split(), _OK),
    **dict.fromkeys(_WORSE.split(), _WARN),
    **dict.fromkeys(_FAILED.split(), _BAD),
}
_ABSENT = frozenset(
    {
        "",
        "-",
        "--",
        "n/a",
        "na",
        "none",
        "absent",
        "not-present",
        "notpresent",
        "not-exist",
        "empty",
        "no",
        "uninstalled",
    }
)


def state(name: str, word: str, *, kind: str = "", index: str = "") -> Sensor | None:
    """A component's state as a sensor; None for an empty slot."""
    key = re.sub(r"[\s_]+", "-", word.strip().lower()).strip(".()*")
    if key in _ABSENT:
        return None
    outcome, value = STATE_WORDS.get(key, (Outcome.UNSUPPORTED, 0.0))
    return Sensor(
        "state", name, value, state_text=word.strip(), state_outcome=outcome, state_type=kind, index=index
    )


def reading(
    kind: str, name: str, value: float | None, unit: str, limits: SensorLimits = NO_LIMITS
) -> tuple[Sensor, ...]:
    """A reading, or nothing where there is none or a filler stands for one."""
    if value is None or value in _FILLERS.get(kind, ()):
        return ()
    return (Sensor(kind, name, value, unit, limits),)


# H3C 65535, VRP 0x7fffffff; an unlit port's -40 and less is what the module's meter can show at most.
_FILLERS: Mapping[str, tuple[float, ...]] = {
    "temperature": (65535.0, 2147483647.0, 255.0, -255.0),
    "dbm": (-99.0, 65535.0, 2147483647.0, -214748.3648),
    "fan": (65535.0, 2147483647.0),
}


def present(*items: Sensor | None) -> tuple[Sensor, ...]:
    """Those that are there."""
    return tuple(item for item in items if item is not None)
