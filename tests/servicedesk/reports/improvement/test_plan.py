"""The plan: proposed with the report, decided by two people, shown to whom it concerns."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from collectors.outcome import Outcome
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.equipment.relations import relate
from servicedesk.reports.deep import building
from servicedesk.reports.deep.models import DeepReport
from servicedesk.reports.improvement import chapter, service, wording
from servicedesk.reports.improvement.models import Improvement
from servicedesk.reports.improvement.service import ItemData
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.play import inspect, judged
from tests.servicedesk.reports.deep.play import built, half_year
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

HOSTILE = "<script>alert(1)</script> =1+1"


def item_of(rule: str = "capacity") -> Improvement:
    return db.session.scalars(sa.select(Improvement).where(Improvement.rule == rule)).one()


def data_of(report: DeepReport) -> dict[str, dict[str, object]]:
    return building.load(report, runtime().blobs)["sections"]


def made(world: World, who: str = "emma", site: str = "", title: str = "Label the cables") -> int:
    data = ItemData(title, "Nobody finds them", "Found in a minute", 4, date(2027, 1, 31))
    with unit_of_work():
        place = world.sites[site].id if site else None
        actor = world.actor(who)
        return service.make(world.organisations["north"].id, place, data, actor=actor, now=world.now).id


def take(world: World, item_id: int, who: str, key: str, words: str = "because") -> None:
    with unit_of_work():
        service.take(item_id, key, words, actor=world.actor(who), now=world.now)


def test_a_report_brings_its_proposals_onto_the_plan_once(any_world: World) -> None:
    devices = half_year(any_world)
    report = built(any_world)
    item = item_of()
    assert item.devices == [devices["fills"]]
    assert (item.state, item.period, item.report_id) == ("proposed", "2026-H2", report.id)
    rows = data_of(report)["improvements"]["tables"]["items"]
    assert item.id in [row[0][0] for row in rows]
    count = db.session.query(Improvement).count()
    second = built(any_world)
    assert db.session.query(Improvement).count() == count
    assert data_of(second)["improvements"] == data_of(report)["improvements"]


def test_what_was_rejected_is_not_proposed_again_in_this_half_year_and_the_report_says_so(
    any_world: World,
) -> None:
    half_year(any_world)
    built(any_world)
    take(any_world, item_of().id, "emma", "reject", "The disk is replaced in May.")
    report = built(any_world)
    assert item_of().state == "rejected"
    said = [one["template"] for one in data_of(report)["improvements"]["sentences"]]
    assert "%(count)s proposals were rejected in this half-year." in said
    with unit_of_work():
        item_of().period = "2026-H1"
    built(any_world)
    states = db.session.scalars(sa.select(Improvement.state).where(Improvement.rule == "capacity")).all()
    assert sorted(states) == ["proposed", "rejected"]


def test_a_device_that_fails_later_is_proposed_without_those_that_are_on_the_plan(any_world: World) -> None:
    def bad(name: str) -> None:
        device = any_world.device(name, protocol="ssh", device_class="server")
        inspect(device, [judged(Outcome.WARNING, "root2", 1.0, "root_accounts")], any_world.now)

    bad("one")
    built(any_world)
    bad("two")
    built(any_world)
    items = db.session.scalars(sa.select(Improvement).where(Improvement.rule == "baseline")).all()
    assert [[device.name for device in item.devices] for item in items] == [["one"], ["two"]]


def test_single_points_come_from_the_relations_and_a_second_ends_them(any_world: World) -> None:
    core = any_world.device("core")
    for number in range(3):
        leaf = any_world.device(f"leaf{number}")
        with unit_of_work():
            relate(leaf, core, "depends_on", actor=SYSTEM, now=any_world.now)
    report = built(any_world)
    assert data_of(report)["reliance"]["tables"]["points"][0][3:] == [3, "leaf0, leaf1, leaf2"]
    assert item_of("single").devices == [core]
    spare = any_world.device("spare")
    with unit_of_work():
        relate(spare, core, "backs_up", actor=SYSTEM, now=any_world.now)
    assert data_of(built(any_world))["reliance"]["tables"]["points"] == []


def test_whoever_accepts_does_not_approve(world: World) -> None:
    number = made(world)
    take(world, number, "sue", "accept")
    with pytest.raises(NotAllowedError):
        take(world, number, "sue", "approve")
    with pytest.raises(NotAllowedError):
        take(world, number, "emma", "approve")
    take(world, number, "sam", "approve")
    item = db.session.get_one(Improvement, number)
    assert (item.state, item.approved_at) == ("approved", world.now)
    with pytest.raises(ConflictError):
        take(world, number, "sam", "approve")


def test_a_rejection_needs_a_reason(world: World) -> None:
    number = made(world)
    with pytest.raises(InvalidError):
        take(world, number, "emma", "reject", "")
    assert db.session.get_one(Improvement, number).state == "proposed"


def test_what_changes_after_it_was_accepted_is_accepted_anew_and_what_was_approved_stays(
    world: World,
) -> None:
    number = made(world)
    take(world, number, "emma", "accept")
    data = ItemData("Label the cables", "Nobody finds them", "Found in a minute", 1, date(2027, 1, 31))

    def edit(given: ItemData, version: int | None = None) -> None:
        with unit_of_work():
            service.edit(number, given, actor=world.actor("emma"), now=world.now, version=version)

    edit(data)
    assert db.session.get_one(Improvement, number).state == "proposed"
    with pytest.raises(ConflictError):
        edit(data, version=1)
    take(world, number, "emma", "accept")
    take(world, number, "sam", "approve")
    with pytest.raises(ConflictError):
        edit(data)


def test_a_draft_takes_the_plan_in_and_a_signed_report_does_not(world: World) -> None:
    half_year(world)
    report = built(world)
    before, number = report.data_sha256, item_of().id
    take(world, number, "emma", "accept")

    def take_in(who: str = "emma") -> None:
        with unit_of_work():
            chapter.take_in(report.id, runtime().blobs, actor=world.actor(who), now=world.now)

    take_in()
    fresh()
    report = db.session.get_one(DeepReport, report.id)
    assert report.data_sha256 != before
    row = next(row for row in data_of(report)["improvements"]["tables"]["items"] if row[0][0] == number)
    assert row[-1] == "accepted"
    with pytest.raises(NotAllowedError):
        take_in("carl")
    with unit_of_work():
        db.session.get_one(DeepReport, report.id).state = "prepared"
    with pytest.raises(ConflictError):
        take_in()


def test_the_next_report_opens_with_what_became_of_the_last_plan(any_world: World) -> None:
    half_year(any_world)
    built(any_world)
    with unit_of_work():
        for item in db.session.scalars(sa.select(Improvement)):
            item.period = "2026-H1"
    take(any_world, item_of().id, "emma", "accept")
    report = built(any_world)
    found = data_of(report)["last_plan"]
    row = next(row for row in found["tables"]["items"] if row[0][0] == item_of().id)
    assert row[1:6] == ["2026-H1", 2, item_of().due_on.isoformat(), None, "accepted"]
    assert found["figures"]["items"] == len(found["tables"]["items"])


def test_pages_show_filter_export_and_decide(app: Flask, world: World, queries: Queries) -> None:
    half_year(world)
    built(world)
    number = made(world, title=HOSTILE)
    emma = Browser(app, "emma")
    page = emma.get("/reports/improvements/")
    assert "&lt;script&gt;" in page.text
    assert "<script>alert" not in page.text
    assert HOSTILE.split()[0] not in emma.get("/reports/improvements/?rule=capacity").text
    assert "fills" in emma.get("/reports/improvements/?rule=capacity").text
    assert "fills" not in emma.get("/reports/improvements/?rule=hand").text
    for address in ("?priority=99999999999", "?owner=x", "?site=-1", "?cursor=xx"):
        assert emma.get(f"/reports/improvements/{address}").status_code == 200
    sheet = emma.get("/reports/improvements/export.csv?rule=hand").text
    assert HOSTILE in sheet
    assert "fills" not in sheet
    assert emma.get("/reports/improvements/export.xlsx").data[:2] == b"PK"
    assert emma.get("/reports/improvements/export.exe").status_code == 404
    answer = emma.post("/reports/improvements/bulk", ids=[number, item_of().id], step="accept", note="")
    assert answer.status_code == 302
    assert emma.post("/reports/improvements/bulk", ids=[number], step="verify", note="x").status_code == 302
    fresh()
    assert db.session.get_one(Improvement, number).state == "accepted"
    assert emma.post(f"/reports/improvements/{number}/steps/approve", note="x").status_code == 422
    assert emma.post(f"/reports/improvements/{number}/steps/begin", note="x").status_code == 404
    sam = Browser(app, "sam")
    assert sam.post(f"/reports/improvements/{number}/steps/approve", note="fine").status_code == 302
    assert "fine" in sam.get(f"/reports/improvements/{number}").text


def test_the_list_asks_the_same_number_of_questions_however_long(
    app: Flask, world: World, queries: Queries
) -> None:
    emma = Browser(app, "emma")
    made(world)
    emma.get("/reports/improvements/")
    with queries:
        emma.get("/reports/improvements/")
    few = queries.count
    for number in range(12):
        made(world, title=f"Item {number}", site="north-1")
    more = Queries()
    with more:
        emma.get("/reports/improvements/")
    assert more.count == few
    assert few <= 12


def test_an_edit_keeps_the_rules_words_when_nobody_changed_them(app: Flask, world: World) -> None:
    half_year(world)
    built(world)
    item = item_of()
    emma = Browser(app, "emma")
    page = emma.get(f"/reports/improvements/{item.id}/edit").text
    assert "fills: make room" in page
    with app.test_request_context():
        words = {name: wording.part(item, name) for name in wording.PARTS}
    fields = {**words, "priority": 1, "due_on": "2027-02-01", "owner_id": world.users["emma"].id}
    address = f"/reports/improvements/{item.id}/edit"
    assert emma.post(address, **fields, version=item.version).status_code == 302
    fresh()
    item = item_of()
    assert (item.title, item.priority, item.owner_id) == ("", 1, world.users["emma"].id)
    assert emma.post(address, **fields, version=1).status_code == 422  # somebody else's change in between
    for bad in (
        {"priority": 9},
        {"due_on": "0001-01-01"},
        {"owner_id": world.users["stan"].id},
        {"title": ""},
    ):
        assert emma.post(address, **{**fields, "version": item.version, **bad}).status_code == 422


def test_a_client_reads_what_was_decided_or_issued_and_changes_nothing(app: Flask, world: World) -> None:
    half_year(world)
    report = built(world)
    proposed, decided = item_of().id, made(world)
    take(world, decided, "emma", "accept")
    take(world, decided, "sam", "approve")
    carl = Browser(app, "carl")
    assert carl.get(f"/reports/improvements/{decided}").status_code == 200
    assert carl.get(f"/reports/improvements/{proposed}").status_code == 404
    assert carl.get(f"/reports/improvements/{decided}/edit").status_code == 404
    assert carl.post(f"/reports/improvements/{decided}/steps/finish", note="x").status_code == 422
    assert carl.post(f"/reports/improvements/{decided}/ticket", category="change").status_code == 302
    with unit_of_work():
        db.session.get_one(DeepReport, report.id).state = "issued"
    assert carl.get(f"/reports/improvements/{proposed}").status_code == 200
    assert db.session.get_one(Improvement, decided).state == "approved"
    assert Browser(app, "rita").get("/reports/improvements/").status_code == 404


def test_items_of_another_site_or_client_do_not_exist(app: Flask, world: World) -> None:
    here, there = made(world, site="north-1"), made(world, site="north-2")
    erik, stan = Browser(app, "erik"), Browser(app, "stan")
    assert erik.get(f"/reports/improvements/{here}").status_code == 200
    assert erik.get(f"/reports/improvements/{there}").status_code == 404
    assert stan.get(f"/reports/improvements/{here}").status_code == 404
    device = world.device("theirs", site="south-1")
    emma = Browser(app, "emma")
    assert emma.post(f"/reports/improvements/{here}/devices", device_id=device.id).status_code == 404
    other = world.device("elsewhere", site="north-2")
    emma.post(f"/reports/improvements/{here}/devices", device_id=other.id)
    fresh()
    assert db.session.get_one(Improvement, here).devices == []
