"""Fields that a client defines as data, their checked values on devices, and tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.access_rules.fitting import fit
from servicedesk.equipment.custom_models import CustomField, CustomValue, DeviceTag
from servicedesk.equipment.kinds import DEVICE_CLASSES
from servicedesk.equipment.models import Device

KINDS: dict[str, LazyString] = {
    "text": lazy_pgettext("kind of answer", "Text"),
    "number": lazy_pgettext("kind of answer", "Number"),
    "date": _l("Day"),
    "choice": _l("Choice"),
    "yes_no": _l("Yes or no"),
}
MAX_FIELDS, MAX_CHOICES, MAX_TAGS = 50, 50, 20
_SHAPE = ("name", "kind", "device_class", "choices", "required", "active", "position")


@dataclass(frozen=True, slots=True)
class FieldData:
    """What a person may write about a field; the names are those of ``CustomField``."""

    name: str
    kind: str
    device_class: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    active: bool = True
    position: int = 0


def visible_fields(actor: Actor) -> sa.Select[CustomField]:
    """Fields of the clients whose devices one keeps as a whole."""
    clause = actor.scope(Permission.DEVICE_EDIT).clause(CustomField.client_id)
    return sa.select(CustomField).where(clause)


def get_visible_field(field_id: int, actor: Actor) -> CustomField:
    """The field, or NotFoundError."""
    found = db.session.scalar(visible_fields(actor).where(CustomField.id == field_id))
    if found is None:
        raise NotFoundError
    return found


def save_field(
    custom_field: CustomField | None, client_id: int, data: FieldData, *, actor: Actor, now: datetime
) -> CustomField:
    """Define or change a field. Its kind stays, since devices have values of it.

    Raises:
        NotAllowedError, InvalidError.
    """
    if not actor.allows(Permission.DEVICE_EDIT, client_id) or (
        custom_field and custom_field.client_id != client_id
    ):
        raise NotAllowedError
    name = data.name.strip()
    choices = list(dict.fromkeys(choice.strip() for choice in data.choices if choice.strip()))
    if not name or len(name) > 60:
        raise InvalidError(_("The field needs a name of at most 60 characters."), "name")
    if data.kind not in KINDS or (custom_field is not None and custom_field.kind != data.kind):
        raise InvalidError(_("The kind of a field stays as it is. Make a new one."), "kind")
    if data.device_class and data.device_class not in DEVICE_CLASSES:
        raise InvalidError(_("Choose a device class from the list."), "device_class")
    if data.kind == "choice" and not 2 <= len(choices) <= MAX_CHOICES:
        raise InvalidError(_("Give 2 to %(most)s choices, one a line.", most=MAX_CHOICES), "choices")
    if any(len(choice) > 100 for choice in choices):
        raise InvalidError(_("A choice has at most 100 characters."), "choices")
    rows = db.session.execute(
        sa.select(CustomField.id, CustomField.name).where(CustomField.client_id == client_id)
    ).all()
    if any(row.name == name and (custom_field is None or row.id != custom_field.id) for row in rows):
        raise InvalidError(_("Another field of this client has this name."), "name")
    if custom_field is None and len(rows) >= MAX_FIELDS:
        raise InvalidError(_("At most %(count)s fields.", count=MAX_FIELDS), "name")
    before = audit.snapshot(custom_field, _SHAPE) if custom_field is not None else None
    if custom_field is None:
        custom_field = CustomField(client_id=client_id, kind=data.kind, created_at=now)
        db.session.add(custom_field)
    custom_field.name, custom_field.device_class, custom_field.choices = name, data.device_class, choices
    custom_field.required, custom_field.active, custom_field.position = (
        data.required,
        data.active,
        data.position,
    )
    custom_field.updated_at = now
    after = audit.snapshot(custom_field, _SHAPE)
    if before != after:
        action = "custom_field.created" if before is None else "custom_field.updated"
        audit.record(actor, action, custom_field, now=now, label=name, before=before, after=after)
    return custom_field


def fields_of(device: Device) -> Sequence[CustomField]:
    """The fields a device has, in order."""
    return db.session.scalars(
        sa.select(CustomField)
        .where(
            CustomField.client_id == device.client_id,
            CustomField.active,
            CustomField.device_class.in_(("", device.device_class)),
        )
        .order_by(CustomField.position, CustomField.name, CustomField.id)
    ).all()


def values_of(device: Device) -> dict[int, str]:
    """What is stored, by the number of the field."""
    rows = db.session.execute(
        sa.select(CustomValue.field_id, CustomValue.value).where(CustomValue.device_id == device.id)
    )
    return {row.field_id: row.value for row in rows}


def tags_of(device: Device) -> list[str]:
    """The device's tags in order."""
    statement = sa.select(DeviceTag.tag).where(DeviceTag.device_id == device.id).order_by(DeviceTag.tag)
    return list(db.session.scalars(statement))


