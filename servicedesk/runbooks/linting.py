"""Whether a runbook that can be read makes sense: its targets, checks, commands and words exist."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from servicedesk.core.sentences import N_
from servicedesk.runbooks.definition import (
    CATEGORIES,
    CAUSES,
    END,
    FIELDS,
    ROLES,
    Problem,
    Runbook,
    Step,
)
from servicedesk.runbooks.parsing import parse_runbook

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def problem(line: int, template: str, **values: str | int) -> Problem:
    """A problem with the words of its sentence."""
    return Problem(line, template, values)


@dataclass(frozen=True, slots=True)
class Known:
    """What a runbook may name: checks, classes of devices, and what visits ask devices."""

    checks: frozenset[str]
    classes: frozenset[str]
    questions: tuple[str, ...]


def lint_text(text: str, known: Known, *, key: str = "") -> tuple[Runbook | None, list[Problem]]:
    """Parse and judge; ``key``: the file's name, which must be the runbook's id."""
    runbook, problems = parse_runbook(text)
    if runbook is None:
        return None, problems
    problems = sorted([*_of_front(runbook, known, key), *_of_steps(runbook, known)])
    return (None if problems else runbook), problems


def lint_file(path: Path, known: Known) -> tuple[Runbook | None, list[Problem]]:
    """The same of a file."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        return None, [problem(1, N_("it cannot be read: %(reason)s"), reason=error.strerror or "")]
    except UnicodeDecodeError:
        return None, [problem(1, N_("it is not UTF-8 text"))]
    return lint_text(text, known, key=path.stem)


def _of_front(runbook: Runbook, known: Known, key: str) -> Iterator[Problem]:
    lines = {line.split(":")[0]: at for at, line in reversed(list(enumerate(runbook.text.split("\n"), 1)))}
    if key and runbook.key != key:
        yield problem(
            lines["id"], N_("the id is '%(id)s', but the file is named '%(key)s'"), id=runbook.key, key=key
        )
    if runbook.category not in CATEGORIES:
        yield problem(
            lines["category"], N_("no such category; one of %(allowed)s"), allowed=", ".join(CATEGORIES)
        )
    if runbook.role not in ROLES:
        yield problem(lines["role"], N_("no such role; one of %(allowed)s"), allowed=", ".join(ROLES))
    for name, given, allowed in (
        ("checks", runbook.checks, known.checks),
        ("classes", runbook.classes, known.classes),
        ("causes", runbook.causes, frozenset(CAUSES)),
    ):
        for word in given:
            if word not in allowed:
                yield problem(lines[name], N_("%(name)s: there is no '%(word)s'"), name=name, word=word)
    for name, english, chinese in (
        ("title", runbook.title.en, runbook.title.zh),
        ("summary", runbook.summary.en, runbook.summary.zh),
    ):
        if _CHINESE.search(english):
            yield problem(lines[f"{name}_en"], N_("Chinese characters in %(name)s_en"), name=name)
        if not _CHINESE.search(chinese):
            yield problem(lines[f"{name}_zh"], N_("%(name)s_zh is not Chinese"), name=name)


def _of_steps(runbook: Runbook, known: Known) -> Iterator[Problem]:
    places = {step.key: at for at, step in enumerate(runbook.steps)}
    reached = {0}
    for at, step in enumerate(runbook.steps):
        yield from _of_step(step, known)
        targets = [option.target for option in step.options] if step.kind == "decision" else []
        for target in [*targets, step.following]:
            if target and target != END and places.get(target, -1) <= at:
                # Forward only, so that every run comes to its end.
                yield problem(step.line, N_("there is no later step '%(step)s'"), step=target)
        # A skipped decision goes on with the next step, so that one is reached as well.
        nexts = [*targets, step.following] if step.kind == "decision" else [step.following]
        reached |= {places.get(name, at + 1) if name else at + 1 for name in nexts if name != END}
    for at, step in enumerate(runbook.steps):
        if at not in reached:
            yield problem(step.line, N_("no step leads to '%(step)s'"), step=step.key)


def _of_step(step: Step, known: Known) -> Iterator[Problem]:
    if step.kind == "decision" and len(step.options) < 2:
        yield problem(step.line, N_("a decision needs two options at least"))
    if step.kind == "input":
        yield from _of_input(step)
    if step.kind == "collect" and not step.checks and not step.show:
        yield problem(step.line, N_("a collect step names checks, answers to show, or both"))
    if step.expect and (step.expect != "normal" or not step.checks):
        yield problem(step.line, N_("expect: normal, and only with checks"))
    for check in step.checks:
        if check not in known.checks:
            yield problem(step.line, N_("there is no check '%(check)s'"), check=check)
    for pattern in step.show:
        if not any(fnmatchcase(question, pattern) for question in known.questions):
            yield problem(
                step.line,
                N_("no visit asks '%(question)s'; devices are never asked anything else"),
                question=pattern,
            )
    if step.kind == "wait" and not 1 <= step.minutes <= 1440:
        yield problem(step.line, N_("minutes: from 1 to 1440"))
    if step.kind == "message" and step.to not in ("requester", "internal"):
        yield problem(step.line, N_("to: requester or internal"))
    if step.kind == "message" and not (step.body.en and step.body.zh):
        yield problem(step.line, N_("a message step needs the words of the message below each title"))
    if step.kind == "approval" and step.by not in ROLES:
        yield problem(step.line, N_("by: one of %(allowed)s"), allowed=", ".join(ROLES))
    if bool(step.body.en) != bool(step.body.zh):
        yield problem(step.line, N_("the text is there in one language only"))
    if _CHINESE.search(step.title.en + step.body.en):
        yield problem(step.line, N_("Chinese characters in the English text"))
    if not _CHINESE.search(step.title.zh):
        yield problem(step.line, N_("the Chinese title is not Chinese"))
    if step.body.en.count("```") != step.body.zh.count("```"):
        yield problem(step.line, N_("the code blocks of the two languages differ in number"))


def _of_input(step: Step) -> Iterator[Problem]:
    if step.field not in FIELDS:
        yield problem(step.line, N_("field: one of %(allowed)s"), allowed=", ".join(FIELDS))
    if (step.field == "choice") != bool(step.options):
        yield problem(step.line, N_("- choice: lines belong to field: choice, and it needs them"))
    if step.field != "number" and (step.least is not None or step.most is not None or step.unit):
        yield problem(step.line, N_("unit, min and max belong to field: number"))
    if step.least is not None and step.most is not None and step.least > step.most:
        yield problem(step.line, N_("min is larger than max"))


def lint_folder(folder: Path, known: Known) -> Iterable[tuple[Path, Runbook | None, list[Problem]]]:
    """Every ``*.md`` of a folder, by name; an id is given once, since it is the file's name."""
    for path in sorted(folder.glob("*.md")):
        yield (path, *lint_file(path, known))
