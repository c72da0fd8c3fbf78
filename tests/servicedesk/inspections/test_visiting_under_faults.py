"""A batch of visits while the database or the disk does not do what it should."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from collectors.model import Target, Visit
from servicedesk.core.blobs import BlobStore
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.inspections import visiting
from servicedesk.inspections.models import InspectionRecord
from servicedesk.inspections.runs import start_site
from servicedesk.inspections.visiting import Visiting, release_lost
from tests.servicedesk.inspections.play import visit_of
from tests.servicedesk.world import SYSTEM, World


def locked() -> OperationalError:
    return OperationalError("UPDATE", {}, Exception("database is locked"))


def answer(target: Target) -> Visit:
    return visit_of(target, at=utcnow())


def batch(**values: object) -> Visiting:
    given: dict[str, object] = {"keyring": runtime().keyring, "blobs": runtime().blobs, "visitor": answer}
    return Visiting(**(given | values))  # type: ignore[arg-type]  # tests name them


@pytest.fixture
def waiting(world: World) -> list[int]:
    """The records of three devices whose visits wait."""
    for name in ("a", "b", "c"):
        world.device(name, protocol="ssh")
    with unit_of_work():
        start_site(world.sites["north-1"], actor=SYSTEM, now=utcnow())
    return list(db.session.scalars(sa.select(InspectionRecord.id).order_by(InspectionRecord.id)))


def states() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(InspectionRecord.state).order_by(InspectionRecord.id)))


class FullAtFirst(BlobStore):
    """A disk without room for the first file."""

    full = True

    def put(self, content: bytes, *, sha256: str | None = None) -> str:
        if self.full:
            self.full = False
            raise OSError(28, "No space left on device")
        return super().put(content, sha256=sha256)


def test_a_transcript_that_cannot_be_kept_leaves_its_visit_for_later(
    waiting: list[int], tmp_path: Path
) -> None:
    blobs = FullAtFirst(tmp_path / "blobs")
    assert batch(blobs=blobs).run(waiting) == 2
    assert sorted(states()) == ["done", "done", "running"]
    with unit_of_work():
        assert release_lost(utcnow() + timedelta(minutes=1)) == 1
        # Released for a moment that is still to come.
        db.session.execute(sa.update(InspectionRecord).values(not_before=utcnow()))
    assert batch(blobs=blobs).run(waiting) == 1
    assert states() == ["done"] * 3


def test_a_visit_that_cannot_be_claimed_stays_queued_and_the_others_are_made(
    waiting: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = visiting.claim

    def claim(record_id: int, *arguments: object, **values: object) -> object:
        if record_id == waiting[0]:
            raise locked()
        return real(record_id, *arguments, **values)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(visiting, "claim", claim)
    assert batch().run(waiting) == 2
    assert states() == ["queued", "done", "done"]


def test_leases_that_cannot_be_extended_do_not_end_the_visits(
    waiting: list[int], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = Visiting.extend_leases

    def refuse() -> NoReturn:
        raise locked()

    def extend(batch: Visiting) -> None:
        with monkeypatch.context() as patch:
            patch.setattr(visiting, "unit_of_work", refuse)
            real(batch)

    def slowly(target: Target) -> Visit:
        time.sleep(1.5)
        return answer(target)

    monkeypatch.setattr(Visiting, "extend_leases", extend)
    assert batch(visitor=slowly, lease=timedelta(seconds=1)).run(waiting) == 3
    assert "could not be extended" in caplog.text
    assert states() == ["done"] * 3
