"""The life of a repair as a table. Buttons, checks and documentation are drawn from it."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

OPENED, IN_WORK, WAITING, AT_SUPPLIER = "opened", "in_work", "waiting_part", "at_supplier"
REPAIRED, HOPELESS, CLOSED, CANCELLED = "repaired", "not_repairable", "closed", "cancelled"
OVER = frozenset({CLOSED, CANCELLED})

# state: words, tone and icon of its badge
STATES: dict[str, tuple[LazyString, str, str]] = {
    OPENED: (lazy_pgettext("repair", "Opened"), "info", "plus-circle"),
    IN_WORK: (lazy_pgettext("repair", "In work"), "info", "play-fill"),
    WAITING: (_l("Waiting for a part"), "warn", "hourglass-split"),
    AT_SUPPLIER: (_l("At the supplier"), "warn", "hourglass-split"),
    REPAIRED: (_l("Repaired"), "ok", "check2"),
    HOPELESS: (_l("Not repairable"), "bad", "x-circle"),
    CLOSED: (lazy_pgettext("repair", "Closed"), "mute", "lock"),
    CANCELLED: (lazy_pgettext("repair", "Cancelled"), "mute", "slash-circle"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow. ``needs``: fields of the repair that must be filled in. ``asks``: a note must be given.
    ``device``: the life-cycle state that the device is offered with it. ``settled``: costs above the
    client's limit must be approved before."""

    key: str
    sources: tuple[str, ...]
    target: str
    label: LazyString
    done: LazyString  # what the history says
    needs: tuple[str, ...] = ()
    asks: bool = False
    device: str = ""
    settled: bool = False


STEPS: tuple[Step, ...] = (
    Step("start", (OPENED,), IN_WORK, _l("Start work"), _l("work begun"), device="in_repair"),
    Step("wait", (OPENED, IN_WORK), WAITING, _l("Wait for a part"), _l("waits for a part"), asks=True),
    Step("send", (OPENED, IN_WORK), AT_SUPPLIER, _l("Give to the supplier"), _l("given to the supplier")),
    Step("resume", (WAITING, AT_SUPPLIER), IN_WORK, _l("Go on"), _l("work goes on")),
    Step(
        "repair",
        (IN_WORK, AT_SUPPLIER),
        REPAIRED,
        _l("Repaired"),
        _l("repaired"),
        needs=("diagnosis", "work_done"),
        device="active",
    ),
    Step(
        "give_up",
        (IN_WORK, AT_SUPPLIER),
        HOPELESS,
        _l("Not repairable"),
        _l("found not repairable"),
        needs=("diagnosis",),
        asks=True,
    ),
    Step("rework", (REPAIRED, HOPELESS), IN_WORK, _l("Work again"), _l("worked on again"), asks=True),
    Step(
        "close",
        (REPAIRED, HOPELESS),
        CLOSED,
        lazy_pgettext("repair", "Close"),
        lazy_pgettext("repair", "closed"),
        settled=True,
    ),
    Step(
        "cancel",
        (OPENED,),
        CANCELLED,
        lazy_pgettext("repair", "Cancel"),
        lazy_pgettext("repair", "cancelled"),
        asks=True,
    ),
)
BY_KEY = {step.key: step for step in STEPS}
HISTORY: dict[str, LazyString] = {
    "opened": lazy_pgettext("repair", "opened"),
    "costs_approved": _l("costs approved"),
    "costs_rejected": _l("costs rejected"),
    "costs_returned": _l("costs sent back"),
} | {step.key: step.done for step in STEPS}


def steps_from(state: str) -> tuple[Step, ...]:
    """What may follow, in order."""
    return tuple(step for step in STEPS if state in step.sources)
