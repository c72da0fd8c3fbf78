"""Asks web servers of a device: one request a check, within bounds, to the device's own addresses alone.

Everything is bounded: the time as a whole, whatever the server drips; the bytes on the wire and those
after decompression; the redirects. Nothing is posted, no cookie kept, no proxy used.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import ipaddress
import json
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urljoin

from cryptography import x509

from collectors.errors import VisitError
from collectors.hiding import hide_in_file
from collectors.messages import N_
from collectors.model import Exchange, OwnCheck, Target, WebCheck
from collectors.outcome import Outcome
from collectors.web import WebError, WebPlace, compile_text, parse_place, question_of, require_web

CHECK_S = 10.0  # of one check, redirects and all
MAX_BODY = 1024 * 1024
_MAX_WIRE = MAX_BODY + 128 * 1024  # headers, chunks and TLS's own beside the body
_MAX_REDIRECTS = 5
_KEPT_BODY = 4000
_KEPT_HEADERS = ("server", "date", "content-type", "content-length", "location", "strict-transport-security")
_NEVER = tuple(
    ipaddress.ip_network(one)
    for one in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "100.100.100.200/32")
)


@dataclass(slots=True)
class _Bounds:
    deadline: float
    left_bytes: int = _MAX_WIRE

    def remaining_s(self) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise VisitError(Outcome.TIMEOUT, N_("The server did not answer in time."))
        return left


class _Wire(io.RawIOBase):
    """A socket to read from, with one deadline and one number of bytes for everything."""

    def __init__(self, sock: socket.socket, bounds: _Bounds) -> None:
        self._sock, self._bounds = sock, bounds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._bounds.remaining_s())
        count = self._sock.recv_into(buffer)
        self._bounds.left_bytes -= count
        if self._bounds.left_bytes < 0:
            raise VisitError(Outcome.PARSE_FAILED, N_("The answer is larger than 1 MB."))
        return count

    def makefile(self, _mode: str) -> io.BufferedReader:
        """As ``http.client`` asks a socket."""
        return io.BufferedReader(self)


def ask(target: Target, *, deadline: float) -> tuple[Exchange, ...]:
    """One exchange for each of the target's checks of web addresses; trouble is in its outcome."""
    return tuple(
        _exchange(target, check, check.web, deadline)
        for check in target.own_checks
        if check.kind == "web" and check.web is not None
    )


def _exchange(target: Target, check: OwnCheck, web: WebCheck, deadline: float) -> Exchange:
    started = time.monotonic()
    bounds = _Bounds(min(deadline, started + CHECK_S))
    told: dict[str, Any] = {}
    outcome, error = Outcome.OK, ""
    try:
        _request(target, check, web, bounds, told)
    except VisitError as refused:
        outcome, error = refused.outcome, refused.reason
    except WebError as refused:
        outcome, error = Outcome.PARSE_FAILED, str(refused)
    except TimeoutError:
        outcome, error = Outcome.TIMEOUT, N_("The server did not answer in time.")
    except (http.client.HTTPException, ValueError, zlib.error) as broken:
        words = {"error": type(broken).__name__}
        outcome, error = Outcome.PARSE_FAILED, N_("This is no answer of a web server (%(error)s).") % words
    except OSError as broken:
        words = {"reason": broken.strerror or type(broken).__name__}
        outcome, error = Outcome.UNREACHABLE, N_("The server cannot be reached: %(reason)s.") % words
    answer = json.dumps(told, indent=1, ensure_ascii=False).encode()
    return Exchange("web", question_of(check), answer, outcome, error, duration_s=time.monotonic() - started)


