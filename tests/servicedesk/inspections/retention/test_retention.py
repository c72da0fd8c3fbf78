"""Retention: what goes, what is held, batches, crashes in between, and the page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.audit.models import AuditEntry
from servicedesk.core.blobs import BlobMissingError
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.equipment.models import Device
from servicedesk.inspections import signing
from servicedesk.inspections.models import Finding, InspectionRecord, InspectionRun, Reading
from servicedesk.inspections.retention import jobs, service
from servicedesk.inspections.retention.models import EVIDENCE, READINGS, RetentionRemoval
from servicedesk.inspections.retention.queries import months_before
from servicedesk.organisations.models import Contract
from servicedesk.tickets.models import Attachment, TimelineEntry
from tests.servicedesk.conftest import Queries
from tests.servicedesk.inspections.play import CRITICAL, OK, inspect, judged
from tests.servicedesk.world import SYSTEM, Browser, World, fresh

OLD = timedelta(days=500)  # before all that 13 months keep


def run_of(world: World, *, ago: timedelta = OLD, device: Device | None = None, bad: bool = False) -> int:
    """A visit with two readings, so long ago; returns the run's number."""
    kept = world.device(protocol="ssh", name="n1") if device is None else device
    findings = [judged(CRITICAL if bad else OK)]  # the other one says that the device was reached
    number = inspect(kept, findings, world.now - ago).id
    fresh()
    return number


def settle(world: World, key: str = "north", months: tuple[int | None, int | None] = (13, 13)) -> None:
    with unit_of_work():
        service.save_policy(
            world.organisations[key].id,
            readings_months=months[0],
            evidence_months=months[1],
            actor=SYSTEM,
            now=world.now,
        )
    fresh()


def swept(monkeypatch: pytest.MonkeyPatch, world: World) -> int:
    monkeypatch.setattr(jobs, "utcnow", lambda: world.now)
    fresh()
    count = jobs.sweep()
    fresh()
    return count


def readings(run_id: int) -> int:
    statement = sa.select(sa.func.count()).select_from(Reading).join(InspectionRecord)
    return db.session.scalar(statement.where(InspectionRecord.run_id == run_id)) or 0


def answers(run_id: int) -> str:
    """The address of a run's raw answer; fails when it is gone."""
    address = db.session.scalars(
        sa.select(InspectionRecord.transcript_sha256).where(InspectionRecord.run_id == run_id)
    ).one()
    runtime().blobs.get(address)
    return address


def signed(world: World, run_id: int) -> None:
    with unit_of_work():
        run = db.session.get_one(InspectionRun, run_id)
        signing.sign(run, note="", actor=world.actor("erik"), now=world.now)
    fresh()


def contract(world: World, starts_on: date, ends_on: date) -> None:
    with unit_of_work():
        one = db.session.scalars(sa.select(Contract)).one()
        one.starts_on, one.ends_on = starts_on, ends_on
    fresh()


def removals() -> list[tuple[str, int, bool]]:
    rows = db.session.scalars(sa.select(RetentionRemoval).order_by(RetentionRemoval.id))
    return [(row.kind, row.removed, row.finished_at is not None) for row in rows]


def test_without_a_policy_everything_is_kept(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(any_world)
    assert swept(monkeypatch, any_world) == 0
    assert readings(run) == 2
    answers(run)


def test_old_readings_and_answers_go_and_the_record_stays(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = any_world.device(protocol="ssh", name="n1")
    old, new = run_of(any_world, device=device), run_of(any_world, ago=timedelta(days=300), device=device)
    address = answers(old)
    settle(any_world)
    assert swept(monkeypatch, any_world) == 2
    assert (readings(old), readings(new)) == (0, 2)
    with pytest.raises(BlobMissingError):
        runtime().blobs.get(address)
    answers(new)
    record = db.session.scalars(sa.select(InspectionRecord).where(InspectionRecord.run_id == old)).one()
    assert (record.worst, record.transcript_sha256) == ("ok", address)
    assert removals() == [(READINGS, 2, True), (EVIDENCE, 1, True)]
    told = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "retention.removed")).all()
    assert [one.after["removed"] for one in told if one.after] == [2, 1]
    # Once more: nothing is left, and nothing is written down twice.
    assert swept(monkeypatch, any_world) == 0
    assert len(removals()) == 2


