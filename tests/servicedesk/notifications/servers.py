"""Other sides on loopback: mail servers that misbehave by a script, a web server that keeps what it got."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(slots=True)
class ScriptedSmtp:
    """Answers commands from ``replies`` by their verb; "." is the end of the text.

    A reply of "hang" says nothing until the end of the test, "drop" closes the connection.
    """

    replies: dict[str, str] = field(default_factory=dict)
    port: int = 0
    texts: list[bytes] = field(default_factory=list)
    reached: threading.Event = field(default_factory=threading.Event)  # the end of a text has come
    _over: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def running(self) -> Iterator[ScriptedSmtp]:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]
            thread = threading.Thread(target=self._serve, args=(listener,), daemon=True)
            thread.start()
            try:
                yield self
            finally:
                self._over.set()
                with contextlib.suppress(OSError):
                    socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                thread.join(5)

    def _serve(self, listener: socket.socket) -> None:
        while not self._over.is_set():
            connection, _address = listener.accept()
            threading.Thread(target=self._served, args=(connection,), daemon=True).start()

    def _served(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            self._talk(connection)

    def _talk(self, connection: socket.socket) -> None:
        if self._over.is_set() or not self._say(connection, self.replies.get("220", "220 here")):
            return
        stream = connection.makefile("rb")
        while line := stream.readline():
            verb = line.strip().upper().split(b" ")[0].split(b":")[0].decode()
            default = {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 ok")
            if not self._say(connection, self.replies.get(verb, default)):
                return
            if verb == "DATA" and self.replies.get(verb, "354").startswith("354"):
                text = b""
                while (part := stream.readline()) not in (b".\r\n", b""):
                    text += part
                self.texts.append(text)
                self.reached.set()
                if not self._say(connection, self.replies.get(".", "250 taken")):
                    return

    def _say(self, connection: socket.socket, reply: str) -> bool:
        if reply == "hang":
            self._over.wait(30)
        if reply in ("hang", "drop"):
            return False
        connection.sendall(reply.encode() + b"\r\n")
        return True


@dataclass(slots=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes


class WebServer:
    """Keeps every POST; ``answer`` decides what it says (status, body, headers), or writes itself."""

    def __init__(self, answer: Callable[[BaseHTTPRequestHandler], object] | None = None) -> None:
        self.requests: list[Request] = []
        self.over = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                outer.requests.append(Request(self.path, headers, self.rfile.read(length)))
                with contextlib.suppress(OSError):
                    if answer is not None:
                        answer(self)
                    else:
                        reply(self, 200, b'{"errcode":0}')

            def log_message(self, *_args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/robot"

    def __enter__(self) -> WebServer:
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(5)


def reply(handler: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(body)


def certificate(folder: Path) -> str:
    """A certificate for 127.0.0.1 that signs itself; returns its PEM text."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    (folder / "cert.pem").write_bytes(pem)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(secret)
    return pem.decode()
