"""The service catalogue: what is offered to whom, maintained by administrators, answered in tickets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.db import db
from servicedesk.core.errors import InvalidError, NotAllowedError, NotFoundError
from servicedesk.core.i18n import select_locale
from servicedesk.core.permissions import Permission
from servicedesk.organisations.models import Department, Site
from servicedesk.search.words import index_words
from servicedesk.staff.models import User
from servicedesk.tickets import catalogue_fields, fields
from servicedesk.tickets.catalogue_models import CatalogueService
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.workflow import TicketField
from servicedesk.tickets.workflows import WORKFLOWS

CHOSEN = "service"  # the key in ``Ticket.details`` under which the service itself is kept


@dataclass(frozen=True, slots=True)
class ServiceData:
    """What an administrator gives. ``client_id`` None: for all clients, which needs a right over them all."""

    category: str
    title_zh: str
    title_en: str
    client_id: int | None = None
    department_id: int | None = None
    site_id: int | None = None
    help_zh: str = ""
    help_en: str = ""
    icon: str = ""
    impact: int | None = None
    urgency: int | None = None
    fields: tuple[Any, ...] = ()
    position: int = 0
    active: bool = True


def title_of(service: CatalogueService) -> str:
    """Its title in the reader's language."""
    return service.title_zh if select_locale() == "zh_CN" else service.title_en


def help_of(service: CatalogueService) -> str:
    """Its line of help in the reader's language."""
    return service.help_zh if select_locale() == "zh_CN" else service.help_en


def offered(actor: Actor, clients: Collection[int], category: str = "") -> Sequence[CatalogueService]:
    """What somebody may ask for on behalf of these clients, in order; in one query."""
    own_department = sa.select(User.department_id).where(User.id == (actor.user_id or 0)).scalar_subquery()
    statement = sa.select(CatalogueService).where(
        CatalogueService.active,
        sa.or_(CatalogueService.client_id.is_(None), CatalogueService.client_id.in_(clients)),
        sa.or_(CatalogueService.department_id.is_(None), CatalogueService.department_id == own_department),
    )
    if category:
        statement = statement.where(CatalogueService.category == category)
    return db.session.scalars(statement.order_by(CatalogueService.position, CatalogueService.id)).all()


def named_in(text: str, services: Sequence[CatalogueService], limit: int = 3) -> list[CatalogueService]:
    """The services whose words stand in what somebody types; in Chinese any two characters in a row do."""
    typed = set(index_words(text).split())
    scored = []
    for one in services:
        words = index_words(one.title_en, one.title_zh, one.help_en, one.help_zh).split()
        scored.append((len(typed & {word for word in words if len(word) > 2}), one))
    return [one for score, one in sorted(scored, key=lambda pair: -pair[0]) if score][:limit]


def ticket_fields(service: CatalogueService) -> tuple[TicketField, ...]:
    """What its form asks, in the reader's language."""
    locale = select_locale()
    return tuple(item.in_locale(locale) for item in catalogue_fields.parse(service.fields))


def answer(ticket: Ticket, service_id: int, given: Mapping[str, str], *, actor: Actor) -> None:
    """Keep in the ticket which service was asked for and what was answered, with the words asked.

    Args:
        given: by the names of ``ticket_fields``.
    Raises:
        InvalidError: the service is not offered for this ticket, or an answer is missing or does not fit.
    """
    service = next(
        (s for s in offered(actor, [ticket.client_id], ticket.category) if s.id == service_id), None
    )
    if service is None:
        raise InvalidError(_("This service is not offered here any more. Choose another one."))
    locale = select_locale()
    details = dict(ticket.details)
    details[CHOSEN] = {"id": service.id, "en": service.title_en, "zh": service.title_zh}
    values: dict[str, str] = {}
    for item in catalogue_fields.parse(service.fields):
        field = item.in_locale(locale)
        value = fields.clean(field, given.get(field.name, ""), ticket) if field.shown(values) else ""
        values[field.name] = value
        if field.required and field.shown(values) and not value:
            raise InvalidError(_("Please fill in: %(field)s.", field=str(field.label)), field.name)
        if value:
            details[field.name] = {
                "label": list(item.label),
                "value": value,
                "words": list(item.words(value)),
            }
    ticket.details = details


