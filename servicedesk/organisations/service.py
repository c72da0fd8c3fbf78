"""Changes to organisations, departments, sites and contracts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission
from servicedesk.organisations.models import (
    CLIENT,
    PUBLIC_ANYONE,
    PUBLIC_BADGE,
    PUBLIC_NOBODY,
    SERVICE,
    Contract,
    Department,
    Organisation,
    Site,
)


def _require(actor: Actor, client_id: int | None) -> None:
    if not actor.allows(Permission.ORGANISATION_MANAGE, client_id):
        raise NotAllowedError


def save_organisation(
    organisation: Organisation | None,
    *,
    kind: str,
    name: str,
    active: bool,
    public_reports: str = "",
    actor: Actor,
    now: datetime,
) -> Organisation:
    """Make or change a client or a service company; only who manages all may make one.

    Args:
        public_reports: who may report by scanning a label; empty leaves it as it is.
    """
    _require(actor, organisation.id if organisation else None)
    if kind not in (CLIENT, SERVICE) and (organisation is None or organisation.kind != kind):
        raise InvalidError(_("Choose a kind from the list."), "kind")
    if organisation is not None and organisation.kind != kind:
        raise InvalidError(_("The kind of an organisation stays as it is."), "kind")
    other = db.session.scalar(sa.select(Organisation.id).where(Organisation.name == name.strip()))
    if other is not None and (organisation is None or other != organisation.id):
        raise InvalidError(_("Another organisation has this name."), "name")
    if public_reports not in ("", PUBLIC_ANYONE, PUBLIC_BADGE, PUBLIC_NOBODY):
        raise InvalidError(_("Choose from the list."), "public_reports")
    names = ("kind", "name", "active", "public_reports")
    before = audit.snapshot(organisation, names) if organisation is not None else None
    if organisation is None:
        organisation = Organisation(kind=kind, created_at=now)
        db.session.add(organisation)
    organisation.name, organisation.active, organisation.updated_at = name.strip(), active, now
    if public_reports:
        organisation.public_reports = public_reports
    db.session.flush()
    after = audit.snapshot(organisation, names)
    action = "organisation.created" if before is None else "organisation.updated"
    client_id = organisation.id if kind == CLIENT else None
    label = organisation.name
    audit.record(
        actor, action, organisation, now=now, label=label, client_id=client_id, before=before, after=after
    )
    return organisation


def save_site(
    site: Site | None,
    *,
    client: Organisation,
    name: str,
    address: str,
    timezone: str,
    active: bool,
    actor: Actor,
    now: datetime,
) -> Site:
    """Make or change a site of a client."""
    _require(actor, client.id)
    if client.kind != CLIENT:
        raise InvalidError(_("Only clients have sites."))
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidError(
            _("There is no such time zone. Write for example Asia/Shanghai."), "timezone"
        ) from None
    other = db.session.scalar(
        sa.select(Site.id).where(Site.client_id == client.id, Site.name == name.strip())
    )
    if other is not None and (site is None or other != site.id):
        raise InvalidError(_("Another site of this client has this name."), "name")
    names = ("name", "address", "timezone", "active")
    before = audit.snapshot(site, names) if site is not None else None
    if site is None:
        site = Site(client_id=client.id, created_at=now)
        db.session.add(site)
    site.name, site.address, site.timezone = name.strip(), address.strip(), timezone
    site.active, site.updated_at = active, now
    after = audit.snapshot(site, names)
    action = "site.created" if before is None else "site.updated"
    audit.record(actor, action, site, now=now, label=site.name, before=before, after=after)
    return site


def add_department(organisation: Organisation, *, name: str, actor: Actor, now: datetime) -> Department:
    """Add a department."""
    _require(actor, organisation.id if organisation.kind == CLIENT else None)
    found = db.session.scalar(
        sa.select(Department.id).where(
            Department.organisation_id == organisation.id, Department.name == name.strip()
        )
    )
    if found is not None:
        raise InvalidError(_("There is a department of this name."), "name")
    department = Department(organisation_id=organisation.id, name=name.strip(), created_at=now)
    db.session.add(department)
    client_id = organisation.id if organisation.kind == CLIENT else None
    audit.record(actor, "department.created", department, now=now, label=name.strip(), client_id=client_id)
    return department


def save_contract(
    contract: Contract | None,
    *,
    client: Organisation,
    service: Organisation,
    number: str,
    title: str,
    starts_on: date,
    ends_on: date,
    site_ids: Sequence[int] = (),
    actor: Actor,
    now: datetime,
) -> Contract:
    """Make or change a contract. It opens the client's sites to the service company's staff."""
    _require(actor, None)
    if client.kind != CLIENT or service.kind != SERVICE:
        raise InvalidError(_("A contract binds a service company to a client."), "service_id")
    if ends_on < starts_on:
        raise InvalidError(_("The contract ends before it starts."), "ends_on")
    other = db.session.scalar(sa.select(Contract.id).where(Contract.number == number.strip()))
    if other is not None and (contract is None or other != contract.id):
        raise InvalidError(_("Another contract has this number."), "number")
    sites = list(
        db.session.scalars(sa.select(Site).where(Site.client_id == client.id, Site.id.in_(site_ids)))
    )
    if len(sites) != len(set(site_ids)):
        raise InvalidError(_("Some of the sites belong to another client."), "site_ids")
    names = ("number", "title", "client_id", "service_id", "starts_on", "ends_on")
    before = audit.snapshot(contract, names) if contract is not None else None
    if contract is None:
        contract = Contract(client_id=client.id, service_id=service.id, created_at=now)
        db.session.add(contract)
    contract.client_id, contract.service_id = client.id, service.id
    contract.number, contract.title = number.strip(), title.strip()
    contract.starts_on, contract.ends_on, contract.sites = starts_on, ends_on, sites
    contract.updated_at = now
    after = audit.snapshot(contract, names)
    action = "contract.created" if before is None else "contract.updated"
    audit.record(actor, action, contract, now=now, label=contract.number, before=before, after=after)
    return contract
