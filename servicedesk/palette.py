"""What the palette (Ctrl-K) finds, from tickets to pages of the menu. A fixed number of queries."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db
from servicedesk.core.i18n import LOCALE_NAMES, select_locale
from servicedesk.core.permissions import Permission
from servicedesk.equipment import document_queries
from servicedesk.equipment import queries as equipment
from servicedesk.equipment.addressing import queries as addressing
from servicedesk.equipment.addressing.models import Prefix
from servicedesk.equipment.document_models import TechnicalDocument
from servicedesk.equipment.models import Device
from servicedesk.equipment.software import queries as software
from servicedesk.equipment.software.models import Licence, SoftwareProduct
from servicedesk.equipment.stock import queries as stock
from servicedesk.equipment.stock.models import Part
from servicedesk.knowledge import queries as knowledge
from servicedesk.navigation import entries_for
from servicedesk.organisations.models import Site
from servicedesk.repairs import queries as repairs
from servicedesk.repairs.models import Repair
from servicedesk.repairs.states import STATES
from servicedesk.runbooks import library
from servicedesk.runbooks import texts as own_texts
from servicedesk.tickets import queries as tickets

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Found:
    """One row: where it leads, its words, and smaller ones behind them."""

    url: str
    label: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of a kind; ``more``: where all of it is listed, if there may be more."""

    label: str
    rows: tuple[Found, ...]
    more: str = ""


def find(text: str, actor: Actor) -> list[Group]:
    """Groups that are not empty, within what the actor may see."""
    searches: tuple[tuple[str, Callable[[str, Actor], list[Found]], str], ...] = (
        (_("Tickets"), _tickets, url_for("tickets.index", queue="all", q=text)),
        (_("Devices"), _devices, url_for("equipment.devices", q=text)),
        (_("Repairs"), _repairs, url_for("repairs.index", state=repairs.ALL, q=text)),
        (_("Parts and stock"), _parts, url_for("stock.index", show="all", q=text)),
        (_("Software"), _software, url_for("software.index", q=text)),
        (_("Licences"), _licences, url_for("software.licence_list", show="all", q=text)),
        (_("Networks and addresses"), _networks, url_for("addressing.index", q=text)),
        (_("Technical documents"), _documents, url_for("technical_documents.index", q=text)),
        (_("Knowledge base"), _articles, url_for("knowledge.index", q=text)),
        (_("Runbooks"), _runbooks, url_for("runbooks.index", q=text)),
        (_("Pages"), _pages, ""),
    )
    groups = [Group(label, tuple(search(text, actor)), lists) for label, search, lists in searches]
    return [group if len(group.rows) == SHOWN else replace(group, more="") for group in groups if group.rows]


def _tickets(text: str, actor: Actor) -> list[Found]:
    statement = tickets.tickets_found(actor, queue="all", text=text)
    rows = tickets.first_rows(statement, tickets.NEWEST, SHOWN)
    return [
        Found(url_for("tickets.detail", ticket_id=row.id), f"{row.number} {row.title}", row.device_name or "")
        for row in rows
    ]


def _devices(text: str, actor: Actor) -> list[Found]:
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        return []
    found = equipment.devices_found(actor, text=text).join(Site, Site.id == Device.site_id)
    statement = found.with_only_columns(
        Device.id, Device.name, Device.address, Device.model, Site.name.label("site_name")
    )
    begins = sa.case(
        (Device.name.ilike(text.replace("\\", "").replace("%", "").replace("_", "") + "%"), 0), else_=1
    )
    rows = db.session.execute(statement.order_by(begins, Device.name, Device.id).limit(SHOWN))
    return [
        Found(
            url_for("equipment.device", device_id=row.id),
            row.name,
            " ".join(filter(None, (row.address, row.model, row.site_name))),
        )
        for row in rows
    ]


def _repairs(text: str, actor: Actor) -> list[Found]:
    """Also those that are closed, the newest first."""
    if not actor.allows_somewhere(Permission.REPAIR_VIEW):
        return []
    statement = repairs.repair_rows(actor, repairs.Chosen(state=repairs.ALL, text=text))
    rows = db.session.execute(statement.order_by(Repair.id.desc()).limit(SHOWN))
    return [
        Found(
            url_for("repairs.detail", repair_id=row.id),
            f"{row.number} {row.device_name}",
            f"{STATES[row.state][0]} · {row.symptom[:80]}",
        )
        for row in rows
    ]


