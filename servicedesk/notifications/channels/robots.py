"""Chat robots and webhooks: what each vendor's group robot takes, and how it is signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote

from servicedesk.core.sentences import N_
from servicedesk.notifications.channels.http import Answer, Limits, post
from servicedesk.notifications.channels.outcome import Outcome, failed, retry, sent

MAX_TEXT = 2000  # bytes; WeCom takes 2048 of a text
# Written so, vendors call everybody of the group: people's words must not.
_CALLS = re.compile(r"<(?=\s*/?\s*(?:at\b|@))|@(?=(?:all|所有人)\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Robot:
    """One robot: its address and signing key are secret."""

    kind: str
    url: str
    key: str = ""

    def __repr__(self) -> str:
        """Without the address, which opens the group to anybody."""
        return f"Robot({self.kind})"


@dataclass(frozen=True, slots=True)
class Message:
    """``text`` for people in a group, ``document`` for programs. ``number`` is the delivery's."""

    number: int
    event: str
    text: str
    document: Mapping[str, Any] = field(default_factory=dict)


def send_robot(robot: Robot, message: Message, *, now: datetime, limits: Limits) -> Outcome:
    """One try to post a message."""
    if robot.kind == "webhook":
        return _webhook(robot, message, now, limits)
    url, body = _BODIES[robot.kind](robot, quiet_text(message.text), now)
    answer = post(url, _json(body), {}, limits, repeatable=False)
    return _judged(answer) if isinstance(answer, Answer) else answer


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def quiet_text(text: str) -> str:
    """A text that calls nobody and fits: cut at a character, with an ellipsis."""
    calm = _CALLS.sub(lambda found: found[0] + "\u200b", text)
    if len(calm.encode()) <= MAX_TEXT:
        return calm
    return calm.encode()[: MAX_TEXT - 3].decode("utf-8", "ignore") + "…"


def _wecom(robot: Robot, text: str, _now: datetime) -> tuple[str, dict[str, Any]]:
    """WeCom group robot: the address alone authorises; ``errcode`` 0 is success."""
    return robot.url, {"msgtype": "text", "text": {"content": text}}


def dingtalk_signature(key: str, milliseconds: int) -> str:
    """Base64 of HMAC-SHA256 under the key over "<milliseconds>\\n<key>" (custom robot, signing)."""
    digest = hmac.new(key.encode(), f"{milliseconds}\n{key}".encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _dingtalk(robot: Robot, text: str, now: datetime) -> tuple[str, dict[str, Any]]:
    url = robot.url
    if robot.key:
        milliseconds = int(now.timestamp() * 1000)
        sign = quote(dingtalk_signature(robot.key, milliseconds), safe="")
        url += f"{'&' if '?' in url else '?'}timestamp={milliseconds}&sign={sign}"
    return url, {"msgtype": "text", "text": {"content": text}}


def feishu_signature(key: str, seconds: int) -> str:
    """Base64 of HMAC-SHA256 of nothing under "<seconds>\\n<key>" (custom bot, signature verification)."""
    digest = hmac.new(f"{seconds}\n{key}".encode(), b"", hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def _feishu(robot: Robot, text: str, now: datetime) -> tuple[str, dict[str, Any]]:
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    if robot.key:
        seconds = int(now.timestamp())
        body |= {"timestamp": str(seconds), "sign": feishu_signature(robot.key, seconds)}
    return robot.url, body


_BODIES: dict[str, Callable[[Robot, str, datetime], tuple[str, dict[str, Any]]]] = {
    "wecom": _wecom,
    "dingtalk": _dingtalk,
    "feishu": _feishu,
}
# Too many messages a minute: WeCom 45009 and 45033, DingTalk 130101 and 660026, Feishu 9499 and 11232.
_SLOW_DOWN = frozenset({45009, 45033, 130101, 660026, 9499, 11232})


def _judged(answer: Answer) -> Outcome:
    """Robots say what they think in the body: status 200 alone means nothing."""
    text = answer.body.decode("utf-8", "replace")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        document = None
    codes = (
        [document[name] for name in ("errcode", "code", "StatusCode") if name in document]
        if isinstance(document, dict)
        else []
    )
    if not codes:
        return failed(N_("The answer is none of a chat robot. Is the address right?"), text)
    code = codes[0]
    if code == 0:
        return sent(text)
    if code in _SLOW_DOWN:
        return retry(N_("The other side asks to try again later."), text)
    return failed(N_("The other side refuses the message."), text)


def webhook_signature(key: str, timestamp: int, body: bytes) -> str:
    """ "sha256=" and the hexadecimal HMAC-SHA256 under the key over "<timestamp>.<body>"."""
    digest = hmac.new(key.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def _webhook(robot: Robot, message: Message, now: datetime, limits: Limits) -> Outcome:
    body = _json(message.document)
    timestamp = int(now.timestamp())
    headers = {
        "X-Servicedesk-Event": message.event,
        "X-Servicedesk-Delivery": str(message.number),
        "X-Servicedesk-Timestamp": str(timestamp),
    }
    if robot.key:
        headers["X-Servicedesk-Signature"] = webhook_signature(robot.key, timestamp, body)
    # The delivery's number lets the receiver drop what comes twice.
    answer = post(robot.url, body, headers, limits, repeatable=True)
    return sent(str(answer.status)) if isinstance(answer, Answer) else answer
