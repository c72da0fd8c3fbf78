"""What may come of a return, as a table."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.equipment.stock.words import FAULTY, IN_STOCK, SCRAPPED

SENT = ""
REPAIRED, REPLACED, REFUSED, CREDITED = "repaired", "replaced", "refused", "credited"


@dataclass(frozen=True, slots=True)
class Outcome:
    """``item``: the state of a piece of stock afterwards. ``device``: the life-cycle a device gets; empty: as
    the person says. ``serial``: another serial comes back. ``money``: the supplier pays."""

    label: LazyString
    tone: str
    icon: str
    item: str
    device: str = ""
    serial: bool = False
    money: bool = False


OUTCOMES: dict[str, Outcome] = {
    REPAIRED: Outcome(_l("Repaired"), "ok", "check2", IN_STOCK),
    REPLACED: Outcome(_l("Replaced"), "ok", "arrow-repeat", SCRAPPED, serial=True),
    REFUSED: Outcome(_l("Refused"), "bad", "x-circle", FAULTY, device="in_repair"),
    CREDITED: Outcome(_l("Credited"), "info", "check-circle", SCRAPPED, device="retired", money=True),
}
WAITING = (_l("At the supplier"), "warn", "hourglass-split")
