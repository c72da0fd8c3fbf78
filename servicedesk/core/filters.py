"""How templates write times, numbers and sizes, in the reader's language and time zone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import TIMEDELTA_UNITS, format_timedelta
from flask import Flask, g, request, url_for
from flask_babel import (
    format_date,
    format_datetime,
    format_decimal,
    get_locale,
    get_timezone,
    gettext,
    ngettext,
)
from markupsafe import Markup

from servicedesk.core.clock import utcnow
from servicedesk.core.natural import natural_key
from servicedesk.core.sentences import render, state_words, translate

Made = TypeVar("Made")
_PLACE = 987_654_321_000  # where the number goes in an address; no path has it otherwise
_AGO_FROM = 1.2  # of a unit; less is told in the next smaller one
_SIZES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def datetime_text(value: datetime | None) -> str:
    """2026-11-23 20:16: the same form in every language, sortable by eye."""
    return "—" if value is None else _in_minutes(value, _zone())


def _in_minutes(value: datetime, zone: tzinfo) -> str:
    return value.astimezone(zone).replace(tzinfo=None).isoformat(" ", "minutes")


def _zone() -> tzinfo:
    """The reader's; a list asks a hundred times for what Flask-Babel keeps in this slot once it was asked."""
    kept: tzinfo | None = getattr(g.get("_flask_babel"), "babel_tzinfo", None)
    return _quick(kept or get_timezone())


@lru_cache(maxsize=64)
def _quick(zone: tzinfo | None) -> tzinfo:
    """The same zone of the standard library, several times as quick as pytz's."""
    return ZoneInfo(str(zone))


def _locale_name() -> str:
    """The reader's language, from the same place."""
    kept: Locale | None = getattr(g.get("_flask_babel"), "babel_locale", None)
    return str(kept or get_locale())


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
    seconds = (value - utcnow()).total_seconds()
    for unit, length in TIMEDELTA_UNITS:
        count = abs(seconds) / length
        if count >= _AGO_FROM or unit == "second":
            return _ago(_locale_name(), unit, round(count) * length, seconds < 0)
    raise AssertionError("seconds are the last unit")


@lru_cache(maxsize=4096)
def _ago(locale: str, unit: Any, seconds: int, past: bool) -> str:
    """Lists show hundreds of times, few of them different in words."""
    delta = timedelta(seconds=-seconds if past else seconds)
    return format_timedelta(delta, granularity=unit, threshold=_AGO_FROM, add_direction=True, locale=locale)


def time_tag(value: datetime | None) -> Markup:
    """An absolute time whose tooltip is the relative one."""
    if value is None:
        return Markup("—")
    # Neither a time nor Babel's words hold anything to be escaped; lists show hundreds of these.
    return Markup(  # noqa: S704 - see above
        f'<time datetime="{value.isoformat()}" title="{ago(value)}">{datetime_text(value)}</time>'
    )


def number(value: float | None, digits: int = 2) -> str:
    """Grouped, at most ``digits`` decimals, without trailing zeros."""
    return "—" if value is None else format_decimal(round(value, digits))


def money(value: Decimal | None) -> str:
    """Grouped, with two decimals always."""
    return "—" if value is None else format_decimal(value, "#,##0.00")


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


def by_name(rows: Iterable[Any]) -> list[Any]:
    """Rows in the order of their names, port 2 before port 10."""
    return sorted(rows, key=lambda row: natural_key(row.name))


def sentence(text: str | None) -> str:
    """A stored English sentence in the reader's language."""
    return translate(text) if text else ""


def state(text: str | None) -> str:
    """A device's word of a state in the reader's language."""
    return state_words(text) if text else ""


def icons_address() -> str:
    """Where the icons lie; looked up once a request."""
    kept: str | None = g.get("icons_address")
    if kept is None:
        kept = g.icons_address = url_for("static", filename="vendor/icons.svg")
    return kept


def memo(function: Callable[..., Made]) -> Callable[..., Made]:
    """A macro that is carried out once for the same arguments: rows of a list show a few states and names."""
    made: dict[tuple[Any, ...], Made] = {}

    def call(*arguments: Any) -> Made:
        if arguments not in made:
            made[arguments] = function(*arguments)
        return made[arguments]

    return call


def numbered(endpoint: str, argument: str, **fixed: Any) -> Callable[[int], str]:
    """Addresses of records that differ in their number alone: a list needs one for each row."""
    values: dict[str, Any] = {**fixed, argument: _PLACE}
    before, after = url_for(endpoint, **values).split(str(_PLACE))
    return lambda number: f"{before}{number:d}{after}"


def with_args(**changes: Any) -> str:
    """The present address with some query values changed; empty ones are left out."""
    values: dict[str, Any] = {**_asked(), **(request.view_args or {}), **changes}
    values = {name: value for name, value in values.items() if value not in (None, "") and name != "poll"}
    return url_for(str(request.endpoint), **values)


def same_list(endpoint: str, **fixed: Any) -> str:
    """Another address, with the query of the present one: the file of the list that is shown."""
    return url_for(endpoint, **{**_asked(), **fixed})


def _asked() -> dict[str, str]:
    """The query, without the names by which ``url_for`` is told what to build."""
    given = request.args.to_dict()
    return {name: text for name, text in given.items() if name != "endpoint" and not name.startswith("_")}


def register(app: Flask) -> None:
    """Give them to the templates."""
    app.jinja_env.globals.update(
        with_args=with_args, same_list=same_list, icons_address=icons_address, memo=memo, numbered=numbered
    )
    app.jinja_env.filters.update(
        datetime=datetime_text,
        date=date_text,
        clock=clock_text,
        weekday=weekday,
        ago=ago,
        time_tag=time_tag,
        number=number,
        money=money,
        size=size,
        bps=bits_per_second,
        duration=duration,
        hours_text=hours_text,
        message=message,
        moment=datetime.fromisoformat,
        sentence=sentence,
        by_name=by_name,
        state=state,
    )
