"""Checks that people define: a reading command, an OID or a web address, and how the answer is judged.

Patterns are RE2's: matching takes time linear in the answer, whatever the pattern and the device say.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any, Protocol, cast

import re2

from collectors import levels as ladder
from collectors.checks.spec import limits_sentence, with_unit
from collectors.errors import CollectorError
from collectors.facts.cli.screen import render
from collectors.facts.text import decode
from collectors.messages import N_
from collectors.model import Evidence, Exchange, Finding, Message, OwnCheck, Target, Transcript
from collectors.newest import judge_newest
from collectors.outcome import Outcome
from collectors.own_answers import NOT_ASKED, answer_to, asked_as, failed, why_not
from collectors.platforms.cli_dialects import GENERIC, dialects
from collectors.platforms.cli_guard import Grammar
from collectors.platforms.host_guard import HOSTS, HostGrammar
from collectors.platforms.windows_guard import WINDOWS, WindowsGrammar
from collectors.web import judge_web

MAX_PATTERN = 300
MAX_ITEMS = 200
MAX_LINE = 2000
_OID = re.compile(r"1\.(?:0|3)(?:\.\d{1,10}){3,60}")
_NUMERIC_TAGS = frozenset({"2", "65", "66", "67", "70"})
_PATTERN_MEMORY = 1 << 20

_NO_MATCH = N_("No line of the answer fits the pattern.")
_NOTHING = N_("The device was asked and told nothing about this.")
_NO_NUMBER = N_("This is not a number: %(text)s")
_NO_STATE = N_("The definition does not know this state: %(text)s")
_STATE = N_("State: %(text)s")


class PatternError(CollectorError):
    """A pattern that cannot be used; the sentence says why."""


class _Match(Protocol):
    def group(self, name: str) -> str | None: ...


class _Pattern(Protocol):
    @property
    def groupindex(self) -> dict[str, int]: ...

    def search(self, text: str) -> _Match | None: ...


def compile_pattern(text: str) -> _Pattern:
    """A pattern with a group named value, and perhaps one named item.

    Raises: PatternError: too long, not RE2's, too large, or without the group.
    """
    if len(text) > MAX_PATTERN:
        raise PatternError(N_("The pattern is longer than %(count)s characters.") % {"count": MAX_PATTERN})
    options: Any = re2.Options()
    options.max_mem, options.log_errors = _PATTERN_MEMORY, False
    try:
        pattern = cast(_Pattern, re2.compile(text, options))
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise PatternError(N_("The pattern cannot be used: %(error)s.") % {"error": words}) from error
    if "value" not in pattern.groupindex or set(pattern.groupindex) - {"value", "item"}:
        raise PatternError(N_("The pattern needs a group (?P<value>…), and may have one (?P<item>…)."))
    return pattern


def require_oid(text: str) -> str:
    """An object's OID without the instance of a scalar, so that a walk finds it.

    Raises: PatternError: not an OID below 1.3 or 1.0, or so short that it would walk everything.
    """
    oid = text.strip().removeprefix(".")
    if not _OID.fullmatch(oid):
        raise PatternError(N_("Write the whole OID in numbers, for instance 1.3.6.1.4.1.9.9.109.1.1.1.1.8."))
    return oid.removesuffix(".0")


def refuse_command(command: str, names: Sequence[str]) -> str:
    """Why a command may not be asked of these command lines, or ""."""
    for name in names:
        grammar = _grammar(name)
        if grammar is None:
            return N_("There is no command line named %(name)s.") % {"name": name}
        if isinstance(grammar, WindowsGrammar):
            if refusal := grammar.refusal(command):
                return N_("%(question)s: %(reason)s") % {"question": name, "reason": refusal}
        elif not grammar.permits(command):
            return N_(
                "%(name)s may not be asked this: only whole reading commands that begin with %(verbs)s are"
                " sent, without abbreviations, pipes or anything that changes or reveals a configuration."
            ) % {"name": name, "verbs": ", ".join(sorted(grammar.verbs))}
    return ""


def command_lines() -> list[str]:
    """Names of all that may be asked commands: network gear's command lines, and kinds of hosts."""
    return sorted({*HOSTS, "windows", *(name for name in dialects() if name != GENERIC)})


def _grammar(name: str) -> Grammar | HostGrammar | WindowsGrammar | None:
    if name == "windows":
        return WINDOWS
    if name in HOSTS:
        return HOSTS[name]
    dialect = dialects().get(name)
    return dialect.grammar if dialect is not None else None


def commands_for(target: Target, dialect: str) -> tuple[str, ...]:
    """What a device of a dialect is asked beside its platform's list; the guard looks at each again."""
    grammar = _grammar(dialect)
    if grammar is None:
        return ()
    wanted = (one.question for one in target.own_checks if one.kind == "command" and dialect in one.dialects)
    return tuple(dict.fromkeys(command for command in wanted if grammar.permits(command)))


def oids_for(target: Target) -> tuple[str, ...]:
    """What an agent is walked for beside its platform's roots."""
    return tuple(
        oid for one in target.own_checks if one.kind == "oid" for oid in (one.question, one.names_oid) if oid
    )


def judge_own(transcript: Transcript, target: Target) -> tuple[Finding, ...]:
    """The findings of the target's own checks. Pure: from the transcript and the target alone."""
    found: list[Finding] = []
    for check in target.own_checks:
        try:
            found += _JUDGES[check.kind](check, transcript, target)
        except PatternError as error:
            found.append(failed(check, Outcome.PARSE_FAILED, str(error)))
    return tuple(found)


