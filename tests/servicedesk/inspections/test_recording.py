"""What becomes of a visit: written once, retried when the device was silent, never lost."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from collectors.outcome import Outcome
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.equipment.models import HostKey
from servicedesk.inspections import queries
from servicedesk.inspections.models import DeviceSnapshot, InspectionRecord, InspectionRun, Reading
from servicedesk.inspections.plans import PlanData, save_plan
from servicedesk.inspections.runs import start_device, start_plan, start_site
from servicedesk.inspections.visiting import LEASE, MAX_INTERRUPTIONS, claim, release_lost
from servicedesk.tickets.models import Ticket
from tests.servicedesk.inspections.play import CRITICAL, OK, WARNING, finish, inspect, judged, take, visit_of
from tests.servicedesk.world import SYSTEM, World, fresh


def only_record() -> InspectionRecord:
    fresh()
    return db.session.scalars(sa.select(InspectionRecord)).one()


def test_a_record_keeps_value_standard_verdict_and_evidence(any_world: World) -> None:
    device = any_world.device(protocol="ssh")
    inspect(device, [judged(OK), judged(WARNING, "/var", 85)], any_world.now)
    record = only_record()
    assert (record.state, record.outcome, record.worst, record.abnormal_count) == ("done", "ok", "warning", 1)
    rows = {row.item: row for row in queries.readings(record.id) if row.check == "filesystem_used"}
    assert rows["/var"].value == 85
    assert (rows["/var"].exchange, rows["/var"].line) == (0, 2)
    assert rows["/var"].levels is not None
    assert rows["/var"].levels.provenance == "default"
    run = db.session.get_one(InspectionRun, record.run_id)
    assert (run.state, run.inspected_count, run.abnormal_count) == ("complete", 1, 1)


def test_items_stand_in_the_order_of_their_names(any_world: World) -> None:
    device = any_world.device(protocol="ssh")
    inspect(device, [judged(OK, item) for item in ("disk10", "disk9", "Disk2")], any_world.now)
    rows = queries.readings(only_record().id)
    assert [row.item for row in rows if row.check == "filesystem_used"] == ["Disk2", "disk9", "disk10"]


def test_the_device_learns_its_identity_but_keeps_what_people_wrote(world: World) -> None:
    device = world.device(protocol="ssh", model="Written by hand")
    inspect(device, [judged(OK)], world.now)
    fresh()
    assert (device.vendor, device.model, device.serial) == ("Acme", "Written by hand", "S1")
    assert device.last_outcome == "ok"
    assert db.session.get_one(DeviceSnapshot, device.id).document["device"]["vendor"] == "Acme"


def test_recording_a_visit_twice_changes_nothing(any_world: World) -> None:
    device = any_world.device(protocol="ssh")
    with unit_of_work():
        run = start_device(device, actor=SYSTEM, now=any_world.now)
    claimed = take(run, any_world.now)
    visit = visit_of(claimed[1], [judged(CRITICAL, value=95)], at=any_world.now)
    assert finish(claimed, visit, any_world.now)
    assert not finish(claimed, visit, any_world.now)
    assert db.session.scalar(sa.select(sa.func.count(Reading.item_id))) == 2  # reachable and the file system
    assert db.session.scalar(sa.select(sa.func.count(Ticket.id))) == 1


def test_a_run_under_way_counts_what_is_done_and_completes_with_the_last(any_world: World) -> None:
    now = any_world.now
    devices = [any_world.device(name=f"server{number}", protocol="ssh") for number in range(3)]
    elsewhere = any_world.device(name="elsewhere", protocol="ssh", site="north-2")
    with unit_of_work():
        start_device(elsewhere, actor=SYSTEM, now=now)  # stays open all the while
        run = start_site(devices[0].site, actor=SYSTEM, now=now)
        run_id = run.id
    ids = db.session.scalars(sa.select(InspectionRecord.id).where(InspectionRecord.run_id == run_id)).all()
    told = []
    for record_id in ids:
        claimed = claim(record_id, runtime().keyring, 60, now=now)
        assert claimed is not None
        finish(claimed, visit_of(claimed[1], [judged(WARNING, value=85)], at=now), now)
        fresh()
        run = db.session.get_one(InspectionRun, run_id)
        told.append((run.state, run.inspected_count, run.abnormal_count))
    assert told == [("running", 1, 1), ("running", 2, 2), ("complete", 3, 3)]


def test_looking_for_open_records_does_not_read_a_whole_run(world: World) -> None:
    """Else each record of a large run would cost more than the one before it."""
    seen: list[str] = []

    def keep(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "inspection_records.run_id +" in statement:
            seen.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", keep)
    inspect(world.device(protocol="ssh"), [judged(OK)], world.now)
    sa.event.remove(db.engine, "before_cursor_execute", keep)
    plan = db.session.connection().exec_driver_sql(
        f"EXPLAIN QUERY PLAN {seen[0]}", ("queued", "running", 0, 1, 1, 0)[: seen[0].count("?")]
    )
    assert "ix_inspection_records_state_not_before" in str(plan.all())


def test_a_visit_is_claimed_once(any_world: World) -> None:
    device = any_world.device(protocol="ssh")
    with unit_of_work():
        run = start_device(device, actor=SYSTEM, now=any_world.now)
    take(run, any_world.now)
    assert claim(only_record().id, runtime().keyring, 60, now=any_world.now) is None


def test_an_answer_after_the_lease_ran_out_does_not_overwrite_the_second_visit(any_world: World) -> None:
    device = any_world.device(protocol="ssh")
    with unit_of_work():
        run = start_device(device, actor=SYSTEM, now=any_world.now)
    late = take(run, any_world.now)
    later = any_world.now + LEASE + timedelta(seconds=1)
    with unit_of_work():
        assert release_lost(later) == 1
    second = take(run, later)
    assert not finish(late, visit_of(late[1], [judged(CRITICAL)], at=any_world.now), later)
    assert finish(second, visit_of(second[1], [judged(OK)], at=later), later)
    assert only_record().worst == "ok"


def test_a_visit_that_kills_its_worker_again_and_again_is_given_up(world: World) -> None:
    device = world.device(protocol="ssh")
    at = world.now
    with unit_of_work():
        run = start_device(device, actor=SYSTEM, now=at)
    for _ in range(MAX_INTERRUPTIONS):
        take(run, at)
        at += LEASE + timedelta(seconds=1)
        with unit_of_work():
            release_lost(at)
    assert claim(only_record().id, runtime().keyring, 60, now=at) is None
    record = only_record()
    assert (record.state, record.outcome) == ("done", "not_inspected")
    assert "interrupted 3 times" in record.error
    assert db.session.get_one(InspectionRun, run.id).state == "complete"


def test_a_silent_device_is_tried_again_and_every_try_is_kept(any_world: World) -> None:
    device = any_world.device(protocol="ssh")
    with unit_of_work():
        data = PlanData(site_id=device.site_id, name="Daily", retries=1, retry_gap_minutes=5)
        plan = save_plan(None, data, actor=SYSTEM, now=any_world.now)
        run = start_plan(plan, actor=SYSTEM, now=any_world.now)
    first = take(run, any_world.now)
    silent = {"outcome": Outcome.UNREACHABLE, "error": "Nobody answers."}
    assert finish(first, visit_of(first[1], at=any_world.now, **silent), any_world.now)
    record = only_record()
    assert (record.state, len(record.attempts)) == ("queued", 1)
    assert claim(record.id, runtime().keyring, 60, now=any_world.now + timedelta(minutes=4)) is None
    later = any_world.now + timedelta(minutes=5)
    second = take(run, later)
    assert finish(second, visit_of(second[1], at=later, **silent), later)
    record = only_record()
    assert (record.state, record.outcome, record.worst) == ("done", "unreachable", "critical")
    run = db.session.get_one(InspectionRun, run.id)
    assert (run.state, run.device_count, run.inspected_count) == ("complete", 1, 0)
    ticket = db.session.scalars(sa.select(Ticket)).one()
    assert ticket.title.startswith("sw1 · Reachable")


def test_a_refused_credential_is_never_tried_again(world: World) -> None:
    device = world.device(protocol="ssh")
    with unit_of_work():
        data = PlanData(site_id=device.site_id, name="Daily", retries=3)
        plan = save_plan(None, data, actor=SYSTEM, now=world.now)
        run = start_plan(plan, actor=SYSTEM, now=world.now)
    claimed = take(run, world.now)
    refused = visit_of(claimed[1], at=world.now, outcome=Outcome.AUTH_FAILED, error="Permission denied.")
    assert finish(claimed, refused, world.now)
    record = only_record()
    assert (record.state, record.outcome, record.attempts) == ("done", "auth_failed", [])


def test_a_new_host_key_waits_for_approval_and_is_no_fault(world: World) -> None:
    device = world.device(protocol="ssh")
    shown = {"host_key": "ssh-ed25519 AAAAnew", "host_key_fingerprint": "SHA256:x"}
    inspect(device, [], world.now, outcome=Outcome.HOST_KEY_CHANGED, error="Not approved.", session=shown)
    key = db.session.scalars(sa.select(HostKey)).one()
    assert (key.state, key.fingerprint) == ("pending", "SHA256:x")
    assert db.session.scalar(sa.select(sa.func.count(Ticket.id))) == 0
    assert only_record().worst == "host_key_changed"


def test_a_changed_host_key_is_critical(world: World) -> None:
    device = world.device(protocol="ssh")
    with unit_of_work() as session:
        device.accesses[0].host_keys.append(
            HostKey(
                public_key="ssh-ed25519 AAAAold", fingerprint="o", state="approved", first_seen_at=world.now
            )
        )
        session.flush()
    shown = {"host_key": "ssh-ed25519 AAAAnew", "host_key_fingerprint": "SHA256:x"}
    inspect(device, [], world.now, outcome=Outcome.HOST_KEY_CHANGED, error="It CHANGED.", session=shown)
    assert only_record().worst == "critical"
    assert db.session.scalar(sa.select(sa.func.count(Ticket.id))) == 1


def test_a_device_nobody_can_log_into_is_not_inspected_and_says_so(world: World) -> None:
    reachable = world.device("sw1", protocol="ssh")
    world.device("display")
    with unit_of_work():
        plan = save_plan(None, PlanData(site_id=reachable.site_id, name="Daily"), actor=SYSTEM, now=world.now)
        run = start_plan(plan, actor=SYSTEM, now=world.now)
    claimed = take(run, world.now)
    assert finish(claimed, visit_of(claimed[1], [judged(OK)], at=world.now), world.now)
    run = db.session.get_one(InspectionRun, run.id)
    assert (run.device_count, run.inspected_count, run.state) == (2, 1, "complete")
    other = db.session.scalars(
        sa.select(InspectionRecord).where(InspectionRecord.outcome == "not_inspected")
    ).one()
    assert "No way to log in" in other.error


def test_a_secret_of_a_lost_master_key_is_not_inspected_with_the_reason(world: World) -> None:
    from servicedesk.core.crypto import Keyring

    device = world.device(protocol="ssh")
    with unit_of_work():
        start_device(device, actor=SYSTEM, now=world.now)
    assert claim(only_record().id, Keyring(["another key"]), 60, now=world.now) is None
    record = only_record()
    assert (record.state, record.outcome) == ("done", "not_inspected")
    assert "master key" in record.error
