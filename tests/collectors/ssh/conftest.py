from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ssh_helpers import SSHD, NewSshd, Sshd, Start, make_key

from collectors.simulator.linux_host import SimulatedHost
from collectors.simulator.ssh_server import Quirks, SshServer


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
def new_sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NewSshd]:
    """Start OpenSSH's server with more lines of configuration; all are stopped at the end."""
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
    processes: list[subprocess.Popen[bytes]] = []

    def start_one(more: str = "") -> Sshd:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port: int = listener.getsockname()[1]
        configuration = folder / f"config-{port}"
        configuration.write_text(
            f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\n"
            f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nUsePAM no\n"
            f"PermitRootLogin yes\nPasswordAuthentication yes\nPidFile none\nLogLevel QUIET\n{more}"
        )
        command = [SSHD, "-D", "-e", "-f", str(configuration)]
        processes.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        for _ in range(50):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        return Sshd(port, host_key, folder)

    yield start_one
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait(10)


@pytest.fixture(scope="module")
def sshd(new_sshd: NewSshd) -> Sshd:
    return new_sshd()
