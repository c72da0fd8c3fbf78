"""Shortcuts the SSH tests share."""

from __future__ import annotations

import getpass
import time
from collections.abc import Callable

from collectors.model import SshAccess, Target
from collectors.simulator.ssh_server import SshServer
from collectors.transports import TransportResult, ssh
from tests.support.sshd import Sshd

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


def access_to_sshd(sshd: Sshd, **values: object) -> SshAccess:
    given: dict[str, object] = {
        "port": sshd.port,
        "user": getpass.getuser(),
        "private_key": sshd.key("ed25519"),
        "host_keys": (sshd.host_key,),
    }
    return SshAccess(**(given | values))  # type: ignore[arg-type]  # tests name them
