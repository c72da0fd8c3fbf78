"""How templates write times, numbers and sizes, in the reader's language and time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Flask, request, url_for
from flask_babel import format_date, format_datetime, format_decimal, format_timedelta, gettext, ngettext
from markupsafe import Markup

from servicedesk.core.clock import utcnow

_SIZES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def datetime_text(value: datetime | None) -> str:
    """2026-11-23 20:16: the same form in every language, sortable by eye."""
    return "—" if value is None else format_datetime(value, "yyyy-MM-dd HH:mm")


def date_text(value: date | None) -> str:
    """2026-11-23."""
    return "—" if value is None else format_date(value, "yyyy-MM-dd", rebase=False)


def weekday(value: date) -> str:
    """The day's name."""
    return format_date(value, "EEEE", rebase=False)


def ago(value: datetime | None) -> str:
    """ "3 hours ago"."""
    if value is None:
        return ""
    return format_timedelta(value - utcnow(), add_direction=True, threshold=1.2)


def time_tag(value: datetime | None) -> Markup:
    """An absolute time whose tooltip is the relative one."""
    if value is None:
        return Markup("—")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        value.isoformat(), ago(value), datetime_text(value)
    )


def number(value: float | None, digits: int = 2) -> str:
    """Grouped, at most ``digits`` decimals, without trailing zeros."""
    return "—" if value is None else format_decimal(round(value, digits))


def size(value: float | None) -> str:
    """Bytes in binary units."""
    if value is None:
        return "—"
    step = 0
    while abs(value) >= 1024 and step < len(_SIZES) - 1:
        value, step = value / 1024, step + 1
    return f"{format_decimal(round(value, 1 if step else 0))} {_SIZES[step]}"


def bits_per_second(value: float | None) -> str:
    """1 Gbit/s."""
    if not value:
        return "—"
    for factor, unit in ((1e9, "Gbit/s"), (1e6, "Mbit/s"), (1e3, "kbit/s")):
        if value >= factor:
            return f"{format_decimal(round(value / factor, 1))} {unit}"
    return f"{format_decimal(value)} bit/s"


def duration(seconds: float | None) -> str:
    """In words: "2 days 3 hours"; the two largest units."""
    if seconds is None:
        return "—"
    whole = int(seconds)
    days, rest = divmod(whole, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, left = divmod(rest, 60)
    parts = [
        (days, ngettext("%(num)s day", "%(num)s days", days)),
        (hours, ngettext("%(num)s hour", "%(num)s hours", hours)),
        (minutes, ngettext("%(num)s minute", "%(num)s minutes", minutes)),
        (left, ngettext("%(num)s second", "%(num)s seconds", left)),
    ]
    shown = [text for count, text in parts if count][:2]
    return " ".join(shown) or gettext("less than a second")


def message(data: Mapping[str, Any] | None) -> str:
    """A stored sentence (template and values) in the reader's language."""
    if not data:
        return ""
    template = gettext(str(data.get("template", "")))
    values = data.get("values") or {}
    try:
        return template % values if values else template.replace("%%", "%")
    except (KeyError, TypeError, ValueError):
        # A template of an older version with other values: the words without numbers beat no words.
        return template


def with_args(**changes: Any) -> str:
    """The present address with some query values changed; empty ones are left out."""
    values: dict[str, Any] = {**request.args.to_dict(), **changes}
    values = {name: value for name, value in values.items() if value not in (None, "") and name != "poll"}
    return url_for(str(request.endpoint), **{**(request.view_args or {}), **values})


def register(app: Flask) -> None:
    """Give them to the templates."""
    app.jinja_env.globals["with_args"] = with_args
    app.jinja_env.filters.update(
        datetime=datetime_text,
        date=date_text,
        weekday=weekday,
        ago=ago,
        time_tag=time_tag,
        number=number,
        size=size,
        bps=bits_per_second,
        duration=duration,
        message=message,
    )
