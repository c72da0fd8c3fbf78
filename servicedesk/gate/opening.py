"""What the gate needs before it opens: that it may, its certificate, its port."""

from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime
from pathlib import Path

from servicedesk.config import Settings, SettingsError
from servicedesk.gate import addresses, certificates

BACKLOG = 128


def prepare(settings: Settings) -> None:
    """See that the gate can be opened, and make its certificate.

    Raises:
        SettingsError: with what to do.
    """
    if settings.redis_url:
        raise SettingsError(
            "zone_port opens the embedded Redis to zones, and REDIS_URL names one of your own, "
            "which needs TLS itself (docs/zones.md). Unset one of the two."
        )
    if "@" in settings.zone_redis_url:
        raise SettingsError(
            "With zone_port each worker gets a login of its own: zone_redis_url must not have one."
        )
    context(certificate(settings))
    listener(settings).close()


def certificate(settings: Settings) -> tuple[Path, Path]:
    """Certificate and key files: those that are set, else the gate's own, renewed when it is time.

    Raises:
        SettingsError: see ``certificates.ensure`` and ``addresses.names``.
    """
    if settings.zone_cert:
        return Path(settings.zone_cert), Path(settings.zone_key)
    return certificates.ensure(
        addresses.folder(settings), addresses.names(settings), now=datetime.now(UTC).replace(microsecond=0)
    )


def stamp(files: tuple[Path, Path]) -> tuple[tuple[int, int, int], ...]:
    """Changes when one of the files was replaced.

    Raises:
        SettingsError: one is not there.
    """
    try:
        return tuple((s.st_mtime_ns, s.st_size, s.st_ino) for s in (path.stat() for path in files))
    except OSError as error:
        raise SettingsError(f"{error.filename} cannot be read: {error.strerror}.") from error


def context(files: tuple[Path, Path]) -> ssl.SSLContext:
    """TLS 1.2 or newer with this certificate.

    Raises:
        SettingsError: the files cannot be read or do not belong together.
    """
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    certificate_file, key_file = files
    try:
        # An empty password: one that is locked is refused and asks nobody on the console.
        made.load_cert_chain(certificate_file, key_file, password="")
    except OSError as error:  # ssl.SSLError is one
        raise SettingsError(
            f"The certificate {certificate_file} and its key {key_file} cannot be used "
            f"({error.strerror or error}). Both must be PEM files, the key without a password."
        ) from error
    return made


def listener(settings: Settings) -> socket.socket:
    """A socket that listens on the gate's port and does not block.

    Raises:
        SettingsError: the port is taken, or the address is not this machine's.
    """
    host, port = settings.zone_host, settings.zone_port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        made = socket.socket(family, kind, protocol)
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6 and hasattr(socket, "IPV6_V6ONLY"):
                made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)  # "::" is every address
            made.bind(address)
            made.listen(BACKLOG)
        except OSError:
            made.close()
            raise
    except OSError as error:
        raise SettingsError(
            f"The gate for zones cannot listen on port {port} of {host} ({error.strerror}). "
            "Choose another SERVICEDESK_ZONE_PORT or SERVICEDESK_ZONE_HOST."
        ) from error
    made.setblocking(False)
    return made
