"""Checks of web addresses against real servers: slow, wrong, huge, hostile; certificates good and bad."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from collectors.model import Finding, LevelRule, Levels, OwnCheck, Target, Visit, WebCheck
from collectors.outcome import Outcome
from collectors.runner import judge_transcript, visit
from collectors.sealing import document_of, target_of
from collectors.transports import web as transport
from collectors.web import WebError, parse_place, require_web

LEVELS = Levels(warning_upper=60_000, critical_upper=90_000)
Answer = Callable[[bytes, socket.socket], None]


@contextmanager
def serving(answer: Answer, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """A server that hands each request to ``answer``; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stopped = threading.Event()
        listener.settimeout(0.1)

        def talk(client: socket.socket) -> None:
            try:
                with context.wrap_socket(client, server_side=True) if context else client as peer:
                    peer.settimeout(5)
                    request = b""
                    while b"\r\n\r\n" not in request:
                        part = peer.recv(4096)
                        if not part:
                            return
                        request += part
                    answer(request, peer)
            except OSError:
                pass  # the check has gone: what many of these tests are about

        def run() -> None:
            while not stopped.is_set():
                try:
                    client, _peer = listener.accept()
                except TimeoutError:
                    continue
                threading.Thread(target=talk, args=(client,), daemon=True).start()

        thread = threading.Thread(target=run)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            stopped.set()
            thread.join(10)


def saying(raw: bytes) -> Answer:
    return lambda _request, peer: peer.sendall(raw)


