"""Columns of a file that people bring in: headings in every language, and how a cell becomes a value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ParamSpec, TypeVar

from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel.speaklater import LazyString

from servicedesk.config import LOCALES
from servicedesk.core.errors import DomainError, InvalidError
from servicedesk.core.forms import whole_number
from servicedesk.equipment.vocabulary import Vocabulary

P = ParamSpec("P")
T = TypeVar("T")
LONGEST_DAY = 20  # a longer cell is no day
_BETWEEN = re.compile("[-/.\u5e74\u6708]")  # between year, month and day; also their Chinese characters
_DAY = "\u65e5"
Words = Mapping[str, Mapping[str, str]]  # column → word of any language → code


@dataclass(frozen=True, slots=True)
class Column:
    """``name``: the code, understood in every language; ``size`` the most characters."""

    name: str
    label: LazyString
    size: int = 200
    example: str = ""


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


@dataclass(frozen=True)
class Table:
    """The columns of one kind of file.

    ``codes``: for columns that take words of a list, what each code is called. ``keys``: without one of
    them in the first row nothing of the file could be known.
    """

    columns: tuple[Column, ...]
    codes: Mapping[str, Mapping[str, LazyString]]
    keys: tuple[str, ...]
    by_name: dict[str, Column] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.by_name.update({column.name: column for column in self.columns})

    def vocabulary(
        self,
        labels: Mapping[str, LazyString | str] | None = None,
        named: Mapping[str, tuple[Any, Any]] | None = None,
    ) -> Vocabulary:
        """What a preview calls the fields: as the columns are called, and what is given besides."""
        every: dict[str, LazyString | str] = {column.name: column.label for column in self.columns}
        return Vocabulary(every | dict(labels or {}), self.codes, named or {})

    def known_words(self) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
        """Headings to column names, and for each coded column words to codes; in all languages at once."""
        headings = {column.name: column.name for column in self.columns}
        words = {name: {code: code for code in labels} for name, labels in self.codes.items()}
        for locale in LOCALES:
            with force_locale(locale):
                headings |= {_folded(str(column.label)): column.name for column in self.columns}
                for name, labels in self.codes.items():
                    words[name] |= {_folded(str(label)): code for code, label in labels.items()}
        return headings, words

    def unread(self, heading: list[str]) -> list[str]:
        """The words of a file's first row that name no column of ours: nothing is left out in silence."""
        headings, _words = self.known_words()
        return [cell for cell in heading if cell and not _column_of(cell, headings)]

    def columns_of(self, heading: list[str], headings: Mapping[str, str]) -> list[str]:
        """The column names of a file's first row; "" for columns that are not ours.

        Raises:
            InvalidError: no column by which a row could be known, or one that is there twice.
        """
        names = [_column_of(cell, headings) for cell in heading]
        ours = [name for name in names if name]
        if not any(name in ours for name in self.keys):
            raise InvalidError(
                _("The first row names no column we know. Start from the template of this page."), "file"
            )
        twice = next((name for name in ours if ours.count(name) > 1), "")
        if twice:
            raise InvalidError(
                _("The column “%(name)s” is there twice.", name=self.by_name[twice].label), "file"
            )
        return names

    def coded(self, name: str, text: str, words: Words) -> str:
        """The code that a word of any language means.

        Raises:
            InvalidError: with the words that are possible.
        """
        code = words[name].get(_folded(text))
        if code is None:
            raise InvalidError(
                _(
                    "“%(text)s” is not one of: %(possible)s.",
                    text=text[:40],
                    possible=_(", ").join(str(label) for label in self.codes[name].values()),
                ),
                name,
            )
        return code

    def example(self) -> list[str]:
        """A row that shows how a file is filled in, in the reader's language."""
        return [
            str(self.codes[one.name][one.example]) if one.name in self.codes and one.example else one.example
            for one in self.columns
        ]


def _column_of(cell: str, headings: Mapping[str, str]) -> str:
    return headings.get(_folded(cell.rstrip("*")), "")


@dataclass(slots=True)
class Wrong:
    """What is wrong with a row of ``table``, one sentence a reason."""

    table: Table
    told: list[str] = field(default_factory=list)

    def measure(self, given: Mapping[str, str]) -> None:
        """Note the cells that are too long."""
        for name, text in given.items():
            if len(text) > self.table.by_name[name].size:
                self.told.append(_("“%(name)s” is too long.", name=self.table.by_name[name].label))

    def ask(self, column: str, question: Callable[P, T], *args: P.args, **more: P.kwargs) -> T | None:
        """The answer, or None and the refusal noted, behind the heading of ``column`` if there is one."""
        try:
            return question(*args, **more)
        except DomainError as error:
            told = str(error)
            if column:
                told = _("%(column)s: %(what)s", column=self.table.by_name[column].label, what=told)
            self.told.append(told)
            return None


def day(text: str) -> date:
    """A day as 2028-12-31, 2028/12/31, 2028.12.31, or with the Chinese characters for them.

    Raises:
        InvalidError: none of them.
    """
    parts = _BETWEEN.split(text.removesuffix(_DAY))
    try:
        year, month, number = (whole_number(part) or 0 for part in parts)
        found = date(year, month, number)
        if not 1970 <= year <= 2200:
            raise ValueError(year)
    except ValueError:
        raise InvalidError(_("“%(text)s” is no day; write 2028-12-31.", text=text[:40])) from None
    return found


def count(text: str, most: int) -> int:
    """A whole number from 1.

    Raises:
        InvalidError: not one.
    """
    found = whole_number(text)
    if not found or found > most:
        raise InvalidError(_("“%(text)s” is not a number from 1 to %(most)s.", text=text[:40], most=most))
    return found
