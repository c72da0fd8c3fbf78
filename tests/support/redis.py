"""A Redis server of the tests' own: plain on a Unix socket, or TLS with certificates made here."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from redis import Redis, RedisError

from tests.conftest import program


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """A certificate authority that lives as long as its folder."""

    def __init__(self, folder: Path, name: str = "test authority") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(name)
        usage = x509.KeyUsage(True, False, False, False, False, True, True, False, False)
        builder = self._builder(self._name, self._key).add_extension(x509.BasicConstraints(True, None), True)
        certificate = builder.add_extension(usage, True).sign(self._key, hashes.SHA256())
        self._identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        self.ca = folder / "ca.pem"
        self.ca.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=2))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        )

    def issue(self, name: str, *, address: str = "127.0.0.1") -> tuple[Path, Path]:
        """Certificate and key files for a server at the address, or a client."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
        builder = self._builder(_name(name), key).add_extension(names, False)
        certificate = builder.add_extension(self._identifier, False).sign(self._key, hashes.SHA256())
        files = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        plain = serialization.NoEncryption()
        files[1].write_bytes(
            key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        )
        return files


class RedisServer:
    """``redis-server`` with an append-only file: what it confirmed is there again after a kill."""

    def __init__(self, folder: Path, authority: Authority | None = None, *options: str) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.authority = authority
        self.socket = folder / "redis.sock"
        self.port = _free_port() if authority else 0
        self.options = options
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """On this machine, without TLS, as who may do everything."""
        return self.url_of("servicedesk", "servicedesk")

    def url_of(self, user: str, password: str) -> str:
        """On this machine, without TLS, with this login."""
        return f"unix://{user}:{password}@{self.socket}"

    @property
    def tls_url(self) -> str:
        """Where a zone's worker finds it, without a login."""
        return f"rediss://127.0.0.1:{self.port}"

    @property
    def tls_url_of_all(self) -> str:
        """The same as who may do everything, for a worker that is set up by hand."""
        return self.tls_url.replace("//", "//servicedesk:servicedesk@")

    def connect(self) -> Redis:
        return Redis.from_url(self.url, socket_timeout=10)

    def start(self) -> None:
        command = [str(program("redis-server")), "--port", "0", "--dir", str(self.folder)]
        command += ["--unixsocket", str(self.socket), "--save", "", "--appendonly", "yes"]
        command += ["--appendfsync", "always", "--user", "default", "off"]
        command += ["--user", "servicedesk", "on", ">servicedesk", "~*", "&*", "+@all", *self.options]
        if self.authority is not None:
            certificate, key = self.authority.issue("server")
            command += ["--tls-port", str(self.port), "--tls-ca-cert-file", str(self.authority.ca)]
            command += ["--tls-cert-file", str(certificate), "--tls-key-file", str(key)]
        with (self.folder / "redis.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + 15
        while True:
            with suppress(RedisError), self.connect() as redis:
                if redis.ping():
                    return
            assert self.process.poll() is None, (self.folder / "redis.log").read_text()
            assert time.monotonic() < deadline, (self.folder / "redis.log").read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        """As a power cut would."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(10)
            self.process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_redis(folder: Path, authority: Authority | None = None, *options: str) -> Iterator[RedisServer]:
    """A server that ends with the block."""
    server = RedisServer(folder, authority, *options)
    server.start()
    try:
        yield server
    finally:
        server.kill()
