"""Kinds of software and of licences, and how a licence stands, in words."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

PRODUCT_KINDS: dict[str, LazyString] = {
    "system": _l("Operating system"),
    "database": _l("Database"),
    "middleware": _l("Middleware"),
    "security": _l("Security software"),
    "office": _l("Office software"),
    "application": _l("Business application"),
    "firmware": _l("Firmware"),
    "other": _l("Other"),
}
LICENCE_KINDS: dict[str, LazyString] = {
    "device": _l("Per device"),
    "user": _l("Per user"),
    "core": _l("Per core or processor"),
    "concurrent": _l("Concurrent users"),
    "subscription": _l("Subscription"),
    "site": _l("Site licence"),
    "free": _l("Free"),
}
UNLIMITED = ("site", "free")  # kinds that count nothing
PHASES: dict[str, LazyString] = {
    "running": _l("Valid"),
    "ending": _l("Ends soon"),
    "lapsing": _l("Maintenance ends soon"),
    "lapsed": _l("Valid, maintenance has ended"),
    "ended": _l("Has ended"),
    "coming": _l("Not valid yet"),
}
LOOKS: dict[str, tuple[str, str]] = {
    "running": ("ok", "check-circle"),
    "ending": ("warn", "clock"),
    "lapsing": ("warn", "clock"),
    "lapsed": ("warn", "exclamation-triangle"),
    "ended": ("bad", "x-circle"),
    "coming": ("mute", "hourglass-split"),
}


def phase(licence: Any, today: date) -> str:
    """One of ``PHASES``; a last day counts as valid. ``licence``: a record or a row with its columns."""
    ends, kept = licence.ends_on, licence.maintenance_until
    if ends is not None and ends < today:
        return "ended"
    if licence.starts_on is not None and licence.starts_on > today:
        return "coming"
    if licence.warn_from <= today:
        return "ending"
    if kept is not None and kept < today:
        return "lapsed"
    return "lapsing" if licence.lapse_warn_from <= today else "running"


def use(used: int, quantity: int) -> tuple[str, int]:
    """("over", by how many), ("full", 0), ("free", how many are left), or ("unlimited", 0)."""
    if quantity == 0:
        return "unlimited", 0
    if used > quantity:
        return "over", used - quantity
    return ("full", 0) if used == quantity else ("free", quantity - used)
