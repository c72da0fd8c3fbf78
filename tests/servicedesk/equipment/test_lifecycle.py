"""The life of a device: which state follows which, what is asked for, who is protected."""

from __future__ import annotations

import pytest
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError
from servicedesk.equipment.kinds import DEVICE_STATES
from servicedesk.equipment.lifecycle import STEPS, targets
from servicedesk.equipment.models import Device
from servicedesk.equipment.relations import relate
from tests.servicedesk.equipment.test_devices import FORM, save
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

PROOF = "Handed to the recycler, receipt 2026-17"


@pytest.mark.parametrize("source", DEVICE_STATES)
@pytest.mark.parametrize("target", DEVICE_STATES)
def test_only_the_arrows_of_the_table_can_be_walked(world: World, source: str, target: str) -> None:
    device = save(world, state=source, disposal_proof=PROOF)
    known = source == target or any((s.source, s.target) == (source, target) for s in STEPS)
    if known:
        assert save(world, device, state=target, disposal_proof=PROOF).state == target
    else:
        with pytest.raises(InvalidError, match="cannot become"):
            save(world, device, state=target, disposal_proof=PROOF)


def test_every_state_can_be_left_but_the_last() -> None:
    assert {state for state in DEVICE_STATES if len(targets(state)) == 1} == {"disposed"}


def test_disposal_needs_a_proof(world: World) -> None:
    device = save(world, state="retired")
    with pytest.raises(InvalidError, match="by what paper") as refusal:
        save(world, device, state="disposed", disposal_proof="  ")
    assert refusal.value.field == "disposal_proof"
    assert save(world, device, state="disposed", disposal_proof=PROOF).disposal_proof == PROOF


def test_what_others_run_on_is_not_retired_and_they_are_named(any_world: World) -> None:
    host, guest = save(any_world, name="host"), save(any_world, name="guest")
    old = save(any_world, name="old", state="retired")
    with unit_of_work():
        for device in (guest, old):
            relate(device, host, "runs_on", actor=SYSTEM, now=any_world.now)
    with pytest.raises(ConflictError, match=r"^guest still need"):
        save(any_world, host, name="host", state="retired")
    assert save(any_world, host, name="host", state="in_repair").state == "in_repair"
    save(any_world, guest, name="guest", state="retired")
    assert save(any_world, host, name="host", state="retired").state == "retired"


def test_the_form_offers_what_may_follow_and_says_why_not(app: Flask, world: World) -> None:
    device = save(world, state="retired")
    browser = Browser(app, "emma")
    path = f"/equipment/devices/{device.id}/edit"
    page = browser.get(path).text
    assert 'value="disposed"' in page
    assert 'value="planned"' not in page
    fields = {**FORM, "site_id": world.sites["north-1"].id}
    assert browser.post(path, **fields | {"state": "planned"}).status_code == 422
    assert "by what paper" in browser.post(path, **fields | {"state": "disposed"}).text
    assert browser.post(path, **fields | {"state": "disposed"}, disposal_proof=PROOF).status_code == 302
    fresh()
    assert db.session.query(Device).one().state == "disposed"
