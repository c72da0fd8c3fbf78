"""Sessions with devices behind jump hosts: each hop is logged into, checked and shared.

A jump host is asked for a TCP connection onward and for nothing else (``direct-tcpip``, RFC 4254
section 7.2): no command runs on it. Visits at the same time share one login, so a batch of fifty devices is
one login at the jump host and not fifty; the last visit closes it. A login that was refused is not tried
again by the visits that wait behind it.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass, field

import paramiko

from collectors.access import JumpHost
from collectors.errors import VisitError
from collectors.messages import N_
from collectors.model import SshAccess, Target
from collectors.outcome import Outcome
from collectors.transports import ssh_socket
from collectors.transports.ssh_session import Session, session_over
from collectors.transports.ssh_socket import GuardedSocket

MAX_HOPS = 3
KEPT_REFUSAL_S = 300.0
SPARE_BYTES = 2 * 1024 * 1024  # of one visit, besides its answers: greetings, key exchange, packets
_REFUSALS = frozenset({Outcome.AUTH_FAILED, Outcome.HOST_KEY_CHANGED, Outcome.UNSUPPORTED})
_AT_HOP = N_("Jump host %(jump)s: %(reason)s")
_FORBIDS = N_(
    "The jump host %(jump)s does not forward connections to %(address)s port %(port)s: "
    "allow TCP forwarding there for this login."
)
_NOT_REACHED = N_(
    "The jump host %(jump)s does not reach %(address)s port %(port)s: check address and firewall behind it."
)
_BUSY = N_("The jump host %(jump)s has no room for another connection. Lower its limit of visits.")
_SILENT = N_("The jump host %(jump)s did not connect to %(address)s port %(port)s in time.")
_BROKEN = N_("The connection to the jump host %(jump)s broke off.")
_WAITED = N_("The visit's time was over while it waited for the jump host %(jump)s.")


class _OrderedChannel(paramiko.Channel):
    """A channel after whose end nothing is sent any more.

    Paramiko lets go of a channel's lock before a message is on its way, so what one thread sends may follow
    the end that another thread sent. OpenSSH ends the whole login for it, and with it the visits of all
    other devices behind the jump host.
    """

    order: threading.Lock

    @classmethod
    def of(cls, channel: paramiko.Channel) -> _OrderedChannel:
        """The same channel; Paramiko makes them itself and asks nobody for the class."""
        channel.__class__ = cls
        assert isinstance(channel, cls)
        channel.order = threading.Lock()
        return channel

    def _send(self, data: bytes, message: paramiko.Message) -> int:
        with self.order:
            sent: int = super()._send(data, message)  # type: ignore[misc]  # not in the stubs
            return sent

    def close(self) -> None:
        with self.order:
            super().close()

    def _handle_close(self, message: paramiko.Message) -> None:
        # A sender may wait for new keys, which this thread receives: it must not wait for ever.
        held = self.order.acquire(timeout=1.0)
        try:
            super()._handle_close(message)  # type: ignore[misc]  # not in the stubs
        finally:
            if held:
                self.order.release()


class _Channel:
    """A forwarded connection with the face of a socket; see ``GuardedSocket``."""

    def __init__(self, channel: paramiko.Channel) -> None:
        self._channel = channel

    def recv(self, size: int) -> bytes:
        return self._channel.recv(size)

    def send(self, data: bytes) -> int:
        return self._channel.send(data)

    def settimeout(self, seconds: float | None) -> None:
        self._channel.settimeout(seconds)

    def getpeername(self) -> object:
        return self._channel.getpeername()

    def fileno(self) -> int:
        # Nobody selects on it; -1 is how a closed socket says so.
        return -1 if self._channel.closed else 0

    def close(self) -> None:
        # Paramiko tells the jump host; one that is gone need not be told, and nobody must hear of it.
        with suppress(EOFError, OSError, paramiko.SSHException):
            self._channel.close()


@dataclass(slots=True)
class _Hop:
    """A login at a jump host and how many visits use it."""

    jump: JumpHost
    upper: _Hop | None = None
    users: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    session: Session | None = None
    info: dict[str, str] = field(default_factory=dict)
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def alive(self) -> bool:
        return self.session is not None and self.session.transport.is_active()

    def extend(self, deadline: float, more_bytes: int) -> None:
        """Let the login last for one more visit, and everything below it."""
        if self.session is not None:
            guarded = self.session.socket
            guarded.deadline = max(guarded.deadline, deadline)
            guarded.limit_bytes += more_bytes
        if self.upper is not None:
            self.upper.extend(deadline, more_bytes)

    def close(self) -> None:
        self.session = None
        self.stack.close()


class JumpPool:
    """The logins of this process. No secret is kept in the names they are found by."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hops: dict[str, _Hop] = {}
        self._refusals: dict[str, tuple[VisitError, float]] = {}

    @contextmanager
    def through(self, via: Sequence[JumpHost], *, deadline: float, more_bytes: int) -> Iterator[_Hop]:
        """A login at the last of the jump hosts, reached through those before it.

        Raises:
            VisitError: the sentence names the hop that failed.
        """
        name = _digest(via)
        with self._lock:
            hop = self._hops.setdefault(name, _Hop(via[-1]))
            hop.users += 1
        try:
            self._log_in(name, hop, via, deadline, more_bytes)
            yield hop
        finally:
            with self._lock:
                hop.users -= 1
                last = hop.users == 0
                if last:
                    del self._hops[name]
            if last:
                hop.close()

    def _log_in(
        self, name: str, hop: _Hop, via: Sequence[JumpHost], deadline: float, more_bytes: int
    ) -> None:
        words = {"jump": hop.jump.name}
        if not hop.lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            raise VisitError(Outcome.TIMEOUT, _WAITED % words)
        try:
            self._require_not_refused(name)
            if not hop.alive:
                hop.close()
                self._open(hop, via, deadline, more_bytes)
            hop.extend(deadline, more_bytes)
        except VisitError as error:
            if error.outcome in _REFUSALS:
                # With other credentials or keys the name is another: what was mended is tried at once.
                self._refusals[name] = error, time.monotonic()
            raise
        finally:
            hop.lock.release()

    def _require_not_refused(self, name: str) -> None:
        refused = self._refusals.get(name)
        if refused is None:
            return
        error, at = refused
        if time.monotonic() - at < KEPT_REFUSAL_S:
            raise error
        self._refusals.pop(name, None)

    def _open(self, hop: _Hop, via: Sequence[JumpHost], deadline: float, more_bytes: int) -> None:
        access, jump, stack = hop.jump.access, hop.jump, ExitStack()
        with stack:  # closes what was opened when a later step fails
            hop.upper, hop.info = None, {}
            if len(via) > 1:
                hop.upper = stack.enter_context(
                    self.through(via[:-1], deadline=deadline, more_bytes=more_bytes)
                )
            try:
                guarded = _socket(hop.upper, jump.address, access, deadline)
                session = stack.enter_context(
                    session_over(guarded, access, hop.info, deadline=deadline, more_bytes=0)
                )
            except VisitError as error:
                if hop.upper is not None and isinstance(error, _ForwardingError):
                    raise
                raise JumpError(jump, hop.info, error) from error
            hop.session = session
            hop.stack = stack.pop_all()


