"""Which processes one installation consists of, and how each is called."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from collectors.zone.outbox import write_durably
from servicedesk.config import REDIS_USER, Settings, key_file
from servicedesk.core.names import COLLECT, DEFAULT
from servicedesk.supervisor.child import Child


@dataclass(frozen=True, slots=True)
class Options:
    """What ``servicedesk run`` was asked for."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 0  # collecting processes; 0: one a core, at most 4
    threads: int = 8  # of each web process
    demo: bool = False

    @property
    def url(self) -> str:
        """The address to open in a browser on this machine."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104 - compared, not bound
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def redis_child(settings: Settings, binary: Path, options: Options) -> Child:
    """The embedded server: append-only, never forgetting a key, reachable by this user alone.

    Its default user is off: a connection that has not logged in, or took its login back (RESET), may do
    nothing. Only so may workers of zones be let in from outside. The file holds a hash of our password.

    Raises:
        SettingsError: the password's file cannot be used.
    """
    folder = options.data / "redis"
    folder.mkdir(exist_ok=True, mode=0o700)
    digest = hashlib.sha256(key_file(settings.redis_password_file).encode()).hexdigest()
    users = folder / "users.acl"
    write_durably(users, f"user default reset\nuser {REDIS_USER} on #{digest} ~* &* +@all\n")
    command = [
        str(binary),
        *("--port", "0"),
        *("--unixsocket", str(settings.redis_socket), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory-policy", "noeviction", "--daemonize", "no", "--aclfile", str(users.resolve())),
    ]
    return Child("Redis", command, _log(options, "redis"))


def python_child(name: str, options: Options, environment: Mapping[str, str], *module: str) -> Child:
    """One of our own programs."""
    log = _log(options, name.split(" ")[0])
    return Child(name, [sys.executable, "-m", *module], log, environment)


def children(options: Options, environment: Mapping[str, str]) -> list[Child]:
    """Everything but Redis, in the order of starting."""
    cores = os.cpu_count() or 1
    count = options.workers or min(cores, 4)
    web = (
        "gunicorn",
        "--no-control-socket",
        *(
            "--bind",
            f"[{options.host}]:{options.port}" if ":" in options.host else f"{options.host}:{options.port}",
        ),
        *("--workers", str(min(cores, 4)), "--threads", str(options.threads)),
        *("--worker-class", "gthread", "--timeout", "60", "--graceful-timeout", "8", "--preload"),
        # A connection that is kept stays with its process, and several may be kept by one while another
        # rests. Whoever is far away has a reverse proxy between, which keeps its own.
        *("--keep-alive", "0"),
        *("--access-logfile", "-", "--access-logformat", '%(t)s %(h)s "%(r)s" %(s)s %(b)s %(M)sms'),
        "servicedesk:create_app()",
    )
    made = [python_child("web", options, environment, *web)]
    made += [python_child("worker", options, environment, "servicedesk.worker", DEFAULT)]
    made += [
        python_child(f"collector {number}", options, environment, "servicedesk.worker", COLLECT)
        for number in range(1, count + 1)
    ]
    made.append(python_child("scheduler", options, environment, "servicedesk.schedule"))
    return made


def _log(options: Options, name: str) -> Path:
    return options.data / "logs" / f"{name.lower()}.log"
