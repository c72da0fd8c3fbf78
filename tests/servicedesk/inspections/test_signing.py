"""The inspector signs, a supervisor reviews; what was signed is fixed by its hash."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.audit.models import AuditEntry
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, DomainError, InvalidError, NotAllowedError
from servicedesk.inspections.models import InspectionRecord, InspectionRun, Reading
from servicedesk.inspections.runs import start_device
from servicedesk.inspections.signing import content_hash, review, sign
from tests.servicedesk.inspections.play import OK, inspect, judged
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


@pytest.fixture
def run(any_world: World) -> InspectionRun:
    return inspect(any_world.device(protocol="ssh"), [judged(OK)], any_world.now)


def do_sign(world: World, run: InspectionRun, who: str = "erik") -> None:
    with unit_of_work():
        sign(run, note="Checked.", actor=world.actor(who), now=world.now)
    fresh()


def do_review(
    world: World, run: InspectionRun, who: str = "sam", *, accept: bool = True, note: str = ""
) -> None:
    with unit_of_work():
        review(run, accept=accept, note=note, actor=world.actor(who), now=world.now)
    fresh()


def test_signed_and_reviewed_by_two_people(any_world: World, run: InspectionRun) -> None:
    do_sign(any_world, run)
    do_review(any_world, run)
    assert (run.signed_by, run.reviewed_by) == ("Erik", "Sam")
    actions = set(db.session.scalars(sa.select(AuditEntry.action)))
    assert {"inspection.signed", "inspection.reviewed"} <= actions


def test_the_signature_covers_every_reading(any_world: World, run: InspectionRun) -> None:
    do_sign(any_world, run)
    assert content_hash(run) == run.content_hash
    with unit_of_work() as session:
        session.execute(sa.update(Reading).values(value=1.5))
    assert content_hash(run) != run.content_hash


@pytest.mark.parametrize("who", ["rita", "carl", "sam", "stan", "admin"])
def test_only_engineers_of_the_site_sign(world: World, who: str) -> None:
    run = inspect(world.device(protocol="ssh"), [judged(OK)], world.now)
    with pytest.raises(NotAllowedError):
        do_sign(world, run, who)


def test_nobody_signs_twice_nor_reviews_what_is_unsigned(any_world: World, run: InspectionRun) -> None:
    with pytest.raises(ConflictError):
        do_review(any_world, run)
    do_sign(any_world, run)
    with pytest.raises(ConflictError):
        do_sign(any_world, run, "emma")


def test_nobody_reviews_their_own_signature(any_world: World, run: InspectionRun) -> None:
    do_sign(any_world, run, "sue")
    with pytest.raises(InvalidError):
        do_review(any_world, run, "sue")
    do_review(any_world, run)


def test_handing_back_needs_a_reason_and_takes_the_signature_off(
    any_world: World, run: InspectionRun
) -> None:
    do_sign(any_world, run)
    with pytest.raises(InvalidError) as refused:
        do_review(any_world, run, accept=False)
    assert refused.value.field == "note"
    do_review(any_world, run, accept=False, note="Look at the UPS again.")
    assert (run.signed_at, run.content_hash, run.review_note) == (None, "", "Look at the UPS again.")
    do_sign(any_world, run, "emma")
    do_review(any_world, run)


def test_a_running_inspection_cannot_be_signed(world: World) -> None:
    device = world.device(protocol="ssh")
    with unit_of_work():
        run = start_device(device, actor=SYSTEM, now=world.now)
    with pytest.raises(DomainError, match="still running"):
        do_sign(world, run)


def test_the_last_answer_of_the_live_progress_brings_the_form_to_sign(app: Flask, world: World) -> None:
    device = world.device(protocol="ssh")
    with unit_of_work():
        run = start_device(device, actor=SYSTEM, now=world.now)
    page = f"/inspections/{run.id}?poll=1"
    going_on = Browser(app, "erik").get(page).text
    assert "hx-trigger" in going_on
    assert "run-side" not in going_on
    with unit_of_work():
        run.state, run.finished_at = "complete", world.now
    ended = Browser(app, "erik").get(page).text
    assert "hx-trigger" not in ended
    assert 'id="run-side" hx-swap-oob="true"' in ended
    assert f'action="/inspections/{run.id}/sign"' in ended
    whole = Browser(app, "erik").get(f"/inspections/{run.id}").text
    assert whole.count('id="run-side"') == 1
    assert "hx-swap-oob" not in whole
    fresh()


def test_codes_of_items_are_told_in_words(app: Flask, world: World) -> None:
    device = world.device(protocol="ssh")
    found = [
        judged(OK, check="identity_drift", item="software_version"),
        judged(OK, check="reachable", item="ssh"),
    ]
    run = inspect(device, found, world.now)
    record = db.session.scalars(sa.select(InspectionRecord.id).where(InspectionRecord.run_id == run.id)).one()
    page = Browser(app, "erik").get(f"/inspections/records/{record}").text
    assert "software_version" not in page
    assert '<div class="sub">Software version</div>' in page
    assert '<div class="sub">SSH</div>' in page
    sheet = Browser(app, "erik").get(f"/inspections/board/{run.id}/record.csv").text
    assert "software_version" not in sheet
