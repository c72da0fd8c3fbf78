"""Enrolment by a token that works once; what the login a worker gets can reach."""

from __future__ import annotations

import re
import socket
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError
from werkzeug.test import TestResponse

from servicedesk.audit.models import AuditEntry
from servicedesk.config import SettingsError, load_settings
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.inspections.zones import enrolment, jobs, keys, logins
from servicedesk.inspections.zones.models import Zone, ZoneToken, ZoneWorker
from tests.servicedesk.inspections.zones.conftest import Play, PlayedWorker, make_zone, use_redis
from tests.servicedesk.world import Browser, World, fresh
from tests.support.redis import RedisServer

pytestmark = pytest.mark.redis
KEPT = ["default", "servicedesk"]
PUBLIC = "rediss://redis.example.org:6380"


@pytest.fixture
def zone(world: World, play: Play, redis_server: RedisServer, tmp_path: Path) -> Zone:
    """A zone whose Redis has no logins yet; the handed-out authority is a file."""
    ca = tmp_path / "ca.pem"
    ca.write_text("-----BEGIN CERTIFICATE-----\n")
    made = make_zone(world)
    play(made)
    use_redis(redis_server.url, zone_redis_url=PUBLIC, zone_redis_ca=str(ca))
    with closing(redis_server.connect()) as redis:
        for user in redis.acl_users():
            if user not in KEPT:
                redis.acl_deluser(user)
    return made


def token_of(app: Flask, zone: Zone) -> str:
    page = Browser(app, "admin").post(f"/inspections/zones/{zone.id}/token")
    found = re.search(r"--token ([A-Za-z0-9_-]{43})\b", page.text)
    assert found is not None, page.text
    assert page.headers["Cache-Control"] == "no-store"
    return found[1]


def enrol(app: Flask, token: object, name: object = "probe") -> TestResponse:
    accept = {"Accept": "application/json"}
    return app.test_client().post("/zones/enrol", json={"token": token, "name": name}, headers=accept)


def login(redis_server: RedisServer, url: str) -> Redis:
    parts = urlsplit(url)
    return Redis.from_url(redis_server.url_of(parts.username or "", parts.password or ""))


def test_a_token_gives_one_worker_what_it_needs_once(app: Flask, zone: Zone) -> None:
    token = token_of(app, zone)
    assert token not in str(db.session.execute(sa.text("SELECT * FROM zone_tokens")).all())
    answer = enrol(app, token)
    assert answer.status_code == 200, answer.text
    given = answer.get_json()
    assert (given["zone"], given["name"]) == ("branch", "probe")
    assert given["key"].encode() == keys.keys_of(zone, runtime().keyring)[0]
    assert given["ca"].startswith("-----BEGIN CERTIFICATE")
    assert given["url"].endswith("@redis.example.org:6380")
    assert answer.headers["Cache-Control"] == "no-store"
    again = enrol(app, token)
    assert (again.status_code, "not valid" in again.get_json()["error"]) == (403, True)
    fresh()
    actions = set(db.session.scalars(sa.select(AuditEntry.action)))
    assert {"zone.token_made", "zone.worker_enrolled"} <= actions
    told = str(
        [(one.before, one.after, one.object_label) for one in db.session.scalars(sa.select(AuditEntry))]
    )
    assert token not in told
    assert given["key"] not in told
    page = Browser(app, "admin").get(f"/inspections/zones/{zone.id}").text
    assert given["key"] not in page
    assert urlsplit(given["url"]).password not in page  # type: ignore[operator]


def test_a_token_that_is_too_old_or_none_is_refused_in_the_same_words(app: Flask, zone: Zone) -> None:
    token = token_of(app, zone)
    with unit_of_work():
        db.session.execute(sa.update(ZoneToken).values(expires_at=utcnow() - timedelta(seconds=1)))
    answers = {
        enrol(app, one).get_json()["error"] for one in (token, "", "x", "x" * 3000, "中文", token + "A")
    }
    assert answers == {"This token is not valid (any more). Ask for a new one."}
    fresh()
    assert db.session.scalars(sa.select(ZoneWorker)).all() == []


@pytest.mark.parametrize(
    "name", ["", "a b", "../x", "a_b", "a:b", "*", "x" * 81, "<script>", "a\n", "中文", "a\x00"]
)
def test_a_bad_name_is_refused_and_the_token_stays_good(app: Flask, zone: Zone, name: str) -> None:
    token = token_of(app, zone)
    assert enrol(app, token, name).status_code == 422
    assert enrol(app, token, "good-1.x").status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 413),
        (b"{", 400),
        (b"[]", 400),
        (b"null", 400),
        (b"\xff\xfe", 400),
        (b"x" * 5000, 413),
        (b"{}", 403),
    ],
)
def test_rubbish_is_refused(app: Flask, zone: Zone, body: bytes, status: int) -> None:
    answer = app.test_client().post("/zones/enrol", data=body, content_type="application/json")
    assert answer.status_code == status


