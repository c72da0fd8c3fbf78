"""Stored English sentences in the reader's language.

Collectors write plain English into transcripts and records: evidence reads the same for ever. Who shows
such a sentence finds its template in the catalogue again and fills it in anew. What no template explains
is shown as it was stored.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from babel.messages.mofile import read_mo
from flask_babel import get_locale, gettext, pgettext

TRANSLATIONS = Path(__file__).resolve().parents[1] / "translations"
MAX_LENGTH = 2000  # longer texts are answers of devices, not sentences of ours
_MAX_SENTENCES = 12
_MIN_LETTERS = 5  # a template with fewer of its own would explain nearly any text
_FEW_LETTERS = (
    12  # one that begins with a value and has fewer explains much: the value must not be a sentence
)
_WEAK_TRIES = 8

_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|(%%)")
_SENTENCE_END = re.compile(r"(?<=[.?!]) ")
_NUMBER = re.compile(r"-?\d[\d.]*")
_CLAUSE = re.compile(r"[.;?!] ")
# A value of this name may be a sentence itself; other values are names that must not be touched.
_NESTED = "reason"
# Sentences of checks in which these values are words of a device's state.
STATED = frozenset(
    {
        "State: %(state)s",
        "State: %(text)s",
        "State %(state)s",
        "State %(state)s, whose meaning is not known",
        "Role %(role)s, state %(state)s",
        "It is running: %(state)s",
        "Is just starting: %(state)s",
        "Does not run: %(state)s",
        "Degraded: %(active)s of %(expected)s members work, state %(state)s",
        "State: %(state)s; rebuilding: %(recovery)s",
    }
)
_STATES = ("state", "role", "text")
STATE_CONTEXT = "device state"  # the catalogue's; scripts/translations.py takes the words of state maps there
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_JOINER = re.compile(r"[\s_-]+")
_STATE_PART = re.compile(r"[^,()]+")
_NUMBERS = frozenset(
    {"bytes", "count", "line", "port", "seconds", "index", "i_1", *(f"i{n}" for n in range(1, 10))}
)


def N_(template: str) -> str:  # noqa: N802 - gettext's customary name
    """Mark a sentence that is stored in English; ``translate`` finds it again."""
    return template


@dataclass(frozen=True, slots=True)
class Template:
    """A message with placeholders: one more piece of literal text than names."""

    pieces: tuple[str, ...]
    names: tuple[str, ...]
    translation: str
    stated: bool = False  # a value is a device's word of a state

    @property
    def letters(self) -> int:
        """How much of a text this template explains by itself."""
        return sum(character.isalpha() for piece in self.pieces for character in piece)

    @property
    def weak(self) -> bool:
        """Whether the values, too, must be of a known form."""
        return self.letters < _MIN_LETTERS

    @property
    def starts_weakly(self) -> bool:
        """Whether its first value begins the text, and little else tells it from other texts."""
        return not self.pieces[0] and self.letters < _FEW_LETTERS

    def may_be(self, text: str) -> bool:
        """Whether all pieces occur in a text; its two ends are compared first, they rule out most."""
        first, *inner, last = self.pieces
        return text.startswith(first) and text.endswith(last) and all(piece in text for piece in inner)

    def fillings(self, text: str) -> Iterator[dict[str, str]]:
        """The values that give this text, the shortest first; for a weak template some more.

        Literal pieces are searched one after the other, so the time grows with the text's length only.
        """
        first, last = self.pieces[0], self.pieces[-1]
        end = len(text) - len(last)
        if end < len(first) or not text.startswith(first) or not text.endswith(last):
            return
        start = len(first)
        for _ in range(_WEAK_TRIES if self.weak else 1):
            found = self._values(text, len(first), start, end)
            if found is None:
                return
            values, place = found
            start = place + 1
            if values is not None:
                yield values

    def _values(
        self, text: str, begin: int, search_from: int, end: int
    ) -> tuple[dict[str, str] | None, int] | None:
        """The values with the first inner piece at or after a place, and that piece's place.

        None when there is no such place; no values when they contradict each other.
        """
        spans: list[str] = []
        at, first_place = begin, end
        for number, piece in enumerate(self.pieces[1:-1]):
            place = text.find(piece, max(at + 1, search_from) if number == 0 else at + 1, end)
            if place < 0:
                return None
            first_place = place if number == 0 else first_place
            spans.append(text[at:place])
            at = place + len(piece)
        if at >= end or (len(self.names) == 1 and search_from >= end):
            return None
        spans.append(text[at:end])
        values = dict(zip(self.names, spans, strict=True))
        same = all(values[name] == span for name, span in zip(self.names, spans, strict=True))
        numbers = all(_NUMBER.fullmatch(values[name]) for name in self.names if name in _NUMBERS)
        return (values if same and numbers else None), first_place


def template_of(message: str, translation: str) -> Template:
    """Cut a message at its placeholders; ``%%`` is a percent sign."""
    pieces, names, at = [""], [], 0
    for match in _PLACEHOLDER.finditer(message):
        pieces[-1] += message[at : match.start()]
        at = match.end()
        if match[2]:
            pieces[-1] += "%"
        else:
            names.append(match[1])
            pieces.append("")
    pieces[-1] += message[at:]
    return Template(tuple(pieces), tuple(names), translation, message in STATED)


class Sentences:
    """One language: messages by their English text."""

    def __init__(self, messages: Mapping[str, str]) -> None:
        found = [template_of(text, translation) for text, translation in messages.items()]
        self._exact = {one.pieces[0]: _plain(one.translation) for one in found if not one.names}
        # A weak one is of use when its values prove it: numbers, and sentences that are known.
        self._templates = sorted(
            (one for one in found if one.names and _usable(one)), key=lambda one: -one.letters
        )
        self._ending_in_a_reason = [
            one
            for one in self._templates
            if one.names[-1] == _NESTED and one.pieces[0] and not one.pieces[-1]
        ]
        self._known: Callable[[str], str | None] = lru_cache(maxsize=4096)(self._find)

    def translate(self, text: str) -> str:
        """The sentence, or several, in this language; unknown text unchanged."""
        if not text or len(text) > MAX_LENGTH:
            return text
        return self._known(text) or text

    def _find(self, text: str) -> str | None:
        # First a reason of several sentences that are all known; then several sentences one by one: the last
        # placeholder of one could swallow the next.
        if (whole := self._with_known_reason(text)) is not None:
            return whole
        ends = list(_SENTENCE_END.finditer(text))[:_MAX_SENTENCES] if text not in self._exact else []
        for end in ends:
            head = self._one(text[: end.start()])
            if head and (tail := self._known(text[end.end() :])):
                return f"{head}{tail}" if head.endswith("。") else f"{head} {tail}"
        return self._one(text)

    def _with_known_reason(self, text: str) -> str | None:
        for template in self._ending_in_a_reason:
            for values in template.fillings(text) if template.may_be(text) else ():
                reason = self._known(values[_NESTED])
                if reason is not None:
                    return template.translation % (values | {_NESTED: reason})
        return None

    def _one(self, text: str) -> str | None:
        if text in self._exact:
            return self._exact[text]
        for template in self._templates:
            if template.may_be(text):
                for values in template.fillings(text):
                    filled = self._filled(template, values)
                    if filled is not None:
                        return filled
        return None

    def _filled(self, template: Template, values: dict[str, str]) -> str | None:
        if _NESTED in values:
            reason = self._known(values[_NESTED])
            if reason is None and template.weak:
                return None
            values[_NESTED] = reason or values[_NESTED]
        elif template.starts_weakly and _CLAUSE.search(values[template.names[0]]):
            return None
        return template.translation % (_stated(values) if template.stated else values)


def _plain(translation: str) -> str:
    return translation.replace("%%", "%")


def _usable(template: Template) -> bool:
    proven = _NESTED in template.names or all(name in _NUMBERS for name in template.names)
    return bool(template.translation) and (not template.weak or proven)


@cache
def sentences_for(locale: str) -> Sentences | None:
    """The language's messages; None for English, which has no catalogue."""
    path = TRANSLATIONS / locale / "LC_MESSAGES" / "messages.mo"
    if not path.is_file():
        return None
    with path.open("rb") as file:
        messages = [one for one in read_mo(file) if one.id and one.context is None]
    return Sentences({str(one.id): str(one.string) for one in messages if isinstance(one.id, str)})


