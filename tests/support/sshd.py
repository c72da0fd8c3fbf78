"""Debian's sshd with keys of its own, on this machine, for as long as a block runs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.ports import free_port

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"


@dataclass
class Sshd:
    """``host_key``: its public line. ``key("ed25519")`` (rsa, ecdsa) opens it for the present user."""

    port: int
    host_key: str
    folder: Path

    def key(self, name: str) -> str:
        return (self.folder / name).read_text()


def make_key(path: Path, *options: str) -> str:
    command = ["ssh-keygen", "-q", "-N", "", "-C", "", "-f", str(path), *options]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path.with_suffix(".pub").read_text().strip()


@contextmanager
def running_sshd(folder: Path, more: str = "") -> Iterator[Sshd]:
    """A server that ends with the block; the test is skipped where there is none. ``more``: lines of its
    configuration."""
    if not Path(SSHD).exists():
        pytest.skip("openssh-server is not installed")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
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
    port = free_port()
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/host_key\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nUsePAM no\n"
        f"PermitRootLogin yes\nPasswordAuthentication yes\nPidFile none\nLogLevel QUIET\n{more}"
    )
    process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(folder / "config")], stderr=subprocess.DEVNULL)
    for _ in range(50):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    try:
        yield Sshd(port, host_key, folder)
    finally:
        process.terminate()
        process.wait(10)
