"""Levels set by people: which one holds, who may set it, what it would have done, and no flapping."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from collectors.levels import judge_value, resolve
from collectors.model import Finding as Judgement
from collectors.model import Levels, Message
from collectors.outcome import ABNORMAL, Outcome
from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.equipment.models import Device
from servicedesk.inspections.levels import history, service
from servicedesk.inspections.levels.models import LevelSetting
from servicedesk.inspections.levels.rules import rule_of, rules_for
from servicedesk.inspections.levels.service import LevelData
from servicedesk.inspections.models import Finding
from servicedesk.inspections.outcomes import provenance_label
from servicedesk.inspections.own.checks import forget_specs
from servicedesk.inspections.targets import target_for
from servicedesk.tickets.models import Ticket
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.play import inspect, judged
from tests.servicedesk.world import Browser, World, fresh

CHECK = "filesystem_used"


def set_level(world: World, who: str = "sam", **values: object) -> LevelSetting:
    data = LevelData(**({"rung": "site", "check": CHECK, "reason": "agreed with the client"} | values))  # type: ignore[arg-type]  # by name
    client = world.organisations["south" if who == "stan" else "north"]
    with unit_of_work():
        return service.save_level(None, client.id, data, actor=world.actor(who), now=world.now)


def number(value: float, levels: Levels, item: str = "/") -> Judgement:
    outcome = Outcome.CRITICAL if value >= (levels.critical_upper or 100) else Outcome.OK
    return Judgement(CHECK, item, outcome, Message("%(value)s", {"value": value}), value, "%", levels)


def test_the_devices_own_level_wins_over_its_sites_and_its_contracts(any_world: World) -> None:
    world = any_world
    device = world.device(protocol="ssh", model="S5720-28P")
    assert world.contract is not None
    places: list[dict[str, object]] = [
        {"rung": "contract", "contract_id": world.contract.id, "warning": 60, "critical": 70},
        {"rung": "site", "site_id": device.site_id, "warning": 61, "critical": 71},
        {"rung": "model", "model": "s5720*", "warning": 62, "critical": 72},
        {"rung": "device", "device_id": device.id, "warning": 63, "critical": 73},
    ]
    for place in places:
        set_level(world, **place)
        levels = resolve(
            Levels(80, 90),
            CHECK,
            "/",
            target_for(device, keyring=runtime().keyring, deadline_s=9, now=world.now).levels,
        )
        assert (levels.warning_upper, levels.critical_upper) == (place["warning"], place["critical"])
        assert levels.provenance.startswith(f"level of {place['rung']} ")
        assert levels.provenance.endswith(", set 2026-11-24 by Sam")


def test_a_level_tells_the_day_by_the_clock_of_the_installation(world: World) -> None:
    device = world.device(protocol="ssh")
    found = set_level(world, rung="device", device_id=device.id, warning=63, critical=73)
    with unit_of_work():
        found.set_at = found.set_at.replace(hour=21)  # in Shanghai the next morning
    assert rule_of(found).provenance.endswith(", set 2026-11-25 by Sam")


def test_levels_reach_neither_other_sites_nor_other_clients(world: World) -> None:
    here, there, south = (
        world.device(n, s) for n, s in (("a", "north-1"), ("b", "north-2"), ("c", "south-1"))
    )
    set_level(world, site_id=here.site_id, warning=60, critical=70)
    set_level(world, rung="model", model="*-like", warning=60, critical=70)
    set_level(world, "stan", site_id=south.site_id, warning=50, critical=55)
    day = world.now.date()
    assert [len(rules_for(device, day)) for device in (here, there, south)] == [1, 0, 1]


def test_a_contract_that_ended_sets_nothing(world: World) -> None:
    device = world.device()
    assert world.contract is not None
    set_level(world, rung="contract", contract_id=world.contract.id, warning=60, critical=70)
    assert rules_for(device, world.contract.ends_on)
    assert not rules_for(device, world.contract.ends_on + timedelta(days=1))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"warning": 95.0, "critical": 90.0}, "warning"),
        ({"warning": 95.0}, "warning"),  # above the product's critical level, which stays
        ({}, "warning"),
        ({"warning": float("nan")}, "warning"),
        ({"critical": float("inf")}, "critical"),
        ({"warning": 60.0, "runs": 0}, "runs"),
        ({"warning": 60.0, "margin": -1.0}, "margin"),
        ({"warning": 60.0, "direction": "lower"}, "direction"),
        ({"warning": 60.0, "direction": "sideways"}, "direction"),
        ({"warning": 60.0, "check": "reachable"}, "check"),
        ({"warning": 60.0, "check": "no such"}, "check"),
        ({"warning": 60.0, "reason": "  "}, "reason"),
        ({"warning": 60.0, "rung": "world"}, "rung"),
        ({"warning": 60.0, "rung": "model", "model": "**"}, "model"),
        ({"warning": 60.0, "site_id": None}, "site_id"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    world: World, values: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidError) as refusal:
        set_level(world, **({"site_id": world.sites["north-1"].id} | values))
    assert refusal.value.field == field
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LevelSetting)) == 0


def test_another_clients_device_cannot_be_named(world: World) -> None:
    theirs = world.device("theirs", "south-1")
    with pytest.raises(InvalidError):
        set_level(world, rung="device", device_id=theirs.id, warning=60)


@pytest.mark.parametrize("who", ["erik", "carl", "rita", "stan"])
def test_only_who_edits_plans_there_sets_levels(world: World, who: str) -> None:
    site = world.sites["north-1"]
    data = LevelData("site", CHECK, "because", warning=60, site_id=site.id)
    with pytest.raises(NotAllowedError):
        service.save_level(None, site.client_id, data, actor=world.actor(who), now=world.now)


def test_every_change_leaves_its_reason_in_the_audit_trail(world: World) -> None:
    found = set_level(world, site_id=world.sites["north-1"].id, warning=60, critical=70)
    data = LevelData("site", CHECK, "too noisy", warning=65, critical=75, site_id=found.site_id)
    with unit_of_work():
        service.save_level(found, found.client_id, data, actor=world.actor("sam"), now=world.now)
    with unit_of_work():
        service.remove_level(found, reason="back to usual", actor=world.actor("sam"), now=world.now)
    entries = db.session.scalars(
        sa.select(AuditEntry).where(AuditEntry.action.like("level.%")).order_by(AuditEntry.id)
    ).all()
    assert [entry.action for entry in entries] == ["level.set", "level.changed", "level.removed"]
    assert [(entry.after or {})["reason"] for entry in entries] == [
        "agreed with the client",
        "too noisy",
        "back to usual",
    ]
    assert entries[1].before is not None
    assert entries[1].before["warning"] == 60
    assert (entries[0].after or {})["place"] == "North site 1"


def past(world: World, device: Device, values: list[float]) -> None:
    """One reading a day, the last one today."""
    for age, value in zip(range(len(values) - 1, -1, -1), values, strict=True):
        inspect(device, [judged(Outcome.OK, value=value)], world.now - timedelta(days=age))


def test_a_draft_says_how_often_it_would_have_fired(any_world: World) -> None:
    world = any_world
    device, quiet = world.device("a", protocol="ssh"), world.device("b", protocol="ssh")
    past(world, device, [50, 72, 73, 50, 75, 50, 85])
    past(world, quiet, [10, 20])
    data = LevelData("site", CHECK, "", warning=70, critical=95, site_id=device.site_id)
    actor = world.actor("sam")
    draft = service.draft(device.client_id, data, actor=actor, now=world.now)
    found = history.back_test(draft, replaces=None, actor=actor, now=world.now + timedelta(hours=1))
    assert (found.fired, found.devices, found.beyond, found.readings) == (3, 1, 4, 9)
    assert (found.fired_now, found.devices_now) == (1, 1)  # by the product's 80 and 90
    assert [row.device_name for row in found.rows] == ["a", "b"]
    assert not found.enough
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LevelSetting)) == 0


@given(st.floats(0, 100), *[st.one_of(st.none(), st.integers(0, 100)) for _ in range(4)])
def test_the_quick_judgement_of_history_is_that_of_the_checks(
    value: float, warning: int | None, critical: int | None, low_warning: int | None, low_critical: int | None
) -> None:
    levels = Levels(warning, critical, low_warning, low_critical)
    assert history.begun([(value, levels)]) == int(judge_value(value, levels) in ABNORMAL)


def test_runs_and_margin_are_part_of_the_test_on_history() -> None:
    levels = Levels(70, 90, runs=2, margin=5)
    assert history.begun([(value, levels) for value in (72, 50, 72, 73, 68, 72, 73, 60, 71, 72)]) == 2
    assert history.begun([(value, Levels(70, 90)) for value in (72, 50, 72, 73, 68, 72, 73, 60, 71, 72)]) == 4


def test_a_draft_beneath_another_rule_changes_nothing_and_says_why(world: World) -> None:
    device = world.device(protocol="ssh")
    past(world, device, [75.0])
    set_level(world, rung="device", device_id=device.id, warning=85, critical=95)
    data = LevelData("site", CHECK, "", warning=70, critical=95, site_id=device.site_id)
    draft = service.draft(device.client_id, data, actor=world.actor("sam"), now=world.now)
    found = history.back_test(
        draft, replaces=None, actor=world.actor("sam"), now=world.now + timedelta(hours=1)
    )
    assert found.fired == 0
    assert found.rows[0].overruled_by.startswith("level of device sw1")


def test_the_test_on_history_costs_the_same_for_many_devices(world: World, queries: Queries) -> None:
    counts = []
    for number_of in range(2):
        for index in range(1 + 4 * number_of):
            device = world.device(f"d{number_of}{index}", protocol="ssh")
            past(world, device, [85.0, 60.0])
        data = LevelData("site", CHECK, "", warning=70, critical=95, site_id=world.sites["north-1"].id)
        actor = world.actor("sam")
        fresh()
        forget_specs()
        with Queries() as counted:
            draft = service.draft(world.organisations["north"].id, data, actor=actor, now=world.now)
            history.back_test(draft, replaces=None, actor=actor, now=world.now + timedelta(hours=1))
        counts.append(counted.count)
    assert counts[0] == counts[1]


def tickets() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Ticket)) or 0


def finding() -> Finding:
    fresh()
    return db.session.scalars(sa.select(Finding).order_by(Finding.id.desc()).limit(1)).one()


def days(world: World, device: Device, levels: Levels, *values: float) -> list[tuple[str, int]]:
    """State of the newest finding and number of tickets after each day's value."""
    seen = []
    for day, value in enumerate(values):
        inspect(device, [number(value, levels)], world.now + timedelta(days=day))
        fresh()
        newest = db.session.scalars(sa.select(Finding).order_by(Finding.id.desc()).limit(1)).first()
        seen.append((newest.state if newest else "", tickets()))
    return seen