def _request(target: Target, check: OwnCheck, web: WebCheck, bounds: _Bounds, told: dict[str, Any]) -> None:
    require_web(check.question, web)  # whoever sent it: what is asked is looked at again here
    place = parse_place(check.question, target.address)
    first = place.host
    for _turn in range(_MAX_REDIRECTS + 1):
        name = web.server_name if web.server_name and place.host == first else place.host
        response, body = _one(target, place, name, web, bounds, told)
        location = response.getheader("location", "") if 300 <= response.status < 400 else ""
        if not (web.follow and location):
            _note_answer(response, body, web, told)
            return
        told.setdefault("redirects", []).append(_clean(location))
        place = _next(place, location, web)
    raise VisitError(Outcome.PARSE_FAILED, N_("The server redirects again and again."))


def _next(place: WebPlace, location: str, web: WebCheck) -> WebPlace:
    """Where a redirect leads; the server's own name leads to the same address."""
    here = f"{'https' if place.secure else 'http'}://{place.authority}{place.target}"
    found = parse_place(urljoin(here, location).partition("#")[0], "")
    return replace(found, host=place.host) if found.host == web.server_name.lower() else found


def _one(
    target: Target, place: WebPlace, name: str, web: WebCheck, bounds: _Bounds, told: dict[str, Any]
) -> tuple[http.client.HTTPResponse, str]:
    """One request: the answer with its headers, and its body as text; the connection is closed."""
    began = time.monotonic()
    sock = _connected(target, place, bounds)
    try:
        if place.secure:
            sock = _secured(sock, target, place, name, web, bounds, told)
        authority = WebPlace(place.secure, name, place.port, "").authority
        sock.settimeout(bounds.remaining_s())
        sock.sendall(
            f"{web.method} {place.target} HTTP/1.1\r\nHost: {authority}\r\n"
            "User-Agent: servicedesk-collector\r\nAccept: */*\r\nAccept-Encoding: identity\r\n"
            "Connection: close\r\n\r\n".encode("ascii")
        )
        # http.client wants of a socket nothing but ``makefile``; its stubs name socket alone.
        response = http.client.HTTPResponse(_Wire(sock, bounds), method=web.method)  # type: ignore[arg-type]
        response.begin()
        told["ms"] = round((time.monotonic() - began) * 1000, 1)
        body = b"" if web.method == "HEAD" else response.read(MAX_BODY + 1)
    finally:
        sock.close()
    if len(body) > MAX_BODY:
        raise VisitError(Outcome.PARSE_FAILED, N_("The answer is larger than 1 MB."))
    if web.method != "HEAD" and response.length:
        raise VisitError(Outcome.PARSE_FAILED, N_("The answer ended before it was complete."))
    told["bytes"] = len(body)
    return response, _text(body, response.getheader("content-encoding", ""))


def _connected(target: Target, place: WebPlace, bounds: _Bounds) -> socket.socket:
    last: OSError | None = None
    for address in _addresses(target, place, bounds):
        try:
            return socket.create_connection((address, place.port), timeout=bounds.remaining_s())
        except TimeoutError:
            raise
        except OSError as error:
            last = error
    raise last or OSError("no address")


def _addresses(target: Target, place: WebPlace, bounds: _Bounds) -> Sequence[str]:
    """Where the name leads, as far as it is the device itself.

    Raises:
        VisitError: elsewhere, or to addresses nobody has a reason to ask.
    """
    own = _resolved(target.address, bounds)
    found = [one for one in _resolved(place.host, bounds) if one in own]
    if not found:
        words = N_("%(host)s is no address of this device.") % {"host": place.host}
        raise VisitError(Outcome.NOT_INSPECTED, words)
    for one in found:
        address = ipaddress.ip_address(one)
        if (
            address.is_multicast
            or address.is_unspecified
            or any(address in network for network in _NEVER if network.version == address.version)
        ):
            words = N_("%(host)s is an address that is never asked.") % {"host": place.host}
            raise VisitError(Outcome.NOT_INSPECTED, words)
    return found


