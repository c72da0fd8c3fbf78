"""Who reads, writes and publishes what: as conditions for queries and as answers for one article."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from servicedesk.core.actor import Actor, Scope
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db
from servicedesk.core.permissions import Permission
from servicedesk.knowledge.models import Article, ArticleVersion, Handbook
from servicedesk.organisations.models import CLIENT, OPERATOR, Contract, Organisation, Site

Kept = Article | Handbook
READ, WRITE, PUBLISH = Permission.TICKET_CREATE, Permission.TICKET_WORK, Permission.TICKET_LIST_EDIT


def _touches(scope: Scope, column: InstrumentedAttribute[int]) -> sa.ColumnElement[bool]:
    """The client lies in the scope, wholly or with one of its sites: articles hold for whole clients."""
    clause = scope.clause(column)
    if scope.site_ids and not scope.everything:
        clause = sa.or_(clause, column.in_(sa.select(Site.client_id).where(Site.id.in_(scope.site_ids))))
    return clause


def _clients(actor: Actor, permission: Permission) -> sa.Select[int]:
    """Numbers of the clients somebody has to do with. Staff of a client: never another one."""
    scope = actor.scope(permission)
    clause = _touches(scope, Organisation.id)
    if actor.home_client_id is not None:
        home = Organisation.id == actor.home_client_id
        clause = home if permission == READ else sa.and_(clause, home)
    return sa.select(Organisation.id).where(Organisation.kind == CLIENT, clause)


def _of_companies(
    model: type[Kept], actor: Actor, permission: Permission, today: date
) -> sa.ColumnElement[bool]:
    """What the company one works for keeps, those that serve one's clients now, and the operator."""
    serving = sa.select(Contract.service_id).where(
        Contract.client_id.in_(_clients(actor, permission)),
        Contract.starts_on <= today,
        Contract.ends_on >= today,
    )
    operator = sa.select(Organisation.id).where(Organisation.kind == OPERATOR)
    own = actor.organisation_id or 0
    return sa.or_(model.company_id == own, model.company_id.in_(serving), model.company_id.in_(operator))


def place(model: type[Kept], actor: Actor, permission: Permission, today: date) -> sa.ColumnElement[bool]:
    """What holds for clients somebody has to do with by this permission."""
    clients = model.client_id.in_(_clients(actor, permission))
    return sa.or_(clients, _of_companies(model, actor, permission, today))


def writable_place(model: type[Kept], actor: Actor) -> sa.ColumnElement[bool]:
    """What somebody keeps: of the clients they work for, and of their own company."""
    if not actor.allows_somewhere(WRITE):
        return sa.false()
    clients = model.client_id.in_(_clients(actor, WRITE))
    if actor.home_client_id is not None or actor.organisation_id is None:
        return clients
    return sa.or_(clients, model.company_id == actor.organisation_id)


def writes_at(record: Kept, actor: Actor) -> bool:
    """Whether the actor changes it."""
    model = type(record)
    wanted = sa.select(model.id).where(model.id == record.id, writable_place(model, actor))
    return db.session.scalar(wanted) is not None


def publishes_at(record: Kept, actor: Actor) -> bool:
    """Whether the actor lets readers have it: for a client with a right over all of it."""
    if not writes_at(record, actor):
        return False
    if record.client_id is not None:
        return actor.allows(PUBLISH, record.client_id)
    return actor.allows_somewhere(PUBLISH)


def readable(actor: Actor) -> sa.ColumnElement[bool]:
    """Published versions one may read, on ``ArticleVersion`` joined with ``Article``."""
    today = utcnow().date()
    parts = []
    if actor.allows_somewhere(READ) or actor.home_client_id is not None:
        parts.append(sa.and_(ArticleVersion.audience == "requesters", place(Article, actor, READ, today)))
    if actor.allows_somewhere(WRITE):
        parts.append(place(Article, actor, WRITE, today))
    return sa.and_(ArticleVersion.state == "published", sa.or_(sa.false(), *parts))


def writable(actor: Actor) -> sa.ColumnElement[bool]:
    """Articles somebody works on: all of their versions are theirs to see."""
    return writable_place(Article, actor)


def visible(actor: Actor) -> sa.ColumnElement[bool]:
    """Every version the actor may see, in whatever state."""
    return sa.or_(readable(actor), writable(actor))


def may_write(article: Article, actor: Actor) -> bool:
    """Whether the actor writes versions of it."""
    return writes_at(article, actor)


def may_publish(article: Article, actor: Actor) -> bool:
    """Whether the actor reviews and publishes."""
    return publishes_at(article, actor)


def write_places(actor: Actor) -> list[tuple[str, str]]:
    """(value, name) of the places one may write for: ``client:NUMBER``, ``company:NUMBER``."""
    if not actor.allows_somewhere(WRITE):
        return []
    mine: sa.ColumnElement[bool] = Organisation.id.in_(_clients(actor, WRITE))
    if actor.home_client_id is None and actor.organisation_id is not None:
        mine = sa.or_(mine, Organisation.id == actor.organisation_id)
    rows = db.session.execute(
        sa.select(Organisation.id, Organisation.name, Organisation.kind)
        .where(mine, Organisation.active)
        .order_by(Organisation.kind, Organisation.name)
    )
    return [(f"{'client' if row.kind == CLIENT else 'company'}:{row.id}", row.name) for row in rows]
