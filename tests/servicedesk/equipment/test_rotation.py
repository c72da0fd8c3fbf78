"""Which secrets are to be changed: who wrote them, who was told, who has left, and how old they are."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError
from servicedesk.core.runtime import runtime
from servicedesk.equipment import rotation
from servicedesk.equipment.credentials import remove_credential, save_credential
from servicedesk.equipment.models import Credential
from servicedesk.staff.models import RoleGrant, User
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def made(world: World, name: str = "core", who: str = "emma", secret: str = "public", old: int = 0) -> int:
    with unit_of_work():
        known = db.session.scalar(sa.select(Credential).where(Credential.name == name))
        saved = save_credential(
            known,
            client_id=world.organisations["north"].id,
            name=name,
            kind="snmp_community",
            secret={"community": secret},
            keyring=runtime().keyring,
            actor=world.actor(who),
            now=world.now - timedelta(days=old),
        )
        db.session.flush()
        return saved.id


def told(world: World, number: int, *names: str) -> None:
    with unit_of_work():
        people = [world.users[name].id for name in names]
        rotation.set_knowers(db.session.get_one(Credential, number), people, actor=SYSTEM, now=world.now)


def due(world: World, who: str = "emma") -> dict[str, list[str]]:
    fresh()
    rows = db.session.scalars(rotation.due(world.actor(who), world.now)).all()
    said = rotation.reasons(rows, world.now)
    return {row.name: said[row.id] for row in rows}


def closed(world: World, name: str) -> None:
    with unit_of_work():
        db.session.get_one(User, world.users[name].id).active = False


def test_a_secret_is_due_when_who_wrote_it_or_was_told_it_has_left(any_app: Flask, any_world: World) -> None:
    world = any_world
    core, edge = made(world, "core"), made(world, "edge", who="sam")
    told(world, edge, "emma", "erik")
    assert due(world, "sam") == {}
    closed(world, "emma")
    assert due(world, "sam") == {
        "core": ["known to Emma, who left"],
        "edge": ["known to Emma, who left"],
    }
    made(world, "core", who="sam", secret="another")
    assert set(due(world, "sam")) == {"edge"}
    made(world, "edge", who="sam", secret="another")  # erik, who was told the old one, does not know this one
    closed(world, "erik")
    assert due(world, "sam") == {}
    assert rotation.knowers(db.session.get_one(Credential, edge)) == []
    assert core != edge


def test_whoever_lost_every_role_has_left(app: Flask, world: World) -> None:
    told(world, made(world, who="sam"), "erik")
    with unit_of_work():
        db.session.execute(sa.delete(RoleGrant).where(RoleGrant.user_id == world.users["erik"].id))
    assert due(world, "sam") == {"core": ["known to Erik, who left"]}


def test_old_secrets_are_due(app: Flask, world: World) -> None:
    made(world, "old", old=400)
    made(world, "new", old=300)
    assert due(world) == {"old": ["not changed for 400 days"]}


def test_only_people_of_the_client_are_told_and_others_stay_apart(app: Flask, world: World) -> None:
    number = made(world)
    for name in ("stan", "rita"):  # another client's engineer; somebody who does not work here
        with pytest.raises(InvalidError):
            told(world, number, name)
    assert due(world, "stan") == {}


def test_a_change_without_a_new_secret_forgets_nobody(app: Flask, world: World) -> None:
    number = made(world)
    told(world, number, "erik")
    emma = Browser(app, "emma")
    page = emma.get(f"/equipment/credentials/{number}").text
    assert "Who else knows the secret" in page
    fields = {"client_id": world.organisations["north"].id, "kind": "snmp_community", "name": "renamed"}
    answer = emma.post(f"/equipment/credentials/{number}", **fields, known_to=[world.users["erik"].id])
    assert answer.status_code == 302
    fresh()
    assert rotation.knowers(db.session.get_one(Credential, number)) == [world.users["erik"].id]
    for wrong in ("x", "99999", str(world.users["stan"].id)):
        refused = emma.post(f"/equipment/credentials/{number}", **fields, known_to=[wrong])
        assert refused.status_code == 422, wrong


def test_the_list_shows_what_is_due(app: Flask, world: World) -> None:
    made(world, "<b>old</b>", old=400)
    made(world, "new")
    emma = Browser(app, "emma")
    page = emma.get("/equipment/credentials/?show=due").text
    assert "&lt;b&gt;old&lt;/b&gt;" in page
    assert re.search(r"not changed for [0-9]+ days", page)
    assert ">new</a>" not in page
    made(world, "<b>old</b>", secret="another")
    assert "No secret is to be changed" in emma.get("/equipment/credentials/?show=due").text


def test_a_credential_goes_with_who_knew_it(app: Flask, world: World) -> None:
    number = made(world)
    told(world, number, "erik")
    with unit_of_work():
        remove_credential(db.session.get_one(Credential, number), actor=SYSTEM, now=world.now)
    assert db.session.get(Credential, number) is None
