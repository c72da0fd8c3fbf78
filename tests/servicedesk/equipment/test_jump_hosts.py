"""Jump hosts: their pages, their rules, their host keys, and what a visit is given."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from collectors.model import SshAccess
from collectors.outcome import Outcome
from servicedesk.audit.models import AuditEntry
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.equipment import jump_hosts
from servicedesk.equipment.credentials import remove_credential, save_credential
from servicedesk.equipment.jump_host_models import JumpHost
from servicedesk.equipment.jump_hosts import JumpHostData
from servicedesk.equipment.models import Credential, Device
from servicedesk.equipment.service import save_access
from servicedesk.inspections.models import Finding
from servicedesk.inspections.runs import start_device
from servicedesk.inspections.targets import target_for
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.play import finish, take, visit_of
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

PATH = "/equipment/jump-hosts/"


def login(world: World, client: str = "north", name: str = "bastion login") -> Credential:
    with unit_of_work():
        return save_credential(
            None,
            client_id=world.organisations[client].id,
            name=name,
            kind="ssh_password",
            username="hopper",
            secret={"password": "hop-secret"},
            keyring=runtime().keyring,
            actor=SYSTEM,
            now=world.now,
        )


def made(world: World, credential: Credential, name: str = "bastion", via: int | None = None) -> JumpHost:
    data = JumpHostData(credential.client_id, name, "192.0.2.1", credential.id, via_id=via)
    with unit_of_work():
        return jump_hosts.save_jump_host(None, data, actor=SYSTEM, now=world.now)


def through(world: World, jump_host: JumpHost | None, name: str = "web1") -> Device:
    device = world.device(name, protocol="ssh")
    with unit_of_work():
        save_access(
            device,
            protocol="ssh",
            port=22,
            credential=device.accesses[0].credential,
            jump_host=jump_host,
            actor=SYSTEM,
            now=world.now,
        )
    return device


def test_a_jump_host_is_made_and_a_device_reached_through_it(app: Flask, world: World) -> None:
    credential, device = login(world), world.device("web1", protocol="ssh")
    browser, client = Browser(app, "emma"), world.organisations["north"].id
    fields = {"name": "bastion", "address": "192.0.2.1", "port": 2222, "credential_id": credential.id}
    assert browser.post(f"{PATH}new?client={client}", **fields, max_visits=4).status_code == 302
    fresh()
    jump_host = db.session.scalars(sa.select(JumpHost)).one()
    page = browser.get(PATH).text
    assert "192.0.2.1" in page
    assert "not seen yet" in page
    assert "hop-secret" not in page + browser.get(f"{PATH}{jump_host.id}").text
    access = {"protocol": "ssh", "port": 22, "credential_id": device.accesses[0].credential_id}
    address = f"/equipment/devices/{device.id}"
    browser.post(f"{address}/access", **access, snmp_version="2c", jump_host_id=jump_host.id)
    assert "through bastion" in browser.get(address).text
    answer = browser.post(f"{PATH}{jump_host.id}/remove")
    assert "Devices or other jump hosts" in browser.get(answer.location).text
    actions = set(db.session.scalars(sa.select(AuditEntry.action)))
    assert "jump_host.created" in actions


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 101},
        {"name": "a\x00b"},
        {"address": ""},
        {"address": "a b"},
        {"address": "-oProxyCommand=x"},
        {"address": "a;reboot"},
        {"address": "a..b"},
        {"address": "x" * 256},
        {"port": 0},
        {"port": 65536},
        {"port": "22a"},
        {"max_visits": 0},
        {"max_visits": 101},
        {"credential_id": ""},
        {"credential_id": 999999},
        {"via_id": 999999},
    ],
)
def test_what_cannot_be_a_jump_host_is_refused(app: Flask, world: World, change: dict[str, object]) -> None:
    credential = login(world)
    fields = {
        "name": "b",
        "address": "192.0.2.1",
        "port": 22,
        "credential_id": credential.id,
        "max_visits": 4,
    }
    client = world.organisations["north"].id
    answer = Browser(app, "emma").post(f"{PATH}new?client={client}", **(fields | change))
    assert answer.status_code == 422
    fresh()
    assert db.session.scalars(sa.select(JumpHost)).all() == []


def test_no_circles_and_not_more_hops_than_a_visit_goes(any_world: World) -> None:
    credential = login(any_world)
    one = made(any_world, credential, "one")
    two = made(any_world, credential, "two", one.id)
    three = made(any_world, credential, "three", two.id)
    with pytest.raises(InvalidError, match="at most"):
        made(any_world, credential, "four", three.id)
    data = JumpHostData(credential.client_id, "one", "192.0.2.1", credential.id)
    for via in (one.id, two.id, three.id):
        with pytest.raises(InvalidError, match="itself"), unit_of_work():
            jump_hosts.save_jump_host(
                one, JumpHostData(**{**_dict(data), "via_id": via}), actor=SYSTEM, now=any_world.now
            )
    outer = made(any_world, credential, "outer")
    with pytest.raises(InvalidError, match="at most"), unit_of_work():
        jump_hosts.save_jump_host(
            one, JumpHostData(**{**_dict(data), "via_id": outer.id}), actor=SYSTEM, now=any_world.now
        )
    assert [hop.name for hop in jump_hosts.chain(three)] == ["one", "two", "three"]


def _dict(data: JumpHostData) -> dict[str, object]:
    return {name: getattr(data, name) for name in JumpHostData.__dataclass_fields__}


def test_the_target_names_every_hop_with_its_own_login(any_world: World) -> None:
    credential = login(any_world)
    outer = made(any_world, credential, "outer")
    inner = made(any_world, login(any_world, name="inner login"), "inner", outer.id)
    device = through(any_world, inner)
    with unit_of_work():
        inner.public_key = "ssh-ed25519 AAAA"
        target = target_for(device, keyring=runtime().keyring, deadline_s=60, now=any_world.now)
    [access] = target.accesses
    assert isinstance(access, SshAccess)
    assert [(hop.key, hop.name) for hop in access.via] == [(str(outer.id), "outer"), (str(inner.id), "inner")]
    assert access.via[0].access.password == "hop-secret"
    assert access.via[0].access.host_keys == ()
    assert access.via[1].access.host_keys == ("ssh-ed25519 AAAA",)
    fresh()
    assert credential.last_used_at == any_world.now
    with pytest.raises(InvalidError, match="uses this credential"), unit_of_work():
        remove_credential(credential, actor=SYSTEM, now=any_world.now)


def test_snmp_and_other_clients_devices_do_not_go_through(world: World) -> None:
    jump_host = made(world, login(world))
    theirs = made(world, login(world, "south"), "theirs")
    device = world.device("sw1", protocol="snmp")
    credential = device.accesses[0].credential
    for protocol, one, words in (("snmp", jump_host, "SNMP cannot"), ("snmp", theirs, "same client")):
        with pytest.raises(InvalidError, match=words), unit_of_work():
            save_access(
                device,
                protocol=protocol,
                port=161,
                credential=credential,
                jump_host=one,
                actor=SYSTEM,
                now=world.now,
            )


def test_a_new_key_waits_for_a_person_and_is_no_fault(any_world: World) -> None:
    jump_host = made(any_world, login(any_world))
    device = through(any_world, jump_host)
    _failed_at(any_world, device, jump_host, "ssh-ed25519 NEW", any_world.now)
    fresh()
    assert (jump_host.public_key, jump_host.shown_key) == ("", "ssh-ed25519 NEW")
    assert device.accesses[0].host_keys == [], "it is not the device's key"
    assert db.session.scalars(sa.select(Finding)).all() == []
    supervisor = any_world.actor("sam")
    for actor in (any_world.actor("emma"), any_world.actor("stan")):
        with pytest.raises(NotAllowedError), unit_of_work():
            jump_hosts.decide_key(jump_host, "ssh-ed25519 NEW", approve=True, actor=actor, now=utcnow())
    with pytest.raises(ConflictError), unit_of_work():
        jump_hosts.decide_key(jump_host, "ssh-ed25519 SEEN", approve=True, actor=supervisor, now=utcnow())
    with unit_of_work():
        jump_hosts.decide_key(jump_host, "ssh-ed25519 NEW", approve=True, actor=supervisor, now=utcnow())
    assert (jump_host.public_key, jump_host.shown_key) == ("ssh-ed25519 NEW", "")
    later = any_world.now + timedelta(hours=1)
    _failed_at(any_world, device, jump_host, "ssh-ed25519 OTHER", later)
    fresh()
    assert (jump_host.public_key, jump_host.shown_key) == ("ssh-ed25519 NEW", "ssh-ed25519 OTHER")
    assert [one.check for one in db.session.scalars(sa.select(Finding))] == ["reachable"], "a changed one is"


def test_a_key_of_a_jump_host_that_does_not_lead_there_is_not_noted(world: World) -> None:
    credential = login(world)
    mine, other = made(world, credential, "mine"), made(world, credential, "other")
    _failed_at(world, through(world, mine), other, "ssh-ed25519 NEW", world.now)
    fresh()
    assert other.shown_key == ""


def _failed_at(world: World, device: Device, jump_host: JumpHost, key: str, at: object) -> None:
    with unit_of_work():
        run = start_device(device, actor=SYSTEM, now=at)  # type: ignore[arg-type]
    claimed = take(run, at + timedelta(seconds=1))  # type: ignore[operator]
    session = {
        "jump_failed": str(jump_host.id),
        "jump_host_key": key,
        "jump_host_key_fingerprint": "SHA256:abc",
    }
    visit = visit_of(
        claimed[1],
        at=at,  # type: ignore[arg-type]
        outcome=Outcome.HOST_KEY_CHANGED,
        error="Jump host bastion: the host key",
        session=session,
    )
    finish(claimed, visit, at + timedelta(seconds=2))  # type: ignore[operator]


def test_with_another_address_the_key_is_approved_anew(world: World) -> None:
    credential = login(world)
    jump_host = made(world, credential)
    with unit_of_work():
        jump_host.public_key = "ssh-ed25519 AAAA"
    for address, key in (("192.0.2.1", "ssh-ed25519 AAAA"), ("192.0.2.2", "")):
        with unit_of_work():
            data = JumpHostData(credential.client_id, "bastion", address, credential.id)
            jump_hosts.save_jump_host(jump_host, data, actor=SYSTEM, now=world.now)
        assert jump_host.public_key == key


def test_other_clients_jump_hosts_do_not_exist(app: Flask, world: World) -> None:
    theirs = made(world, login(world, "south"), "theirs")
    for name in ("emma", "sam", "rita", "dora"):
        browser = Browser(app, name)
        assert "theirs" not in browser.get(PATH).text
        assert browser.get(f"{PATH}{theirs.id}").status_code == 404
        for path in (f"{PATH}{theirs.id}", f"{PATH}{theirs.id}/key", f"{PATH}{theirs.id}/remove"):
            assert browser.post(path, name="x").status_code == 404
    assert Browser(app, "rita").get(PATH).status_code == 404
    assert "theirs" in Browser(app, "stan").get(PATH).text


def test_the_page_offers_approval_and_the_list_costs_the_same(
    app: Flask, world: World, queries: Queries
) -> None:
    credential = login(world)
    first = made(world, credential, "<b>first</b>")
    supervisor = Browser(app, "sam")
    with queries:
        supervisor.get(PATH)
    few = queries.count
    for number in range(4):
        made(world, credential, f"more {number}", first.id)
    with unit_of_work():
        jump_hosts.note_shown_key(first.id, "ssh-ed25519 NEW", "SHA256:abc", now=world.now)
    queries.statements.clear()
    with queries:
        page = supervisor.get(PATH).text
    assert queries.count == few
    assert "&lt;b&gt;first" in page
    assert "SHA256:abc" in page
    assert "wait for approval of their key: &lt;b&gt;first" in supervisor.get("/equipment/host-keys").text
    assert "first" not in Browser(app, "stan").get("/equipment/host-keys").text
    answer = supervisor.post(f"{PATH}{first.id}/key", decision="approve", key="ssh-ed25519 NEW")
    assert answer.status_code == 302
    fresh()
    assert first.public_key == "ssh-ed25519 NEW"
    admin = Browser(app, "admin")
    assert "SHA256" not in admin.get(PATH).text
