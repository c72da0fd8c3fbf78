"""Two clients in one installation: nobody of one ever reads or changes anything of the other."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import Base, db
from servicedesk.tickets.models import Ticket
from tests.servicedesk.belongings import Belongings, addresses, lists
from tests.servicedesk.world import PEOPLE, Browser, World, csrf, fresh

STRANGERS = {
    "south": [name for name, (home, _roles, _site) in PEOPLE.items() if home in ("north", "service")],
    "north": [name for name, (home, _roles, _site) in PEOPLE.items() if home == "south"],
}


def everything() -> dict[str, int]:
    """How many rows each table has: what a refused request must leave alone."""
    return {
        table.name: db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


@pytest.mark.parametrize("client", STRANGERS)
def test_a_record_of_another_client_does_not_exist(app: Flask, world: World, client: str) -> None:
    theirs = Belongings.make(world, client)
    paths = addresses(app, theirs.ids)
    assert len(paths) > 10
    for who in STRANGERS[client]:
        browser = Browser(app, who)
        for path in paths:
            assert browser.get(path).status_code == 404, f"{path} as {who}"


@pytest.mark.parametrize("client", STRANGERS)
def test_no_list_names_anything_of_another_client(app: Flask, world: World, client: str) -> None:
    theirs = Belongings.make(world, client)
    place = world.sites[f"{client}-1"]
    paths = [*lists(app), "/tickets/?queue=all", "/tickets/?queue=all&q=box"]
    paths += ["/inspections/findings?state=all", "/quality/?period=2026-11", "/tickets/export.csv?queue=all"]
    paths += [f"/tickets/new/{category}" for category in ("fault", "general", "change", "data_request")]
    paths += [f"/equipment/devices?site={place.id}", f"/inspections/?site={place.id}"]
    for who in STRANGERS[client]:
        browser = Browser(app, who)
        for path in paths:
            answer = browser.get(path)
            assert answer.status_code in (200, 302, 404), path
            for word in (*theirs.words, place.name):
                assert word not in answer.text, f"{path} names {word} to {who}"


@pytest.mark.parametrize("client", STRANGERS)
def test_nothing_of_another_client_can_be_changed(app: Flask, world: World, client: str) -> None:
    theirs = Belongings.make(world, client)
    browsers = {who: Browser(app, who) for who in STRANGERS[client]}
    fresh()
    before = everything()
    for who, browser in browsers.items():
        for path in addresses(app, theirs.ids, "POST"):
            answer = browser.post(path, text="x", name="x", title="x", note="x", role="engineer")
            assert answer.status_code in (403, 404), f"{path} as {who}"
    fresh()
    assert everything() == before
    assert theirs.ticket.state == "new"
    assert theirs.host_key.state == "pending"
    assert theirs.person.display_name == theirs.person.username.title()


def test_those_who_are_not_signed_in_are_asked_to(app: Flask, world: World) -> None:
    theirs = Belongings.make(world, "south")
    browser = Browser(app)
    for path in [*addresses(app, theirs.ids), *lists(app)]:
        if path == "/sign-in":
            continue
        answer = browser.get(path)
        assert answer.status_code == 302, path
        assert answer.location.startswith("/sign-in?next="), path
    for path in addresses(app, theirs.ids, "POST"):
        answer = browser.post(path)
        assert (answer.status_code, answer.location[:8]) == (302, "/sign-in"), path


def test_the_clients_own_people_do_see_these_records(app: Flask, world: World) -> None:
    """Else the tests above would pass on an application that shows nothing to anybody."""
    own = Belongings.make(world, "south")
    browser = Browser(app, "stan")
    seen = {path for path in addresses(app, own.ids) if browser.get(path).status_code == 200}
    for prefix in (
        "/tickets/",
        "/equipment/devices/",
        "/inspections/",
        "/inspections/plans/",
        "/accounts/",
        "/approvals/",
        "/approvals/definitions/",
        "/runbooks/runs/",
        "/runbooks/texts/",
        "/service-levels/calendars/",
        "/service-levels/policies/",
        "/assignment/teams/",
        "/assignment/rules/",
        "/reports/deep/",
        "/reports/improvements/",
        "/equipment/software/",
        "/equipment/licences/",
        "/equipment/stock/parts/",
        "/equipment/stock/items/",
        "/repairs/",
        "/repairs/returns/",
        "/maintenance/",
    ):
        assert any(path.startswith(prefix) for path in seen), prefix
    assert "southbox1" in browser.get("/equipment/devices").text
    assert "southbox1" in browser.get("/tickets/?queue=all").text


def test_a_ticket_names_no_site_or_device_of_another_client(app: Flask, world: World) -> None:
    theirs = Belongings.make(world, "south")
    browser = Browser(app, "emma")
    fields = {"title": "x", "impact": "2", "urgency": "2", "client_id": world.organisations["north"].id}
    for chosen in ({"site_id": theirs.ids["site_id"]}, {"device_id": theirs.ids["device_id"]}):
        assert browser.post("/tickets/new/fault", **fields, **chosen).status_code == 422
    # Whoever serves one client has no choice of clients, so another one's number counts for nothing.
    fields["client_id"] = world.organisations["south"].id
    browser.post("/tickets/new/fault", **fields)
    assert set(db.session.scalars(sa.select(Ticket.client_id).where(Ticket.title == "x"))) <= {
        world.organisations["north"].id
    }


def test_a_page_of_the_one_client_carries_a_token_that_is_useless_to_the_other(
    app: Flask, world: World
) -> None:
    rita, rolf = Browser(app, "rita"), Browser(app, "rolf")
    stolen = csrf(rita.get("/account/password"))
    answer = rolf.post("/tickets/new/fault", csrf_token=stolen, title="x", impact="2", urgency="2")
    assert answer.status_code == 400
