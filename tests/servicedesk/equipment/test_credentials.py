"""Credentials are written and used, and never read back; host keys wait for a person."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.audit.models import AuditEntry
from servicedesk.core.crypto import DecryptionError, Keyring
from servicedesk.core.db import Base, db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.equipment.credentials import rotate_all, save_credential
from servicedesk.equipment.models import Credential, HostKey
from servicedesk.equipment.service import decide_host_key, note_host_key
from tests.servicedesk.belongings import Belongings, addresses, lists
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

SECRET = "hunter2-never-shown"
ED = "ssh-ed25519 AAAAC3Nz"
RSA = "ssh-rsa AAAAB3Nz"


def save(world: World, credential: Credential | None = None, who: str = "", **values: Any) -> Credential:
    """A credential of ``north`` through the service."""
    given: dict[str, Any] = {
        "client_id": world.organisations["north"].id,
        "name": "switches",
        "kind": "ssh_password",
        "username": "inspector",
        "secret": {"password": SECRET},
        **values,
    }
    actor = world.actor(who) if who else SYSTEM
    with unit_of_work():
        return save_credential(credential, **given, keyring=runtime().keyring, actor=actor, now=world.now)


def fill(browser: Browser, world: World, **values: object) -> Any:
    """The form of a new credential."""
    fields = {
        "client_id": world.organisations["north"].id,
        "name": "switches",
        "kind": "ssh_password",
        "username": "inspector",
        "password": SECRET,
        "enable_secret": f"{SECRET}-enable",
        "auth_protocol": "",
        "priv_protocol": "",
    }
    return browser.post("/equipment/credentials/new", **{**fields, **values})


def test_a_secret_is_in_no_page_no_audit_entry_no_column_and_no_log(
    app: Flask, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    own = Belongings.make(world, "north")
    browser = Browser(app, "sue")
    assert fill(browser, world).status_code == 302
    fresh()
    credential = db.session.query(Credential).filter_by(name="switches").one()
    page = f"/equipment/credentials/{credential.id}"
    change: dict[str, Any] = {
        "name": "s2",
        "username": "u",
        "password": SECRET,
        "auth_protocol": "",
        "priv_protocol": "",
    }
    change |= {"kind": "ssh_password", "client_id": credential.client_id}
    assert browser.post(page, **change).status_code == 302
    refused = fill(browser, world, name="")
    answers = [browser.get(p) for p in [page, *addresses(app, own.ids), *lists(app)]]
    pages = [refused.text, *(answer.data.decode(errors="replace") for answer in answers)]  # some are files
    admin = Browser(app, "admin")
    pages += [admin.get(p).text for p in ("/audit/", "/equipment/credentials/", page)]
    assert not any(SECRET in text for text in pages)
    assert SECRET not in caplog.text
    fresh()
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(sa.select(table)):
            assert SECRET not in json.dumps(list(row), default=str), table.name
    assert runtime().keyring.decrypt(credential.secret)["password"] == SECRET
    actions = [e.action for e in db.session.query(AuditEntry).filter_by(object_id=credential.id)]
    assert {"credential.created", "credential.updated"} <= set(actions)


def test_the_page_says_where_a_credential_is_used(app: Flask, world: World) -> None:
    credential, page = save(world), Browser(app, "sue")
    path = f"/equipment/credentials/{credential.id}"
    assert "No device and no jump host is asked with it" in page.get(path).text
    device = world.device("<b>sw1</b>", protocol="ssh")
    with unit_of_work():
        device.accesses[0].credential_id = credential.id
    shown = page.get(path).text
    assert f'<a href="/equipment/devices/{device.id}">&lt;b&gt;sw1' in shown
    assert "No device and no jump host" not in shown


def test_an_empty_secret_on_a_change_keeps_what_is_stored(world: World) -> None:
    credential = save(world)
    stored = credential.secret
    save(world, credential, username="other", secret={"password": ""})
    assert (credential.secret, credential.username) == (stored, "other")
    save(world, credential, secret={"password": "new-one"})
    assert runtime().keyring.decrypt(credential.secret) == {"password": "new-one"}


def test_a_new_master_key_keeps_every_secret_readable(world: World) -> None:
    first = save(world)
    second = save(world, name="core", secret={"password": "p2", "enable_secret": "e2"})
    old_key, new_key = Keyring(["old"]), Keyring(["new"])
    with unit_of_work():
        for credential in (first, second):
            credential.secret = old_key.encrypt(runtime().keyring.decrypt(credential.secret))
    with unit_of_work():
        assert rotate_all(Keyring(["new", "old"])) == 2
    assert new_key.decrypt(first.secret) == {"password": SECRET}
    assert new_key.decrypt(second.secret) == {"password": "p2", "enable_secret": "e2"}
    with pytest.raises(DecryptionError):
        old_key.decrypt(first.secret)


def test_a_rotation_that_fails_half_way_changes_nothing(world: World) -> None:
    first, second = save(world), save(world, name="core")
    before = first.secret
    with unit_of_work():
        second.secret = Keyring(["somebody else's"]).encrypt({"password": "x"})
    with pytest.raises(DecryptionError), unit_of_work():
        rotate_all(runtime().keyring)
    assert first.secret == before


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"kind": "telnet"}, "kind"),
        ({"username": ""}, "username"),
        ({"secret": {}}, "password"),
        ({"kind": "snmp_community", "username": ""}, "community"),
        ({"kind": "ssh_key"}, "private_key"),
        ({"kind": "snmp_v3", "auth_protocol": "ROT13"}, "auth_protocol"),
        ({"kind": "snmp_v3", "priv_protocol": "AES"}, "auth_protocol"),
        ({"kind": "snmp_v3", "auth_protocol": "SHA", "secret": {"auth_key": "1234567"}}, "auth_key"),
        (
            {
                "kind": "snmp_v3",
                "auth_protocol": "SHA",
                "priv_protocol": "AES",
                "secret": {"auth_key": "12345678"},
            },
            "priv_key",
        ),
    ],
)
def test_what_cannot_work_is_refused_with_its_field(world: World, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidError) as refusal:
        save(world, **values)
    assert refusal.value.field == field
    assert str(refusal.value)


def test_names_are_unique_within_a_client(any_world: World) -> None:
    save(any_world)
    with pytest.raises(InvalidError, match="has this name"):
        save(any_world, name=" switches ")
    save(any_world, client_id=any_world.organisations["south"].id)
    assert db.session.query(Credential).count() == 2


def test_client_and_kind_of_a_credential_stay(world: World) -> None:
    credential = save(world)
    for change in (
        {"client_id": world.organisations["south"].id},
        {"kind": "ssh_key", "secret": {"private_key": "x"}},
    ):
        with pytest.raises(InvalidError, match="stay as they are"):
            save(world, credential, **change)


def test_an_engineer_of_one_site_manages_no_credentials_of_the_client(app: Flask, world: World) -> None:
    with pytest.raises(NotAllowedError):
        save(world, who="erik")
    assert fill(Browser(app, "erik"), world).status_code == 422


def test_a_credential_in_use_is_not_removed(app: Flask, world: World) -> None:
    device = world.device(protocol="ssh")
    used, unused = device.accesses[0].credential_id, save(world).id
    browser = Browser(app, "sam")
    browser.post(f"/equipment/credentials/{used}/remove")
    assert "1 devices use this credential" in browser.get("/equipment/credentials/").text
    browser.post(f"/equipment/credentials/{unused}/remove")
    fresh()
    assert db.session.get(Credential, used) is not None
    assert db.session.get(Credential, unused) is None


def host_key(world: World, *texts: str) -> list[HostKey]:
    """Keys a device showed, in this order."""
    device = world.device(protocol="ssh")
    with unit_of_work():
        return [note_host_key(device.accesses[0], t, f"SHA256:{t[-4:]}", now=world.now) for t in texts]


def decide(world: World, key: HostKey, who: str, *, approve: bool) -> None:
    with unit_of_work():
        decide_host_key(key, approve=approve, actor=world.actor(who), now=world.now)


def test_a_host_key_is_noted_once_and_waits(world: World) -> None:
    first, again = host_key(world, ED, ED)
    assert first is again
    assert first.state == "pending"


def test_a_supervisor_approves_or_rejects_and_signs_for_it(app: Flask, world: World) -> None:
    approved, rejected = host_key(world, ED, RSA)
    browser = Browser(app, "sam")
    assert "SHA256:C3Nz" in browser.get("/equipment/host-keys").text
    assert browser.post(f"/equipment/host-keys/{approved.id}/approve").status_code == 302
    assert browser.post(f"/equipment/host-keys/{rejected.id}/reject").status_code == 302
    page = browser.get("/equipment/host-keys").text
    assert page.count("Withdraw the approval? Visits of this device stop") == 1
    fresh()
    assert (approved.state, approved.decided_by) == ("approved", "Sam")
    assert (rejected.state, rejected.decided_by) == ("rejected", "Sam")
    actions = [e.action for e in db.session.query(AuditEntry).filter(AuditEntry.action.like("host_key.%"))]
    assert actions == ["host_key.approved", "host_key.rejected"]


def test_an_engineer_does_not_approve_host_keys(app: Flask, world: World) -> None:
    (key,) = host_key(world, ED)
    assert Browser(app, "emma").post(f"/equipment/host-keys/{key.id}/approve").status_code == 404
    with pytest.raises(NotAllowedError):
        decide(world, key, "emma", approve=True)
    assert key.state == "pending"


def test_a_new_key_of_the_same_type_takes_the_place_of_the_old_one(world: World) -> None:
    old, other_type, new = host_key(world, f"{ED}old", RSA, f"{ED}new")
    for key in (old, other_type, new):
        decide(world, key, "sam", approve=True)
    assert (old.state, other_type.state, new.state) == ("rejected", "approved", "approved")


def test_the_same_decision_twice_is_a_conflict(app: Flask, world: World) -> None:
    (key,) = host_key(world, ED)
    decide(world, key, "sam", approve=True)
    with pytest.raises(ConflictError):
        decide(world, key, "sam", approve=True)
    answer = Browser(app, "sam").post(f"/equipment/host-keys/{key.id}/approve")
    assert answer.status_code == 409
    assert "decided already" in answer.text
