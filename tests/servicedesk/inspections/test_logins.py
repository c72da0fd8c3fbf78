"""The button that tries a login: one attempt by a worker, nothing asked, the reason in words."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from collectors.simulator.linux_host import SimulatedHost
from collectors.simulator.ssh_server import SshServer
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.equipment.models import Device
from servicedesk.equipment.service import decide_host_key, note_host_key
from servicedesk.inspections.logins import service
from servicedesk.inspections.own.models import OwnCheckTrial
from servicedesk.inspections.own.trials import run_trial, waiting
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def begun(world: World, device: Device, who: str = "emma", protocol: str = "ssh") -> int:
    with unit_of_work():
        found = db.session.get_one(Device, device.id)
        return service.begin(found, protocol, actor=world.actor(who), now=utcnow()).id


def reached(world: World, server: SshServer) -> Device:
    """A device that is the simulated server, its host key approved."""
    device = world.device("srv", device_class="server", protocol="ssh")
    with unit_of_work():
        access = db.session.get_one(Device, device.id).accesses[0]
        access.port = server.port
        key = note_host_key(access, server.host_key_line, "SHA256:x", now=world.now)
        db.session.flush()
        decide_host_key(key, approve=True, actor=SYSTEM, now=world.now)
    return device


def test_a_login_that_works_and_one_that_does_not(app: Flask, world: World) -> None:
    server = SshServer(host=SimulatedHost()).start()
    try:
        device = reached(world, server)
        number = begun(world, device)
        assert run_trial(number, runtime().keyring)
        fresh()
        trial = db.session.get_one(OwnCheckTrial, number)
        assert trial.result is not None
        assert trial.result["outcome"] == "ok", trial.result
        assert [answer["question"] for answer in trial.result["answers"]] == ["uname -srm"]
        assert "The login works" in Browser(app, "emma").get(f"/inspections/logins/{number}").text
    finally:
        server.stop()
    number = begun(world, device)
    assert run_trial(number, runtime().keyring)
    fresh()
    page = Browser(app, "emma").get(f"/inspections/logins/{number}").text
    assert "The login works" not in page
    assert "hx-trigger" not in page  # it asks no more


def test_one_at_a_time_and_only_by_those_who_keep_the_device(app: Flask, world: World) -> None:
    device = world.device("sw1", protocol="snmp")
    with pytest.raises(InvalidError, match="no access by SSH"):
        begun(world, device, protocol="ssh")
    for who in ("rita", "stan", "carl"):
        with pytest.raises(NotAllowedError):
            begun(world, device, who, "snmp")
    number = begun(world, device, protocol="snmp")
    with pytest.raises(ConflictError):
        begun(world, device, protocol="snmp")
    for who in ("rita", "stan"):
        assert Browser(app, who).get(f"/inspections/logins/{number}").status_code == 404
    # A worker that died does not stand in the way for ever, and says so.
    with unit_of_work():
        trial = db.session.get_one(OwnCheckTrial, number)
        trial.state, trial.started_at = "running", utcnow() - timedelta(minutes=10)
        trial.created_at = utcnow() - timedelta(minutes=10)
    with unit_of_work():
        waiting(utcnow())
    assert "interrupted" in Browser(app, "emma").get(f"/inspections/logins/{number}").text
    assert begun(world, device, protocol="snmp")


def test_the_button_begins_it_and_says_what_stands_in_the_way(app: Flask, world: World) -> None:
    device = world.device("sw1", protocol="snmp")
    emma = Browser(app, "emma")
    assert "Try the login" in emma.get(f"/equipment/devices/{device.id}?whole=1").text
    page = emma.post(f"/inspections/logins/devices/{device.id}/snmp").text
    assert "waits for a worker" in page
    assert "already" in emma.post(f"/inspections/logins/devices/{device.id}/snmp").text
    assert "no access by SSH" in emma.post(f"/inspections/logins/devices/{device.id}/ssh").text
    assert emma.post(f"/inspections/logins/devices/{device.id}/telnet").status_code == 404
    assert Browser(app, "stan").post(f"/inspections/logins/devices/{device.id}/snmp").status_code == 404
    fresh()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(OwnCheckTrial)) == 1
