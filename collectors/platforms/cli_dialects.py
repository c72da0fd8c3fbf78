"""Command lines of network devices, loaded from ``collectors/platforms/cli/*.toml``.

The form is described in ``collectors/platforms/README.md``. Everything is checked when it is loaded:
unknown keys, answers other than a refusal, and commands the dialect's own grammar does not permit.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib import resources
from typing import Any

from collectors.outcome import Outcome
from collectors.platforms.cli_guard import Grammar

GENERIC = "generic"
# Refusals, "go on", and "I have read this" (which is not "yes"): nothing else is ever typed at a question.
_ANSWERS = frozenset({"N", "n", "no", "", "a"})


@dataclass(frozen=True, slots=True)
class CliCommand:
    """One thing to know. ``ask``: the first of these that the device knows is the answer.

    ``optional``: some models do not have it, so that not knowing the command is no failure.
    """

    section: str
    facts: tuple[str, ...]
    ask: tuple[str, ...]
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What a device asks by itself, and how it is refused."""

    pattern: re.Pattern[str]
    answer: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """How a device says that it does not do something."""

    pattern: re.Pattern[str]
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Configuring:
    """How a platform shows its configuration.

    ``ask``: whole commands, the first that the device knows; the grammar permits them for this alone.
    ``volatile``: lines that change by themselves. ``ends``: the last line of a whole one.
    ``secrets``: patterns with groups lead and secret, beside what all platforms have.
    ``salted``: the same secret is written differently each time.
    """

    ask: tuple[str, ...] = ()
    volatile: tuple[re.Pattern[str], ...] = ()
    ends: re.Pattern[str] | None = None
    secrets: tuple[re.Pattern[str], ...] = ()
    salted: bool = False