def test_a_fault_is_reported_only_after_the_runs_in_a_row_it_takes(any_world: World) -> None:
    device = any_world.device(protocol="ssh")
    levels = Levels(None, 90, runs=3)
    assert days(any_world, device, levels, 95, 95, 50, 95, 95, 95) == [
        ("watched", 0),
        ("watched", 0),
        ("closed", 0),
        ("watched", 0),
        ("watched", 0),
        ("open", 1),
    ]
    assert finding().occurrences == 3


def test_a_device_that_does_not_answer_neither_counts_nor_clears(world: World) -> None:
    device = world.device(protocol="ssh")
    levels = Levels(None, 90, runs=2)
    days(world, device, levels, 95)
    inspect(
        device, [Judgement(CHECK, "/", Outcome.PARSE_FAILED, Message("?"))], world.now + timedelta(days=1)
    )
    assert finding().state == "watched"
    inspect(device, [number(95, levels)], world.now + timedelta(days=2))
    assert (finding().state, tickets()) == ("open", 1)


def test_a_value_that_hovers_at_the_level_does_not_flap(world: World) -> None:
    device = world.device(protocol="ssh")
    levels = Levels(None, 90, margin=5)
    assert days(world, device, levels, 95, 89, 91, 86, 84.9) == [
        ("open", 1),
        ("open", 1),
        ("open", 1),
        ("open", 1),
        ("recovered", 1),
    ]
    assert finding().relapses == 0


