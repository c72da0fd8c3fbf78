"""Mail to real servers: what arrives, and what a delivery says when a server misbehaves."""

from __future__ import annotations

import email
import os
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from servicedesk.core.clock import utcnow
from servicedesk.core.crypto import Keyring
from servicedesk.core.db import unit_of_work
from servicedesk.core.errors import ConflictError, NotAllowedError
from servicedesk.core.runtime import runtime
from servicedesk.notifications import mail, sending
from servicedesk.notifications.channels.smtp import SmtpServer, send_mail
from servicedesk.notifications.mail import Identity
from servicedesk.notifications.models import Delivery
from servicedesk.notifications.sending import LEASE, deliver, make_digests, release_lost, send_again
from servicedesk.tickets.models import Ticket
from tests.servicedesk.notifications.servers import ScriptedSmtp, certificate
from tests.servicedesk.notifications.telling import (
    addresses_for,
    channel,
    choose,
    deliveries,
    move,
    write,
)
from tests.servicedesk.world import World


class Keeping:
    """A handler of aiosmtpd that keeps what it takes."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        self.taken.append(envelope)
        return "250 taken"


@pytest.fixture
def postbox() -> Iterator[tuple[Keeping, int]]:
    handler = Keeping()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()


def started(world: World, port: int, **public: object) -> tuple[Ticket, Delivery]:
    """A ticket of Rita's that Emma took up, and the mail that says so."""
    addresses_for(world)
    channel(world, port=port, **public)
    ticket = world.ticket("rita", site_id=world.sites["north-1"].id)
    move(world, ticket, "start", "emma")
    (delivery,) = deliveries(kind="mail", recipient_id=world.users["rita"].id)
    return ticket, delivery


def carry_out(delivery: Delivery, after: timedelta = timedelta(0)) -> bool:
    here = runtime()
    moment = delivery.not_before + after
    return deliver(delivery.id, keyring=here.keyring, settings=here.settings, clock=lambda: moment)


def parsed(content: bytes) -> EmailMessage:
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    return message


def test_a_mail_arrives_in_the_readers_language_with_what_is_next_and_by_when(
    any_world: World, postbox: tuple[Keeping, int]
) -> None:
    handler, port = postbox
    with unit_of_work():
        any_world.users["rita"].locale = "zh_CN"
    ticket, delivery = started(any_world, port, sender_name="服务台")
    assert carry_out(delivery)
    (envelope,) = handler.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == ("desk@example.com", ["rita@example.com"])
    message = parsed(envelope.content)
    assert message["Subject"] == f"[{ticket.number}] Printer jams"
    assert message["From"].addresses[0].display_name == "服务台"
    assert message["Auto-Submitted"] == "auto-generated"
    text = message.get_body(("plain",))
    html = message.get_body(("html",))
    assert text is not None
    assert html is not None
    for part in (text.get_content(), html.get_content()):
        assert "Emma" in part
        assert "处理中" in part
        assert "接下来" in part
        assert "2026-11-2" in part
        assert f"/tickets/{ticket.id}" in part
    (after,) = deliveries(id=delivery.id)
    assert (after.state, after.address, after.answer) == ("sent", "rita@example.com", "250 taken")
    assert after.message_id == message["Message-ID"]


def test_mails_of_one_ticket_are_one_thread_and_keep_their_identity(
    world: World, postbox: tuple[Keeping, int]
) -> None:
    handler, port = postbox
    ticket, first = started(world, port)
    write(world, ticket, "emma", "On my way.")
    mine = deliveries(kind="mail", recipient_id=world.users["rita"].id)
    for delivery in mine:
        carry_out(delivery)
    one, two = (parsed(envelope.content) for envelope in handler.taken)
    assert one["Message-ID"] != two["Message-ID"]
    assert one["References"] == two["References"] == one["In-Reply-To"]
    keyring = runtime().keyring
    assert mail.identities(one["References"], keyring) == [Identity("ticket", ticket.id)]
    assert mail.identities(one["Message-ID"], keyring) == [Identity("delivery", first.id)]


