"""Accounts, roles, organisations and contracts: who may make them and what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.permissions import Role
from servicedesk.organisations.models import Contract, Organisation, Site
from servicedesk.organisations.service import add_department, save_contract, save_organisation, save_site
from servicedesk.staff.models import RoleGrant, User
from servicedesk.staff.service import create_user, grant_role, revoke_role, update_user
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def new_user(world: World, username: str = "nina", who: str = "admin") -> User:
    with unit_of_work():
        user, _password = create_user(
            world.actor(who),
            organisation=world.organisations["north"],
            username=username,
            display_name="Nina",
            now=world.now,
        )
    return user


def test_a_new_account_shows_its_password_once(app: Flask, world: World) -> None:
    browser = Browser(app, "admin")
    answer = browser.post(
        "/accounts/new",
        organisation_id=world.organisations["north"].id,
        username="Nina",
        display_name="Nina",
        locale="",
        role="requester",
        department_id="",
    )
    assert answer.status_code == 200
    assert "nina" in answer.text
    fresh()
    user = db.session.query(User).filter_by(username="nina").one()
    assert user.must_change_password
    assert [grant.role for grant in user.grants] == ["requester"]
    assert user.password_hash not in browser.get(f"/accounts/{user.id}").text


@pytest.mark.parametrize("username", ["", "a", "a b", "-x", "näh", "x" * 65, "a/b", "<b>", "a\nb", "🙂🙂"])
def test_user_names_that_cannot_be_typed_safely_are_refused(world: World, username: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        new_user(world, username)
    assert refusal.value.field == "username"


def test_a_user_name_is_taken_however_it_is_written(any_world: World) -> None:
    for username in ("rita", "RITA", " rita "):
        with pytest.raises(InvalidError, match="taken"):
            new_user(any_world, username)


@pytest.mark.parametrize("who", ["rita", "dora", "carl", "erik", "sam", "sue", "stan"])
def test_only_administrators_make_accounts_and_grant_roles(app: Flask, world: World, who: str) -> None:
    with pytest.raises(NotAllowedError):
        new_user(world, who=who)
    browser = Browser(app, who)
    assert browser.get("/accounts/new").status_code == 404
    own = world.users[who].id
    answer = browser.post(f"/accounts/{own}/roles", role="system_admin", place="")
    assert answer.status_code in (302, 403, 404)
    assert browser.post(f"/accounts/{own}/reset-password").status_code == 403
    fresh()
    assert Role.SYSTEM_ADMIN not in {grant.role for grant in world.users[who].grants}


def test_the_three_administrators_are_apart(world: World) -> None:
    """System, security and audit: none can do alone what the others watch over."""
    for role, may_make, may_grant in (
        (Role.SYSTEM_ADMIN, True, False),
        (Role.SECURITY_ADMIN, False, True),
        (Role.AUDIT_ADMIN, False, False),
    ):
        with unit_of_work():
            user, _password = create_user(
                SYSTEM,
                organisation=world.organisations["operator"],
                username=role.value,
                display_name=role.value,
                password="x" * 12,
                now=world.now,
            )
            db.session.flush()
            grant_role(user, role, actor=SYSTEM, now=world.now)
            world.users[role.value] = user
        for allowed, act in (
            (may_make, lambda r=role: new_user(world, f"by-{r.value}", r.value)),
            (may_grant, lambda r=role: _grant(world, "rita", Role.DATA_OWNER, r.value)),
        ):
            if allowed:
                act()
            else:
                with pytest.raises(NotAllowedError):
                    act()


def _grant(world: World, whom: str, role: Role, who: str = "admin", **place: Any) -> RoleGrant:
    with unit_of_work():
        return grant_role(world.users[whom], role, actor=world.actor(who), now=world.now, **place)


def test_the_same_role_twice_is_one_grant(any_world: World) -> None:
    first = _grant(any_world, "rita", Role.DATA_OWNER)
    assert _grant(any_world, "rita", Role.DATA_OWNER).id == first.id
    site = any_world.sites["north-1"]
    at_site = _grant(any_world, "rita", Role.DATA_OWNER, site=site)
    assert at_site.id != first.id
    assert _grant(any_world, "rita", Role.DATA_OWNER, site=site).id == at_site.id


def test_staff_of_a_client_hold_no_role_at_another(world: World) -> None:
    for place in ({"client": world.organisations["south"]}, {"site": world.sites["south-1"]}):
        with pytest.raises(InvalidError, match="their own organisation"):
            _grant(world, "rita", Role.ENGINEER, **place)


def test_nobody_locks_themselves_out(world: World) -> None:
    admin = world.users["admin"]
    with pytest.raises(InvalidError, match="close your own account"), unit_of_work():
        update_user(
            admin,
            actor=world.actor("admin"),
            display_name="Admin",
            email="",
            phone="",
            department=None,
            active=False,
            now=world.now,
        )
    grant = next(g for g in admin.grants if g.role == Role.SECURITY_ADMIN)
    with pytest.raises(InvalidError, match="from yourself"), unit_of_work():
        revoke_role(grant, actor=world.actor("admin"), now=world.now)


def test_a_grant_of_somebody_else_is_not_taken_back_under_a_wrong_name(app: Flask, world: World) -> None:
    (grant,) = world.users["emma"].grants
    path = f"/accounts/{world.users['rita'].id}/roles/{grant.id}/revoke"
    assert Browser(app, "admin").post(path).status_code == 404
    fresh()
    assert len(world.users["emma"].grants) == 1


def contract(world: World, **values: Any) -> Contract:
    given: dict[str, Any] = {
        "client": world.organisations["north"],
        "service": world.organisations["service"],
        "number": "C-2",
        "title": "",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
        **values,
    }
    with unit_of_work():
        return save_contract(None, **given, actor=SYSTEM, now=world.now)


def test_contracts_that_contradict_themselves_are_refused(any_world: World) -> None:
    north, south = any_world.organisations["north"], any_world.sites["south-1"]
    for values, field in (
        ({"ends_on": date(2025, 12, 31)}, "ends_on"),
        ({"number": " C-1 "}, "number"),
        ({"service": north}, "service_id"),
        ({"client": any_world.organisations["service"]}, "service_id"),
        ({"site_ids": [south.id]}, "site_ids"),
    ):
        with pytest.raises(InvalidError) as refusal:
            contract(any_world, **values)
        assert refusal.value.field == field
    assert contract(any_world, starts_on=date(2026, 12, 31)).runs_on(date(2026, 12, 31))


def test_names_of_organisations_sites_and_departments_are_unique_in_their_place(any_world: World) -> None:
    north, south = any_world.organisations["north"], any_world.organisations["south"]
    made: dict[str, Any] = {"actor": SYSTEM, "now": any_world.now}
    site: dict[str, Any] = {"name": "North site 1", "address": "", "timezone": "UTC", "active": True, **made}
    with unit_of_work():
        save_site(None, client=south, **site)
        add_department(north, name="IT", **made)
        add_department(south, name="IT", **made)
    for again in (
        lambda: save_organisation(None, kind="client", name=" North ", active=True, **made),
        lambda: save_site(None, client=north, **site),
        lambda: add_department(north, name=" IT ", **made),
    ):
        with pytest.raises(InvalidError), unit_of_work():
            again()
    assert db.session.query(Organisation).count() == 4
    assert db.session.query(Site).count() == 4


@pytest.mark.parametrize(
    "timezone", ["", "Mars/Base", "../../etc/passwd", "Asia", "/etc/localtime", "x" * 64]
)
def test_a_time_zone_that_does_not_exist_is_refused(world: World, timezone: str) -> None:
    with pytest.raises(InvalidError) as refusal, unit_of_work():
        save_site(
            None,
            client=world.organisations["north"],
            name="New",
            address="",
            timezone=timezone,
            active=True,
            actor=SYSTEM,
            now=world.now,
        )
    assert refusal.value.field == "timezone"
