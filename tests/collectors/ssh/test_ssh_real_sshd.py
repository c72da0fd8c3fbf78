"""Against Debian's OpenSSH server, with its own configuration, keys and port."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from ssh_helpers import access_to_sshd, visit

from collectors import runner
from collectors.discovery.ranges import Allowed
from collectors.discovery.sweep import Plan, sweep
from collectors.model import Target
from collectors.outcome import JUDGED, Outcome
from tests.support.sshd import Sshd, running_sshd

pytestmark = pytest.mark.sshd


@pytest.mark.parametrize("name", ["ed25519", "rsa", "ecdsa"])
def test_a_key_of_each_type_logs_in(sshd: Sshd, name: str) -> None:
    result = visit(access_to_sshd(sshd, private_key=sshd.key(name)), deadline_s=60)
    assert (result.outcome, result.error) == (Outcome.OK, "")


def test_a_locked_key_opens_with_its_passphrase(sshd: Sshd) -> None:
    locked = access_to_sshd(sshd, private_key=sshd.key("locked"), passphrase="open sesame")
    assert visit(locked, deadline_s=60).outcome is Outcome.OK


@pytest.mark.parametrize("passphrase", ["", "wrong"])
def test_a_locked_key_without_its_passphrase_is_told_apart(sshd: Sshd, passphrase: str) -> None:
    result = visit(access_to_sshd(sshd, private_key=sshd.key("locked"), passphrase=passphrase))
    assert result.outcome is Outcome.AUTH_FAILED
    assert "passphrase" in result.error


def test_a_key_nobody_authorised_is_refused(sshd: Sshd) -> None:
    result = visit(access_to_sshd(sshd, private_key=sshd.key("stranger")))
    assert result.outcome is Outcome.AUTH_FAILED
    assert "refuses the login" in result.error


def test_a_changed_host_key_is_not_trusted(sshd: Sshd) -> None:
    other = (sshd.folder / "stranger.pub").read_text().strip()
    result = visit(access_to_sshd(sshd, host_keys=(other,)))
    assert result.outcome is Outcome.HOST_KEY_CHANGED
    assert "CHANGED" in result.error
    assert result.session["host_key"] == " ".join(sshd.host_key.split()[:2])


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        ("", "aes128-gcm@openssh.com"),
        ("aes128-ctr,aes256-gcm@openssh.com", "aes256-gcm@openssh.com"),
        ("aes256-ctr", "aes256-ctr"),
    ],
)
def test_a_cipher_with_integrity_is_preferred_where_the_host_has_one(
    tmp_path: Path, offered: str, chosen: str
) -> None:
    with running_sshd(tmp_path, f"Ciphers {offered}\n" if offered else "") as server:
        result = visit(access_to_sshd(server), deadline_s=60)
    assert (result.outcome, result.error) == (Outcome.OK, "")
    assert result.session["cipher"] == chosen


def test_the_whole_visit_judges_this_machine(sshd: Sshd) -> None:
    visit = runner.visit(Target("me", "127.0.0.1", (access_to_sshd(sshd),)))
    assert visit.transcript.outcome is Outcome.OK
    assert visit.facts.memory
    assert visit.facts.processors
    assert visit.facts.storage
    judged = {finding.check for finding in visit.findings if finding.outcome in JUDGED}
    assert {"cpu_used", "memory_used", "filesystem_used", "uptime", "reachable", "legacy_crypto"} <= judged
    assert not [f for f in visit.findings if f.outcome in (Outcome.PARSE_FAILED, Outcome.TIMEOUT)]


@pytest.fixture(scope="module")
def password_user() -> Iterator[tuple[str, str]]:
    """A passing account of the system: only where somebody allowed it."""
    if os.environ.get("SERVICEDESK_TEST_USERS") != "1" or os.geteuid() != 0:
        pytest.skip("set SERVICEDESK_TEST_USERS=1 as root to let this test create a system account")
    name, password = f"sdtest{secrets.token_hex(3)}", secrets.token_hex(8)
    subprocess.run(["useradd", "-M", "-N", "-s", "/bin/sh", name], check=True)
    subprocess.run(["chpasswd"], input=f"{name}:{password}", text=True, check=True)
    yield name, password
    # sshd's process of the last session may still be ending.
    subprocess.run(["userdel", "--force", name], check=True, stderr=subprocess.DEVNULL)


def test_a_password_logs_in_and_an_ordinary_account_sees_less(
    sshd: Sshd, password_user: tuple[str, str]
) -> None:
    name, password = password_user
    given = access_to_sshd(sshd, user=name, password=password, private_key="")
    visit = runner.visit(Target("me", "127.0.0.1", (given,)))
    assert (visit.transcript.outcome, visit.transcript.error) == (Outcome.OK, "")
    passwords = [finding for finding in visit.findings if finding.check == "empty_passwords"]
    assert [finding.outcome for finding in passwords] == [Outcome.UNSUPPORTED]


def test_a_wrong_password_is_refused(sshd: Sshd, password_user: tuple[str, str]) -> None:
    result = visit(access_to_sshd(sshd, user=password_user[0], password="wrong", private_key=""))
    assert result.outcome is Outcome.AUTH_FAILED


def test_a_sweep_reads_its_greeting_and_logs_in_nowhere(sshd: Sshd) -> None:
    allowed = (Allowed("127.0.0.1/32", special=True),)
    plan = Plan(allowed, ("tcp", "ssh"), (sshd.port,), ssh_port=sshd.port, packets_per_s=100, timeout_s=5)
    (host,) = sweep(["127.0.0.1"], plan)
    assert host.answered == (f"tcp/{sshd.port}", "ssh")
    assert host.banner.startswith("SSH-2.0-OpenSSH")