def http(body: bytes = b"hello", status: str = "200 OK", headers: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body


PLAIN = WebCheck()
FOLLOW = WebCheck(follow=True)
NO_HTTP = "no answer of a web server"


def checked(url: str, web: WebCheck = PLAIN, address: str = "127.0.0.1", **values: object) -> Visit:
    check = OwnCheck("own:1", "Portal", "web", url, levels=LEVELS, web=web)
    return visit(Target("1", address, (), own_checks=(check,), **values))  # type: ignore[arg-type]  # by name


def items(found: Visit) -> dict[str, Finding]:
    return {one.item: one for one in found.findings if one.check == "own:1"}


def why(found: Visit) -> str:
    return str(items(found)["answer"].message)


def certificate(path: Path, days: float, name: str = "localhost") -> tuple[ssl.SSLContext, str]:
    """A server's context with a certificate of its own, and that in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    end = datetime.now(UTC) + timedelta(days=days)
    names: list[x509.GeneralName] = [x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=400)).not_valid_after(end)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = made.public_bytes(Encoding.PEM).decode()
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    (path / "both.pem").write_text(pem + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path / "both.pem")
    return context, pem


def test_an_answer_is_judged_by_status_text_and_time() -> None:
    asked: list[bytes] = []

    def answer(request: bytes, peer: socket.socket) -> None:
        asked.append(request)
        peer.sendall(
            http(b"state: UP\npassword=hunter2\n", headers="Set-Cookie: session=abc\r\nServer: x\r\n")
        )

    with serving(answer) as port:
        found = checked(f"http://{{address}}:{port}/health?a=1", WebCheck(text=r"state:\s+UP"))
    told = items(found)
    assert {name: one.outcome for name, one in told.items()} == {
        "answer": Outcome.OK, "response time": Outcome.OK,
    }  # fmt: skip
    assert told["response time"].unit == "ms"
    assert (told["response time"].value or 0) > 0
    assert found.transcript.outcome is Outcome.OK
    assert asked[0].startswith(b"GET /health?a=1 HTTP/1.1\r\nHost: 127.0.0.1:")
    kept = json.loads(found.transcript.exchanges[0].answer)
    assert kept["headers"] == {"content-length": "27", "server": "x"}
    assert "hunter2" not in repr(found)
    assert "session=abc" not in repr(found)


@pytest.mark.parametrize(
    ("raw", "web", "words"),
    [
        (http(status="503 Busy"), WebCheck(), "Status 503 instead of 200"),
        (http(b"maintenance"), WebCheck(text="UP"), "text is missing"),
        (http(status="302 Found", headers="Location: /login\r\n"), WebCheck(), "Status 302"),
        (b"SSH-2.0-OpenSSH_9\r\n", PLAIN, NO_HTTP),
        (b"", PLAIN, NO_HTTP),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", WebCheck(), "ended before"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", PLAIN, NO_HTTP),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", PLAIN, NO_HTTP),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", PLAIN, NO_HTTP),
        (http(b"x" * (transport.MAX_BODY + 1)), WebCheck(), "larger than 1 MB"),
        (http(gzip.compress(b"0" * 50_000_000), headers="Content-Encoding: gzip\r\n"), PLAIN, "larger"),
        (http(b"no gzip", headers="Content-Encoding: gzip\r\n"), PLAIN, NO_HTTP),
        (http(status="302 Found", headers="Location: /\r\n"), FOLLOW, "again and again"),
        (http(status="302 x", headers="Location: http://192.0.2.9/\r\n"), FOLLOW, "no address of"),
        (http(status="302 x", headers="Location: file:///etc/x\r\n"), FOLLOW, "whole address"),
        (http(status="302 x", headers="Location: http://a:b@127.0.0.1/\r\n"), FOLLOW, "a user or"),
    ],
)  # fmt: skip
def test_what_is_no_good_answer_is_critical_and_says_why(raw: bytes, web: WebCheck, words: str) -> None:
    with serving(saying(raw)) as port:
        found = checked(f"http://127.0.0.1:{port}/", web)
    told = items(found)["answer"]
    expected = Outcome.NOT_INSPECTED if words == "no address of" else Outcome.CRITICAL
    assert (told.outcome, words in str(told.message)) == (expected, True), str(told.message)


def test_statuses_in_ranges_head_and_redirects_within_the_device() -> None:
    def answer(request: bytes, peer: socket.socket) -> None:
        moved = request.startswith((b"GET / ", b"HEAD / "))
        headers = "Location: /there?x=1\r\n" if moved else ""
        raw = http(b"" if request.startswith(b"HEAD") else b"ok", "301 Moved" if moved else "401 No", headers)
        peer.sendall(raw)

    with serving(answer) as port:
        for method in ("GET", "HEAD"):
            web = WebCheck(status="200-299,401", follow=True, method=method)
            assert items(checked(f"http://127.0.0.1:{port}", web))["answer"].outcome is Outcome.OK


@pytest.mark.parametrize(
    "location",
    ["there", "/app/there", "//portal.example:{port}/app/there", "http://portal.example:{port}/app/there"],
)
def test_a_redirect_to_the_servers_own_name_leads_to_the_same_address(location: str) -> None:
    hosts = []

    def answer(request: bytes, peer: socket.socket) -> None:
        hosts.append(request.split(b"Host: ")[1].split(b"\r\n")[0].partition(b":")[0])
        there = request.startswith(b"GET /app/there ")
        headers = "" if there else f"Location: {location.format(port=port)}\r\n"
        peer.sendall(http(b"UP", "200 OK" if there else "302 Found", headers))

    with serving(answer) as port:
        web = WebCheck(text="UP", follow=True, server_name="portal.example")
        found = checked(f"http://{{address}}:{port}/app/", web)
    assert items(found)["answer"].outcome is Outcome.OK, why(found)
    assert hosts == [b"portal.example", b"portal.example"]


def test_a_check_that_nobody_may_define_is_not_asked_either() -> None:
    found = checked("http://127.0.0.1/", WebCheck(server_name="a\r\nX-Evil: 1"))
    assert found.transcript.exchanges[0].outcome is Outcome.PARSE_FAILED
    assert "no name of a server" in why(found)


def test_a_dripping_server_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "CHECK_S", 0.6)
    gone = threading.Event()

    def drip(_request: bytes, peer: socket.socket) -> None:
        try:
            peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while True:
                peer.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            gone.set()
            raise

    with serving(drip) as port:
        found = checked(f"http://127.0.0.1:{port}/")
        assert gone.wait(5)
    assert found.transcript.exchanges[0].outcome is Outcome.TIMEOUT
    assert items(found)["answer"].outcome is Outcome.CRITICAL


def test_a_resolver_that_does_not_answer_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Event()

    def hang(*_args: object, **_more: object) -> list[object]:
        done.wait(20)
        return []

    monkeypatch.setattr(transport, "CHECK_S", 0.3)
    monkeypatch.setattr(transport.socket, "getaddrinfo", hang)
    found = checked("http://portal.example/")
    done.set()
    assert found.transcript.exchanges[0].outcome is Outcome.TIMEOUT


def test_nobody_listening_is_critical() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    found = checked(f"http://127.0.0.1:{port}/")
    assert items(found)["answer"].outcome is Outcome.CRITICAL
    assert "cannot be reached" in why(found)


@pytest.mark.parametrize(
    ("days", "outcome"), [(200.0, Outcome.OK), (20.0, Outcome.WARNING), (3.0, Outcome.CRITICAL)]
)
def test_a_certificate_is_judged_by_the_days_it_has_left(
    tmp_path: Path, days: float, outcome: Outcome
) -> None:
    context, pem = certificate(tmp_path, days)
    with serving(saying(http()), context) as port:
        found = checked(f"https://localhost:{port}/", WebCheck(verify="ca", ca=pem))
        again = checked(
            f"https://localhost:{port}/",
            WebCheck(verify="ca", ca=pem),
            levels=(LevelRule("own:1", "x", "certificate", warning=2, critical=1, direction="lower"),),
        )
    assert items(found)["answer"].outcome is Outcome.OK
    assert items(found)["certificate"].outcome is outcome
    assert items(found)["certificate"].value == pytest.approx(days, abs=0.2)
    assert items(again)["certificate"].outcome is Outcome.OK


def test_a_certificate_that_is_not_trusted_is_said_and_still_judged(tmp_path: Path) -> None:
    context, pem = certificate(tmp_path, -2)
    asked: list[bytes] = []

    def answer(request: bytes, peer: socket.socket) -> None:
        asked.append(request)
        peer.sendall(http())

    with serving(answer, context) as port:
        for web in (WebCheck(), WebCheck(verify="ca", ca=pem)):
            found = checked(f"https://127.0.0.1:{port}/", web)
            assert "not trusted" in why(found)
            assert items(found)["answer"].outcome is Outcome.CRITICAL
            assert items(found)["certificate"].outcome is Outcome.CRITICAL
        assert asked == []
        unverified = checked(f"https://127.0.0.1:{port}/", WebCheck(verify="no"))
    assert "not verified" in why(unverified)
    assert items(unverified)["answer"].outcome is Outcome.OK
    assert items(unverified)["certificate"].outcome is Outcome.CRITICAL


def test_a_name_that_is_not_the_certificates_is_said(tmp_path: Path) -> None:
    context, pem = certificate(tmp_path, 100, "portal.example")
    with serving(saying(http()), context) as port:
        url = f"https://{{address}}:{port}/"
        wrong = checked(url, WebCheck(verify="ca", ca=pem, server_name="other.example"))
        right = checked(url, WebCheck(verify="ca", ca=pem, server_name="portal.example"))
    assert "not trusted" in why(wrong)
    assert items(right)["answer"].outcome is Outcome.OK


def test_a_server_without_tls_is_said() -> None:
    with serving(saying(b"HTTP/1.1 400 Bad\r\n\r\n")) as port:
        found = checked(f"https://127.0.0.1:{port}/", WebCheck(verify="no"))
    assert items(found)["answer"].outcome is Outcome.CRITICAL


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1/", "192.0.2.1"),
        ("http://localhost/", "192.0.2.1"),
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254"),
        ("http://[fe80::1]/", "fe80::1"),
        ("http://0.0.0.0/", "0.0.0.0"),
        ("http://[::ffff:169.254.169.254]/", "169.254.169.254"),
        ("http://100.100.100.200/", "100.100.100.200"),
    ],
)
def test_nothing_but_the_device_is_asked(url: str, address: str) -> None:
    found = checked(url, address=address)
    assert items(found)["answer"].outcome is Outcome.NOT_INSPECTED
    assert found.transcript.exchanges[0].duration_s < transport.CHECK_S


@pytest.mark.parametrize(
    "url",
    [
        "ftp://h/", "//h/", "http://", "http:///x", "http://u:p@h/", "http://h\r\nX: y/", "http://h/ x",
        "http://h/\n", "http://h:99999/", "http://h:x/", "http://h/#f", "javascript:alert(1)",
        "http://h\\@x/", "http://[::1/", "x" * 300, "http://-h/", "http://h_/é",
    ],
)  # fmt: skip
def test_these_addresses_are_refused(url: str) -> None:
    with pytest.raises(WebError):
        require_web(url, WebCheck())


@pytest.mark.parametrize(
    ("web", "field"),
    [
        (WebCheck(status="abc"), "status"), (WebCheck(status="200,"), "status"),
        (WebCheck(status="99"), "status"), (WebCheck(method="POST"), "method"),
        (WebCheck(method="HEAD", text="x"), "text"), (WebCheck(text="("), "text"),
        (WebCheck(text="(?=x)"), "text"), (WebCheck(text="x" * 301), "text"),
        (WebCheck(verify="maybe"), "verify"), (WebCheck(verify="ca"), "ca"),
        (WebCheck(ca="-----BEGIN PRIVATE KEY-----"), "ca"), (WebCheck(server_name="a b"), "server_name"),
        (WebCheck(server_name="a\r\nX"), "server_name"),
    ],
)  # fmt: skip
def test_these_expectations_are_refused_beside_their_field(web: WebCheck, field: str) -> None:
    with pytest.raises(WebError) as refused:
        require_web("https://{address}/", web)
    assert refused.value.field == field


def test_an_address_takes_the_devices_own() -> None:
    assert parse_place("https://{address}/x", "10.0.0.1").authority == "10.0.0.1"
    assert parse_place("https://{address}:8443/x", "2001:db8::1").authority == "[2001:db8::1]:8443"


def test_a_check_keeps_its_way_and_an_old_one_has_none() -> None:
    check = OwnCheck("own:1", "x", "web", "http://{address}/", web=WebCheck(text="a", follow=True))
    target = Target("1", "h", (), own_checks=(check, replace(check, kind="oid", web=None)))
    assert target_of(json.loads(json.dumps(document_of(target)))) == target
    old = json.loads(json.dumps(document_of(target)))
    for one in old["own_checks"]:
        del one["web"]
    assert target_of(old).own_checks[0].web is None


def test_a_transcript_alone_is_judged_the_same_again() -> None:
    with serving(saying(http(b"UP"))) as port:
        found = checked(f"http://127.0.0.1:{port}/", WebCheck(text="UP"))
    check = OwnCheck(
        "own:1", "Portal", "web", f"http://127.0.0.1:{port}/", levels=LEVELS, web=WebCheck(text="UP")
    )
    target = Target("1", "127.0.0.1", (), own_checks=(check,))
    assert judge_transcript(found.transcript, target)[1] == found.findings
    broken = replace(found.transcript.exchanges[0], answer=b"[1]")
    again = judge_transcript(replace(found.transcript, exchanges=(broken,)), target)[1]
    assert [one.outcome for one in again if one.check == "own:1"] == [Outcome.PARSE_FAILED]
