"""What a kind of file must know: its columns, what its rows would do, how they are done and taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from servicedesk.core.actor import Actor
from servicedesk.core.errors import ConflictError
from servicedesk.core.sheet_files import Row
from servicedesk.equipment.sheet_table import Table
from servicedesk.equipment.vocabulary import Change, Vocabulary

CREATE, UPDATE, SAME, WRONG = "create", "update", "same", "wrong"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Differing:
    """A field that a row would change, with its kept values."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Planned:
    """One row of the file: what becomes of it, or why it cannot.

    ``data``: what its kind of file needs to do it; ``note``: shown beside a new one.
    """

    line: int
    action: str
    label: str
    device_id: int | None = None
    data: Any = None
    changed: tuple[Differing, ...] = ()
    errors: tuple[str, ...] = ()  # everything that is wrong with the row
    note: str = ""


@dataclass(frozen=True, slots=True)
class Work:
    """Who does it, when, why (into the history), and whom to tell how far it is."""

    client_id: int
    actor: Actor
    now: datetime
    reason: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class FileKind:
    """``carry_out`` does rows that are planned and gives what taking them back needs, as JSON.

    ``take_back`` gets those entries and the moment they were done, and refuses as a whole what was changed
    since. Both raise DomainError, and the caller rolls back.
    """

    name: str
    title: LazyString
    endpoint: str  # of the list that its rows come into
    rule: LazyString  # how a row is known again
    note: LazyString  # what ``Planned.note`` is
    table: Table
    plan: Callable[[Iterable[Row], int, Actor], list[Planned]]
    carry_out: Callable[[Sequence[Planned], Work], list[Any]]
    take_back: Callable[[Sequence[Any], datetime, Work], None]
    vocabulary: Vocabulary  # of the fields in ``Planned.changed``


def differing(old: Any, new: Any, names: Iterable[str]) -> tuple[Differing, ...]:
    """The fields in which a record (None: there is none) and what it would become differ."""
    if old is None:
        return ()
    pairs = ((name, getattr(old, name), getattr(new, name)) for name in names)
    return tuple(Differing(name, before, after) for name, before, after in pairs if before != after)


def changes_in_words(planned: Sequence[Planned], vocabulary: Vocabulary) -> list[tuple[Change, ...]]:
    """For each row what it changes, in words; one query for each kind of record that is named."""
    parts = ({one.name: side} for row in planned for one in row.changed for side in (one.before, one.after))
    names = vocabulary.names_of(parts)
    return [
        tuple(vocabulary.change(one.name, one.before, one.after, names) for one in row.changed)
        for row in planned
    ]


def changed_since(name: str) -> ConflictError:
    """Why an import cannot be taken back."""
    return ConflictError(
        _("%(name)s was changed after the import, so it cannot be taken back as a whole.", name=name)
    )


def gone_meanwhile() -> ConflictError:
    """Why an import cannot be carried out."""
    return ConflictError(_("A record was deleted meanwhile. Look the file over again."))


def of_line(line: int, what: object) -> ConflictError:
    """A refusal of one row."""
    return ConflictError(_("Line %(line)s: %(what)s", line=line, what=str(what)))


def cells_of(
    rows: Iterable[Row], table: Table
) -> tuple[list[tuple[int, dict[str, str]]], dict[str, dict[str, str]]]:
    """The filled cells of each row, and the words of coded columns.

    Raises:
        InvalidError: the heading is not ours.
    """
    every = list(rows)
    headings, words = table.known_words()
    names = table.columns_of(every[0][1], headings)
    return [
        (line, {name: cell for name, cell in zip(names, cells, strict=False) if name and cell})
        for line, cells in every[1:]
    ], words
