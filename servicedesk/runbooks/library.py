"""The runbooks that come with the product: read once, found by what they are for."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from servicedesk.core.errors import NotFoundError
from servicedesk.core.folders import top_folder
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.inspections import on_demand
from servicedesk.runbooks.definition import CAUSES, Runbook
from servicedesk.runbooks.linting import Known, lint_folder
from servicedesk.runbooks.parsing import parse_runbook
from servicedesk.search.words import index_words, question_terms

log = logging.getLogger(__name__)
SUGGESTED = 4


def known() -> Known:
    """What runbooks may name in this version of the product."""
    return Known(on_demand.checks(), frozenset(DEVICE_CLASSES), on_demand.questions())


@cache
def library() -> Mapping[str, Runbook]:
    """All of them by key. A file with a problem is left out and named in the log; the others serve."""
    found: dict[str, Runbook] = {}
    for path, runbook, problems in lint_folder(top_folder("runbooks"), known()):
        if runbook is None:
            log.error("runbook %s, line %d: %s", path.name, problems[0].line, problems[0].message)
        else:
            found[runbook.key] = runbook
    return found


def get(key: str) -> Runbook:
    """The present text of a runbook, or NotFoundError."""
    runbook = library().get(key)
    if runbook is None:
        raise NotFoundError
    return runbook


@lru_cache(maxsize=256)
def of_text(source: str) -> Runbook:
    """The runbook a run follows. It was accepted when the run began, so it can be read.

    Raises:
        ValueError: the stored text is damaged.
    """
    runbook, problems = parse_runbook(source)
    if runbook is None:
        raise ValueError(f"line {problems[0].line}: {problems[0].message}")
    return runbook


@lru_cache(maxsize=1024)
def _words(runbook: Runbook) -> str:
    texts = [runbook.key, runbook.title.en, runbook.title.zh, runbook.summary.en, runbook.summary.zh]
    texts += [*runbook.words, *runbook.checks]
    for step in runbook.steps:
        texts += [step.title.en, step.title.zh, step.body.en, step.body.zh]
    return f" {index_words(*texts)}"


def search(
    runbooks: Iterable[Runbook],
    *,
    text: str = "",
    category: str = "",
    device_class: str = "",
    check: str = "",
) -> list[Runbook]:
    """Those that fit all that is given, by title in English; words as the search of tickets cuts them."""
    terms = [" " + " ".join(words) for words in question_terms(text)]
    return sorted(
        (
            runbook
            for runbook in runbooks
            if (not category or runbook.category == category)
            and (not device_class or not runbook.classes or device_class in runbook.classes)
            and (not check or check in runbook.checks)
            and all(term in _words(runbook) for term in terms)
            and (terms or not text.strip())
        ),
        key=lambda runbook: runbook.title.en,
    )


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of a ticket: the checks of its findings, the class of its device, its words."""

    category: str
    checks: frozenset[str] = frozenset()
    device_class: str = ""
    cause: str = ""  # the English name of its cause category
    words: str = ""


def suggested(
    situation: Situation, *, runbooks: Iterable[Runbook] | None = None, limit: int = SUGGESTED
) -> list[Runbook]:
    """The runbooks that fit best; none that only share the category."""
    offered = library().values() if runbooks is None else runbooks
    words = f" {index_words(situation.words)} "
    scored = [(_score(runbook, situation, words), runbook) for runbook in offered]
    best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: (-pair[0], pair[1].title.en))
    return [runbook for _points, runbook in best[:limit]]


def _score(runbook: Runbook, situation: Situation, words: str) -> int:
    of_class = situation.device_class in runbook.classes
    if runbook.classes and situation.device_class and not of_class:
        return 0  # of other devices
    same = runbook.category == situation.category
    points = 10 * len(situation.checks & set(runbook.checks))
    if same:
        points += 4 * sum(f" {_phrase(word)} " in words for word in runbook.words)
        points += 3 * (situation.cause in {CAUSES[name] for name in runbook.causes})
    # Category and class alone say too little, but they tell between two that fit.
    return points + same + of_class if points else 0


@lru_cache(maxsize=4096)
def _phrase(word: str) -> str:
    """A word or phrase of a runbook as ``index_words`` has it, to be looked for as whole words."""
    return " ".join(part for term in question_terms(word) for part in term)


def unserved(checks: Sequence[str]) -> list[str]:
    """Checks for which there is no runbook."""
    served = {name for runbook in library().values() for name in runbook.checks}
    return [name for name in checks if name not in served]
