"""Cleaning and maintenance work: what was recorded, when and by whom; nothing is made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from servicedesk.core.db import unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.inspections.manual.service import ItemData
from servicedesk.inspections.manual.starter import starter_set
from servicedesk.reports.deep import building
from servicedesk.runbooks import rounds as runbook_rounds
from servicedesk.runbooks import texts
from servicedesk.runbooks.rounds import ScheduleData
from servicedesk.runbooks.texts import Place
from tests.servicedesk.inspections.manual.rounds import LAMPS, begin, item, plan, room, rows, say
from tests.servicedesk.reports.deep.play import built
from tests.servicedesk.world import World

CLEAN = ItemData("Clean", "C", "room", "choice", options=LAMPS, upkeep=True)


def test_answers_and_maintenance_stand_with_their_days_and_people(any_world: World) -> None:
    world = any_world
    site = world.sites["north-1"]
    room(world), room(world, "Room <b>")
    world.device("sw1", device_class="switch", protocol="ssh")
    round_ = begin(
        world, plan(world, item(world, CLEAN), item(world, replace(CLEAN, title_en="No", upkeep=False)))
    )
    due = rows(round_)
    say(world, due["Clean", "Room A"], "1", remark="dust")
    say(world, due["No", "Room A"], "0")
    keys = sorted(texts.effective(Place(site.client_id, site.id)))[:2]
    emma = world.actor("emma")
    with unit_of_work():
        runbook_rounds.save(
            None,
            ScheduleData(keys[0], site.id, None, "month", 3, "", "08:30", date(2026, 1, 1)),
            actor=world.actor("sam"),
            now=world.now,
        )
    for key in keys:
        with unit_of_work():
            book = texts.effective(Place(site.client_id, site.id))[key]
            runbook_rounds.begin(book, site, None, actor=emma, now=world.now)
    found = building.load(built(world), runtime().blobs)["sections"]["upkeep"]
    assert found["figures"] == {"answers": 1, "abnormal": 1, "maintenance": 1}
    (answer,) = found["tables"]["answers"]
    assert answer[0].startswith(f"{world.now:%Y-%m-%d}")
    assert answer[1:] == [
        emma.name,
        [site.id, site.name],
        "Room A",
        [due["Clean", "Room A"].item_id, "C", "Clean"],
        "warning",
        "yes",
        "dust",
    ]
    (work,) = found["tables"]["maintenance"]
    assert (work[3], work[4], work[5]) == (None, "no", emma.name)
    assert found["empty"] == ""


def test_nothing_recorded_is_said(any_world: World) -> None:
    world = any_world
    room(world)
    begin(world, plan(world, item(world, CLEAN)))  # asked, and not answered
    found = building.load(built(world), runtime().blobs)["sections"]["upkeep"]
    assert found["empty"] == "Nothing was recorded about cleaning or maintenance in this half-year."
    assert found["figures"] == {"answers": 0, "abnormal": 0, "maintenance": 0}


def test_the_starter_set_marks_cleaning_and_cabling() -> None:
    assert [one.title_en for one in starter_set() if one.upkeep] == ["Cleanliness", "Cables tidy"]
