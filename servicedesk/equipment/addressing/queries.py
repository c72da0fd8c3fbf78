"""Prefixes and addresses that a reader may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor, Scope
from servicedesk.core.db import anywhere, db, kept_by_thread
from servicedesk.core.errors import InvalidError, NotFoundError
from servicedesk.core.paging import Order
from servicedesk.core.permissions import Permission
from servicedesk.equipment.addressing import keys
from servicedesk.equipment.addressing.models import Address, Prefix
from servicedesk.equipment.addressing.prefixes import containing
from servicedesk.equipment.models import Device
from servicedesk.equipment.network_models import Interface
from servicedesk.organisations.models import Organisation, Site

CHILDREN = 40  # prefixes within that a prefix's page shows; the list shows all
PREFIX_ORDER = Order(
    (Prefix.client_id, Prefix.vrf, Prefix.first, Prefix.length),
    ("client_id", "vrf", "first", "length"),
    descending=False,
)
ADDRESS_ORDER = Order(
    (Address.client_id, Address.vrf, Address.key), ("client_id", "vrf", "key"), descending=False
)


def _scope(actor: Actor, model: type[Prefix] | type[Address]) -> sa.ColumnElement[bool]:
    return actor.scope(Permission.DEVICE_VIEW).clause(model.client_id, model.site_id)


def prefix_rows(actor: Actor, *, text: str = "", site_id: int | None = None) -> sa.Select[*tuple[Any, ...]]:
    """Columns of the tree, in its order. ``text``: an address or prefix finds what is around it and within;
    other words are looked for in descriptions and VLANs."""
    statement = (
        sa.select(
            Prefix.id,
            Prefix.client_id,
            Prefix.vrf,
            Prefix.first,
            Prefix.length,
            Prefix.prefix,
            Prefix.depth,
            Prefix.used,
            Prefix.role,
            Prefix.vlan_id,
            Prefix.vlan_name,
            Prefix.gateway,
            Prefix.description,
            Site.name.label("site_name"),
            Organisation.name.label("client_name"),
        )
        .join(Organisation, Organisation.id == Prefix.client_id)
        .outerjoin(Site, Site.id == Prefix.site_id)
        .where(_scope(actor, Prefix))
    )
    if site_id is not None:
        statement = statement.where(Prefix.site_id == site_id)
    return statement.where(_fits(text)) if text else statement


def _fits(text: str) -> sa.ColumnElement[bool]:
    network = _network(text)
    if network is not None:
        pairs = keys.containers(network.first, network.length + 1)
        return sa.or_(
            sa.and_(
                Prefix.first.in_(sorted({first for first, _length in pairs})),
                sa.tuple_(Prefix.first, Prefix.length).in_(pairs),
            ),
            sa.and_(Prefix.first.between(network.first, network.last), Prefix.length > network.length),
        )
    like = anywhere(text)
    columns = (Prefix.description, Prefix.vlan_name, Prefix.prefix, Prefix.vrf)
    found: list[sa.ColumnElement[bool]] = [column.ilike(like, escape="\\") for column in columns]
    if text.isascii() and text.isdigit() and len(text) <= 4:
        found.append(Prefix.vlan_id == int(text))
    return sa.or_(*found)


def is_network(text: str) -> bool:
    """Whether it is an address or a prefix, and not other words."""
    return _network(text) is not None


def _network(text: str) -> keys.Network | None:
    """A prefix, or an address as the smallest one; None for other words."""
    if "." not in text and ":" not in text:
        return None
    try:
        if "/" in text:
            return keys.read_network(text)
        key, plain = keys.read_address(text)
    except InvalidError:
        return None
    bits = 32 if key[0] == "4" else 128
    return keys.Network(f"{plain}/{bits}", key, key, bits)


@kept_by_thread
def _address_columns(scope: Scope) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(
            Address.id,
            Address.client_id,
            Address.vrf,
            Address.key,
            Address.address,
            Address.state,
            Address.dns_name,
            Address.description,
            Address.device_id,
            Device.name.label("device_name"),
            Interface.name.label("interface_name"),
            Organisation.name.label("client_name"),
        )
        .join(Organisation, Organisation.id == Address.client_id)
        .outerjoin(Device, Device.id == Address.device_id)
        .outerjoin(Interface, Interface.id == Address.interface_id)
        .where(scope.clause(Address.client_id, Address.site_id))
    )


def address_rows(
    actor: Actor, *, text: str = "", within: Prefix | None = None, device_id: int | None = None
) -> sa.Select[*tuple[Any, ...]]:
    """Columns of addresses: of a prefix, a device, or all; ``text`` an address, a prefix, or a DNS name's
    beginning."""
    statement = _address_columns(actor.scope(Permission.DEVICE_VIEW))
    if within is not None:
        statement = statement.where(
            Address.client_id == within.client_id,
            Address.vrf == within.vrf,
            Address.key.between(within.first, within.last),
        )
    if device_id is not None:
        statement = statement.where(Address.device_id == device_id)
    if text:
        network = _network(text)
        if network is not None:
            statement = statement.where(Address.key.between(network.first, network.last))
        else:
            like = anywhere(text)
            columns = (Address.dns_name, Address.description)
            statement = statement.where(sa.or_(*(one.ilike(like, escape="\\") for one in columns)))
    return statement


def get_visible_prefix(prefix_id: int, actor: Actor) -> Prefix:
    """The prefix, or NotFoundError."""
    found = db.session.scalar(
        sa.select(Prefix)
        .where(Prefix.id == prefix_id, _scope(actor, Prefix))
        .options(joinedload(Prefix.client), joinedload(Prefix.site))
    )
    if found is None:
        raise NotFoundError
    return found


def get_visible_address(address_id: int, actor: Actor) -> Address:
    """The address, or NotFoundError."""
    found = db.session.scalar(
        sa.select(Address)
        .where(Address.id == address_id, _scope(actor, Address))
        .options(joinedload(Address.device), joinedload(Address.interface), joinedload(Address.client))
    )
    if found is None:
        raise NotFoundError
    return found


def around(actor: Actor, client_id: int, vrf: str, key: str, length: int | None = None) -> Sequence[Prefix]:
    """The prefixes around an address or a network, the outermost first."""
    return db.session.scalars(
        sa.select(Prefix)
        .where(containing(client_id, vrf, key, length), _scope(actor, Prefix))
        .order_by(Prefix.length)
    ).all()


def children(actor: Actor, prefix: Prefix, most: int = CHILDREN) -> Sequence[Any]:
    """Prefixes one step within."""
    statement = prefix_rows(actor).where(
        Prefix.client_id == prefix.client_id,
        Prefix.vrf == prefix.vrf,
        Prefix.first.between(prefix.first, prefix.last),
        Prefix.depth == prefix.depth + 1,
        Prefix.length > prefix.length,
    )
    return db.session.execute(statement.order_by(Prefix.first, Prefix.length).limit(most)).all()