def _command(check: OwnCheck, transcript: Transcript, target: Target) -> Iterator[Finding]:
    dialect = asked_as(transcript)
    number = answer_to(transcript, check.question)
    if number is None:
        if dialect and dialect not in check.dialects:
            yield failed(check, Outcome.NOT_APPLICABLE, N_("The device has another command line."))
        else:
            yield failed(check, *why_not(transcript, "ssh"))
        return
    exchange = transcript.exchanges[number]
    if exchange.outcome is not Outcome.OK:
        yield failed(check, exchange.outcome, exchange.error, Evidence(number))
        return
    pattern = compile_pattern(check.pattern)
    count = 0
    for place, line in enumerate(render(exchange.answer, check.question).splitlines(), start=1):
        match = pattern.search(line[:MAX_LINE])
        if match is not None and count < MAX_ITEMS:
            count += 1
            names = pattern.groupindex
            item = (match.group("item") or "").strip() if "item" in names else ""
            value = (match.group("value") or "").strip()
            yield _judged(check, item, value, target, Evidence(number, _raw_line(exchange, line, place)))
    complaint = decode(exchange.stderr).strip()
    if count == 0 and exchange.exit_status not in (0, None) and complaint:
        reason = N_("The host cannot tell: %(reason)s") % {"reason": complaint.splitlines()[0][:200]}
        yield failed(check, Outcome.UNSUPPORTED, reason, Evidence(number))
    elif count == 0:
        yield failed(check, Outcome.PARSE_FAILED, _NO_MATCH, Evidence(number))


def _raw_line(exchange: Exchange, line: str, place: int) -> int:
    """The line of the raw answer that holds a cleaned line; its own number when it was put together."""
    wanted = line.strip()
    raw = exchange.answer.decode("utf-8", "replace").splitlines()
    return next((number for number, one in enumerate(raw, start=1) if wanted in one), place)


def _oid(check: OwnCheck, transcript: Transcript, target: Target) -> Iterator[Finding]:
    if not any(exchange.transport == "snmp" for exchange in transcript.exchanges):
        yield failed(check, *why_not(transcript, "snmp"))
        return
    names = {index: text for index, _tag, text, _ in _rows(check.names_oid, transcript)}
    pattern = compile_pattern(check.pattern) if check.pattern else None
    count = 0
    for index, tag, text, evidence in _rows(check.question, transcript):
        if count >= MAX_ITEMS:
            break
        item = names.get(index, "") or ("" if index == "0" else index)
        if pattern is not None and tag not in _NUMERIC_TAGS:
            match = pattern.search(text[:MAX_LINE])
            if match is None:
                continue
            text = (match.group("value") or "").strip()
        count += 1
        yield _judged(check, item, text, target, evidence)
    if count == 0:
        outcome, reason = _unanswered(check, transcript)
        yield failed(check, outcome, reason)


def _unanswered(check: OwnCheck, transcript: Transcript) -> tuple[Outcome, str]:
    for exchange in transcript.exchanges:
        root = exchange.question.partition(" ")[2]
        if exchange.transport == "snmp" and f"{check.question}.".startswith(f"{root}."):
            if exchange.outcome is Outcome.OK:
                return Outcome.UNSUPPORTED, _NOTHING
            return exchange.outcome, exchange.error
    return Outcome.NOT_INSPECTED, NOT_ASKED


def _rows(oid: str, transcript: Transcript) -> Iterator[tuple[str, str, str, Evidence]]:
    """Index, tag, text and place of every answer below an OID; each index once."""
    if not oid:
        return
    prefix, seen = f"{oid}.", set[str]()
    for number, exchange in enumerate(transcript.exchanges):
        if exchange.transport != "snmp" or prefix.encode() not in exchange.answer:
            continue
        for line in exchange.answer.decode("utf-8", "replace").splitlines():
            name, _, rest = line.partition("|")
            if not name.startswith(prefix) or name in seen:
                continue
            seen.add(name)
            tag, _, value = rest.partition("|")
            if tag.endswith("x"):
                with contextlib.suppress(ValueError):
                    value = bytes.fromhex(value).decode("utf-8", "replace").rstrip("\x00")
            yield name.removeprefix(prefix), tag.removesuffix("x"), value, Evidence(number, oid=name)


_JUDGES = {"command": _command, "oid": _oid, "web": judge_web, "newest": judge_newest}


def _judged(check: OwnCheck, item: str, text: str, target: Target, evidence: Evidence) -> Finding:
    item = item[:300]
    if check.states:
        return _state(check, item, text, evidence)
    value = _number(text)
    if value is None:
        message = Message(_NO_NUMBER, {"text": text[:80]})
        return Finding(
            check.name, item, Outcome.PARSE_FAILED, message, evidence=evidence, rule_version=check.version
        )
    value *= check.scale
    levels = ladder.resolve(check.levels, check.name, item, target.levels)
    outcome = ladder.judge_value(value, levels)
    shown = with_unit(round(value, 3), check.unit)
    message = limits_sentence(outcome, shown)
    return Finding(check.name, item, outcome, message, value, check.unit, levels, evidence, check.version)


def _state(check: OwnCheck, item: str, text: str, evidence: Evidence) -> Finding:
    states = {word.casefold(): Outcome(outcome) for word, outcome in check.states}
    outcome = states.get(text.casefold(), Outcome.PARSE_FAILED)
    template = _NO_STATE if outcome is Outcome.PARSE_FAILED else _STATE
    message = Message(template, {"text": text[:80]})
    return Finding(check.name, item, outcome, message, evidence=evidence, rule_version=check.version)


def _number(text: str) -> float | None:
    cleaned = text.replace(",", "").strip().removesuffix("%").strip()
    try:
        value = float(cleaned) if len(cleaned) <= 40 and cleaned.isascii() and "_" not in cleaned else None
    except ValueError:
        return None
    return value if value is not None and math.isfinite(value) else None
