"""Items by hand and their answers as far as an actor may see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.inspections.manual.models import ManualAnswer, ManualFinding, ManualItem
from servicedesk.inspections.models import InspectionRun
from servicedesk.inspections.queries import scope_of


def visible_items(actor: Actor) -> sa.Select[ManualItem]:
    """Those of clients or sites for which the actor edits plans."""
    return (
        sa.select(ManualItem)
        .where(actor.scope(Permission.PLAN_EDIT).clause(ManualItem.client_id, ManualItem.site_id))
        .options(joinedload(ManualItem.client), joinedload(ManualItem.site))
    )


def get_visible_item(item_id: int, actor: Actor) -> ManualItem:
    """The item, or NotFoundError."""
    found = db.session.scalar(visible_items(actor).where(ManualItem.id == item_id))
    if found is None:
        raise NotFoundError
    return found


def items_of(client_ids: Iterable[int]) -> Sequence[ManualItem]:
    """The items in use of some clients, for their plans."""
    return db.session.scalars(
        sa.select(ManualItem)
        .where(ManualItem.client_id.in_(client_ids), ManualItem.active)
        .options(joinedload(ManualItem.site))
        .order_by(ManualItem.id)
    ).all()


def answers_of(run_id: int, *, device_id: int | None = None) -> Sequence[ManualAnswer]:
    """A run's rows in the order of a walk: the site, then room by room, in each its devices."""
    statement = (
        sa.select(ManualAnswer)
        .where(ManualAnswer.run_id == run_id)
        .order_by(
            sa.case((ManualAnswer.place_key == "site", 0), (ManualAnswer.room_name != "", 1), else_=2),
            ManualAnswer.room_name,
            sa.case((ManualAnswer.device_id.is_(None), 0), else_=1),
            ManualAnswer.place_name,
            ManualAnswer.item_id,
            ManualAnswer.id,
        )
    )
    if device_id is not None:
        statement = statement.where(ManualAnswer.device_id == device_id)
    return db.session.scalars(statement).all()


def get_visible_answer(answer_id: int, actor: Actor) -> ManualAnswer:
    """The row with its run, or NotFoundError."""
    found = db.session.scalar(
        sa.select(ManualAnswer)
        .join(ManualAnswer.run)
        .where(ManualAnswer.id == answer_id, scope_of(actor, InspectionRun))
        .options(joinedload(ManualAnswer.run))
    )
    if found is None:
        raise NotFoundError
    return found


def previous(run: InspectionRun) -> dict[tuple[int, str], ManualAnswer]:
    """The last answer before this run, by item and place; one query."""
    here = aliased(ManualAnswer)
    newest = (
        sa.select(sa.func.max(ManualAnswer.id))
        .join(here, sa.and_(here.item_id == ManualAnswer.item_id, here.place_key == ManualAnswer.place_key))
        .join(InspectionRun, InspectionRun.id == ManualAnswer.run_id)
        .where(
            here.run_id == run.id,
            ManualAnswer.run_id < run.id,
            InspectionRun.site_id == run.site_id,
            ManualAnswer.outcome != "not_inspected",
        )
        .group_by(ManualAnswer.item_id, ManualAnswer.place_key)
    )
    rows = db.session.scalars(sa.select(ManualAnswer).where(ManualAnswer.id.in_(newest)))
    return {(row.item_id, row.place_key): row for row in rows}


def open_round(device_id: int) -> sa.Select[*tuple[Any, ...]]:
    """The newest run that is not signed and asks something of this device: its first row there."""
    return (
        sa.select(
            ManualAnswer.id,
            ManualAnswer.run_id,
            InspectionRun.name,
            InspectionRun.day,
            sa.func.count().over(partition_by=ManualAnswer.run_id).label("asked"),
        )
        .join(ManualAnswer.run)
        .where(ManualAnswer.device_id == device_id, InspectionRun.signed_at.is_(None))
        .order_by(ManualAnswer.run_id.desc(), ManualAnswer.answered_at.is_not(None), ManualAnswer.id)
        .limit(1)
    )


def open_round_of_room(room_id: int) -> int | None:
    """The newest run that is not signed and asks something at this room or of a device in it."""
    return db.session.scalar(
        sa.select(sa.func.max(ManualAnswer.run_id))
        .join(ManualAnswer.run)
        .where(ManualAnswer.room_id == room_id, InspectionRun.signed_at.is_(None))
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of the walk: the site as a whole, a room, or what stands in none."""

    key: str
    name: str
    rows: list[ManualAnswer]

    @property
    def done(self) -> int:
        """How many rows have an answer."""
        return sum(row.answered_at is not None for row in self.rows)


def parts(rows: Sequence[ManualAnswer]) -> list[Part]:
    """``answers_of`` by room."""
    found: dict[str, Part] = {}
    for row in rows:
        key = "site" if row.place_key == "site" else f"room-{row.room_id}" if row.room_id else "elsewhere"
        name = row.place_name if key == "site" else row.room_name
        found.setdefault(key, Part(key, name, [])).rows.append(row)
    return list(found.values())


def finding_rows(actor: Actor, state: str, site_id: int | None = None) -> Sequence[Any]:
    """What people found abnormal, newest first; at most 100."""
    statement = (
        sa.select(ManualFinding)
        .where(scope_of(actor, ManualFinding))
        .options(joinedload(ManualFinding.last_answer), joinedload(ManualFinding.ticket))
        .order_by(ManualFinding.last_at.desc(), ManualFinding.id.desc())
        .limit(100)
    )
    if state == "active":
        statement = statement.where(ManualFinding.state != "closed")
    elif state in ("open", "recovered", "closed", "watched"):
        statement = statement.where(ManualFinding.state == state)
    if site_id:
        statement = statement.where(ManualFinding.site_id == site_id)
    return db.session.scalars(statement).all()
