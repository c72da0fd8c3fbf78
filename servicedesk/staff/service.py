"""What can be done to accounts and with them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.config import Settings
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Permission, Role
from servicedesk.organisations.models import CLIENT, Department, Organisation, Site
from servicedesk.staff.models import RoleGrant, User
from servicedesk.staff.passwords import (
    hash_password,
    random_password,
    require_good_password,
    verify_password,
)

USERNAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_AUDITED = (
    "username",
    "display_name",
    "email",
    "phone",
    "badge",
    "organisation_id",
    "department_id",
    "active",
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """The result of a try: ``user`` on success, else a sentence that never says which part was wrong."""

    user: User | None
    message: str = ""
    locked: bool = False


def sign_in(username: str, password: str, *, now: datetime, settings: Settings, address: str) -> SignIn:
    """Check a password; counts failures and locks the account after too many."""
    wrong = _("User name or password is wrong. After several failures the account is locked for a while.")
    name = username.strip().lower()[:64]
    user = db.session.scalar(for_update(sa.select(User).where(User.username == name)))
    actor = Actor(user_id=user.id if user else None, name=name, address=address)
    if user is None:
        verify_password(None, password)
        return SignIn(None, wrong)
    if user.locked_until is not None and user.locked_until > now:
        verify_password(None, password)
        minutes = int((user.locked_until - now).total_seconds() // 60) + 1
        return SignIn(
            None,
            _(
                "This account is locked after too many failures. Try again in %(minutes)s minutes, "
                "or ask an administrator to unlock it.",
                minutes=minutes,
            ),
            locked=True,
        )
    if not verify_password(user.password_hash, password) or not user.active:
        user.failed_logins += 1
        if user.failed_logins >= settings.lockout_failures:
            user.locked_until = now + timedelta(minutes=settings.lockout_minutes)
            user.failed_logins = 0
            audit.record(actor, "account.locked", user, now=now, label=user.username)
        audit.record(actor, "sign_in.failed", user, now=now, label=user.username)
        return SignIn(None, wrong)
    user.failed_logins, user.locked_until, user.last_login_at = 0, None, now
    audit.record(actor, "sign_in", user, now=now, label=user.username)
    return SignIn(user)


def change_own_password(
    user: User, current: str, new: str, *, actor: Actor, now: datetime, settings: Settings
) -> None:
    """Set one's own password; every other session of the account ends.

    Raises:
        InvalidError: the current password is wrong, or the new one is not good enough.
    """
    if not verify_password(user.password_hash, current):
        raise InvalidError(_("The current password is wrong."), "current_password")
    if new == current:
        raise InvalidError(_("The new password must differ from the current one."), "new_password")
    require_good_password(new, username=user.username, min_length=settings.password_min_length)
    user.password_hash = hash_password(new)
    user.must_change_password = False
    user.password_changed_at = now
    user.session_epoch += 1
    audit.record(actor, "account.password_changed", user, now=now, label=user.username)


def create_user(
    actor: Actor,
    *,
    organisation: Organisation,
    username: str,
    display_name: str,
    now: datetime,
    department: Department | None = None,
    email: str = "",
    phone: str = "",
    badge: str = "",
    locale: str = "",
    password: str | None = None,
) -> tuple[User, str]:
    """Make an account; returns it with the one-time password that must be changed at first sign-in.

    Args:
        password: for demo data only: a known password that need not be changed.
    """
    require_account_permission(actor, organisation)
    name = username.strip().lower()
    if not USERNAME.fullmatch(name):
        raise InvalidError(
            _("The user name needs 2 to 64 characters: small letters, digits, dot, hyphen, underscore, @."),
            "username",
        )
    if db.session.scalar(sa.select(User.id).where(User.username == name)) is not None:
        raise InvalidError(_("This user name is taken."), "username")
    _require_department(organisation, department)
    _require_own_badge(organisation, badge, None)
    one_time = password or random_password()
    user = User(
        organisation_id=organisation.id,
        department_id=department.id if department else None,
        username=name,
        display_name=display_name.strip(),
        email=email.strip(),
        phone=phone.strip(),
        badge=badge.strip(),
        locale=locale,
        password_hash=hash_password(one_time),
        must_change_password=password is None,
        created_at=now,
    )
    db.session.add(user)
    audit.record(
        actor,
        "account.created",
        user,
        now=now,
        label=name,
        client_id=organisation.id if organisation.kind == CLIENT else None,
        after=audit.snapshot(user, _AUDITED),
    )
    return user, one_time


def _require_department(organisation: Organisation, department: Department | None) -> None:
    if department is not None and department.organisation_id != organisation.id:
        raise InvalidError(_("The department belongs to another organisation."), "department_id")


def _require_own_badge(organisation: Organisation, badge: str, user: User | None) -> None:
    """A badge number names one person of an organisation."""
    number = badge.strip()
    if not number:
        return
    other = db.session.scalar(
        sa.select(User.id).where(
            User.organisation_id == organisation.id,
            User.badge == number,
            User.id != (user.id if user is not None else 0),
        )
    )
    if other is not None:
        raise InvalidError(_("Another account of this organisation has this badge number."), "badge")


def update_user(
    user: User,
    *,
    actor: Actor,
    display_name: str,
    email: str,
    phone: str,
    badge: str | None = None,
    department: Department | None,
    active: bool,
    now: datetime,
) -> None:
    """Change an account. Closing it ends its sessions at once.

    Args:
        badge: None leaves it as it is.
    """
    require_account_permission(actor, user.organisation)
    _require_department(user.organisation, department)
    _require_own_badge(user.organisation, badge or "", user)
    if user.id == actor.user_id and not active:
        raise InvalidError(_("You cannot close your own account."), "active")
    before = audit.snapshot(user, _AUDITED)
    user.display_name, user.email, user.phone = display_name.strip(), email.strip(), phone.strip()
    user.badge = user.badge if badge is None else badge.strip()
    user.department_id = department.id if department else None
    if user.active and not active:
        user.session_epoch += 1
    user.active = active
    user.updated_at = now
    after = audit.snapshot(user, _AUDITED)
    if after != before:
        audit.record(actor, "account.updated", user, now=now, label=user.username, before=before, after=after)


def reset_password(user: User, *, actor: Actor, now: datetime) -> str:
    """Give a new one-time password, unlock the account and end its sessions."""
    require_account_permission(actor, user.organisation)
    one_time = random_password()
    user.password_hash = hash_password(one_time)
    user.must_change_password = True
    user.failed_logins, user.locked_until = 0, None
    user.session_epoch += 1
    audit.record(actor, "account.password_reset", user, now=now, label=user.username)
    return one_time


def grant_role(
    user: User,
    role: Role,
    *,
    actor: Actor,
    now: datetime,
    client: Organisation | None = None,
    site: Site | None = None,
) -> RoleGrant:
    """Grant a role at a site, at a client, or wherever the user's organisation reaches."""
    _require_grant_permission(actor, user, client, site)
    client_id = site.client_id if site else (client.id if client else None)
    if user.organisation.kind == CLIENT and client_id not in (None, user.organisation_id):
        raise InvalidError(_("Staff of a client can only hold roles in their own organisation."), "client_id")
    existing = db.session.scalar(
        sa.select(RoleGrant).where(
            RoleGrant.user_id == user.id,
            RoleGrant.role == role.value,
            RoleGrant.client_id.is_(None) if client_id is None else RoleGrant.client_id == client_id,
            RoleGrant.site_id.is_(None) if site is None else RoleGrant.site_id == site.id,
        )
    )
    if existing is not None:
        return existing
    grant = RoleGrant(
        user_id=user.id,
        role=role.value,
        client_id=client_id,
        site_id=site.id if site else None,
        granted_by=actor.name,
        granted_at=now,
    )
    db.session.add(grant)
    after = {"role": role.value, "client_id": client_id, "site_id": grant.site_id}
    audit.record(actor, "role.granted", user, now=now, label=user.username, client_id=client_id, after=after)
    return grant


