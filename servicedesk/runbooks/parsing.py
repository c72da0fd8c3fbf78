"""Reads a runbook file, strictly: what is not understood is a problem with its line, never skipped.

The format is described in docs/runbooks.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from servicedesk.core.sentences import N_
from servicedesk.runbooks.definition import Option, Problem, Runbook, Step, Text

MAX_BYTES = 200_000
MAX_STEPS = 60
MAX_NUMBER = 10**9
KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_PAIR = re.compile(r"([a-z_]+):\s*(.*)")
_STEP = re.compile(r"## ([a-z0-9-]+) \(([a-z]+)(?:, (optional))?\)")
_TITLE = re.compile(r"### (en|zh): (.+)")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_REPEATED = ("source",)
_LISTS = ("checks", "classes", "causes", "words")
_WORDS = ("id", "title_en", "title_zh", "summary_en", "summary_zh", "category", "role")
_NUMBERS = ("version", "minutes")
_REQUIRED = (
    "id",
    "title_en",
    "title_zh",
    "summary_en",
    "summary_zh",
    "version",
    "category",
    "minutes",
    "source",
)
# Settings of each kind of step; the first tuple is required.
_SETTINGS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "manual": ((), ()),
    "decision": (("option",), ()),
    "input": (("field",), ("unit", "min", "max", "choice")),
    "collect": ((), ("checks", "show", "expect")),
    "wait": (("minutes", "checks"), ("show",)),
    "message": (("to",), ()),
    "approval": (("by",), ()),
    "handoff": ((), ()),
}


@dataclass(slots=True)
class _Draft:
    """A step while it is read."""

    key: str
    kind: str
    optional: bool
    line: int
    settings: list[tuple[str, str, int]] = field(default_factory=list)
    titles: dict[str, str] = field(default_factory=dict)
    bodies: dict[str, list[str]] = field(default_factory=lambda: {"en": [], "zh": []})


@dataclass(slots=True)
class _Reader:
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, line: int, template: str, **values: str | int) -> None:
        self.problems.append(Problem(line, template, values))


def parse_runbook(text: str) -> tuple[Runbook | None, list[Problem]]:
    """Read one file.

    Returns:
        the runbook, or None with every problem that was found, by line. Whether its checks, targets and
        commands exist is asked by ``linting``.
    """
    reader = _Reader()
    if len(text.encode("utf-8", errors="replace")) > MAX_BYTES:
        reader.wrong(1, N_("the file is larger than %(count)s bytes"), count=MAX_BYTES)
        return None, reader.problems
    for number, line in enumerate(text.split("\n"), 1):
        if any(ord(c) < 32 and c not in "\t\r" for c in line) or "\ufeff" in line:
            reader.wrong(number, N_("control characters or a byte order mark: save it as plain UTF-8 text"))
            return None, reader.problems
    lines = text.replace("\r\n", "\n").split("\n")
    front, at = _front_matter(lines, reader)
    steps = [_finish(draft, reader) for draft in _steps(lines, at, reader)]
    if not steps and not reader.problems:
        reader.wrong(len(lines), N_("there is no step; a step begins with: ## name (kind)"))
    if len(steps) > MAX_STEPS:
        reader.wrong(1, N_("more than %(count)s steps: make two runbooks of it"), count=MAX_STEPS)
    if reader.problems:
        return None, sorted(reader.problems)
    listed = {name: _split(front[name][0]) if name in front else () for name in _LISTS}
    return Runbook(
        key=front["id"][0],
        title=Text(front["title_en"][0], front["title_zh"][0]),
        summary=Text(front["summary_en"][0], front["summary_zh"][0]),
        category=front["category"][0],
        role=front["role"][0] if "role" in front else "engineer",
        sources=tuple(front["source"]),
        steps=tuple(steps),
        text=text,
        version=int(front["version"][0]),
        minutes=int(front["minutes"][0]),
        checks=listed["checks"],
        classes=listed["classes"],
        causes=listed["causes"],
        words=listed["words"],
    ), []


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _front_matter(lines: Sequence[str], reader: _Reader) -> tuple[dict[str, list[str]], int]:
    """Values by name, and the index of the first line after it."""
    found: dict[str, list[str]] = {}
    if lines[0].strip() != "---":
        reader.wrong(1, N_("the file must begin with --- and its front matter"))
        return found, 0
    for index, line in enumerate(lines[1:], 1):
        if line.strip() == "---":
            for name in _REQUIRED:
                if name not in found:
                    reader.wrong(index + 1, N_("the front matter lacks %(name)s"), name=name)
            return found, index + 1
        pair = _PAIR.fullmatch(line.strip())
        if not line.strip():
            continue
        if pair is None:
            reader.wrong(index + 1, N_("write one name: value a line"))
            continue
        _front_value(pair[1], pair[2].strip(), index + 1, found, reader)
    reader.wrong(len(lines), N_("the front matter is not closed with ---"))
    return found, len(lines)


def _front_value(name: str, value: str, line: int, found: dict[str, list[str]], reader: _Reader) -> None:
    if name not in (*_REPEATED, *_LISTS, *_WORDS, *_NUMBERS):
        reader.wrong(line, N_("unknown name '%(name)s'"), name=name)
    elif not value:
        reader.wrong(line, N_("nothing stands behind '%(name)s:'"), name=name)
    elif name in found and name not in _REPEATED:
        reader.wrong(line, N_("'%(name)s' is given twice"), name=name)
    elif name in _NUMBERS and not (value.isascii() and value.isdigit() and 0 < int(value[:9]) < 100_000):
        reader.wrong(line, N_("%(name)s must be a whole number from 1"), name=name)
    elif name == "id" and (not KEY.fullmatch(value) or len(value) > 60):
        reader.wrong(line, N_("id: small letters, digits and single hyphens, at most 60"))
    elif len(value) > (300 if name in _REPEATED or name.startswith("summary") else 200):
        reader.wrong(line, N_("the text of '%(name)s' is too long"), name=name)
    else:
        found.setdefault(name, []).append(value)


def _steps(lines: Sequence[str], start: int, reader: _Reader) -> list[_Draft]:
    drafts: list[_Draft] = []
    language, fence = "", ""
    for number, line in enumerate(lines[start:], start + 1):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line.strip().strip(fence[0]):
                fence = ""
        elif mark and language:
            fence = mark[1]
        elif line.startswith("## "):
            language = ""
            _begin(line, number, drafts, reader)
            continue
        elif line.startswith("### ") and drafts:
            language = _language(line, number, drafts[-1], reader)
            continue
        if language:
            drafts[-1].bodies[language].append(line)
        elif line.strip():
            _setting(line, number, drafts, reader)
    if fence:
        reader.wrong(len(lines), N_("a code block is not closed"))
    return drafts


def _begin(line: str, number: int, drafts: list[_Draft], reader: _Reader) -> None:
    heading = _STEP.fullmatch(line.rstrip())
    if heading is None or not KEY.fullmatch(heading[1]) or len(heading[1]) > 40:
        reader.wrong(number, N_("a step begins with: ## name (kind), or ## name (kind, optional)"))
        heading = None
    elif heading[2] not in _SETTINGS:
        reader.wrong(
            number,
            N_("unknown kind '%(name)s'; one of %(allowed)s"),
            name=heading[2],
            allowed=", ".join(_SETTINGS),
        )
        heading = None
    elif any(draft.key == heading[1] for draft in drafts) or heading[1] == "end":
        reader.wrong(number, N_("the name '%(name)s' is taken"), name=heading[1])
    # What follows a wrong heading is read all the same, so that its own problems are told too.
    key, kind, optional = (heading[1], heading[2], heading[3]) if heading else (f"line-{number}", "", None)
    drafts.append(_Draft(key, kind, optional is not None, number))


def _language(line: str, number: int, draft: _Draft, reader: _Reader) -> str:
    title = _TITLE.fullmatch(line.rstrip())
    if title is None or len(title[2]) > 160:
        reader.wrong(
            number, N_("write ### en: Title, then ### zh: the Chinese title (at most 160 characters)")
        )
        return ""
    if title[1] in draft.titles or (title[1] == "zh") != bool(draft.titles):
        reader.wrong(number, N_("each step has ### en: once, then ### zh: once"))
    draft.titles[title[1]] = title[2].strip()
    return title[1]


def _setting(line: str, number: int, drafts: list[_Draft], reader: _Reader) -> None:
    pair = _PAIR.fullmatch(line.strip().removeprefix("- "))
    if not drafts:
        reader.wrong(number, N_("text before the first step; say it in the summary or in a step"))
    elif pair is None or not line.startswith("- "):
        reader.wrong(number, N_("between a step's heading and ### en: only settings: - name: value"))
    elif not pair[2].strip():
        reader.wrong(number, N_("nothing stands behind '%(name)s:'"), name=pair[1])
    else:
        drafts[-1].settings.append((pair[1], pair[2].strip(), number))


def _finish(draft: _Draft, reader: _Reader) -> Step:
    required, allowed = _SETTINGS.get(draft.kind, ((), ()))
    values: dict[str, str] = {}
    options: list[Option] = []
    for name, value, line in draft.settings:
        if draft.kind and name not in (*required, *allowed, "next"):
            reader.wrong(
                line, N_("a step of kind %(kind)s has no setting '%(name)s'"), kind=draft.kind, name=name
            )
        elif name in ("option", "choice"):
            options += _option(name, value, line, options, reader)
        elif name in values:
            reader.wrong(line, N_("'%(name)s' is given twice"), name=name)
        else:
            values[name] = value
    for name in required:
        if name not in {given for given, _value, _line in draft.settings}:
            reader.wrong(
                draft.line, N_("a step of kind %(kind)s needs - %(name)s: …"), kind=draft.kind, name=name
            )
    for language in ("en", "zh"):
        if language not in draft.titles:
            reader.wrong(
                draft.line,
                N_("the step '%(step)s' has no ### %(language)s: title"),
                step=draft.key,
                language=language,
            )
    return Step(
        key=draft.key,
        kind=draft.kind,
        title=Text(draft.titles.get("en", ""), draft.titles.get("zh", "")),
        body=Text(*("\n".join(draft.bodies[language]).strip() for language in ("en", "zh"))),
        line=draft.line,
        mandatory=not draft.optional,
        options=tuple(options),
        field=values.get("field", ""),
        unit=values.get("unit", ""),
        least=_number(values.get("min"), draft.line, reader),
        most=_number(values.get("max"), draft.line, reader),
        checks=_split(values.get("checks", "")),
        show=_split(values.get("show", "")),
        minutes=round(_number(values.get("minutes"), draft.line, reader) or 0),
        expect=values.get("expect", "normal" if draft.kind == "wait" else ""),
        to=values.get("to", ""),
        by=values.get("by", ""),
        following=values.get("next", ""),
    )


def _number(text: str | None, line: int, reader: _Reader) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not -MAX_NUMBER <= value <= MAX_NUMBER:  # false for NaN too
        reader.wrong(line, N_("'%(text)s' is not a usable number"), text=text)
        return None
    return value


def _option(name: str, value: str, line: int, known: list[Option], reader: _Reader) -> list[Option]:
    """``key -> target | English | 中文``; a choice has no target."""
    parts = [part.strip() for part in value.split("|")]
    key, arrow, target = (part.strip() for part in parts[0].partition("->"))
    if len(parts) != 3 or not all(parts) or not KEY.fullmatch(key) or (arrow and not target):
        reader.wrong(line, N_("write - %(name)s: key -> target | English | Chinese"), name=name)
    elif any(len(part) > 200 for part in parts):
        reader.wrong(line, N_("the text of '%(name)s' is too long"), name=name)
    elif name == "choice" and arrow:
        reader.wrong(line, N_("a choice leads nowhere; use a decision step"))
    elif any(option.key == key for option in known):
        reader.wrong(line, N_("'%(name)s' is given twice"), name=key)
    else:
        return [Option(key, Text(parts[1], parts[2]), target)]
    return []
