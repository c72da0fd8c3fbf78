"""Which secrets are to be changed: because somebody who knows them has left, or because they are old."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.i18n import enumeration
from servicedesk.core.permissions import Permission
from servicedesk.equipment.models import Credential
from servicedesk.equipment.queries import visible_credentials
from servicedesk.equipment.rotation_models import CredentialKnower
from servicedesk.staff.models import RoleGrant, User
from servicedesk.staff.queries import holder_names

MAX_AGE = timedelta(days=365)
# Whoever has no account or no role any more has left.
_GONE = sa.or_(User.active.is_(False), ~sa.exists().where(RoleGrant.user_id == User.id))


def people(client_id: int) -> list[tuple[int, str]]:
    """Number and name of those who may be told a secret of a client."""
    return holder_names(Permission.TICKET_WORK, client_id, any_site=True)


def choices(client_ids: Collection[int], credential: Credential | None) -> list[tuple[int, str]]:
    """People to choose from: those who work for one of these clients, and whoever is said to know it."""
    found = dict(holder_names(Permission.TICKET_WORK, *client_ids, any_site=True)) if client_ids else {}
    if credential is not None:
        statement = sa.select(User.id, User.display_name).where(User.id.in_(knowers(credential)))
        found |= dict(db.session.execute(statement).all())
    return sorted(found.items(), key=lambda row: (row[1], row[0]))


def knowers(credential: Credential) -> list[int]:
    """Numbers of the people who are said to know the present secret."""
    statement = sa.select(CredentialKnower.user_id).where(CredentialKnower.credential_id == credential.id)
    return list(db.session.scalars(statement.order_by(CredentialKnower.user_id)))


def set_knowers(credential: Credential, user_ids: Collection[int], *, actor: Actor, now: datetime) -> None:
    """Say who knows the present secret.

    Raises:
        NotAllowedError.
        InvalidError: somebody who does not work for the client, and is not said to know it already.
    """
    if not actor.allows(Permission.CREDENTIAL_MANAGE, credential.client_id):
        raise NotAllowedError
    before, wanted = set(knowers(credential)), set(user_ids)
    if before == wanted:
        return
    if wanted - before - {number for number, _name in people(credential.client_id)}:
        raise InvalidError(_("Choose people of the list."), "known_to")
    db.session.execute(
        sa.delete(CredentialKnower).where(
            CredentialKnower.credential_id == credential.id, CredentialKnower.user_id.in_(before - wanted)
        )
    )
    db.session.add_all(
        [
            CredentialKnower(credential_id=credential.id, user_id=number, since=now)
            for number in sorted(wanted - before)
        ]
    )
    audit.record(
        actor,
        "credential.knowers",
        credential,
        now=now,
        label=credential.name,
        before={"known_to": _names(before)},
        after={"known_to": _names(wanted)},
    )


def _names(user_ids: Collection[int]) -> list[str]:
    statement = sa.select(User.display_name).where(User.id.in_(user_ids)).order_by(User.display_name)
    return list(db.session.scalars(statement))


def due(actor: Actor, now: datetime) -> sa.Select[Credential]:
    """Credentials whose secret is to be changed."""
    left = sa.select(CredentialKnower.credential_id).join(User, User.id == CredentialKnower.user_id)
    author = sa.select(User.id).where(User.id == Credential.secret_set_by_id, _GONE)
    return visible_credentials(actor).where(
        sa.or_(
            Credential.secret_changed_at < now - MAX_AGE,
            Credential.id.in_(left.where(_GONE)),
            author.correlate(Credential).exists(),
        )
    )


def reasons(credentials: Collection[Credential], now: datetime) -> dict[int, list[str]]:
    """Why each of these is to be changed, in words; nothing for those that are not."""
    numbers = [credential.id for credential in credentials]
    authors = {credential.secret_set_by_id for credential in credentials} - {None}
    gone = dict(
        db.session.execute(sa.select(User.id, User.display_name).where(User.id.in_(authors), _GONE)).all()
    )
    told: dict[int, set[str]] = defaultdict(set)
    for number, name in db.session.execute(
        sa.select(CredentialKnower.credential_id, User.display_name)
        .join(User, User.id == CredentialKnower.user_id)
        .where(CredentialKnower.credential_id.in_(numbers), _GONE)
    ):
        told[number].add(name)
    found: dict[int, list[str]] = {}
    for credential in credentials:
        names = told[credential.id] | {gone[n] for n in (credential.secret_set_by_id,) if n in gone}
        said = [_("known to %(names)s, who left", names=enumeration(sorted(names)))] if names else []
        days = (now - credential.secret_changed_at).days
        if days > MAX_AGE.days:
            said.append(ngettext("not changed for %(num)s day", "not changed for %(num)s days", days))
        if said:
            found[credential.id] = said
    return found