class JumpError(VisitError):
    """A jump host could not be used. ``info`` has the host key it showed."""

    def __init__(self, jump: JumpHost, info: dict[str, str], error: VisitError) -> None:
        super().__init__(error.outcome, _AT_HOP % {"jump": jump.name, "reason": error.reason})
        self.jump, self.info = jump, info


class _ForwardingError(VisitError):
    """A jump host did not connect us onward; the sentence names it."""


_pool = JumpPool()


def _digest(via: Sequence[JumpHost]) -> str:
    """A name that tells logins apart and secrets to nobody."""
    return hashlib.sha256(json.dumps([asdict(one) for one in via]).encode()).hexdigest()


def _socket(upper: _Hop | None, address: str, access: SshAccess, deadline: float) -> GuardedSocket:
    if upper is None:
        return ssh_socket.connect(address, access.port, timeout_s=access.connect_timeout_s, deadline=deadline)
    words = {"jump": upper.jump.name, "address": address, "port": access.port}
    session = upper.session
    if session is None:
        raise _ForwardingError(Outcome.UNREACHABLE, _BROKEN % words)
    wait_s = max(0.1, min(access.connect_timeout_s, deadline - time.monotonic()))
    try:
        channel = session.transport.open_channel(
            "direct-tcpip", (address, access.port), ("127.0.0.1", 0), timeout=wait_s
        )
    except paramiko.ChannelException as error:
        told = {1: _FORBIDS, 3: _FORBIDS, 4: _BUSY}.get(error.code, _NOT_REACHED)
        raise _ForwardingError(Outcome.UNREACHABLE, told % words) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        told = _SILENT if session.transport.is_active() else _BROKEN
        raise _ForwardingError(Outcome.UNREACHABLE, told % words) from error
    return GuardedSocket(_Channel(_OrderedChannel.of(channel)), deadline)


@contextmanager
def open_session(
    target: Target, access: SshAccess, info: dict[str, str], *, deadline: float
) -> Iterator[Session]:
    """Connect to the device, through its jump hosts if it has any, and log in; always closes.

    Args:
        info: filled while the session comes up, so that the shown host key is known even when the session is
            refused; what a jump host showed has ``jump_`` before its name.
    Raises:
        VisitError: with the outcome and a sentence that names the hop.
    """
    more_bytes = 2 * target.max_output_bytes + 1024 * 1024
    with ExitStack() as stack:
        upper = None
        if access.via:
            info["jump"] = " > ".join(one.name for one in access.via)
            try:
                upper = stack.enter_context(
                    _pool.through(access.via, deadline=deadline, more_bytes=more_bytes + SPARE_BYTES)
                )
            except JumpError as error:
                info["jump_failed"] = error.jump.key
                info.update({f"jump_{name}": value for name, value in error.info.items()})
                raise
        guarded = _socket(upper, target.address, access, deadline)
        yield stack.enter_context(
            session_over(guarded, access, info, deadline=deadline, more_bytes=more_bytes)
        )
