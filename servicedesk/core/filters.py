"""How templates write times, numbers and sizes, in the reader's language and time zone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, request, url_for
from flask_babel import format_date, format_datetime, format_decimal, format_timedelta, gettext, ngettext
from markupsafe import Markup

from servicedesk.core.clock import utcnow
from servicedesk.core.sentences import render, translate

_SIZES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def datetime_text(value: datetime | None) -> str:
    """2026-11-23 20:16: the same form in every language, sortable by eye."""
    return "—" if value is None else format_datetime(value, "yyyy-MM-dd HH:mm")


def datetime_in(value: datetime, zone: ZoneInfo) -> str:
    """The same in a zone that is not the reader's."""
    return format_datetime(value.astimezone(zone), "yyyy-MM-dd HH:mm", rebase=False)


def clock_text(value: datetime) -> str:
    """20:16."""
    return format_datetime(value, "HH:mm")


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


def hours_text(seconds: float) -> str:
    """Working time in hours and minutes: a day of it would be read as 24 hours."""
    minutes = int(seconds) // 60
    hours, rest = divmod(minutes, 60)
    parts = [
        (hours, ngettext("%(num)s hour", "%(num)s hours", hours)),
        (rest, ngettext("%(num)s minute", "%(num)s minutes", rest)),
    ]
    none = ngettext("%(num)s minute", "%(num)s minutes", 0)
    return " ".join(text for count, text in parts if count) or none


def message(data: Mapping[str, Any] | str | None) -> str:
    """A stored sentence, filled in or as template and values, in the reader's language."""
    if not data:
        return ""
    if isinstance(data, str):
        return translate(data)
    return render(str(data.get("template", "")), data.get("values") or {})


def sentence(text: str | None) -> str:
    """A stored English sentence in the reader's language."""
    return translate(text) if text else ""


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
        clock=clock_text,
        weekday=weekday,
        ago=ago,
        time_tag=time_tag,
        number=number,
        size=size,
        bps=bits_per_second,
        duration=duration,
        hours_text=hours_text,
        message=message,
        moment=datetime.fromisoformat,
        sentence=sentence,
    )