def translate(text: str) -> str:
    """A stored English sentence in the reader's language; one that is not known stays as it is."""
    locale = get_locale()
    known = sentences_for(str(locale)) if locale is not None else None
    return known.translate(text) if known is not None else text


def plain_state(word: str) -> str:
    """A device's word of a state as words: ``batteryLow``, ``battery_low`` and ``Battery-Low`` are one."""
    return _JOINER.sub(" ", _HUMP.sub(" ", word)).strip().lower()


def state_words(text: str) -> str:
    """A device's words of a state in the reader's language; what no state map knows stays as it is.

    ``text`` may be several words with commas, or one with another in brackets: ``active (running)``.
    """
    if get_locale() is None:
        return text
    whole = _state_word(text)
    parts = [part for part in _STATE_PART.findall(text) if part.strip()]
    if whole != text or len(parts) < 2:
        return whole
    return _STATE_PART.sub(
        lambda found: found[0].replace(found[0].strip(), _state_word(found[0].strip()) or "", 1), text
    )


def _state_word(word: str) -> str:
    plain = plain_state(word)
    if not plain:
        return word
    known = pgettext(STATE_CONTEXT, plain)
    if known != plain:
        return str(known)
    return plain if _HUMP.search(word) else word


def _stated(values: Mapping[str, object]) -> dict[str, object]:
    return {
        name: state_words(value) if name in _STATES and isinstance(value, str) else value
        for name, value in values.items()
    }


def render(template: str, values: Mapping[str, object]) -> str:
    """A sentence stored as template and values, in the reader's language."""
    if not template:
        return ""
    shown = {
        name: translate(value) if name == _NESTED and isinstance(value, str) else value
        for name, value in values.items()
    }
    if template in STATED:
        shown = _stated(shown)
    translated = gettext(template)
    try:
        return translated % shown if shown else _plain(translated)
    except (KeyError, TypeError, ValueError):
        # A template of an older version with other values: the words without numbers beat no words.
        return translated
