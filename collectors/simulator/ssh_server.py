"""SSH servers in this process that look like devices and execute nothing.

For tests, demonstrations and load: twenty to forty of them are cheap. They listen on loopback
addresses only.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import selectors
import socket
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO

import paramiko
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from paramiko.common import (
    AUTH_FAILED,
    AUTH_SUCCESSFUL,
    OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED,
    OPEN_SUCCEEDED,
)
from paramiko.server import InteractiveQuery

from collectors.platforms.linux_commands import NAME_OF
from collectors.simulator.cli_device import CliDevice
from collectors.simulator.linux_files import newest_of
from collectors.simulator.linux_host import Answer, SimulatedHost
from collectors.simulator.windows_host import SimulatedWindows
from collectors.transports.ssh_keys import key_line

_LOG_CHANNEL = "collectors.simulator.paramiko"
logging.getLogger(_LOG_CHANNEL).setLevel(logging.CRITICAL + 1)

_MARKER = re.compile(r"(==[0-9a-f]{32}==)")
_SESSION_LIMIT_S = 120.0


@dataclass(frozen=True, slots=True)
class Quirks:
    """How a server misbehaves. Delays are in seconds; all are off by default.

    ``silent``: accepts TCP and says nothing. ``banner_flood``: endless lines before the greeting.
    ``half_output``: closes after half the answer, without an exit status. ``endless_output``: never
    stops sending. ``hang``: takes the command and never answers. ``delay_s``: waits before it
    answers. ``keyboard_interactive``: does not take the method "password". ``asks_new_password``:
    the login goes on with a question for a new password. ``legacy``: SHA-1 key exchange alone.
    """

    silent: bool = False
    banner_flood: bool = False
    half_output: bool = False
    endless_output: bool = False
    hang: bool = False
    delay_s: float = 0.0
    keyboard_interactive: bool = False
    asks_new_password: bool = False
    legacy: bool = False


def new_host_key() -> paramiko.PKey:
    """A fresh Ed25519 key."""
    pem = ed25519.Ed25519PrivateKey.generate().private_bytes(
        Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()
    )
    return paramiko.Ed25519Key.from_private_key(StringIO(pem.decode()))


class SshServer:
    """One listening server.

    Args:
        address: a loopback address. port: 0 picks a free one, see ``port`` after ``start``.
        host: the imaginary machine behind it.
        users: name → password. authorized_keys: "ssh-ed25519 AAAA…" lines for every user.
    Attributes:
        logins: how many credentials were tried, for tests that nobody tries twice.
    """

    def __init__(
        self,
        address: str = "127.0.0.1",
        port: int = 0,
        host: SimulatedHost | SimulatedWindows | CliDevice | None = None,
        users: Mapping[str, str] | None = None,
        *,
        authorized_keys: Sequence[str] = (),
        quirks: Quirks = Quirks(),
        host_key: paramiko.PKey | None = None,
    ) -> None:
        if not ipaddress.ip_address(address).is_loopback:
            raise ValueError("simulated servers listen on loopback addresses only")
        self.address = address
        self.port = port
        self.host = host or SimulatedHost()
        self.users = dict(users or {"inspector": "inspect-me"})
        self.authorized_keys = frozenset(tuple(line.split()[:2]) for line in authorized_keys)
        self.quirks = quirks
        self.host_key = host_key or new_host_key()
        self.logins = 0
        self._listener: socket.socket | None = None
        self._stopping = threading.Event()

    @property
    def host_key_line(self) -> str:
        """The key to approve: "ssh-ed25519 AAAA…"."""
        return key_line(self.host_key)

    @property
    def stopping(self) -> bool:
        return self._stopping.is_set()

    def start(self) -> SshServer:
        """Listen; returns itself."""
        listener = self.listen()
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return self

    def listen(self) -> socket.socket:
        """Open the socket; whoever accepts gives each connection to ``take``."""
        self._stopping.clear()
        listener = socket.create_server((self.address, self.port), backlog=64)
        listener.settimeout(0.5)
        self.port = listener.getsockname()[1]
        self._listener = listener
        return listener

    def take(self, connection: socket.socket) -> None:
        """Serve one connection in a thread of its own."""
        threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def stop(self) -> None:
        """Stop listening and end every session."""
        self._stopping.set()
        if self._listener is not None:
            self._listener.close()
            self._listener = None

    def __enter__(self) -> SshServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _accept(self, listener: socket.socket) -> None:
        while not self.stopping:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            except OSError:  # closed by stop()
                return
            self.take(connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            try:
                if self.quirks.silent:
                    self._stopping.wait(_SESSION_LIMIT_S)
                elif self.quirks.banner_flood:
                    self._flood(connection)
                else:
                    self._session(connection)
            except (OSError, EOFError, paramiko.SSHException):
                return  # the visitor hung up: that is the visitor's good right

    def _flood(self, connection: socket.socket) -> None:
        until = time.monotonic() + _SESSION_LIMIT_S
        while not self.stopping and time.monotonic() < until:
            connection.sendall(b"* WARNING: authorised use only *" * 30)

    def _session(self, connection: socket.socket) -> None:
        transport = paramiko.Transport(connection)
        transport.set_log_channel(_LOG_CHANNEL)
        if isinstance(self.host, (CliDevice, SimulatedWindows)):
            transport.local_version = self.host.greeting
        if self.quirks.legacy:
            transport.get_security_options().kex = ("diffie-hellman-group14-sha1",)
        transport.add_server_key(self.host_key)
        try:
            transport.start_server(server=_Login(self))
            until = time.monotonic() + _SESSION_LIMIT_S
            while transport.is_active() and not self.stopping and time.monotonic() < until:
                time.sleep(0.05)
        finally:
            transport.close()


class SshServers:
    """Many servers whose connections one thread accepts: a thread each would be too many for thousands."""

    def __init__(self, servers: Sequence[SshServer]) -> None:
        self.servers = list(servers)
        self._selector = selectors.DefaultSelector()
        self._stopping = threading.Event()

    def start(self) -> SshServers:
        """Listen; returns itself. Raises OSError: a port is taken."""
        for server in self.servers:
            self._selector.register(server.listen(), selectors.EVENT_READ, server)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def stop(self) -> None:
        """Stop listening and end every session."""
        self._stopping.set()
        for server in self.servers:
            server.stop()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            for key, _ in self._selector.select(0.5):
                assert isinstance(key.fileobj, socket.socket)
                try:
                    connection, _ = key.fileobj.accept()
                except OSError:  # the visitor went away again, or the server was stopped
                    continue
                key.data.take(connection)


class _Login(paramiko.ServerInterface):
    """Answers one connection's requests."""

    def __init__(self, server: SshServer) -> None:
        self._server = server
        self._questions = 0

    def get_allowed_auths(self, username: str) -> str:
        password = "keyboard-interactive" if self._server.quirks.keyboard_interactive else "password"
        return f"publickey,{password}" if self._server.authorized_keys else password

    def check_auth_password(self, username: str, password: str) -> int:
        self._server.logins += 1
        good = not self._server.quirks.keyboard_interactive and self._server.users.get(username) == password
        return AUTH_SUCCESSFUL if good else AUTH_FAILED

    def check_auth_publickey(self, username: str, key: paramiko.PKey) -> int:
        self._server.logins += 1
        known = (key.get_name(), key.get_base64()) in self._server.authorized_keys
        good = known and username in self._server.users
        return AUTH_SUCCESSFUL if good else AUTH_FAILED

    def check_auth_interactive(self, username: str, submethods: str) -> int | InteractiveQuery:
        if not self._server.quirks.keyboard_interactive:
            return AUTH_FAILED
        self._user = username
        return InteractiveQuery("", "", ("Password: ", False))

    def check_auth_interactive_response(self, responses: list[str]) -> int | InteractiveQuery:
        self._server.logins += 1
        self._questions += 1
        good = self._server.users.get(self._user) == (responses[0] if responses else "")
        if good and self._server.quirks.asks_new_password:
            return InteractiveQuery("", "Your password has expired", ("New password: ", False))
        return AUTH_SUCCESSFUL if good else AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        if kind == "session":
            return OPEN_SUCCEEDED
        return OPEN_FAILED_ADMINISTRATIVELY_PROHIBITED

    def check_channel_pty_request(
        self,
        channel: paramiko.Channel,
        term: bytes,
        width: int,
        height: int,
        pixelwidth: int,
        pixelheight: int,
        modes: bytes,
    ) -> bool:
        return isinstance(self._server.host, CliDevice)

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        host = self._server.host
        if not isinstance(host, CliDevice):
            return False
        threading.Thread(target=host.talk, args=(channel,), daemon=True).start()
        return True

    def check_channel_exec_request(self, channel: paramiko.Channel, command: bytes) -> bool:
        host = self._server.host
        if isinstance(host, CliDevice) and host.traps.answers_exec:
            threading.Thread(target=_complain, args=(host, channel), daemon=True).start()
            return True
        if isinstance(host, CliDevice):
            return False
        work = _Command(self._server, host, channel, command.decode("utf-8", "replace"))
        threading.Thread(target=work.run, daemon=True).start()
        return True