def test_the_operator_s_policy_is_for_clients_without_their_own(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    north = run_of(any_world)
    south = run_of(any_world, device=any_world.device(protocol="ssh", site="south-1", name="s1"))
    settle(any_world, "north", (24, 24))
    settle(any_world, "operator")
    swept(monkeypatch, any_world)
    assert (readings(north), readings(south)) == (2, 0)


@pytest.mark.parametrize("months", [13, None])
def test_what_is_signed_is_whole_until_the_contract_ends(
    any_world: World, monkeypatch: pytest.MonkeyPatch, months: int | None
) -> None:
    run = run_of(any_world)
    signed(any_world, run)
    settle(any_world, months=(months, months))
    for starts_on, ends_on in (
        (date(2024, 1, 1), any_world.now.date()),  # still in force
        (date(2026, 1, 1), date(2026, 1, 2)),  # ended, but was not yet there
    ):
        contract(any_world, starts_on, ends_on)
        assert swept(monkeypatch, any_world) == 0
        assert readings(run) == 2
        answers(run)
    contract(any_world, date(2024, 1, 1), any_world.now.date() - timedelta(days=1))
    assert swept(monkeypatch, any_world) == 2
    kept = db.session.get_one(InspectionRun, run)
    assert readings(run) == 0
    assert (kept.signed_by, len(kept.content_hash)) == ("Erik", 64)


def test_an_open_finding_keeps_its_readings(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(any_world, bad=True)
    settle(any_world)
    assert swept(monkeypatch, any_world) == 0
    assert readings(run) == 2
    with unit_of_work():
        db.session.execute(sa.update(Finding).values(state="closed"))
    assert swept(monkeypatch, any_world) == 2


def test_a_file_of_a_ticket_with_the_same_content_stays(
    any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(any_world)
    address = answers(run)
    ticket = any_world.ticket()
    with unit_of_work():
        entry = db.session.scalars(
            sa.select(TimelineEntry.id).where(TimelineEntry.ticket_id == ticket.id)
        ).first()
        db.session.add(
            Attachment(
                entry_id=entry,
                name="answer.txt",
                content_type="text/plain",
                size_bytes=1,
                sha256=address,
                created_at=any_world.now,
            )
        )
    settle(any_world)
    assert swept(monkeypatch, any_world) == 2
    assert answers(run) == address


def test_a_crash_in_between_is_gone_on_from(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three records by two: the first batch is committed, the second fails after its files went."""
    run_id = run_of(any_world)
    devices = [any_world.device(name=f"more{number}").id for number in range(2)]
    with unit_of_work():
        row = db.session.scalars(sa.select(InspectionRecord).where(InspectionRecord.run_id == run_id)).one()
        item = db.session.scalars(sa.select(Reading.item_id).limit(1)).one()
        for number in range(2):
            address = runtime().blobs.put(f"answer {number}".encode())
            more = InspectionRecord(
                run_id=run_id,
                device_id=devices[number],
                state="done",
                not_before=row.not_before,
                transcript_sha256=address,
            )
            db.session.add(more)
            db.session.flush()
            db.session.add(Reading(record_id=more.id, item_id=item, outcome=0))
    settle(any_world)
    monkeypatch.setattr(service, "BATCH", 2)

    calls = []
    remove = type(runtime().blobs).remove

    def failing(self: object, sha256: str) -> None:
        calls.append(sha256)
        remove(self, sha256)  # type: ignore[arg-type]  # the store itself
        if len(calls) == 3:
            raise OSError("the disk went away")

    monkeypatch.setattr(type(runtime().blobs), "remove", failing)
    with pytest.raises(OSError, match="went away"):
        swept(monkeypatch, any_world)
    fresh()
    assert removals() == [(READINGS, 4, True), (EVIDENCE, 2, False)]
    assert swept(monkeypatch, any_world) == 1
    assert removals() == [(READINGS, 4, True), (EVIDENCE, 3, True)]
    told = sa.select(sa.func.count()).where(AuditEntry.action == "retention.removed")
    assert db.session.scalar(told) == 2


def test_one_call_ends_after_its_batches(any_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run = run_of(any_world)
    settle(any_world)
    monkeypatch.setattr(jobs, "MOST_BATCHES", 1)
    assert swept(monkeypatch, any_world) == 1
    assert readings(run) == 0
    answers(run)
    assert swept(monkeypatch, any_world) == 1
    assert removals() == [(READINGS, 2, True), (EVIDENCE, 1, True)]


def test_nobody_signs_or_prints_what_is_gone(
    world: World, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = run_of(world)
    signed_run = run_of(world, ago=OLD + timedelta(days=1), device=world.device(protocol="ssh", name="n2"))
    signed(world, signed_run)
    contract(world, date(2024, 1, 1), date(2026, 1, 2))
    with unit_of_work() as session:  # the next one, by which Erik is still there
        ended = db.session.scalars(sa.select(Contract)).one()
        session.add(
            Contract(
                client_id=ended.client_id,
                service_id=ended.service_id,
                number="C-2",
                starts_on=date(2026, 2, 1),
                ends_on=date(2027, 12, 31),
                created_at=world.now,
            )
        )
    settle(world)
    swept(monkeypatch, world)
    with pytest.raises(ConflictError, match="retention"):
        signed(world, run_id)
    browser = Browser(app, "erik")
    page = browser.get(f"/inspections/{signed_run}").text
    assert "removed by the policy of retention" in page
    assert "altered after it was signed" not in page
    for name in ("record.pdf", "record.csv"):
        assert browser.get(f"/inspections/board/{signed_run}/{name}").status_code == 409
    record = db.session.scalars(
        sa.select(InspectionRecord.id).where(InspectionRecord.run_id == signed_run)
    ).one()
    assert "removed by the policy of retention" in browser.get(f"/inspections/records/{record}").text


@pytest.mark.parametrize("months", [12, 0, -5, 601, 10**9])
def test_too_short_or_endless_times_are_refused(world: World, months: int) -> None:
    for pair in ((months, 13), (13, months)):
        with pytest.raises(InvalidError):
            settle(world, months=pair)


def test_only_who_manages_the_client_settles(world: World) -> None:
    for who in ("erik", "sam", "rita"):
        with pytest.raises(NotAllowedError), unit_of_work():
            service.save_policy(
                world.organisations["north"].id,
                readings_months=13,
                evidence_months=13,
                actor=world.actor(who),
                now=world.now,
            )


def test_months_of_a_shorter_month() -> None:
    assert months_before(datetime(2027, 3, 31, tzinfo=UTC), 13) == datetime(2026, 2, 28, tzinfo=UTC)
    assert months_before(datetime(2027, 1, 31, tzinfo=UTC), 1) == datetime(2026, 12, 31, tzinfo=UTC)


def test_the_page_shows_what_would_go_before_it_is_saved(
    world: World, app: Flask, queries: Queries, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_of(world)
    number = world.organisations["north"].id
    browser = Browser(app, "admin")
    path = f"/inspections/retention/?organisation={number}"
    shown = browser.post(path, readings_months="13", evidence_months="")
    assert shown.status_code == 200
    assert "Inspections: 1, visits: 1" in shown.text
    assert db.session.scalar(sa.text("SELECT count(*) FROM retention_policies")) == 0
    assert browser.post(path, readings_months="13", evidence_months="", save="1").status_code == 302
    assert readings(run) == 2
    for bad in ("12", "9" * 30, "<script>alert(1)</script>", "1.5"):
        answer = browser.post(path, readings_months=bad, evidence_months="", save="1")
        assert answer.status_code == 422
        assert "<script>alert" not in answer.text
    with queries:
        browser.get(path)
    few = queries.count
    for one in range(3):
        run_of(world, device=world.device(protocol="ssh", name=f"q{one}"))
    swept(monkeypatch, world)
    fresh()
    with queries:
        assert browser.get(path).text.count("Readings") >= 3
    assert queries.count - few <= few + 1  # counted on from before


def test_others_do_not_see_the_page(world: World, app: Flask) -> None:
    number = world.organisations["north"].id
    for who in ("erik", "sam", "rita"):
        browser = Browser(app, who)
        assert browser.get("/inspections/retention/").status_code == 404
        path = f"/inspections/retention/?organisation={number}"
        assert browser.post(path, readings_months="13", save="1").status_code == 404
    assert Browser(app, "admin").get("/inspections/retention/?organisation=999999").status_code == 404
