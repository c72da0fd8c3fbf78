"""Checks of web addresses: how one may look, and what its answer means.

The address belongs to the device: its host is the device's own address, ``{address}``, or a name that
resolves to it. What was answered stands in one exchange, as a document that a rule can read again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

import re2

from collectors import levels as ladder
from collectors.checks.spec import limits_sentence, with_unit
from collectors.errors import CollectorError
from collectors.messages import N_
from collectors.model import (
    Evidence,
    Exchange,
    Finding,
    Levels,
    Message,
    OwnCheck,
    Target,
    Transcript,
    WebCheck,
)
from collectors.outcome import Outcome

ADDRESS = "{address}"
MAX_URL, MAX_TEXT, MAX_CA = 200, 300, 60_000
METHODS, VERIFY = ("GET", "HEAD"), ("system", "ca", "no")
# Items of one check; the certificate's levels are these unless somebody sets others.
ANSWER, TIME, CERTIFICATE = N_("answer"), N_("response time"), N_("certificate")
CERTIFICATE_LEVELS = Levels(warning_lower=30, critical_lower=7)
_URL = re.compile(r"https?://[!-~]+")
_HOST = re.compile(r"(?i)[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_STATUS = re.compile(r"[1-5]\d\d(?:-[1-5]\d\d)?(?:,[1-5]\d\d(?:-[1-5]\d\d)?){0,9}")
_FAILED = frozenset({Outcome.UNREACHABLE, Outcome.TIMEOUT, Outcome.PARSE_FAILED})


class WebError(CollectorError):
    """A check that cannot be used. ``field``: which of ``WebCheck``'s, or "question"."""

    def __init__(self, reason: str, field: str) -> None:
        super().__init__(reason)
        self.field = field


@dataclass(frozen=True, slots=True)
class WebPlace:
    """Where an address leads: ``host`` as the server is called, ``port``, and what is asked of it."""

    secure: bool
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """As the header Host has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.secure else 80) else f"{host}:{self.port}"


def parse_place(url: str, address: str) -> WebPlace:
    """Raises: WebError: not a whole address of a web server, or one with a user or password in it."""
    shown = f"[{address}]" if ":" in address else address
    url = url.replace(ADDRESS, shown)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WebError(N_("This is no web address."), "question") from error
    if not _URL.fullmatch(url) or not parts.hostname or "#" in url or "\\" in url:
        raise WebError(N_("Write a whole address such as https://{address}:8443/health."), "question")
    if "@" in parts.netloc:
        raise WebError(N_("An address must not hold a user or a password."), "question")
    if not (_HOST.fullmatch(parts.hostname) or ":" in parts.hostname):
        raise WebError(N_("This is no web address."), "question")
    secure = parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return WebPlace(secure, parts.hostname, port or (443 if secure else 80), target)


def require_web(url: str, web: WebCheck) -> None:
    """Raises: WebError: with the field's name."""
    if len(url) > MAX_URL:
        raise WebError(
            N_("The address is longer than %(count)s characters.") % {"count": MAX_URL}, "question"
        )
    parse_place(url, "192.0.2.1")
    if not _STATUS.fullmatch(web.status):
        raise WebError(N_("Write statuses such as 200 or 200-299,401."), "status")
    if web.method not in METHODS:
        raise WebError(N_("Only GET and HEAD are asked."), "method")
    if web.text and web.method == "HEAD":
        raise WebError(N_("HEAD brings no text to look for."), "text")
    if web.server_name and not _HOST.fullmatch(web.server_name):
        raise WebError(N_("This is no name of a server."), "server_name")
    if web.verify not in VERIFY:
        raise WebError(N_("Choose how the certificate is verified."), "verify")
    if web.verify == "ca" and (len(web.ca) > MAX_CA or "-----BEGIN CERTIFICATE-----" not in web.ca):
        raise WebError(N_("Paste the certificate of the authority, in PEM."), "ca")
    if "PRIVATE KEY" in web.ca:
        raise WebError(N_("This holds a private key. Paste the certificate alone."), "ca")
    compile_text(web.text)


def compile_text(text: str) -> Any:
    """The expected text as RE2's pattern; None when none is expected.

    Raises: WebError: too long, or not RE2's.
    """
    if not text:
        return None
    if len(text) > MAX_TEXT:
        raise WebError(N_("The pattern is longer than %(count)s characters.") % {"count": MAX_TEXT}, "text")
    options: Any = re2.Options()
    options.max_mem, options.log_errors = 1 << 20, False
    try:
        return re2.compile(text, options)
    except re2.error as error:
        raise WebError(N_("The pattern cannot be used: %(error)s.") % {"error": error}, "text") from error


