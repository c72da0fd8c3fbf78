"""Pages of repairs: from a ticket in one click, the list as a file, the sheet, who sees what."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook

from servicedesk.core.db import db
from servicedesk.repairs.models import Repair
from tests.servicedesk.conftest import Queries
from tests.servicedesk.equipment.stock.shelf import fill, part, pieces, place
from tests.servicedesk.repairs.test_life import opened, spend
from tests.servicedesk.world import Browser, World, fresh


def test_from_a_ticket_to_a_closed_repair(app: Flask, world: World) -> None:
    device, shelf = world.device(), place(world)
    kind, fan = part(world, "PSU", serialised=True), part(world, "Fan")
    (item,) = pieces(world, kind, shelf, "N-1")
    fill(world, fan, shelf, 2)
    ticket = world.ticket(device_id=device.id, description="<b>smoke</b>")
    emma = Browser(app, "emma")
    assert "Open a repair" in emma.get(f"/tickets/{ticket.id}/rest").text
    answer = emma.post(f"/repairs/of-ticket/{ticket.id}")
    assert answer.status_code == 302
    path = answer.location
    page = emma.get(path).text
    assert "Printer jams\n&lt;b&gt;smoke&lt;/b&gt;" in page
    assert emma.post(f"/repairs/of-ticket/{ticket.id}").location == f"/tickets/{ticket.id}"
    assert emma.post(f"{path}/step/start", note="").status_code == 302
    refused = emma.post(f"{path}/step/repair", note="kept words")
    assert refused.status_code == 422
    assert "kept words" in refused.text
    fields = {"symptom": "smoke", "diagnosis": "PSU", "work_done": "new PSU", "supplier": "Acme"}
    down = {"down_from": "2026-11-23T08:00", "down_until": "2026-11-23T12:30"}
    assert emma.post(f"{path}/edit", **fields, **down).status_code == 302
    form = emma.get(f"{path}/edit").text
    assert 'value="2026-11-23T08:00"' in form
    used = {"item_id": item.id, "unit_price": "800", "serial_old": "O-1", "old_place_id": shelf.id}
    assert emma.post(f"{path}/parts/{kind.id}", **used).status_code == 302
    assert emma.post(f"{path}/parts/{kind.id}", **used).status_code == 422
    assert emma.post(f"{path}/parts/{fan.id}", place_id=shelf.id, quantity=2).status_code == 302
    assert (
        emma.post(f"{path}/costs", kind="labour", description="2 h", quantity="2", unit_price="x").status_code
        == 422
    )
    assert (
        emma.post(
            f"{path}/costs", kind="labour", description="2 h", quantity="2", unit_price="150"
        ).status_code
        == 302
    )
    assert emma.post(f"{path}/work", minutes=90, day="2026-11-26", note="bench").status_code == 302
    assert emma.post(f"{path}/step/repair").status_code == 302
    assert emma.post(f"{path}/step/close").status_code == 422
    assert emma.post(f"{path}/costs/ask").status_code == 302
    page = emma.get(path).text
    assert "1,100.00" in page
    assert "4 hours 30 minutes" in page
    assert "1 hour 30 minutes" in page
    assert "1,100.00" in emma.get(f"/equipment/devices/{device.id}?whole=1").text
    history = emma.get(f"/equipment/devices/{device.id}/history?kind=repair").text
    assert "R-000001 repaired" in history
    assert "O-1 → N-1" in emma.get(f"/equipment/devices/{device.id}/history?kind=part").text
    fresh()
    approval = db.session.get_one(Repair, 1)
    assert approval.state == "repaired"
    sam = Browser(app, "sam")
    assert f"R-000001 {device.name}: 1,100.00" in sam.get("/approvals/").text
    assert "R-000001" in sam.get(path).text


def test_everything_that_is_wrong_with_a_cost_is_said_at_once(app: Flask, world: World) -> None:
    opened(world, world.device("sw1"))
    answer = Browser(app, "emma").post(
        "/repairs/1/costs", kind="labour", description="", quantity="-1", unit_price="x"
    )
    assert answer.status_code == 422
    for field, told in (
        ("description", "This field is required."),
        ("quantity", "Give a number from"),
        ("unit_price", "Give a number, for example"),
    ):
        assert told in answer.text.partition(f'id="{field}-error"')[2].partition("</div>")[0], field


def test_the_sheet_is_a_document_in_the_readers_language(app: Flask, world: World) -> None:
    repair = opened(world, world.device("sw#1 $x *y*"))
    spend(world, repair, "12")
    emma = Browser(app, "emma")
    first = emma.get(f"/repairs/{repair.id}/sheet.pdf")
    assert first.data.startswith(b"%PDF-")
    assert first.data == emma.get(f"/repairs/{repair.id}/sheet.pdf").data
    emma.post("/language", locale="zh_CN")
    assert emma.get(f"/repairs/{repair.id}/sheet.pdf").data != first.data


def test_the_list_is_filtered_and_a_file(app: Flask, world: World) -> None:
    first = opened(world, world.device("core", device_class="switch"))
    second = opened(world, world.device("disk", "north-2", device_class="storage"))
    spend(world, first, "0.10", "3")
    emma = Browser(app, "emma")
    emma.post(f"/repairs/{second.id}/edit", symptom="=1+1", supplier="Acme & Söhne")
    for query, shown in (
        ("", {first.number, second.number}),
        ("?class=switch", {first.number}),
        (f"?site={world.sites['north-2'].id}", {second.number}),
        ("?supplier=acme %26", {second.number}),
        ("?supplier=%25", set()),
        ("?state=closed", set()),
        ("?state=opened&q=core", {first.number}),
        ("?since=2030-01-01", set()),
        ("?until=2020-01-01", set()),
        ("?since=2026-11-24&until=2026-11-24", {first.number, second.number}),
        ("?class=%00&site=x&cursor=zzz", None),
    ):
        answer = emma.get(f"/repairs/{query}")
        if shown is None:
            assert answer.status_code in (200, 404)
            continue
        found = {number for number in (first.number, second.number) if f">{number}<" in answer.text}
        assert found == shown, query
    book = load_workbook(io.BytesIO(emma.get("/repairs/export.xlsx").data))
    rows = list(book.worksheets[0].values)
    assert [(row[0], row[5], row[11]) for row in rows[1:]] == [
        (second.number, "'=1+1", 0),
        (first.number, "no power", 0.3),
    ]


def test_nobody_else_sees_it(app: Flask, world: World) -> None:
    repair = opened(world, world.device("secret", "north-2"))
    kind = part(world, "Theirs", client="south")
    paths = (f"/repairs/{repair.id}", f"/repairs/{repair.id}/edit", f"/repairs/{repair.id}/sheet.pdf")
    for who in ("stan", "rita", "rolf", "erik"):
        browser = Browser(app, who)
        for path in paths:
            assert browser.get(path).status_code == 404, (who, path)
        assert browser.post(f"/repairs/{repair.id}/step/start").status_code == 404
        assert browser.post(f"/repairs/{repair.id}/costs/ask").status_code == 404
        assert "secret" not in browser.get("/repairs/").text
    carl = Browser(app, "carl")  # approves costs: looks, and does nothing else
    page = carl.get(f"/repairs/{repair.id}").text
    assert "What happens next" not in page
    assert (
        carl.post(
            f"/repairs/{repair.id}/costs", kind="other", description="x", quantity=1, unit_price=1
        ).status_code
        == 422
    )
    emma = Browser(app, "emma")
    assert emma.get(f"/repairs/{repair.id}/parts/{kind.id}").status_code == 404
    assert emma.get(f"/repairs/new?device={world.device('s', 'south-1').id}").status_code == 404


@pytest.mark.parametrize(
    "field", ["symptom", "supplier", "contract_id", "assignee_id", "down_from", "device_id"]
)
@pytest.mark.parametrize("value", ["", "x" * 30_000, "-1", "a\x00b", "9999-12-31T23:59", "0001-01-01T00:00"])
def test_no_field_breaks_the_page(app: Flask, world: World, field: str, value: str) -> None:
    fields: dict[str, Any] = {"device_id": world.device().id, "symptom": "s"}
    browser = Browser(app, "emma")
    assert browser.post("/repairs/new", **fields | {field: value}).status_code in (302, 404, 422)


def test_a_limit_is_set_by_who_manages_approvals(app: Flask, world: World) -> None:
    north, south = (world.organisations[name].id for name in ("north", "south"))
    assert Browser(app, "emma").get("/repairs/limits").status_code == 404
    sam = Browser(app, "sam")
    assert sam.post("/repairs/limits", client_id=north, amount="2,000").status_code == 302
    assert 'value="2000.00"' in sam.get("/repairs/limits").text
    assert sam.post("/repairs/limits", client_id=south, amount="1").status_code == 422
    assert sam.post("/repairs/limits", client_id=north, amount="NaN").status_code == 422


def test_lists_ask_as_often_for_many_as_for_few(app: Flask, world: World, queries: Queries) -> None:
    device = world.device()
    ticket = world.ticket(device_id=device.id)
    opened(world, device, ticket=ticket)
    emma = Browser(app, "emma")
    paths = ("/repairs/", f"/equipment/devices/{device.id}", f"/tickets/{ticket.id}/rest", "/repairs/1")
    counts = []
    for _unused in range(2):
        for path in paths:
            emma.get(path)
            with queries:
                assert emma.get(path).status_code == 200
            counts.append(queries.count)
            queries.statements.clear()
        for _also in range(12):
            repair = opened(world, device)
            spend(world, repair, "1")
        spend(world, db.session.get_one(Repair, 1), "1")
    assert counts[:4] == counts[4:]