def _complain(device: CliDevice, channel: paramiko.Channel) -> None:
    """A command line that takes a program for one of its commands."""
    try:
        with closing(channel):
            channel.sendall(device.persona.unknown.encode())
            channel.send_exit_status(1)
    except (OSError, EOFError, paramiko.SSHException):
        return  # the visitor hung up


class _Command:
    """Answers one exec request of a host."""

    def __init__(
        self,
        server: SshServer,
        host: SimulatedHost | SimulatedWindows,
        channel: paramiko.Channel,
        command: str,
    ) -> None:
        self._server, self._host, self._channel, self._command = server, host, channel, command

    def run(self) -> None:
        try:
            with closing(self._channel):  # which sends too, and fails as sending does
                self._answer()
        except (OSError, EOFError, paramiko.SSHException):
            return  # the visitor hung up

    def _answer(self) -> None:
        channel, quirks = self._channel, self._server.quirks
        stdout, stderr, status = self._output()
        if quirks.hang:
            self._server._stopping.wait(_SESSION_LIMIT_S)
            return
        self._server._stopping.wait(quirks.delay_s)
        if quirks.endless_output:
            until = time.monotonic() + _SESSION_LIMIT_S
            while not self._server.stopping and time.monotonic() < until:
                channel.sendall(b"x" * 32768)
        if quirks.half_output:
            channel.sendall(stdout[: len(stdout) // 2])
            return
        channel.sendall(stdout)
        if stderr:
            channel.sendall_stderr(stderr)
        channel.send_exit_status(status)

    def _output(self) -> tuple[bytes, bytes, int]:
        answers = self._host.sections()
        if self._command != self._host.interpreter:
            name = NAME_OF.get(self._command)
            if name is None:
                return b"", b"sh: command not found\n", 127
            answer = answers.get(name, Answer(status="127"))
            status = int(answer.status) if answer.status.isdigit() else 127
            return answer.text.encode(), answer.stderr.encode(), status
        script = self._channel.makefile("rb").read().decode()
        marker = _MARKER.search(script)
        if marker is None:
            return b"", b"", 0
        if isinstance(self._host, SimulatedHost):
            looked_for = newest_of(script, datetime.now(UTC))
            answers = {name: Answer(text) for name, text in looked_for.items()} | answers
        stdout, stderr = [], []
        for name in self._host.section_pattern.findall(script):
            answer = answers.get(name, Answer(status="missing")) if name != "end" else Answer()
            stdout.append(f"{answer.text}\n{marker[1]} {name} {answer.status}\n")
            stderr.append(f"{answer.stderr}\n{marker[1]} {name}\n")
        encoding = self._host.encoding
        return "".join(stdout).encode(encoding), "".join(stderr).encode(encoding), 0
