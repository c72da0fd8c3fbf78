"""Finds the sections of a host's visit in a transcript and keeps account of what failed."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from collectors.errors import ParseError
from collectors.facts.text import decode
from collectors.messages import N_
from collectors.model import Evidence, Exchange, FactError
from collectors.outcome import Outcome
from collectors.platforms.linux_commands import NAME_OF

T = TypeVar("T")

_DENIED = re.compile(
    r"permission denied|not permitted|must be root|only root|access denied|not seeing messages", re.I
)


class Reader:
    """Reads sections by name; every failure is noted under the fact it was read for."""

    def __init__(
        self, exchanges: Sequence[Exchange], transport: str = "", *, names: Mapping[str, str] = NAME_OF
    ) -> None:
        self._sections: dict[str, tuple[int, Exchange]] = {}
        for number, exchange in enumerate(exchanges):
            name = names.get(exchange.question)
            if name is not None and transport in ("", exchange.transport):
                self._sections.setdefault(name, (number, exchange))
        self.errors: list[FactError] = []
        self.asked: set[str] = set()

    def has(self, section: str) -> bool:
        return section in self._sections

    def exchange(self, section: str) -> Exchange:
        return self._sections[section][1]

    def evidence(self, section: str) -> Evidence | None:
        found = self._sections.get(section)
        return Evidence(found[0]) if found else None

    def note(self, fact: str, section: str, outcome: Outcome, message: str, line: int | None = None) -> None:
        self.asked.add(fact)
        number = self._sections[section][0]
        self.errors.append(FactError(fact, outcome, message, Evidence(number, line)))

    def read(
        self, fact: str, section: str, parse: Callable[[str], T], *, empty_is_answer: bool = False
    ) -> T | None:
        """Parse one section for one fact; None when it was not asked or cannot be had.

        Args:
            empty_is_answer: the command prints nothing when there is nothing to tell.
        """
        if section not in self._sections:
            return None
        self.asked.add(fact)
        failure = self.failure(section, empty_is_answer=empty_is_answer)
        if failure is not None:
            self.note(fact, section, *failure)
            return None
        try:
            return parse(decode(self.exchange(section).answer))
        except ParseError as error:
            words = N_("%(question)s: %(reason)s") % {
                "question": _first_words(self, section),
                "reason": error,
            }
            self.note(fact, section, Outcome.PARSE_FAILED, words, error.line)
        except Exception as error:  # noqa: BLE001 - a defect of one parser must not cost the other facts
            words = N_("%(question)s: the parser failed (%(error)s)") % {
                "question": _first_words(self, section),
                "error": type(error).__name__,
            }
            self.note(fact, section, Outcome.PARSE_FAILED, words)
        return None

    def failure(self, section: str, *, empty_is_answer: bool = False) -> tuple[Outcome, str] | None:
        """Why a section holds no answer, or None when it does."""
        exchange = self.exchange(section)
        if exchange.outcome is not Outcome.OK:
            return exchange.outcome, exchange.error
        complaint = decode(exchange.stderr).strip()
        if _DENIED.search(complaint) and not exchange.answer.strip():
            words = complaint.splitlines()[0][:200]
            return Outcome.UNSUPPORTED, N_("The account may not read this: %(answer)s") % {"answer": words}
        if exchange.answer.strip():
            return None
        if exchange.exit_status not in (0, None):
            status = N_("exit status %(status)s") % {"status": exchange.exit_status}
            words = complaint.splitlines()[0][:200] if complaint else status
            return Outcome.UNSUPPORTED, N_("The host cannot tell: %(reason)s") % {"reason": words}
        return None if empty_is_answer else (Outcome.PARSE_FAILED, N_("The answer is empty."))


def _first_words(reader: Reader, section: str) -> str:
    return reader.exchange(section).question.split("|")[0].strip()[:60]
