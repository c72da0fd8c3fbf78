"""The life-cycle of a device as a table: which state follows which, and what is asked for on the way."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.core.db import db
from servicedesk.core.errors import ConflictError, InvalidError
from servicedesk.core.i18n import enumeration
from servicedesk.equipment.kinds import DEVICE_STATES
from servicedesk.equipment.models import Device, DeviceRelation

RUNNING = frozenset({"active", "in_repair"})  # others may count on it
NEEDING = ("depends_on", "runs_on", "powered_by")  # relations whose first end stops when the other does


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow. ``proof``: who took it and by what paper must be written down."""

    source: str
    target: str
    proof: bool = False


STEPS: tuple[Step, ...] = (
    Step("planned", "in_stock"),
    Step("planned", "active"),
    Step("planned", "retired"),
    Step("in_stock", "active"),
    Step("in_stock", "in_repair"),
    Step("in_stock", "retired"),
    Step("active", "in_repair"),
    Step("active", "in_stock"),
    Step("active", "retired"),
    Step("in_repair", "active"),
    Step("in_repair", "in_stock"),
    Step("in_repair", "retired"),
    Step("retired", "in_stock"),
    Step("retired", "active"),
    Step("retired", "disposed", proof=True),
)
_BY_ENDS = {(step.source, step.target): step for step in STEPS}


def targets(state: str) -> tuple[str, ...]:
    """The states that may follow, in order; the present one first."""
    return (state, *(step.target for step in STEPS if step.source == state))


def require_step(device: Device, target: str, proof: str) -> None:
    """Refuse what the table does not know, and to take away what others still need.

    Raises:
        InvalidError: no such arrow, or the proof is missing.
        ConflictError: running devices need this one; the sentence names them.
    """
    if target == device.state:
        return
    step = _BY_ENDS.get((device.state, target))
    if step is None:
        raise InvalidError(
            _(
                "A device that is “%(old)s” cannot become “%(new)s”. Possible: %(possible)s.",
                old=DEVICE_STATES[device.state],
                new=DEVICE_STATES[target],
                possible=enumeration(str(DEVICE_STATES[name]) for name in targets(device.state)[1:]) or "—",
            ),
            "state",
        )
    if step.proof and not proof.strip():
        raise InvalidError(
            _("Write who took the device and by what paper, for example a receipt number."), "disposal_proof"
        )
    if device.state in RUNNING and target not in RUNNING:
        needed_by = names_in_need(device.id)
        if needed_by:
            raise ConflictError(
                _(
                    "%(names)s still need this device. Move them or remove the relation first.",
                    names=enumeration(needed_by),
                ),
                "state",
            )


def names_in_need(device_id: int, most: int = 5) -> list[str]:
    """Names of running devices that stop when this one does; at most ``most``, then an ellipsis."""
    rows = db.session.scalars(
        sa.select(Device.name)
        .join(DeviceRelation, DeviceRelation.device_id == Device.id)
        .where(
            DeviceRelation.other_id == device_id,
            DeviceRelation.kind.in_(NEEDING),
            Device.state.in_(sorted(RUNNING)),
        )
        .distinct()
        .order_by(Device.name)
        .limit(most + 1)
    ).all()
    return [*rows[:most], *(["…"] if len(rows) > most else [])]
