"""Resolves an account's grants to an ``Actor`` with concrete reach, for one request or job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import sqlalchemy as sa

from servicedesk.core.actor import Actor, Reach
from servicedesk.core.db import db, kept_by_thread
from servicedesk.core.permissions import Role
from servicedesk.organisations.models import CLIENT, OPERATOR, Contract, Site, contract_sites
from servicedesk.staff.models import RoleGrant, User

ROLES = frozenset(Role)  # a role of a newer version grants nothing here


def actor_for(
    user: User,
    *,
    today: date,
    request_id: str = "",
    address: str = "",
    grants: Sequence[RoleGrant] | None = None,
) -> Actor:
    """The actor behind a signed-in user; a fixed number of queries (grants, contracts, sites).

    A grant never reaches further than its holder's organisation: client staff stay in their own
    organisation, a service company's staff in the clients (or sites) of contracts that run today.

    Args:
        grants: the user's, where they were just read; else they are asked for.
    """
    known = {user.id: grants} if grants is not None else None
    return actors_for([user], today=today, request_id=request_id, address=address, known=known)[0]


def actors_for(
    users: Sequence[User],
    *,
    today: date,
    request_id: str = "",
    address: str = "",
    known: Mapping[int, Sequence[RoleGrant]] | None = None,
) -> list[Actor]:
    """The same for many at once: as many queries as for one, and one more for each service company."""
    limits: dict[int, Reach] = {}
    for user in users:
        if user.organisation_id not in limits:
            limits[user.organisation_id] = _organisation_reach(
                user.organisation_id, user.organisation.kind, today
            )
    grants = known if known is not None else _grants([user.id for user in users])
    site_clients = _clients_of_sites(
        {g.site_id for found in grants.values() for g in found if g.site_id is not None}
    )
    actors = []
    for user in users:
        limit = limits[user.organisation_id]
        reaches = [_reach(grant, limit, site_clients) for grant in grants[user.id] if grant.role in ROLES]
        actors.append(
            Actor(
                user_id=user.id,
                name=user.display_name,
                reaches=tuple(reach for reach in reaches if reach is not None),
                organisation_id=user.organisation_id,
                home_client_id=user.organisation_id if user.organisation.kind == CLIENT else None,
                request_id=request_id,
                address=address,
            )
        )
    return actors


def _grants(user_ids: list[int]) -> dict[int, list[RoleGrant]]:
    found: dict[int, list[RoleGrant]] = {number: [] for number in user_ids}
    for grant in db.session.scalars(sa.select(RoleGrant).where(RoleGrant.user_id.in_(sorted(found)))):
        found[grant.user_id].append(grant)
    return found


def _organisation_reach(organisation_id: int, kind: str, today: date) -> Reach:
    if kind == OPERATOR:
        return Reach(Role.REQUESTER, everything=True)
    if kind == CLIENT:
        return Reach(Role.REQUESTER, client_ids=frozenset({organisation_id}))
    rows = db.session.execute(_served_places(), {"service_id": organisation_id, "today": today}).all()
    return Reach(
        Role.REQUESTER,
        client_ids=frozenset(row.client_id for row in rows if row.site_id is None),
        site_ids=frozenset(row.site_id for row in rows if row.site_id is not None),
    )


@kept_by_thread
def _served_places() -> sa.Select[int, int, int]:
    """Asked for by every request of a service company's staff."""
    today = sa.bindparam("today", type_=sa.Date())
    return (
        sa.select(Contract.id, Contract.client_id, contract_sites.c.site_id)
        .outerjoin(contract_sites, contract_sites.c.contract_id == Contract.id)
        .where(Contract.service_id == sa.bindparam("service_id", type_=sa.Integer()))
        .where(Contract.starts_on <= today, Contract.ends_on >= today)
    )


def _clients_of_sites(site_ids: set[int]) -> dict[int, int]:
    if not site_ids:
        return {}
    rows = db.session.execute(sa.select(Site.id, Site.client_id).where(Site.id.in_(site_ids)))
    return {row.id: row.client_id for row in rows}


def _reach(grant: RoleGrant, limit: Reach, site_clients: dict[int, int]) -> Reach | None:
    role = Role(grant.role)
    if grant.site_id is not None:
        client_id = site_clients.get(grant.site_id)
        if limit.everything or client_id in limit.client_ids or grant.site_id in limit.site_ids:
            return Reach(role, site_ids=frozenset({grant.site_id}))
        return None
    if grant.client_id is not None:
        if limit.everything or grant.client_id in limit.client_ids:
            return Reach(role, client_ids=frozenset({grant.client_id}))
        sites = db.session.scalars(
            sa.select(Site.id).where(Site.client_id == grant.client_id, Site.id.in_(limit.site_ids))
        ).all()
        return Reach(role, site_ids=frozenset(sites)) if sites else None
    return Reach(role, limit.everything, limit.client_ids, limit.site_ids)
