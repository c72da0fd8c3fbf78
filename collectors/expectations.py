"""What is expected of a device: levels with their provenance, and checks that people define."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class LevelRule:
    """One rule on the ladder device → model → site → contract → default.

    ``check`` names the check; ``item`` is a glob on the item's name ("*" for all). ``provenance``
    says where the numbers come from, e.g. "level of site Main building, set 2026-03-01 by wang".
    ``upper``: a value ≥ the level is abnormal; ``lower``: a value ≤ the level is. ``runs`` and
    ``margin``: see ``Levels``.
    """

    check: str
    provenance: str
    item: str = "*"
    warning: float | None = None
    critical: float | None = None
    direction: Literal["upper", "lower"] = "upper"
    rung: Literal["contract", "site", "model", "device"] = "contract"
    runs: int = 1
    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class Levels:
    """The limits one value was judged by, and where they came from.

    Against flapping: a finding begins after ``runs`` abnormal readings in a row, and ends once the value
    is back by more than ``margin`` (in the check's unit). Neither changes the verdict of one reading.
    """

    warning_upper: float | None = None
    critical_upper: float | None = None
    warning_lower: float | None = None
    critical_lower: float | None = None
    provenance: str = "default"
    runs: int = 1
    margin: float = 0.0


@dataclass(frozen=True, slots=True)
class WebCheck:
    """How a web address is asked and what is expected.

    ``status``: "200" or "200-299,401". ``text``: RE2, "" for none. ``verify``: "system" for the machine's
    authorities, "ca" for those in ``ca`` (PEM), "no". ``server_name``: in place of the address's host, for
    Host and SNI. ``follow``: redirects within the device.
    """

    status: str = "200"
    text: str = ""
    method: str = "GET"
    verify: str = "system"
    ca: str = ""
    server_name: str = ""
    follow: bool = False


@dataclass(frozen=True, slots=True)
class OwnCheck:
    """A check that people define. ``name`` is its name in records.

    ``kind`` command: ``question`` is a reading command, asked where the command line is one of
    ``dialects``; every line that fits ``pattern`` (RE2; groups value and item) is an item.
    ``kind`` oid: ``question`` is an object, scalar or column; ``names_oid`` a column with the items'
    names by the same index; ``pattern``, if any, takes the value out of a text.
    ``kind`` web: ``question`` is an address of the device, asked as ``web`` says; ``levels`` are for the
    milliseconds until the answer begins.
    ``kind`` newest: ``question`` is a path or pattern of files of Linux and AIX hosts; ``levels`` are for the
    hours since the newest of them was written.
    The value times ``scale`` is a number in ``unit``, judged by ``levels``; with ``states`` (word,
    outcome) it is a word instead.
    """

    name: str
    title: str
    kind: Literal["command", "oid", "web", "newest"]
    question: str
    dialects: tuple[str, ...] = ()
    names_oid: str = ""
    pattern: str = ""
    unit: str = ""
    scale: float = 1.0
    states: tuple[tuple[str, str], ...] = ()
    levels: Levels = Levels()
    version: int = 1
    web: WebCheck | None = None
