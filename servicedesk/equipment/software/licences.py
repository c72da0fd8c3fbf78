"""Licences: written, their key kept secret, deleted while nobody uses them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.crypto import Keyring
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.equipment.document_models import TechnicalDocument
from servicedesk.equipment.removal import require_unused
from servicedesk.equipment.software.models import FAR, Licence, LicenceSeat, SoftwareProduct
from servicedesk.equipment.software.products import require_editor
from servicedesk.equipment.software.words import LICENCE_KINDS, UNLIMITED
from servicedesk.equipment.support_models import SupportContract

MAX_QUANTITY = 1_000_000
MAX_KEY = 4000  # characters


@dataclass(frozen=True, slots=True)
class LicenceData:
    """What a person may write; the names are those of ``Licence``."""

    product_id: int
    number: str
    kind: str = "device"
    quantity: int = 0
    bought_on: date | None = None
    price: Decimal | None = None
    supplier: str = ""
    contract_id: int | None = None
    document_id: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    maintenance_until: date | None = None
    warn_days: int = 90
    notes: str = ""


FIELDS = tuple(LicenceData.__dataclass_fields__)


def may_see_key(licence: Licence, actor: Actor) -> bool:
    """Keys are for those who keep the client's secrets."""
    return actor.allows(Permission.CREDENTIAL_MANAGE, licence.client_id)


def used_of(licence: Licence) -> int:
    """How much of it is in use."""
    wanted = sa.select(sa.func.coalesce(sa.func.sum(LicenceSeat.quantity), 0))
    mine = wanted.where(LicenceSeat.licence_id == licence.id, LicenceSeat.ended_at.is_(None))
    return int(db.session.scalar(mine) or 0)


def save_licence(
    licence: Licence | None,
    client_id: int,
    data: LicenceData,
    *,
    over_reason: str = "",
    actor: Actor,
    now: datetime,
) -> Licence:
    """Make or change a licence of a client.

    Args:
        over_reason: why fewer are bought than are in use; without it that is refused.

    Raises:
        NotAllowedError, InvalidError: beside the field.
    """
    require_editor(actor, client_id)
    if licence is not None and licence.client_id != client_id:
        raise NotAllowedError
    require_valid(data)
    _require_ours(client_id, data)
    _require_free_number(licence, client_id, data.number.strip())
    if licence is not None:
        licence = locked(licence.id)
    quantity = 0 if data.kind in UNLIMITED else data.quantity
    used = used_of(licence) if licence is not None else 0
    over = 0 < quantity < used
    if over and not over_reason.strip() and not (licence and licence.over_reason):
        raise InvalidError(
            _("%(used)s are in use. Take some back first, or say why fewer are enough.", used=used),
            "quantity",
        )
    before = audit.snapshot(licence, (*FIELDS, "over_reason")) if licence is not None else None
    if licence is None:
        licence = Licence(client_id=client_id, created_at=now)
        db.session.add(licence)
    for name in FIELDS:
        value = getattr(data, name)
        setattr(licence, name, value.strip() if isinstance(value, str) else value)
    licence.quantity, licence.updated_at = quantity, now
    _set_days(licence)
    note_over(licence, over, over_reason, actor=actor, now=now)
    after = audit.snapshot(licence, (*FIELDS, "over_reason"))
    if before != after:
        action = "licence.created" if before is None else "licence.updated"
        audit.record(actor, action, licence, now=now, label=licence.number, before=before, after=after)
    return licence


def locked(licence_id: int) -> Licence:
    """The licence, so that two people who give out its last seat are served one after the other."""
    audit.take_turn()
    return db.session.scalars(for_update(sa.select(Licence).where(Licence.id == licence_id))).one()


def note_over(licence: Licence, over: bool, reason: str, *, actor: Actor, now: datetime) -> None:
    """Keep the reason while more is in use than was bought; forget it when that is over."""
    if over and reason.strip():
        licence.over_reason, licence.over_by, licence.over_at = reason.strip()[:300], actor.name, now
    elif not over:
        licence.over_reason, licence.over_by, licence.over_at = "", "", None


def _set_days(licence: Licence) -> None:
    licence.due_on = min(licence.ends_on or FAR, licence.maintenance_until or FAR)
    licence.warn_from = _before(licence.ends_on, licence.warn_days)
    licence.lapse_warn_from = _before(licence.maintenance_until, licence.warn_days)


