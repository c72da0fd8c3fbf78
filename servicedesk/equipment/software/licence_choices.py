"""What a licence may belong to: found while one types, since a client may have thousands of each."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from servicedesk.core.db import db
from servicedesk.core.forms import NONE_CHOSEN, Choice
from servicedesk.equipment.document_models import TechnicalDocument
from servicedesk.equipment.software.models import SoftwareProduct
from servicedesk.equipment.software.queries import like
from servicedesk.equipment.support_models import SupportContract
from servicedesk.organisations.models import Organisation

MOST = 30
# What a row is called, in the order of its words; the last is what they are sorted by.
_WORDS: dict[str, tuple[Any, ...]] = {
    "products": (SoftwareProduct.maker, SoftwareProduct.name),
    "contracts": (SupportContract.vendor, SupportContract.number),
    "documents": (TechnicalDocument.title,),
}


def found(what: str, clients: Collection[int], text: str = "", number: int = 0) -> list[tuple[int, str]]:
    """Numbers and words of at most ``MOST`` products, contracts or documents of the clients.

    Args:
        text: part of a word, or several parts that are all in it; empty: the first ones.
        number: this one alone.
    """
    words = _WORDS[what]
    model = words[0].class_
    together = sa.func.trim(sa.literal("").concat(words[0]).concat(" ").concat(words[-1]))
    statement = (
        sa.select(model.id, Organisation.name, *words)
        .join(Organisation, Organisation.id == model.client_id)
        .where(model.client_id.in_(clients))
        .order_by(words[-1], model.id)
        .limit(MOST)
    )
    for part in text.split():
        statement = statement.where(together.ilike(like(part), escape="\\"))
    if number:
        statement = statement.where(model.id == number)
    several = len(clients) > 1
    return [
        (row[0], " ".join(filter(None, (f"{row[1]} /" if several else "", *row[2:]))))
        for row in db.session.execute(statement)
    ]


def keep(field: Choice, what: str, clients: Collection[int]) -> None:
    """Offer what is chosen already, so that a form that comes back or is changed still names it."""
    chosen = found(what, clients, number=field.data) if field.data else []
    field.offer(chosen, empty=NONE_CHOSEN)
