"""One end of a connection: looked at, encrypted, closed."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from dataclasses import dataclass

CHUNK = 16 * 1024
CLOSING_S = 2.0
_TLS_HANDSHAKE = b"\x16"  # RFC 8446, 5.1


@dataclass(slots=True)
class Peer:
    """One end of a connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def close(self) -> None:
        """Send what is left, but do not wait for one who takes nothing."""
        self.writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(CLOSING_S):
                await self.writer.wait_closed()
        self.writer.transport.abort()


async def begins_tls(accepted: socket.socket) -> bool | None:
    """Look at the first byte: silent and plain-text connections cost no TLS buffers.

    Returns None when the other side closed without a word. Unless it is True the socket is closed.
    """
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    accepted.setblocking(False)
    loop.add_reader(accepted, readable.set)
    first = b""
    try:
        await readable.wait()
        with contextlib.suppress(ConnectionError):
            first = accepted.recv(1, socket.MSG_PEEK)
    finally:
        loop.remove_reader(accepted)
        if first != _TLS_HANDSHAKE:
            accepted.close()
    return first == _TLS_HANDSHAKE if first else None


async def encrypted(accepted: socket.socket, context: ssl.SSLContext, *, within_s: float) -> Peer:
    """The other end, after the TLS handshake; the socket is its own from now on.

    Raises:
        OSError: no handshake, or none in time.
    """
    loop = asyncio.get_running_loop()
    _keep_alive(accepted)
    reader = asyncio.StreamReader(limit=CHUNK)
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await loop.connect_accepted_socket(
        lambda: protocol,
        accepted,
        ssl=context,
        ssl_handshake_timeout=within_s,
        ssl_shutdown_timeout=CLOSING_S,
    )
    return Peer(reader, asyncio.StreamWriter(transport, protocol, reader, loop))


def _keep_alive(accepted: socket.socket) -> None:
    """Notice within two minutes that the other side is gone without a word."""
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, name):
            accepted.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
