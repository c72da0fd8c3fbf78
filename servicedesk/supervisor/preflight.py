"""What must hold before anything is started; each failure is one sentence that says what to do."""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path
from typing import IO


class StartError(Exception):
    """The installation cannot be started; the sentence says why and what to do."""


def prepare_folder(data: Path) -> None:
    """Make the data folder, for this user alone, and see that it can be written."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        (data / "logs").mkdir(exist_ok=True)
        probe = data / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise StartError(
            f"The data folder {data} cannot be written ({error.strerror}). "
            "Choose another: make run DATA=some/folder"
        ) from error


def lock_folder(data: Path) -> IO[str]:
    """Hold the folder for this process; the lock goes with the process, however it ends."""
    lock = (data / "run.lock").open("a+", encoding="ascii")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip() or "unknown"
        raise StartError(
            f"The data folder {data} is in use by another run (process {holder}). "
            "Stop that one, or choose another folder: make run DATA=some/folder"
        ) from None
    lock.seek(0)
    lock.truncate()
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def require_free_port(host: str, port: int) -> None:
    """See that the web server can listen there."""
    if not 0 < port < 65536:
        raise StartError(f"{port} is not a port number. Choose one from 1 to 65535: make run PORT=8123")
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except socket.gaierror as error:
        raise StartError(f"{host} is not an address of this machine ({error.strerror}).") from error
    except OSError as error:
        free = port + 1 if port < 65535 else 8123
        raise StartError(
            f"Port {port} on {host} cannot be used ({error.strerror}). Choose another: make run PORT={free}"
        ) from error
