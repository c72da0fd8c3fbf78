"""Shortcuts the SSH tests share."""

from __future__ import annotations

import getpass
import time
from collections.abc import Callable

from collectors import runner
from collectors.model import OwnCheck, SshAccess, Target, Visit
from collectors.simulator.linux_host import SimulatedHost
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


def visited_host(host: SimulatedHost, *checks: OwnCheck, only_own: bool = False) -> Visit:
    """A visit of a simulated host that has these own checks."""
    server = SshServer(host=host).start()
    try:
        access = SshAccess(
            port=server.port, user="inspector", password="inspect-me", host_keys=(server.host_key_line,)
        )
        target = Target("h", "127.0.0.1", (access,), own_checks=checks, only_own=only_own, deadline_s=20)
        return runner.visit(target)
    finally:
        server.stop()
