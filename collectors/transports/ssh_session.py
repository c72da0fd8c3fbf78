"""One SSH session: connect, check the host key, log in once."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import paramiko
from paramiko.packet import Packetizer

from collectors.errors import VisitError
from collectors.messages import N_
from collectors.model import SshAccess
from collectors.outcome import Outcome
from collectors.transports.ssh_keys import (
    approved_keys,
    check_host_key,
    fingerprint,
    key_line,
    load_private_key,
)
from collectors.transports.ssh_socket import GuardedSocket

# Known-weak algorithms (RFC 9142, OpenSSH's release notes): off unless the device is marked legacy.
LEGACY_ALGORITHMS: dict[str, tuple[str, ...]] = {
    "kex": (
        "diffie-hellman-group1-sha1",
        "diffie-hellman-group14-sha1",
        "diffie-hellman-group-exchange-sha1",
    ),
    "keys": ("ssh-rsa",),
    "pubkeys": ("ssh-rsa",),
    "ciphers": ("3des-cbc", "aes128-cbc", "aes192-cbc", "aes256-cbc"),
    "macs": ("hmac-sha1", "hmac-sha1-96", "hmac-md5", "hmac-md5-96"),
}
_IF_OLD = N_("If it is old, allow legacy algorithms for this device.")
_NO_ANSWER = N_("The device did not answer the login in time.")
REFUSES = N_(
    "The device refuses the login of %(user)s: check user name and credential. It was tried once only."
)
_REFUSES_NOBODY = N_(
    "The device refuses the login of (no user): check user name and credential. It was tried once only."
)
_BREAKS_OFF = N_("The device broke off the login of %(user)s: %(reason)s.")
_BREAKS_OFF_NOBODY = N_("The device broke off the login of (no user): %(reason)s.")
_RSA = ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")

# Paramiko tells every hang-up to its logger with a stack trace; we report it as an outcome instead.
_LOG_CHANNEL = "collectors.ssh.paramiko"
logging.getLogger(_LOG_CHANNEL).setLevel(logging.CRITICAL + 1)


class _Packetizer(Packetizer):
    """Spends no thread on the time limit of the handshake: ``GuardedSocket`` has one."""

    def start_handshake(self, timeout: float) -> None:
        """Nothing; see above."""


class _Transport(paramiko.Transport):
    """Remembers the key exchange's name, which Paramiko forgets when it is done."""

    # How often a thread that waits for the device looks whether somebody closed the session.
    _active_check_timeout = 0.5
    kex_name = ""

    def _set_K_H(self, k: int, h: bytes) -> None:  # noqa: N802 - Paramiko's name
        engine = type(self.kex_engine)
        self.kex_name = next(
            (name for name, kind in getattr(self, "_kex_info", {}).items() if kind is engine), ""
        )
        super()._set_K_H(k, h)  # type: ignore[misc]  # not in the stubs


class Session:
    """An authenticated transport and what is known of it."""

    def __init__(self, guarded: GuardedSocket, transport: _Transport) -> None:
        self.socket = guarded
        self.transport = transport
        self.info: dict[str, str] = {}

    def remaining_s(self) -> float:
        return max(0.0, self.socket.deadline - time.monotonic())


@contextmanager
def session_over(
    guarded: GuardedSocket, access: SshAccess, info: dict[str, str], *, deadline: float, more_bytes: int
) -> Iterator[Session]:
    """Log in over a connection; always closes both.

    Args:
        more_bytes: how much may be received once the login is done.
        info: filled while the session comes up, so that the shown host key is known even when the
            session is refused.
    Raises:
        VisitError: with the outcome and a sentence.
    """
    guarded.deadline = min(deadline, time.monotonic() + access.connect_timeout_s)
    transport: _Transport | None = None
    try:
        transport = _new_transport(guarded, access)
        session = Session(guarded, transport)
        session.info = info
        _negotiate(session, access)
        _log_in(session, access)
        guarded.deadline = deadline
        guarded.limit_bytes = guarded.received_bytes + more_bytes
        yield session
    finally:
        if transport is not None:
            transport.close()
        guarded.close()


def _new_transport(guarded: GuardedSocket, access: SshAccess) -> _Transport:
    disabled = (
        {} if access.legacy_crypto else {kind: list(names) for kind, names in LEGACY_ALGORITHMS.items()}
    )
    transport = _Transport(
        guarded,  # type: ignore[arg-type]  # the documents take any socket-like object
        disabled_algorithms=disabled,
        packetizer_class=_Packetizer,
    )
    transport.daemon = True
    transport.set_log_channel(_LOG_CHANNEL)
    transport.banner_timeout = access.connect_timeout_s
    transport.auth_timeout = access.connect_timeout_s
    options = transport.get_security_options()
    # Ask first for the kind of key that was approved: a server with several shows the one asked for.
    known = {name for name, _ in approved_keys(access)}
    wanted = [name for name in options.key_types if name in known or ("ssh-rsa" in known and name in _RSA)]
    options.key_types = wanted + [name for name in options.key_types if name not in wanted]
    # Cipher and integrity in one: cheaper, and nothing can be cut from the stream (CVE-2023-48795).
    options.ciphers = sorted(options.ciphers, key=lambda name: "gcm" not in name)
    return transport