@dataclass(frozen=True, slots=True)
class Dialect:
    """One platform's command line.

    ``greeting`` and ``prompt`` say that it may be this one, ``shows`` in the answer to ``probe`` that
    it is. ``pager_off``: harmless commands of this session alone. ``enable``: the command that asks
    for a second password, used only where one is given.
    """

    name: str
    grammar: Grammar
    probe: str
    shows: re.Pattern[str]
    prompt: re.Pattern[str]
    vendor: str = ""
    greeting: re.Pattern[str] | None = None
    pager_off: tuple[str, ...] = ()
    enable: str = ""
    questions: tuple[Question, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    commands: tuple[CliCommand, ...] = ()
    configuring: Configuring = Configuring()


_KEYS = {one.name for one in fields(Dialect)} - {"grammar", "configuring"} | {"allow", "configuration"}


@cache
def dialects() -> Mapping[str, Dialect]:
    """Every dialect by its name; the generic one, which others include, is last."""
    folder = resources.files("collectors.platforms") / "cli"
    documents = {
        file.name: tomllib.loads(file.read_text("utf-8"))
        for file in sorted(folder.iterdir(), key=lambda one: one.name)
        if file.name.endswith(".toml")
    }
    common = documents.pop(f"{GENERIC}.toml")
    found = {raw["name"]: _dialect(raw, common, name) for name, raw in documents.items()}
    return {**found, GENERIC: _dialect(common, common, f"{GENERIC}.toml")}


def _dialect(raw: Mapping[str, Any], common: Mapping[str, Any], where: str) -> Dialect:
    if unknown := set(raw) - _KEYS:
        raise ValueError(f"{where}: unknown key {', '.join(sorted(unknown))}")
    allow = raw["allow"]
    if unknown := set(allow) - {"verbs", "exact", "never"}:
        raise ValueError(f"{where}: allow: unknown key {', '.join(sorted(unknown))}")
    pager_off = tuple(raw.get("pager_off", ()))
    enable = raw.get("enable", "")
    exact = {*allow.get("exact", ()), *pager_off, *filter(None, (enable,))}
    configuring = _configuring(raw.get("configuration", {}), where)
    grammar = Grammar(
        frozenset(allow.get("verbs", ())),
        frozenset(exact),
        frozenset(allow.get("never", ())),
        frozenset(configuring.ask),
    )
    commands = tuple(_command(one, grammar, where) for one in raw.get("commands", ()))
    own = [] if raw is common else list(raw.get("questions", ()))
    questions = tuple(_question(one, where) for one in (*own, *common.get("questions", ())))
    complaints = {**raw.get("complaints", {}), **common.get("complaints", {})}
    return Dialect(
        name=raw["name"],
        vendor=raw.get("vendor", ""),
        grammar=grammar,
        probe=raw["probe"],
        shows=re.compile(raw["shows"]),
        prompt=re.compile(raw["prompt"]),
        greeting=re.compile(raw["greeting"]) if "greeting" in raw else None,
        pager_off=pager_off,
        enable=enable,
        questions=questions,
        complaints=tuple(Complaint(re.compile(text), Outcome(name)) for text, name in complaints.items()),
        commands=commands,
        configuring=configuring,
    )


def _configuring(raw: Mapping[str, Any], where: str) -> Configuring:
    if unknown := set(raw) - {one.name for one in fields(Configuring)}:
        raise ValueError(f"{where}: configuration: unknown key {', '.join(sorted(unknown))}")
    secrets = tuple(re.compile(text) for text in raw.get("secrets", ()))
    if any({"lead", "secret"} - set(one.groupindex) for one in secrets):
        raise ValueError(f"{where}: configuration: a pattern of secrets has groups lead and secret")
    return Configuring(
        ask=tuple(raw.get("ask", ())),
        volatile=tuple(re.compile(text) for text in raw.get("volatile", ())),
        ends=re.compile(raw["ends"]) if "ends" in raw else None,
        secrets=secrets,
        salted=bool(raw.get("salted")),
    )


def _command(raw: Mapping[str, Any], grammar: Grammar, where: str) -> CliCommand:
    if unknown := set(raw) - {"section", "facts", "ask", "optional"}:
        raise ValueError(f"{where}: commands: unknown key {', '.join(sorted(unknown))}")
    command = CliCommand(raw["section"], tuple(raw["facts"]), tuple(raw["ask"]), bool(raw.get("optional")))
    for asked in command.ask:
        if not grammar.permits(asked):
            raise ValueError(f"{where}: {command.section}: {asked!r} is not permitted by [allow]")
    return command


def _question(raw: Mapping[str, str], where: str) -> Question:
    if raw["answer"] not in _ANSWERS:
        raise ValueError(f"{where}: a question may only be answered with a refusal")
    return Question(re.compile(raw["pattern"]), raw["answer"])


def by_greeting(greeting: str) -> tuple[Dialect, ...]:
    """The dialects whose SSH servers greet so."""
    return tuple(
        dialect
        for dialect in dialects().values()
        if dialect.greeting is not None and dialect.greeting.search(greeting)
    )


def by_prompt(prompt: str, among: Sequence[Dialect] = ()) -> tuple[Dialect, ...]:
    """The dialects that have such a prompt, those of the greeting first; the generic one is last."""
    fitting = [one for one in dialects().values() if one.prompt.fullmatch(prompt.strip())]
    known = {one.name for one in among}
    ordered = sorted(fitting, key=lambda one: one.name not in known)
    return (*(one for one in ordered if one.name != GENERIC), dialects()[GENERIC])


def by_answer(probe: str, text: str, among: Sequence[Dialect] = ()) -> Dialect | None:
    """The dialect that answers its probe so; those of ``among`` are looked at first."""
    for dialect in (*among, *dialects().values()):
        if dialect.name != GENERIC and dialect.probe == probe and dialect.shows.search(text):
            return dialect
    return None


def complaint(dialect: Dialect, text: str) -> tuple[Outcome, str] | None:
    """Whether an answer is the device's refusal: the outcome and its words."""
    lines = [line.strip() for line in text.splitlines() if line.strip(" ^")]
    if len(lines) > 8:  # a long answer may well hold such words
        return None
    for line in lines:
        for one in dialect.complaints:
            if one.pattern.search(line):
                return one.outcome, line[:160]
    return None
