"""One visit: every access once, then facts and findings from the transcript alone."""

from __future__ import annotations

import importlib
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import collectors
from collectors.checks import judge
from collectors.facts.host import AccessState
from collectors.facts.merge import merge_facts
from collectors.files import chosen_files
from collectors.messages import N_
from collectors.model import (
    Access,
    DeviceFacts,
    Exchange,
    FactError,
    Finding,
    LocalAccess,
    SnmpAccess,
    SshAccess,
    Target,
    Transcript,
    Visit,
)
from collectors.outcome import Outcome, worst
from collectors.own import judge_own
from collectors.transports import TransportResult


def _now() -> datetime:
    return datetime.now(UTC)


def visit(target: Target, *, now: Callable[[], datetime] = _now) -> Visit:
    """Visit a device over each of its accesses, one session each.

    Never raises for trouble with the device: that is in the outcomes. Everything ends at the
    target's deadline.
    """
    started_at, started = now(), time.monotonic()
    deadline = started + target.deadline_s
    results: list[tuple[str, TransportResult]] = []
    # SNMP first: its facts number their evidence from the transcript's beginning.
    for access in sorted(target.accesses, key=lambda access: not isinstance(access, SnmpAccess)):
        begun_s = time.monotonic() - started
        name, result = _ask(target, access, deadline)
        shifted = (replace(exchange, started_s=exchange.started_s + begun_s) for exchange in result.exchanges)
        results.append((name, replace(result, exchanges=tuple(shifted))))
    asked = _ask_web(target, deadline)
    transcript = transcript_of(target, started_at, time.monotonic() - started, results)
    if asked:
        # That a device's web server answers says nothing of its accesses, and the other way round.
        outcome = transcript.outcome if results else Outcome.OK
        transcript = replace(transcript, exchanges=(*transcript.exchanges, *asked), outcome=outcome)
    facts, findings = judge_transcript(transcript, target)
    return Visit(transcript, facts, findings)


def judge_transcript(transcript: Transcript, target: Target) -> tuple[DeviceFacts, tuple[Finding, ...]]:
    """What a transcript says, judged by the target's levels. Pure: the same in, the same out."""
    facts = read_transcript(transcript, target)
    observed_at = transcript.started_at + timedelta(seconds=transcript.duration_s)
    return facts, (*judge(facts, target, observed_at), *judge_own(transcript, target))


def read_transcript(transcript: Transcript, target: Target) -> DeviceFacts:
    """Parse every exchange; SSH and local facts are preferred over SNMP's."""
    parts: list[DeviceFacts] = []
    for name in ("local", "ssh", "snmp"):
        if any(exchange.transport == name for exchange in transcript.exchanges):
            try:
                parts.append(_READERS[name](transcript, target))
            except Exception as error:  # noqa: BLE001 - the one boundary at which a wrong parser is caught
                reason = N_("The %(transport)s answers could not be read (%(error)s).") % {
                    "transport": name,
                    "error": f"{type(error).__name__}: {error}",
                }
                failed = FactError(f"{name} answers", Outcome.PARSE_FAILED, reason)
                parts.append(DeviceFacts(errors=(failed,)))
    facts = merge_facts(parts or [DeviceFacts()])
    extra = dict(facts.extra)
    states = _access_states(transcript)
    extra["accesses"] = states
    asked = facts.asked | {"accesses"}
    if "ssh.legacy" in transcript.session:
        extra["ssh_legacy"] = tuple(filter(None, transcript.session["ssh.legacy"].split(",")))
        asked |= {"ssh_legacy"}
    files = chosen_files(transcript.exchanges)
    if files is not None:
        extra["chosen_files"] = files
        asked |= {"chosen_files"}
    return replace(facts, extra=extra, asked=asked)


def _ask(target: Target, access: Access, deadline: float) -> tuple[str, TransportResult]:
    name = _name(access)
    if time.monotonic() >= deadline:
        late = N_("The visit's time was over before this access was tried.")
        return name, TransportResult((), Outcome.TIMEOUT, late)
    try:
        if isinstance(access, SshAccess):
            from collectors.transports import ssh

            return name, ssh.visit(target, access, deadline=deadline)
        if isinstance(access, LocalAccess):
            from collectors.transports import local

            return name, local.visit(target, access, deadline=deadline)
        snmp = importlib.import_module("collectors.transports.snmp")
        result: TransportResult = snmp.visit(target, access, deadline=deadline)
        return name, result
    except Exception as error:  # noqa: BLE001 - a defect of one transport must not lose the others' answers
        reason = N_("The %(transport)s transport failed (%(error)s).") % {
            "transport": name,
            "error": f"{type(error).__name__}: {error}",
        }
        return name, TransportResult((), Outcome.PARSE_FAILED, reason)


