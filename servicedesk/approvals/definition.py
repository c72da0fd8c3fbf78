"""A chain of approval as data: steps in sequence, in each one or more sources of approvers. Pure.

The JSON form of a step (what ``node_to_json`` writes and ``read_chain`` reads)::

    {"name_en": "Data owner", "name_zh": "…",
     "approvers": [{"kind": "role", "value": "data_owner"}],   # role | user (number) | field (of the facts)
     "rule": "percentage", "percent": 60,                      # any | all | percentage
     "condition": {"field": "amount", "operator": ">=", "value": "5000"},
     "limit_hours": 24, "working_time": false, "remind_hours": [4, 1],
     "at_end": "escalate", "escalate_to": [{"kind": "role", "value": "supervisor"}], "repeat_hours": 24,
     "send_back": ["requester", "earlier"], "requester_may_approve": false}

What follows when a time limit ends is a reminder or an escalation: nothing approves by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from flask_babel import gettext as _

from servicedesk.approvals import conditions
from servicedesk.approvals.conditions import Condition, Facts, fields_read, holds
from servicedesk.core.errors import InvalidError
from servicedesk.core.permissions import Role

ROLE, USER, FIELD = "role", "user", "field"
ANY, ALL, PERCENTAGE = "any", "all", "percentage"
REMIND, ESCALATE = "remind", "escalate"
REQUESTER, EARLIER = "requester", "earlier"
MAX_NODES, MAX_SOURCES, MAX_NAME, MAX_HOURS = 20, 10, 80, 24 * 366


@dataclass(frozen=True, slots=True)
class Source:
    """Where approvers come from. ``value``: a role, the number of an account, or the name of a fact."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"

    @classmethod
    def parse(cls, text: str) -> Source:
        """Back from ``str(source)``."""
        kind, _colon, value = text.partition(":")
        return cls(kind, value)


