"""POST of a small JSON document: verified, bounded, not redirected, not led into one's own network."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from servicedesk.core.sentences import N_
from servicedesk.notifications.channels.outcome import (
    DEADLINE_S,
    TIMEOUT_S,
    Outcome,
    Watchdog,
    failed,
    retry,
    uncertain,
)

MAX_BODY = 64 * 1024
MAX_READ = 64 * 1024  # of an answer; the rest is not read
_HEADERS = {"User-Agent": "servicedesk", "Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Limits:
    """``private``: addresses of one's own network and plain HTTP are allowed."""

    private: bool = False
    timeout_s: float = TIMEOUT_S
    deadline_s: float = DEADLINE_S


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and the beginning of the body."""

    status: int
    body: bytes


class ForbiddenAddressError(OSError):
    """The name leads into a network that no webhook may reach."""


def url_problem(url: str, *, private: bool) -> str:
    """An English sentence of the catalogue about an address that cannot be used; empty when it can."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return N_("This is not a web address.")
    if not host or parts.scheme not in ("http", "https") or not url.isascii() or port == 0:
        return N_("This is not a web address.")
    if any(c.isspace() or not c.isprintable() for c in url) or parts.username is not None:
        return N_("This is not a web address.")
    if parts.scheme == "http" and not private:
        return N_("Only addresses that begin with https:// are allowed.")
    return ""


def post(
    url: str, body: bytes, headers: Mapping[str, str], limits: Limits, *, repeatable: bool
) -> Answer | Outcome:
    """One try; an ``Outcome`` when there is no answer with a status.

    Args:
        repeatable: the other side recognises a message that comes twice, so that silence means "again".
    """
    problem = url_problem(url, private=limits.private)
    if problem:
        return failed(problem)
    if len(body) > MAX_BODY:
        return failed(N_("The message is too large."))
    parts = urlsplit(url)
    with Watchdog(limits.deadline_s).running() as watchdog:
        try:
            connection = _connect(parts.scheme, parts.hostname or "", parts.port, limits, watchdog)
        except ForbiddenAddressError as error:
            return failed(N_("The address lies in a private network; the settings do not allow that."), error)
        except ssl.SSLCertVerificationError as error:
            return retry(N_("The certificate of the other side cannot be trusted."), error.verify_message)
        except (OSError, UnicodeError) as error:
            return retry(N_("The other side cannot be reached."), error)
        try:
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request(
                "POST", target, body=body, headers={**_HEADERS, "Host": parts.netloc, **headers}
            )
            response = connection.getresponse()
            answer = Answer(response.status, response.read(MAX_READ))
        except (http.client.HTTPException, OSError) as error:
            silent = retry if repeatable else uncertain
            return silent(N_("The other side took the message and did not answer properly."), error)
        finally:
            connection.close()
    return _refused(answer) or answer


def _refused(answer: Answer) -> Outcome | None:
    text = f"{answer.status} {answer.body[:300].decode('utf-8', 'replace')}"
    if answer.status == 429 or answer.status >= 500:
        return retry(N_("The other side asks to try again later."), text)
    if 300 <= answer.status < 400:
        return failed(N_("The address redirects elsewhere; that is not followed. Enter the final one."), text)
    if answer.status >= 400:
        return failed(N_("The other side refuses the message."), text)
    return None


def _connect(
    scheme: str, host: str, port: int | None, limits: Limits, watchdog: Watchdog
) -> http.client.HTTPConnection:
    """A connection to an address that was looked at: a name cannot change its mind in between."""
    number = port or (443 if scheme == "https" else 80)
    connection = http.client.HTTPConnection(host, number, timeout=limits.timeout_s)
    raw = _open(host, number, limits)
    connection.sock = raw
    watchdog.watch(lambda: connection.sock)
    if scheme == "https":
        try:
            connection.sock = ssl.create_default_context().wrap_socket(raw, server_hostname=host)
        except BaseException:
            raw.close()
            raise
    return connection


def _open(host: str, port: int, limits: Limits) -> socket.socket:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [entry[4] for entry in found]
    if not limits.private:
        for address in addresses:
            if not is_public(str(address[0])):
                raise ForbiddenAddressError(str(address[0]))
    last: OSError = OSError("no address")
    for address in addresses[:4]:
        try:
            return socket.create_connection((str(address[0]), port), timeout=limits.timeout_s)
        except OSError as error:
            last = error
    raise last


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet, also behind IPv6 wrappings of IPv4."""
    number = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(number, ipaddress.IPv6Address):
        inner = number.ipv4_mapped or number.sixtofour
        if inner is not None:
            return is_public(str(inner))
        if number in ipaddress.ip_network("64:ff9b::/96"):  # NAT64, RFC 6052
            return is_public(str(ipaddress.IPv4Address(int(number) & 0xFFFFFFFF)))
    return number.is_global and not number.is_multicast