def _negotiate(session: Session, access: SshAccess) -> None:
    transport, guarded = session.transport, session.socket
    port = access.port
    try:
        transport.start_client(timeout=session.remaining_s() + 0.5)
    except paramiko.ssh_exception.IncompatiblePeer as error:
        session.info["ssh_server"] = str(transport.remote_version)
        words = N_("The device and we share no SSH algorithm (%(error)s).") % {"error": error}
        if not access.legacy_crypto:
            words = f"{words} {_IF_OLD}"
        raise VisitError(Outcome.UNSUPPORTED, words) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        raise _handshake_failure(guarded, port, error) from error
    if not transport.is_active() or not transport.initial_kex_done:
        raise _handshake_failure(guarded, port, None)
    key = transport.get_remote_server_key()
    session.info.update(_describe(transport))
    session.info["host_key"] = key_line(key)
    session.info["host_key_fingerprint"] = fingerprint(key.asbytes())
    check_host_key(key, access)


def _handshake_failure(guarded: GuardedSocket, port: int, error: BaseException | None) -> VisitError:
    outcome = Outcome.UNREACHABLE
    if guarded.flooded:
        outcome = Outcome.TIMEOUT
        words = N_("Port %(port)s sends endless data before the login; it was cut off.")
    elif guarded.received_bytes == 0:
        words = N_("Port %(port)s accepts the connection and stays silent: no SSH service answers.")
    elif guarded.expired or error is None:
        outcome = Outcome.TIMEOUT
        words = N_("Port %(port)s did not finish the SSH handshake in time.")
    elif "banner" in str(error) or "protocol version" in str(error):
        words = N_("Port %(port)s does not speak SSH.")
    else:
        words = N_("Port %(port)s broke off the SSH handshake: %(error)s.")
    return VisitError(outcome, words % {"port": port, "error": type(error).__name__})


def _describe(transport: _Transport) -> dict[str, str]:
    cipher = str(getattr(transport, "remote_cipher", ""))  # set by Paramiko, missing in its stubs
    names = {
        "ssh_server": str(transport.remote_version),
        "kex": transport.kex_name,
        "host_key_type": str(transport.host_key_type),
        "cipher": cipher,
        "mac": "" if "gcm" in cipher else str(getattr(transport, "remote_mac", "")),
    }
    weak = {name for group in LEGACY_ALGORITHMS.values() for name in group}
    names["legacy"] = ",".join(sorted({name for name in names.values() if name in weak}))
    return names


def _log_in(session: Session, access: SshAccess) -> None:
    """Try one credential once. Accounts are locked by AAA servers: never again, never another."""
    try:
        _authenticate(session, access)
    except paramiko.AuthenticationException as error:
        if session.socket.expired or "timeout" in str(error).lower():
            raise VisitError(Outcome.TIMEOUT, _NO_ANSWER) from error
        words = REFUSES if access.user else _REFUSES_NOBODY
        raise VisitError(Outcome.AUTH_FAILED, words % {"user": access.user}) from error
    except (paramiko.SSHException, EOFError, OSError) as error:
        if session.socket.expired:
            raise VisitError(Outcome.TIMEOUT, _NO_ANSWER) from error
        reason = str(error) or type(error).__name__
        words = _BREAKS_OFF if access.user else _BREAKS_OFF_NOBODY
        raise VisitError(Outcome.AUTH_FAILED, words % {"user": access.user, "reason": reason}) from error


def _authenticate(session: Session, access: SshAccess) -> None:
    transport = session.transport
    key = load_private_key(access.private_key, access.passphrase) if access.private_key else None
    methods = _offered_methods(transport, access.user)
    if not methods:
        return  # some devices ask nothing at this level
    if key is not None:
        if "publickey" not in methods:
            raise paramiko.SSHException(N_("it does not take keys"))
        methods = transport.auth_publickey(access.user, key)
        if not methods:
            return
        # Not a second guess: the server accepted the key and asks for a further factor.
    if not access.password:
        raise paramiko.SSHException(N_("it asks for a password and none is given"))
    if "password" in methods:
        further = transport.auth_password(access.user, access.password, fallback=False)
    elif "keyboard-interactive" in methods:
        further = transport.auth_interactive(access.user, _Answers(access.password))
    else:
        raise paramiko.SSHException(N_("it takes %(methods)s only") % {"methods": ", ".join(methods)})
    if further:
        words = N_("it asks for a further factor (%(methods)s)") % {"methods": ", ".join(further)}
        raise paramiko.SSHException(words)


def _offered_methods(transport: _Transport, user: str) -> list[str]:
    """Ask with the method "none", which no server counts as an attempt (RFC 4252 section 5.2)."""
    try:
        transport.auth_none(user)
    except paramiko.BadAuthenticationType as error:
        return list(error.allowed_types)
    return []


class _Answers:
    """Answers one hidden question with the password, and nothing else: never a new password."""

    def __init__(self, password: str) -> None:
        self._password = password
        self._given = False

    def __call__(self, title: str, instructions: str, prompts: Sequence[tuple[str, bool]]) -> list[str]:
        if not prompts:
            return []
        if self._given or len(prompts) != 1 or prompts[0][1]:
            words = N_("it asks more than the password (expired password, second factor?)")
            raise paramiko.SSHException(words)
        self._given = True
        return [self._password]
