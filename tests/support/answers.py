"""Facts of an answer of a command line, as tests of parsers look at them."""

from __future__ import annotations

from datetime import UTC, datetime

from collectors.facts.cli.assembly import facts_from_cli
from collectors.facts.cli.registry import parser_for
from collectors.model import DeviceFacts, Exchange, Sensor
from collectors.outcome import Outcome

START = datetime(2026, 6, 1, 10, 0, tzinfo=UTC)


def read(platform: str, command: str, text: str) -> list[object]:
    parse = parser_for(platform, command)
    assert parse is not None
    return [fact for row in parse(text) for fact in row.facts]


def sensors(platform: str, command: str, text: str) -> list[tuple[str, str, float]]:
    return [
        (one.kind, one.name, one.value) for one in read(platform, command, text) if isinstance(one, Sensor)
    ]


def states(platform: str, command: str, text: str) -> dict[str, Outcome | None]:
    return {
        one.name: one.state_outcome
        for one in read(platform, command, text)
        if isinstance(one, Sensor) and one.kind == "state"
    }


def visit(platform: str, **answers: str) -> DeviceFacts:
    """Facts of answers by command, blanks as underscores."""
    exchanges = [
        Exchange(
            "ssh",
            question.replace("__", "-").replace("_", " "),
            answer.encode(),
            started_s=1.0,
            duration_s=0.5,
        )
        for question, answer in answers.items()
    ]
    return facts_from_cli(exchanges, platform, started_at=START)
