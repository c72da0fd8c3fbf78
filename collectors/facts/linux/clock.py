"""What the time services of a Linux host say of its clock."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from collectors.errors import ParseError
from collectors.facts.host import Clock
from collectors.messages import N_
from collectors.model import Exchange

_UNITS = {"h": 3600.0, "min": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}


def parse_chrony(output: str) -> Clock:
    """Parse ``chronyc -n tracking`` (chronyc(1)).

    "slow of NTP time" means the host is behind: a negative offset.
    Raises:
        ParseError: the rows on system time or leap status are missing.
    """
    offset = re.search(r"^System time\s*:\s*([\d.]+) seconds (slow|fast) of NTP time", output, re.M)
    leap = re.search(r"^Leap status\s*:\s*(.+?)\s*$", output, re.M)
    if offset is None or leap is None:
        raise ParseError(N_("expected 'System time' and 'Leap status'"))
    stratum = re.search(r"^Stratum\s*:\s*(\d+)", output, re.M)
    source = re.search(r"^Reference ID\s*:\s*\S+ \((.*)\)", output, re.M)
    synchronised = leap[1] != "Not synchronised"
    seconds = float(offset[1]) * (-1 if offset[2] == "slow" else 1)
    return Clock(
        "chrony",
        synchronised,
        seconds if synchronised else None,
        int(stratum[1]) if stratum else None,
        source[1] if source else "",
    )


def parse_ntpq(output: str) -> Clock:
    """Parse ``ntpq -pn``; the peer marked ``*`` (or ``o``) is the one followed.

    ntpq's offset is the peer's time minus the host's, in milliseconds.
    Raises:
        ParseError: no table.
    Source: ntpq's "peers" billboard: remote refid st t when poll reach delay offset jitter.
    """
    if not re.search(r"remote\s+refid\s+st", output):
        raise ParseError(N_("expected the heading 'remote refid st'"))
    for number, line in enumerate(output.splitlines(), 1):
        if not line.startswith(("*", "o")):
            continue
        words = line[1:].split()
        if len(words) < 10:
            raise ParseError(N_("expected ten columns"), number)
        try:
            # The host is one stratum below its peer.
            return Clock("ntpd", True, -float(words[8]) / 1000, int(words[2]) + 1, words[0])
        except ValueError as error:
            raise ParseError(N_("stratum or offset is not a number"), number) from error
    return Clock("ntpd", False)


def parse_timesync(output: str) -> Clock:
    """Parse ``timedatectl timesync-status`` (systemd-timesyncd).

    Its offset is the server's time minus the host's.
    Raises:
        ParseError: no "Server" row.
    """
    server = re.search(r"^\s*Server:\s*(\S+)", output, re.M)
    if server is None:
        raise ParseError(N_("expected a 'Server' row"))
    offset = re.search(r"^\s*Offset:\s*(.+?)\s*$", output, re.M)
    stratum = re.search(r"^\s*Stratum:\s*(\d+)", output, re.M)
    return Clock(
        "systemd-timesyncd",
        offset is not None,
        -_span(offset[1]) if offset else None,
        int(stratum[1]) if stratum else None,
        server[1],
    )


def _span(text: str) -> float:
    """systemd.time(7) spans such as "-1min 2.5s" or "+354us"."""
    sign = -1 if text.startswith("-") else 1
    parts = re.findall(r"([\d.]+)\s*(min|ms|us|µs|ns|h|s)\b", text)
    if not parts:
        raise ParseError(N_("the offset is not a time span"))
    return sign * sum(float(number) * _UNITS[unit] for number, unit in parts)


def parse_timedatectl(output: str) -> Clock:
    """Parse ``timedatectl status``: whether the kernel counts the clock as synchronised.

    Raises:
        ParseError: neither of systemd's two names for that row.
    """
    match = re.search(r"^\s*(?:System clock|NTP) synchronized:\s*(yes|no)", output, re.M)
    if match is None:
        raise ParseError(N_("expected 'System clock synchronized'"))
    return Clock("", match[1] == "yes")


_EPOCH = re.compile(r"(\d{1,12})(?: ([+-])([01]\d|2[0-3])([0-5]\d))?")


def parse_epoch(output: str) -> int:
    """Seconds since 1970 of ``date '+%s %z'``, the zone being optional."""
    match = _EPOCH.fullmatch(output.strip())
    if match is None:
        raise ParseError(N_("expected seconds since 1970"))
    return int(match[1])


def parse_zone(output: str) -> timezone | None:
    """The zone of ``date '+%s %z'`` at that moment; None where it is not told."""
    match = _EPOCH.fullmatch(output.strip())
    if match is None or match[2] is None:
        return None
    minutes = int(match[3]) * 60 + int(match[4])
    return timezone(timedelta(minutes=-minutes if match[2] == "-" else minutes))


def measured(
    base: Clock, seconds: float, exchange: Exchange, started_at: datetime, *, resolution_s: float = 0.1
) -> Clock:
    """A clock judged against the collector's own.

    Args:
        seconds: the host's time since 1970. exchange: that printed it. resolution_s: of what it printed.
    """
    # The time was printed at some moment of the exchange, most likely at its end.
    printed = started_at.timestamp() + exchange.started_s + exchange.duration_s
    doubt = resolution_s + min(exchange.duration_s, 30.0)
    return replace(base, offset_s=round(seconds - printed, 1), uncertainty_s=round(doubt, 1))
