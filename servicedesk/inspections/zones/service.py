"""Making, changing and removing zones."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import sqlalchemy as sa
from flask_babel import gettext as _
from redis import Redis, RedisError

from collectors.zone import names
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.crypto import Keyring
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.inspections.models import InspectionRecord, InspectionRun
from servicedesk.inspections.zones import keys, logins
from servicedesk.inspections.zones.models import Zone, ZoneSite, ZoneWorker
from servicedesk.inspections.zones.permissions import may_manage
from servicedesk.organisations.models import Site

_PUBLIC = ("name", "note", "active")


def save_zone(
    zone: Zone | None,
    *,
    name: str,
    note: str,
    active: bool,
    site_ids: Collection[int],
    keyring: Keyring,
    actor: Actor,
    now: datetime,
) -> Zone:
    """Make or change a zone; the name of one that exists stays.

    Raises:
        NotAllowedError, InvalidError: the name is not free or not of the form, or another zone has a site.
    """
    require_manager(actor)
    before = _audited(zone) if zone is not None else {}
    if zone is None:
        zone = Zone(name=_free_name(name), secret="", created_at=now, key_changed_at=now)
        keys.renew(zone, keyring, now=now)
        db.session.add(zone)
    zone.note, zone.active, zone.updated_at = note.strip(), active, now
    db.session.flush()
    _serve(zone, site_ids)
    action = "zone.updated" if before else "zone.created"
    audit.record(actor, action, zone, now=now, label=zone.name, before=before, after=_audited(zone))
    return zone


def require_manager(actor: Actor) -> None:
    """Refuse everybody else.

    Raises:
        NotAllowedError: see ``permissions``.
    """
    if not may_manage(actor):
        raise NotAllowedError


def _free_name(name: str) -> str:
    name = name.strip()
    if not names.NAME.fullmatch(name):
        raise InvalidError(
            _("Write at most 31 small letters, digits and hyphens, beginning with a letter."), "name"
        )
    if name == names.LOCAL:
        raise InvalidError(_("“local” is the server itself. Choose another name."), "name")
    if db.session.scalar(sa.select(Zone.id).where(Zone.name == name)) is not None:
        raise InvalidError(_("Another zone has this name."), "name")
    return name


def _serve(zone: Zone, site_ids: Collection[int]) -> None:
    wanted = set(site_ids)
    known = set(db.session.scalars(sa.select(Site.id).where(Site.id.in_(wanted))))
    if known != wanted:
        raise InvalidError(_("Choose sites from the list."), "site_ids")
    taken = db.session.scalars(
        sa.select(Site.name)
        .join(ZoneSite, ZoneSite.site_id == Site.id)
        .where(ZoneSite.site_id.in_(wanted), ZoneSite.zone_id != zone.id)
        .order_by(Site.name)
    ).all()
    if taken:
        sites = _(", ").join(taken)
        raise InvalidError(_("Another zone serves %(sites)s already.", sites=sites), "site_ids")
    served = set(db.session.scalars(sa.select(ZoneSite.site_id).where(ZoneSite.zone_id == zone.id)))
    if served - wanted:
        db.session.execute(
            sa.delete(ZoneSite).where(ZoneSite.zone_id == zone.id, ZoneSite.site_id.in_(served - wanted))
        )
    db.session.add_all(ZoneSite(site_id=one, zone_id=zone.id) for one in sorted(wanted - served))
    db.session.flush()
    db.session.expire(zone, ["sites"])


def _audited(zone: Zone) -> dict[str, object]:
    return audit.snapshot(zone, _PUBLIC) | {"sites": [site.name for site in zone.sites]}


def renew_key(zone: Zone, *, keyring: Keyring, actor: Actor, now: datetime) -> None:
    """Replace the zone's key: its workers must be enrolled again; what they still deliver is taken."""
    require_manager(actor)
    keys.renew(zone, keyring, now=now)
    audit.record(actor, "zone.key_renewed", zone, now=now, label=zone.name)


def remove_zone(zone: Zone, redis: Redis, *, actor: Actor, now: datetime) -> None:
    """Forget a zone that serves no site any more, with its workers' logins and what lies in Redis.

    Raises:
        InvalidError: it serves sites, or Redis does not answer: nobody may keep a login unnoticed.
    """
    require_manager(actor)
    if zone.sites:
        raise InvalidError(_("This zone still serves sites. Give them to another zone or the server first."))
    try:
        logins.forget(zone, redis)
    except RedisError as error:
        raise InvalidError(_("Redis does not answer. Try again later.")) from error
    audit.record(actor, "zone.removed", zone, now=now, label=zone.name, before=_audited(zone), after={})
    db.session.execute(sa.delete(ZoneWorker).where(ZoneWorker.zone_id == zone.id))
    db.session.delete(zone)


def zone_of_site(site_id: int) -> Zone | None:
    """The zone that serves a site; None: the server itself."""
    return db.session.scalar(
        sa.select(Zone).join(ZoneSite, ZoneSite.zone_id == Zone.id).where(ZoneSite.site_id == site_id)
    )


def visited_from_here(record_ids: Collection[int]) -> list[int]:
    """Those of the records whose devices the server itself visits, in the order given."""
    elsewhere = set(
        db.session.scalars(
            sa.select(InspectionRecord.id)
            .join(InspectionRun, InspectionRun.id == InspectionRecord.run_id)
            .join(ZoneSite, ZoneSite.site_id == InspectionRun.site_id)
            .where(InspectionRecord.id.in_(record_ids))
        )
    )
    return [number for number in record_ids if number not in elsewhere]