def clean(field: CustomField, text: str) -> str:
    """A typed value in its stored form; empty for none.

    Raises:
        InvalidError: it is not of the field's kind; ``field`` is ``custom_NUMBER``.
    """
    value, where = text.strip(), f"custom_{field.id}"
    if not value:
        if field.required:
            raise InvalidError(_("%(name)s must be filled in.", name=field.name), where)
        return ""
    try:
        match field.kind:
            case "number":
                number = Decimal(value)
                if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
                    raise InvalidOperation
                return format(number.normalize(), "f")
            case "date":
                return date.fromisoformat(value).isoformat()
            case "choice" if value not in field.choices:
                raise ValueError(value)
            case "yes_no" if value not in ("0", "1"):
                raise ValueError(value)
            case _ if len(value) > 500 or any(ord(c) < 32 and c not in "\t\r\n" for c in value):
                raise ValueError(value)
            case _:
                return value
    except (ValueError, InvalidOperation):
        raise InvalidError(
            _("%(name)s: this is no value of the kind “%(kind)s”.", name=field.name, kind=KINDS[field.kind]),
            where,
        ) from None


def save_values(device: Device, typed: Mapping[int, str], tags: str, *, actor: Actor, now: datetime) -> None:
    """Set the values and tags of a device; what differs goes into its history under the fields' names.

    Raises:
        NotAllowedError, InvalidError: the first value that does not fit.
    """
    if not actor.allows(Permission.DEVICE_EDIT, device.client_id, device.site_id):
        raise NotAllowedError
    fields, old, old_tags = fields_of(device), values_of(device), tags_of(device)
    new = {field.id: clean(field, typed.get(field.id, "")) for field in fields}
    new_tags = split_tags(tags)
    for field in fields:
        row = db.session.get(CustomValue, (device.id, field.id))
        if not new[field.id]:
            if row is not None:
                db.session.delete(row)
        elif row is None:
            db.session.add(CustomValue(device_id=device.id, field_id=field.id, value=new[field.id]))
        else:
            row.value = new[field.id]
    db.session.execute(sa.delete(DeviceTag).where(DeviceTag.device_id == device.id))
    db.session.add_all([DeviceTag(device_id=device.id, tag=tag) for tag in new_tags])
    fit(device.client_id, [device.id])
    db.session.flush()
    before = {field.name: old.get(field.id, "") for field in fields} | {"tags": old_tags}
    after = {field.name: new[field.id] for field in fields} | {"tags": new_tags}
    if before != after:
        device.updated_at = now
        audit.record(actor, "device.updated", device, now=now, label=device.name, before=before, after=after)


def split_tags(text: str) -> list[str]:
    """Tags of a text, separated by commas of either script; sorted, each once.

    Raises:
        InvalidError: too long or too many.
    """
    found = sorted(
        {" ".join(tag.split()) for tag in text.replace("\uff0c", ",").replace("\u3001", ",").split(",")}
    )
    tags = [tag for tag in found if tag]
    if len(tags) > MAX_TAGS or any(len(tag) > 40 or any(ord(c) < 32 for c in tag) for tag in tags):
        raise InvalidError(
            _("At most %(count)s tags of at most 40 characters, separated by commas.", count=MAX_TAGS), "tags"
        )
    return tags
