"""Who sees how much of one client: own tickets, one site, the days of a contract."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from servicedesk.core.db import unit_of_work
from servicedesk.core.permissions import Permission, Role
from servicedesk.organisations.models import Contract
from servicedesk.organisations.service import save_contract
from servicedesk.staff.actors import actor_for
from servicedesk.staff.service import grant_role
from tests.servicedesk.belongings import Belongings, addresses
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

SERVICE_STAFF = ("erik", "emma", "sam", "sue")


def change_contract(world: World, first: date, last: date, *sites: str) -> Contract:
    """The contract between the service company and ``north`` with other days or sites."""
    with unit_of_work():
        return save_contract(
            world.contract,
            client=world.organisations["north"],
            service=world.organisations["service"],
            number="C-1",
            title="Operations",
            starts_on=first,
            ends_on=last,
            site_ids=[world.sites[name].id for name in sites],
            actor=SYSTEM,
            now=world.now,
        )


def test_a_requester_sees_only_tickets_of_their_own(app: Flask, world: World) -> None:
    of_rita, of_dora = world.ticket("rita"), world.ticket("dora")
    browser = Browser(app, "rita")
    assert browser.get(f"/tickets/{of_rita.id}").status_code == 200
    assert browser.get(f"/tickets/{of_dora.id}").status_code == 404
    page = browser.get("/tickets/?queue=all").text
    assert of_rita.number in page
    assert of_dora.number not in page


def test_a_requester_sees_no_devices_and_no_inspections(app: Flask, world: World) -> None:
    own = Belongings.make(world, "north")
    browser = Browser(app, "rita")
    ticket, file, chain = own.ids["ticket_id"], own.ids["attachment_id"], own.ids["chain_id"]
    asked_for = (
        f"/tickets/{ticket}",
        f"/tickets/{ticket}/rest",
        f"/tickets/files/{file}",
        f"/approvals/{chain}",
        f"/approvals/{chain}/print",
        f"/notifications/{own.ids['notification_id']}",
        f"/knowledge/beside/{ticket}",  # articles that fit what they reported
    )
    for path in addresses(app, own.ids):
        if path not in asked_for:
            expected = 200 if path == f"/accounts/{own.ids['user_id']}" else 404
            assert browser.get(path).status_code == expected, path
    for path in ("/equipment/devices", "/inspections/", "/inspections/findings", "/accounts", "/audit/"):
        assert browser.get(path).status_code == 404, path


def test_an_engineer_of_one_site_sees_that_site_alone(app: Flask, world: World) -> None:
    here, there = Belongings.make(world, "north", "1"), Belongings.make(world, "north", "2")
    browser = Browser(app, "erik")
    for key, path in (
        ("device_id", "/equipment/devices/{}"),
        ("ticket_id", "/tickets/{}"),
        ("attachment_id", "/tickets/files/{}"),
        ("run_id", "/inspections/{}"),
        ("record_id", "/inspections/records/{}"),
        ("device_id", "/inspections/trend/{}/cpu_used"),
    ):
        assert browser.get(path.format(here.ids[key])).status_code == 200, path
        assert browser.get(path.format(there.ids[key])).status_code == 404, path
    for path in ("/", "/tickets/?queue=all", "/equipment/devices", "/inspections/", "/inspections/findings"):
        assert "northbox2" not in browser.get(path).text, path
    assert "northbox1" in browser.get("/equipment/devices").text


def test_an_engineer_of_one_site_makes_no_device_elsewhere(app: Flask, world: World) -> None:
    browser = Browser(app, "erik")
    fields = {"name": "new", "device_class": "server", "state": "active", "height_u": "1"}
    elsewhere = browser.post("/equipment/devices/new", site_id=world.sites["north-2"].id, **fields)
    assert elsewhere.status_code == 422
    at_home = browser.post("/equipment/devices/new", site_id=world.sites["north-1"].id, **fields)
    assert at_home.status_code == 302


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2026, 1, 1), date(2026, 11, 23)), (date(2026, 11, 25), date(2027, 12, 31))],
    ids=["ended yesterday", "begins tomorrow"],
)
def test_outside_of_the_contract_everything_is_hidden(any_world: World, first: date, last: date) -> None:
    assert all(any_world.actor(who).allows_somewhere(Permission.TICKET_VIEW) for who in SERVICE_STAFF)
    change_contract(any_world, first, last)
    assert not any(any_world.actor(who).allows_somewhere(Permission.TICKET_VIEW) for who in SERVICE_STAFF)


def test_the_first_and_the_last_day_of_a_contract_count(any_world: World) -> None:
    day = any_world.now.date()
    change_contract(any_world, day, day)
    emma = any_world.users["emma"]
    for shift, sees in ((-1, False), (0, True), (1, False)):
        actor = actor_for(emma, today=day + timedelta(days=shift))
        assert actor.allows_somewhere(Permission.TICKET_VIEW) is sees


def test_after_the_contract_no_page_of_the_client_is_left(app: Flask, world: World) -> None:
    theirs = Belongings.make(world, "north")
    browser = Browser(app, "sue")
    assert browser.get(f"/equipment/devices/{theirs.ids['device_id']}?whole=1").status_code == 200
    change_contract(world, date(2020, 1, 1), date(2020, 12, 31))
    for path in addresses(app, theirs.ids):
        assert browser.get(path).status_code == 404, path


def test_a_ticket_in_hand_is_out_of_reach_when_the_contract_has_ended(app: Flask, world: World) -> None:
    ticket = world.ticket("rita")
    with unit_of_work():
        ticket.assignee_id = world.users["emma"].id
    browser = Browser(app, "emma")
    assert browser.get(f"/tickets/{ticket.id}").status_code == 200
    change_contract(world, date(2020, 1, 1), date(2020, 12, 31))
    assert browser.get(f"/tickets/{ticket.id}").status_code == 404
    assert browser.post(f"/tickets/{ticket.id}/comment", text="still here").status_code == 404


def test_a_contract_for_one_site_opens_that_site_alone(app: Flask, world: World) -> None:
    here, there = Belongings.make(world, "north", "1"), Belongings.make(world, "north", "2")
    change_contract(world, date(2026, 1, 1), date(2027, 12, 31), "north-2")
    browser = Browser(app, "sue")
    assert browser.get(f"/equipment/devices/{there.ids['device_id']}?whole=1").status_code == 200
    assert browser.get(f"/equipment/devices/{here.ids['device_id']}?whole=1").status_code == 404
    assert Browser(app, "erik").get(f"/equipment/devices/{there.ids['device_id']}?whole=1").status_code == 404


def test_a_grant_reaches_no_further_than_the_organisation_of_its_holder(any_world: World) -> None:
    """Whatever stands in the table: a client's staff stay at home, a company's at its contracts."""
    with unit_of_work():
        grant_role(
            any_world.users["emma"],
            Role.SUPERVISOR,
            actor=SYSTEM,
            now=any_world.now,
            client=any_world.organisations["south"],
        )
    fresh()
    south = any_world.organisations["south"].id
    assert not any_world.actor("emma").allows(Permission.TICKET_VIEW, south)
    assert not any_world.actor("emma").allows(Permission.TICKET_ASSIGN, south)


def test_a_role_taken_back_ends_with_the_next_page(app: Flask, world: World) -> None:
    browser = Browser(app, "emma")
    assert browser.get("/equipment/devices").status_code == 200
    (grant,) = world.users["emma"].grants
    admin = Browser(app, "admin")
    assert admin.post(f"/accounts/{world.users['emma'].id}/roles/{grant.id}/revoke").status_code == 302
    assert browser.get("/equipment/devices").status_code == 404
