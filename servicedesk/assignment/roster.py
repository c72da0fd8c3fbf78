"""The duty roster of a team: each week's pattern, and single days that differ from it."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from servicedesk.assignment.models import Duty, Team, TeamMember
from servicedesk.assignment.queries import get_managed_team
from servicedesk.assignment.schedule import format_span, parse_span
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotFoundError
from servicedesk.staff.models import User

MAX_ENTRIES = 2000  # of a team
MAX_BYTES = 256 * 1024
YEARS = range(2000, 2200)
FIELD = "file"


@dataclass(frozen=True, slots=True)
class Entry:
    """On duty on a weekday (0 is Monday) or on a day; ``user_id`` None: nobody, on a day alone."""

    user_id: int | None
    from_minute: int
    until_minute: int
    weekday: int | None = None
    day: date | None = None


def entries_of(team_id: int) -> Sequence[Duty]:
    """All entries of a team, with names."""
    return db.session.scalars(
        sa.select(Duty)
        .where(Duty.team_id == team_id)
        .options(joinedload(Duty.user))
        .order_by(Duty.day, Duty.weekday, Duty.from_minute, Duty.id)
    ).all()


def add(team_id: int, entries: Collection[Entry], *, actor: Actor, now: datetime) -> None:
    """Write entries into the roster.

    Raises:
        NotFoundError: no such team, or out of reach.
        InvalidError: nobody of the team, hours that are none, an entry that is there already.
    """
    audit.take_turn()
    team = get_managed_team(team_id, actor)
    _write(team, entries)
    audit.record(actor, "roster.added", team, now=now, label=team.name, after={"entries": _texts(entries)})


def remove(team_id: int, duty_id: int, *, actor: Actor, now: datetime) -> None:
    """Take an entry out.

    Raises:
        NotFoundError: no such team or entry.
    """
    audit.take_turn()
    team = get_managed_team(team_id, actor)
    duty = db.session.scalar(sa.select(Duty).where(Duty.id == duty_id, Duty.team_id == team_id))
    if duty is None:
        raise NotFoundError
    entry = Entry(duty.user_id, duty.from_minute, duty.until_minute, duty.weekday, duty.day)
    audit.record(actor, "roster.removed", team, now=now, label=team.name, before={"entries": _texts([entry])})
    db.session.delete(duty)
    db.session.flush()


def replace_days(team_id: int, entries: Collection[Entry], *, actor: Actor, now: datetime) -> None:
    """Take over a file: the days it names have its entries, and no others of their own.

    Raises:
        NotFoundError, InvalidError: as ``add``.
    """
    audit.take_turn()
    team = get_managed_team(team_id, actor)
    days = sorted({entry.day for entry in entries if entry.day is not None})
    db.session.execute(sa.delete(Duty).where(Duty.team_id == team_id, Duty.day.in_(days)))
    _write(team, entries)
    audit.record(actor, "roster.imported", team, now=now, label=team.name, after={"entries": _texts(entries)})


def _write(team: Team, entries: Collection[Entry]) -> None:
    people = {member.user_id for member in team.members}
    known = {_key(duty) for duty in db.session.scalars(sa.select(Duty).where(Duty.team_id == team.id))}
    if len(known) + len(entries) > MAX_ENTRIES:
        raise InvalidError(_("More than %(count)s entries: remove old ones first.", count=MAX_ENTRIES))
    for entry in entries:
        nobody = entry.user_id is None and entry.day is not None
        if entry.user_id not in people and not nobody:
            raise InvalidError(_("Choose somebody of the team."), "user_id")
        if (entry.weekday is None) == (entry.day is None) or entry.weekday not in (None, *range(7)):
            raise InvalidError(_("Choose a weekday or a day."), "weekdays")
        if not 0 <= entry.from_minute < entry.until_minute <= 2 * 24 * 60:
            raise InvalidError(_("Write hours like 08:30-17:30."), "hours")
        if _key(entry) in known:
            raise InvalidError(_("This entry is there already."), "hours")
        known.add(_key(entry))
        db.session.add(
            Duty(
                team_id=team.id,
                user_id=entry.user_id,
                weekday=entry.weekday,
                day=entry.day,
                from_minute=entry.from_minute,
                until_minute=entry.until_minute,
            )
        )
    db.session.flush()


def _key(entry: Entry | Duty) -> tuple[int | None, int | None, date | None, int, int]:
    return entry.user_id, entry.weekday, entry.day, entry.from_minute, entry.until_minute


def _texts(entries: Collection[Entry]) -> list[str]:
    """For the audit trail: at most 50, then how many more."""
    ids = {entry.user_id for entry in entries if entry.user_id is not None}
    names = {
        row.id: row.username
        for row in db.session.execute(sa.select(User.id, User.username).where(User.id.in_(ids)))
    }
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    lines = [
        f"{entry.day.isoformat() if entry.day else days[entry.weekday or 0]} "
        f"{format_span(entry.from_minute, entry.until_minute)} {names.get(entry.user_id or 0, '-')}"
        for entry in entries
    ]
    return lines[:50] + ([f"+{len(lines) - 50}"] if len(lines) > 50 else [])


def monday_of(day: date) -> date:
    """The first day of its week."""
    return day - timedelta(days=day.weekday())


def read_file(content: bytes, team: Team) -> list[Entry]:
    """Entries of a CSV file with day, user name (``-``: nobody) and hours. Reading writes nothing.

    Raises:
        InvalidError: one sentence that names the line.
    """
    if len(content) > MAX_BYTES:
        raise InvalidError(_("The file is too large for a roster."), FIELD)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = "\x00"
    if "\x00" in text:
        raise InvalidError(_("The file is no text in UTF-8. Save it again in that encoding."), FIELD)
    rows = db.session.execute(
        sa.select(User.username, User.id)
        .join(TeamMember, TeamMember.user_id == User.id)
        .where(TeamMember.team_id == team.id)
    )
    people = {row.username: row.id for row in rows}
    entries: list[Entry] = []
    for line, entry in _lines(text, people):
        if entry in entries:
            raise _wrong(line, _("this entry is there twice."))
        entries.append(entry)
        if len(entries) > MAX_ENTRIES:
            raise InvalidError(
                _("More than %(count)s entries: remove old ones first.", count=MAX_ENTRIES), FIELD
            )
    if not entries:
        raise InvalidError(_("There is no entry in this file."), FIELD)
    return entries


def _lines(text: str, people: dict[str, int]) -> Iterator[tuple[int, Entry]]:
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells) or cells[0].lower() == "day":
                continue
            yield reader.line_num, _entry(cells, reader.line_num, people)
    except csv.Error:
        raise _wrong(reader.line_num, _("this is no line of a CSV file.")) from None


def _entry(cells: list[str], line: int, people: dict[str, int]) -> Entry:
    if len(cells) < 3:
        raise _wrong(line, _("a line has a day, a user name and hours."))
    try:
        day = date.fromisoformat(cells[0])
    except ValueError:
        day = None
    if day is None or day.year not in YEARS:
        raise InvalidError(
            _("Line %(line)s: %(text)s is no date like 2026-10-01.", line=line, text=cells[0][:40]), FIELD
        )
    name = cells[1].lower()
    if name != "-" and name not in people:
        raise _wrong(line, _("%(name)s is nobody of the team.", name=cells[1][:64]))
    span = parse_span(cells[2])
    if span is None:
        raise _wrong(line, _("hours are written like 08:30-17:30."))
    return Entry(people.get(name), *span, day=day)


def _wrong(line: int, what: str) -> InvalidError:
    return InvalidError(_("Line %(line)s: %(what)s", line=line, what=what), FIELD)