def _resolved(name: str, bounds: _Bounds) -> list[str]:
    """Addresses of a name. The system's resolver knows no deadline, so it is not waited for longer."""
    rows: list[Any] = []

    def look_up() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            rows.extend(socket.getaddrinfo(name, None, type=socket.SOCK_STREAM))

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(bounds.remaining_s())
    if not rows:
        bounds.remaining_s()
        words = N_("The name %(name)s does not resolve.") % {"name": name}
        raise VisitError(Outcome.UNREACHABLE, words)
    found = dict.fromkeys(str(row[4][0]).partition("%")[0] for row in rows)
    mapped = (ipaddress.ip_address(one) for one in found)
    return [str(getattr(one, "ipv4_mapped", None) or one) for one in mapped]


def _secured(
    sock: socket.socket,
    target: Target,
    place: WebPlace,
    name: str,
    web: WebCheck,
    bounds: _Bounds,
    told: dict[str, Any],
) -> ssl.SSLSocket:
    try:
        secured = _handshake(sock, name, _context(web), bounds)
    except ssl.SSLCertVerificationError as error:
        # The certificate is wanted all the same: a second connection shows it, and nothing is asked there.
        told["tls"] = {"verified": False, "problem": error.verify_message[:200]}
        with (
            _connected(target, place, bounds) as again,
            _handshake(again, name, _trusting(), bounds) as shown,
        ):
            told["tls"] |= _shown(shown)
        words = N_("The certificate is not trusted: %(reason)s.") % {"reason": error.verify_message[:200]}
        raise VisitError(Outcome.PARSE_FAILED, words) from error
    except ssl.SSLError as error:
        words = N_("No TLS connection comes about: %(reason)s.") % {
            "reason": error.reason or type(error).__name__
        }
        raise VisitError(Outcome.PARSE_FAILED, words) from error
    told["tls"] = {"verified": web.verify != "no", **_shown(secured)}
    return secured


def _handshake(sock: socket.socket, name: str, context: ssl.SSLContext, bounds: _Bounds) -> ssl.SSLSocket:
    sock.settimeout(bounds.remaining_s())
    return context.wrap_socket(sock, server_hostname=name)


def _context(web: WebCheck) -> ssl.SSLContext:
    if web.verify == "no":
        return _trusting()
    context = ssl.create_default_context(cadata=web.ca if web.verify == "ca" else None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _trusting() -> ssl.SSLContext:
    """Takes any certificate: only where the check says so, or to look at one that was refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _shown(secured: ssl.SSLSocket) -> dict[str, str]:
    der = secured.getpeercert(binary_form=True)
    told = {"version": str(secured.version() or "")}
    if der:
        certificate = x509.load_der_x509_certificate(der)
        told |= {
            "not_after": certificate.not_valid_after_utc.isoformat(),
            "subject": certificate.subject.rfc4514_string()[:300],
            "issuer": certificate.issuer.rfc4514_string()[:300],
        }
    return told


def _text(body: bytes, encoding: str) -> str:
    """The body as text; one that is compressed though nobody asked is unpacked within the same bound."""
    if encoding.strip().lower() in ("gzip", "x-gzip", "deflate"):
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        body = unpacker.decompress(body, MAX_BODY + 1)
        if len(body) > MAX_BODY:
            raise VisitError(Outcome.PARSE_FAILED, N_("The answer is larger than 1 MB."))
    return body.decode("utf-8", "replace").replace("\x00", "")


def _note_answer(response: http.client.HTTPResponse, body: str, web: WebCheck, told: dict[str, Any]) -> None:
    pattern = compile_text(web.text)
    told["status"] = response.status
    if pattern is not None:
        told["found"] = pattern.search(body) is not None
    headers = {name: response.getheader(name, "") for name in _KEPT_HEADERS}
    told["headers"] = {name: _clean(value) for name, value in headers.items() if value}
    told["body"] = _clean(body, _KEPT_BODY)


def _clean(text: str, length: int = 300) -> str:
    """The beginning of what a server said, secrets hidden."""
    return hide_in_file(text[:length], lambda _secret: "<hidden>")