@dataclass(frozen=True, slots=True)
class Node:
    """One step. Hours are of wall time, or of working time where ``working_time`` says so."""

    approvers: tuple[Source, ...]
    name_en: str = ""
    name_zh: str = ""
    rule: str = ANY
    percent: int = 100
    condition: Condition | None = None
    limit_hours: int | None = None
    working_time: bool = False
    remind_hours: tuple[int, ...] = ()  # before the end, the longest first
    at_end: str = REMIND
    escalate_to: tuple[Source, ...] = ()
    repeat_hours: int = 24  # between reminders once the limit is over
    send_back: tuple[str, ...] = (REQUESTER,)
    requester_may_approve: bool = False

    def needed(self, seats: int) -> int:
        """How many of so many approvers must approve; at least one."""
        match self.rule:
            case "all":
                return max(1, seats)
            case "percentage":
                return max(1, -(-seats * self.percent // 100))
        return 1


@dataclass(frozen=True, slots=True)
class Chain:
    """All steps, in order."""

    nodes: tuple[Node, ...]

    def next_position(self, after: int, facts: Facts) -> int | None:
        """The first step after a position whose condition holds; None at the end."""
        for position in range(after + 1, len(self.nodes)):
            if holds(self.nodes[position].condition, facts):
                return position
        return None

    def facts_read(self) -> frozenset[str]:
        """The facts that decide which steps are taken and by whom."""
        found: set[str] = set()
        for node in self.nodes:
            found.update(fields_read(node.condition))
            found.update(s.value for s in (*node.approvers, *node.escalate_to) if s.kind == FIELD)
        return frozenset(found)


def tally(node: Node, seats: int, approved: int, rejected: int) -> str:
    """ "approved", "rejected" or "open", of the seats that the rule counts.

    Where any one decides, the first decision counts, whichever it is; a rejection ends a step that needs
    all; by percentage it ends when the approvals needed can no longer come together.
    """
    needed = node.needed(seats)
    if approved >= needed:
        return "approved"
    if node.rule in (ANY, ALL):
        return "rejected" if rejected else "open"
    return "rejected" if seats - rejected < needed else "open"


def node_to_json(node: Node) -> dict[str, Any]:
    """See the module."""
    return {
        "name_en": node.name_en,
        "name_zh": node.name_zh,
        "approvers": [{"kind": s.kind, "value": s.value} for s in node.approvers],
        "rule": node.rule,
        "percent": node.percent,
        "condition": conditions.to_json(node.condition),
        "limit_hours": node.limit_hours,
        "working_time": node.working_time,
        "remind_hours": list(node.remind_hours),
        "at_end": node.at_end,
        "escalate_to": [{"kind": s.kind, "value": s.value} for s in node.escalate_to],
        "repeat_hours": node.repeat_hours,
        "send_back": list(node.send_back),
        "requester_may_approve": node.requester_may_approve,
    }


def to_json(chain: Chain) -> list[dict[str, Any]]:
    """The steps as kept in a version."""
    return [node_to_json(node) for node in chain.nodes]


def from_json(data: Any) -> Chain:
    """Read a chain.

    Raises:
        InvalidError: with the first thing that is wrong.
    """
    chain, problems = read_chain(data)
    if chain is None:
        raise InvalidError(problems[0])
    return chain


def read_chain(data: Any) -> tuple[Chain | None, list[str]]:
    """A chain, or all that is wrong with it, one sentence for each step."""
    if not isinstance(data, list) or not 0 < len(data) <= MAX_NODES:
        return None, [_("An approval needs between 1 and %(count)s steps.", count=MAX_NODES)]
    nodes, problems = [], []
    for number, item in enumerate(data, 1):
        try:
            nodes.append(read_node(item))
        except InvalidError as error:
            problems.append(_("Step %(number)s: %(reason)s", number=number, reason=str(error)))
    return (None, problems) if problems else (Chain(tuple(nodes)), [])


def read_node(data: Any) -> Node:
    """One step; raises InvalidError."""
    if not isinstance(data, Mapping) or not set(data) <= {field.name for field in fields(Node)}:
        raise InvalidError(_("This is no step of an approval, or it has settings of a newer version."))
    limit = _hours(data.get("limit_hours"), empty=True)
    remind = sorted({_hours(hours) or 0 for hours in _list(data, "remind_hours")}, reverse=True)
    node = Node(
        approvers=_sources(_list(data, "approvers")),
        name_en=_name(data.get("name_en", "")),
        name_zh=_name(data.get("name_zh", "")),
        rule=_one_of(data.get("rule", ANY), (ANY, ALL, PERCENTAGE)),
        percent=_percent(data.get("percent", 100)),
        condition=conditions.from_json(data.get("condition")),
        limit_hours=limit,
        working_time=_flag(data, "working_time"),
        remind_hours=tuple(remind),
        at_end=_one_of(data.get("at_end", REMIND), (REMIND, ESCALATE)),
        escalate_to=_sources(_list(data, "escalate_to")),
        repeat_hours=_hours(data.get("repeat_hours", 24)) or 24,
        send_back=tuple(_one_of(one, (REQUESTER, EARLIER)) for one in _list(data, "send_back", [REQUESTER])),
        requester_may_approve=_flag(data, "requester_may_approve"),
    )
    _require_sense(node)
    return node


def _require_sense(node: Node) -> None:
    if not node.approvers:
        raise InvalidError(_("Say who approves: a role, a person or a field that names one."))
    if not (node.name_en or node.name_zh):
        raise InvalidError(_("Give the step a name in at least one language."))
    if node.remind_hours and (node.limit_hours is None or node.remind_hours[0] >= node.limit_hours):
        raise InvalidError(_("A reminder lies before the end of the time limit, so it needs a longer one."))
    if node.at_end == ESCALATE and (node.limit_hours is None or not node.escalate_to):
        raise InvalidError(_("An escalation needs a time limit and somebody it goes to."))


def _list(data: Mapping[str, Any], key: str, default: list[Any] | None = None) -> list[Any]:
    value = data.get(key, default or [])
    if not isinstance(value, list) or len(value) > MAX_SOURCES:
        raise InvalidError(_("A list of the step is damaged or longer than %(count)s.", count=MAX_SOURCES))
    return value


def _sources(items: list[Any]) -> tuple[Source, ...]:
    return tuple(dict.fromkeys(_source(item) for item in items))


def _source(item: Any) -> Source:
    kind = item.get("kind") if isinstance(item, Mapping) else None
    value = str(item.get("value", "")).strip() if isinstance(item, Mapping) else ""
    if kind == ROLE and value in {role.value for role in Role}:
        return Source(ROLE, value)
    if kind == USER and value.isascii() and value.isdigit() and len(value) <= 9 and int(value):
        return Source(USER, str(int(value)))
    if kind == FIELD and 0 < len(value) <= 64 and value.isprintable():
        return Source(FIELD, value)
    raise InvalidError(_("An approver is neither a role, nor a person, nor the name of a field."))


def _hours(value: Any, *, empty: bool = False) -> int | None:
    if empty and value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= MAX_HOURS:
        raise InvalidError(_("Hours are whole numbers from 1 to %(count)s.", count=MAX_HOURS))
    return value


def _percent(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= 100:
        raise InvalidError(_("A percentage is a whole number from 1 to 100."))
    return value


def _name(value: Any) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if not isinstance(value, str) or len(text) > MAX_NAME or not text.isprintable():
        raise InvalidError(
            _("The name of a step is one line of at most %(count)s characters.", count=MAX_NAME)
        )
    return text


def _flag(data: Mapping[str, Any], key: str) -> bool:
    value = data.get(key, False)
    if not isinstance(value, bool):
        raise InvalidError(_("A setting of the step must be yes or no."))
    return value


def _one_of(value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        raise InvalidError(_("A setting of the step has an unknown value."))
    return str(value)


def lint(chain: Chain, known_facts: Collection[str]) -> Iterator[str]:
    """What is allowed but probably not meant, a sentence each.

    Args:
        known_facts: what the subjects of this approval state; empty when nobody said.
    """
    if known_facts:
        for name in sorted(chain.facts_read() - set(known_facts)):
            yield _("No request states the field %(field)s, so what asks for it is never true.", field=name)
    if all(node.condition is not None for node in chain.nodes):
        yield _("Every step has a condition: a request that meets none of them cannot be started.")
    for number, node in enumerate(chain.nodes, 1):
        if node.limit_hours is None:
            yield _("Step %(number)s has no time limit: nobody is reminded of it.", number=number)
        if number == 1 and EARLIER in node.send_back:
            yield _("Step 1 cannot send back to an earlier step.")
