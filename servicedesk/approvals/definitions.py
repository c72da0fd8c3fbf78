"""Definitions: which one counts for a client, and how they are changed. A version is never altered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.approvals.defaults import Shipped, shipped
from servicedesk.approvals.definition import USER, Chain, from_json, to_json
from servicedesk.approvals.models import ApprovalDefinition, ApprovalVersion
from servicedesk.approvals.people import People
from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db, for_update
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.permissions import Permission
from servicedesk.organisations.models import CLIENT, Organisation
from servicedesk.staff.models import User

KEY = re.compile(r"[a-z][a-z0-9_]{1,63}")
_PRODUCT = "servicedesk"  # who made the versions the product brings


@dataclass(frozen=True, slots=True)
class DefinitionData:
    """What the editor saves; ``nodes`` in the JSON form. ``client_id`` None: for all clients."""

    key: str
    client_id: int | None
    title_en: str
    title_zh: str
    nodes: list[dict[str, Any]]
    active: bool = True


def definition_for(key: str, client_id: int, *, now: datetime) -> ApprovalVersion:
    """The version new chains go by: the client's own, else the installation's, else the product's.

    The product's own is stored at its first use, and again when a newer release brings other steps.

    Raises:
        InvalidError: there is no such definition.
    """
    found = db.session.scalars(
        sa.select(ApprovalDefinition)
        .where(
            ApprovalDefinition.key == key,
            ApprovalDefinition.active,
            sa.or_(ApprovalDefinition.client_id == client_id, ApprovalDefinition.client_id.is_(None)),
        )
        .order_by(ApprovalDefinition.client_id.is_(None))
    ).first()
    brought = shipped().get(key)
    if found is None and brought is not None:
        found = _store(brought, now)
    if found is None:
        raise InvalidError(
            _("There is no approval named %(key)s. An administrator can define it under Approvals.", key=key)
        )
    version = latest(found)
    if found.shipped and brought is not None and version.nodes != to_json(brought.chain):
        version = _add_version(found, brought.chain, _PRODUCT, now)
    return version


def _store(brought: Shipped, now: datetime) -> ApprovalDefinition:
    wanted = sa.select(ApprovalDefinition).where(
        ApprovalDefinition.key == brought.key, ApprovalDefinition.client_id.is_(None)
    )
    found = db.session.scalar(wanted)
    if found is not None:
        return found  # switched off by somebody: the product's own counts again
    try:
        with db.session.begin_nested():
            found = ApprovalDefinition(
                client_id=None,
                key=brought.key,
                title_en=brought.title_en,
                title_zh=brought.title_zh,
                active=True,
                shipped=True,
                created_at=now,
            )
            db.session.add(found)
            db.session.flush()
            _add_version(found, brought.chain, _PRODUCT, now)
    except sa.exc.IntegrityError:  # somebody else's first use, a moment earlier
        return db.session.scalars(wanted).one()
    return found


def latest(definition: ApprovalDefinition) -> ApprovalVersion:
    """The version new chains go by."""
    statement = (
        sa.select(ApprovalVersion)
        .where(ApprovalVersion.definition_id == definition.id)
        .order_by(ApprovalVersion.number.desc())
        .limit(1)
    )
    return db.session.scalars(statement).one()


def _add_version(definition: ApprovalDefinition, chain: Chain, by: str, now: datetime) -> ApprovalVersion:
    newest = db.session.scalar(
        sa.select(sa.func.max(ApprovalVersion.number)).where(ApprovalVersion.definition_id == definition.id)
    )
    version = ApprovalVersion(
        definition_id=definition.id,
        number=(newest or 0) + 1,
        nodes=to_json(chain),
        created_at=now,
        created_by=by,
    )
    db.session.add(version)
    db.session.flush()
    return version


def visible_definitions(actor: Actor) -> sa.Select[ApprovalDefinition]:
    """Those of the actor's clients, and those for all clients, for whoever manages approvals anywhere."""
    scope = actor.scope(Permission.APPROVAL_MANAGE)
    statement = sa.select(ApprovalDefinition)
    if scope.everything:
        return statement
    if not scope:
        return statement.where(sa.false())
    own = scope.clause(ApprovalDefinition.client_id)
    return statement.where(sa.or_(own, ApprovalDefinition.client_id.is_(None)))


