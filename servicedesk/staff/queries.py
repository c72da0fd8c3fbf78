"""Which accounts an actor may see, and picking people for forms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import NotFoundError
from servicedesk.core.permissions import ROLE_PERMISSIONS, Permission, Role
from servicedesk.organisations.models import CLIENT, OPERATOR, Contract, Organisation
from servicedesk.staff.models import RoleGrant, User


def visible_users(actor: Actor) -> sa.Select[User]:
    """Accounts of the organisations the actor may look at: one's own clients and one's own company."""
    statement = sa.select(User)
    scope = actor.scope(Permission.ACCOUNT_VIEW)
    if scope.everything:
        return statement
    own = User.id == actor.user_id
    if not scope:
        return statement.where(own)
    return statement.where(
        sa.or_(
            own,
            User.organisation_id.in_(sorted(scope.client_ids)),
            User.organisation_id == (actor.organisation_id or 0),
        )
    )


def get_visible_user(user_id: int, actor: Actor) -> User:
    """The account, or NotFoundError."""
    user = db.session.scalar(visible_users(actor).where(User.id == user_id))
    if user is None:
        raise NotFoundError
    return user


def holders(
    permission: Permission, *client_ids: int, site_id: int | None = None, any_site: bool = False
) -> list[User]:
    """Active people who hold ``permission`` for these clients (or a site), for pick lists and recipients.

    ``any_site``: also those who hold it at one of the clients' sites alone.

    The contract's dates are left to ``actor_for``; a list may offer one whose contract just ended.
    """
    return role_holders(_roles_with(permission), *client_ids, site_id=site_id, any_site=any_site)


def holder_names(
    permission: Permission, *client_ids: int, site_id: int | None = None, any_site: bool = False
) -> list[tuple[int, str]]:
    """Number and name of the same people, for pick lists."""
    statement = _holding(_roles_with(permission), client_ids, site_id, any_site)
    rows = db.session.execute(statement.with_only_columns(User.id, User.display_name))
    return [(row.id, row.display_name) for row in rows]


def _roles_with(permission: Permission) -> list[Role]:
    return [role for role, permissions in ROLE_PERMISSIONS.items() if permission in permissions]


def role_holders(
    roles: Iterable[Role], *client_ids: int, site_id: int | None = None, any_site: bool = False
) -> list[User]:
    """Active people who hold one of these roles for these clients (or a site); see ``holders``."""
    return list(db.session.scalars(_holding(roles, client_ids, site_id, any_site)))


def _holding(
    roles: Iterable[Role], client_ids: Sequence[int], site_id: int | None, any_site: bool
) -> sa.Select[User]:
    names = [role.value for role in roles]
    served = sa.select(Contract.service_id).where(Contract.client_id.in_(client_ids))
    # A grant at a site names its client too.
    place: list[sa.ColumnElement[bool]] = [RoleGrant.client_id.in_(client_ids)]
    if not any_site:
        place = [sa.and_(*place, RoleGrant.site_id.is_(None))]
    if site_id is not None:
        place.append(RoleGrant.site_id == site_id)
    unlimited = sa.and_(
        RoleGrant.client_id.is_(None),
        sa.or_(
            User.organisation_id.in_(client_ids),
            Organisation.kind == OPERATOR,
            User.organisation_id.in_(served),
        ),
    )
    home = sa.or_(Organisation.kind != CLIENT, User.organisation_id.in_(client_ids))
    return (
        sa.select(User)
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .join(Organisation, Organisation.id == User.organisation_id)
        .where(User.active, RoleGrant.role.in_(names), sa.or_(*place, unlimited), home)
        .order_by(User.display_name, User.id)
        .distinct()
    )


def known_as(text: str, organisation_id: int, limit: int = 2) -> Sequence[User]:
    """Open accounts of an organisation by user name, badge number, e-mail or full name, in this order."""
    wanted = text.strip()
    of = sa.select(User).where(User.organisation_id == organisation_id, User.active).limit(limit)
    for clause in (
        User.username == wanted.lower(),
        User.badge == wanted,
        sa.func.lower(User.email) == wanted.lower(),
        User.display_name == wanted,
    ):
        if wanted and (found := db.session.scalars(of.where(clause)).all()):
            return found
    return []
