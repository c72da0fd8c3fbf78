"""Choosing files: who may, what may be read at all, and a reason for every change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _

from collectors.platforms.file_guard import MAX_PATHS, refuse_path
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.core.sentences import translate
from servicedesk.equipment.models import Device
from servicedesk.inspections.files.choosing import CLASSES
from servicedesk.inspections.files.models import CLASS, CLIENT, DEVICE, SITE, ChosenFileList
from servicedesk.organisations.models import Site

_AUDITED = ("rung", "device_id", "site_id", "device_class", "paths", "reason")


@dataclass(frozen=True, slots=True)
class FilesData:
    """What a person writes. ``paths``: one a line."""

    rung: str
    paths: str
    reason: str
    device_id: int | None = None
    site_id: int | None = None
    device_class: str = ""


def save_list(
    found: ChosenFileList | None, client_id: int, data: FilesData, *, actor: Actor, now: datetime
) -> ChosenFileList:
    """Choose files for a place, or change the choice; they are read from the next visit on.

    Raises:
        NotAllowedError: the place is not the actor's.
        InvalidError: with the field's name: a path that is never read, no reason, a second list of one place.
    """
    before = None
    if found is not None:
        _require(found, actor)
        before = audit.snapshot(found, _AUDITED)
    for refusal in refusals(found, client_id, data):
        raise refusal
    file_list = found or ChosenFileList(client_id=client_id)
    with db.session.no_autoflush:
        file_list.rung = data.rung
        file_list.device, file_list.site = _place(client_id, data)
        file_list.device_class = data.device_class if data.rung == CLASS else ""
        _require(file_list, actor)
        file_list.paths = "\n".join(_paths(data.paths))
    file_list.reason, file_list.set_by, file_list.set_at = data.reason.strip(), actor.name, now
    db.session.add(file_list)
    db.session.flush()
    audit.record(
        actor,
        "chosen_files.set" if before is None else "chosen_files.changed",
        file_list,
        now=now,
        label=_label(file_list),
        client_id=client_id,
        before=before,
        after=audit.snapshot(file_list, _AUDITED),
    )
    return file_list


def refusals(found: ChosenFileList | None, client_id: int, data: FilesData) -> list[InvalidError]:
    """Everything for which a choice is refused, each with its field's name; none: it can be kept."""
    told = []
    if not data.reason.strip():
        told.append(InvalidError(_("Say why: the reason is kept in the audit trail."), "reason"))
    try:
        _place(client_id, data)
    except InvalidError as error:
        told.append(error)
    else:
        told += _taken(found, client_id, data)
    return told + _wrong_paths(_paths(data.paths))


def remove_list(file_list: ChosenFileList, *, reason: str, actor: Actor, now: datetime) -> None:
    """Choose none for a place any more; what was read is kept.

    Raises:
        NotAllowedError, InvalidError: as usual; a reason is needed.
    """
    _require(file_list, actor)
    if not reason.strip():
        raise InvalidError(_("Say why: the reason is kept in the audit trail."), "reason")
    audit.record(
        actor,
        "chosen_files.removed",
        file_list,
        now=now,
        label=_label(file_list),
        client_id=file_list.client_id,
        before=audit.snapshot(file_list, _AUDITED),
        after={"reason": reason.strip()},
    )
    db.session.delete(file_list)


def may_change(found: ChosenFileList, actor: Actor) -> bool:
    """Whether the actor may change or remove it: a class reaches all of the client's sites."""
    site_id = found.device.site_id if found.device is not None else None
    if found.site is not None:
        site_id = found.site.id
    return actor.allows(Permission.PLAN_EDIT, found.client_id, site_id)


def _require(found: ChosenFileList, actor: Actor) -> None:
    if not may_change(found, actor):
        raise NotAllowedError


def _place(client_id: int, data: FilesData) -> tuple[Device | None, Site | None]:
    """The device or the site that a choice holds for; neither for a class and for the client."""
    device = db.session.get(Device, data.device_id or 0) if data.rung == DEVICE else None
    site = db.session.get(Site, data.site_id or 0) if data.rung == SITE else None
    if data.rung not in (DEVICE, SITE, CLASS, CLIENT):
        raise InvalidError(_("Choose where it holds."), "rung")
    place = device or site
    if data.rung in (DEVICE, SITE) and (place is None or place.client_id != client_id):
        raise InvalidError(_("Choose one of this client."), f"{data.rung}_id")
    if device is not None and device.device_class not in CLASSES:
        raise InvalidError(_("Files are read of servers alone."), "device_id")
    if data.rung == CLASS and data.device_class not in CLASSES:
        raise InvalidError(_("Files are read of servers alone."), "device_class")
    return device, site


def _paths(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _wrong_paths(paths: list[str]) -> list[InvalidError]:
    if not paths:
        return [InvalidError(_("Write at least one path."), "paths")]
    if len(paths) > MAX_PATHS:
        return [InvalidError(_("At most %(count)s paths.", count=MAX_PATHS), "paths")]
    refused = ((path, refuse_path(path)) for path in paths)
    return [
        InvalidError(f"{path[:100]}: {translate(refusal)}", "paths") for path, refusal in refused if refusal
    ]


def _taken(found: ChosenFileList | None, client_id: int, data: FilesData) -> list[InvalidError]:
    statement = sa.select(ChosenFileList.id).where(
        ChosenFileList.client_id == client_id, ChosenFileList.rung == data.rung
    )
    match data.rung:
        case "device":
            statement = statement.where(ChosenFileList.device_id == data.device_id)
        case "site":
            statement = statement.where(ChosenFileList.site_id == data.site_id)
        case "class":
            statement = statement.where(ChosenFileList.device_class == data.device_class)
    own = found.id if found is not None else None
    if any(number != own for number in db.session.scalars(statement)):
        return [InvalidError(_("There is a list for this already. Change that one."), "rung")]
    return []


def _label(one: ChosenFileList) -> str:
    named = {DEVICE: one.device, SITE: one.site}.get(one.rung)
    place = named.name if named is not None else one.device_class
    return f"{one.rung} {place}".strip()[:200] if one.rung in (DEVICE, SITE, CLASS) else CLIENT