def _before(day: date | None, days: int) -> date:
    return day - timedelta(days=min(days, day.toordinal() - 1)) if day is not None else FAR


def require_valid(data: LicenceData) -> None:
    """Refuse what no licence can be.

    Raises:
        InvalidError: beside the field.
    """
    if not data.number.strip():
        raise InvalidError(_("The licence needs a number or a name."), "number")
    if data.kind not in LICENCE_KINDS:
        raise InvalidError(_("Choose a kind from the list."), "kind")
    if data.kind not in UNLIMITED and not 1 <= data.quantity <= MAX_QUANTITY:
        raise InvalidError(_("Say how many were bought, 1 to 1,000,000."), "quantity")
    if data.price is not None and not 0 <= data.price < Decimal(10) ** 10:
        raise InvalidError(_("Give a number, for example 12.50."), "price")
    if not 0 <= data.warn_days <= 730:
        raise InvalidError(_("Give 0 to 730 days."), "warn_days")
    for name in ("starts_on", "ends_on", "maintenance_until", "bought_on"):
        day = getattr(data, name)
        if day is not None and not 1970 <= day.year <= 2200:
            raise InvalidError(_("Give a day between 1970 and 2200."), name)
    if data.starts_on and data.ends_on and data.ends_on < data.starts_on:
        raise InvalidError(_("The licence ends before it starts."), "ends_on")


def _require_ours(client_id: int, data: LicenceData) -> None:
    """Product, contract and document are the same client's."""
    asked = (
        (SoftwareProduct, data.product_id, "product_id"),
        (SupportContract, data.contract_id, "contract_id"),
        (TechnicalDocument, data.document_id, "document_id"),
    )
    for model, number, field in asked:
        if number is None:
            continue
        found = db.session.scalar(sa.select(model.client_id).where(model.id == number))
        if found != client_id:
            raise InvalidError(_("Choose one of the same client."), field)


def _require_free_number(licence: Licence | None, client_id: int, number: str) -> None:
    other = db.session.scalar(
        sa.select(Licence.id).where(Licence.client_id == client_id, Licence.number == number)
    )
    if other is not None and (licence is None or other != licence.id):
        raise InvalidError(_("Another licence has this number."), "number")


def set_key(licence: Licence, key: str, *, keyring: Keyring, actor: Actor, now: datetime) -> None:
    """Keep a licence key, encrypted; an empty one takes it away.

    Raises:
        NotAllowedError, InvalidError: too long.
    """
    if not may_see_key(licence, actor):
        raise NotAllowedError
    text = key.strip()
    if len(text) > MAX_KEY:
        raise InvalidError(_("At most %(count)s characters.", count=MAX_KEY), "key")
    if not text and not licence.secret:
        return
    licence.secret = keyring.encrypt({"key": text}) if text else ""
    licence.updated_at = now
    after = {"secret": "replaced" if text else "removed"}
    audit.record(actor, "licence.key_set", licence, now=now, label=licence.number, after=after)


def show_key(licence: Licence, *, keyring: Keyring, actor: Actor, now: datetime) -> str:
    """The key in plain text, and an entry that says who read it.

    Raises:
        NotAllowedError: one does not keep the client's secrets.
        DecryptionError: the master key was replaced.
    """
    if not may_see_key(licence, actor) or not licence.secret:
        raise NotAllowedError
    key = keyring.decrypt(licence.secret)["key"]
    audit.record(actor, "licence.key_read", licence, now=now, label=licence.number)
    return key


def remove_licence(licence: Licence, *, actor: Actor, now: datetime) -> None:
    """Delete a licence that was never used; one that was ends on its last day and stays.

    Raises:
        NotAllowedError.
        ConflictError: it is or was in use.
    """
    require_editor(actor, licence.client_id)
    require_unused("licences", [licence.id], licence.number)
    before = audit.snapshot(licence, FIELDS)
    audit.record(actor, "licence.removed", licence, now=now, label=licence.number, before=before)
    db.session.delete(licence)
    db.session.flush()


def rotate_all(keyring: Keyring) -> int:
    """Encrypt every stored key with the newest master key; returns how many."""
    count = 0
    for licence in db.session.scalars(sa.select(Licence).where(Licence.secret != "").order_by(Licence.id)):
        licence.secret = keyring.rotate(licence.secret)
        count += 1
    return count
