"""Reports by scanning a device's label: by whom, what is shown, in which bounds; with hostile input."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.equipment import labels
from servicedesk.equipment.models import Device
from servicedesk.tickets import public_reports
from servicedesk.tickets.models import Attachment, Ticket, TimelineEntry
from servicedesk.tickets.public_models import PublicReport
from servicedesk.tickets.public_reports import PER_SOURCE, Said, TooManyError
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
HOSTILE = "<script>alert(1)</script>{{ 7*7 }}%(x)s"
SAID = {"text": "It blinks red", "name": "Wang", "contact": "8123"}


def labelled(world: World, name: str = "printer-7", **values: str) -> tuple[Device, str]:
    """A device with a label, and the label's address."""
    device = world.device(name, **values)
    with unit_of_work():
        labels.issue([device], actor=SYSTEM, now=world.now)
    return device, f"/r/{labels.valid([device.id])[device.id]}"


def only_ticket() -> Ticket:
    fresh()
    return db.session.query(Ticket).one()


def reports_by(app: Flask, world: World, mode: str) -> None:
    with unit_of_work() as session:
        session.merge(world.organisations["north"]).public_reports = mode


def test_somebody_without_an_account_reports_and_follows(any_app: Flask, any_world: World) -> None:
    device, address = labelled(any_world)
    visitor = Browser(any_app)
    assert "printer-7" in visitor.get(address).text
    answer = visitor.post(address, **SAID)
    assert answer.status_code == 302, answer.text
    ticket = only_ticket()
    assert (ticket.device_id, ticket.category, ticket.source) == (device.id, "fault", "label")
    assert ticket.requester_id is None
    page = visitor.get(answer.location).text
    assert ticket.number in page
    assert "An engineer will take it up." in page
    worked = Browser(any_app, "emma").get(f"/tickets/{ticket.id}").text
    for words in ("It blinks red", "Name: Wang", "8123", "not signed in"):
        assert words in worked


def test_the_page_that_says_how_it_stands_shows_nothing_that_was_written(app: Flask, world: World) -> None:
    _device, address = labelled(world)
    visitor = Browser(app)
    status = visitor.post(address, **SAID).location
    ticket = only_ticket()
    Browser(app, "emma").post(f"/tickets/{ticket.id}/comment", text="the admin password is hidden")
    page = visitor.get(status).text
    assert "password is hidden" not in page
    assert "It blinks red" not in page
    assert Browser(app).get("/r/status/" + "x" * 22).status_code == 404


def test_a_badge_number_makes_the_ticket_its_holder_s(any_app: Flask, any_world: World) -> None:
    _device, address = labelled(any_world)
    with unit_of_work() as session:
        session.merge(any_world.users["rita"]).badge = "N-0042"
    reports_by(any_app, any_world, "badge")
    visitor = Browser(any_app)
    refused = visitor.post(address, **SAID)
    assert refused.status_code == 422
    assert "badge number is needed" in refused.text
    assert visitor.post(address, **SAID, badge="N-0042").status_code == 302
    ticket = only_ticket()
    assert ticket.requester_id == any_world.users["rita"].id
    assert ticket.number in Browser(any_app, "rita").get("/tickets/").text


def test_badges_cannot_be_tried_out(app: Flask, world: World) -> None:
    _device, address = labelled(world)
    visitor = Browser(app)
    for number in range(PER_SOURCE):
        answer = visitor.post(address, **SAID, badge=f"guess-{number}")
        assert answer.status_code == 422
        assert "not known here" in answer.text
    assert visitor.post(address, **SAID, badge="guess-last").status_code == 429
    assert visitor.post(address, **SAID).status_code == 429
    fresh()
    assert db.session.query(Ticket).count() == 0


def test_a_closed_account_s_badge_and_one_of_another_client_count_for_nothing(
    app: Flask, world: World
) -> None:
    _device, address = labelled(world)
    with unit_of_work() as session:
        session.merge(world.users["rolf"]).badge = "S-1"
        session.merge(world.users["rita"]).badge = "N-1"
        session.merge(world.users["rita"]).active = False
    for badge in ("S-1", "N-1"):
        assert Browser(app).post(address, **SAID, badge=badge).status_code == 422


def test_bounds_hold_for_a_device_and_end_after_an_hour(any_app: Flask, any_world: World) -> None:
    device, _address = labelled(any_world)
    blobs = runtime().blobs

    def send(source: str, minutes: int) -> PublicReport:
        now = any_world.now + timedelta(minutes=minutes)
        said = Said("broken", name="Wang", source=source)
        with unit_of_work():
            return public_reports.report(device, said, blobs=blobs, max_bytes=1000, now=now)[0]

    for number in range(public_reports.PER_DEVICE):
        send(f"source-{number}", number)
    with pytest.raises(TooManyError):
        send("another", 20)
    assert send("another", 75).ticket_id


def test_what_is_known_already_is_said_and_me_too_counts_once(any_app: Flask, any_world: World) -> None:
    device, address = labelled(any_world)
    Browser(any_app).post(address, **SAID)
    other = Browser(any_app)
    page = other.get(address).text
    assert "is known since" in page
    assert "It blinks red" not in page
    with unit_of_work():
        first = public_reports.me_too(device, "elsewhere", now=any_world.now)
        again = public_reports.me_too(device, "elsewhere", now=any_world.now)
        assert first.id == again.id
    ticket = only_ticket()
    said = db.session.query(TimelineEntry).filter_by(ticket_id=ticket.id, kind="comment").all()
    assert sum("hinders them too" in entry.body for entry in said) == 1
    assert other.post(f"{address}/me-too").status_code == 302


