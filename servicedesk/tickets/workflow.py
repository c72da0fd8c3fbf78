"""The form of a workflow: states, transitions and fields as data. No behaviour of any one category."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from flask_babel.speaklater import LazyString

if TYPE_CHECKING:
    from servicedesk.tickets.models import Ticket


class Phase(StrEnum):
    """What a state means for queues and service levels, in every category."""

    OPEN = "open"  # the ball is with us
    WAITING = "waiting"  # the ball is with somebody else
    RESOLVED = "resolved"  # done, waiting for the requester's confirmation
    CLOSED = "closed"


class Who(StrEnum):
    """Who may make a transition; checked against the actor's scope and their part in the ticket."""

    REQUESTER = "requester"  # the one who asked
    WORKER = "worker"  # TICKET_WORK for the ticket's client or site
    ASSIGNER = "assigner"  # TICKET_ASSIGN
    DATA_OWNER = "data_owner"  # TICKET_APPROVE_DATA, and not the requester
    CHANGE_AUTHORITY = "change_authority"  # TICKET_APPROVE_CHANGE, and not the requester
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class State:
    name: str
    label: LazyString
    phase: Phase


@dataclass(frozen=True, slots=True)
class TicketField:
    """A field of the category: ``kind`` is text, long, date, choice. Stored in ``Ticket.details``."""

    name: str
    label: LazyString
    kind: str = "text"
    help: LazyString | str = ""
    choices: tuple[tuple[str, LazyString], ...] = ()
    required: bool = False
    max_length: int = 4000


Guard = Callable[["Ticket"], "LazyString | None"]


@dataclass(frozen=True, slots=True)
class Transition:
    """One arrow. ``requires`` names what must be filled in: "resolution", "reason", "assignee",
    "rating" are asked for at the transition itself, all others are the category's fields."""

    name: str
    label: LazyString
    sources: tuple[str, ...]
    target: str
    who: tuple[Who, ...]
    requires: tuple[str, ...] = ()
    guard: Guard | None = None
    primary: bool = False
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Workflow:
    """The whole table of one category.

    Raises:
        ValueError: at import, when the table contradicts itself.
    """

    category: str
    label: LazyString
    prefix: str  # of the ticket number
    initial: str
    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    fields: tuple[TicketField, ...] = ()
    by_state: Mapping[str, State] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_state", {state.name: state for state in self.states})
        for transition in self.transitions:
            unknown = {*transition.sources, transition.target} - set(self.by_state)
            if unknown:
                raise ValueError(f"{self.category}.{transition.name}: unknown states {sorted(unknown)}")
        if self.initial not in self.by_state:
            raise ValueError(f"{self.category}: unknown initial state {self.initial}")

    def from_state(self, state: str) -> tuple[Transition, ...]:
        """The arrows that leave ``state``, in table order."""
        return tuple(t for t in self.transitions if state in t.sources)

    def transition(self, name: str) -> Transition | None:
        """The arrow of this name."""
        return next((t for t in self.transitions if t.name == name), None)