# --- pages -----------------------------------------------------------------------------------------


def fields(world: World, **values: object) -> dict[str, object]:
    usual = {"check": CHECK, "item": "*", "rung": "site", "site_id": world.sites["north-1"].id}
    numbers = {"direction": "upper", "warning": "70", "critical": "85", "runs": "2", "margin": "3"}
    return usual | numbers | {"reason": "as agreed"} | values


def test_a_level_is_tested_then_set_and_shown_where_it_holds(app: Flask, world: World) -> None:
    device = world.device(protocol="ssh")
    past(world, device, [75.0, 76.0])
    browser = Browser(app, "sam")
    path = f"/inspections/levels/new?client={device.client_id}"
    tested = browser.post(path, **fields(world, test="1", reason=""))
    assert tested.status_code == 200
    assert "What it would have done" in tested.text
    fresh()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LevelSetting)) == 0
    assert browser.post(path, **fields(world)).status_code == 302
    assert "as agreed" in browser.get("/inspections/levels/").text
    shown = browser.get(f"/inspections/levels/device/{device.id}").text
    assert "level of site North site 1, set" in shown
    fresh()
    found = db.session.scalars(sa.select(LevelSetting)).one()
    again = browser.post(f"/inspections/levels/{found.id}", **fields(world, warning="72", reason="quieter"))
    assert again.status_code == 302
    removal = browser.post(f"/inspections/levels/{found.id}/remove", **{"remove-reason": "enough"})
    assert removal.status_code == 302
    fresh()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LevelSetting)) == 0


