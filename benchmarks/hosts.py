"""Debian's OpenSSH server on many ports of loopback: as many Linux hosts as ports."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from collectors.model import SshAccess, Target

PORTS = 16  # of one server: OpenSSH listens on no more sockets
SSHD = shutil.which("sshd") or "/usr/sbin/sshd"


@dataclass(frozen=True, slots=True)
class Hosts:
    """Where they listen, and the one key that opens them all."""

    folder: Path
    ports: tuple[int, ...]
    host_key: str
    user: str

    @property
    def key_file(self) -> Path:
        return self.folder / "user"

    def targets(self) -> list[Target]:
        key = self.key_file.read_text()
        return [
            Target(
                str(port),
                "127.0.0.1",
                (SshAccess(port=port, user=self.user, private_key=key, host_keys=(self.host_key,)),),
            )
            for port in self.ports
        ]


def _new_key(path: Path) -> str:
    command = ["ssh-keygen", "-q", "-N", "", "-C", "", "-t", "ed25519", "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path.with_suffix(".pub").read_text().strip()


def _free_ports(count: int) -> tuple[int, ...]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = tuple(probe.getsockname()[1] for probe in probes)
    for probe in probes:
        probe.close()
    return ports


@contextmanager
def running(count: int) -> Iterator[Hosts | None]:
    """The hosts; None when there is no OpenSSH server on this machine."""
    if not Path(SSHD).exists():
        yield None
        return
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # sshd insists on it
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        hosts = Hosts(folder, _free_ports(count), _new_key(folder / "host"), getpass.getuser())
        _new_key(hosts.key_file)
        servers = [_server(hosts, hosts.ports[at : at + PORTS]) for at in range(0, count, PORTS)]
        try:
            for port in hosts.ports:
                _wait_for(port)
            yield hosts
        finally:
            for server in servers:
                server.terminate()
            for server in servers:
                server.wait(10)


def _server(hosts: Hosts, ports: tuple[int, ...]) -> subprocess.Popen[bytes]:
    configuration = hosts.folder / f"config-{ports[0]}"
    configuration.write_text(
        "".join(f"Port {port}\n" for port in ports)
        + f"ListenAddress 127.0.0.1\nHostKey {hosts.folder}/host\n"
        + f"AuthorizedKeysFile {hosts.folder}/user.pub\n"
        # A home of their own: what the present user's shell does at each login is no part of a host.
        + f"SetEnv HOME={hosts.folder}\n"
        "StrictModes no\nUsePAM no\nPermitRootLogin yes\nPasswordAuthentication no\nPidFile none\n"
        "MaxStartups 1000\nLogLevel QUIET\nSubsystem sftp internal-sftp\n"
    )
    return subprocess.Popen([SSHD, "-D", "-e", "-f", str(configuration)], stderr=subprocess.DEVNULL)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("sshd does not start")
