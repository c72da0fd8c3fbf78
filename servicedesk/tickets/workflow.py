"""The form of a workflow: states, transitions and fields as data. No behaviour of any one category."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
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
    """``editable``: the category's fields that those who work on the ticket may change here; all others
    are read-only."""

    name: str
    label: LazyString
    phase: Phase
    editable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TicketField:
    """A field of the category. Stored in ``Ticket.details`` as text, or in the column it names.

    ``kind``: text, long, number, choice, flag, date, time (in the site's time zone), listed (an entry of the
    maintained list named by ``listed``). ``early``: asked when the ticket is registered.
    ``when``: shown, asked and kept only while another field has one of these values.
    """

    name: str
    label: LazyString | str
    kind: str = "text"
    help: LazyString | str = ""
    choices: tuple[tuple[str, LazyString | str], ...] = ()
    required: bool = False
    max_length: int = 4000
    early: bool = True
    column: str = ""
    listed: str = ""
    when: tuple[str, tuple[str, ...]] | None = None

    def shown(self, values: Mapping[str, str]) -> bool:
        """Whether the field means anything beside these values of the others."""
        return self.when is None or values.get(self.when[0], "") in self.when[1]


Guard = Callable[["Ticket", datetime], "str | LazyString | None"]
Applies = Callable[["Ticket"], bool]

# What a transition asks for besides the category's own fields.
COMMON_INPUT = ("reason", "resolution", "assignee", "rating")


@dataclass(frozen=True, slots=True)
class Transition:
    """One arrow. ``requires`` names what must be filled in, ``asks`` what may be: "resolution", "reason",
    "assignee", "rating", or fields of the category.

    ``applies``: False where the arrow makes no sense for this ticket; it is not offered then. ``guard``
    says why it cannot be taken at this moment, or None; it is shown with that sentence. ``after``:
    the same, asked when what was filled in has been taken over. ``hidden``: taken by a function of its own
    (a merge, an approval that ends), never offered as a button.
    """

    name: str
    label: LazyString
    sources: tuple[str, ...]
    target: str
    who: tuple[Who, ...]
    requires: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    applies: Applies | None = None
    guard: Guard | None = None
    after: Guard | None = None
    primary: bool = False
    danger: bool = False
    hidden: bool = False

    @property
    def inputs(self) -> tuple[str, ...]:
        """All that the arrow's form shows, in order."""
        return (*self.requires, *self.asks)


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
    by_field: Mapping[str, TicketField] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_state", {state.name: state for state in self.states})
        object.__setattr__(self, "by_field", {item.name: item for item in self.fields})
        known = {*self.by_field, *COMMON_INPUT}
        for transition in self.transitions:
            unknown = {*transition.sources, transition.target} - set(self.by_state)
            if unknown:
                raise ValueError(f"{self.category}.{transition.name}: unknown states {sorted(unknown)}")
            if missing := set(transition.inputs) - known:
                raise ValueError(f"{self.category}.{transition.name}: unknown fields {sorted(missing)}")
        for state in self.states:
            if missing := set(state.editable) - set(self.by_field):
                raise ValueError(f"{self.category}.{state.name}: unknown fields {sorted(missing)}")
        if self.initial not in self.by_state:
            raise ValueError(f"{self.category}: unknown initial state {self.initial}")

    def from_state(self, state: str) -> tuple[Transition, ...]:
        """The arrows that leave ``state``, in table order."""
        return tuple(t for t in self.transitions if state in t.sources)

    def transition(self, name: str) -> Transition | None:
        """The arrow of this name."""
        return next((t for t in self.transitions if t.name == name), None)

    @property
    def early_fields(self) -> tuple[TicketField, ...]:
        """What is asked when a ticket is registered."""
        return tuple(item for item in self.fields if item.early)
