"""Software licences that end stand beside the contracts of a half-yearly report."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from servicedesk.core.runtime import runtime
from servicedesk.reports.deep import building
from tests.servicedesk.equipment.software.test_licences import give, licence
from tests.servicedesk.reports.deep.play import built
from tests.servicedesk.world import Browser, World


def test_those_that_end_soon_or_in_the_period_are_named(any_world: World) -> None:
    world = any_world
    device, today = world.device("db1"), world.now.date()
    soon = licence(world, "soon", ends_on=today + timedelta(days=30))
    give(world, soon, device_id=device.id)
    kept = licence(world, "kept", maintenance_until=today + timedelta(days=90))
    licence(world, "later", ends_on=today + timedelta(days=400))
    licence(world, "for good")
    licence(world, "theirs", "south", ends_on=today + timedelta(days=30))
    found = building.load(built(world), runtime().blobs)["sections"]["support"]
    assert [(row[0], row[5], row[6]) for row in found["tables"]["licences"]] == [
        ([soon.id, "soon"], 2, 1),
        ([kept.id, "kept"], 2, 0),
    ]


def test_the_page_of_the_report_leads_to_the_licence(app: Flask, world: World) -> None:
    soon = licence(world, "<b>soon</b>", ends_on=world.now.date() + timedelta(days=30))
    report = built(world)
    page = Browser(app, "emma").get(f"/reports/deep/{report.id}").text
    assert f"/equipment/licences/{soon.id}" in page
    assert "&lt;b&gt;soon&lt;/b&gt;" in page
    assert "<b>soon" not in page
