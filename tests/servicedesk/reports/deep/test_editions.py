"""After issue a change is a new edition; the issued one stays, and is told to be superseded."""

from __future__ import annotations

import io

import pytest
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.reports.deep import building, editions, jobs, signing, texts
from servicedesk.reports.deep.models import DeepReport
from servicedesk.reports.deep.texts import Slot
from tests.servicedesk.reports.deep.play import built, half_year
from tests.servicedesk.world import PASSWORD, Browser, World, fresh

CHAIN = (("prepare", "emma"), ("check", "sue"), ("review", "sam"), ("issue", "sam"))


def issue(world: World, number: int) -> None:
    for key, who in CHAIN:
        with unit_of_work():
            signing.sign(number, key, note="", actor=world.actor(who), now=world.now)


def renew(
    world: World, number: int, reason: str = "A wrong name", *, who: str = "emma", again: bool = False
) -> int:
    with unit_of_work():
        return editions.renew(number, reason, again=again, actor=world.actor(who), now=world.now).id


def report(number: int) -> DeepReport:
    fresh()
    return db.session.get_one(DeepReport, number)


def issued(world: World) -> int:
    number = built(world).id
    with unit_of_work():
        actor = world.actor("sue")
        texts.save(number, Slot("summary"), "All in order", 0, actor=actor, now=world.now)
    issue(world, number)
    return number


def test_the_next_edition_has_the_data_and_the_texts(any_world: World) -> None:
    half_year(any_world)
    first = issued(any_world)
    second = renew(any_world, first)
    one, two = report(first), db.session.get_one(DeepReport, second)
    assert (two.edition, two.state, two.reason) == (2, "draft", "A wrong name")
    assert building.raw(two, runtime().blobs) == building.raw(one, runtime().blobs)
    assert texts.current(second)["summary"].author == "Sue"
    with unit_of_work():
        actor = any_world.actor("sue")
        texts.save(second, Slot("summary"), "Nearly all in order", 1, actor=actor, now=any_world.now)
    assert texts.bodies(first) == {"summary": "All in order"}
    assert editions.superseding(report(first), editions.editions_of(report(first))) is None  # not yet issued
    issue(any_world, second)
    newer = editions.superseding(report(first), editions.editions_of(report(first)))
    assert newer is not None
    assert newer.id == second


def test_gathered_again_it_has_what_is_recorded_by_now(any_world: World) -> None:
    first = issued(any_world)
    any_world.device("came later", device_class="switch")
    second = renew(any_world, first, again=True)
    assert report(second).state == "building"
    assert jobs.build_report(second)
    assert report(second).data_sha256 != report(first).data_sha256
    assert b"came later" in building.raw(report(second), runtime().blobs)
    assert texts.bodies(second) == {"summary": "All in order"}


def test_who_begins_an_edition_and_of_what(world: World) -> None:
    draft = built(world, site="north-2").id
    with pytest.raises(ConflictError):
        renew(world, draft)
    first = issued(world)
    for reason in ("", " \r\n", "nul \x00", "x" * 1_001):
        with pytest.raises(InvalidError):
            renew(world, first, reason)
    for who in ("carl", "rita", "stan"):
        with pytest.raises(NotAllowedError):
            renew(world, first, who=who)
    renew(world, first)
    with pytest.raises(ConflictError):  # one is under way
        renew(world, first)


def test_pages_show_which_edition_counts(app: Flask, world: World) -> None:
    half_year(world)
    first = issued(world)
    emma, carl = Browser(app, "emma"), Browser(app, "carl")
    path = f"/reports/deep/{first}"
    assert "New edition" not in carl.get(path).text
    refused = emma.post(f"{path}/edition", reason="")
    assert refused.status_code == 422
    assert "alert" in refused.text
    answer = emma.post(f"{path}/edition", reason="<script>alert(1)</script>", data="same")
    assert answer.status_code == 302
    second = int(answer.location.rsplit("/", 1)[1])
    assert second != first
    page = emma.get(f"/reports/deep/{second}").text
    assert "Replaces edition 1: &lt;script&gt;" in page
    assert "Superseded" not in emma.get(path).text
    issue(world, second)
    assert "Superseded by edition 2." in emma.get(path).text
    assert emma.get(f"{path}/report.docx").status_code == 200
    listed = emma.get("/reports/deep/").text
    assert f'href="{path}"' not in listed
    assert f'href="/reports/deep/{second}#editions"' in listed
    assert f'href="{path}"' in emma.get("/reports/deep/?editions=all").text
    assert f'href="{path}"' in emma.get("/reports/deep/?state=issued").text
    assert Browser(app, "stan").post(f"{path}/edition", reason="x").status_code == 404


def test_a_file_of_a_superseded_edition_is_genuine_and_said_to_be_old(app: Flask, world: World) -> None:
    half_year(world)
    number = built(world).id
    for key, who in CHAIN[:3]:
        with unit_of_work():
            signing.sign(number, key, note="", actor=world.actor(who), now=world.now)
    sam = Browser(app, "sam")
    sam.post(f"/reports/deep/{number}/sign", password=PASSWORD, note="")
    content = sam.get(f"/reports/deep/{number}/report.pdf").data
    second = renew(world, number)
    answer = sam.post("/reports/deep/verify", file=(io.BytesIO(content), "x"), hash="")
    assert "Genuine:" in answer.text
    assert "superseded" not in answer.text
    issue(world, second)
    answer = sam.post("/reports/deep/verify", file=(io.BytesIO(content), "x"), hash="")
    assert "Genuine, superseded by edition 2." in answer.text
    data = sam.get(f"/reports/deep/{number}/data.json").data  # both editions have these data
    answer = sam.post("/reports/deep/verify", file=(io.BytesIO(data), "x"), hash="")
    assert "Genuine:" in answer.text
    assert "superseded" not in answer.text