def test_an_identity_of_another_installation_is_none_of_ours(world: World) -> None:
    named = mail.token(Identity("ticket", 12), Keyring(["another"]))
    assert mail.identities(f"<{named}@example.com>", runtime().keyring) == []
    own = mail.token(Identity("ticket", 12), runtime().keyring)
    assert mail.identities(own.replace("-12.", "-13."), runtime().keyring) == []
    assert mail.identities(own.upper(), runtime().keyring) == [Identity("ticket", 12)]


def test_a_key_that_was_rotated_still_knows_old_mails() -> None:
    old = mail.token(Identity("ticket", 1), Keyring(["old"]))
    assert mail.identities(old, Keyring(["new", "old"])) == [Identity("ticket", 1)]


@pytest.mark.parametrize(
    "title",
    [
        "x\r\nBcc: everybody@example.com",
        "x\nContent-Type: text/html\n\n<script>",
        "x\u2028y\x00z\x85Bcc: a@b.c",
        "=?utf-8?q?=0ABcc:_a@example.com?=",
        "很" * 200,
    ],
)
def test_no_title_writes_a_header_of_its_own(world: World, title: str) -> None:
    keyring = runtime().keyring
    envelope = mail.Envelope(
        "desk@example.com",
        f"Desk {title}",
        "rita@example.com",
        f'Rita" <{title}>',
        mail.message_id(1, "example.com", keyring),
    )
    found = mail.Words("h", title, "FLT-1", title, "", "", "http://x/tickets/1")
    made = mail.event_mail(envelope, found, locale="en", now=world.now)
    raw = made.as_bytes()
    head = raw.split(b"\r\n\r\n")[0]
    assert b"\nBcc" not in head
    again = parsed(raw)
    assert set(again.keys()) == {
        *("Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted", "MIME-Version"),
        *("X-Auto-Response-Suppress", "Content-Language", "Content-Type"),
    }
    assert len(again["To"].addresses) == 1


def test_markup_in_a_comment_is_text_in_the_mail(world: World, postbox: tuple[Keeping, int]) -> None:
    handler, port = postbox
    ticket, _first = started(world, port)
    write(world, ticket, "emma", "<img src=x onerror=alert(1)> {{ 7*7 }}\n.\nQUIT")
    carry_out(deliveries(kind="mail", recipient_id=world.users["rita"].id)[-1])
    message = parsed(handler.taken[-1].content)
    html = message.get_body(("html",))
    assert html is not None
    assert "&lt;img src=x" in html.get_content()
    assert "<img" not in html.get_content()
    assert "{{ 7*7 }}" in html.get_content()


