"""Rules of access: which devices are asked how, and what follows when rules, devices or tags change."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.equipment import custom_fields
from servicedesk.equipment.access_rules.fitting import fit
from servicedesk.equipment.access_rules.models import AccessRule
from servicedesk.equipment.access_rules.service import RuleData, remove_rule, save_rule
from servicedesk.equipment.credentials import remove_credential, save_credential
from servicedesk.equipment.models import Credential, Device, DeviceAccess
from servicedesk.equipment.service import DeviceData, note_host_key, remove_access, save_access, save_device
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def credential(world: World, name: str, client: str = "north", kind: str = "snmp_community") -> Credential:
    secret = {"community": "public"} if kind == "snmp_community" else {"password": "inspect-me"}
    with unit_of_work():
        return save_credential(
            None,
            client_id=world.organisations[client].id,
            name=name,
            kind=kind,
            username="" if kind == "snmp_community" else "inspector",
            secret=secret,
            keyring=runtime().keyring,
            actor=SYSTEM,
            now=world.now,
        )


def rule(
    world: World, of: Credential, *, who: str = "", old: AccessRule | None = None, **values: Any
) -> AccessRule:
    with unit_of_work():
        data = RuleData(**{"protocol": "snmp", "credential_id": of.id} | values)
        actor = world.actor(who) if who else SYSTEM
        return save_rule(old, of.client_id, data, actor=actor, now=world.now)[0]


def ways(device: Device) -> dict[str, tuple[str, int]]:
    """Protocol → name of the credential and port, of one device."""
    fresh()
    rows = db.session.execute(
        sa.select(DeviceAccess.protocol, Credential.name, DeviceAccess.port)
        .join(Credential, Credential.id == DeviceAccess.credential_id)
        .where(DeviceAccess.device_id == device.id)
    )
    return {protocol: (name, port) for protocol, name, port in rows}


def test_the_narrowest_rule_counts_and_an_own_way_is_left_alone(any_app: Flask, any_world: World) -> None:
    world = any_world
    switch = world.device("sw1", device_class="switch")
    far = world.device("sw2", site="north-2", device_class="switch")
    own = world.device("sw3", protocol="snmp", device_class="switch")
    wide, site, kind = (credential(world, name) for name in ("wide", "site", "class"))
    rule(world, wide)
    assert ways(switch) == {"snmp": ("wide", 161)}
    rule(world, kind, device_class="switch", port=1161)
    assert ways(far) == {"snmp": ("class", 1161)}
    rule(world, site, site_id=world.sites["north-1"].id)
    assert ways(switch) == {"snmp": ("site", 161)}
    assert ways(far) == {"snmp": ("class", 1161)}
    assert ways(own) == {"snmp": ("of sw3", 16161)}


def test_devices_follow_when_they_are_made_moved_or_tagged(app: Flask, world: World) -> None:
    lab, wide = credential(world, "lab"), credential(world, "wide")
    rule(world, wide, site_id=world.sites["north-1"].id)
    rule(world, lab, tag="lab")
    device = world.device("new")  # made after the rule
    assert ways(device) == {"snmp": ("wide", 161)}
    with unit_of_work():
        device = db.session.merge(device)
        custom_fields.save_values(device, {}, "lab", actor=SYSTEM, now=world.now)
    assert ways(device) == {"snmp": ("lab", 161)}
    with unit_of_work():
        device = db.session.merge(device)
        custom_fields.save_values(device, {}, "", actor=SYSTEM, now=world.now)
        data = DeviceData(name="new", site_id=world.sites["north-2"].id, address="127.0.0.1")
        save_device(device, data, actor=SYSTEM, now=world.now)
    assert ways(device) == {}  # no rule for that site


def test_a_device_without_an_address_is_not_asked(app: Flask, world: World) -> None:
    rule(world, credential(world, "wide"))
    with unit_of_work():
        data = DeviceData(name="shelf", site_id=world.sites["north-1"].id)
        shelf = save_device(None, data, actor=SYSTEM, now=world.now)
    assert ways(shelf) == {}


def test_a_rule_that_goes_leaves_the_way_to_the_next_one_with_its_host_keys(app: Flask, world: World) -> None:
    first = credential(world, "first", kind="ssh_password")
    second = credential(world, "second", kind="ssh_password")
    narrow = rule(world, first, protocol="ssh", device_class="server")
    rule(world, second, protocol="ssh")
    device = world.device("srv", device_class="server")
    with unit_of_work():
        access = db.session.scalars(sa.select(DeviceAccess)).one()
        note_host_key(access, "ssh-ed25519 AAAA", "SHA256:x", now=world.now)
    with unit_of_work():
        assert remove_rule(db.session.merge(narrow), actor=SYSTEM, now=world.now) == 1
    assert ways(device) == {"ssh": ("second", 22)}
    assert len(db.session.scalars(sa.select(DeviceAccess)).one().host_keys) == 1
    with unit_of_work():
        remove_rule(db.session.scalars(sa.select(AccessRule)).one(), actor=SYSTEM, now=world.now)
    assert ways(device) == {}


def test_a_way_of_its_own_takes_the_place_of_the_rules_and_gives_it_back(app: Flask, world: World) -> None:
    wide, own = credential(world, "wide"), credential(world, "own")
    rule(world, wide)
    device = world.device("sw1")
    with unit_of_work():
        device = db.session.merge(device)
        with pytest.raises(InvalidError, match="comes from a rule"):
            remove_access(device.accesses[0], actor=SYSTEM, now=world.now)
        save_access(
            device, protocol="snmp", port=161, credential=db.session.merge(own), actor=SYSTEM, now=world.now
        )
    assert ways(device) == {"snmp": ("own", 161)}
    with unit_of_work():
        device = db.session.merge(device)
        remove_access(device.accesses[0], actor=SYSTEM, now=world.now)
    assert ways(device) == {"snmp": ("wide", 161)}


def test_fitting_again_changes_nothing(app: Flask, world: World) -> None:
    rule(world, credential(world, "wide"))
    world.device("sw1")
    with unit_of_work():
        assert fit(world.organisations["north"].id) == 0


def test_what_does_not_fit_is_refused(app: Flask, world: World) -> None:
    community, account = credential(world, "c"), credential(world, "s", kind="ssh_password")
    other = credential(world, "o", client="south")
    rule(world, community)
    north = world.organisations["north"].id
    for values, field in (
        ({"credential_id": account.id}, "credential_id"),
        ({"credential_id": other.id}, "credential_id"),
        ({"credential_id": 99999}, "credential_id"),
        ({"protocol": "local"}, "protocol"),
        ({"protocol": "telnet"}, "protocol"),
        ({"site_id": world.sites["south-1"].id}, "site_id"),
        ({"device_class": "toaster"}, "device_class"),
        ({"port": 70000, "tag": "x"}, "port"),
        ({"jump_host_id": 99999}, "jump_host_id"),
        ({}, "protocol"),  # the same group and protocol again
    ):
        data = RuleData(**{"protocol": "snmp", "credential_id": community.id} | values)  # type: ignore[arg-type]
        with pytest.raises(InvalidError) as caught, unit_of_work():
            save_rule(None, north, data, actor=SYSTEM, now=world.now)
        assert caught.value.field == field
    data = RuleData("snmp", other.id)
    with pytest.raises(NotAllowedError), unit_of_work():
        save_rule(None, other.client_id, data, actor=world.actor("emma"), now=world.now)


def test_a_credential_of_a_rule_stays(app: Flask, world: World) -> None:
    wide = credential(world, "wide")
    rule(world, wide, tag="nobody has it")
    with pytest.raises(InvalidError, match="rule of access"), unit_of_work():
        remove_credential(db.session.merge(wide), actor=SYSTEM, now=world.now)


def test_pages_make_change_and_remove_rules(app: Flask, world: World) -> None:
    wide = credential(world, "wide <b>")
    device = world.device("sw1", device_class="switch")
    emma = Browser(app, "emma")
    untouched = emma.post("/equipment/credentials/rules/new", client_id=wide.client_id, credential_id="")
    assert untouched.status_code == 422
    assert ways(device) == {}
    fields = {"client_id": wide.client_id, "protocol": "snmp", "credential_id": wide.id, "snmp_version": "2c"}
    answer = emma.post(
        "/equipment/credentials/rules/new", **fields, site_id="", device_class="", tag="", port=""
    )
    assert answer.status_code == 302, answer.text
    page = emma.get("/equipment/credentials/rules/").text
    assert "1 way to ask a device changed." in page
    assert "wide &lt;b&gt;" in page
    fresh()
    number = db.session.scalars(sa.select(AccessRule.id)).one()
    assert "by a rule for its group" in emma.get(f"/equipment/devices/{device.id}?whole=1").text
    for bad in (
        {"port": "99999"},
        {"port": "x"},
        {"credential_id": "0"},
        {"site_id": "777"},
        {"tag": "a\x00b"},
    ):
        refused = emma.post(f"/equipment/credentials/rules/{number}", **fields | bad)
        assert refused.status_code == 422, bad
    assert emma.post(f"/equipment/credentials/rules/{number}", **fields, port="1161").status_code == 302
    assert ways(device) == {"snmp": ("wide <b>", 1161)}
    for who in ("stan", "rita"):
        stranger = Browser(app, who)
        assert stranger.get(f"/equipment/credentials/rules/{number}").status_code == 404
        assert stranger.post(f"/equipment/credentials/rules/{number}/remove").status_code == 404
    assert emma.post(f"/equipment/credentials/rules/{number}/remove").status_code == 302
    assert ways(device) == {}
