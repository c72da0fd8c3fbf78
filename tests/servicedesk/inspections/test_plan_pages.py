"""Plans in the browser: what is shown is what is kept."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.inspections.models import InspectionPlan, InspectionRun
from servicedesk.inspections.plans import PlanData, save_plan
from servicedesk.inspections.required import RequiredItem
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


@pytest.fixture
def plan(world: World) -> InspectionPlan:
    device = world.device(protocol="ssh")
    with unit_of_work():
        return save_plan(
            None,
            PlanData(
                site_id=device.site_id,
                name="Night round",
                times="02:00",
                weekdays="67",
                all_devices=False,
                device_ids=[device.id],
                required=[RequiredItem("reachable"), RequiredItem("uptime")],
            ),
            actor=SYSTEM,
            now=world.now,
        )


def form_values(html: str) -> dict[str, list[str]]:
    """What a browser would send back when nothing is changed."""
    main = html.split("<main", 1)[1]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", main):
        name = re.search(r'name="([^"]+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        ticked = " checked" in tag or not re.search(r'type="(radio|checkbox)"', tag)
        if name and ticked:
            found.setdefault(name[1], []).append(value[1] if value else "y")
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', main, re.S):
        chosen = re.findall(r'<option[^>]*selected[^>]*value="([^"]*)"', body)
        found[name] = chosen or re.findall(r'<option value="([^"]*)" selected', body)
    return found


def test_saving_an_unchanged_plan_changes_nothing(app: Flask, world: World, plan: InspectionPlan) -> None:
    browser = Browser(app, "sam")
    path = f"/inspections/plans/{plan.id}"
    values = form_values(browser.get(path).text)
    assert values["all_devices"] == ["some"]
    assert sorted(values["required"]) == ["reachable", "uptime"]
    before = {column.name: getattr(plan, column.name) for column in InspectionPlan.__table__.columns}
    assert browser.post(path, **values).status_code == 302
    fresh()
    after = {column.name: getattr(plan, column.name) for column in InspectionPlan.__table__.columns}
    assert {name for name in before if before[name] != after[name]} <= {"updated_at"}
    assert [device.name for device in plan.devices] == ["sw1"]


def test_a_new_plan_offers_what_is_usual(app: Flask, world: World) -> None:
    values = form_values(Browser(app, "sam").get("/inspections/plans/new").text)
    assert (values["times"], values["weekdays"], values["all_devices"]) == (["08:30"], list("12345"), ["all"])
    assert "filesystem_used" in values["required"]


def test_a_wrong_time_is_said_beside_the_field_and_nothing_is_lost(
    app: Flask, world: World, plan: InspectionPlan
) -> None:
    browser = Browser(app, "sam")
    path = f"/inspections/plans/{plan.id}"
    values = form_values(browser.get(path).text) | {"times": ["26:00"], "name": ["Renamed"]}
    answer = browser.post(path, **values)
    assert answer.status_code == 422
    assert "Write times of day as 08:30" in answer.text
    assert 'value="Renamed"' in answer.text
    fresh()
    assert plan.name == "Night round"


def test_inspect_now_of_a_plan_begins_a_run(app: Flask, world: World, plan: InspectionPlan) -> None:
    answer = Browser(app, "erik").post(f"/inspections/start/plan/{plan.id}")
    assert answer.status_code == 302
    fresh()
    run = db.session.scalars(sa.select(InspectionRun)).one()
    assert (run.trigger, run.requested_by, run.device_count) == ("manual", "Erik", 1)
