from __future__ import annotations

from collections.abc import Iterator

import pytest
from ssh_helpers import Start

from collectors.simulator.linux_host import SimulatedHost
from collectors.simulator.ssh_server import Quirks, SshServer
from tests.support.sshd import Sshd, running_sshd


@pytest.fixture
def start() -> Iterator[Start]:
    """Start simulated servers; all are stopped at the end."""
    servers: list[SshServer] = []

    def start_one(**values: object) -> SshServer:
        quirks = Quirks(**values)  # type: ignore[arg-type]  # tests name them
        server = SshServer(host=SimulatedHost(), quirks=quirks).start()
        servers.append(server)
        return server

    yield start_one
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running_sshd(tmp_path_factory.mktemp("sshd")) as server:
        yield server
