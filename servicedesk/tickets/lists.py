"""Maintained lists: cause categories and handling methods (故障类别与处理方法)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.i18n import select_locale
from servicedesk.core.permissions import Permission
from servicedesk.tickets.models import ListEntry

LISTS: dict[str, LazyString] = {"cause": _l("Cause categories"), "handling": _l("Handling methods")}
_FIELDS = ("list_name", "client_id", "name_zh", "name_en", "position", "active")


def entries(
    names: Collection[str], client_id: int, *, keep: Collection[int] = ()
) -> dict[str, list[ListEntry]]:
    """What may be chosen for a client's ticket, by list; ``keep``: entries that are chosen already."""
    offered = sa.and_(
        ListEntry.active, sa.or_(ListEntry.client_id.is_(None), ListEntry.client_id == client_id)
    )
    statement = sa.select(ListEntry).where(
        ListEntry.list_name.in_(names), sa.or_(offered, ListEntry.id.in_(keep))
    )
    found: dict[str, list[ListEntry]] = {name: [] for name in names}
    for entry in db.session.scalars(statement.order_by(ListEntry.position, ListEntry.id)):
        found[entry.list_name].append(entry)
    return found


def name_in(entry: ListEntry, locale: str | None = None) -> str:
    """Its name in the reader's language."""
    return entry.name_zh if (locale or select_locale()) == "zh_CN" else entry.name_en


def name_of(number: str) -> str:
    """The name behind a stored number."""
    entry = db.session.get(ListEntry, int(number)) if number.isdigit() else None
    return name_in(entry) if entry is not None else number


@dataclass(frozen=True, slots=True)
class EntryData:
    """What a person gives. ``client_id`` None: for all clients, which needs a right over all of them."""

    list_name: str
    client_id: int | None
    name_zh: str
    name_en: str
    position: int = 0
    active: bool = True


def visible(list_name: str, actor: Actor) -> Sequence[ListEntry]:
    """The entries an administrator of lists sees: everybody's, and those of the clients in reach."""
    scope = actor.scope(Permission.TICKET_LIST_EDIT)
    own = sa.or_(ListEntry.client_id.is_(None), scope.clause(ListEntry.client_id))
    statement = sa.select(ListEntry).where(ListEntry.list_name == list_name, own)
    return db.session.scalars(statement.order_by(ListEntry.position, ListEntry.id)).all()


def save(entry_id: int | None, data: EntryData, *, actor: Actor, now: datetime) -> ListEntry:
    """Add an entry or change one.

    Raises:
        NotAllowedError, NotFoundError, InvalidError.
    """
    if data.list_name not in LISTS:
        raise NotFoundError
    entry = db.session.get(ListEntry, entry_id) if entry_id is not None else None
    if entry_id is not None and (entry is None or entry.list_name != data.list_name):
        raise NotFoundError
    for client_id in {data.client_id, entry.client_id if entry is not None else data.client_id}:
        _require_right(client_id, actor)
    for name, text in (("name_zh", data.name_zh), ("name_en", data.name_en)):
        if not text.strip():
            raise InvalidError(_("Give the name in both languages: each reader sees their own."), name)
    before = audit.snapshot(entry, _FIELDS) if entry is not None else None
    if entry is None:
        entry = ListEntry(list_name=data.list_name)
        db.session.add(entry)
    entry.client_id, entry.active = data.client_id, data.active
    entry.name_zh, entry.name_en = data.name_zh.strip()[:100], data.name_en.strip()[:100]
    entry.position = data.position
    db.session.flush()
    audit.record(
        actor,
        "ticket_list.updated" if before else "ticket_list.created",
        entry,
        now=now,
        label=entry.name_en,
        before=before,
        after=audit.snapshot(entry, _FIELDS),
    )
    return entry


def _require_right(client_id: int | None, actor: Actor) -> None:
    scope = actor.scope(Permission.TICKET_LIST_EDIT)
    if not (scope.everything or (client_id is not None and scope.covers(client_id))):
        raise NotAllowedError
