"""What a service of the catalogue asks, as data: read strictly, shown as fields of tickets are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from servicedesk.core.errors import InvalidError
from servicedesk.tickets.fields import YES, YES_LABEL
from servicedesk.tickets.workflow import TicketField

KINDS = ("text", "long", "number", "choice", "date", "flag")
MAX_FIELDS, MAX_CHOICES, MAX_TEXT = 30, 50, 300
PREFIX = "service_"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_KEYS = {"name", "kind", "label_en", "label_zh", "help_en", "help_zh", "required", "choices", "when"}


@dataclass(frozen=True, slots=True)
class ServiceField:
    """Texts are pairs (English, Chinese); ``when``: name of a field above and the values that show this."""

    name: str
    kind: str
    label: tuple[str, str]
    help: tuple[str, str] = ("", "")
    required: bool = False
    choices: tuple[tuple[str, tuple[str, str]], ...] = ()
    when: tuple[str, tuple[str, ...]] | None = None

    def in_locale(self, locale: str) -> TicketField:
        """The same as a field of a ticket, named with ``PREFIX``, in one language."""
        at = int(locale == "zh_CN")
        return TicketField(
            PREFIX + self.name,
            self.label[at],
            self.kind,
            self.help[at],
            choices=tuple((value, words[at]) for value, words in self.choices),
            required=self.required,
            when=(PREFIX + self.when[0], self.when[1]) if self.when else None,
        )

    def words(self, value: str) -> tuple[str, str]:
        """A value as both languages show it."""
        if self.kind == "choice":
            return next((words for name, words in self.choices if name == value), (value, value))
        if self.kind == "flag":
            return _in_locale("en"), _in_locale("zh_CN")
        return value, value


def _in_locale(locale: str) -> str:
    with force_locale(locale):
        return str(YES_LABEL)


def parse(rows: list[Any]) -> tuple[ServiceField, ...]:
    """Read definitions of fields.

    Raises:
        InvalidError: the sentence says which field and what is wrong with it.
    """
    if len(rows) > MAX_FIELDS:
        raise InvalidError(_("At most %(count)s fields: nobody fills in more.", count=MAX_FIELDS), "fields")
    known: dict[str, ServiceField] = {}
    for number, row in enumerate(rows, 1):
        found = _field(row, number, known)
        known[found.name] = found
    return tuple(known.values())


def _wrong(number: int, sentence: str) -> InvalidError:
    return InvalidError(_("Field %(number)s: %(sentence)s", number=number, sentence=sentence), "fields")


def _field(row: Any, number: int, above: Mapping[str, ServiceField]) -> ServiceField:
    if not isinstance(row, dict) or set(row) - _KEYS:
        raise _wrong(number, _("only these keys are known: %(keys)s.", keys=", ".join(sorted(_KEYS))))
    name, kind, required = row.get("name"), row.get("kind"), row.get("required", False)
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name in above:
        raise _wrong(number, _("give a name of its own in small letters, digits and _."))
    if not isinstance(kind, str) or kind not in KINDS:
        raise _wrong(number, _("the kind is one of %(kinds)s.", kinds=", ".join(KINDS)))
    if not isinstance(required, bool):
        raise _wrong(number, _("“required” is true or false."))
    label = _pair(row, "label", number)
    if not all(label):
        raise _wrong(number, _("give the label in both languages."))
    choices = _choices(row.get("choices", []), number)
    if (kind == "choice") != bool(choices):
        raise _wrong(number, _("a choice has choices, and nothing else has."))
    when = _when(row.get("when"), number, above)
    return ServiceField(name, kind, label, _pair(row, "help", number), required, choices, when)


def _pair(
    row: Mapping[str, Any], key: str, number: int, ends: tuple[str, str] = ("_en", "_zh")
) -> tuple[str, str]:
    en, zh = (row.get(key + end, "") for end in ends)
    for text in (en, zh):
        if not isinstance(text, str) or len(text) > MAX_TEXT or any(ord(c) < 32 for c in text):
            raise _wrong(
                number, _("labels and help are one line of at most %(count)s characters.", count=MAX_TEXT)
            )
    return en.strip(), zh.strip()


def _choices(rows: Any, number: int) -> tuple[tuple[str, tuple[str, str]], ...]:
    if not isinstance(rows, list) or len(rows) > MAX_CHOICES:
        raise _wrong(number, _("choices are a list of at most %(count)s.", count=MAX_CHOICES))
    found: dict[str, tuple[str, str]] = {}
    for row in rows:
        value = row.get("value") if isinstance(row, dict) else None
        if not isinstance(value, str) or not _NAME.fullmatch(value) or value in found:
            raise _wrong(number, _("each choice has a value of its own in small letters, digits and _."))
        found[value] = _pair(row, "", number, ("en", "zh"))
        if not all(found[value]):
            raise _wrong(number, _("give the label in both languages."))
    return tuple(found.items())


def _when(given: Any, number: int, above: Mapping[str, ServiceField]) -> tuple[str, tuple[str, ...]] | None:
    """Only fields above may rule, so that no two can wait for each other."""
    if given is None:
        return None
    name = given.get("field") if isinstance(given, dict) else None
    ruler = above.get(name) if isinstance(name, str) else None
    if ruler is None or ruler.kind not in ("choice", "flag"):
        raise _wrong(number, _("“when” names a choice or a flag above this field."))
    possible = {YES} if ruler.kind == "flag" else {value for value, _words in ruler.choices}
    values = given.get("values")
    if (
        not isinstance(values, list)
        or not values
        or not all(isinstance(v, str) and v in possible for v in values)
    ):
        raise _wrong(
            number, _("“when” lists values of that field: %(values)s.", values=", ".join(sorted(possible)))
        )
    return ruler.name, tuple(values)
