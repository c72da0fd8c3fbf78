"""The half-yearly report: counted from records, the same bytes twice, never half, never another client's."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.reports.deep import building, jobs, service
from servicedesk.reports.deep.models import DeepReport
from servicedesk.reports.deep.sections import SECTIONS
from tests.servicedesk.conftest import Queries
from tests.servicedesk.reports.deep.play import built, half_year, ordered
from tests.servicedesk.world import Browser, World, fresh


def data_of(report: DeepReport) -> dict[str, Any]:
    return building.load(report, runtime().blobs)["sections"]


def test_what_is_counted_is_what_happened(any_world: World) -> None:
    devices = half_year(any_world)
    found = data_of(built(any_world))
    assert found["coverage"]["figures"] == {"devices": 3, "inspected": 2, "missing": 1, "share": 0.6667}
    assert [row[0][1] for row in found["coverage"]["tables"]["missing"]] == ["silent"]
    assert found["coverage"]["tables"]["missing"][0][3] == "unreachable"
    assert found["capacity"]["figures"] == {"series": 3, "forecasts": 1, "crossing": 1}
    crossing = found["capacity"]["tables"]["crossing"][0]
    assert crossing[0] == [devices["fills"].id, "fills"]
    assert crossing[3] == [78.0, "%"]
    assert crossing[6] <= crossing[7] <= crossing[8]  # earliest, expected, latest
    assert crossing[7].startswith("2027-01")  # 12 % are missing at 2 % a week
    assert found["health"]["figures"]["score"] == 100.0
    assert set(found) == {section.key for section in SECTIONS}
    assert found["comparison"]["empty"]


def test_two_builds_of_the_same_records_give_the_same_bytes(any_world: World) -> None:
    half_year(any_world)
    first, second = built(any_world), built(any_world)
    assert (first.edition, second.edition) == (1, 2)
    assert first.data_sha256 == second.data_sha256
    assert building.raw(first, runtime().blobs) == building.raw(second, runtime().blobs)


def test_a_crash_while_building_leaves_nothing_and_the_next_try_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    half_year(world)
    number = ordered(world)
    real = building.store

    def dies(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(building, "store", dies)
    with pytest.raises(KeyboardInterrupt):
        jobs.build_report(number)
    fresh()
    report = db.session.get_one(DeepReport, number)
    assert (report.state, report.data_sha256, report.data_blob) == ("building", "", "")
    monkeypatch.setattr(building, "store", real)
    assert jobs.build_report(number)
    assert not jobs.build_report(number)  # a second worker changes nothing
    fresh()
    assert db.session.get_one(DeepReport, number).state == "draft"


def test_a_build_that_kills_its_worker_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_args: object) -> None:
        raise KeyboardInterrupt

    number = ordered(world)
    monkeypatch.setattr(building, "build", dies)
    for _ in range(service.MAX_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            jobs.build_report(number)
    assert not jobs.build_report(number)
    fresh()
    assert db.session.get_one(DeepReport, number).state == "failed"


def test_altered_data_are_never_shown(app: Flask, world: World) -> None:
    report = built(world)
    other = runtime().blobs.put(zlib.compress(b'{"format":1}'))
    with unit_of_work():
        db.session.get_one(DeepReport, report.id).data_blob = other
    assert Browser(app, "emma").get(f"/reports/deep/{report.id}").status_code == 500


def test_who_may_order_what(world: World) -> None:
    client = world.organisations["north"].id
    for who in ("rita", "carl", "stan", "erik"):  # erik keeps one site alone
        with pytest.raises(NotAllowedError), unit_of_work():
            service.order(client, None, "2026-H2", actor=world.actor(who), now=world.now)
    assert ordered(world, "erik", "north-1")
    for period in ("2027-H1", "2026-11", "2026", "<script>", ""):
        with pytest.raises(InvalidError), unit_of_work():
            service.order(client, None, period, actor=world.actor("emma"), now=world.now)
    with pytest.raises(InvalidError), unit_of_work():
        service.order(client, world.sites["south-1"].id, "2026-H2", actor=world.actor("sue"), now=world.now)
    ordered(world)
    with pytest.raises(ConflictError):
        ordered(world)


def test_others_see_none_of_it(app: Flask, world: World) -> None:
    report = built(world)
    paths = (f"/reports/deep/{report.id}", f"/reports/deep/{report.id}/coverage/devices")
    for path in (*paths, f"/reports/deep/{report.id}/data.json"):
        for who, status in (("emma", 200), ("carl", 200), ("stan", 404), ("erik", 404), ("rita", 404)):
            assert Browser(app, who).get(path).status_code == status, (who, path)
    assert "2026-H2" not in Browser(app, "stan").get("/reports/deep/").text
    assert "2026-H2" in Browser(app, "sam").get("/reports/deep/").text
    assert Browser(app, "rita").get("/reports/deep/").status_code == 404
    assert Browser(app, "carl").get("/reports/deep/new").status_code == 404


def test_the_page_shows_all_chapters_and_numbers_lead_to_their_rows(app: Flask, world: World) -> None:
    half_year(world)
    world.device("<script>alert(1)</script>", device_class="switch")
    report = built(world)
    emma = Browser(app, "emma")
    page = emma.get(f"/reports/deep/{report.id}").text
    for section in SECTIONS:
        assert f'id="{section.key}"' in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert page.count("<svg xmlns") >= 2  # the weeks and the disk that fills
    rows = emma.get(f"/reports/deep/{report.id}/coverage/devices?inspected=no").text
    assert "silent" in rows
    assert "steady" not in rows
    for path in ("coverage/nothing", "nothing/devices", "coverage/devices?inspected=<b>&class=%00"):
        assert emma.get(f"/reports/deep/{report.id}/{path}").status_code in (200, 404)
    annex = emma.get(f"/reports/deep/{report.id}/data.json")
    assert json.loads(annex.data)["report"]["period"] == "2026-H2"


def test_ordering_in_the_page_and_watching_it_grow(app: Flask, world: World) -> None:
    emma, client = Browser(app, "emma"), world.organisations["north"].id
    answer = emma.post("/reports/deep/new", place=f"c{client}", period="2026-H2")
    assert answer.status_code == 302
    path = answer.headers["Location"]
    assert "<progress" in emma.get(path).text
    assert "<progress" in emma.get(f"{path}?poll=1").text
    assert jobs.build_report(int(path.rsplit("/", 1)[1]))
    assert emma.get(f"{path}?poll=1").headers["HX-Refresh"] == "true"
    for place, period in (("c999", "2026-H2"), (f"c{client}", "1999-H1"), ("", "")):
        assert emma.post("/reports/deep/new", place=place, period=period).status_code == 422


def test_more_reports_take_no_more_queries(app: Flask, world: World) -> None:
    emma, counts = Browser(app, "emma"), []
    for number in (1, 6):
        for _ in range(number):
            built(world)
        emma.get("/reports/deep/")
        with Queries() as counted:
            emma.get("/reports/deep/")
        counts.append(counted.count)
    assert counts[0] == counts[1]
