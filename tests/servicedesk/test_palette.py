"""Ctrl-K and the portal's words: what is found, what happens next, what reads alike."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from servicedesk.core.db import unit_of_work
from servicedesk.repairs.service import RepairData, open_repair
from servicedesk.tickets import next_steps
from servicedesk.tickets.service import TransitionInput, transition
from servicedesk.tickets.workflow import Phase
from servicedesk.tickets.workflows import WORKFLOWS
from tests.servicedesk.conftest import Queries
from tests.servicedesk.equipment.software.test_licences import licence
from tests.servicedesk.equipment.stock.shelf import part, pieces, place
from tests.servicedesk.world import Browser, World


def test_tickets_devices_and_pages_are_found_by_words(app: Flask, world: World) -> None:
    device = world.device("core-switch-7", "north-2")
    ticket = world.ticket("rita", device_id=device.id, description="core link flaps")
    page = Browser(app, "emma").get("/search?q=core").text
    assert f"/tickets/{ticket.id}" in page
    assert f"/equipment/devices/{device.id}" in page
    assert "/inspections/plans/" in Browser(app, "emma").get("/search?list=1&q=plans").text
    assert ticket.number in Browser(app, "emma").get(f"/search?list=1&q={ticket.number}").text


def test_repairs_and_parts_are_found_by_number_and_serial(app: Flask, world: World) -> None:
    device = world.device("core-switch-7", "north-1")
    with unit_of_work():
        repair = open_repair(
            device, RepairData("no power since " + "长" * 300), actor=world.actor("emma"), now=world.now
        )
    disk = part(world, "Disk 1.2 TB", part_number="DSK-12", serialised=True)
    pieces(world, disk, place(world), "SER-4711")
    emma = Browser(app, "emma")
    assert f"/repairs/{repair.id}" in emma.get(f"/search?list=1&q={repair.number}").text
    for words in ("SER-4711", "dsk-12", "1.2 tb"):
        assert f"/equipment/stock/parts/{disk.id}" in emma.get(f"/search?list=1&q={words}").text
    for who in ("rita", "rolf"):
        for words in (repair.number, "SER-4711"):
            found = Browser(app, who).get(f"/search?list=1&q={words}").text
            assert "/repairs/" not in found
            assert "/stock/" not in found


def test_software_and_licences_are_found_by_name_maker_and_number(app: Flask, world: World) -> None:
    right = licence(world, "OR-4711", supplier="Shop", ends_on=world.now.date() - timedelta(days=400))
    emma = Browser(app, "emma")
    for words in ("or-4711", "shop", "oracle", "database 19"):
        found = emma.get(f"/search?list=1&q={words}").text
        assert f"/equipment/licences/{right.id}" in found, words
    assert f"/equipment/software/{right.product_id}" in emma.get("/search?list=1&q=database 19").text
    for who, products in (("rita", False), ("stan", False), ("erik", True)):
        found = Browser(app, who).get("/search?list=1&q=oracle").text
        assert "/equipment/licences/" not in found, who
        assert (f"/equipment/software/{right.product_id}" in found) is products, who


def test_only_what_one_may_see_is_found(app: Flask, world: World) -> None:
    world.device("core-switch-7", "north-2")
    world.ticket("rita", description="core link flaps")
    for who in ("rolf", "stan"):
        found = Browser(app, who).get("/search?list=1&q=core").text
        assert "core-switch" not in found
        assert "/tickets/" not in found
    mine = Browser(app, "rita").get("/search?list=1&q=core").text
    assert "/tickets/" in mine
    assert "/equipment/" not in mine, "a requester sees no devices"


@pytest.mark.parametrize(
    "text",
    ["", " ", "%", "_", "\\", "'; DROP TABLE tickets", "<script>alert(1)</script>", "x" * 5000, "\u0130"],
)
def test_any_words_give_a_list(app: Flask, world: World, text: str) -> None:
    world.device("core")
    answer = Browser(app, "emma").client.get("/search", query_string={"q": text, "list": "1"})
    assert answer.status_code == 200
    assert "<script>" not in answer.text


def test_the_palette_takes_the_same_queries_for_one_and_for_many(app: Flask, world: World) -> None:
    browser = Browser(app, "emma")
    counts = []
    for _ in range(2):
        for number in range(12):
            world.device(f"core-{len(counts)}-{number}")
            world.ticket("rita", description="core")
        with Queries() as counted:
            browser.get("/search?list=1&q=core")
        counts.append(counted.count)
    assert counts[0] == counts[1] <= 14


def test_every_state_says_what_happens_next() -> None:
    for workflow in WORKFLOWS.values():
        for state in workflow.states:
            said = next_steps.sentence(state.name, state.phase.value)
            assert bool(said) == (state.phase is not Phase.CLOSED), (workflow.category, state.name)


def test_a_requester_reads_what_happens_next_and_whose_turn_it_is(app: Flask, world: World) -> None:
    ticket = world.ticket("rita")
    rita = Browser(app, "rita")
    assert "An engineer will take it up." in rita.get("/").text
    assert "An engineer will take it up." in rita.get(f"/tickets/{ticket.id}").text
    with unit_of_work():
        for name, given in (
            ("start", TransitionInput()),
            ("resolve", TransitionInput(resolution="mended", details=world.mended())),
        ):
            transition(ticket, name, given, actor=world.actor("emma"), now=world.now)
    for path in ("/", f"/tickets/{ticket.id}"):
        page = rita.get(path).text
        assert "Please confirm that it is done, or reopen it." in page, path
    assert "Your turn" in rita.get("/").text
    assert "Your turn" not in Browser(app, "emma").get("/tickets/?queue=all").text


def test_while_one_types_what_was_solved_before_is_shown(app: Flask, world: World) -> None:
    ticket = world.ticket("rita", description="the printer in room 302 jams")
    assert ticket.number in Browser(app, "rita").get("/tickets/suggest?title=printer+jams").text
    foreign = Browser(app, "rolf").get("/tickets/suggest?title=printer+jams").text
    assert ticket.number not in foreign
    assert "service=" in foreign  # the form of the catalogue is for everybody
    assert Browser(app, "rita").get("/tickets/suggest?title=").text.strip() == ""


@pytest.mark.parametrize("asked", ["disk full", "磁盘"])
def test_runbooks_are_found_by_those_who_follow_them(app: Flask, world: World, asked: str) -> None:
    assert "/runbooks/" in Browser(app, "emma").get(f"/search?q={asked}").text.split("<main")[1]
    assert "/runbooks/" not in Browser(app, "rita").get(f"/search?q={asked}").text.split("<main")[1]


def test_more_than_is_shown_leads_to_the_list_with_the_same_words(app: Flask, world: World) -> None:
    browser = Browser(app, "emma")
    for number in range(8):
        assert "q=core" not in browser.get("/search?list=1&q=core+a").text
        world.device(f"core a {number}")
    page = browser.get("/search?list=1&q=core+a").text
    assert 'href="/equipment/devices?q=core+a"' in page
    assert "/tickets/?" not in page, "nothing was found there"