def _parts(text: str, actor: Actor) -> list[Found]:
    """By name, number, or the serial number of a piece; also parts that are not kept any more."""
    if not actor.allows_somewhere(Permission.STOCK_VIEW):
        return []
    statement = stock.part_rows(actor, stock.Chosen(text=text, show="all"))
    rows = db.session.execute(statement.order_by(Part.name, Part.id).limit(SHOWN))
    return [
        Found(
            url_for("stock.part", part_id=row.id),
            row.name,
            " ".join(filter(None, (row.manufacturer, row.part_number, row.client_name))),
        )
        for row in rows
    ]


def _software(text: str, actor: Actor) -> list[Found]:
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        return []
    statement = software.product_rows(actor, text=text)
    rows = db.session.execute(statement.order_by(SoftwareProduct.name, SoftwareProduct.id).limit(SHOWN))
    return [
        Found(
            url_for("software.product", product_id=row.id),
            row.name,
            " ".join(filter(None, (row.maker, row.client_name))),
        )
        for row in rows
    ]


def _licences(text: str, actor: Actor) -> list[Found]:
    """By number, supplier, product or maker; also those that have ended."""
    if not actor.allows_somewhere(Permission.DEVICE_VIEW):
        return []
    chosen = software.Chosen(text=text, show="all")
    statement = software.licence_rows(actor, chosen, today=utcnow().date())
    rows = db.session.execute(statement.order_by(Licence.due_on.desc(), Licence.id.desc()).limit(SHOWN))
    return [
        Found(url_for("software.licence", licence_id=row.id), row.number, row.product_name) for row in rows
    ]


def _networks(text: str, actor: Actor) -> list[Found]:
    """An address: what it is for, and the prefixes around it, the innermost first."""
    if not actor.allows_somewhere(Permission.DEVICE_VIEW) or not addressing.is_network(text):
        return []
    addresses = db.session.execute(
        addressing.address_rows(actor, text=text)
        .order_by(*addressing.ADDRESS_ORDER.columns)
        .limit(SHOWN // 2)
    )
    found = [
        Found(
            url_for("equipment.device", device_id=row.device_id)
            if row.device_id
            else url_for("addressing.addresses", q=row.address),
            row.address,
            " ".join(filter(None, (row.device_name, row.interface_name, row.dns_name, row.description))),
        )
        for row in addresses
    ]
    rows = db.session.execute(
        addressing.prefix_rows(actor, text=text).order_by(Prefix.length.desc(), Prefix.id).limit(SHOWN // 2)
    )
    return found + [
        Found(
            url_for("addressing.prefix", prefix_id=row.id),
            row.prefix,
            " ".join(filter(None, (row.vrf, row.vlan_name, row.description, row.site_name))),
        )
        for row in rows
    ]


def _documents(text: str, actor: Actor) -> list[Found]:
    chosen = document_queries.Chosen(text=text)
    statement = document_queries.document_rows(actor, chosen, today=utcnow().date())
    rows = db.session.execute(statement.order_by(TechnicalDocument.title, TechnicalDocument.id).limit(SHOWN))
    return [
        Found(
            url_for("technical_documents.detail", document_id=row.id),
            row.title,
            " ".join(filter(None, (row.label, row.file_name))),
        )
        for row in rows
    ]


def _articles(text: str, actor: Actor) -> list[Found]:
    rows = db.session.execute(
        knowledge.rows(actor, text=text).order_by(*knowledge.BY_TITLE.columns).limit(SHOWN)
    )
    return [
        Found(url_for("knowledge.article", article_id=row.article_id), row.title, LOCALE_NAMES[row.language])
        for row in rows
    ]


def _runbooks(text: str, actor: Actor) -> list[Found]:
    if not actor.allows_somewhere(Permission.TICKET_WORK):
        return []
    chinese = select_locale() == "zh_CN"
    every = {**library.library(), **own_texts.own_runbooks(actor)}
    found = library.search(every.values(), text=text)[:SHOWN]
    return [
        Found(url_for("runbooks.show", key=one.key), one.title.zh if chinese else one.title.en)
        for one in found
    ]


def _pages(text: str, actor: Actor) -> list[Found]:
    wanted = text.casefold()
    return [
        Found(url_for(entry.endpoint), str(entry.label))
        for entry in entries_for(actor)
        if wanted in str(entry.label).casefold()
    ][:SHOWN]
