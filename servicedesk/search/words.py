"""Cuts text into words that both databases index alike.

A run of Chinese (or Japanese, Korean) characters has no blanks: it becomes its overlapping pairs and its
last character, so that a word of any length is found anywhere in it. Every other word is a word. What is
not ASCII is written in hexadecimal: no database's own idea of letters comes into play.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

MAX_WORDS = 20_000  # of one record; more is no longer a text somebody wrote
MAX_TERMS = 12  # of one question
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_RUN = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+")
_IS_CJK = re.compile(rf"[{_CJK}]")


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _ascii(word: str) -> str:
    """The word as index and question spell it; at most 60 letters of it count."""
    word = word[:60]
    return word if word.isascii() else "z" + "".join(f"{ord(letter):04x}" for letter in word[:15])


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    for match in _RUN.finditer(_normal(text)):
        yield match[0], bool(_IS_CJK.match(match[0]))


def index_words(*texts: str) -> str:
    """What is stored for a record: words in order, separated by blanks."""
    words: list[str] = []
    for text in texts:
        for run, is_cjk in _runs(text):
            if is_cjk:
                words += [_ascii(run[at : at + 2]) for at in range(len(run) - 1)]
                words.append(_ascii(run[-1]))
            else:
                words.append(_ascii(run))
            if len(words) >= MAX_WORDS:
                return " ".join(words[:MAX_WORDS])
    return " ".join(words)


def question_terms(question: str) -> list[list[str]]:
    """Terms that must all be found; each is words in a row, of which the last may be a beginning.

    What is written without a blank belongs together: ``10.1.2.3`` and ``FLT-000123`` are one term.
    """
    terms: list[list[str]] = []
    for part in _normal(question).split():
        words: list[str] = []
        for run, is_cjk in _runs(part):
            if not is_cjk or len(run) == 1:
                words.append(_ascii(run))
            else:
                words += [_ascii(run[at : at + 2]) for at in range(len(run) - 1)]
        if words:
            terms.append(words)
    return terms[:MAX_TERMS]


def sqlite_question(question: str) -> str:
    """For FTS5's MATCH; empty when nothing was asked. Words are ASCII letters and digits alone."""
    return " AND ".join(f'"{" ".join(words)}" *' for words in question_terms(question))


def postgres_question(question: str) -> str:
    """For to_tsquery('simple', …)."""
    return " & ".join(f"({' <-> '.join(words)}:*)" for words in question_terms(question))


def alternatives(text: str) -> list[str]:
    """Words of a text of which any may be found; single characters and long runs of digits say little."""
    words = dict.fromkeys(index_words(text[:500]).split())
    return [word for word in words if len(word) > 1 and not (word.isdigit() and len(word) < 3)][
        : 2 * MAX_TERMS
    ]
