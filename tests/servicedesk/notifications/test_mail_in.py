"""Mail that comes in: into its ticket, as a ticket, or into the log alone; never twice."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.notifications import mail
from servicedesk.notifications.mail import Identity
from servicedesk.notifications.models import Channel, InboundMail
from servicedesk.tickets.mail_in import Mailroom
from servicedesk.tickets.models import Attachment, Ticket, TimelineEntry
from tests.servicedesk.notifications.telling import addresses_for, channel, deliveries, move, told
from tests.servicedesk.world import Browser, World, fresh


def written(sender: str, subject: str = "Help", text: str = "Please look.", **headers: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = sender
    message["To"] = headers.pop("to", "desk@example.com")
    message["Subject"] = subject
    message["Message-ID"] = headers.pop("message_id", f"<{sender}-{subject}-{hash(text)}@example.com>")
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message


def come_in(
    world: World, message: EmailMessage | bytes, box: Channel | None = None, *, minutes: int = 0
) -> InboundMail:
    here = runtime()
    raw = message if isinstance(message, bytes) else message.as_bytes()
    room = Mailroom(here.blobs, here.keyring, here.settings)
    number = room.receive(raw, channel_id=box.id if box else None, now=world.now + timedelta(minutes=minutes))
    fresh()
    return db.session.get_one(InboundMail, number)


def tickets() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(Ticket)) or 0


def last_comment(ticket: Ticket) -> TimelineEntry | None:
    return db.session.scalar(
        sa.select(TimelineEntry)
        .where(TimelineEntry.ticket_id == ticket.id, TimelineEntry.kind == "comment")
        .order_by(TimelineEntry.id.desc())
    )


def test_a_mail_of_the_clients_staff_becomes_their_ticket_and_they_are_told_its_number(
    any_world: World,
) -> None:
    addresses_for(any_world)
    channel(any_world)
    row = come_in(any_world, written("Rita <RITA@example.com>", "回复: 打印机坏了", "三楼\n-- \nRita"))
    assert row.outcome == "created", row.reason
    ticket = db.session.scalars(sa.select(Ticket)).one()
    assert (ticket.title, ticket.description, ticket.source) == ("打印机坏了", "三楼", "mail")
    assert ticket.requester_id == any_world.users["rita"].id
    assert row.subject_label == ticket.number
    assert told("ticket.received", any_world) == {"rita"}
    assert b"-- " in runtime().blobs.get(row.sha256)


@pytest.mark.parametrize("how", ["references", "delivery", "plus address", "subject"])
def test_an_answer_goes_into_its_ticket(world: World, how: str) -> None:
    addresses_for(world)
    channel(world)
    ticket = world.ticket("rita")
    move(world, ticket, "start", "emma")
    keyring = runtime().keyring
    named = mail.token(Identity("ticket", ticket.id), keyring)
    (delivery,) = deliveries(kind="mail", recipient_id=world.users["rita"].id)
    message = {
        "references": written("rita@example.com", References=f"<x@y> <{named}@example.com>"),
        "delivery": written(
            "rita@example.com", In_Reply_To=mail.message_id(delivery.id, "example.com", keyring)
        ),
        "plus address": written("rita@example.com", to=f"Desk <desk+{named}@example.com>"),
        "subject": written("rita@example.com", f"Re: [{ticket.number.lower()}] Printer jams"),
    }[how]
    row = come_in(world, message)
    assert (row.outcome, row.subject_id) == ("commented", ticket.id), row.reason
    entry = last_comment(ticket)
    assert entry is not None
    assert (entry.body, entry.internal, entry.actor_name) == ("Please look.", False, "Rita")
    assert told("ticket.comment", world) == {"emma"}
    assert tickets() == 1


def test_the_same_message_twice_is_one_comment(any_world: World) -> None:
    addresses_for(any_world)
    ticket = any_world.ticket("rita")
    message = written("rita@example.com", f"[{ticket.number}]")
    assert [come_in(any_world, message).outcome for _ in range(3)] == ["commented", "duplicate", "duplicate"]
    count = sa.select(sa.func.count()).where(TimelineEntry.kind == "comment")
    assert db.session.scalar(count) == 1


def test_a_message_without_an_id_is_known_by_its_content(world: World) -> None:
    addresses_for(world)
    message = written("rita@example.com")
    del message["Message-ID"]
    assert [come_in(world, message).outcome for _ in range(2)] == ["created", "duplicate"]


@pytest.mark.parametrize("who", ["rolf@example.com", "dora@example.com", "stranger@example.com"])
def test_whoever_may_not_see_a_ticket_cannot_write_to_it_and_makes_none(world: World, who: str) -> None:
    addresses_for(world)
    ticket = world.ticket("rita")
    named = mail.token(Identity("ticket", ticket.id), runtime().keyring)
    for message in (
        written(who, f"[{ticket.number}] hi"),
        written(who, References=f"<{named}@example.com>"),
        written(who, "plus", to=f"desk+{named}@example.com"),
    ):
        row = come_in(world, message)
        assert (row.outcome, row.subject_label) == ("refused", "")
    assert last_comment(ticket) is None
    assert tickets() == 1


def test_a_forged_reference_names_nothing(world: World) -> None:
    addresses_for(world)
    ticket = world.ticket("rita")
    row = come_in(
        world, written("rita@example.com", References=f"<ticket-{ticket.id}.{'0' * 20}@example.com>")
    )
    assert row.outcome == "created"
    assert last_comment(ticket) is None


def test_unknown_people_are_refused_unless_the_mailbox_takes_their_domain(world: World) -> None:
    row = come_in(world, written("new@bureau.example"))
    assert (row.outcome, row.reason) == ("refused", "The sender is not known here.")
    box = channel(
        world, "mail_in", "north", sender="desk@x.cn", host="", unknown="create", domains=["bureau.example"]
    )
    assert come_in(world, written("new@evil.bureau.example.com", "x"), box).outcome == "refused"
    row = come_in(world, written("new@bureau.example", "y"), box)
    assert row.outcome == "created"
    ticket = db.session.scalars(sa.select(Ticket)).one()
    assert (ticket.client_id, ticket.requester_id) == (world.organisations["north"].id, None)
    assert "new@bureau.example" in ticket.description


def test_an_address_of_two_accounts_is_nobodys(world: World) -> None:
    addresses_for(world)
    with unit_of_work():
        world.users["dora"].email = "rita@example.com"
    assert "Several accounts" in come_in(world, written("rita@example.com")).reason
    ticket = world.ticket("rita")
    assert come_in(world, written("rita@example.com", f"[{ticket.number}]")).outcome == "commented"


def test_a_closed_account_is_unknown(world: World) -> None:
    addresses_for(world)
    with unit_of_work():
        world.users["rita"].active = False
    assert come_in(world, written("rita@example.com")).outcome == "refused"


def test_an_engineer_of_several_clients_must_use_the_page(world: World) -> None:
    addresses_for(world)
    assert "for which client" in come_in(world, written("emma@example.com")).reason


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"Return_Path": "<>"}],
)
def test_an_automatic_reply_does_nothing(world: World, headers: dict[str, str]) -> None:
    addresses_for(world)
    ticket = world.ticket("rita")
    row = come_in(world, written("rita@example.com", f"[{ticket.number}] Out of office", **headers))
    assert row.outcome == "auto_reply"
    assert last_comment(ticket) is None


def test_our_own_mail_coming_back_is_a_loop(world: World) -> None:
    addresses_for(world)
    own = mail.message_id(12, "example.com", runtime().keyring)
    assert come_in(world, written("rita@example.com", message_id=own)).outcome == "loop"


def test_two_programs_that_answer_each_other_are_stopped(world: World) -> None:
    addresses_for(world)
    limit = runtime().settings.mail_in_per_hour
    outcomes = [
        come_in(world, written("rita@example.com", f"n{number}")).outcome for number in range(limit + 2)
    ]
    assert outcomes == ["created"] * limit + ["loop"] * 2
    assert come_in(world, written("rita@example.com", "later"), minutes=61).outcome == "created"


def bounce(identity: str, action: str = "failed") -> bytes:
    return (
        "From: Mail Delivery System <MAILER-DAEMON@mx.example.com>\r\nTo: desk@example.com\r\n"
        f"Message-ID: <{action}@mx>\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\nReturn-Path: <>\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        f"Final-Recipient: rfc822; rita@example.com\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"Message-ID: {identity}\r\nSubject: x\r\n\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize(("action", "state"), [("failed", "bounced"), ("delayed", "sent")])
def test_a_bounce_marks_its_delivery_and_writes_nowhere_else(world: World, action: str, state: str) -> None:
    addresses_for(world)
    channel(world)
    ticket = world.ticket("rita")
    move(world, ticket, "start", "emma")
    (delivery,) = deliveries(kind="mail", recipient_id=world.users["rita"].id)
    with unit_of_work():
        delivery.state = "sent"
    identity = mail.message_id(delivery.id, "example.com", runtime().keyring)
    assert come_in(world, bounce(identity, action)).outcome == "bounce"
    (after,) = deliveries(id=delivery.id)
    assert after.state == state
    assert last_comment(ticket) is None
    if state == "bounced":
        assert "550 no such user" in after.answer


def test_nobody_marks_a_delivery_as_bounced_with_a_forged_number(world: World) -> None:
    addresses_for(world)
    channel(world)
    move(world, world.ticket("rita"), "start", "emma")
    (delivery,) = deliveries(kind="mail", recipient_id=world.users["rita"].id)
    with unit_of_work():
        delivery.state = "sent"
    come_in(world, bounce(f"<delivery-{delivery.id}.{'a' * 20}@example.com>"))
    assert deliveries(id=delivery.id)[0].state == "sent"


def test_files_are_kept_within_the_limits_of_the_page(world: World) -> None:
    addresses_for(world)
    message = written("rita@example.com")
    for number in range(15):
        message.add_attachment(b"x", maintype="image", subtype="png", filename=f"../../p{number}.png")
    message.add_attachment(
        b"x" * (runtime().settings.upload_max_bytes + 1), maintype="a", subtype="b", filename="big"
    )
    assert come_in(world, message).outcome == "created"
    names = list(db.session.scalars(sa.select(Attachment.name)))
    assert names == [f"p{number}.png" for number in range(10)]
    assert "6 attached files" in db.session.scalars(sa.select(Ticket)).one().description


def test_more_than_is_taken_is_a_row_of_the_log(world: World) -> None:
    row = come_in(world, b"x" * (runtime().settings.mail_in_max_bytes + 1))
    assert (row.outcome, row.sha256) == ("broken", "")
    assert "larger" in row.reason


@pytest.mark.parametrize("raw", [b"", b"\x00\xff" * 100, b"hello", b"From: \xff\xfe\r\n\r\n"])
def test_what_is_no_mail_is_a_row_of_the_log(world: World, raw: bytes) -> None:
    row = come_in(world, raw)
    assert row.outcome == "broken"
    assert row.reason


def test_markup_and_mentions_of_a_mail_are_text(app: Flask, world: World) -> None:
    addresses_for(world)
    row = come_in(world, written("rita@example.com", "<script>alert(1)</script>", "<b>@rolf</b> @emma"))
    assert row.outcome == "created"
    page = Browser(app, "emma").get(f"/tickets/{row.subject_id}").text
    assert "<script>alert(1)" not in page
    log = Browser(app, "admin").get("/notifications/inbound").text
    assert "&lt;script&gt;" in log
    assert row.subject_label in log


def test_the_pipe_takes_a_message_and_says_what_became_of_it(world: World, tmp_path: Path) -> None:
    addresses_for(world)
    fresh()
    command = [sys.executable, "-m", "servicedesk", "mail", "receive", "--data", str(tmp_path)]
    raw = written("rita@example.com").as_bytes()
    for expected in ("created GEN-", "duplicate"):
        done = subprocess.run(command, input=raw, capture_output=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
        assert done.stdout.decode().startswith(expected)
