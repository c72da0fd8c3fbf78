"""Files of licences: a licence is known by its number. Keys are in no file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from servicedesk.audit import service as audit
from servicedesk.core.actor import Actor
from servicedesk.core.amounts import MAX_PRICE, parse_amount
from servicedesk.core.db import db
from servicedesk.core.errors import DomainError
from servicedesk.core.sheet_files import Row
from servicedesk.equipment.file_kinds import (
    CREATE,
    SAME,
    UPDATE,
    WRONG,
    Differing,
    FileKind,
    Planned,
    Work,
    cells_of,
    changed_since,
    differing,
    gone_meanwhile,
    of_line,
)
from servicedesk.equipment.sheet_table import LONGEST_DAY, Column, Table, Words, Wrong, count, day
from servicedesk.equipment.software import catalogue_rows
from servicedesk.equipment.software.catalogue_rows import Catalogue, read_day
from servicedesk.equipment.software.licences import (
    FIELDS,
    MAX_QUANTITY,
    LicenceData,
    remove_licence,
    require_valid,
    save_licence,
)
from servicedesk.equipment.software.models import Licence, LicenceSeat, SoftwareProduct
from servicedesk.equipment.software.products import require_editor
from servicedesk.equipment.software.words import LICENCE_KINDS, PRODUCT_KINDS, UNLIMITED

TABLE = Table(
    (
        Column("number", _l("Number"), 100, "L-2026-001"),
        Column("product", _l("Product"), 200, "Nginx Plus"),
        Column("maker", _l("Maker"), 100, "F5"),
        Column("product_kind", _l("Kind of software"), 40, "middleware"),
        Column("kind", _l("Kind"), 40, "device"),
        Column("quantity", _l("Bought"), 9, "10"),
        Column("starts_on", _l("Valid from"), LONGEST_DAY, "2026-01-01"),
        Column("ends_on", _l("Valid until"), LONGEST_DAY, "2026-12-31"),
        Column("maintenance_until", _l("Maintenance until"), LONGEST_DAY),
        Column("bought_on", _l("Bought on"), LONGEST_DAY),
        Column("price", lazy_pgettext("licence", "Price"), 20, "12000.00"),
        Column("supplier", _l("Supplier")),
        Column("warn_days", _l("Warn so many days ahead"), 9, "90"),
        Column("notes", _l("Notes"), 5000),
    ),
    {"product_kind": PRODUCT_KINDS, "kind": LICENCE_KINDS},
    ("number",),
)
_DAYS = ("starts_on", "ends_on", "maintenance_until", "bought_on")


def _price(text: str) -> Decimal:
    return parse_amount(text, "price", least=Decimal(0), most=MAX_PRICE)


_READ: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(_DAYS, day),
    "price": _price,
    "quantity": lambda text: count(text, MAX_QUANTITY),
    "warn_days": lambda text: count(text, 730),
}


def plan(rows: Iterable[Row], client_id: int, actor: Actor) -> list[Planned]:
    """What each row would do.

    Raises:
        NotAllowedError: the actor does not keep the whole client.
        InvalidError: the heading is not ours.
    """
    require_editor(actor, client_id)
    table, words = cells_of(rows, TABLE)
    used = (
        sa.select(sa.func.coalesce(sa.func.sum(LicenceSeat.quantity), 0))
        .where(LicenceSeat.licence_id == Licence.id, LicenceSeat.ended_at.is_(None))
        .scalar_subquery()
    )
    columns = [getattr(Licence, name) for name in (*FIELDS, "over_reason")]
    statement = sa.select(Licence.id, used.label("used"), *columns).where(Licence.client_id == client_id)
    known = {row.number: row for row in db.session.execute(statement)}
    catalogue = catalogue_rows.load(client_id)
    taken: dict[str, int] = {}
    planned = []
    for line, given in table:
        one = _plan_row(line, given, known.get(given.get("number", "")), catalogue, words)
        number = given.get("number", "")
        if number and taken.setdefault(number, line) != line:
            told = _("Line %(line)s is about this licence already.", line=taken[number])
            one = replace(one, action=WRONG, data=None, errors=(*one.errors, told))
        planned.append(one)
    return planned


def _plan_row(line: int, given: Mapping[str, str], old: Any, catalogue: Catalogue, words: Words) -> Planned:
    wrong = Wrong(TABLE)
    wrong.measure(given)
    label = given.get("number", "—")[:200]
    product, known = None, None
    if "product" in given:
        known = wrong.ask("product", catalogue_rows.product_of, given, catalogue)
        product = catalogue_rows.wanted(given, known, words, wrong)
    elif old is None:
        wrong.told.append(_("A new licence needs a product."))
    values: dict[str, Any] = {name: getattr(old, name) for name in FIELDS} if old is not None else {}
    values |= {name: given[name] for name in ("number", "supplier", "notes") if name in given}
    read = {name: wrong.ask(name, question, given[name]) for name, question in _READ.items() if name in given}
    if "kind" in given:
        read["kind"] = wrong.ask("kind", TABLE.coded, "kind", given["kind"], words)
    values |= {name: value for name, value in read.items() if value is not None}
    if known is not None:
        values["product_id"] = known.id
    data = LicenceData(**{"product_id": 0, "number": "", **values})
    if data.kind in UNLIMITED:
        data = replace(data, quantity=0)
    if not wrong.told:
        wrong.ask("", require_valid, data)
        _require_enough(data, old, wrong)
    if wrong.told:
        return Planned(line, WRONG, label, errors=tuple(wrong.told))
    new_product = product is not None and known is None
    changed = (*differing(old, data, FIELDS), *catalogue_rows.other_kind(known, product))
    if new_product and product is not None:
        changed = (*changed, Differing("product", None, product.name))
    action = CREATE if old is None else UPDATE if changed else SAME
    note = given.get("product", "")
    return Planned(line, action, label, None, (old.id if old else None, data, product), changed, note=note)


def _require_enough(data: LicenceData, old: Any, wrong: Wrong) -> None:
    if old is not None and not old.over_reason and 0 < data.quantity < old.used:
        wrong.told.append(
            _("%(used)s are in use. Take some back first, or say why fewer are enough.", used=old.used)
        )


def _carry_out(todo: Sequence[Planned], work: Work) -> list[Any]:
    """Entries are ``["product", id, kind before]`` and ``["licence", id, before]``."""
    catalogue = Catalogue({})
    changes: list[Any] = []
    for number, one in enumerate(todo, start=1):
        licence_id, data, product = one.data
        if product is not None:
            found = catalogue_rows.made_or_known(
                data.product_id or None, product, one.line, catalogue, work, changes
            )
            data = replace(data, product_id=found.id)
        licence = db.session.get(Licence, licence_id) if licence_id is not None else None
        if licence_id is not None and licence is None:
            raise gone_meanwhile()
        before = audit.snapshot(licence, FIELDS) if licence is not None else None
        try:
            saved = save_licence(licence, work.client_id, data, actor=work.actor, now=work.now)
        except DomainError as error:
            raise of_line(one.line, error) from error
        db.session.flush()
        changes.append(["licence", saved.id, before])
        work.progress(number, len(todo))
    return changes


def _take_back(changes: Sequence[Any], moment: datetime, work: Work) -> None:
    """The licences first, then the products that were made for them."""
    for number, (kind, record_id, before) in enumerate(reversed(changes), start=1):
        if kind == "product":
            catalogue_rows.take_back_product(record_id, before, work)
        else:
            _take_back_licence(record_id, before, moment, work)
        work.progress(number, len(changes))


def _take_back_licence(licence_id: int, before: dict[str, Any] | None, moment: datetime, work: Work) -> None:
    licence = db.session.get(Licence, licence_id)
    if licence is None or licence.updated_at != moment:
        raise changed_since(licence.number if licence is not None else f"#{licence_id}")
    if before is None:
        remove_licence(licence, actor=work.actor, now=work.now)
        return
    values = before | {name: read_day(before[name]) for name in _DAYS}
    values["price"] = Decimal(before["price"]) if before["price"] is not None else None
    save_licence(licence, work.client_id, LicenceData(**values), actor=work.actor, now=work.now)


LICENCES = FileKind(
    "licences",
    _l("Licences"),
    "software.licence_list",
    _l("A licence is known by its number. Products that are not in the catalogue are made."),
    _l("Product"),
    TABLE,
    plan,
    _carry_out,
    _take_back,
    TABLE.vocabulary(
        {"product_id": _l("Product")}, {"product_id": (SoftwareProduct.id, SoftwareProduct.name)}
    ),
)