def revoke_role(grant: RoleGrant, *, actor: Actor, now: datetime) -> None:
    """Take a role back; it stops to count with the next request."""
    user = grant.user
    _require_grant_permission(actor, user, grant.client, grant.site)
    if user.id == actor.user_id and grant.role == Role.SECURITY_ADMIN:
        raise InvalidError(_("You cannot take the security administrator's role from yourself."))
    before = {"role": grant.role, "client_id": grant.client_id, "site_id": grant.site_id}
    label = user.username
    audit.record(actor, "role.revoked", user, now=now, label=label, client_id=grant.client_id, before=before)
    db.session.delete(grant)


def _require_grant_permission(
    actor: Actor, user: User, client: Organisation | None, site: Site | None
) -> None:
    scope = actor.scope(Permission.GRANT_MANAGE)
    if user.organisation.kind == CLIENT:
        allowed = scope.covers(user.organisation_id)
    elif site is not None or client is not None:
        allowed = scope.covers(site.client_id if site else client.id if client else None)
    else:
        allowed = scope.everything
    if not allowed:
        raise NotAllowedError


def require_account_permission(actor: Actor, organisation: Organisation) -> None:
    """Accounts of a client: whoever manages that client's; all others: the installation's manager."""
    scope = actor.scope(Permission.ACCOUNT_MANAGE)
    if not (scope.everything or (organisation.kind == CLIENT and scope.covers(organisation.id))):
        raise NotAllowedError