def test_where_a_client_wants_no_reports_by_label_there_are_none(app: Flask, world: World) -> None:
    _device, address = labelled(world)
    reports_by(app, world, "nobody")
    visitor = Browser(app)
    page = visitor.get(address)
    assert page.status_code == 200
    assert "Sign in" in page.text
    assert visitor.post(address, **SAID).status_code == 200
    assert visitor.post(f"{address}/me-too").status_code == 404
    fresh()
    assert db.session.query(Ticket).count() == 0


def test_who_is_signed_in_comes_to_pages_of_their_own(app: Flask, world: World) -> None:
    device, address = labelled(world)
    assert Browser(app, "emma").get(address).location == f"/equipment/devices/{device.id}"
    assert f"device={device.id}" in Browser(app, "rita").get(address).location
    assert Browser(app, "rolf").get(address).status_code == 200  # a guest in another house is anybody


@pytest.mark.parametrize("token", ["x" * 22, "..", "x" * 5000, "%22%20OR%201=1--", "<script>"])
def test_a_label_that_was_never_made_leads_nowhere(app: Flask, world: World, token: str) -> None:
    visitor = Browser(app)
    assert visitor.get(f"/r/{token}").status_code == 404
    assert visitor.post(f"/r/{token}", **SAID).status_code == 404
    assert visitor.post(f"/r/{token}/me-too").status_code == 404


def test_labels_come_as_a_pdf_for_those_who_keep_the_devices(app: Flask, world: World) -> None:
    device, _address = labelled(world, 'printer #7 "*')
    path = f"/equipment/labels?device={device.id}&format=pdf"
    answer = Browser(app, "emma").get(path)
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")
    assert Browser(app, "rita").get(path).status_code == 404


def test_a_replaced_label_leads_nowhere_and_a_disposed_device_has_none(app: Flask, world: World) -> None:
    device, old = labelled(world)
    sam = Browser(app, "admin")
    assert sam.post(f"/equipment/devices/{device.id}/label").status_code == 302
    assert Browser(app).get(old).status_code == 404
    fresh()
    new = f"/r/{labels.valid([device.id])[device.id]}"
    assert Browser(app).get(new).status_code == 200
    with unit_of_work() as session:
        session.merge(device).state = "disposed"
    assert Browser(app).get(new).status_code == 404


@pytest.mark.parametrize("field", ["text", "name", "contact"])
def test_script_in_every_field_is_shown_as_text(app: Flask, world: World, field: str) -> None:
    _device, address = labelled(world)
    answer = Browser(app).post(address, **{**SAID, field: HOSTILE})
    assert answer.status_code == 302
    page = Browser(app, "emma").get(f"/tickets/{only_ticket().id}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("photo.png", PNG, ""),
        ("page.html", b"<script>alert(1)</script>", "Only photos"),
        ("photo.png", b"<svg onload='alert(1)'/>", "Only photos"),
        ("empty.png", b"", "is empty"),
    ],
)
def test_only_photos_are_taken(app: Flask, world: World, name: str, content: bytes, said: str) -> None:
    _device, address = labelled(world)
    answer = send_files(app, address, [(content, name)])
    fresh()
    if not said:
        assert answer.status_code == 302
        assert db.session.query(Attachment).one().name == name
    else:
        assert answer.status_code == 422
        assert said in answer.text
        assert db.session.query(Ticket).count() == 0


def test_four_photos_are_too_many(app: Flask, world: World) -> None:
    _device, address = labelled(world)
    assert send_files(app, address, [(PNG, f"{n}.png") for n in range(4)]).status_code == 422


def send_files(app: Flask, address: str, files: list[tuple[bytes, str]]) -> TestResponse:
    visitor = Browser(app)
    visitor.get(address)
    photos = [(BytesIO(content), name) for content, name in files]
    return visitor.client.post(address, data={**SAID, "csrf_token": visitor.token, "photos": photos})


@pytest.mark.parametrize("missing", ["text", "name"])
def test_what_is_needed_is_asked_for(app: Flask, world: World, missing: str) -> None:
    _device, address = labelled(world)
    answer = Browser(app).post(address, **{**SAID, missing: "  "})
    assert answer.status_code == 422
    assert f'id="{missing}-error"' in answer.text


def test_the_sheet_has_the_labels_of_the_devices_one_may_change(app: Flask, world: World) -> None:
    world.device("ours")
    world.device("theirs", "south-1")
    admin = Browser(app, "admin")
    assert "2 devices have no label yet" in admin.get("/equipment/labels").text
    assert admin.post("/equipment/labels", site=str(world.sites["north-1"].id)).status_code == 302
    page = admin.get(f"/equipment/labels?site={world.sites['north-1'].id}").text
    assert page.count('class="label"') == 1
    assert "<b>ours</b>" in page
    for name in ("rita", "rolf"):
        assert Browser(app, name).get("/equipment/labels").status_code == 404


def test_a_hostile_device_name_on_the_sheet_is_text(app: Flask, world: World) -> None:
    labelled(world, HOSTILE)
    page = Browser(app, "admin").get("/equipment/labels").text
    assert "<script>alert" not in page


def test_a_badge_number_belongs_to_one_person(app: Flask, world: World) -> None:
    with unit_of_work() as session:
        session.merge(world.users["dora"]).badge = "N-7"
    admin = Browser(app, "admin")
    rita = world.users["rita"]
    given = {"display_name": "Rita", "email": "", "phone": "", "department_id": "", "active": "y"}
    answer = admin.post(f"/accounts/{rita.id}", **given, badge="N-7")
    assert answer.status_code == 422
    assert "has this badge number" in answer.text
