"""Listens, lets workers log in, and carries bytes between them and Redis.

Nothing is passed on before Redis has taken the login of a worker, and nothing is read afterwards: what the
login may do is Redis's own business (its access lists, with the default user off).
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from servicedesk.gate.crowd import FULL, Bounds, Crowd, source_of
from servicedesk.gate.login import Login, LoginError, read_login
from servicedesk.gate.peer import CHUNK, Peer, begins_tls, encrypted

log = logging.getLogger(__name__)
REDIS_S = 5.0  # it answers a login at once, or it is away
TELL_S = 60.0  # refusals are told together, so that nobody fills the disk from outside
_CRLF = b"\r\n"
_PROBE = b"*1\r\n$4\r\nPING\r\n"


class AwayError(Exception):
    """Redis does not answer, or not as it must; the caller did nothing wrong."""


@dataclass(slots=True)
class Gate:
    """``serve()`` until it is cancelled. ``context`` may be replaced at any time, for new connections."""

    redis_socket: Path
    context: ssl.SSLContext
    bounds: Bounds = field(default_factory=Bounds)
    crowd: Crowd = field(init=False)
    refusals: Counter[str] = field(default_factory=Counter)
    _visits: set[asyncio.Task[None]] = field(default_factory=set)
    _waiting: dict[str, dict[asyncio.Task[None], None]] = field(default_factory=dict)  # the longest first

    def __post_init__(self) -> None:
        self.crowd = Crowd(self.bounds)

    async def serve(self, listener: socket.socket) -> None:
        """Take connections from a listening socket that does not block."""
        loop = asyncio.get_running_loop()
        telling = asyncio.create_task(self._tell())
        try:
            while True:
                try:
                    accepted, peer = await loop.sock_accept(listener)
                except OSError as error:  # gone already, or no more files: it must not end the gate
                    log.warning("a connection could not be taken: %s", error)
                    await asyncio.sleep(0.1)
                    continue
                source = source_of(str(peer[0]))
                refused = self.crowd.enter(source, loop.time())
                if refused == FULL and (busiest := self.crowd.gives_way(source)):
                    self._send_away(busiest)
                    refused = self.crowd.enter(source, loop.time())
                if refused:
                    self.refusals[refused] += 1
                    accepted.close()
                    continue
                visit = asyncio.create_task(self._visit(accepted, source))
                self._visits.add(visit)
                visit.add_done_callback(self._visits.discard)
                self._waiting.setdefault(source, {})[visit] = None
                await asyncio.sleep(0)  # it has begun, so whatever ends it, it counts itself out
        finally:
            telling.cancel()
            for visit in (visits := list(self._visits)):
                visit.cancel()
            await asyncio.gather(*visits, return_exceptions=True)

    def _send_away(self, source: str) -> None:
        """The one of this source that waits longest to log in makes room, if not all of them go already."""
        visit = next(iter(self._waiting.get(source, ())), None)
        if visit is None:
            return
        self._waits_no_more(source, visit)
        self.crowd.waits_no_more(source)
        self.refusals["gave way"] += 1
        visit.cancel()

    def _waits_no_more(self, source: str, visit: asyncio.Task[None] | None) -> bool:
        """Whether it did until now."""
        waiting = self._waiting.get(source, {})
        if visit is None or visit not in waiting:
            return False
        del waiting[visit]
        if not waiting:
            del self._waiting[source]
        return True

    async def _visit(self, accepted: socket.socket, source: str) -> None:
        """One connection from its beginning to its end."""
        client = redis = None
        try:
            async with asyncio.timeout(self.bounds.login_s):
                if (speaks := await begins_tls(accepted)) is None:
                    return  # a monitor that only looks whether somebody listens
                if not speaks:
                    raise LoginError("not TLS")
                client = await encrypted(accepted, self.context, within_s=self.bounds.login_s)
                login = await _first_command(client)
                redis = await self._logged_in(client, login)
            if self._waits_no_more(source, asyncio.current_task()):
                self.crowd.waits_no_more(source)
            await self._carry(client, redis)
        except (LoginError, AwayError, OSError) as error:  # ssl.SSLError and TimeoutError are OSErrors
            self.refusals[_reason(error)] += 1
            if not isinstance(error, AwayError):
                self.crowd.failed(source, asyncio.get_running_loop().time())
        finally:
            waits = self._waits_no_more(source, asyncio.current_task())  # nobody sends it away twice
            try:
                await asyncio.gather(*(peer.close() for peer in (client, redis) if peer is not None))
            finally:  # counted until its files are closed
                self.crowd.leave(source, waiting=waits)

    async def _logged_in(self, client: Peer, login: Login) -> Peer:
        """The connection to Redis on which the worker's login was taken.

        Raises:
            LoginError: it was refused, and the client was told.
            AwayError: Redis does not answer, or would serve whoever has not logged in.
        """
        try:
            redis = Peer(*await asyncio.open_unix_connection(self.redis_socket, limit=CHUNK))
        except OSError as error:
            raise AwayError("Redis does not answer") from error
        try:
            redis.writer.write(_PROBE + login.command)
            try:
                async with asyncio.timeout(REDIS_S):
                    probed, reply = await redis.reader.readuntil(_CRLF), await redis.reader.readuntil(_CRLF)
            except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError) as error:
                raise AwayError("Redis does not answer") from error
            if not probed.startswith(b"-NOAUTH "):
                raise AwayError("Redis serves whoever has not logged in")
            if not reply.startswith((b"%", b"*") if login.is_hello else b"+OK\r\n"):
                client.writer.write(reply)
                if reply.startswith(b"-WRONGPASS "):
                    raise LoginError("Redis does not know the login")
                raise AwayError("Redis does not take the login now")
            client.writer.write(reply)
            redis.writer.write(login.rest)
        except BaseException:
            await redis.close()
            raise
        return redis

    async def _carry(self, client: Peer, redis: Peer) -> None:
        """Carry bytes both ways until one end closes, takes nothing, or both are silent for too long."""
        loop = asyncio.get_running_loop()
        last = loop.time()

        async def one_way(source: Peer, target: Peer) -> None:
            nonlocal last
            while data := await source.reader.read(CHUNK):
                target.writer.write(data)
                async with asyncio.timeout(self.bounds.stalled_s):
                    await target.writer.drain()
                last = loop.time()

        ways = [asyncio.create_task(one_way(client, redis)), asyncio.create_task(one_way(redis, client))]
        try:
            while (left := last + self.bounds.idle_s - loop.time()) > 0:
                done, _ = await asyncio.wait(ways, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if done:
                    break
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)

    async def _tell(self) -> None:
        while True:
            await asyncio.sleep(TELL_S)
            if self.refusals:
                told = ", ".join(f"{reason}: {count}" for reason, count in sorted(self.refusals.items()))
                log.warning("refused in the last minute: %s; inside now: %d", told, self.crowd.sizes[0])
                self.refusals.clear()


async def _first_command(client: Peer) -> Login:
    received = b""
    try:
        while (login := read_login(received)) is None:
            more = await client.reader.read(CHUNK)
            if not more:
                raise LoginError("closed without a login")
            received += more
    except LoginError:
        client.writer.write(b"-NOAUTH Log in as a worker of a zone first.\r\n")
        raise
    return login


def _reason(error: Exception) -> str:
    if isinstance(error, LoginError | AwayError):
        return str(error)
    return "too slow" if isinstance(error, TimeoutError) else "TLS failed"
