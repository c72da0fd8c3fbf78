"""A mailbox of a real IMAP server: new mail is taken once, marked as read, never deleted."""

from __future__ import annotations

import getpass
import grp
import imaplib
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from servicedesk.core.db import db, unit_of_work
from servicedesk.notifications.models import Channel, InboundMail, Mailbox
from servicedesk.tickets.mail_jobs import poll, poll_mailboxes
from servicedesk.tickets.models import Ticket
from tests.conftest import program
from tests.servicedesk.notifications.servers import certificate
from tests.servicedesk.notifications.telling import addresses_for, channel
from tests.servicedesk.notifications.test_mail_in import written
from tests.servicedesk.world import World, fresh

pytestmark = pytest.mark.dovecot
PASSWORD = "box-secret-1"

CONFIG = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/dovecot.log
protocols = imap
listen = 127.0.0.1
mail_location = maildir:{home}/mail
first_valid_uid = 0
first_valid_gid = 0
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {login}
ssl = yes
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}
}}
"""


def users() -> dict[str, object]:
    """Started by root it insists on users of its own; started by anybody else it can only be them."""
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        names: dict[str, object] = {"user": "dovecot", "group": "dovecot", "login": "dovenull"}
        return {**names, "uid": nobody.pw_uid, "gid": nobody.pw_gid}
    me = getpass.getuser()
    group = grp.getgrgid(os.getgid()).gr_name
    return {"user": me, "group": group, "login": me, "uid": os.getuid(), "gid": os.getgid()}


@dataclass(slots=True)
class Box:
    port: int
    ca: str

    def client(self) -> imaplib.IMAP4_SSL:
        context = ssl.create_default_context(cadata=self.ca)
        client = imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=context, timeout=10)
        client.login("desk", PASSWORD)
        return client

    def put(self, raw: bytes) -> None:
        client = self.client()
        client.append("INBOX", "", None, raw)
        client.logout()

    def flags(self) -> list[bytes]:
        client = self.client()
        client.select("INBOX", readonly=True)
        _kind, data = client.fetch("1:*", "(FLAGS)")
        client.logout()
        return [bytes(row) for row in data if isinstance(row, bytes)]


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    # Its processes run as several users, who must reach their sockets: a short path open to all.
    home = Path(tempfile.mkdtemp(prefix="dovecot-"))
    home.chmod(0o755)
    ca = certificate(home)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = home / "dovecot.conf"
    values = {"home": home, "port": port, "password": PASSWORD, **users()}
    (home / "mail").mkdir()
    if os.getuid() == 0:
        os.chown(home / "mail", int(str(values["uid"])), int(str(values["gid"])))
    config.write_text(CONFIG.format(**values))
    server = subprocess.Popen([program("dovecot") or "dovecot", "-F", "-c", str(config)])
    try:
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert server.poll() is None, (home / "dovecot.log").read_text()
                time.sleep(0.05)
        yield Box(port, ca)
    finally:
        server.terminate()
        server.wait(10)
        shutil.rmtree(home)


@pytest.fixture
def mailbox(world: World, box: Box) -> Channel:
    """The channel, on an empty folder."""
    addresses_for(world)
    client = box.client()
    _kind, count = client.select("INBOX")
    if count != [b"0"]:
        client.store("1:*", "+FLAGS", "\\Deleted")
        client.expunge()
    client.logout()
    return made(world, box)


def made(world: World, box: Box, **public: object) -> Channel:
    settings = {
        "host": "127.0.0.1",
        "port": box.port,
        "security": "tls",
        "username": "desk",
        "ca": box.ca,
        "folder": "INBOX",
        "sender": "desk@example.com",
        "unknown": "refuse",
        **public,
    }
    return channel(world, "mail_in", secret={"password": PASSWORD}, **settings)


def outcomes() -> list[str]:
    fresh()
    return list(db.session.scalars(sa.select(InboundMail.outcome).order_by(InboundMail.id)))


def state(mailbox: Channel) -> Mailbox:
    fresh()
    return db.session.scalars(sa.select(Mailbox).where(Mailbox.channel_id == mailbox.id)).one()


def test_new_mail_is_taken_once_marked_as_read_and_stays(mailbox: Channel, box: Box) -> None:
    box.put(written("rita@example.com", "one").as_bytes())
    box.put(written("stranger@example.com", "two").as_bytes())
    number = mailbox.id
    assert poll_mailboxes() == 2
    assert outcomes() == ["created", "refused"]
    assert all(b"\\Seen" in row for row in box.flags())
    assert len(box.flags()) == 2
    assert poll(number) == 0
    box.put(written("rita@example.com", "three").as_bytes())
    assert poll(number) == 1
    assert outcomes() == ["created", "refused", "created"]


def test_what_somebody_has_read_already_is_theirs(mailbox: Channel, box: Box) -> None:
    box.put(written("rita@example.com", "one").as_bytes())
    client = box.client()
    client.select("INBOX")
    client.store("1", "+FLAGS", "\\Seen")
    client.logout()
    assert poll(mailbox.id) == 0
    assert outcomes() == []


def test_a_mailbox_that_was_made_anew_repeats_nothing(mailbox: Channel, box: Box) -> None:
    box.put(written("rita@example.com", "one").as_bytes())
    number = mailbox.id
    assert poll(number) == 1
    with unit_of_work():
        state(mailbox)
    with unit_of_work():
        found = db.session.scalars(sa.select(Mailbox)).one()
        found.uid_validity -= 1
    client = box.client()
    client.select("INBOX")
    client.store("1", "-FLAGS", "\\Seen")
    client.logout()
    assert poll(number) == 1
    assert outcomes() == ["created", "duplicate"]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Ticket)) == 1


def test_what_is_broken_does_not_stop_what_follows(mailbox: Channel, box: Box) -> None:
    for raw in (b"\r\n\r\nhello\r\n", b"From: x\r\n\r\n", written("rita@example.com").as_bytes()):
        box.put(raw)
    assert poll(mailbox.id) == 3
    assert outcomes() == ["broken", "broken", "created"]


@pytest.mark.parametrize(
    "public", [{"ca": ""}, {"folder": "Nowhere"}, {"port": 1}], ids=["certificate", "folder", "port"]
)
def test_a_mailbox_that_cannot_be_read_says_so(world: World, box: Box, public: dict[str, object]) -> None:
    mailbox = made(world, box, **public)
    assert poll(mailbox.id) == 0
    assert state(mailbox).error == "The mailbox cannot be read."


def test_a_pipe_is_no_mailbox_to_be_read(world: World) -> None:
    fed = channel(world, "mail_in", host="", sender="desk@example.com", unknown="refuse")
    assert poll(fed.id) == 0
