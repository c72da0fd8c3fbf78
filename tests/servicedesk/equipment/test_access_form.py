"""How a device is asked: the form that comes when somebody opens it."""

from __future__ import annotations

from flask import Flask

from servicedesk.core.db import db
from servicedesk.equipment.models import DeviceAccess
from tests.servicedesk.world import Browser, World, fresh


def test_the_page_leaves_the_form_to_who_opens_it(app: Flask, world: World) -> None:
    device = world.device(protocol="ssh")
    browser, path = Browser(app, "emma"), f"/equipment/devices/{device.id}"
    page = browser.get(path).text
    assert f'hx-get="{path}/access"' in page
    assert 'name="credential_id"' not in page
    form = browser.get(f"{path}/access").text
    assert "of sw1" in form
    assert f'action="{path}/access"' in form
    whole = browser.get(f"{path}?whole=1").text  # without scripts
    assert "of sw1</option>" in whole
    assert f'hx-get="{path}/access"' not in whole


def test_who_may_not_change_a_device_gets_no_form(app: Flask, world: World) -> None:
    device = world.device(protocol="ssh")
    access, credential = device.accesses[0], device.accesses[0].credential
    assert credential is not None
    path = f"/equipment/devices/{device.id}"
    reader = Browser(app, "carl")  # a change authority sees devices
    assert reader.get(path).status_code == 200
    assert "Add or change" not in reader.get(f"{path}?whole=1").text
    assert reader.get(f"{path}/access").status_code == 404
    values = {"protocol": "ssh", "port": 2222, "snmp_version": "2c", "credential_id": credential.id}
    answer = reader.post(f"{path}/access", **values)
    assert answer.status_code == 404
    assert Browser(app, "rolf").get(f"{path}/access").status_code == 404
    assert Browser(app, "emma").get("/equipment/devices/999999/access").status_code == 404
    fresh()
    assert db.session.get_one(DeviceAccess, access.id).port == 16161


def test_what_was_refused_is_said_beside_its_field_and_nothing_is_lost(app: Flask, world: World) -> None:
    device = world.device(protocol="ssh")
    credential = device.accesses[0].credential
    assert credential is not None
    browser, path = Browser(app, "emma"), f"/equipment/devices/{device.id}"
    sent = {"protocol": "snmp", "port": 1161, "snmp_version": "1", "credential_id": credential.id}
    refused = browser.post(f"{path}/access", **sent)
    assert refused.status_code == 422
    assert "does not fit the protocol" in _beside(refused.text, "credential_id")
    assert 'value="1161"' in refused.text
    assert f'<option selected value="{credential.id}">' in refused.text
    wrong = browser.post(f"{path}/access", protocol="ssh", port="9" * 400, snmp_version="2c")
    assert "Give a smaller number." in _beside(wrong.text, "port")
    assert "This field is required." in _beside(wrong.text, "credential_id")
    values = {"protocol": "ssh", "port": 2222, "snmp_version": "2c", "credential_id": credential.id}
    kept = browser.post(f"{path}/access", **values)
    assert kept.location == f"{path}#access"
    fresh()
    assert [access.port for access in device.accesses] == [2222]


def test_no_credential_is_chosen_before_somebody_chooses(app: Flask, world: World) -> None:
    device = world.device(protocol="ssh")
    form = Browser(app, "emma").get(f"/equipment/devices/{device.id}/access").text
    assert '<option selected value="">(choose)</option>' in form


def test_a_way_is_changed_from_what_is_recorded(app: Flask, world: World) -> None:
    device = world.device(protocol="ssh")
    credential = device.accesses[0].credential
    assert credential is not None
    browser, path = Browser(app, "emma"), f"/equipment/devices/{device.id}"
    assert f'href="{path}?change=ssh#access"' in browser.get(path).text
    page = browser.get(f"{path}?change=ssh").text
    assert '<option selected value="ssh">SSH</option>' in page
    assert f'<option selected value="{credential.id}">' in page
    assert 'value="16161"' in page
    assert 'name="credential_id"' not in Browser(app, "carl").get(f"{path}?change=ssh").text
    assert browser.get(f"{path}?change=nonsense").status_code == 200


def _beside(page: str, field: str) -> str:
    return page.partition(f'id="{field}-error"')[2].partition("</div>")[0]