@pytest.mark.parametrize(
    "values",
    [
        {"warning": "many"},
        {"warning": "nan"},
        {"critical": "1e999"},
        {"check": "reachable"},
        {"check": "'; drop table devices"},
        {"rung": "planet"},
        {"site_id": "99999999"},
        {"site_id": "²"},
        {"item": "x" * 301},
        {"item": "a\x00b"},
        {"runs": "99999999999999999999"},
        {"runs": ""},
        {"reason": "y" * 501},
    ],
)
def test_hostile_fields_are_refused_and_nothing_is_kept(
    app: Flask, world: World, values: dict[str, str]
) -> None:
    path = f"/inspections/levels/new?client={world.organisations['north'].id}"
    assert Browser(app, "sam").post(path, **fields(world, **values)).status_code == 422
    fresh()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LevelSetting)) == 0


def test_other_clients_levels_do_not_exist(app: Flask, world: World) -> None:
    device = world.device()
    found = set_level(world, site_id=device.site_id, warning=60, critical=70, reason="north's own")
    stan = Browser(app, "stan")
    assert "north&#39;s own" not in stan.get("/inspections/levels/").text
    for path in (
        f"/inspections/levels/{found.id}",
        f"/inspections/levels/device/{device.id}",
        f"/inspections/levels/new?client={device.client_id}",
        f"/inspections/levels/new?device={device.id}",
    ):
        assert stan.get(path).status_code == 404
    assert stan.post(f"/inspections/levels/{found.id}/remove", **{"remove-reason": "x"}).status_code == 404
    assert Browser(app, "rita").get("/inspections/levels/").status_code == 404
    engineer = Browser(app, "erik")
    shown = engineer.get("/inspections/levels/").text
    assert "north&#39;s own" in shown  # engineers see what holds
    assert f'href="/inspections/levels/{found.id}"' not in shown
    assert engineer.get(f"/inspections/levels/{found.id}").status_code == 404
    assert engineer.post(f"/inspections/levels/{found.id}/remove", **{"remove-reason": "x"}).status_code in (
        302,
        403,
    )
    fresh()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(LevelSetting)) == 1


def test_the_list_costs_the_same_whatever_its_length(app: Flask, world: World) -> None:
    browser = Browser(app, "sam")
    counts = []
    for more in (3, 40):
        for index in range(more):
            device = world.device(f"d{more}-{index}")
            set_level(world, rung="device", device_id=device.id, warning=60, critical=70)
        with Queries() as counted:
            assert browser.get("/inspections/levels/").status_code == 200
        counts.append(counted.count)
    assert counts[0] == counts[1]


def test_where_a_level_comes_from_is_said_in_the_readers_language(app: Flask, world: World) -> None:
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        shown = provenance_label("level of site North site 1, set 2026-11-24 by Sam")
    assert "North site 1" in shown
    assert "Sam" in shown
    assert not shown.startswith("level of")


def test_checks_are_called_by_their_titles_and_told_apart_by_codes_alone_where_needed(
    app: Flask, world: World
) -> None:
    page = Browser(app, "sam").get(f"/inspections/levels/new?client={world.organisations['north'].id}").text
    choices = page.partition('id="check"')[2].partition("</select>")[0]
    assert ">Processor use<" in choices
    assert "(cpu_used)" not in choices
