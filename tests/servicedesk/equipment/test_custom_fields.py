"""Fields a client defines: typed, checked, in the history, of that client alone; and tags."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.equipment import custom_fields, history
from servicedesk.equipment.custom_fields import FieldData
from servicedesk.equipment.custom_models import CustomField, DeviceTag
from tests.servicedesk.equipment.test_devices import save
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def define(
    world: World, name: str = "Key", kind: str = "text", client: str = "north", **values: Any
) -> CustomField:
    with unit_of_work():
        data = FieldData(name, kind, **values)
        owner = world.organisations[client].id
        return custom_fields.save_field(None, owner, data, actor=SYSTEM, now=world.now)


@pytest.mark.parametrize(
    ("kind", "typed", "stored"),
    [
        ("text", "  A 7 ", "A 7"),
        ("number", "12.50", "12.5"),
        ("number", "-3", "-3"),
        ("number", "1e3", "1000"),
        ("number", "twelve", None),
        ("number", "NaN", None),
        ("number", "1e400", None),
        ("date", "2028-02-29", "2028-02-29"),
        ("date", "2027-02-29", None),
        ("choice", "red", "red"),
        ("choice", "blue", None),
        ("yes_no", "1", "1"),
        ("yes_no", "maybe", None),
        ("text", "x" * 501, None),
        ("text", "a\x07b", None),
        ("number", "", ""),
    ],
)
def test_a_value_is_checked_by_its_kind(world: World, kind: str, typed: str, stored: str | None) -> None:
    field = define(world, kind=kind, choices=("red", "green"))
    if stored is not None:
        assert custom_fields.clean(field, typed) == stored
        return
    with pytest.raises(InvalidError, match="no value of the kind") as refusal:
        custom_fields.clean(field, typed)
    assert refusal.value.field == f"custom_{field.id}"


def test_a_required_field_must_be_filled_in(world: World) -> None:
    field = define(world, required=True)
    with pytest.raises(InvalidError, match="Key must be filled in"):
        custom_fields.clean(field, "  ")


def test_values_and_tags_are_filled_in_shown_found_and_remembered(app: Flask, world: World) -> None:
    device = save(world, device_class="switch")
    key = define(world)
    define(world, "Port speed", "choice", choices=("1G", "10G"), device_class="switch")
    define(world, "Only of servers", device_class="server")
    browser = Browser(app, "emma")
    path = f"/equipment/devices/{device.id}/fields"
    page = browser.get(path).text
    assert "Port speed" in page
    assert "Only of servers" not in page
    assert browser.post(path, **{f"custom_{key.id}": "K-17"}, tags="core， 三楼,core").status_code == 302
    shown = browser.get(f"/equipment/devices/{device.id}?whole=1").text
    for text in ("K-17", "core", "三楼"):
        assert text in shown
    assert "sw1" in browser.get("/equipment/devices?tag=core").text
    assert "sw1" not in browser.get("/equipment/devices?tag=cor").text
    fresh()
    (event, *_older) = history.timeline(device, world.actor("emma")).events
    assert {change.label: change.after for change in event.changes} == {"Key": "K-17", "Tags": "core, 三楼"}
    browser.post(path, tags="")
    assert "K-17" not in browser.get(f"/equipment/devices/{device.id}?whole=1").text


def test_what_is_refused_keeps_what_was_typed(app: Flask, world: World) -> None:
    device = save(world)
    number = define(world, "Weight", "number")
    browser = Browser(app, "emma")
    path = f"/equipment/devices/{device.id}/fields"
    answer = browser.post(path, **{f"custom_{number.id}": "<b>heavy"}, tags="kept")
    assert answer.status_code == 422
    assert "&lt;b&gt;heavy" in answer.text
    assert 'value="kept"' in answer.text
    assert browser.post(path, tags=",".join(f"t{n}" for n in range(21))).status_code == 422
    assert browser.post(path, tags="x" * 41).status_code == 422
    assert browser.post(path, tags="a\x00b").status_code == 422
    fresh()
    assert db.session.query(DeviceTag).count() == 0


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (FieldData(" ", "text"), "name"),
        (FieldData("x" * 61, "text"), "name"),
        (FieldData("Key", "text"), "name"),
        (FieldData("New", "magic"), "kind"),
        (FieldData("New", "choice", choices=("one",)), "choices"),
        (FieldData("New", "choice", choices=("x" * 101, "b")), "choices"),
        (FieldData("New", "text", device_class="spaceship"), "device_class"),
    ],
)
def test_a_field_that_cannot_be_is_refused_by_name(any_world: World, data: FieldData, field: str) -> None:
    define(any_world)
    with pytest.raises(InvalidError) as refusal, unit_of_work():
        custom_fields.save_field(
            None, any_world.organisations["north"].id, data, actor=SYSTEM, now=any_world.now
        )
    assert refusal.value.field == field
    define(any_world, client="south")


def test_the_kind_of_a_field_stays(world: World) -> None:
    field = define(world)
    with pytest.raises(InvalidError, match="kind of a field stays"), unit_of_work():
        custom_fields.save_field(
            field, field.client_id, FieldData("Key", "number"), actor=SYSTEM, now=world.now
        )


def test_a_field_is_defined_in_a_page_by_those_who_keep_the_whole_client(app: Flask, world: World) -> None:
    fields = {"client_id": world.organisations["north"].id, "name": "Colour", "kind": "choice", "active": "y"}
    browser = Browser(app, "emma")
    assert browser.post("/equipment/fields/new", **fields).status_code == 422
    assert browser.post("/equipment/fields/new", **fields, choice_lines="red\ngreen").status_code == 302
    assert "Colour" in browser.get("/equipment/fields").text
    fresh()
    found = db.session.query(CustomField).one()
    assert found.choices == ["red", "green"]
    for who in ("stan", "rita", "erik"):
        assert Browser(app, who).get(f"/equipment/fields/{found.id}").status_code == 404, who
    with pytest.raises(NotAllowedError), unit_of_work():
        custom_fields.save_field(
            None, found.client_id, FieldData("x", "text"), actor=world.actor("erik"), now=world.now
        )
