"""Warranties and contracts: marked before they end, shown on what they cover, kept apart by client."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.equipment import support
from servicedesk.equipment.support_models import SupportContract
from tests.servicedesk.equipment.test_devices import save
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

DAY = date(2026, 11, 24)


def contract(world: World, number: str = "W-1", client: str = "north", **values: Any) -> SupportContract:
    data = {"kind": "warranty", "vendor": "Huawei", "starts_on": DAY, "ends_on": DAY + timedelta(days=365)}
    with unit_of_work():
        return support.save_contract(
            None,
            world.organisations[client].id,
            support.ContractData(**data | {"number": number} | values),  # type: ignore[arg-type]  # as named
            actor=SYSTEM,
            now=world.now,
        )


@pytest.mark.parametrize(
    ("days", "phase"),
    [(-1, "ended"), (0, "ending"), (60, "ending"), (61, "running")],
)
def test_a_contract_is_marked_in_time(world: World, days: int, phase: str) -> None:
    found = contract(world, starts_on=DAY - timedelta(days=400), ends_on=DAY + timedelta(days=days))
    assert support.phase(found, DAY) == phase


def test_those_to_be_renewed_are_counted_for_who_keeps_the_equipment(any_world: World) -> None:
    contract(any_world, "soon", ends_on=DAY + timedelta(days=9), warn_days=9)
    contract(any_world, "later", ends_on=DAY + timedelta(days=10), warn_days=9)
    contract(any_world, "over", starts_on=DAY - timedelta(days=9), ends_on=DAY - timedelta(days=1))
    counted = {
        who: db.session.scalar(sa.select(support.ending_question(any_world.actor(who), DAY)))
        for who in ("emma", "stan", "erik", "rita")
    }
    assert counted == {"emma": 1, "stan": 0, "erik": 0, "rita": 0}
    rows = db.session.execute(support.contract_rows(any_world.actor("emma"), today=DAY, shown="ending")).all()
    assert [row.number for row in rows] == ["soon"]


def test_a_contract_that_has_not_begun_is_not_in_force(world: World) -> None:
    found = contract(world, starts_on=DAY + timedelta(days=1))
    assert support.phase(found, DAY) == "coming"
    assert support.phase(found, DAY + timedelta(days=1)) == "running"


def test_it_is_shown_on_the_devices_it_covers(app: Flask, world: World) -> None:
    device = save(world)
    browser = Browser(app, "emma")
    today = utcnow().date()
    answer = browser.post(
        "/equipment/contracts/new",
        client_id=world.organisations["north"].id,
        kind="maintenance",
        vendor="Huawei",
        number="M-2026",
        contact="400 822 9999",
        starts_on=str(today),
        ends_on=str(today + timedelta(days=9)),
        warn_days="30",
    )
    assert answer.status_code == 302
    browser.post(f"{answer.location}/devices", device_id=device.id)
    for path in (answer.location, "/equipment/contracts/", f"/equipment/devices/{device.id}?whole=1"):
        page = browser.get(path).text
        assert "M-2026" in page, path
        assert "10 days left" in page, path
    assert "400 822 9999" in browser.get(f"/equipment/devices/{device.id}?whole=1").text
    refused = browser.post(f"{answer.location}/remove")
    assert "still covers devices" in browser.get(refused.location).text
    browser.post(f"{answer.location}/devices/{device.id}/remove")
    assert "M-2026" not in browser.get(f"/equipment/devices/{device.id}?whole=1").text
    browser.post(f"{answer.location}/remove")
    fresh()
    assert db.session.query(SupportContract).count() == 0


def test_those_that_end_first_stand_first_and_the_pages_go_on(app: Flask, world: World) -> None:
    start = utcnow().date()
    for number in range(60):
        contract(world, f"N-{59 - number:02}", starts_on=start, ends_on=start + timedelta(days=number // 2))
    browser = Browser(app, "emma")
    first = browser.get("/equipment/contracts/").text
    assert first.index("N-59") < first.index("N-40")
    assert "N-05" not in first
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = browser.get(following).text
    assert "N-05" in second
    assert "N-40" not in second


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"kind": "promise"}, "kind"),
        ({"vendor": " "}, "number"),
        ({"ends_on": DAY - timedelta(days=1)}, "ends_on"),
        ({"warn_days": 731}, "warn_days"),
        ({"number": " W-0"}, "number"),
    ],
)
def test_what_cannot_be_is_refused_by_name(any_world: World, values: dict[str, Any], field: str) -> None:
    contract(any_world, "W-0")
    with pytest.raises(InvalidError) as refusal:
        contract(any_world, **{"number": "W-1"} | values)
    assert refusal.value.field == field
    contract(any_world, "W-0", client="south")


def test_a_contract_covers_devices_of_its_client_only(app: Flask, world: World) -> None:
    theirs = save(world, site_id=world.sites["south-1"].id)
    found = contract(world)
    with pytest.raises(InvalidError, match="same client"), unit_of_work():
        support.cover(found, [theirs.id], actor=SYSTEM, now=world.now)
    with pytest.raises(NotAllowedError), unit_of_work():
        support.cover(found, [], actor=world.actor("erik"), now=world.now)
    for who in ("stan", "rita", "erik"):
        browser = Browser(app, who)
        assert browser.get(f"/equipment/contracts/{found.id}").status_code == 404, who
        assert browser.post(f"/equipment/contracts/{found.id}/remove").status_code == 404, who


@pytest.mark.parametrize("field", ["starts_on", "ends_on", "warn_days", "number", "sla_text", "client_id"])
@pytest.mark.parametrize("value", ["", "x" * 6000, "-1", "9999-12-31", "a\x00b", "0001-01-01"])
def test_no_field_breaks_the_page(app: Flask, world: World, field: str, value: str) -> None:
    fields: dict[str, Any] = {"client_id": world.organisations["north"].id, "kind": "warranty", "vendor": "V"}
    fields |= {
        "number": "1",
        "starts_on": "2026-01-01",
        "ends_on": "2027-01-01",
        "warn_days": 1,
        field: value,
    }
    browser = Browser(app, "emma")
    assert browser.post("/equipment/contracts/new", **fields).status_code in (302, 422)
    assert browser.get("/equipment/contracts/?show=all").status_code == 200
