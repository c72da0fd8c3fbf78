"""What a runbook is: typed steps with texts in both languages. ``parsing`` makes it of a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from servicedesk.core.permissions import Permission

END = "end"  # as a target: nothing follows
KINDS = ("manual", "decision", "input", "collect", "wait", "message", "approval", "handoff")
FIELDS = ("text", "number", "choice", "photo")
CATEGORIES = ("general", "data_request", "change", "fault")
# Who may begin a runbook, or decide at its gates.
ROLES: dict[str, Permission] = {
    "engineer": Permission.TICKET_WORK,
    "supervisor": Permission.TICKET_ASSIGN,
    "change_authority": Permission.TICKET_APPROVE_CHANGE,
    "data_owner": Permission.TICKET_APPROVE_DATA,
}
# Cause categories by a short name; tickets name the entry of the maintained list (its English name).
CAUSES: dict[str, str] = {
    "hardware": "Hardware failure",
    "software": "Software defect",
    "configuration": "Wrong configuration",
    "network": "Network or line",
    "environment": "Power or environment",
    "capacity": "Capacity exhausted",
    "wear": "Wear or consumables",
    "operation": "Operating error",
    "security": "Security incident",
    "outside": "Outside cause (carrier, supplier)",
    "change": "Caused by a change",
}


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in both languages."""

    en: str
    zh: str

    def say(self, locale: str) -> str:
        """For a reader of this language."""
        return self.zh if locale.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Option:
    """An answer. ``target``: the step a decision leads to, ``END``, or empty for the next one."""

    key: str
    label: Text
    target: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step; which of the later fields mean something depends on ``kind``.

    ``checks``, ``show``: what a collect or wait step judges, and whose raw answers it attaches (globs on
    the questions of a visit). ``minutes``: how long a wait step waits.
    ``expect``: "normal" when going on otherwise takes a word. ``following``: where it goes on,
    empty for the next step. ``line``: of its heading in the file, from 1.
    """

    key: str
    kind: str
    title: Text
    body: Text
    line: int
    mandatory: bool = True
    options: tuple[Option, ...] = ()
    field: str = ""
    unit: str = ""
    least: float | None = None
    most: float | None = None
    checks: tuple[str, ...] = ()
    show: tuple[str, ...] = ()
    minutes: int = 0
    expect: str = ""
    to: str = ""
    by: str = ""
    following: str = ""


@dataclass(frozen=True, slots=True)
class Runbook:
    """A whole runbook. ``checks``, ``classes``, ``causes``: what it is suggested for."""

    key: str
    title: Text
    summary: Text
    version: int
    category: str
    steps: tuple[Step, ...]
    sources: tuple[str, ...]
    minutes: int
    role: str = "engineer"
    checks: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    text: str = field(default="", repr=False)  # the file as it was read

    def step(self, key: str) -> Step | None:
        """The step of this name."""
        return next((step for step in self.steps if step.key == key), None)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Why a file is not accepted, and where (line from 1). The sentence is kept as English template and
    values, so that a page can say it in the reader's language."""

    line: int
    template: str
    values: Mapping[str, str | int] = field(default_factory=dict, compare=False)

    @property
    def message(self) -> str:
        """In English, for the command line and logs."""
        return self.template % self.values if self.values else self.template