def is_expected(status: int, wanted: str) -> bool:
    """Whether a status is one of "200-299,401"."""
    for part in wanted.split(","):
        low, _, high = part.partition("-")
        if int(low) <= status <= int(high or low):
            return True
    return False


def question_of(check: OwnCheck) -> str:
    """As the exchange names it: two checks of one address are told apart. A draft has no number yet."""
    number = check.name.rpartition(":")[2]
    asked = f"{check.web.method if check.web else 'GET'} {check.question}"
    return f"{asked} ({check.name})" if number.isdigit() else asked


def judge_web(check: OwnCheck, transcript: Transcript, target: Target) -> Iterator[Finding]:
    """Findings of one check: the answer, its time, its certificate."""
    question = question_of(check)
    for number, exchange in enumerate(transcript.exchanges):
        if exchange.transport == "web" and exchange.question == question and check.web is not None:
            yield from _judged(check, check.web, exchange, Evidence(number), transcript.started_at, target)
            return
    message = Message(N_("Not read: %(reason)s"), {"reason": N_("It was not asked in this visit.")})
    yield Finding(check.name, ANSWER, Outcome.NOT_INSPECTED, message, rule_version=check.version)


def _judged(
    check: OwnCheck, web: WebCheck, exchange: Exchange, evidence: Evidence, at: datetime, target: Target
) -> Iterator[Finding]:
    told = document_of(exchange)
    tls = cast(Mapping[str, Any], told.get("tls") or {})
    if exchange.outcome is not Outcome.OK:
        outcome = Outcome.CRITICAL if exchange.outcome in _FAILED else exchange.outcome
        message = Message(N_("No answer: %(reason)s"), {"reason": exchange.error})
        yield Finding(check.name, ANSWER, outcome, message, evidence=evidence, rule_version=check.version)
    elif "status" not in told:
        message = Message(N_("Not read: %(reason)s"), {"reason": N_("The answer cannot be understood.")})
        yield Finding(
            check.name, ANSWER, Outcome.PARSE_FAILED, message, evidence=evidence, rule_version=check.version
        )
    else:
        yield _answer(check, web, told, evidence)
        yield _time(check, told, evidence, target)
    if tls.get("not_after"):
        yield _certificate(check, tls, at, evidence, target)


def document_of(exchange: Exchange) -> Mapping[str, Any]:
    """What the transport noted; nothing when it is not of its form."""
    try:
        told = json.loads(exchange.answer or b"{}")
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _answer(check: OwnCheck, web: WebCheck, told: Mapping[str, Any], evidence: Evidence) -> Finding:
    status = int(told["status"])
    values: dict[str, str | int] = {"status": status, "wanted": web.status}
    outcome, template = Outcome.OK, N_("Status %(status)s")
    if not is_expected(status, web.status):
        outcome, template = Outcome.CRITICAL, N_("Status %(status)s instead of %(wanted)s")
    elif web.text and not told.get("found"):
        outcome, template = Outcome.CRITICAL, N_("Status %(status)s, but the expected text is missing")
    elif told.get("tls") and web.verify == "no":
        template = N_("Status %(status)s; the certificate was not verified")
    message = Message(template, values)
    return Finding(check.name, ANSWER, outcome, message, float(status), "", None, evidence, check.version)


def _time(check: OwnCheck, told: Mapping[str, Any], evidence: Evidence, target: Target) -> Finding:
    # A rule for all items of this check is about milliseconds or days; each item takes its own side.
    levels = replace(
        ladder.resolve(check.levels, check.name, TIME, target.levels), warning_lower=None, critical_lower=None
    )
    return _number(check, TIME, float(told.get("ms", 0.0)), "ms", levels, evidence)


def _certificate(
    check: OwnCheck, tls: Mapping[str, Any], at: datetime, evidence: Evidence, target: Target
) -> Finding:
    left = datetime.fromisoformat(str(tls["not_after"])) - at
    levels = replace(
        ladder.resolve(CERTIFICATE_LEVELS, check.name, CERTIFICATE, target.levels),
        warning_upper=None,
        critical_upper=None,
    )
    return _number(check, CERTIFICATE, round(left / timedelta(days=1), 1), "d", levels, evidence)


def _number(
    check: OwnCheck, item: str, value: float, unit: str, levels: Levels, evidence: Evidence
) -> Finding:
    outcome = ladder.judge_value(value, levels)
    message = limits_sentence(outcome, with_unit(value, unit))
    return Finding(check.name, item, outcome, message, value, unit, levels, evidence, check.version)
