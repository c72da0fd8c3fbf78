"""Files of software and licences: products made on the way, keys in no file, all of it taken back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db
from servicedesk.core.errors import NotAllowedError
from servicedesk.core.sheet_files import read_rows
from servicedesk.equipment.software import files, licence_files
from servicedesk.equipment.software.models import Licence, SoftwareInstall, SoftwareProduct
from tests.servicedesk.equipment.software.test_licences import give, licence, product
from tests.servicedesk.equipment.software.test_products import installed, put
from tests.servicedesk.equipment.test_importing import carry_out, counts, no_redis, table
from tests.servicedesk.equipment.test_module_files import bring
from tests.servicedesk.world import Browser, World, fresh

SOFTWARE = ("product", "maker", "product_kind", "device", "version", "installed_on")
LICENCES = ("number", "product", "maker", "kind", "quantity", "ends_on", "price")

__all__ = ["no_redis"]  # without Redis work is done when a test says so


def planned(world: World, kind: Any, head: tuple[str, ...], *rows: tuple[Any, ...], who: str = "emma") -> Any:
    file = read_rows(table(*rows, head=head))
    return kind.plan(file, world.organisations["north"].id, world.actor(who))


def test_installations_are_brought_in_and_taken_back(app: Flask, world: World) -> None:
    device, other = world.device("web1"), world.device("web2")
    of = product(world)
    put(world, of, device, "19.3")
    rows = [
        ("Database 19c", "Oracle", "", "web1", "19.21", "2026/11/20"),
        ("Nginx", "F5", "Middleware", "web1", "1.26", ""),
        ("Nginx", "F5", "", "web2", "1.27", ""),
        ("Catalogue only", "", "office", "", "", ""),
    ]
    number = bring(app, world, table(*rows, head=SOFTWARE), "software")
    assert "<del>19.3</del> → 19.21" in Browser(app, "emma").get(f"/equipment/imports/{number}").text
    fresh()
    assert installed(device) == {"Database 19c": ("19.3", False)}, "a preview writes nothing"
    done = carry_out(app, number)
    assert (done.state, counts(done)) == ("done", (3, 1, 0))
    assert installed(device) == {"Database 19c": ("19.21", False), "Nginx": ("1.26", False)}
    assert installed(other) == {"Nginx": ("1.27", False)}
    kinds = dict(db.session.execute(sa.select(SoftwareProduct.name, SoftwareProduct.kind)).all())
    assert kinds == {"Database 19c": "database", "Nginx": "middleware", "Catalogue only": "office"}
    assert carry_out(app, number, "undo").state == "undone"
    assert installed(device) == {"Database 19c": ("19.3", False)}
    assert db.session.scalars(sa.select(SoftwareProduct.name)).all() == ["Database 19c"]
    assert db.session.scalars(sa.select(SoftwareInstall.installed_on)).one() is None


def test_an_import_whose_product_has_a_licence_by_now_is_not_taken_back(app: Flask, world: World) -> None:
    number = bring(app, world, table(("Database 19c", "Oracle"), head=("product", "maker")), "software")
    carry_out(app, number)
    licence(world)
    refused = carry_out(app, number, "undo")
    assert refused.state == "done"
    assert "still used by: Licence (1)" in refused.error


def test_licences_are_brought_in_changed_and_taken_back(app: Flask, world: World) -> None:
    old = licence(world, "L-1", supplier="Shop")
    rows = [
        ("L-1", "", "", "", "5", "2027-01-31", "1,200.5"),
        ("L-2", "Nginx Plus", "F5", "Per user", "3", "", ""),
    ]
    number = bring(app, world, table(*rows, head=LICENCES), "licences")
    page = Browser(app, "emma").get(f"/equipment/imports/{number}").text
    assert "Bought</span> <del>2</del> → 5" in page
    assert "Valid until</span> 2027-01-31" in page
    fresh()
    done = carry_out(app, number)
    assert (done.state, counts(done)) == ("done", (1, 1, 0))
    assert (old.quantity, str(old.ends_on), old.price) == (5, "2027-01-31", Decimal("1200.50"))
    assert old.supplier == "Shop", "an empty cell changes nothing"
    new = db.session.scalars(sa.select(Licence).where(Licence.number == "L-2")).one()
    assert (new.kind, new.quantity, new.product.name) == ("user", 3, "Nginx Plus")
    assert carry_out(app, number, "undo").state == "undone"
    assert db.session.scalars(sa.select(Licence.number)).all() == ["L-1"]
    assert (old.quantity, old.ends_on, old.price) == (2, None, None)
    assert db.session.scalars(sa.select(SoftwareProduct.name)).all() == ["Database 19c"]


def test_everything_that_is_wrong_with_a_row_is_said(world: World) -> None:
    world.device("theirs", "south-1")
    give(world, licence(world), holder="x", quantity=2)
    rows = planned(
        world,
        licence_files.LICENCES,
        LICENCES,
        ("L-1", "", "", "", "1", "", ""),
        ("L-9", "", "", "spaceship", "many", "tomorrow", "free"),
        ("", "Nginx", "", "", "1", "", ""),
        ("L-8", "Nginx", "", "", "", "", ""),
        ("L-7", "Nginx", "", "free", "", "", ""),
        ("L-7", "Nginx", "", "free", "", "", ""),
    )
    assert [row.action for row in rows] == ["wrong", "wrong", "wrong", "wrong", "create", "wrong"]
    assert [len(row.errors) for row in rows] == [1, 5, 1, 1, 0, 1]
    assert "2 are in use" in rows[0].errors[0]
    software = planned(
        world,
        files.SOFTWARE,
        SOFTWARE,
        ("", "", "", "", "1", ""),
        ("Nginx", "", "spaceship", "theirs", "", "tomorrow"),
        ("Nginx", "", "", "", "1.26", ""),
    )
    assert [len(row.errors) for row in software] == [1, 3, 1]


def test_whoever_keeps_one_site_alone_brings_in_neither(app: Flask, world: World) -> None:
    for kind, head, row in (
        (files.SOFTWARE, SOFTWARE, ("Nginx", "", "", "", "", "")),
        (licence_files.LICENCES, LICENCES, ("L-1", "Nginx", "", "", "1", "", "")),
    ):
        for who in ("erik", "stan", "rita"):
            with pytest.raises(NotAllowedError):
                planned(world, kind, head, row, who=who)


def test_templates_and_lists_can_be_brought_in_again(app: Flask, world: World) -> None:
    licence(world, price=Decimal("12.50"), ends_on=world.now.date(), supplier="=Shop")
    world.device("WEB-1")
    emma = Browser(app, "emma")
    for language in ("zh_CN", "en"):
        emma.post("/locale", locale=language)
        for kind, path, action in (
            (licence_files.LICENCES, "/equipment/licences.csv?show=all", "same"),
            (licence_files.LICENCES, "/equipment/licences.xlsx?show=all", "same"),
            (licence_files.LICENCES, "/equipment/imports/template.xlsx?of=licences", "create"),
            (files.SOFTWARE, "/equipment/imports/template.csv?of=software", "create"),
        ):
            rows = kind.plan(
                read_rows(emma.get(path).data), world.organisations["north"].id, world.actor("emma")
            )
            assert [(row.action, row.errors) for row in rows] == [(action, ())], path
