"""The audit trail: every entry chained to the one before, written with the act or not at all."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.audit import service as audit
from servicedesk.audit.models import AuditEntry, AuditHead
from servicedesk.core.db import db, unit_of_work
from servicedesk.organisations.models import Organisation
from servicedesk.organisations.service import save_organisation
from servicedesk.staff.service import update_user
from tests.servicedesk.world import SYSTEM, Browser, World, fresh


def alter(statement: sa.Update | sa.Delete | sa.Insert) -> None:
    """What somebody with the database in hand would do."""
    with unit_of_work() as session:
        session.execute(statement)


def middle() -> int:
    ids = list(db.session.scalars(sa.select(AuditEntry.id).order_by(AuditEntry.id)))
    return ids[len(ids) // 2]


def test_the_chain_of_everything_the_world_did_holds(any_world: World) -> None:
    any_world.device(protocol="snmp")
    any_world.ticket()
    result = audit.verify()
    assert result.broken_id is None
    assert result.entries == db.session.query(AuditEntry).count() > 20


@pytest.mark.parametrize(
    "change",
    [
        {"actor_name": "somebody else"},
        {"action": "nothing.happened"},
        {"object_id": 4711},
        {"object_label": ""},
        {"client_id": 99},
        {"after": {"role": "requester"}},
        {"before": {}},
        {"address": "192.0.2.1"},
        {"request_id": "x"},
        {"actor_id": 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_altered_entry_is_found(world: World, change: dict[str, Any]) -> None:
    target = middle()
    alter(sa.update(AuditEntry).where(AuditEntry.id == target).values(**change))
    assert audit.verify().broken_id == target


def test_an_entry_moved_in_time_by_a_microsecond_is_found(any_world: World) -> None:
    target = middle()
    moved = any_world.now + timedelta(microseconds=1)
    alter(sa.update(AuditEntry).where(AuditEntry.id == target).values(at=moved))
    assert audit.verify().broken_id == target


def test_an_entry_altered_together_with_its_hash_breaks_the_next_one(world: World) -> None:
    target = middle()
    entry = db.session.get_one(AuditEntry, target)
    entry.actor_name = "somebody else"
    forged = audit.entry_hash(entry)
    db.session.rollback()
    alter(
        sa.update(AuditEntry).where(AuditEntry.id == target).values(actor_name="somebody else", hash=forged)
    )
    assert audit.verify().broken_id == target + 1


def test_a_removed_entry_is_found_in_the_middle_and_at_the_end(world: World) -> None:
    target = middle()
    last = db.session.scalar(sa.select(sa.func.max(AuditEntry.id)))
    alter(sa.delete(AuditEntry).where(AuditEntry.id == last))
    assert audit.verify().broken_id == last
    alter(sa.delete(AuditEntry).where(AuditEntry.id == target))
    assert audit.verify().broken_id == target + 1


def test_an_emptied_trail_is_found(world: World) -> None:
    alter(sa.delete(AuditEntry))
    assert audit.verify().broken_id is not None


def test_what_is_rolled_back_leaves_no_entry(any_world: World) -> None:
    before = audit.verify()

    def fail() -> None:
        with unit_of_work():
            save_organisation(None, kind="client", name="Never", active=True, actor=SYSTEM, now=any_world.now)
            raise RuntimeError("the power goes")

    with pytest.raises(RuntimeError):
        fail()
    assert audit.verify() == before
    assert db.session.query(Organisation).filter_by(name="Never").count() == 0


def test_an_act_is_there_when_its_entry_is(any_world: World) -> None:
    with unit_of_work():
        save_organisation(None, kind="client", name="West", active=True, actor=SYSTEM, now=any_world.now)
    entry = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert entry is not None
    assert (entry.action, entry.object_label, entry.actor_name) == ("organisation.created", "West", "test")
    assert db.session.query(Organisation).filter_by(id=entry.object_id, name="West").count() == 1


def test_many_writers_at_once_make_one_chain(any_app: Flask, any_world: World) -> None:
    before = audit.verify().entries
    target, now = any_world.organisations["north"].id, any_world.now
    db.session.remove()
    errors: list[BaseException] = []

    def write(name: str) -> None:
        with any_app.app_context():
            try:
                for _unused in range(5):
                    with unit_of_work() as session:
                        organisation = session.get_one(Organisation, target)
                        audit.record(SYSTEM, "test", organisation, now=now, label=name)
            except BaseException as error:  # noqa: BLE001 -- told below, in the test's own thread
                errors.append(error)

    threads = [threading.Thread(target=write, args=(f"writer {n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    result = audit.verify()
    assert (result.broken_id, result.entries) == (None, before + 30)


def test_an_entry_that_comes_while_the_chain_is_walked_breaks_nothing(
    any_app: Flask, any_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, real, waiting = any_world.now, audit.entry_hash, ["West"]

    def write(name: str) -> None:
        with any_app.app_context(), unit_of_work():
            save_organisation(None, kind="client", name=name, active=True, actor=SYSTEM, now=now)

    def hash_while_somebody_writes(entry: AuditEntry) -> str:
        if waiting:
            thread = threading.Thread(target=write, args=(waiting.pop(),))
            thread.start()
            thread.join(30)
        return real(entry)

    monkeypatch.setattr(audit, "entry_hash", hash_while_somebody_writes)
    assert audit.verify().broken_id is None
    fresh()
    assert db.session.query(Organisation).filter_by(name="West").count() == 1
    assert audit.verify().broken_id is None


def test_an_entry_appended_past_the_end_is_found(world: World) -> None:
    """Even one whose hash fits: the end is written down elsewhere."""
    with unit_of_work() as session:
        head = session.get_one(AuditHead, 1)
        kept = (head.entry_id, head.hash)
        save_organisation(None, kind="client", name="West", active=True, actor=SYSTEM, now=world.now)
        session.flush()
        head.entry_id, head.hash = kept
    assert audit.verify().broken_id is not None


def test_only_what_differs_is_kept(world: World) -> None:
    rita = world.users["rita"]
    with unit_of_work():
        update_user(
            rita,
            actor=SYSTEM,
            display_name="Rita B.",
            email=rita.email,
            phone=rita.phone,
            department=None,
            active=True,
            now=world.now,
        )
    entry = db.session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert entry is not None
    assert (entry.before, entry.after) == ({"display_name": "Rita"}, {"display_name": "Rita B."})


def test_a_request_leaves_its_number_and_address_in_the_trail(app: Flask, world: World) -> None:
    browser = Browser(app, "rita")
    browser.client.post(
        "/tickets/new/fault",
        data={"csrf_token": browser.token, "title": "x", "impact": "3", "urgency": "2"},
        headers={"X-Request-ID": "abcdef-123456"},
    )
    fresh()
    entry = db.session.query(AuditEntry).filter_by(action="ticket.created").one()
    assert (entry.request_id, entry.address, entry.actor_name) == ("abcdef-123456", "127.0.0.1", "Rita")
    assert entry.client_id == world.organisations["north"].id


def test_the_page_reads_and_verifies_and_nothing_can_write_it(app: Flask, world: World) -> None:
    browser = Browser(app, "admin")
    assert "Role granted" in browser.get("/audit/?q=emma").text
    assert "note-success" in browser.get("/audit/?verify=1").text
    alter(sa.update(AuditEntry).where(AuditEntry.id == middle()).values(action="forged"))
    assert "note-error" in browser.get("/audit/?verify=1").text
    assert all(rule.methods == {"GET", "HEAD", "OPTIONS"} for rule in app.url_map.iter_rules("audit.index"))
    for who in ("rita", "emma", "sam", "stan"):
        assert Browser(app, who).get("/audit/").status_code == 404


def test_a_trail_without_its_end_is_found_at_once_and_later(world: World) -> None:
    alter(sa.delete(AuditHead))
    assert audit.verify().broken_id is not None
    with unit_of_work():
        save_organisation(None, kind="client", name="West", active=True, actor=SYSTEM, now=world.now)
    assert audit.verify().broken_id is not None
