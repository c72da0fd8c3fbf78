"""The risk of a change is a sum that can be explained."""

from __future__ import annotations

import pytest

from servicedesk.tickets.risk import QUESTIONS, level, score

CALM = {question.name: question.answers[0][0] for question in QUESTIONS}
WORST = {question.name: question.answers[-1][0] for question in QUESTIONS}


def test_nothing_is_said_before_every_question_is_answered() -> None:
    for question in QUESTIONS:
        partly = {name: answer for name, answer in CALM.items() if name != question.name}
        assert (score(partly), level(partly)) == (None, "")
        assert score({**CALM, question.name: "nonsense"}) is None


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        (CALM, "low"),
        ({**CALM, "risk_interruption": "long"}, "medium"),
        ({**CALM, "risk_reach": "everybody", "risk_interruption": "long", "risk_experience": "once"}, "high"),
        ({**CALM, "risk_backout": "none"}, "high"),
        (WORST, "high"),
    ],
)
def test_the_level_follows_the_points(answers: dict[str, str], expected: str) -> None:
    assert level(answers) == expected


def test_no_answer_lowers_the_risk_below_a_better_one() -> None:
    for question in QUESTIONS:
        points = [value for _name, _label, value in question.answers]
        assert points == sorted(points), question.name