def test_whoever_guesses_is_stopped_and_nobody_is_told_more(app: Flask, zone: Zone) -> None:
    token = token_of(app, zone)
    seen = [enrol(app, f"guess {number}").status_code for number in range(enrolment.FAILURES + 2)]
    assert seen == [403] * enrolment.FAILURES + [429] * 2
    assert enrol(app, token).status_code == 429, "good tokens too: else guessing would tell"
    elsewhere = app.test_client().post(
        "/zones/enrol", json={"token": token, "name": "probe"}, environ_base={"REMOTE_ADDR": "192.0.2.9"}
    )
    assert elsewhere.status_code == 200


def test_without_redis_nothing_is_given_and_the_token_stays_good(
    app: Flask, zone: Zone, redis_server: RedisServer
) -> None:
    token, settings = token_of(app, zone), runtime().settings
    use_redis("unix:///nowhere/redis.sock")
    assert enrol(app, token).status_code == 503
    use_redis(settings.redis_url)
    assert enrol(app, token).status_code == 200


def test_a_worker_reaches_its_own_zone_and_nothing_else(
    app: Flask, zone: Zone, redis_server: RedisServer
) -> None:
    given = enrol(app, token_of(app, zone)).get_json()
    with closing(login(redis_server, given["url"])) as redis:
        redis.xadd("answers:branch", {"answer": "x"})
        redis.hset("beats:branch", "probe", "x")
        assert redis.llen("rq:queue:collect:branch") == 0
        for forbidden in (
            lambda: redis.xadd("answers:branch-2", {"answer": "x"}),
            lambda: redis.xrange("answers:other"),
            lambda: redis.lpush("rq:queue:default", "x"),
            lambda: redis.lrange("rq:queue:collect:branch-2", 0, -1),
            lambda: redis.hset("rq:job:zone_branch-2_1", "data", "x"),
            lambda: redis.hget("rq:job:periodic-servicedesk", "data"),
            lambda: redis.set("enrolment-failures:all", 0),
            lambda: redis.eval("return redis.call('lpush', 'rq:queue:default', 'x')", 0),
            lambda: redis.publish("rq:pubsub:other", "x"),
            redis.keys,
            redis.flushall,
            redis.config_get,
            redis.acl_users,
            redis.client_list,
            redis.monitor().__enter__,
        ):
            with pytest.raises(ResponseError, match=r"(?i)perm|access"):
                forbidden()


def test_a_worker_that_gives_its_login_back_is_nobody(
    app: Flask, zone: Zone, redis_server: RedisServer
) -> None:
    given = enrol(app, token_of(app, zone)).get_json()
    parts = urlsplit(given["url"])
    with socket.socket(socket.AF_UNIX) as connection, connection.makefile("rwb") as stream:
        connection.connect(str(redis_server.socket))
        answers = []
        for command in (f"AUTH {parts.username} {parts.password}", "AUTH default x", "RESET", "KEYS *"):
            stream.write(f"{command}\r\n".encode())
            stream.flush()
            answers.append(stream.readline().split()[0])
    assert answers == [b"+OK", b"-WRONGPASS", b"+RESET", b"-NOAUTH"]


@pytest.mark.parametrize(
    ("rules", "is_open"),
    [
        ({"nopass": True, "categories": ["+@all"], "keys": ["*"]}, True),
        ({"nopass": True, "commands": ["+get"]}, True),
        ({"nopass": True, "categories": ["-@all"]}, False),
        ({"passwords": ["+secret"], "categories": ["+@all"], "keys": ["*"]}, False),
    ],
)
def test_at_a_redis_that_is_open_to_all_no_worker_is_enrolled(
    app: Flask, zone: Zone, redis_server: RedisServer, rules: dict[str, object], is_open: bool
) -> None:
    """A worker could take the default user's rights, which is everything in a Redis as it is installed."""
    admin, path = Browser(app, "admin"), f"/inspections/zones/{zone.id}"
    with closing(redis_server.connect()) as redis:
        redis.acl_setuser("default", enabled=True, reset=True, **rules)  # type: ignore[arg-type]  # by name
        try:
            answer = admin.post(f"{path}/token")
        finally:
            redis.acl_setuser("default", enabled=False, reset=True)
    if not is_open:
        assert answer.status_code == 200
        return
    assert answer.status_code == 302
    assert "The default user of Redis needs no password" in admin.get(path).text
    fresh()
    assert db.session.scalars(sa.select(ZoneToken)).all() == []


def test_no_token_is_made_while_redis_does_not_answer(app: Flask, zone: Zone) -> None:
    use_redis("unix:///nowhere/redis.sock")
    admin, path = Browser(app, "admin"), f"/inspections/zones/{zone.id}"
    assert admin.post(f"{path}/token").status_code == 302
    assert "Redis does not answer" in admin.get(path).text


