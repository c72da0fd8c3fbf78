"""Pages of parts and stock: what they show, to whom, with how many questions to the database."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from servicedesk.core.db import db, unit_of_work
from servicedesk.equipment.device_models import ModelData, save_model
from servicedesk.equipment.stock.booking import Papers, receive
from servicedesk.equipment.stock.models import Part, StockItem, StockLevel
from tests.servicedesk.conftest import Queries
from tests.servicedesk.equipment.stock.shelf import fill, part, pieces, place
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

BASE = "/equipment/stock"


def test_a_part_from_the_catalogue_into_a_device(app: Flask, world: World) -> None:
    emma, device = Browser(app, "emma"), world.device()
    north = world.organisations["north"].id
    with unit_of_work():
        model = save_model(None, north, ModelData("Dell", "R750"), actor=SYSTEM, now=world.now)
    answer = emma.post(
        f"{BASE}/parts/new",
        client_id=north,
        name="Fan <b>40</b>",
        part_number="FN-40",
        unit="pcs",
        minimum=2,
        active="y",
        model_ids=model.id,
    )
    assert answer.status_code == 302, answer.text
    page = emma.get(answer.location).text
    assert "Fan &lt;b&gt;40&lt;/b&gt;" in page
    assert "Dell R750" in page
    assert "To be ordered" in page
    made = emma.post(f"{BASE}/places/new", site_id=world.sites["north-1"].id, name="Shelf", active="y")
    assert made.status_code == 302
    shelf = place(world, "Other shelf")
    assert emma.post(f"{answer.location}/in", place_id=shelf.id, quantity=5).status_code == 302
    out = emma.post(f"{answer.location}/out", place_id=shelf.id, quantity=6, device_id=device.id)
    assert out.status_code == 422
    assert "Only 5 of it lie at Other shelf" in out.text
    ok = emma.post(
        f"{answer.location}/out", place_id=shelf.id, quantity=2, device_id=device.id, document="F-7"
    )
    assert ok.status_code == 302
    history = emma.get(f"/equipment/devices/{device.id}/history?kind=part").text
    assert "Out: Fan &lt;b&gt;40&lt;/b&gt; × 2" in history
    assert "F-7" in history
    assert emma.post(f"{answer.location}/count", place_id=shelf.id, quantity=1, reason="x").status_code == 404
    sam = Browser(app, "sam")
    assert sam.post(f"{answer.location}/count", place_id=shelf.id, quantity=1, reason="x").status_code == 302
    low = sam.get(f"{BASE}/?show=low").text
    assert "FN-40" in low
    assert "FN-40" in sam.get(f"{BASE}/?model={model.id}").text
    assert "FN-40" not in sam.get(f"{BASE}/?model={model.id + 1}").text


def test_a_piece_goes_its_way_on_its_page(app: Flask, world: World) -> None:
    kind, shelf, device = part(world, serialised=True), place(world), world.device()
    emma = Browser(app, "emma")
    new = emma.post(f"{BASE}/parts/{kind.id}/in", place_id=shelf.id, serials="S-1\nS-2\n")
    assert new.status_code == 302
    fresh()
    item = db.session.query(StockItem).filter_by(serial="S-1").one()
    path = f"{BASE}/items/{item.id}"
    assert emma.post(path, target="in_use").status_code == 422
    assert emma.post(path, target="in_use", device_id=device.id).status_code == 302
    assert "S-1" in emma.get(f"/equipment/devices/{device.id}?whole=1").text
    assert emma.post(path, target="faulty", place_id=shelf.id, reason="no light").status_code == 302
    page = emma.get(path).text
    assert "no light" in page
    assert "Faulty" in page
    assert emma.post(path, target="in_use", device_id=device.id).status_code == 422
    shown = emma.get(f"{BASE}/parts/{kind.id}?state=faulty").text.split("Movements", 1)[0]
    assert "S-2" not in shown
    assert "S-1" in shown
    found = emma.get(f"{BASE}/?q=s-2").text
    assert kind.name in found
    fresh()
    assert db.session.get_one(StockLevel, (kind.id, shelf.id)).quantity == 1


def test_the_lists_as_files(app: Flask, world: World) -> None:
    kind, shelf = part(world, name="=cmd()"), place(world)
    fill(world, kind, shelf, 7)
    emma = Browser(app, "emma")
    book = load_workbook(io.BytesIO(emma.get(f"{BASE}/export.xlsx").data))
    assert [cell.value for cell in book.worksheets[0][2]][0::4] == ["'=cmd()", 7]
    text = emma.get(f"{BASE}/movements/export.csv?part={kind.id}").data.decode("utf-8-sig")
    assert "DN-1" in text
    assert "'=cmd()" in text
    assert emma.get(f"{BASE}/movements/export.csv?until=2020-01-01").text.count("\n") == 1
    assert emma.get(f"{BASE}/export.pdf").status_code == 404


def test_nobody_else_sees_it(app: Flask, world: World) -> None:
    kind, far = part(world, serialised=True), place(world, "Far shelf", "north-2")
    (item,) = pieces(world, kind, far, "SECRET-1")
    paths = (
        f"{BASE}/parts/{kind.id}",
        f"{BASE}/parts/{kind.id}/edit",
        f"{BASE}/parts/{kind.id}/in",
        f"{BASE}/items/{item.id}",
        f"{BASE}/places/{far.id}",
        f"{BASE}/movements?part={kind.id}",
    )
    for who in ("stan", "rita", "rolf"):
        browser = Browser(app, who)
        for path in paths:
            assert browser.get(path).status_code == 404, (who, path)
    stan = Browser(app, "stan")
    for path in (f"{BASE}/", f"{BASE}/?q=SECRET", f"{BASE}/movements", f"{BASE}/movements/export.csv"):
        assert kind.name not in stan.get(path).text
    erik = Browser(app, "erik")  # keeps one site: sees the catalogue, not what lies elsewhere
    page = erik.get(f"{BASE}/parts/{kind.id}").text
    assert "SECRET-1" not in page
    assert "Far shelf" not in page
    assert erik.get(f"{BASE}/items/{item.id}").status_code == 404
    assert kind.name not in erik.get(f"{BASE}/?q=SECRET").text
    assert erik.get(f"{BASE}/parts/{kind.id}/edit").status_code == 404
    assert erik.post(f"{BASE}/parts/{kind.id}/in", place_id=far.id, serials="X").status_code == 404


def test_movements_come_by_their_time_even_when_they_were_written_in_another_order(
    app: Flask, world: World
) -> None:
    kind, shelf, browser = part(world), place(world), Browser(app, "emma")
    with unit_of_work():
        for document, hours in (("LATEST", 5), ("FIRST", 0), ("MIDDLE", 2), ("SECOND", 0)):
            papers, at = Papers("", document), world.now + timedelta(hours=hours)
            receive(kind, shelf, 1, papers=papers, actor=SYSTEM, now=at)
    wanted = ["LATEST", "MIDDLE", "SECOND", "FIRST"]
    for path in ("/movements", "/movements/export.csv", f"/parts/{kind.id}"):
        text = browser.get(f"{BASE}{path}").data.decode("utf-8-sig")
        assert sorted(wanted, key=text.index) == wanted, path


@pytest.mark.parametrize("field", ["name", "minimum", "part_number", "unit", "client_id", "model_ids"])
@pytest.mark.parametrize("value", ["", "x" * 6000, "-1", "a\x00b", "²", "9" * 30])
def test_no_field_breaks_the_page(app: Flask, world: World, field: str, value: str) -> None:
    fields: dict[str, Any] = {"client_id": world.organisations["north"].id, "name": "N", "minimum": 1}
    browser = Browser(app, "emma")
    assert browser.post(f"{BASE}/parts/new", **fields | {field: value}).status_code in (302, 422)
    assert browser.get(f"{BASE}/?show=all").status_code == 200


@pytest.mark.parametrize("field", ["place_id", "quantity", "device_id", "reason", "document"])
@pytest.mark.parametrize("value", ["", "x" * 600, "-1", "a\x00b", "9" * 30, "1.5"])
def test_no_booking_breaks_the_page(app: Flask, world: World, field: str, value: str) -> None:
    kind, shelf = part(world), place(world)
    fill(world, kind, shelf, 5)
    fields: dict[str, Any] = {"place_id": shelf.id, "quantity": 1, "reason": "why"}
    browser = Browser(app, "emma")
    answer = browser.post(f"{BASE}/parts/{kind.id}/out", **fields | {field: value})
    assert answer.status_code in (302, 404, 422)
    assert browser.get(f"{BASE}/movements?since={value[:20]}&place={value[:20]}").status_code in (200, 404)


def test_lists_ask_as_often_for_many_as_for_few(app: Flask, world: World, queries: Queries) -> None:
    shelf = place(world)
    kinds = [part(world, f"Part {number}") for number in range(2)]
    for kind in kinds:
        fill(world, kind, shelf, 3)
    emma = Browser(app, "emma")
    paths = (f"{BASE}/", f"{BASE}/movements", f"{BASE}/places", f"{BASE}/parts/{kinds[0].id}")
    counts = []
    for turn in range(2):
        for path in paths:
            emma.get(path)
            with queries:
                assert emma.get(path).status_code == 200
            counts.append(queries.count)
            queries.statements.clear()
        for number in range(30):
            kind = part(world, f"More {turn} {number}")
            fill(world, kind, shelf, 1)
            fill(world, kinds[0], shelf, 1)
    assert counts[:4] == counts[4:]
    assert max(counts) <= 14
    assert db.session.query(Part).count() == 62
