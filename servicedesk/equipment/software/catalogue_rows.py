"""The products that rows of a file name, known or to be made; shared by files of software and of licences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from servicedesk.core.db import db
from servicedesk.core.errors import DomainError, InvalidError
from servicedesk.equipment.file_kinds import Differing, Work, gone_meanwhile, of_line
from servicedesk.equipment.sheet_table import Words, Wrong
from servicedesk.equipment.software.models import SoftwareProduct
from servicedesk.equipment.software.products import ProductData, remove_product, save_product

CHUNK = 500  # names or numbers in one question


@dataclass(slots=True)
class Catalogue:
    """A client's products by name; ``made``: those of the file by maker and name, once they are there."""

    by_name: dict[str, list[Any]]
    made: dict[tuple[str, str], SoftwareProduct] = field(default_factory=dict)


def load(client_id: int) -> Catalogue:
    """All products of a client, in one query."""
    found: dict[str, list[Any]] = {}
    for row in db.session.execute(
        sa.select(
            SoftwareProduct.id, SoftwareProduct.name, SoftwareProduct.maker, SoftwareProduct.kind
        ).where(SoftwareProduct.client_id == client_id)
    ):
        found.setdefault(row.name, []).append(row)
    return Catalogue(found)


def product_of(given: Mapping[str, str], catalogue: Catalogue) -> Any:
    """The product a row names; None: it is a new one.

    Raises:
        InvalidError: several makers have one of this name.
    """
    known = catalogue.by_name.get(given["product"], [])
    if "maker" in given:
        return next((row for row in known if row.maker == given["maker"]), None)
    if len(known) > 1:
        raise InvalidError(_("Several makers have a product of this name. Write the maker."))
    return known[0] if known else None


def wanted(given: Mapping[str, str], known: Any, words: Words, wrong: Wrong) -> ProductData:
    """The product as the row wants it; a kind that is not given stays, or is a business application."""
    kind = known.kind if known is not None else "application"
    if "product_kind" in given:
        kind = (
            wrong.ask("product_kind", wrong.table.coded, "product_kind", given["product_kind"], words) or kind
        )
    maker = known.maker if known is not None else given.get("maker", "")
    return ProductData(given["product"], maker, kind)


def other_kind(known: Any, product: ProductData | None) -> tuple[Differing, ...]:
    """The kind of a known product, if the row gives it another one."""
    if known is None or product is None or known.kind == product.kind:
        return ()
    return (Differing("product_kind", known.kind, product.kind),)


def made_or_known(
    product_id: int | None, data: ProductData, line: int, catalogue: Catalogue, work: Work, changes: list[Any]
) -> SoftwareProduct:
    """The product of a row that is carried out; a new one is made once, and noted in ``changes``."""
    found = catalogue.made.get((data.maker, data.name))
    if found is not None:
        return found
    if product_id is not None:
        found = db.session.get(SoftwareProduct, product_id)
        if found is None or found.client_id != work.client_id:
            raise gone_meanwhile()
    before = found.kind if found is not None else None
    if found is None or found.kind != data.kind:
        if found is not None:
            data = ProductData(found.name, found.maker, data.kind, found.notes)
        try:
            found = save_product(found, work.client_id, data, actor=work.actor, now=work.now)
        except DomainError as error:
            raise of_line(line, error) from error
        db.session.flush()
        changes.append(["product", found.id, before])
    catalogue.made[data.maker, data.name] = found
    return found


def take_back_product(product_id: int, before: str | None, work: Work) -> None:
    """Give a product its kind back, or delete it if the import made it.

    Raises:
        ConflictError: it is used by now.
    """
    product = db.session.get(SoftwareProduct, product_id)
    if product is None:
        raise gone_meanwhile()
    if before is None:
        remove_product(product, actor=work.actor, now=work.now)
        return
    data = ProductData(product.name, product.maker, before, product.notes)
    save_product(product, work.client_id, data, actor=work.actor, now=work.now)


def read_day(text: str | None) -> date | None:
    """A day that was kept as text."""
    return date.fromisoformat(text) if text else None
