"""The risk of a change: questions whose answers score, and what the sum means. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString


@dataclass(frozen=True, slots=True)
class Question:
    """``answers``: name, words, points."""

    name: str
    label: LazyString
    answers: tuple[tuple[str, LazyString, int], ...]

    @property
    def choices(self) -> tuple[tuple[str, LazyString], ...]:
        """As a field of a ticket offers them."""
        return tuple((name, label) for name, label, _points in self.answers)


QUESTIONS: tuple[Question, ...] = (
    Question(
        "risk_reach",
        _l("Who notices if it goes wrong"),
        (
            ("few", _l("A few people"), 1),
            ("department", _l("A department"), 2),
            ("everybody", _l("Everybody or the public"), 4),
        ),
    ),
    Question(
        "risk_interruption",
        _l("Interruption while it is carried out"),
        (("none", _l("None"), 0), ("short", _l("Under half an hour"), 1), ("long", _l("Longer"), 3)),
    ),
    Question(
        "risk_experience",
        _l("Have we done this before"),
        (("often", _l("Often"), 0), ("once", _l("Once or twice"), 1), ("never", _l("Never"), 3)),
    ),
    Question(
        "risk_backout",
        _l("Way back"),
        (
            ("easy", _l("Minutes, tried out"), 0),
            ("slow", _l("Takes longer than half an hour"), 2),
            ("none", _l("There is none"), 4),
        ),
    ),
    Question(
        "risk_test",
        _l("Tested before"),
        (
            ("same", _l("On an equal system"), 0),
            ("partly", _l("In parts"), 1),
            ("no", _l("Not possible"), 2),
        ),
    ),
)
LEVELS: dict[str, LazyString] = {
    "low": _l("Low risk"),
    "medium": _l("Medium risk"),
    "high": _l("High risk"),
}
MEDIUM_FROM, HIGH_FROM = 4, 8


def score(answers: Mapping[str, str]) -> int | None:
    """The sum of the points; None until every question is answered."""
    total = 0
    for question in QUESTIONS:
        points = {name: value for name, _label, value in question.answers}
        answer = answers.get(question.name, "")
        if answer not in points:
            return None
        total += points[answer]
    return total


def level(answers: Mapping[str, str]) -> str:
    """low, medium, high; empty until every question is answered. No way back is never less than high."""
    total = score(answers)
    if total is None:
        return ""
    if total >= HIGH_FROM or answers.get("risk_backout") == "none":
        return "high"
    return "medium" if total >= MEDIUM_FROM else "low"
