"""Through real sshds: device behind one and two jump hosts, and every way a hop can fail."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
from cryptography.fernet import Fernet
from ssh_helpers import Start, access_to
from ssh_helpers import visit as visit_once

from collectors import sealing
from collectors.access import JumpHost
from collectors.model import SshAccess, Target
from collectors.outcome import Outcome
from collectors.transports import ssh_jump
from tests.support.ports import free_port

pytestmark = pytest.mark.sshd
SSHD = shutil.which("sshd") or "/usr/sbin/sshd"


@dataclass
class Bastion:
    """An sshd whose log says who logged in and what was asked of it."""

    name: str
    port: int
    folder: Path
    host_key: str
    process: subprocess.Popen[bytes]

    @property
    def log(self) -> str:
        return (self.folder / f"{self.name}.log").read_text()

    @property
    def logins(self) -> int:
        return self.log.count("Accepted publickey")

    def jump(self, **values: object) -> JumpHost:
        access = SshAccess(
            port=self.port,
            user=getpass.getuser(),
            private_key=(self.folder / "user").read_text(),
            host_keys=(self.host_key,),
            connect_timeout_s=5.0,
        )
        return JumpHost(self.name, self.name, "127.0.0.1", replace(access, **values))  # type: ignore[arg-type]


Open = Callable[..., Bastion]


def make_key(path: Path) -> str:
    command = ["ssh-keygen", "-q", "-N", "", "-C", "", "-t", "ed25519", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path.with_suffix(".pub").read_text().strip()


@pytest.fixture
def bastion(tmp_path: Path) -> Iterator[Open]:
    """``bastion(name, option…)``: another sshd."""
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    (tmp_path / "authorized_keys").write_text(make_key(tmp_path / "user") + "\n")
    made: list[Bastion] = []

    def one(name: str = "bastion", *options: str) -> Bastion:
        host_key = make_key(tmp_path / f"{name}_key")
        port = free_port()
        lines = [
            f"Port {port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {tmp_path}/{name}_key",
            f"AuthorizedKeysFile {tmp_path}/authorized_keys",
            "StrictModes no",
            "UsePAM no",
            "PermitRootLogin yes",
            "PidFile none",
            "LogLevel DEBUG1",
        ]
        config = tmp_path / f"{name}.conf"
        config.write_text("\n".join([*options, *lines]) + "\n")
        with (tmp_path / f"{name}.log").open("wb") as log:
            process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(config)], stderr=log)
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        made.append(Bastion(name, port, tmp_path, host_key, process))
        return made[-1]

    yield one
    for each in made:
        each.process.terminate()
        each.process.wait(10)


@pytest.fixture(autouse=True)
def fresh_pool(monkeypatch: pytest.MonkeyPatch) -> ssh_jump.JumpPool:
    """A process of its own knows of no refusal."""
    pool = ssh_jump.JumpPool()
    monkeypatch.setattr(ssh_jump, "_pool", pool)
    return pool


def test_a_device_behind_one_jump_host(bastion: Open, start: Start, fresh_pool: ssh_jump.JumpPool) -> None:
    device, jump = start(), bastion()
    result = visit_once(access_to(device, via=(jump.jump(),)), deadline_s=30)
    assert (result.outcome, result.error) == (Outcome.OK, "")
    assert result.session["host_key"] == device.host_key_line
    assert result.session["jump"] == "bastion"
    assert len(result.exchanges) > 5
    assert "direct-tcpip" in jump.log
    assert "Starting session" not in jump.log, "no command runs on a jump host"
    assert fresh_pool._hops == {}
    direct = visit_once(access_to(device), deadline_s=30)
    assert [one.question for one in direct.exchanges] == [one.question for one in result.exchanges]


def test_a_device_behind_two_jump_hosts(bastion: Open, start: Start) -> None:
    device, outer, inner = start(), bastion("outer"), bastion("inner")
    via = (outer.jump(), inner.jump())
    result = visit_once(access_to(device, via=via), deadline_s=30)
    assert (result.outcome, result.error) == (Outcome.OK, "")
    assert result.session["jump"] == "outer > inner"
    assert f"127.0.0.1 port {inner.port}" in outer.log
    assert f"127.0.0.1 port {device.port}" in inner.log
    assert f"port {device.port}" not in outer.log


def test_visits_at_the_same_time_share_one_login(bastion: Open, start: Start) -> None:
    devices, outer, inner = [start() for _ in range(6)], bastion("outer"), bastion("inner")
    via = (outer.jump(), inner.jump())
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda one: visit_once(access_to(one, via=via), deadline_s=60), devices))
    assert [(r.outcome, r.error) for r in results] == [(Outcome.OK, "")] * 6
    assert len({r.session["host_key"] for r in results}) >= 1
    assert outer.logins <= 2, "visits that overlap use one"
    assert inner.logins <= 2


def test_a_jump_host_that_is_away_is_named(bastion: Open, start: Start) -> None:
    device, jump = start(), bastion()
    result = visit_once(access_to(device, via=(jump.jump(port=free_port()),)))
    assert result.outcome is Outcome.UNREACHABLE
    assert result.error.startswith("Jump host bastion: 127.0.0.1 refuses TCP port")


def test_the_second_of_two_is_named_when_it_fails(bastion: Open, start: Start) -> None:
    device, outer, inner = start(), bastion("outer"), bastion("inner")
    changed = inner.jump(host_keys=(outer.host_key,))
    result = visit_once(access_to(device, via=(outer.jump(), changed)))
    assert result.outcome is Outcome.HOST_KEY_CHANGED
    assert result.error.startswith("Jump host inner: The host key has CHANGED")
    assert "host_key" not in result.session, "it is not the device's"
    assert result.session["jump_host_key"] == " ".join(inner.host_key.split()[:2])
    assert result.session["jump_failed"] == "inner"
    away = free_port()
    gone = visit_once(access_to(device, via=(outer.jump(), inner.jump(port=away))))
    assert gone.outcome is Outcome.UNREACHABLE
    assert gone.error.startswith(f"The jump host outer does not reach 127.0.0.1 port {away}")


def test_an_unknown_host_key_of_a_jump_host_gets_no_login(bastion: Open, start: Start) -> None:
    device, jump = start(), bastion()
    result = visit_once(access_to(device, via=(jump.jump(host_keys=()),)))
    assert result.outcome is Outcome.HOST_KEY_CHANGED
    assert "not yet approved" in result.error
    assert jump.logins == 0
    assert "Failed" not in jump.log


def test_a_refused_login_is_tried_once_for_all_devices(bastion: Open, start: Start, tmp_path: Path) -> None:
    devices, jump = [start() for _ in range(5)], bastion()
    make_key(tmp_path / "stranger")
    wrong = jump.jump(private_key=(tmp_path / "stranger").read_text())
    with ThreadPoolExecutor(5) as pool:
        results = list(pool.map(lambda one: visit_once(access_to(one, via=(wrong,))), devices))
    results.append(visit_once(access_to(devices[0], via=(wrong,))))
    assert {r.outcome for r in results} == {Outcome.AUTH_FAILED}
    assert all(r.error.startswith("Jump host bastion: The device refuses the login") for r in results)
    assert jump.log.count("Failed publickey") <= 1
    assert jump.log.count("Connection from") == 2, "one visit and the test's own look whether it is there"
    mended = visit_once(access_to(devices[0], via=(jump.jump(),)), deadline_s=30)
    assert mended.outcome is Outcome.OK, "other credentials are tried at once"


def test_forwarding_that_is_not_allowed_is_told(bastion: Open, start: Start) -> None:
    device, jump = start(), bastion("bastion", "AllowTcpForwarding no")
    result = visit_once(access_to(device, via=(jump.jump(),)))
    assert result.outcome is Outcome.UNREACHABLE
    assert f"does not forward connections to 127.0.0.1 port {device.port}" in result.error


def test_a_device_that_is_away_behind_a_jump_host(bastion: Open, start: Start) -> None:
    device, jump = start(), bastion()
    access = access_to(device, via=(jump.jump(),))
    free = free_port()
    result = visit_once(replace(access, port=free))
    assert result.outcome is Outcome.UNREACHABLE
    assert result.error.startswith(f"The jump host bastion does not reach 127.0.0.1 port {free}")


def test_the_devices_own_key_and_login_are_checked_behind_a_jump_host(bastion: Open, start: Start) -> None:
    device, jump = start(), bastion()
    via = (jump.jump(),)
    changed = visit_once(access_to(device, via=via, host_keys=(jump.host_key,)))
    assert changed.outcome is Outcome.HOST_KEY_CHANGED
    assert changed.session["host_key"] == device.host_key_line
    refused = visit_once(access_to(device, via=via, password="wrong"))
    assert refused.outcome is Outcome.AUTH_FAILED
    assert not refused.error.startswith("Jump host")


def test_the_deadline_holds_whatever_hop_is_silent(bastion: Open, start: Start) -> None:
    device = start()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        jump = bastion()
        port = silent.getsockname()[1]
        ended: list[Outcome] = []

        def run(access: SshAccess) -> None:
            ended.append(visit_once(access, deadline_s=2.0).outcome)

        behind = access_to(device, port=port, via=(jump.jump(),))
        at_hop = access_to(device, via=(jump.jump(port=port),))
        for access in (behind, at_hop):
            thread = threading.Thread(target=run, args=(access,), daemon=True)
            thread.start()
            thread.join(20)
            assert not thread.is_alive(), "it goes on beyond its deadline"
    assert set(ended) <= {Outcome.UNREACHABLE, Outcome.TIMEOUT}
    assert len(ended) == 2


def test_a_jump_host_that_dies_among_visits_ends_them_with_a_word(bastion: Open, start: Start) -> None:
    device, jump = start(delay_s=3.0), bastion()
    access = access_to(device, via=(jump.jump(),))
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(visit_once, access, deadline_s=20.0)
        for _ in range(100):
            if "direct-tcpip" in jump.log:
                break
            time.sleep(0.05)
        time.sleep(0.5)
        for child in psutil.Process(jump.process.pid).children(recursive=True):
            child.kill()
        result = future.result(30)
    assert result.outcome is not Outcome.OK
    assert result.error


def test_closing_what_is_gone_already_is_no_error(
    bastion: Open, fresh_pool: ssh_jump.JumpPool, start: Start
) -> None:
    device, jump = start(), bastion()
    deadline = time.monotonic() + 20
    with fresh_pool.through((jump.jump(),), deadline=deadline, more_bytes=1024 * 1024) as hop:
        guarded = ssh_jump._socket(hop, "127.0.0.1", access_to(device), deadline)
        assert hop.session is not None
        hop.session.socket.deadline = 0.0  # its time is over: nothing can be sent any more
        guarded.close()
        assert hop.session.socket.expired


def test_a_hop_travels_sealed_and_shows_no_secret(tmp_path: Path) -> None:
    hop = JumpHost("1", "bastion", "192.0.2.1", SshAccess(user="u", password="secret-1", host_keys=("a b",)))
    access = SshAccess(user="v", password="secret-2", via=(hop, hop))
    target = Target("7", "192.0.2.7", (access,))
    key = Fernet.generate_key()
    assert sealing.open_sealed(sealing.seal(target, key), key) == target
    assert "secret" not in repr(target)
    assert "secret" not in ssh_jump._digest(access.via)
