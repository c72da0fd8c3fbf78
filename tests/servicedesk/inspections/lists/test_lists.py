"""Required lists: versions, what they add to a run, gaps, and files."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.inspections.lists import files, service
from servicedesk.inspections.lists.models import RequiredList, RequiredListVersion
from servicedesk.inspections.lists.profiles import PROFILES
from servicedesk.inspections.lists.queries import Gap, gaps
from servicedesk.inspections.manual.queries import answers_of
from servicedesk.inspections.models import InspectionRun
from servicedesk.inspections.plans import PlanData, save_plan
from servicedesk.inspections.required import NETWORK, SERVERS, RequiredItem, from_json
from servicedesk.inspections.runs import start_device, start_plan, start_site
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.manual.rounds import LAMP, item, room
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

TODAY = date(2026, 11, 24)


def north(world: World) -> int:
    return world.organisations["north"].id


def save(
    world: World, profile: str, *checks: str, contract: int | None = None, who: str = "sam"
) -> RequiredList:
    with unit_of_work():
        made = service.save_list(
            north(world), contract, profile, checks, note="as agreed", actor=world.actor(who), now=world.now
        )
    fresh()
    return made


def begin(world: World, *required: RequiredItem, site: str = "north-1") -> InspectionRun:
    data = PlanData(
        site_id=world.sites[site].id, name="Day", required=required or [RequiredItem("reachable")]
    )
    with unit_of_work():
        plan = save_plan(None, data, actor=SYSTEM, now=world.now)
        run = start_plan(plan, actor=SYSTEM, now=world.now)
    fresh()
    return run


def classes_of(run: InspectionRun) -> dict[str, tuple[str, ...]]:
    return {one.check: one.device_classes for one in from_json(run.required)}


def test_a_device_asked_by_itself_asks_no_people(any_world: World) -> None:
    switch, temperature = any_world.device("sw1", device_class="switch", protocol="ssh"), item(any_world)
    room(any_world)
    save(any_world, "room", temperature.check)
    save(any_world, "network", item(any_world, LAMP).check)
    with unit_of_work():
        run = start_device(switch, actor=SYSTEM, now=any_world.now)
        whole = start_site(switch.site, actor=SYSTEM, now=any_world.now)
    fresh()
    assert [row.place_name for row in answers_of(run.id)] == []
    assert run.manual_count == 0, "it can be signed without an open item"
    assert {row.place_name for row in answers_of(whole.id)} == {"sw1", "Room A"}


def test_a_plan_inherits_the_list_and_the_run_keeps_it(any_world: World) -> None:
    made = save(any_world, "server", "cpu_used")
    run = begin(any_world)
    assert classes_of(run) == {"reachable": (), "cpu_used": SERVERS}
    row = next(row for row in run.required if row["check"] == "cpu_used")
    assert (row["list"], row["version"]) == (made.id, 1)
    save(any_world, "server", "cpu_used", "memory_used")
    assert "memory_used" not in classes_of(run)


def test_the_classes_of_two_lists_are_joined_and_all_classes_stay_all(any_world: World) -> None:
    save(any_world, "server", "cpu_used", "reachable")
    save(any_world, "network", "cpu_used")
    assert classes_of(begin(any_world)) == {"reachable": (), "cpu_used": (*SERVERS, *NETWORK)}


def test_the_plan_s_own_items_are_not_narrowed(any_world: World) -> None:
    save(any_world, "server", "cpu_used")
    run = begin(any_world, RequiredItem("cpu_used", ("printer",)))
    assert classes_of(run) == {"cpu_used": ("printer", *SERVERS)}


def test_a_contract_s_list_holds_while_it_is_in_force(any_world: World) -> None:
    assert any_world.contract is not None
    save(any_world, "server", "cpu_used", contract=any_world.contract.id)
    site = any_world.sites["north-1"]
    for day, then in ((TODAY, 1), (date(2025, 12, 31), 0), (date(2028, 1, 1), 0)):
        assert len(service.in_force(site.client_id, site.id, day)) == then
    south = any_world.sites["south-1"]
    assert service.in_force(south.client_id, south.id, TODAY) == []


def test_items_by_hand_of_a_list_are_asked_in_the_round(any_world: World) -> None:
    room(any_world)
    temperature = item(any_world)
    save(any_world, "room", temperature.check)
    run = begin(any_world)
    assert [row.place_name for row in answers_of(run.id)] == ["Room A"]


def test_each_change_is_a_version_and_the_same_again_is_none(any_world: World) -> None:
    save(any_world, "server", "cpu_used")
    save(any_world, "server", "cpu_used")
    made = save(any_world, "server", "memory_used", "cpu_used")
    versions = db.session.scalars(sa.select(RequiredListVersion).order_by(RequiredListVersion.number)).all()
    assert [one.checks for one in versions] == [["cpu_used"], ["cpu_used", "memory_used"]]
    assert (made.version, versions[1].note) == (2, "as agreed")


@pytest.mark.parametrize("who", ["rita", "erik", "stan", "carl"])
def test_only_planners_of_the_client_change_lists(world: World, who: str) -> None:
    with pytest.raises(NotAllowedError):
        save(world, "server", "cpu_used", who=who)


@pytest.mark.parametrize(
    ("profile", "check", "field"),
    [
        ("<script>", "cpu_used", "profile"),
        ("server", "no_such", "checks"),
        ("server", "manual:999", "checks"),
        ("server", "x" * 500, "checks"),
    ],
)
def test_nonsense_is_refused(world: World, profile: str, check: str, field: str) -> None:
    with pytest.raises(InvalidError) as refused:
        save(world, profile, check)
    assert refused.value.field == field
    fresh()
    assert db.session.scalars(sa.select(RequiredList)).all() == []


def test_another_client_s_contract_or_item_is_not_of_this_one(world: World) -> None:
    foreign = item(world, client="south")
    with pytest.raises(InvalidError):
        save(world, "room", foreign.check)
    with pytest.raises(InvalidError):
        save(world, "server", "cpu_used", contract=999)


def test_the_starter_makes_a_list_for_each_profile_once(any_world: World) -> None:
    item(any_world)
    with unit_of_work():
        made = service.add_starter(north(any_world), actor=any_world.actor("sam"), now=any_world.now)
        again = service.add_starter(north(any_world), actor=any_world.actor("sam"), now=any_world.now)
    assert (made, again) == (len(PROFILES), 0)


def test_devices_in_no_active_plan_are_a_gap(any_world: World) -> None:
    assert any_world.contract is not None
    save(any_world, "server", "cpu_used")
    save(any_world, "room", item(any_world).check)
    srv1 = any_world.device("srv1", device_class="server")
    any_world.device("srv2", device_class="server")
    any_world.device("printer", device_class="printer")
    any_world.device("foreign", "south-1", device_class="server")
    site = any_world.sites["north-1"]
    data = PlanData(site_id=site.id, name="Some", all_devices=False, device_ids=[srv1.id])
    with unit_of_work():
        plan = save_plan(None, data, actor=SYSTEM, now=any_world.now)
    assert gaps(any_world.contract, TODAY) == [
        Gap("room", site="North site 2"),
        Gap("server", "North site 1", 1, ("srv2",)),
    ]
    with unit_of_work():
        plan.active = False
    found = gaps(any_world.contract, TODAY)
    assert Gap("server", "North site 1", 2, ("srv1", "srv2")) in found
    assert Gap("room", site="North site 1") in found


def test_a_check_that_is_gone_is_a_gap(any_world: World) -> None:
    assert any_world.contract is not None
    made = save(any_world, "server", "cpu_used")
    with unit_of_work():
        made.checks = ["cpu_used", "own:77"]
    assert gaps(any_world.contract, TODAY) == [Gap("server", check="own:77")]


def test_a_file_goes_out_and_comes_in_again(any_world: World) -> None:
    assert any_world.contract is not None
    save(any_world, "server", "cpu_used", "memory_used")
    save(any_world, "network", "interface_state", contract=any_world.contract.id)
    rows = list(files.rows(north(any_world), {"cpu_used": "CPU, used"}))
    assert ["", "server", "cpu_used", "CPU, used"] in rows
    assert ["C-1", "network", "interface_state", "interface_state"] in rows
    text = "check,profile,contract\nload_per_core,server,\ninterface_state,network,C-1\n"
    with unit_of_work():
        changed = files.bring_in(
            north(any_world), text.encode(), actor=any_world.actor("sam"), now=any_world.now.replace(hour=5)
        )
    assert changed == 1
    found = db.session.scalars(sa.select(RequiredList).where(RequiredList.profile == "server")).one()
    assert (found.checks, found.version) == (["load_per_core"], 2)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "first row"),
        ("contract,profile,check\n,server,no_such\n", "Line 2"),
        ("contract,profile,check\n,server,cpu_used\nC-9,server,cpu_used\n", "Line 3"),
        ("contract,profile,check\n,moon,cpu_used\n", "Line 2"),
    ],
)
def test_a_wrong_file_changes_nothing(world: World, text: str, words: str) -> None:
    with pytest.raises(InvalidError, match=words), unit_of_work():
        files.bring_in(north(world), text.encode(), actor=world.actor("sam"), now=world.now)
    fresh()
    assert db.session.scalars(sa.select(RequiredList)).all() == []


def test_made_changed_and_read_in_the_browser(app: Flask, world: World) -> None:
    browser = Browser(app, "sam")
    path = "/inspections/required-lists"
    answer = browser.post(
        f"{path}/new?client={north(world)}", profile="server", checks="cpu_used", note="<b>"
    )
    assert answer.status_code == 302
    fresh()
    made = db.session.scalars(sa.select(RequiredList)).one()
    page = browser.get(f"{path}/{made.id}").text
    assert "&lt;b&gt;" in page
    assert browser.post(f"{path}/{made.id}", checks="no_such").status_code == 422
    assert "cpu_used" in browser.get(f"{path}/lists.csv").text
    assert browser.post(f"{path}/starter", client=north(world)).status_code == 302
    assert "Network and security" in browser.get(f"{path}/").text
    for who, number in (("erik", 404), ("rita", 404)):
        assert Browser(app, who).get(f"{path}/").status_code == number
    stan = Browser(app, "stan")
    assert stan.get(f"{path}/{made.id}").status_code == 404
    assert stan.get(f"{path}/?client={north(world)}").status_code == 404
    assert stan.post(f"{path}/starter", client=north(world)).status_code == 404


def test_the_page_takes_as_many_queries_for_many_lists(app: Flask, world: World) -> None:
    browser = Browser(app, "sam")
    save(world, "server", "cpu_used")
    browser.get("/inspections/required-lists/")
    with Queries() as one:
        browser.get("/inspections/required-lists/")
    for profile in ("network", "storage", "ups"):
        save(world, profile, "reachable")
    with Queries() as many:
        browser.get("/inspections/required-lists/")
    assert many.count == one.count
