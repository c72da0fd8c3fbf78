"""What people do with improvements: write them, decide, carry out, verify."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Device
from servicedesk.organisations.models import Site
from servicedesk.reports.improvement import wording
from servicedesk.reports.improvement.models import Improvement, ImprovementEvent
from servicedesk.reports.improvement.states import BY_KEY, DONE, EDITABLE, PROPOSED, STEPS, Step
from servicedesk.staff.queries import holder_names
from servicedesk.tickets.forms import PRIORITY_LABELS
from servicedesk.tickets.periods import parse_period

MAX_DEVICES = 500
MAX_BULK = 200
YEARS = (2000, 2199)
_AUDITED = ("title", "reason", "effect", "priority", "due_on", "owner_id")


@dataclass(frozen=True, slots=True)
class ItemData:
    """What a person may write."""

    title: str
    reason: str
    effect: str
    priority: int
    due_on: date
    owner_id: int | None = None


def may(item: Improvement, permission: Permission, actor: Actor) -> bool:
    """Whether the actor may do this to the item."""
    return actor.allows(permission, item.client_id, item.site_id)


def note(
    item: Improvement, what: str, *, actor: Actor, now: datetime, remark: str = "", **data: Any
) -> ImprovementEvent:
    """Append to the history."""
    event = ImprovementEvent(
        improvement_id=item.id,
        what=what,
        state=item.state,
        at=now,
        actor_id=actor.user_id,
        actor_name=actor.name,
        note=remark,
        data=data,
    )
    db.session.add(event)
    item.updated_at = now
    item.version += 1
    db.session.flush()
    return event


def locked(item_id: int) -> Improvement:
    """The item as the database has it now, kept for this transaction."""
    statement = sa.select(Improvement).where(Improvement.id == item_id)
    item = db.session.scalar(for_update(statement).execution_options(populate_existing=True))
    if item is None:
        raise NotFoundError
    return item


def owners(client_id: int, site_id: int | None) -> list[tuple[int, str]]:
    """Who may own an item there."""
    return holder_names(Permission.IMPROVEMENT_EDIT, client_id, site_id=site_id, any_site=site_id is None)


def make(client_id: int, site_id: int | None, data: ItemData, *, actor: Actor, now: datetime) -> Improvement:
    """An item that no rule proposed.

    Raises:
        NotAllowedError, InvalidError.
    """
    if not actor.allows(Permission.IMPROVEMENT_EDIT, client_id, site_id):
        raise NotAllowedError
    if site_id is not None:
        site = db.session.get(Site, site_id)
        if site is None or site.client_id != client_id:
            raise InvalidError(_("There is no such site here."), "place")
    if not data.title or not data.reason:
        raise InvalidError(_("Say what is to be done and why."), "reason" if data.title else "title")
    item = Improvement(
        client_id=client_id,
        site_id=site_id,
        period=parse_period("", now.date()).of_kind("half").text,
        created_by=actor.name,
        created_at=now,
        due_on=data.due_on,
    )
    _fill(item, data)
    db.session.add(item)
    db.session.flush()
    note(item, "made", actor=actor, now=now)
    after = audit.snapshot(item, _AUDITED)
    audit.record(actor, "improvement.created", item, now=now, label=_label(item), after=after)
    return item


def edit(
    item_id: int, data: ItemData, *, actor: Actor, now: datetime, version: int | None = None
) -> Improvement:
    """Change the words and dates of an item; what a rule wrote and nobody changed stays the rule's.

    Raises:
        NotAllowedError, InvalidError.
        ConflictError: somebody changed it meanwhile, or it was approved.
    """
    audit.take_turn()
    item = locked(item_id)
    if not may(item, Permission.IMPROVEMENT_EDIT, actor):
        raise NotAllowedError
    if item.state not in EDITABLE:
        raise ConflictError(_("What was approved stays as it was approved. Plan it again to change it."))
    if version is not None and version != item.version:
        raise ConflictError(_("Somebody changed this meanwhile. Load the page again."))
    if not data.title or not data.reason:
        raise InvalidError(_("Say what is to be done and why."), "reason" if data.title else "title")
    before = audit.snapshot(item, _AUDITED)
    _fill(item, data)
    after = audit.snapshot(item, _AUDITED)
    if before != after:
        # Whoever accepted it accepted something else: the decision is taken anew.
        item.state = PROPOSED if item.state != PROPOSED and _weighty(before, after) else item.state
        note(item, "edited", actor=actor, now=now)
        audit.record(
            actor, "improvement.updated", item, now=now, label=_label(item), before=before, after=after
        )
    return item


def _weighty(before: dict[str, Any], after: dict[str, Any]) -> bool:
    return any(before[name] != after[name] for name in _AUDITED if name != "owner_id")


def _fill(item: Improvement, data: ItemData) -> None:
    if data.priority not in PRIORITY_LABELS:
        raise InvalidError(_("Choose one of the list."), "priority")
    if not YEARS[0] <= data.due_on.year <= YEARS[1]:
        raise InvalidError(
            _("Give a date from %(first)s to %(last)s.", first=YEARS[0], last=YEARS[1]), "due_on"
        )
    kept = data.owner_id in (None, item.owner_id)
    if not kept and data.owner_id not in dict(owners(item.client_id, item.site_id)):
        raise InvalidError(_("Choose one of the list."), "owner_id")
    for name in wording.PARTS:
        text = getattr(data, name).strip()
        said = wording.say((item.wording or {}).get(name))
        setattr(item, name, "" if said and _same(text, said) else text)
    item.priority, item.due_on, item.owner_id = data.priority, data.due_on, data.owner_id


def _same(one: str, other: str) -> bool:
    return one.split() == other.split()


def _label(item: Improvement) -> str:
    return f"#{item.id} {wording.part(item, 'title')}"[:200]


def steps_for(item: Improvement, actor: Actor) -> list[Step]:
    """The buttons of the item's page."""
    return [
        step
        for step in STEPS
        if not step.hidden
        and item.state in step.sources
        and may(item, step.permission, actor)
        and not (step.apart and item.accepted_by_id == actor.user_id)
    ]