REFUSALS = {
    "grey": ({"RCPT": "451 4.7.1 greylisted"}, "waiting", "asks to try again later"),
    "unknown": ({"RCPT": "550 5.1.1 no such user"}, "failed", "refuses the message"),
    "full": ({".": "452 4.3.1 disk full"}, "waiting", "asks to try again later"),
    "spam": ({".": "554 5.7.1 no"}, "failed", "refuses the message"),
    "busy": ({"220": "421 too many"}, "waiting", "asks to try again later"),
    "away": ({"220": "drop"}, "waiting", "cannot be reached"),
    "early": ({"DATA": "drop"}, "waiting", "cannot be reached"),
    "lost": ({".": "drop"}, "uncertain", "did not say whether"),
    "nonsense": ({"MAIL": "hello"}, "waiting", "cannot be understood"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_what_a_server_says_decides_what_becomes_of_a_mail(world: World, case: str) -> None:
    replies, state, error = REFUSALS[case]
    with ScriptedSmtp(replies).running() as server:
        _ticket, delivery = started(world, server.port)
        carry_out(delivery)
    (after,) = deliveries(id=delivery.id)
    assert after.state == state
    assert error in after.error
    if state == "waiting":
        assert after.not_before == delivery.created_at + timedelta(minutes=1)


def test_a_refused_connection_is_tried_again_five_times_then_failed(world: World) -> None:
    with ScriptedSmtp().running() as server:
        port = server.port
    _ticket, delivery = started(world, port)
    tries = 0
    while (found := deliveries(id=delivery.id)[0]).state == "waiting":
        assert carry_out(found)
        tries += 1
    assert (tries, found.state, found.rank) == (6, "failed", 1)


@pytest.mark.parametrize(("silent", "state"), [("220", "retry"), ("RCPT", "retry"), (".", "uncertain")])
def test_a_server_that_falls_silent_is_left_after_its_time(silent: str, state: str) -> None:
    message = EmailMessage()
    message.set_content("x")
    with ScriptedSmtp({silent: "hang"}).running() as server:
        there = SmtpServer("127.0.0.1", server.port, "plain", timeout_s=0.3)
        assert send_mail(there, message, sender="a@example.com", recipient="b@example.com").state == state
        there = replace(there, timeout_s=30.0, deadline_s=0.3)
        assert send_mail(there, message, sender="a@example.com", recipient="b@example.com").state == state


def test_a_password_never_goes_over_a_line_without_the_encryption_asked_for() -> None:
    message = EmailMessage()
    message.set_content("x")
    with ScriptedSmtp().running() as server:
        there = SmtpServer("127.0.0.1", server.port, "starttls", "user", "secret")
        outcome = send_mail(there, message, sender="a@example.com", recipient="b@example.com")
    assert outcome.state == "failed"
    assert "secret" not in repr(there)
    assert server.texts == []


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_server_is_believed_by_its_certificate_alone(tmp_path: Path, security: str) -> None:
    ca = certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    handler = Keeping()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    layers = {"ssl_context": context} if security == "tls" else {"tls_context": context}
    controller = Controller(handler, hostname="127.0.0.1", port=port, **layers)
    message = EmailMessage()
    message.set_content("x")
    there = SmtpServer("127.0.0.1", port, security, ca=ca, timeout_s=5)
    controller.start()
    try:
        for server, state in ((there, "sent"), (replace(there, ca=""), "retry")):
            outcome = send_mail(server, message, sender="a@example.com", recipient="b@example.com")
            assert outcome.state == state, outcome
    finally:
        controller.stop()
    assert "cannot be trusted" in outcome.error
    assert len(handler.taken) == 1


def test_lines_that_begin_with_a_dot_arrive_as_they_were() -> None:
    message = EmailMessage()
    message.set_content(".\n..\n.end\n", cte="7bit")
    with ScriptedSmtp().running() as server:
        there = SmtpServer("127.0.0.1", server.port, "plain")
        outcome = send_mail(there, message, sender="a@example.com", recipient="b@example.com")
    assert outcome.state == "sent"
    assert server.texts[0].endswith(b"\r\n\r\n..\r\n...\r\n..end\r\n")


def test_a_delivery_is_sent_once_however_often_its_job_runs(
    world: World, postbox: tuple[Keeping, int]
) -> None:
    handler, port = postbox
    _ticket, delivery = started(world, port)
    assert [carry_out(delivery) for _ in range(3)] == [True, False, False]
    assert len(handler.taken) == 1


KILLED = """
import sys
from servicedesk import create_app
from servicedesk.notifications.jobs import deliver_batch
with create_app().app_context():
    deliver_batch([int(sys.argv[1])])
"""


def test_a_worker_killed_between_the_text_and_the_record_never_sends_it_again(
    world: World, tmp_path: Path
) -> None:
    with ScriptedSmtp({".": "hang"}).running() as server:
        _ticket, delivery = started(world, server.port)
        environment = {**os.environ, "SERVICEDESK_DATA": str(tmp_path), "SERVICEDESK_LOCALE": "en"}
        environment.pop("DATABASE_URL", None)
        worker = subprocess.Popen([sys.executable, "-c", KILLED, str(delivery.id)], env=environment)
        try:
            assert server.reached.wait(30)
        finally:
            worker.send_signal(signal.SIGKILL)
            worker.wait(10)
        assert deliveries(id=delivery.id)[0].state == "sending"
        later = utcnow() + LEASE * 2
        with unit_of_work():
            assert release_lost(later) == 1
        (after,) = deliveries(id=delivery.id)
        assert (after.state, after.rank) == ("uncertain", 1)
        here = runtime()
        assert not deliver(delivery.id, keyring=here.keyring, settings=here.settings, clock=lambda: later)
        assert len(server.texts) == 1


def test_a_late_answer_is_recorded_unless_somebody_sent_it_again(world: World) -> None:
    with ScriptedSmtp().running() as server:
        _ticket, delivery = started(world, server.port)
        with unit_of_work():
            here = runtime()
            claim = sending._claim(delivery.id, here.keyring, here.settings, delivery.not_before)
        assert claim is not None
        with unit_of_work():
            release_lost(delivery.not_before + LEASE * 2)
        with unit_of_work():
            sending._record(claim, claim.act(), delivery.not_before)
        assert deliveries(id=delivery.id)[0].state == "sent"


def test_only_a_manager_sends_again_and_only_what_did_not_arrive(world: World) -> None:
    with ScriptedSmtp({".": "drop"}).running() as server:
        _ticket, delivery = started(world, server.port)
        with pytest.raises(ConflictError), unit_of_work():
            send_again(delivery, actor=world.actor("admin"), now=world.now)
        carry_out(delivery)
        with pytest.raises(NotAllowedError), unit_of_work():
            send_again(delivery, actor=world.actor("sam"), now=world.now)
        with unit_of_work():
            send_again(delivery, actor=world.actor("admin"), now=world.now)
        server.replies.clear()
        carry_out(deliveries(id=delivery.id)[0])
    (after,) = deliveries(id=delivery.id)
    assert (after.state, after.attempts, after.rank) == ("sent", 1, 0)
    assert len(server.texts) == 2


@pytest.mark.parametrize("lost", ["account", "address", "contract"])
def test_a_waiting_mail_is_dropped_when_it_is_no_longer_for_its_reader(world: World, lost: str) -> None:
    with ScriptedSmtp().running() as server:
        addresses_for(world)
        channel(world, port=server.port)
        choose(world.users["sam"], "new", "mail", "now")
        world.ticket("rita")
        (delivery,) = [row for row in deliveries() if row.recipient_id == world.users["sam"].id]
        with unit_of_work():
            if lost == "account":
                world.users["sam"].active = False
            elif lost == "address":
                world.users["sam"].email = ""
            else:
                assert world.contract is not None
                world.contract.ends_on = world.now.date() - timedelta(days=1)
        assert not carry_out(delivery)
    assert deliveries(id=delivery.id)[0].state == "dropped"
    assert server.texts == []


def test_a_day_of_small_things_is_one_digest(any_world: World, postbox: tuple[Keeping, int]) -> None:
    handler, port = postbox
    addresses_for(any_world)
    channel(any_world, port=port)
    choose(any_world.users["rita"], "comments", "mail", "digest")
    ticket = any_world.ticket("rita")
    for number in range(60):
        write(any_world, ticket, "emma", f"Step {number}.")
    later = any_world.now + timedelta(days=1)
    with unit_of_work():
        made = make_digests(later)
    with unit_of_work():
        assert make_digests(later) == 0
    mine = [row for row in deliveries(purpose="digest") if row.recipient_id == any_world.users["rita"].id]
    assert (made >= 1, len(mine)) == (True, 1)
    carry_out(mine[0])
    message = parsed(handler.taken[0].content)
    assert message["Subject"] == "Digest: 60 notifications"
    text = message.get_body(("plain",))
    assert text is not None
    assert text.get_content().count("Emma wrote in") == 50
    assert "… and 10 more" in text.get_content()
    assert {row.state for row in deliveries(purpose="event", digest_id=mine[0].id)} == {"bundled"}


def test_a_clients_own_server_carries_its_mail_and_no_other(
    world: World, postbox: tuple[Keeping, int]
) -> None:
    handler, port = postbox
    addresses_for(world)
    channel(world, client="north", port=port, sender="desk@north.example")
    with ScriptedSmtp().running() as general:
        channel(world, port=general.port)
        _ticket = world.ticket("rita")
        move(world, _ticket, "start", "emma")
        other = world.ticket("rolf")
        move(world, other, "start", "stan")
        for row in deliveries(state="waiting"):
            carry_out(row)
    assert [envelope.mail_from for envelope in handler.taken] == ["desk@north.example"]
    assert len(general.texts) == 1
    assert b"rolf@example.com" in general.texts[0]