def _ask_web(target: Target, deadline: float) -> tuple[Exchange, ...]:
    if not any(check.kind == "web" for check in target.own_checks):
        return ()
    from collectors.transports import web

    return web.ask(target, deadline=deadline)


def _name(access: Access) -> str:
    if isinstance(access, SshAccess):
        return "ssh"
    return "local" if isinstance(access, LocalAccess) else "snmp"


def transcript_of(
    target: Target, started_at: datetime, duration_s: float, results: Sequence[tuple[str, TransportResult]]
) -> Transcript:
    """One transcript of what each access, named ssh, snmp or local, brought home."""
    session: dict[str, str] = {}
    for name, result in results:
        # Without a prefix for callers that want the host key; with one, so that a transcript alone
        # tells how each access went.
        session.update(result.session)
        session.update({f"{name}.{key}": value for key, value in result.session.items()})
        session[f"{name}.outcome"] = result.outcome.value
        session[f"{name}.error"] = result.error
    failed = [result for _, result in results if result.outcome is not Outcome.OK]
    outcome = worst(result.outcome for result in failed) if failed else Outcome.OK
    if not results:
        outcome = Outcome.NOT_INSPECTED
    exchanges = tuple(exchange for _, result in results for exchange in result.exchanges)
    return Transcript(
        target_key=target.key,
        address=target.address,
        started_at=started_at,
        duration_s=round(duration_s, 3),
        exchanges=exchanges,
        outcome=outcome,
        error=" ".join(result.error for result in failed),
        platform=next((result.platform for _, result in results if result.platform), ""),
        session=session,
        collector=f"servicedesk-collector {collectors.__version__} on {platform.node()}",
    )


def _access_states(transcript: Transcript) -> tuple[AccessState, ...]:
    session = transcript.session
    states = [
        AccessState(name, session[f"{name}.outcome"], session.get(f"{name}.error", ""))
        for name in ("local", "ssh", "snmp")
        if f"{name}.outcome" in session
    ]
    if not states:  # a recording, or a transcript of another collector
        first = transcript.exchanges[0].transport if transcript.exchanges else ""
        states = [AccessState(first, transcript.outcome.value, transcript.error)]
    return tuple(states)


def _of(transcript: Transcript, name: str) -> tuple[Exchange, ...]:
    return tuple(exchange for exchange in transcript.exchanges if exchange.transport == name)


def _read_ssh(transcript: Transcript, target: Target) -> DeviceFacts:
    dialect = transcript.session.get("ssh.cli") or transcript.session.get("cli", "")
    if dialect:
        from collectors.facts.cli import facts_from_cli

        return facts_from_cli(
            transcript.exchanges,
            dialect,
            started_at=transcript.started_at,
            prompt=transcript.session.get("ssh.prompt", ""),
        )
    if "windows" in (transcript.session.get("ssh.script"), transcript.session.get("script")):
        from collectors.facts.windows import facts_from_windows

        return facts_from_windows(transcript.exchanges, started_at=transcript.started_at, transport="ssh")
    if "aix" in (transcript.session.get("ssh.script"), transcript.session.get("script")):
        from collectors.facts.aix import facts_from_aix

        return facts_from_aix(transcript.exchanges, started_at=transcript.started_at, transport="ssh")
    from collectors.facts.linux import facts_from_linux

    return facts_from_linux(transcript.exchanges, started_at=transcript.started_at, transport="ssh")


def _read_local(transcript: Transcript, target: Target) -> DeviceFacts:
    from collectors.facts.local import facts_from_local

    return facts_from_local(transcript.exchanges)


def _read_snmp(transcript: Transcript, target: Target) -> DeviceFacts:
    family = importlib.import_module("collectors.facts.snmp")
    facts: DeviceFacts = family.facts_from_snmp(_of(transcript, "snmp"), target=target)
    return facts


_READERS: dict[str, Callable[[Transcript, Target], DeviceFacts]] = {
    "ssh": _read_ssh,
    "local": _read_local,
    "snmp": _read_snmp,
}
