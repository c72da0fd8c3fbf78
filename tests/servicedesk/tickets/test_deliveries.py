"""Data that is handed over: encrypted, for a time, to whom it was approved for, with a log of who took it."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.blobs import BlobMissingError
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.tickets import deliveries
from servicedesk.tickets.models import DataDelivery, DeliveryDownload, Ticket
from servicedesk.tickets.service import TransitionInput, transition
from tests.servicedesk.world import Browser, World, fresh

SECRET = b"id,name\n1,Wang\n"
DETAILS = {"purpose": "audit", "scope": "invoices", "recipient": "finance", "keep_until": "2026-12-31T18:00"}


def request(world: World, sensitivity: str = "personal", state: str = "in_progress") -> Ticket:
    """A data request of rita's, approved and being worked on."""
    ticket = world.ticket("rita", "data_request", details={**DETAILS, "sensitivity": sensitivity})
    with unit_of_work():
        ticket.state, ticket.phase = state, "open"
    return ticket


def lay_ready(
    world: World, ticket: Ticket, who: str = "emma", content: bytes = SECRET, days: int = 7
) -> DataDelivery:
    here = runtime()
    with unit_of_work():
        return deliveries.deliver(
            ticket,
            "invoices.csv",
            content,
            days=days,
            blobs=here.blobs,
            keyring=here.keyring,
            actor=world.actor(who),
            now=world.now,
        )


def take(
    world: World, ticket: Ticket, delivery: DataDelivery, who: str = "rita", after_days: float = 0
) -> bytes:
    here = runtime()
    with unit_of_work():
        return deliveries.take(
            ticket,
            delivery.id,
            blobs=here.blobs,
            keyring=here.keyring,
            actor=world.actor(who),
            now=world.now + timedelta(days=after_days),
        )[1]


def test_the_requester_takes_it_and_that_is_written_down(any_world: World) -> None:
    ticket = request(any_world)
    delivery = lay_ready(any_world, ticket)
    assert SECRET not in runtime().blobs.get(delivery.blob_sha256), "it lies there encrypted"
    assert take(any_world, ticket, delivery) == SECRET
    assert [one.actor_name for one in delivery.downloads] == ["Rita"]


def test_an_approver_sees_the_masked_preview_and_not_the_file(app: Flask, world: World) -> None:
    ticket = request(world)
    delivery = lay_ready(world, ticket)
    with pytest.raises(NotAllowedError):
        take(world, ticket, delivery, "dora")
    page = Browser(app, "dora").get(f"/tickets/{ticket.id}").text
    assert "W***" in page
    assert "Wang" not in page
    assert "/take" not in page


@pytest.mark.parametrize("state", ["awaiting_approval", "assigned", "resolved", "rejected"])
def test_nothing_is_laid_ready_before_the_approval_or_after_the_end(world: World, state: str) -> None:
    ticket = request(world, state=state)
    with pytest.raises(ConflictError):
        lay_ready(world, ticket)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DataDelivery)) == 0


def test_the_requester_lays_nothing_ready(world: World) -> None:
    ticket = request(world)
    with pytest.raises(NotAllowedError):
        lay_ready(world, ticket, "rita")


@pytest.mark.parametrize(("content", "days"), [(b"", 7), (SECRET, 0), (SECRET, 31)])
def test_what_cannot_be_delivered_is_refused(world: World, content: bytes, days: int) -> None:
    ticket = request(world)
    with pytest.raises(InvalidError):
        lay_ready(world, ticket, content=content, days=days)


def test_after_its_time_it_is_gone_and_its_log_stays(any_world: World) -> None:
    world = any_world
    ticket = request(world)
    delivery = lay_ready(world, ticket)
    take(world, ticket, delivery)
    with pytest.raises(ConflictError, match="time for taking"):
        take(world, ticket, delivery, after_days=7)
    assert deliveries.purge_over(runtime().blobs, world.now + timedelta(days=6)) == 0
    for expected in (1, 0):
        assert deliveries.purge_over(runtime().blobs, world.now + timedelta(days=8)) == expected
    with pytest.raises(BlobMissingError):
        runtime().blobs.get(delivery.blob_sha256)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DeliveryDownload)) == 1


def test_it_is_taken_three_times_and_no_more(world: World) -> None:
    ticket = request(world)
    delivery = lay_ready(world, ticket)
    for _ in range(3):
        take(world, ticket, delivery)
    with pytest.raises(ConflictError, match="3 times"):
        take(world, ticket, delivery)


def test_what_was_withdrawn_is_not_taken(world: World) -> None:
    ticket = request(world)
    delivery = lay_ready(world, ticket)
    with unit_of_work():
        deliveries.withdraw(
            ticket, delivery.id, blobs=runtime().blobs, actor=world.actor("emma"), now=world.now
        )
    with pytest.raises(ConflictError):
        take(world, ticket, delivery)


def test_sensitive_data_is_closed_only_with_the_proof_of_its_destruction(world: World) -> None:
    ticket = request(world)
    lay_ready(world, ticket)
    details = {"extraction": "412 records", "masking": "full"}

    def move(name: str, who: str, **fields: object) -> None:
        with unit_of_work():
            given = TransitionInput(**fields)  # type: ignore[arg-type]
            transition(ticket, name, given, actor=world.actor(who), now=world.now)

    move("resolve", "emma", resolution="laid ready", details=details)
    with pytest.raises(ConflictError):
        move("confirm", "rita", rating=5)
    move("receive", "rita", rating=5)
    assert (ticket.state, ticket.phase) == ("in_use", "resolved")
    with pytest.raises(InvalidError):
        move("destroy", "rita")
    move("destroy", "rita", details={"destruction": "shredded, seen by Dora"})
    assert ticket.state == "closed"


def test_a_delivery_without_a_file_or_another_form_is_none(world: World) -> None:
    ticket = request(world)
    details = {"extraction": "x", "masking": "full"}
    given = TransitionInput(resolution="here you are", details=details)
    with pytest.raises(InvalidError, match="Add the file"), unit_of_work():
        transition(ticket, "resolve", given, actor=world.actor("emma"), now=world.now)


def test_in_the_browser_it_is_laid_ready_and_downloaded(app: Flask, world: World) -> None:
    ticket = request(world)
    emma, rita, rolf = (Browser(app, who) for who in ("emma", "rita", "rolf"))
    path = f"/tickets/{ticket.id}/deliveries"
    hostile = "../../etc/pass\u202ewd.csv"
    assert emma.post(path, file=(io.BytesIO(SECRET), hostile), days="3").status_code == 302
    assert emma.post(path, days="x").status_code == 422
    fresh()
    delivery = db.session.scalars(sa.select(DataDelivery)).one()
    assert delivery.name == "passwd.csv"
    assert rita.get(f"{path}/{delivery.id}/take").status_code == 405, "a link alone takes nothing"
    answer = rita.post(f"{path}/{delivery.id}/take")
    assert answer.data == SECRET
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "no-store"
    assert rolf.post(f"{path}/{delivery.id}/take").status_code == 404
    assert "Rita" in emma.get(f"/tickets/{ticket.id}").text


def test_a_file_that_cannot_be_opened_any_more_is_said_and_not_counted(app: Flask, world: World) -> None:
    ticket = request(world)
    delivery = lay_ready(world, ticket)
    runtime().blobs.remove(delivery.blob_sha256)
    answer = Browser(app, "rita").post(f"/tickets/{ticket.id}/deliveries/{delivery.id}/take")
    assert answer.status_code == 302
    fresh()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DeliveryDownload)) == 0
