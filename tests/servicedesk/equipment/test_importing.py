"""Files of devices: looked over, carried out as a whole, taken back; and files that mean harm."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from openpyxl import Workbook, load_workbook
from redis import RedisError

from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError
from servicedesk.core.sheet_files import MAX_CELL, read_rows
from servicedesk.equipment import importing, jobs
from servicedesk.equipment.device_columns import TABLE
from servicedesk.equipment.import_models import DeviceImport
from servicedesk.equipment.import_plan import plan
from servicedesk.equipment.models import Device
from tests.servicedesk.conftest import Queries
from tests.servicedesk.equipment.test_devices import room_with_rack, save
from tests.servicedesk.world import Browser, World, fresh

HEAD = ("name", "asset_tag", "serial", "class", "site", "address")


@pytest.fixture(autouse=True)
def no_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    """Work is done when a test says so."""

    def gone(*_args: object, **_kwargs: object) -> None:
        raise RedisError("no Redis in this test")

    monkeypatch.setattr(jobs.Queues, "connect", gone)


def table(*rows: tuple[Any, ...], head: tuple[str, ...] = HEAD, encoding: str = "utf-8") -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows([head, *rows])
    return file.getvalue().encode(encoding)


def workbook(*rows: tuple[Any, ...], head: tuple[str, ...] = HEAD) -> bytes:
    book = Workbook()
    for row in (head, *rows):
        book.active.append(row)  # type: ignore[union-attr]  # a new workbook has a sheet
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def bring(app: Flask, world: World, content: bytes, who: str = "emma", name: str = "devices.csv") -> int:
    """Choose the file in the page; returns the number of the import."""
    browser = Browser(app, who)
    client = world.organisations["north"].id
    answer = browser.post("/equipment/imports", client_id=client, file=(io.BytesIO(content), name))
    assert answer.status_code == 302, answer.text
    return int(answer.location.rpartition("/")[2])


def carry_out(app: Flask, number: int, step: str = "carry_out", who: str = "emma") -> DeviceImport:
    assert Browser(app, who).post(f"/equipment/imports/{number}/{step}").status_code == 302
    fresh()  # a worker begins with a session of its own
    jobs.run_import(number)
    fresh()
    return db.session.get_one(DeviceImport, number)


def counts(found: DeviceImport) -> tuple[int, int, int]:
    return found.created_count, found.updated_count, found.unchanged_count


def test_a_file_is_looked_over_then_carried_out_then_taken_back(app: Flask, world: World) -> None:
    old = save(world, name="old", asset_tag="IT-1", vendor="H3C", notes="kept")
    same = save(world, name="same", serial="S-9")
    rows = (
        ("renamed", "IT-1", "", "switch", "North site 1", "192.0.2.1"),
        ("", "", "S-9", "", "", ""),
        ("new", "IT-3", "S-3", "Printer", "North site 2", ""),
    )
    number = bring(app, world, table(*rows))
    page = Browser(app, "emma").get(f"/equipment/imports/{number}").text
    assert "Carry it out" in page
    assert "<del>old</del> → renamed" in page
    assert "<del>Other</del> → Switch" in page, "codes are told in words"
    fresh()
    assert db.session.query(Device).count() == 2
    assert old.name == "old"
    found = carry_out(app, number)
    assert (found.state, counts(found)) == ("done", (1, 1, 1))
    assert (old.name, old.address, old.device_class) == ("renamed", "192.0.2.1", "switch")
    assert (old.vendor, old.notes) == ("H3C", "kept")
    new = db.session.query(Device).filter_by(name="new").one()
    assert (new.device_class, new.site.name) == ("printer", "North site 2")
    assert carry_out(app, number, "undo").state == "undone"
    assert (old.name, old.address, old.device_class) == ("old", "", "other")
    assert {device.name for device in db.session.query(Device)} == {"old", "same"}
    assert same.name == "same"
    actions = [entry.action for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    assert {"device_import.done", "device_import.undone", "device.removed"} <= set(actions)


def test_an_import_whose_device_was_changed_since_is_not_taken_back(app: Flask, world: World) -> None:
    number = bring(
        app, world, table(("a", "", "", "", "North site 1", ""), ("b", "", "", "", "North site 1", ""))
    )
    carry_out(app, number)
    device = db.session.query(Device).filter_by(name="a").one()
    save(world, device, name="a", notes="changed by hand")
    found = carry_out(app, number, "undo")
    assert found.state == "done"
    assert "a was changed after the import" in found.error
    assert db.session.query(Device).count() == 2


def test_an_import_whose_device_has_a_ticket_is_not_taken_back(app: Flask, world: World) -> None:
    number = bring(app, world, table(("a", "", "", "", "North site 1", "")))
    carry_out(app, number)
    world.ticket("rita", device_id=db.session.query(Device).one().id)
    found = carry_out(app, number, "undo")
    assert found.state == "done"
    assert "still used by: Ticket (1)" in found.error


def test_what_changed_between_looking_and_doing_stops_everything(app: Flask, world: World) -> None:
    number = bring(
        app, world, table(("a", "", "", "", "North site 1", ""), ("b", "X", "", "", "North site 1", ""))
    )
    save(world, name="b")
    save(world, name="c", asset_tag="X")
    found = carry_out(app, number)
    assert (found.state, "Line 3" in found.error) == ("failed", True)
    assert {device.name for device in db.session.query(Device)} == {"b", "c"}


def test_a_worker_that_dies_half_way_leaves_nothing_and_the_sweep_finds_it(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [(f"d{number}", "", "", "", "North site 1", "") for number in range(60)]
    number = bring(app, world, table(*rows))
    Browser(app, "emma").post(f"/equipment/imports/{number}/carry_out")

    fresh()

    def dies(done: int, _total: int) -> None:
        if done == 40:
            raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(jobs, "_tell_progress", dies)
        with pytest.raises(SystemExit):
            jobs.run_import(number)
    fresh()
    assert db.session.query(Device).count() == 0
    assert db.session.get_one(DeviceImport, number).state == "queued"
    assert jobs.run_import(number) is True
    assert jobs.run_import(number) is False
    fresh()
    assert db.session.query(Device).count() == 60


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (("", "IT-9", "", "", "North site 1", ""), "needs a name"),
        (("a", "", "", "spaceship", "North site 1", ""), "is not one of"),
        (("a", "", "", "", "South site 1", ""), "no site"),
        (("a", "", "", "", "", ""), "at which of your sites"),
        (("a", "", "", "", "North site 1", "a b"), "Write an IP address"),
        (("taken", "IT-2", "", "", "North site 1", ""), ""),
        (("taken", "IT-1", "", "", "North site 1", ""), "has this name"),
        (("x" * 201, "", "", "", "North site 1", ""), "too long"),
        (("a", "TWICE", "", "", "North site 1", ""), "2 devices have this"),
    ],
)
def test_a_row_that_cannot_be_done_says_why(world: World, row: tuple[str, ...], sentence: str) -> None:
    save(world, name="taken")
    save(world, name="one", asset_tag="IT-1")
    for name in ("t1", "t2"):
        save(world, name=name, asset_tag="TWICE")
    (planned,) = plan(read_rows(table(row)), world.organisations["north"].id, world.actor("emma"))
    assert sentence in " ".join(planned.errors)
    assert (planned.errors == ()) == (sentence == "")


def test_everything_that_is_wrong_with_a_row_is_said_at_once(world: World) -> None:
    head = ("name", "site", "device_class", "rack_unit", "warranty_until", "responsible", "room", "address")
    row = ("", "North site 1", "spaceship", "0", "soon", "nobody", "Nowhere", "a b")
    (planned,) = plan(read_rows(table(row, head=head)), world.organisations["north"].id, world.actor("emma"))
    assert (planned.action, planned.data) == ("wrong", None)
    told = "\n".join(planned.errors)
    for sentence in (
        "Class: “spaceship” is not one of",
        "“0” is not a number from 1 to 60",
        "“soon” is no day",
        "“nobody” is not known",
        "no room “Nowhere”",
        "needs a name",
        "Write an IP address",
    ):
        assert told.count(sentence) == 1, told
    assert len(planned.errors) == 7


def test_without_a_site_the_other_cells_are_still_looked_at(world: World) -> None:
    head = ("name", "site", "warranty_until")
    (planned,) = plan(
        read_rows(table(("a", "Moon", "soon"), head=head)),
        world.organisations["north"].id,
        world.actor("emma"),
    )
    assert len(planned.errors) == 2, planned.errors


def test_a_key_of_two_devices_says_nothing_else(world: World) -> None:
    for name in ("t1", "t2"):
        save(world, name=name, asset_tag="TWICE")
    row = ("t1", "TWICE", "", "", "North site 1", "")
    (planned,) = plan(read_rows(table(row)), world.organisations["north"].id, world.actor("emma"))
    assert [told[:24] for told in planned.errors] == ["2 devices have this: TWI"]


def test_one_device_is_not_in_a_file_twice(world: World) -> None:
    save(world, name="one", asset_tag="IT-1")
    rows = (
        ("", "IT-1", "", "switch", "", ""),
        ("one", "", "", "server", "", ""),
        ("new", "", "", "", "North site 1", ""),
    )
    planned = plan(read_rows(table(*rows, rows[2])), world.organisations["north"].id, world.actor("emma"))
    assert [one.action for one in planned] == ["update", "wrong", "create", "wrong"]
    assert "Line 2" in planned[1].errors[0]


def test_units_of_a_rack_are_given_once_also_within_the_file(world: World) -> None:
    room, rack = room_with_rack(world, "north-1", "Main")
    save(world, name="there", room_id=room.id, rack_id=rack.id, rack_unit=10)
    head = ("name", "site", "room", "rack", "rack_unit", "height_u")
    place = ("North site 1", room.name, rack.name)
    rows = (
        ("a", *place, 9, 2),
        ("b", *place, 20, 2),
        ("c", *place, 21, 1),
        ("d", *place, 42, 2),
        ("there", *place, 1, 1),
        ("e", *place, 10, 1),
    )
    planned = plan(read_rows(table(*rows, head=head)), rack.client_id, world.actor("emma"))
    assert [one.action for one in planned] == ["wrong", "create", "wrong", "wrong", "update", "create"]
    assert "there (U10)" in planned[0].errors[0]
    assert "b (U20" in planned[2].errors[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_chinese_headings_and_words_are_understood_in_every_encoding(world: World, encoding: str) -> None:
    from flask_babel import force_locale

    from servicedesk.equipment.device_columns import CODES

    with force_locale("zh_CN"):
        head = tuple(str(TABLE.by_name[name].label) for name in ("name", "site", "device_class"))
        word = str(CODES["device_class"]["switch"])
    content = table(("核心交换机", "North site 1", word), head=head, encoding=encoding)
    (planned,) = plan(read_rows(content), world.organisations["north"].id, world.actor("emma"))
    assert planned.data is not None, planned.errors
    assert (planned.data.name, planned.data.device_class) == ("核心交换机", "switch")


def test_an_export_can_be_brought_in_again_and_changes_nothing(app: Flask, world: World) -> None:
    save(world, name="=cmd|' /C calc'!A0", notes="+1", serial="S1", responsible_id=world.users["emma"].id)
    save(world, name="plain", asset_tag="IT-1")
    browser = Browser(app, "emma")
    for kind in ("csv", "xlsx"):
        content = browser.get(f"/equipment/devices/export.{kind}").data
        cells = [cell for _line, row in read_rows(content) for cell in row]
        assert "plain" in cells
        raw = (
            content
            if kind == "csv"
            else b"".join(
                zipfile.ZipFile(io.BytesIO(content)).read(n)
                for n in zipfile.ZipFile(io.BytesIO(content)).namelist()
            )
        )
        assert b"'=cmd" in raw
        planned = plan(read_rows(content), world.organisations["north"].id, world.actor("emma"))
        assert {one.action for one in planned} == {"same"}, [one.errors or one.changed for one in planned]


def test_the_template_can_be_filled_in_and_brought_in(app: Flask, world: World) -> None:
    browser = Browser(app, "emma")
    for locale in ("en", "zh_CN"):
        browser.post("/language", locale=locale, next="/")
        content = browser.get("/equipment/imports/template.xlsx").data
        assert load_workbook(io.BytesIO(content)).active.max_row == 2  # type: ignore[union-attr]
        (planned,) = plan(read_rows(content), world.organisations["north"].id, world.actor("emma"))
        assert planned.action == "create", planned.errors


def test_the_export_keeps_to_the_filter_and_to_what_one_may_see(app: Flask, world: World) -> None:
    for name, site in (("here", "north-1"), ("there", "north-2"), ("theirs", "south-1")):
        save(world, name=name, site_id=world.sites[site].id)
    assert "here" in Browser(app, "erik").get("/equipment/devices/export.csv").text
    assert "there" not in Browser(app, "erik").get("/equipment/devices/export.csv").text
    found = Browser(app, "emma").get(f"/equipment/devices/export.csv?site={world.sites['north-2'].id}").text
    assert "there" in found
    assert "theirs" not in found
    assert Browser(app, "rita").get("/equipment/devices/export.csv").status_code == 404


def test_looking_over_a_long_file_takes_as_many_queries_as_a_short_one(world: World) -> None:
    def count(rows: int) -> int:
        content = table(*((f"d{n}", f"T{n}", "", "", "North site 1", "") for n in range(rows)))
        with Queries() as counted:
            plan(read_rows(content), world.organisations["north"].id, world.actor("emma"))
        return counted.count

    assert count(3) == count(300)


def test_a_preview_says_what_each_field_was_and_becomes(app: Flask, world: World) -> None:
    save(world, name="sw1", asset_tag="IT-1", notes="x" * 500, responsible_id=world.users["emma"].id)
    head = ("asset_tag", "site", "notes", "responsible")
    number = bring(app, world, table(("IT-1", "North site 2", "short", "sue"), head=head))
    page = Browser(app, "emma").get(f"/equipment/imports/{number}").text
    emma, sue = world.users["emma"].display_name, world.users["sue"].display_name
    assert f"<del>{emma}</del> → {sue}" in page
    assert "<del>North site 1</del> → North site 2" in page
    assert "x" * 119 + "…</del> → short" in page, "a long value is cut"


def test_a_preview_of_many_changes_takes_as_many_queries_as_one_of_few(app: Flask, world: World) -> None:
    for n in range(40):
        save(world, name=f"d{n}", asset_tag=f"T{n}")

    def count(rows: int) -> int:
        cells = ((f"T{n}", "North site 2", f"new {n}") for n in range(rows))
        number = bring(app, world, table(*cells, head=("asset_tag", "site", "notes")))
        browser = Browser(app, "emma")
        browser.get(f"/equipment/imports/{number}")
        with Queries() as counted:
            assert f"new {rows - 1}" in browser.get(f"/equipment/imports/{number}").text
        return counted.count

    assert count(2) == count(40)


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (100 * 1024 * 1024))
    return file.getvalue()


def with_member(name: str, text: str) -> bytes:
    """A workbook one of whose parts is replaced."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook())) as old, zipfile.ZipFile(file, "w") as new:
        for member in old.namelist():
            new.writestr(member, text if member == name else old.read(member))
    return file.getvalue()


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
)
SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (bomb(), "unpacks to too much"),
        (with_member(SHEET, LAUGHS), "cannot be read"),
        (with_member(SHEET, "<worksheet><sheetData><row"), "cannot be read"),
        (with_member("xl/workbook.xml", "not xml"), "cannot be read"),
        (workbook(("a",))[:-200], "cannot be read"),
        (b"PK\x03\x04" + b"\x00" * 100, "cannot be read"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "neither"),
        (b"\xff\xfe" + "name".encode("utf-16-le"), "neither"),
        (b"name\n\xff\xff\xff", "neither UTF-8 nor GBK"),
        (b"\n\n , ,\n", "empty"),
        (table(("x" * (MAX_CELL + 1),)), "characters"),
        (workbook(("x" * (MAX_CELL + 1),)), "characters"),
        (b"name\na\x07b", "control characters"),
        (table(*[("a",)] * 10_002), "Split the file"),
        (table(("a",) * 61, head=("name",) * 61), "columns"),
        (b'name\n"' + b"x" * 200_000 + b'"', "no line of a CSV"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_hostile_file_ends_in_a_sentence(app: Flask, content: bytes, sentence: str) -> None:
    with app.test_request_context(), pytest.raises(InvalidError, match=sentence):
        read_rows(content)


@pytest.mark.parametrize("content", [b"what,ever\na,b", b"name,name\na,b", b"name\n", b"", bomb()])
def test_a_file_that_is_no_table_of_devices_is_refused_in_the_page(
    app: Flask, world: World, content: bytes
) -> None:
    browser = Browser(app, "emma")
    client = world.organisations["north"].id
    answer = browser.post("/equipment/imports", client_id=client, file=(io.BytesIO(content), "a.xlsx"))
    assert answer.status_code == 422
    assert 'id="file-error"' in answer.text
    assert db.session.query(DeviceImport).count() == 0


def test_columns_that_are_not_read_are_named_before_anything_is_written(app: Flask, world: World) -> None:
    head = ("name", "site", "Asset  TAG*", "rack-height <b>", "")
    number = bring(app, world, table(("PC-1", "North site 1", "A-1", "2", ""), head=head))
    page = Browser(app, "emma").get(f"/equipment/imports/{number}").text
    assert "These columns are not read: rack-height &lt;b&gt;. Name" in page


def test_an_export_and_the_template_have_only_columns_that_are_read(app: Flask, world: World) -> None:
    save(world, name="PC-1")
    browser = Browser(app, "emma")
    for path in ("/equipment/devices/export.csv", "/equipment/imports/template.csv"):
        head = next(row for _line, row in read_rows(browser.get(path).data))
        assert TABLE.unread(head) == []
        assert TABLE.unread([*head, "colour"]) == ["colour"]


def test_script_in_a_file_stays_text(app: Flask, world: World) -> None:
    evil = "<script>alert(1)</script>"
    number = bring(app, world, table((evil, "", "", "", "North site 1", "")), name=f"{evil}.csv")
    browser = Browser(app, "emma")
    assert "<script>alert" not in browser.get(f"/equipment/imports/{number}").text
    carry_out(app, number)
    for path in (f"/equipment/imports/{number}", "/equipment/imports", "/equipment/devices"):
        assert "<script>alert" not in browser.get(path).text


def test_a_workbook_is_known_by_its_bytes_and_its_numbers_and_days_are_text(world: World) -> None:
    from datetime import datetime

    head = ("name", "serial", "warranty_until", "site")
    content = workbook((1234, 99.0, datetime(2028, 2, 29, 12), "North site 1"), head=head)  # noqa: DTZ001 - as openpyxl gives it
    (planned,) = plan(read_rows(content), world.organisations["north"].id, world.actor("emma"))
    assert planned.data is not None
    assert (planned.data.name, planned.data.serial) == ("1234", "99")
    assert str(planned.data.warranty_until) == "2028-02-29"


@pytest.mark.parametrize("text", ["2028-2-29", "2028/02/29", "2028.2.29", "2028年2月29日", "2028年02月29日"])
def test_days_are_understood_as_people_write_them(world: World, text: str) -> None:
    content = table(("sw1", "North site 1", text), head=("name", "site", "warranty_until"))
    (planned,) = plan(read_rows(content), world.organisations["north"].id, world.actor("emma"))
    assert planned.data is not None, planned.errors
    assert str(planned.data.warranty_until) == "2028-02-29"


@pytest.mark.parametrize(
    ("kind", "address"),
    [("devices", "devices"), ("modules", "modules/"), ("software", "software/"), ("licences", "licences/")],
)
def test_the_page_of_a_kind_of_file_leads_to_its_own_list(
    app: Flask, world: World, kind: str, address: str
) -> None:
    page = Browser(app, "emma").get(f"/equipment/imports?of={kind}").text
    assert f'<div class="crumb"><a href="/equipment/{address}">' in page


def test_the_list_of_imports_says_which_files_have_wrong_rows(app: Flask, world: World) -> None:
    number = bring(app, world, table(("a", "", "", "spaceship", "North site 1", "")))
    emma = Browser(app, "emma")
    assert "1 cannot be done" in emma.get("/equipment/imports").text
    assert "Carry it out" not in emma.get(f"/equipment/imports/{number}").text
    right = bring(app, world, table(("a", "", "", "switch", "North site 1", "")))
    carry_out(app, right)
    assert '<a class="button" href="/equipment/devices">' in emma.get(f"/equipment/imports/{right}").text


def test_nobody_brings_devices_into_a_site_or_client_out_of_reach(app: Flask, world: World) -> None:
    south = world.organisations["south"].id
    browser = Browser(app, "emma")
    file = (io.BytesIO(table(("a", "", "", "", "South site 1", ""))), "a.csv")
    assert browser.post("/equipment/imports", client_id=south, file=file).status_code == 422
    (planned,) = plan(
        read_rows(table(("a", "", "", "", "North site 2", ""))),
        world.organisations["north"].id,
        world.actor("erik"),
    )
    assert "no site" in planned.errors[0]
    number = bring(app, world, table(("a", "", "", "", "North site 1", "")))
    for who in ("stan", "rita", "erik"):
        assert Browser(app, who).get(f"/equipment/imports/{number}").status_code == 404, who
        assert Browser(app, who).post(f"/equipment/imports/{number}/carry_out").status_code == 404, who
    with unit_of_work():
        importing.refuse(number, "x")
    assert db.session.scalar(sa.select(DeviceImport.state)) == "previewed"


def test_a_device_is_deleted_only_while_nothing_speaks_of_it(app: Flask, world: World) -> None:
    free, named = save(world, name="free"), save(world, name="named")
    world.ticket("rita", device_id=named.id)
    browser = Browser(app, "emma")
    assert browser.post(f"/equipment/devices/{free.id}/remove").location == "/equipment/devices"
    kept = browser.post(f"/equipment/devices/{named.id}/remove").location
    assert "named is still used by: Ticket (1)" in browser.get(kept).text
    fresh()
    assert [device.name for device in db.session.query(Device)] == ["named"]
