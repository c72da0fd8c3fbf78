"""A connected socket that ends by itself: at a moment, and after a number of bytes."""

from __future__ import annotations

import socket
import time
from typing import Protocol

from collectors.errors import VisitError
from collectors.messages import N_
from collectors.outcome import Outcome

HANDSHAKE_LIMIT_BYTES = 512 * 1024  # greetings and key exchange; a flood of banner lines stops here
_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux alone
_READ_AHEAD_BYTES = 64 * 1024  # Paramiko asks for the pieces of a packet one by one


class Connected(Protocol):
    """What a connection must have: a socket's methods, or those of one forwarded by a jump host."""

    def recv(self, size: int, /) -> bytes: ...
    def send(self, data: bytes, /) -> int: ...
    def settimeout(self, seconds: float | None, /) -> None: ...
    def getpeername(self) -> object: ...
    def fileno(self) -> int: ...
    def close(self) -> None: ...


class GuardedSocket:
    """What Paramiko needs of a socket, with a hard end.

    Paramiko's own time-outs start anew with every byte, and it reads a greeting without a newline
    for ever. Past the limit this socket answers as if the peer had closed, and ``expired`` or
    ``flooded`` says why.
    """

    def __init__(self, connected: Connected, deadline: float) -> None:
        self._socket = connected
        self.deadline = deadline
        self.received_bytes = 0
        self.limit_bytes = HANDSHAKE_LIMIT_BYTES
        self.expired = False
        self.flooded = False
        self._ahead = b""
        self._given = 0  # of what was read ahead
        self._timeout_s = float("inf")

    def recv(self, size: int) -> bytes:
        remaining_s = self.deadline - time.monotonic()
        if remaining_s <= 0:
            self.expired = True
            return b""
        if self._given == len(self._ahead):
            if self.received_bytes >= self.limit_bytes:
                self.flooded = True
                return b""
            if remaining_s < self._timeout_s:
                self._socket.settimeout(remaining_s)
            self._ahead, self._given = self._socket.recv(_READ_AHEAD_BYTES), 0
            self.received_bytes += len(self._ahead)
        begin = self._given
        self._given = min(begin + size, len(self._ahead))
        return self._ahead[begin : self._given]

    def send(self, data: bytes) -> int:
        if time.monotonic() >= self.deadline:
            self.expired = True
            return 0
        sent = self._socket.send(data)
        if _QUICKACK is not None and isinstance(self._socket, socket.socket):
            # tcp(7): not permanent. OpenSSH keeps Nagle's algorithm on until a channel is open: its second
            # packet would wait for our acknowledgement of the first, which Linux holds back for 40 ms.
            self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        return sent

    def settimeout(self, seconds: float | None) -> None:
        self._timeout_s = float("inf") if seconds is None else seconds
        self._socket.settimeout(seconds)

    def getpeername(self) -> object:
        return self._socket.getpeername()

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    @property
    def _closed(self) -> bool:
        """Paramiko reads this name of a socket while it shuts down."""
        return self._socket.fileno() == -1


def connect(address: str, port: int, *, timeout_s: float, deadline: float) -> GuardedSocket:
    """Open a TCP connection with Nagle's algorithm off (it costs Paramiko 40 ms a command).

    Raises:
        VisitError: UNREACHABLE, saying what refused or stayed silent.
    """
    where = {"address": address, "port": port}
    wait_s = max(0.05, min(timeout_s, deadline - time.monotonic()))
    try:
        connected = socket.create_connection((address, port), timeout=wait_s)
    except ConnectionRefusedError as error:
        raise VisitError(
            Outcome.UNREACHABLE,
            N_("%(address)s refuses TCP port %(port)s: is the SSH service running there?") % where,
        ) from error
    except TimeoutError as error:
        raise VisitError(
            Outcome.UNREACHABLE,
            N_(
                "%(address)s port %(port)s did not answer within %(seconds)s seconds: "
                "check address, cable and firewall."
            )
            % {**where, "seconds": f"{wait_s:.0f}"},
        ) from error
    except socket.gaierror as error:
        raise VisitError(
            Outcome.UNREACHABLE, N_("The name %(address)s cannot be resolved: check the address.") % where
        ) from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise VisitError(
            Outcome.UNREACHABLE,
            N_("%(address)s port %(port)s cannot be reached: %(reason)s.") % {**where, "reason": reason},
        ) from error
    connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return GuardedSocket(connected, deadline)
