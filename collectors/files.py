"""Chosen files of servers: what a visit asks for, and what came of it.

Secrets are hidden while the host's answer is still in the hand: what a transcript keeps is one exchange a
file, "file PATH", with the text as it may be read, and one a pattern, "list PATTERN".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from collectors.configuration import marker
from collectors.facts.text import decode
from collectors.hiding import hide_in_file
from collectors.messages import N_
from collectors.model import Evidence, Exchange, Target
from collectors.outcome import Outcome
from collectors.platforms.file_guard import (
    MAX_FILE_BYTES,
    MAX_MATCHES,
    MAX_VISIT_BYTES,
    is_pattern,
    matches,
    never_read,
    permitted,
)
from collectors.platforms.linux_files import Printed, files_section, printed
from collectors.platforms.sections import Section

FILE, LIST = "file ", "list "
_RESOLVERS = {"linux": "readlink", "aix": "perl"}
# Lines that programs write anew each time: when, by which run, how often.
VOLATILE: tuple[re.Pattern[str], ...] = tuple(
    re.compile(text)
    for text in (
        r"(?i)^\s*[#;!]+.{0,80}\b(?:generated|written|created|modified|updated|saved|changed)\b.{0,80}"
        r"(?:\d{1,2}:\d{2}|\d{4}-\d{2}-\d{2})",
        r"(?i)^\s*[#;!]+\s*(?:timestamp|date|last[ -](?:change|modified|update))\b",
        r"(?i)^\s*[#;!]+\s*(?:installed|edited) on \w{3} ",
    )
)
_REASONS: dict[str, tuple[Outcome, str]] = {
    "absent": (Outcome.NOT_APPLICABLE, N_("The host has no such file.")),
    "denied": (Outcome.UNSUPPORTED, N_("The account may not read this file.")),
    "refused": (
        Outcome.UNSUPPORTED,
        N_("It leads to a file that is never read: it may hold passwords, keys or tokens."),
    ),
    "folder": (Outcome.UNSUPPORTED, N_("This is a folder. Choose its files by a pattern.")),
    "special": (Outcome.UNSUPPORTED, N_("This is no plain file.")),
    "binary": (Outcome.UNSUPPORTED, N_("This is no text.")),
    "large": (
        Outcome.UNSUPPORTED,
        N_("The file is larger than %(kilobytes)s KB.") % {"kilobytes": MAX_FILE_BYTES // 1024},
    ),
    "full": (
        Outcome.UNSUPPORTED,
        N_("The files of this visit are larger than %(kilobytes)s KB together.")
        % {"kilobytes": MAX_VISIT_BYTES // 1024},
    ),
    "more": (Outcome.UNSUPPORTED, N_("More than %(count)s files fit the pattern.") % {"count": MAX_MATCHES}),
}
_UNKNOWN = (Outcome.PARSE_FAILED, N_("The answer cannot be understood."))


@dataclass(frozen=True, slots=True)
class ChosenFile:
    """One file that was asked for. ``text``: secrets hidden, volatile lines left out; "" unless ``outcome``
    is OK. ``path`` of what could not be listed is the pattern."""

    path: str
    outcome: Outcome
    reason: str = ""
    text: str = ""
    lines: int = 0
    evidence: Evidence | None = None

    @property
    def sha256(self) -> str:
        """Of the text in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ChosenFiles:
    """All of one visit. ``listed``: patterns whose every file is among ``files``."""

    files: tuple[ChosenFile, ...]
    listed: tuple[str, ...] = ()

    def gone(self, path: str) -> bool:
        """Whether this visit shows that a file, read before by a pattern, is no longer there."""
        if any(one.path == path for one in self.files):
            return False
        return any(matches(path, pattern) for pattern in self.listed)

    def asked(self, path: str) -> bool:
        """Whether this visit asked for a file, by its path or by a pattern."""
        return any(one.path == path or matches(path, one.path) for one in self.files) or any(
            matches(path, pattern) for pattern in self.listed
        )


def section_for(target: Target, platform: str = "linux") -> Section | None:
    """What a Linux or AIX host is asked, if anything; the guard looks at each path again."""
    paths = permitted(target.files)
    resolver = _RESOLVERS.get(platform)
    return files_section(paths, resolver) if paths and resolver else None


def without_secrets(exchanges: Sequence[Exchange], section: Section, target: Target) -> tuple[Exchange, ...]:
    """The exchanges with the raw one of the files replaced by one for each file.

    Nothing of an answer that did not arrive whole is kept.
    """
    kept: list[Exchange] = []
    for exchange in exchanges:
        if exchange.question != section.command:
            kept.append(exchange)
            continue
        bare = replace(exchange, answer=b"", stderr=b"", exit_status=None)
        if exchange.outcome is not Outcome.OK:
            kept += (replace(bare, question=f"{FILE}{path}") for path in permitted(target.files))
            continue
        kept += _taken_apart(bare, decode(exchange.answer), target)
    return tuple(kept)


def _taken_apart(bare: Exchange, answer: str, target: Target) -> Iterator[Exchange]:
    marked = marker(target.hiding_key.encode())
    found = list(printed(answer))
    paths = permitted(target.files)
    told = {one.path for one in found}
    incomplete = {one.path for one in found if one.word != "list" and is_pattern(one.path)}
    seen: set[str] = set()
    for one in found:
        if not any(one.path == path or matches(one.path, path) for path in paths):
            continue  # nobody asked for it
        if one.word == "list":
            names = "".join(f"{two.path}\n" for two in found if matches(two.path, one.path))
            if one.path not in incomplete:
                yield replace(bare, question=f"{LIST}{one.path}", answer=names.encode())
        elif one.path not in seen:
            seen.add(one.path)
            yield _file(bare, one, marked)
    for path in paths:
        if path not in told:
            outcome, reason = _UNKNOWN
            yield replace(bare, question=f"{FILE}{path}", outcome=outcome, error=reason)


def _file(bare: Exchange, one: Printed, marked: Callable[[str], str]) -> Exchange:
    word = "refused" if one.word == "file" and (never_read(one.resolved) or not one.resolved) else one.word
    if word == "file":
        return replace(bare, question=f"{FILE}{one.path}", answer=hide_in_file(one.text, marked).encode())
    outcome, reason = _REASONS.get(word, _UNKNOWN)
    return replace(bare, question=f"{FILE}{one.path}", outcome=outcome, error=reason)


def chosen_files(exchanges: Sequence[Exchange]) -> ChosenFiles | None:
    """What a transcript says of chosen files; None when none were asked for."""
    files, listed = [], []
    for number, exchange in enumerate(exchanges):
        if exchange.transport != "ssh":
            continue
        if exchange.question.startswith(f"{LIST}/"):
            listed.append(exchange.question.removeprefix(LIST))
        elif exchange.question.startswith(f"{FILE}/"):
            files.append(_read(exchange, number))
    return ChosenFiles(tuple(files), tuple(listed)) if files or listed else None


def _read(exchange: Exchange, number: int) -> ChosenFile:
    path = exchange.question.removeprefix(FILE)
    if exchange.outcome is not Outcome.OK:
        return ChosenFile(path, exchange.outcome, exchange.error, evidence=Evidence(number))
    lines = [line.rstrip() for line in decode(exchange.answer).split("\n")]
    kept = [line for line in lines if not any(one.search(line) for one in VOLATILE)]
    while kept and not kept[-1]:
        kept.pop()
    text = "".join(f"{line}\n" for line in kept)
    return ChosenFile(path, Outcome.OK, "", text, len(kept), Evidence(number))