def asked_for(ticket: Ticket) -> tuple[str, list[tuple[str, str]]]:
    """The service's title and the answers as (label, words), in the reader's language, as they were asked."""
    at = int(select_locale() == "zh_CN")
    chosen = ticket.details.get(CHOSEN)
    title = chosen["zh" if at else "en"] if isinstance(chosen, dict) else ""
    return title, [(found["label"][at], found["words"][at]) for found in _answers(ticket)]


def words_of(ticket: Ticket) -> list[str]:
    """What of the answers can be searched for."""
    return [text for found in _answers(ticket) for text in dict.fromkeys(found["words"])]


def _answers(ticket: Ticket) -> list[dict[str, Any]]:
    return [
        found
        for name, found in ticket.details.items()
        if name.startswith(catalogue_fields.PREFIX) and isinstance(found, dict)
    ]


def visible(actor: Actor) -> Sequence[CatalogueService]:
    """The services an administrator sees: everybody's, and those of the clients in reach."""
    scope = actor.scope(Permission.TICKET_LIST_EDIT)
    statement = sa.select(CatalogueService).where(
        sa.or_(CatalogueService.client_id.is_(None), scope.clause(CatalogueService.client_id))
    )
    order = (CatalogueService.category, CatalogueService.position, CatalogueService.id)
    return db.session.scalars(statement.order_by(*order)).all()


def save(service_id: int | None, data: ServiceData, *, actor: Actor, now: datetime) -> CatalogueService:
    """Add a service or change one; tickets that were asked for already stay as they are.

    Raises:
        NotAllowedError, NotFoundError, InvalidError.
    """
    scope = actor.scope(Permission.TICKET_LIST_EDIT)
    service = db.session.get(CatalogueService, service_id) if service_id is not None else None
    if service_id is not None and service is None:
        raise NotFoundError
    for owner in {data.client_id, service.client_id if service is not None else data.client_id}:
        if not (scope.everything or (owner is not None and scope.covers(owner))):
            raise NotAllowedError
    _require_fitting(data)
    before = audit.snapshot(service, tuple(asdict(data))) if service is not None else None
    if service is None:
        service = CatalogueService(created_at=now)
        db.session.add(service)
    for name, value in asdict(data).items():
        setattr(service, name, list(value) if name == "fields" else value)
    service.updated_at = now
    db.session.flush()
    audit.record(
        actor,
        "catalogue_service.updated" if before else "catalogue_service.created",
        service,
        now=now,
        label=service.title_en,
        before=before,
        after=audit.snapshot(service, tuple(asdict(data))),
    )
    return service


def _require_fitting(data: ServiceData) -> None:
    if data.category not in WORKFLOWS:
        raise InvalidError(_("There is no such category."), "category")
    for name, text in (("title_zh", data.title_zh), ("title_en", data.title_en)):
        if not text.strip():
            raise InvalidError(_("Give the name in both languages: each reader sees their own."), name)
    if not {data.impact, data.urgency} <= {None, 1, 2, 3}:
        raise InvalidError(_("Choose impact and urgency from the list."), "impact")
    catalogue_fields.parse(list(data.fields))
    site = db.session.get(Site, data.site_id) if data.site_id is not None else None
    if data.site_id is not None and (site is None or site.client_id != data.client_id):
        raise InvalidError(_("There is no such site here."), "site_id")
    department = db.session.get(Department, data.department_id) if data.department_id is not None else None
    if data.department_id is not None and (
        department is None or department.organisation_id != data.client_id
    ):
        raise InvalidError(_("There is no such department here."), "department_id")
