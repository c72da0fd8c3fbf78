"""What a zone's worker knows of itself: where the queue is, which zone it serves, with which key.

Kept in ``station.json`` of the data folder, readable by its owner alone.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from redis import Redis

from collectors.errors import CollectorError
from collectors.processes import VISITS_AT_ONCE
from collectors.zone import names
from collectors.zone.outbox import Outbox, UnderWay, write_durably

FILE = "station.json"
CA_FILE = "ca.pem"


class StationError(CollectorError):
    """The worker cannot work as it was set up; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class Station:
    """One worker of a zone. The only things it knows for long are the zone's key and its Redis login."""

    folder: Path
    zone: str
    url: str = field(repr=False)
    key: bytes = field(repr=False)
    name: str = ""
    ca: str = ""  # files; empty: the system's authorities, no certificate of our own
    certificate: str = ""
    certificate_key: str = ""
    threads: int = VISITS_AT_ONCE
    limit_bytes: int = 1024 * 1024 * 1024
    beat_s: float = 10.0

    @property
    def outbox(self) -> Outbox:
        """Answers waiting for delivery."""
        return Outbox(self.folder / "outbox", self.limit_bytes)

    @property
    def under_way(self) -> UnderWay:
        """Visits being made."""
        return UnderWay(self.folder / "visits")

    @property
    def stopping(self) -> Path:
        """While this file is there no further visit is begun."""
        return self.folder / "stopping"

    def connect(self) -> Redis:
        """A connection with time-outs; nothing is sent yet.

        Raises:
            StationError: the address is none, or would send everything in the clear.
        """
        require_safe(self.url)
        tls: dict[str, Any] = {}
        if self.url.startswith("rediss://"):
            tls = {"ssl_ca_certs": self.ca or None, "ssl_check_hostname": True}
            tls |= {"ssl_certfile": self.certificate or None, "ssl_keyfile": self.certificate_key or None}
        try:
            return Redis.from_url(
                self.url, socket_timeout=10, socket_connect_timeout=5, health_check_interval=30, **tls
            )
        except ValueError as error:
            raise StationError("The Redis address cannot be used; write rediss://user@host:port.") from error


def require_safe(url: str) -> None:
    """Refuse what would send login and queue in the clear over a network.

    Raises:
        StationError: with what to do.
    """
    if url.startswith(("rediss://", "unix://")):
        return
    host = urlsplit(url).hostname or ""
    if url.startswith("redis://") and is_loopback(host):
        return
    raise StationError(
        "The Redis address must begin with rediss:// (TLS); redis:// is for this machine alone."
    )


def is_loopback(host: str) -> bool:
    """Whether the name is this machine's, without asking anybody."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def own_name() -> str:
    """The machine's name, as far as it can be part of a name in Redis."""
    host = "".join(c if c.isalnum() or c in "-." else "-" for c in socket.gethostname())
    return host[:80] or "worker"


def load(folder: Path, **given: Any) -> Station:
    """The station of a folder, with what was given on the command line instead of what is written there.

    Raises:
        StationError: neither says enough, or others can read the file.
    """
    known: dict[str, Any] = {}
    path = folder / FILE
    if path.exists():
        if path.stat().st_mode & 0o077:
            raise StationError(f"{path} can be read by others. Run: chmod 600 {path}")
        try:
            known = json.loads(path.read_text())
            known["key"] = str(known["key"]).encode()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StationError(f"{path} cannot be read. Enrol this worker again.") from error
        if (folder / CA_FILE).exists():
            known.setdefault("ca", str(folder / CA_FILE))
    known |= {name: value for name, value in given.items() if value not in (None, "", b"")}
    missing = [name for name in ("zone", "url", "key") if not known.get(name)]
    if missing:
        raise StationError(
            f"This worker is not enrolled: {', '.join(missing)} is missing. Run: collector enroll, "
            "or give --url, --zone and --key-file."
        )
    if not names.NAME.fullmatch(known["zone"]) or known["zone"] == names.LOCAL:
        raise StationError("The zone's name has small letters, digits and hyphens only.")
    fields = {name: known[name] for name in Station.__dataclass_fields__ if name in known}
    station = Station(**{**fields, "folder": folder, "name": known.get("name") or own_name()})
    require_safe(station.url)
    return station


def save(folder: Path, document: dict[str, Any], *, ca: str = "") -> None:
    """Write down what enrolment gave."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    if ca:
        write_durably(folder / CA_FILE, ca)
    write_durably(folder / FILE, json.dumps(document, indent=2) + "\n")


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Have the folder for this process while the block runs.

    Raises:
        StationError: another worker has it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    for _ in range(20):  # somebody who only looks holds it for a moment
        if _taken(handle):
            break
        time.sleep(0.05)
    else:
        os.close(handle)
        raise StationError(f"Another worker works in {folder}. Give each its own folder.")
    try:
        yield
    finally:
        os.close(handle)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_locked(folder: Path) -> bool:
    """Whether a worker works in the folder now."""
    handle = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        return not _taken(handle)
    finally:
        os.close(handle)
