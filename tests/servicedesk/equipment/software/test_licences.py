"""Licences: never over-used in silence, warned of in time, their keys shown to few and noted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.audit.models import AuditEntry
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.equipment.removal import remove_devices
from servicedesk.equipment.service import DeviceData, save_device
from servicedesk.equipment.software import licences, products, queries, seats
from servicedesk.equipment.software.models import Licence, LicenceSeat, SoftwareProduct
from servicedesk.equipment.software.words import phase
from tests.servicedesk.conftest import Queries
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

DAY = date(2026, 11, 24)
HOSTILE = "<script>alert(1)</script>"
KEY = "AAAA-BBBB-CCCC"


def product(world: World, name: str = "Database 19c", client: str = "north") -> SoftwareProduct:
    client_id = world.organisations[client].id
    found = db.session.scalar(
        sa.select(SoftwareProduct).where(SoftwareProduct.name == name, SoftwareProduct.client_id == client_id)
    )
    if found is not None:
        return found
    with unit_of_work():
        data = products.ProductData(name, "Oracle", "database")
        return products.save_product(None, client_id, data, actor=SYSTEM, now=world.now)


def licence(world: World, number: str = "L-1", client: str = "north", **values: Any) -> Licence:
    of = product(world, client=client)
    data = licences.LicenceData(of.id, number, **{"quantity": 2} | values)
    with unit_of_work():
        return licences.save_licence(None, of.client_id, data, actor=SYSTEM, now=world.now)


def give(world: World, found: Licence, who: str = "emma", reason: str = "", **wanted: Any) -> LicenceSeat:
    with unit_of_work():
        return seats.assign(
            found, seats.Wanted(**wanted), over_reason=reason, actor=world.actor(who), now=world.now
        )


def actions(object_type: str = "licences") -> list[str]:
    entries = sa.select(AuditEntry.action).where(AuditEntry.object_type == object_type)
    return list(db.session.scalars(entries.order_by(AuditEntry.id)))


def test_the_last_seat_is_the_last_unless_somebody_says_why(any_world: World) -> None:
    world = any_world
    found = licence(world)
    give(world, found, holder="Wang Fang", quantity=2)
    with pytest.raises(InvalidError, match="Only 0 of 2") as refusal:
        give(world, found, holder="Li Na")
    assert refusal.value.field == "quantity"
    give(world, found, holder="Li Na", reason="ordered, invoice 77")
    assert (licences.used_of(found), found.over_reason, found.over_by) == (3, "ordered, invoice 77", "Emma")
    rows = db.session.execute(
        queries.licence_rows(world.actor("emma"), queries.Chosen(show="over"), today=DAY)
    ).all()
    assert [(row.number, row.used, row.quantity) for row in rows] == [("L-1", 3, 2)]
    seat = db.session.scalars(sa.select(LicenceSeat).where(LicenceSeat.holder == "Li Na")).one()
    with unit_of_work():
        seats.release(found, seat.id, actor=world.actor("emma"), now=world.now)
    assert (licences.used_of(found), found.over_reason) == (2, "")


def test_fewer_than_are_in_use_cannot_be_bought_without_a_reason(any_world: World) -> None:
    found = licence(any_world)
    give(any_world, found, holder="Wang Fang", quantity=2)
    fewer = licences.LicenceData(found.product_id, "L-1", quantity=1)
    with pytest.raises(InvalidError, match="2 are in use"), unit_of_work():
        licences.save_licence(found, found.client_id, fewer, actor=SYSTEM, now=any_world.now)
    with unit_of_work():
        licences.save_licence(
            found, found.client_id, fewer, over_reason="one leaves", actor=SYSTEM, now=any_world.now
        )
    assert (found.quantity, found.over_reason) == (1, "one leaves")


def test_nobody_uses_it_twice_and_nobody_of_another_client_at_all(any_world: World) -> None:
    world = any_world
    found, here = licence(world, quantity=9), world.device("sw1")
    there = world.device("theirs", "south-1")
    give(world, found, device_id=here.id)
    give(world, found, user_id=world.users["rita"].id)
    refused: list[dict[str, Any]] = [
        {"device_id": here.id},
        {"user_id": world.users["rita"].id},
        {"device_id": there.id},
        {"user_id": world.users["rolf"].id},
        {"user_id": 10**8},
        {},
        {"holder": " "},
        {"holder": "x", "device_id": here.id},
        {"holder": "x", "quantity": 0},
    ]
    for wanted in refused:
        with pytest.raises(InvalidError):
            give(world, found, **wanted)
    for who in ("erik", "carl", "rita", "stan"):
        with pytest.raises(NotAllowedError):
            give(world, found, who, holder="x")
    assert licences.used_of(found) == 2


def test_one_that_has_ended_is_given_to_nobody(world: World) -> None:
    found = licence(world, ends_on=DAY - timedelta(days=1))
    with pytest.raises(InvalidError, match="has ended"):
        give(world, found, holder="x")


@pytest.mark.parametrize("kind", ["site", "free"])
def test_some_kinds_are_not_counted(world: World, kind: str) -> None:
    found = licence(world, kind=kind, quantity=7)
    assert found.quantity == 0
    give(world, found, holder="everybody", quantity=5000)
    assert licences.used_of(found) == 5000
    over = queries.licence_rows(world.actor("emma"), queries.Chosen(show="over"), today=DAY)
    assert db.session.execute(over).all() == []


@pytest.mark.parametrize(
    ("ends", "kept", "expected"),
    [
        (None, None, "running"),
        (-1, None, "ended"),
        (0, None, "ending"),
        (90, None, "ending"),
        (91, None, "running"),
        (None, -1, "lapsed"),
        (None, 0, "lapsing"),
        (None, 91, "running"),
        (200, 10, "lapsing"),
        (10, 200, "ending"),
        (10, -5, "ending"),
        (-5, 30, "ended"),
    ],
)
def test_it_is_marked_in_time(any_world: World, ends: int | None, kept: int | None, expected: str) -> None:
    day = {None: None} | {n: DAY + timedelta(days=n) for n in (ends, kept) if n is not None}
    found = licence(any_world, ends_on=day[ends], maintenance_until=day[kept])
    assert phase(found, DAY) == expected
    counted = db.session.scalar(sa.select(queries.ending_question(any_world.actor("emma"), DAY)))
    assert counted == (expected in ("ending", "lapsing"))
    assert db.session.scalar(sa.select(queries.ending_question(any_world.actor("stan"), DAY))) == 0


def test_a_key_is_encrypted_read_by_few_and_every_reading_is_noted(app: Flask, world: World) -> None:
    found = licence(world)
    path = f"/equipment/licences/{found.id}"
    emma = Browser(app, "emma")
    assert emma.post(f"{path}/key", key=KEY).status_code == 302
    fresh()
    stored = db.session.scalars(sa.select(Licence.secret)).one()
    assert KEY not in stored
    assert KEY not in emma.get(path).text
    for read in range(2):
        answer = emma.post(f"{path}/key/show")
        assert KEY in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        fresh()
        assert actions().count("licence.key_read") == read + 1
    for who, status in (("carl", 403), ("erik", 404), ("stan", 404)):
        assert Browser(app, who).post(f"{path}/key/show").status_code == status, who
    fresh()
    assert actions().count("licence.key_read") == 2
    for kept in db.session.scalars(sa.select(AuditEntry)):
        assert KEY not in f"{kept.before}{kept.after}{kept.object_label}"
    for exported in ("/equipment/licences.csv?show=all", "/equipment/licences/?show=all"):
        assert KEY not in emma.get(exported).text
    with unit_of_work():
        assert licences.rotate_all(runtime().keyring) == 1
    assert KEY in emma.post(f"{path}/key/show").text
    emma.post(f"{path}/key", key="")
    fresh()
    assert db.session.scalars(sa.select(Licence.secret)).one() == ""


def test_a_device_that_goes_ends_its_seats_and_the_history_stays(any_world: World) -> None:
    world = any_world
    found, gone, kept = licence(world), world.device("gone"), world.device("kept", state="retired")
    give(world, found, device_id=gone.id)
    give(world, found, device_id=kept.id)
    with unit_of_work():
        remove_devices([gone], actor=SYSTEM, now=world.now)
    data = DeviceData("kept", kept.site_id, state="disposed", disposal_proof="receipt 7")
    with unit_of_work():
        save_device(kept, data, actor=SYSTEM, now=world.now)
    fresh()
    assert licences.used_of(found) == 0
    past = queries.seats_of(found, ended=True)
    assert {(row.holder, row.device_id) for row in past} == {("gone", None), ("kept", kept.id)}
    assert all(row.end_reason for row in past)
    assert actions().count("licence.released") == 2
    with pytest.raises(InvalidError, match="disposed"):
        give(world, found, device_id=kept.id)


def test_the_history_of_a_device_names_its_licences(app: Flask, world: World) -> None:
    found, device = licence(world, HOSTILE), world.device("sw1")
    seat = give(world, found, device_id=device.id)
    with unit_of_work():
        seats.release(found, seat.id, reason="moved on", actor=world.actor("sam"), now=world.now)
    path = f"/equipment/devices/{device.id}/history"
    page = Browser(app, "emma").get(path).text
    for words in (
        "Licence assigned: &lt;script&gt;",
        "Licence taken back: &lt;script&gt;",
        "moved on",
        "Sam",
    ):
        assert words in page, words
    assert "Licence assigned" not in Browser(app, "erik").get(path).text


def test_a_refused_deletion_ends_nothing(world: World) -> None:
    found, device = licence(world), world.device("sw1")
    world.ticket("rita", device_id=device.id)
    give(world, found, device_id=device.id)
    with pytest.raises(ConflictError), unit_of_work():
        remove_devices([device], actor=SYSTEM, now=world.now)
    fresh()
    assert licences.used_of(found) == 1


def test_what_was_used_cannot_be_deleted(app: Flask, world: World) -> None:
    found = licence(world)
    give(world, found, holder="Wang Fang")
    emma = Browser(app, "emma")
    answer = emma.post(f"/equipment/licences/{found.id}/remove")
    assert "still used by: Seat of a licence (1)" in emma.get(answer.location).text
    answer = emma.post(f"/equipment/software/{found.product_id}/remove")
    assert "still used by: Licence (1)" in emma.get(answer.location).text
    spare = licence(world, "L-2")
    assert emma.post(f"/equipment/licences/{spare.id}/remove").location == "/equipment/licences/"
    fresh()
    assert db.session.scalars(sa.select(Licence.number)).all() == ["L-1"]


def test_the_pages_show_what_is_too_much_and_what_is_left(app: Flask, world: World) -> None:
    today = utcnow().date()
    of = product(world)
    emma = Browser(app, "emma")
    fields = {"product_id": of.id, "number": HOSTILE, "kind": "user", "quantity": "3", "warn_days": "90"}
    fields |= {"ends_on": str(today + timedelta(days=9)), "price": "12,000.50", "supplier": "=1+1"}
    answer = emma.post("/equipment/licences/new", **fields)
    assert answer.status_code == 302
    emma.post(f"{answer.location}/seats", holder=HOSTILE, quantity="1")
    page = emma.get(answer.location).text
    assert "10 days left" in page
    assert "12,000.50" in page
    refused = emma.post(f"{answer.location}/seats", holder="b", quantity="3")
    assert refused.status_code == 422
    assert "Only 2 of 3 are left" in refused.text
    emma.post(f"{answer.location}/seats", holder="b", quantity="3", known="y", over_reason="agreed")
    page = emma.get(answer.location).text
    assert "1 more is in use than was bought. Emma knows of it: agreed" in page
    for path in (answer.location, "/equipment/licences/?show=over", f"/equipment/software/{of.id}"):
        shown = emma.get(path).text
        assert "<script>alert" not in shown, path
        assert "agreed" in shown, path
    assert "'=1+1" in emma.get("/equipment/licences.csv").text


@pytest.mark.parametrize(
    "field", ["number", "quantity", "price", "ends_on", "warn_days", "product_id", "kind"]
)
@pytest.mark.parametrize("value", ["", "x" * 6000, "-1", "9999-12-31", "a\x00b", "0001-01-01", "NaN", "1e9"])
def test_no_field_breaks_the_page(app: Flask, world: World, field: str, value: str) -> None:
    fields: dict[str, Any] = {"product_id": product(world).id, "number": "1", "kind": "device"}
    fields |= {"quantity": 1, "warn_days": 90, field: value}
    browser = Browser(app, "emma")
    assert browser.post("/equipment/licences/new", **fields).status_code in (302, 422)
    assert browser.get("/equipment/licences/?show=all").status_code == 200


def test_a_contract_of_another_client_is_not_taken(any_world: World) -> None:
    theirs = product(any_world, client="south")
    with pytest.raises(InvalidError, match="same client"), unit_of_work():
        licences.save_licence(
            None,
            any_world.organisations["north"].id,
            licences.LicenceData(theirs.id, "L-9", quantity=1),
            actor=SYSTEM,
            now=any_world.now,
        )


def test_lists_ask_the_same_number_of_questions_whatever_their_length(app: Flask, world: World) -> None:
    browser = Browser(app, "emma")
    paths = ["/equipment/licences/?show=all", "/equipment/software/", "/equipment/licences/?show=over"]
    asked: list[list[int]] = []
    for count in (3, 40):
        for number in range(count):
            found = licence(world, f"N-{count}-{number}", ends_on=DAY + timedelta(days=number))
            give(world, found, holder=f"person {number}")
        counted = []
        for path in [*paths, f"/equipment/software/{found.product_id}", f"/equipment/licences/{found.id}"]:
            browser.get(path)
            with Queries() as counter:
                assert browser.get(path).status_code == 200
            counted.append(counter.count)
        asked.append(counted)
    assert asked[0] == asked[1]


def test_its_form_finds_what_it_belongs_to_while_one_types(app: Flask, world: World) -> None:
    of, theirs = product(world), product(world, client="south")
    with unit_of_work():
        data = (products.ProductData(f"Tool {number}", "", "other") for number in range(60))
        for one in data:
            products.save_product(None, of.client_id, one, actor=SYSTEM, now=world.now)
    emma, path = Browser(app, "emma"), "/equipment/licences/choices"
    assert [row["text"] for row in emma.get(f"{path}/products?q=oracle+data").json] == ["Oracle Database 19c"]
    assert len(emma.get(f"{path}/products").json) == 30
    assert emma.get(f"{path}/products?q=%25").json == []
    empty = emma.get("/equipment/licences/new").text
    assert "Tool 1" not in empty
    assert "A licence belongs to a product" not in empty
    fields = {"product_id": of.id, "number": "", "kind": "site", "warn_days": "90"}
    refused = emma.post("/equipment/licences/new", **fields)
    assert refused.status_code == 422
    assert f'selected value="{of.id}">Oracle Database 19c' in refused.text
    refused = emma.post("/equipment/licences/new", **fields | {"number": "L-7", "product_id": theirs.id})
    assert (refused.status_code, "Choose a product of the list." in refused.text) == (422, True)
    found = licence(world)
    assert emma.get(f"{path}/products?licence={found.id}&q=19c").json == [
        {"value": of.id, "text": "Oracle Database 19c"}
    ]
    assert [row["value"] for row in Browser(app, "stan").get(f"{path}/products").json] == [theirs.id]
    for who in ("rita", "erik"):
        assert Browser(app, who).get(f"{path}/contracts").status_code == 404, who


def test_a_refused_seat_still_names_the_device_and_the_person(app: Flask, world: World) -> None:
    found, here = licence(world), world.device("sw1")
    refused = Browser(app, "emma").post(
        f"/equipment/licences/{found.id}/seats", device_id=here.id, user_id=world.users["rita"].id, quantity=1
    )
    assert refused.status_code == 422
    assert f'selected value="{here.id}">sw1' in refused.text
    assert f'selected value="{world.users["rita"].id}">Rita' in refused.text


def test_who_keeps_one_site_is_not_told_that_there_are_none(app: Flask, world: World) -> None:
    licence(world)
    page = Browser(app, "erik").get("/equipment/licences/").text
    assert "Licences are kept for a whole client" in page
    assert "No licence fits" not in page
    assert "Licences are kept for a whole client" not in Browser(app, "emma").get("/equipment/licences/").text
