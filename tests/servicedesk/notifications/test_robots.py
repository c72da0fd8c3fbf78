"""Chat robots and webhooks on loopback: signed as the vendors document it, bounded, never led astray."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, urlsplit

import pytest

from servicedesk.notifications.channels import http as http_channel
from servicedesk.notifications.channels.http import Limits, is_public, url_problem
from servicedesk.notifications.channels.robots import MAX_TEXT, Message, Robot, quiet_text, send_robot
from tests.servicedesk.notifications.servers import WebServer, reply

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
HERE = Limits(private=True, timeout_s=0.5, deadline_s=5)
KEY = "SEC0123456789abcdef"
MESSAGE = Message(7, "ticket.created", "Rita 登记了 FLT-000001", {"id": 7, "text": "登记"})


def post(server: WebServer, kind: str, key: str = KEY, limits: Limits = HERE) -> object:
    return send_robot(Robot(kind, server.url + "?token=t", key), MESSAGE, now=NOW, limits=limits)


def test_dingtalk_is_signed_in_the_address() -> None:
    with WebServer() as server:
        assert post(server, "dingtalk").state == "sent"
    (request,) = server.requests
    query = parse_qs(urlsplit(request.path).query)
    stamp = str(int(NOW.timestamp() * 1000))
    expected = hmac.new(KEY.encode(), f"{stamp}\n{KEY}".encode(), hashlib.sha256).digest()
    assert query == {"token": ["t"], "timestamp": [stamp], "sign": [base64.b64encode(expected).decode()]}
    assert json.loads(request.body) == {"msgtype": "text", "text": {"content": MESSAGE.text}}


def test_feishu_is_signed_in_the_body() -> None:
    with WebServer(lambda handler: reply(handler, 200, b'{"code":0}')) as server:
        assert post(server, "feishu").state == "sent"
    body = json.loads(server.requests[0].body)
    stamp = str(int(NOW.timestamp()))
    expected = hmac.new(f"{stamp}\n{KEY}".encode(), b"", hashlib.sha256).digest()
    assert (body["timestamp"], body["sign"]) == (stamp, base64.b64encode(expected).decode())
    assert body["content"] == {"text": MESSAGE.text}


def test_wecom_needs_no_signature() -> None:
    with WebServer() as server:
        assert post(server, "wecom").state == "sent"
    assert json.loads(server.requests[0].body)["text"] == {"content": MESSAGE.text}


def test_a_webhook_is_signed_over_time_and_body_and_carries_its_number() -> None:
    with WebServer(lambda handler: reply(handler, 204)) as server:
        assert post(server, "webhook").state == "sent"
    (request,) = server.requests
    stamp = request.headers["x-servicedesk-timestamp"]
    expected = hmac.new(KEY.encode(), stamp.encode() + b"." + request.body, hashlib.sha256).hexdigest()
    assert request.headers["x-servicedesk-signature"] == f"sha256={expected}"
    assert request.headers["x-servicedesk-delivery"] == "7"
    assert json.loads(request.body) == MESSAGE.document


ANSWERS: dict[str, tuple[Callable[[BaseHTTPRequestHandler], object], str]] = {
    "server error": (lambda h: reply(h, 500), "retry"),
    "too many": (lambda h: reply(h, 429), "retry"),
    "gone": (lambda h: reply(h, 404), "failed"),
    "redirect": (lambda h: reply(h, 302, Location="http://127.0.0.1:1/"), "failed"),
    "slow down": (lambda h: reply(h, 200, b'{"errcode":45009}'), "retry"),
    "bad key": (lambda h: reply(h, 200, b'{"errcode":93000,"errmsg":"invalid webhook url"}'), "failed"),
    "a page": (lambda h: reply(h, 200, b"<html>hello"), "failed"),
    "a list": (lambda h: reply(h, 200, b"[]"), "failed"),
    "depth": (lambda h: reply(h, 200, b"[" * 60_000), "failed"),
    "no http": (lambda h: h.wfile.write(b"hello\r\n\r\n"), "uncertain"),
    "nothing": (lambda h: None, "uncertain"),
}


@pytest.mark.parametrize("case", ANSWERS)
def test_what_a_robot_answers_decides(case: str) -> None:
    answer, state = ANSWERS[case]
    with WebServer(answer) as server:
        assert post(server, "wecom").state == state
    assert len(server.requests) == 1


def test_a_robot_that_falls_silent_may_have_posted_and_a_webhook_may_be_asked_again() -> None:
    with WebServer(lambda _handler: server.over.wait(5)) as server:
        assert post(server, "wecom").state == "uncertain"
        assert post(server, "webhook").state == "retry"
        server.over.set()


def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(100 * 1024 * 1024))
        handler.end_headers()
        for _ in range(1600):
            handler.wfile.write(b"x" * 65536)

    with WebServer(endless) as server:
        outcome = post(server, "wecom")
    assert outcome.state == "failed"
    assert len(outcome.answer) <= 500


def test_an_answer_drop_by_drop_ends_with_the_time_of_the_whole_try() -> None:
    def dripping(handler: BaseHTTPRequestHandler) -> None:
        while not server.over.wait(0.05):
            handler.wfile.write(b"H")
            handler.wfile.flush()

    with WebServer(dripping) as server:
        limits = Limits(private=True, timeout_s=5, deadline_s=0.4)
        assert post(server, "wecom", limits=limits).state == "uncertain"


def test_nothing_listens() -> None:
    with WebServer() as server:
        pass
    assert post(server, "wecom").state == "retry"


def test_the_own_network_is_out_of_reach_unless_it_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(2, 1, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr(http_channel.socket, "getaddrinfo", lambda *_args, **_kw: found)
    robot = Robot("wecom", "https://hooks.example.com/x")
    outcome = send_robot(robot, MESSAGE, now=NOW, limits=Limits())
    assert outcome.state == "failed"
    assert "private network" in outcome.error


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1"),
        *("64:ff9b::a00:1", "2002:7f00:1::", "::ffff:169.254.169.254"),
    ],
)
def test_addresses_that_are_none_of_the_internet(address: str) -> None:
    assert not is_public(address)


def test_addresses_of_the_internet() -> None:
    assert is_public("8.8.8.8")
    assert is_public("2606:4700::1111")
    assert is_public("64:ff9b::808:808")


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "ftp://a/b", "https://", "https://user:pw@a/", "https://a b/", "https://a/\r\nX: y"),
        *("https://[::1", "https://a:99999/", "https://a:0/", "https://例子.cn/", "file:///etc/passwd"),
        "http://example.com/",
    ],
)
def test_addresses_no_robot_can_have(url: str) -> None:
    assert url_problem(url, private=False)


def test_words_of_people_call_nobody_and_fit() -> None:
    text = quiet_text('<at user_id="all">x</at> @all @所有人 <@everyone> ' + "汉" * 5000)
    for call in ("<at", "</at", "@all", "@所有人", "<@"):
        assert call not in text
    assert len(text.encode()) <= MAX_TEXT
    assert text.endswith("…")


def test_a_robot_does_not_show_its_address() -> None:
    assert "token" not in repr(Robot("wecom", "https://x/?token=abc", "key"))