def take(
    item_id: int, key: str, remark: str = "", *, actor: Actor, now: datetime, **data: Any
) -> Improvement:
    """Take a step of the table.

    Args:
        data: of the history's entry, see ``models.ImprovementEvent``.

    Raises:
        ConflictError: the item is in another state by now.
        NotAllowedError: not this person's step.
        InvalidError: a note is asked for.
    """
    audit.take_turn()
    item, step = locked(item_id), BY_KEY[key]
    if item.state not in step.sources:
        raise ConflictError(_("This was done already. Load the page again."))
    if not actor.is_system and not may(item, step.permission, actor):
        raise NotAllowedError
    if step.apart and item.accepted_by_id == actor.user_id:
        raise NotAllowedError(_("Somebody else than who accepted it approves it."))
    if step.asks and not remark and not actor.is_system:
        raise InvalidError(_("Say why in a few words."), "note")
    before = {"state": item.state}
    item.state = step.target
    if key == "accept":
        item.accepted_by_id = actor.user_id
    elif key == "approve":
        item.approved_at = now
    elif key == "reopen":
        item.accepted_by_id = item.approved_at = item.done_at = None
    if step.target == DONE:
        item.done_at = now
    note(item, key, actor=actor, now=now, remark=remark, **data)
    after = {"state": item.state, "note": remark}
    audit.record(actor, f"improvement.{key}", item, now=now, label=_label(item), before=before, after=after)
    return item


def take_all(
    item_ids: Collection[int], key: str, remark: str, *, actor: Actor, now: datetime
) -> tuple[int, int]:
    """Take a step with several items; returns how many took it and how many could not.

    Raises:
        InvalidError: a note is asked for, or nothing was chosen.
    """
    step = BY_KEY.get(key)
    if step is None or not step.bulk or not item_ids:
        raise InvalidError(_("Choose one of the list."))
    if step.asks and not remark:
        raise InvalidError(_("Say why in a few words."), "note")
    done = 0
    for number in sorted(set(item_ids))[:MAX_BULK]:
        try:
            take(number, key, remark, actor=actor, now=now)
        except (ConflictError, NotAllowedError):
            continue
        done += 1
    return done, len(set(item_ids)) - done


def add_device(item_id: int, device: Device, *, actor: Actor, now: datetime) -> None:
    """Say that an item is about a device, too.

    Raises:
        NotAllowedError, InvalidError, ConflictError.
    """
    item = _editable(item_id, actor)
    elsewhere = item.site_id is not None and device.site_id != item.site_id
    if device.client_id != item.client_id or elsewhere:
        raise InvalidError(_("There is no such device here."), "device_id")
    if len(item.devices) >= MAX_DEVICES:
        raise InvalidError(_("At most %(count)s devices.", count=MAX_DEVICES), "device_id")
    if device not in item.devices:
        item.devices.append(device)
        note(item, "edited", actor=actor, now=now, remark=f"+ {device.name}")
        after = {"device": device.name}
        audit.record(actor, "improvement.updated", item, now=now, label=_label(item), after=after)


def remove_device(item_id: int, device_id: int, *, actor: Actor, now: datetime) -> None:
    """Take a device off an item.

    Raises:
        NotAllowedError, NotFoundError, ConflictError.
    """
    item = _editable(item_id, actor)
    device = next((one for one in item.devices if one.id == device_id), None)
    if device is None:
        raise NotFoundError
    item.devices.remove(device)
    note(item, "edited", actor=actor, now=now, remark=f"- {device.name}")
    before = {"device": device.name}
    audit.record(actor, "improvement.updated", item, now=now, label=_label(item), before=before)


def _editable(item_id: int, actor: Actor) -> Improvement:
    audit.take_turn()
    item = locked(item_id)
    if not may(item, Permission.IMPROVEMENT_EDIT, actor):
        raise NotAllowedError
    if item.state not in EDITABLE:
        raise ConflictError(_("What was approved stays as it was approved. Plan it again to change it."))
    return item
