"""Against Debian's OpenSSH server, with its own configuration, keys and port."""

from __future__ import annotations

import getpass
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from ssh_helpers import visit

from collectors import runner
from collectors.discovery.ranges import Allowed
from collectors.discovery.sweep import Plan, sweep
from collectors.model import SshAccess, Target
from collectors.outcome import JUDGED, Outcome

pytestmark = pytest.mark.sshd
SSHD = shutil.which("sshd") or "/usr/sbin/sshd"


@dataclass
class Sshd:
    port: int
    host_key: str
    folder: Path

    def key(self, name: str) -> str:
        return (self.folder / name).read_text()


def make_key(path: Path, *options: str) -> str:
    command = ["ssh-keygen", "-q", "-N", "", "-C", "", "-f", str(path), *options]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path.with_suffix(".pub").read_text().strip()


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    if not Path(SSHD).exists():
        pytest.skip("openssh-server is not installed")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    folder = tmp_path_factory.mktemp("sshd")
    host_key = make_key(folder / "host_key", "-t", "ed25519")
    keys = [
        make_key(folder / "ed25519", "-t", "ed25519"),
        make_key(folder / "rsa", "-t", "rsa", "-b", "2048"),
        make_key(folder / "ecdsa", "-t", "ecdsa"),
    ]
    make_key(folder / "stranger", "-t", "ed25519")
    shutil.copy(folder / "rsa", folder / "locked")
    subprocess.run(
        ["ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", str(folder / "locked")], check=True
    )
    (folder / "authorized_keys").write_text("\n".join(keys) + "\n")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nUsePAM no\n"
        f"PermitRootLogin yes\nPasswordAuthentication yes\nPidFile none\nLogLevel QUIET\n"
    )
    process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(folder / "config")], stderr=subprocess.DEVNULL)
    for _ in range(50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    yield Sshd(port, host_key, folder)
    process.terminate()
    process.wait(10)


def access(sshd: Sshd, **values: object) -> SshAccess:
    given: dict[str, object] = {
        "port": sshd.port,
        "user": getpass.getuser(),
        "private_key": sshd.key("ed25519"),
        "host_keys": (sshd.host_key,),
    }
    return SshAccess(**(given | values))  # type: ignore[arg-type]  # tests name them


@pytest.mark.parametrize("name", ["ed25519", "rsa", "ecdsa"])
def test_a_key_of_each_type_logs_in(sshd: Sshd, name: str) -> None:
    result = visit(access(sshd, private_key=sshd.key(name)), deadline_s=60)
    assert (result.outcome, result.error) == (Outcome.OK, "")


def test_a_locked_key_opens_with_its_passphrase(sshd: Sshd) -> None:
    locked = access(sshd, private_key=sshd.key("locked"), passphrase="open sesame")
    assert visit(locked, deadline_s=60).outcome is Outcome.OK


@pytest.mark.parametrize("passphrase", ["", "wrong"])
def test_a_locked_key_without_its_passphrase_is_told_apart(sshd: Sshd, passphrase: str) -> None:
    result = visit(access(sshd, private_key=sshd.key("locked"), passphrase=passphrase))
    assert result.outcome is Outcome.AUTH_FAILED
    assert "passphrase" in result.error


def test_a_key_nobody_authorised_is_refused(sshd: Sshd) -> None:
    result = visit(access(sshd, private_key=sshd.key("stranger")))
    assert result.outcome is Outcome.AUTH_FAILED
    assert "refuses the login" in result.error


def test_a_changed_host_key_is_not_trusted(sshd: Sshd) -> None:
    other = (sshd.folder / "stranger.pub").read_text().strip()
    result = visit(access(sshd, host_keys=(other,)))
    assert result.outcome is Outcome.HOST_KEY_CHANGED
    assert "CHANGED" in result.error
    assert result.session["host_key"] == " ".join(sshd.host_key.split()[:2])


def test_the_whole_visit_judges_this_machine(sshd: Sshd) -> None:
    visit = runner.visit(Target("me", "127.0.0.1", (access(sshd),)))
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
    given = access(sshd, user=name, password=password, private_key="")
    visit = runner.visit(Target("me", "127.0.0.1", (given,)))
    assert (visit.transcript.outcome, visit.transcript.error) == (Outcome.OK, "")
    passwords = [finding for finding in visit.findings if finding.check == "empty_passwords"]
    assert [finding.outcome for finding in passwords] == [Outcome.UNSUPPORTED]


def test_a_wrong_password_is_refused(sshd: Sshd, password_user: tuple[str, str]) -> None:
    result = visit(access(sshd, user=password_user[0], password="wrong", private_key=""))
    assert result.outcome is Outcome.AUTH_FAILED


def test_a_sweep_reads_its_greeting_and_logs_in_nowhere(sshd: Sshd) -> None:
    allowed = (Allowed("127.0.0.1/32", special=True),)
    plan = Plan(allowed, ("tcp", "ssh"), (sshd.port,), ssh_port=sshd.port, packets_per_s=100, timeout_s=5)
    (host,) = sweep(["127.0.0.1"], plan)
    assert host.answered == (f"tcp/{sshd.port}", "ssh")
    assert host.banner.startswith("SSH-2.0-OpenSSH")
