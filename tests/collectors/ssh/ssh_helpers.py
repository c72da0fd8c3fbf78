"""Shortcuts the SSH tests share."""

from __future__ import annotations

import getpass
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from collectors.model import SshAccess, Target
from collectors.simulator.ssh_server import SshServer
from collectors.transports import TransportResult, ssh

Start = Callable[..., SshServer]


def access_to(server: SshServer, **values: object) -> SshAccess:
    given: dict[str, object] = {
        "port": server.port,
        "user": "inspector",
        "password": "inspect-me",
        "host_keys": (server.host_key_line,),
        "connect_timeout_s": 3.0,
    }
    return SshAccess(**(given | values))  # type: ignore[arg-type]  # tests name them


def visit(access: SshAccess, *, deadline_s: float = 10.0, address: str = "127.0.0.1") -> TransportResult:
    target = Target("t", address, (access,), max_output_bytes=1024 * 1024)
    return ssh.visit(target, access, deadline=time.monotonic() + deadline_s)


SSHD = shutil.which("sshd") or "/usr/sbin/sshd"


@dataclass
class Sshd:
    port: int
    host_key: str
    folder: Path

    def key(self, name: str) -> str:
        return (self.folder / name).read_text()


NewSshd = Callable[..., Sshd]


def make_key(path: Path, *options: str) -> str:
    command = ["ssh-keygen", "-q", "-N", "", "-C", "", "-f", str(path), *options]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path.with_suffix(".pub").read_text().strip()


def access_to_sshd(sshd: Sshd, **values: object) -> SshAccess:
    given: dict[str, object] = {
        "port": sshd.port,
        "user": getpass.getuser(),
        "private_key": sshd.key("ed25519"),
        "host_keys": (sshd.host_key,),
    }
    return SshAccess(**(given | values))  # type: ignore[arg-type]  # tests name them