def get_visible_definition(definition_id: int, actor: Actor) -> ApprovalDefinition:
    """The definition, or NotFoundError."""
    found = db.session.scalar(visible_definitions(actor).where(ApprovalDefinition.id == definition_id))
    if found is None:
        raise NotFoundError
    return found


def may_edit(actor: Actor, client_id: int | None) -> bool:
    """What holds for all clients is changed by whoever manages approvals everywhere."""
    scope = actor.scope(Permission.APPROVAL_MANAGE)
    return scope.everything if client_id is None else scope.covers(client_id)


def save_definition(
    definition: ApprovalDefinition | None,
    data: DefinitionData,
    *,
    actor: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> ApprovalDefinition:
    """Make or change a definition. Other steps make a new version; running chains keep theirs.

    Args:
        seen_version: the version the editor began with; refused when somebody saved another since.
    """
    if not may_edit(actor, definition.client_id if definition is not None else data.client_id):
        raise NotAllowedError
    chain = from_json(data.nodes)
    title_en, title_zh = data.title_en.strip(), data.title_zh.strip()
    if not (title_en or title_zh):
        raise InvalidError(_("Give the approval a title in at least one language."), "title_en")
    before: dict[str, Any] | None = None
    if definition is None:
        definition = _new(data, now)
    else:
        definition = db.session.scalars(
            for_update(sa.select(ApprovalDefinition).where(ApprovalDefinition.id == definition.id))
        ).one()
        newest = latest(definition)
        if seen_version is not None and newest.number != seen_version:
            raise ConflictError(
                _(
                    "%(name)s saved another version meanwhile. Open the approval again.",
                    name=newest.created_by,
                )
            )
        before = _snapshot(definition, newest.number)
    _require_people(chain, definition.client_id, now)
    definition.title_en, definition.title_zh = title_en or title_zh, title_zh or title_en
    definition.active, definition.shipped, definition.updated_at = data.active, False, now
    db.session.add(definition)
    db.session.flush()
    if before is None or latest(definition).nodes != to_json(chain):
        _add_version(definition, chain, actor.name, now)
    after = _snapshot(definition, latest(definition).number)
    action = "approval_definition.created" if before is None else "approval_definition.updated"
    audit.record(actor, action, definition, now=now, label=definition.key, before=before, after=after)
    return definition


def _new(data: DefinitionData, now: datetime) -> ApprovalDefinition:
    key = data.key.strip()
    if not KEY.fullmatch(key):
        raise InvalidError(
            _("The key needs 2 to 64 characters: small letters, digits and underscores, a letter first."),
            "key",
        )
    if data.client_id is not None:
        client = db.session.get(Organisation, data.client_id)
        if client is None or client.kind != CLIENT:
            raise InvalidError(_("Choose a client."), "client_id")
    same = sa.select(ApprovalDefinition.id).where(
        ApprovalDefinition.key == key,
        ApprovalDefinition.client_id.is_(None)
        if data.client_id is None
        else ApprovalDefinition.client_id == data.client_id,
    )
    if db.session.scalar(same) is not None:
        raise InvalidError(_("There is an approval with this key already; change that one."), "key")
    return ApprovalDefinition(client_id=data.client_id, key=key, created_at=now)


def _snapshot(definition: ApprovalDefinition, number: int) -> dict[str, Any]:
    kept = audit.snapshot(definition, ("title_en", "title_zh", "active"))
    return kept | {"version": number}


def _require_people(chain: Chain, client_id: int | None, now: datetime) -> None:
    """People named in person must be there, and within the client's reach."""
    sources = [s for node in chain.nodes for s in (*node.approvers, *node.escalate_to) if s.kind == USER]
    for source in sources:
        user = db.session.get(User, int(source.value))
        known = user is not None and user.active
        if known and user is not None and client_id is not None:
            people = People(client_id=client_id, site_id=None, requester_id=None, facts={}, today=now.date())
            known = people.reaches(user)
        if not known:
            raise InvalidError(_("One of the people named has no open account that reaches this client."))