def test_a_revoked_worker_cannot_log_in_and_is_not_heard(
    app: Flask, zone: Zone, redis_server: RedisServer, world: World
) -> None:
    given = enrol(app, token_of(app, zone)).get_json()
    fresh()
    worker = db.session.scalars(sa.select(ZoneWorker)).one()
    path = f"/inspections/zones/{zone.id}/workers/{worker.id}/revoke"
    assert Browser(app, "sam").post(path).status_code == 404
    other = make_zone(world, "other", ())
    admin = Browser(app, "admin")
    assert admin.post(f"/inspections/zones/{other.id}/workers/{worker.id}/revoke").status_code == 404
    key = keys.keys_of(zone, runtime().keyring)
    assert admin.post(path).status_code == 302
    assert admin.post(path).status_code == 404, "once"
    fresh()
    assert keys.keys_of(zone, runtime().keyring) == key, "the box was not ticked"
    with closing(login(redis_server, given["url"])) as redis, pytest.raises(AuthenticationError):
        redis.ping()
    with closing(redis_server.connect()) as redis:
        PlayedWorker(zone, redis).beat()
    jobs.sweep()
    fresh()
    assert (worker.state, worker.seen_at) == ("revoked", None)
    assert "revoked" in admin.get(f"/inspections/zones/{zone.id}").text
    assert enrol(app, token_of(app, zone)).status_code == 200, "with a new token it is one of ours again"
    fresh()
    assert worker.revoked_at is None


def test_revoking_replaces_the_key_in_the_same_step_unless_one_says_no(app: Flask, zone: Zone) -> None:
    for name in ("one", "two", "three"):
        assert enrol(app, token_of(app, zone), name).status_code == 200
    fresh()
    one, two, _three = db.session.scalars(sa.select(ZoneWorker).order_by(ZoneWorker.id))
    admin, path = Browser(app, "admin"), f"/inspections/zones/{zone.id}"
    assert f"{path}/workers/{one.id}/revoke" in admin.get(path).text
    assert Browser(app, "sam").get(f"{path}/workers/{one.id}/revoke").status_code == 404
    page = admin.get(f"{path}/workers/{one.id}/revoke").text
    assert re.search(r'<input[^>]*name="renew"[^>]*checked|<input[^>]*checked[^>]*name="renew"', page)
    assert "Other workers of this zone: three, two" in page
    before = keys.keys_of(zone, runtime().keyring)
    answer = admin.post(f"{path}/workers/{one.id}/revoke", renew="y")
    assert "Enrol its other workers again." in admin.get(answer.location).text
    fresh()
    after = keys.keys_of(zone, runtime().keyring)
    assert after[0] not in before
    assert after[1] == before[0], "what the others still deliver is taken"
    actions = list(db.session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions[-2:] == ["zone.worker_revoked", "zone.key_renewed"]
    assert "Other workers of this zone: three" in admin.get(f"{path}/workers/{two.id}/revoke").text


def test_logins_that_redis_forgot_are_made_again_and_revoked_ones_are_not(
    app: Flask, zone: Zone, redis_server: RedisServer
) -> None:
    kept = enrol(app, token_of(app, zone), "kept").get_json()
    gone = enrol(app, token_of(app, zone), "gone").get_json()
    users = [urlsplit(one["url"]).username or "" for one in (kept, gone)]
    with unit_of_work():
        db.session.execute(sa.update(ZoneWorker).where(ZoneWorker.name == "gone").values(revoked_at=utcnow()))
    with closing(redis_server.connect()) as redis:
        redis.acl_deluser(users[0])
        jobs.sweep()
        assert users[0] in redis.acl_users()
        assert users[1] not in redis.acl_users()
    with closing(login(redis_server, kept["url"])) as redis, pytest.raises(NoPermissionError):
        redis.get("x")


def test_a_shared_login_is_handed_out_as_it_is(app: Flask, zone: Zone, redis_server: RedisServer) -> None:
    shared = "rediss://zones:secret@redis.example.org:6380"
    use_redis(redis_server.url, zone_redis_url=shared)
    assert enrol(app, token_of(app, zone)).get_json()["url"] == shared
    with closing(redis_server.connect()) as redis:
        assert redis.acl_users() == KEPT
    assert logins.is_shared(shared)


def test_without_an_address_to_hand_out_no_token_is_made(app: Flask, world: World) -> None:
    zone = make_zone(world)
    admin = Browser(app, "admin")
    answer = admin.post(f"/inspections/zones/{zone.id}/token")
    assert answer.status_code == 302
    assert "SERVICEDESK_ZONE_REDIS_URL" in admin.get(answer.location).text
    fresh()
    assert db.session.scalars(sa.select(ZoneToken)).all() == []
    with pytest.raises(SettingsError, match="rediss://"):
        load_settings({"SERVICEDESK_ZONE_REDIS_URL": "redis://redis.example.org"})
