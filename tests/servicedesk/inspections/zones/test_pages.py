"""Pages of zones: for those who manage all organisations, and nobody else."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.audit.models import AuditEntry
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.inspections.own.service import OwnCheckData, begin_trial
from servicedesk.inspections.runs import start_site
from servicedesk.inspections.zones import jobs, keys, logins
from servicedesk.inspections.zones.models import Zone, ZoneWorker
from servicedesk.inspections.zones.service import renew_key, save_zone
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.zones.conftest import Play, make_zone, use_redis
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

PATH = "/inspections/zones/"


def test_an_administrator_makes_a_zone_and_gives_it_sites(app: Flask, world: World) -> None:
    admin = Browser(app, "admin")
    assert admin.get(PATH).status_code == 200
    site = world.sites["north-1"].id
    answer = admin.post(PATH + "new", name="branch-1", note="<b>x</b>", site_ids=site, active="y")
    assert answer.status_code == 302
    page = admin.get(answer.location).text
    assert "branch-1" in page
    assert "North site 1" in page
    assert "&lt;b&gt;x" in page
    assert "Nobody works in this zone" in page
    assert "Redis does not answer" in page
    fresh()
    zone = db.session.scalars(sa.select(Zone)).one()
    assert keys.keys_of(zone, runtime().keyring)[0].decode() not in page
    entry = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "zone.created")).one()
    assert entry.after is not None
    assert entry.after["sites"] == ["North site 1"]
    assert "secret" not in entry.after


@pytest.mark.parametrize(
    "name", ["", "local", "Branch", "1a", "a_b", "a" * 32, "a b", "中文", "a\x00b", "<script>", "a\n"]
)
def test_names_that_redis_or_people_would_stumble_over_are_refused(
    app: Flask, world: World, name: str
) -> None:
    answer = Browser(app, "admin").post(PATH + "new", name=name, active="y")
    if name == "a\n":  # a form's text is stripped
        assert answer.status_code == 302
        return
    assert answer.status_code == 422
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Zone)) == 0


def test_a_site_belongs_to_one_zone(app: Flask, world: World) -> None:
    make_zone(world, "one")
    admin, site = Browser(app, "admin"), world.sites["north-1"].id
    answer = admin.post(PATH + "new", name="two", site_ids=site, active="y")
    assert answer.status_code == 422
    assert "Another zone serves North site 1 already." in answer.text
    assert admin.post(PATH + "new", name="one", active="y").status_code == 422
    assert admin.post(PATH + "new", name="three", site_ids=999999, active="y").status_code == 422
    zone = db.session.scalars(sa.select(Zone)).one()
    assert admin.post(f"{PATH}{zone.id}/edit", note="", active="").status_code == 302
    fresh()
    assert (zone.sites, zone.active) == ([], False)
    assert admin.post(PATH + "new", name="two", site_ids=site, active="y").status_code == 302


@pytest.mark.parametrize("name", ["rita", "emma", "sam", "stan", "sue"])
def test_nobody_else_sees_or_changes_zones(app: Flask, world: World, name: str) -> None:
    zone = make_zone(world)
    browser = Browser(app, name)
    for path in ("", "new", str(zone.id), f"{zone.id}/edit"):
        assert browser.get(PATH + path).status_code == 404
    for path in ("new", f"{zone.id}/edit", f"{zone.id}/key", f"{zone.id}/remove"):
        assert browser.post(PATH + path, name="mine", active="y").status_code == 404
    assert "/inspections/zones/" not in browser.get("/").text
    with pytest.raises(NotAllowedError), unit_of_work():
        renew_key(zone, keyring=runtime().keyring, actor=world.actor(name), now=utcnow())


@pytest.mark.redis
def test_a_key_is_replaced_and_a_zone_removed_once_it_serves_nothing(
    app: Flask, world: World, play: Play
) -> None:
    zone, admin = make_zone(world), Browser(app, "admin")
    before = keys.keys_of(zone, runtime().keyring)[0]
    assert admin.post(f"{PATH}{zone.id}/key").status_code == 302
    fresh()
    assert keys.keys_of(zone, runtime().keyring)[1] == before
    worker = play(zone)
    assert admin.post(f"{PATH}{zone.id}/remove").location.endswith(str(zone.id))
    admin.post(f"{PATH}{zone.id}/edit", note="", active="y")
    use_redis("unix:///nowhere/redis.sock")
    assert admin.post(f"{PATH}{zone.id}/remove").location.endswith(str(zone.id)), "logins must go with it"
    play(zone)
    worker.beat()
    jobs.sweep()
    logins.give(worker.redis, logins.user_name("branch", 1), "x", "branch")
    with unit_of_work():
        worker_row = db.session.scalars(sa.select(ZoneWorker)).one()
        worker_row.redis_secret = "x"
        assert worker_row.id == 1
    worker.send("rubbish")
    assert admin.post(f"{PATH}{zone.id}/remove").location.endswith(PATH)
    assert admin.get(PATH + "1").status_code == 404
    assert logins.user_name("branch", 1) not in worker.redis.acl_users()
    assert worker.redis.exists("answers:branch", "beats:branch") == 0
    fresh()
    actions = set(db.session.scalars(sa.select(AuditEntry.action)))
    assert {"zone.key_renewed", "zone.removed"} <= actions


def test_an_inspection_says_that_it_waits_for_a_zone_where_nobody_works(app: Flask, world: World) -> None:
    world.device("web1", protocol="ssh")
    zone = make_zone(world)
    with unit_of_work():
        run = start_site(world.sites["north-1"], actor=SYSTEM, now=utcnow())
        db.session.flush()
        number = run.id
    path, words = f"/inspections/{number}", "visited from zone branch, and nobody works there"
    assert words in Browser(app, "emma").get(path).text
    with unit_of_work():
        zone.workers.append(ZoneWorker(name="one", state="working", seen_at=utcnow()))
    assert words not in Browser(app, "emma").get(path).text


@pytest.mark.redis
def test_the_page_shows_who_works_and_what_waits(app: Flask, world: World, play: Play) -> None:
    zone = make_zone(world)
    worker = play(zone, "probe-<1>")
    worker.beat(buffered=7, buffered_bytes=2048, limit_bytes=4096)
    jobs.sweep()
    worker.send("rubbish")
    page = Browser(app, "admin").get(f"{PATH}{zone.id}").text
    assert "probe-&lt;1&gt;" in page
    assert "1.2.3" in page
    assert "7 · 2 KiB of 4 KiB" in page
    assert "<dt>Answers to be taken</dt><dd>1</dd>" in page


def test_the_list_costs_the_same_for_many_zones(app: Flask, world: World, queries: Queries) -> None:
    admin = Browser(app, "admin")
    make_zone(world, "one")
    with queries:
        admin.get(PATH)
    few = queries.count
    for number, site in enumerate(("north-2", "south-1")):
        make_zone(world, f"more-{number}", (site,))
    queries.statements.clear()
    with queries:
        page = admin.get(PATH).text
    assert "more-1" in page
    assert queries.count == few


def test_own_checks_are_not_tried_where_the_server_does_not_go(world: World) -> None:
    device = world.device("web1", protocol="ssh")
    make_zone(world)
    pattern = "(?P<value>\\d+)"
    data = OwnCheckData("Load", "command", "display clock", dialects=("huawei_vrp",), pattern=pattern)
    with pytest.raises(InvalidError, match="branch"), unit_of_work():
        begin_trial(device, device.client_id, data, actor=SYSTEM, now=utcnow())


def test_keys_are_encrypted_again_with_a_new_master_key(world: World) -> None:
    zone = make_zone(world)
    before, stored = keys.keys_of(zone, runtime().keyring), zone.secret
    with unit_of_work():
        assert keys.rotate_all(runtime().keyring) == 1
    fresh()
    assert zone.secret != stored
    assert keys.keys_of(zone, runtime().keyring) == before


def test_a_sites_zone_may_be_changed_by_a_service_call_alone_with_the_permission(world: World) -> None:
    with pytest.raises(NotAllowedError), unit_of_work():
        save_zone(
            None,
            name="mine",
            note="",
            active=True,
            site_ids=[],
            keyring=runtime().keyring,
            actor=world.actor("sam"),
            now=utcnow(),
        )


def test_a_key_the_master_key_does_not_open_is_replaced(app: Flask, world: World) -> None:
    zone = make_zone(world)
    with unit_of_work():
        zone.secret = "of another installation"
    assert Browser(app, "admin").get(f"{PATH}{zone.id}").status_code == 200
    assert jobs.sweep() == 0, "it says so in the log and goes on"
    assert Browser(app, "admin").post(f"{PATH}{zone.id}/key").status_code == 302
    fresh()
    assert len(keys.keys_of(zone, runtime().keyring)) == 1
