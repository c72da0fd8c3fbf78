"""Judges facts: every check, every failed fact, nothing silently missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from collectors.checks.discovery import discover
from collectors.checks.spec import CheckSpec, Context
from collectors.messages import N_
from collectors.model import DeviceFacts, FactError, Finding, Message, Target
from collectors.outcome import Outcome

READINGS_CHECK = "readings"  # takes the failed facts no check asks for


def judge(facts: DeviceFacts, target: Target, observed_at: datetime) -> tuple[Finding, ...]:
    """Apply every check whose facts were asked for.

    Args:
        observed_at: when the facts were true, aware UTC: certificates are judged by it, so that
            judging an old transcript again gives what it would have given then.
    Returns:
        findings in the catalogue's order. A failed fact gives a finding with the failure's outcome
        for each check that needs it; a fact that was asked and holds nothing gives one too. A check
        that breaks gives PARSE_FAILED and leaves the others alone.
    """
    checks, problems = discover()
    findings: list[Finding] = []
    claimed: set[str] = set()
    for spec in checks.values():
        if not spec.quiet:
            claimed.update(spec.facts)
        findings.extend(_apply(spec, facts, target, observed_at))
    findings.extend(
        _failure(READINGS_CHECK, error, item=error.fact)
        for error in facts.errors
        if error.fact not in claimed
    )
    findings.extend(_broken(READINGS_CHECK, problem) for problem in problems)
    return tuple(findings)


def _apply(spec: CheckSpec, facts: DeviceFacts, target: Target, observed_at: datetime) -> Iterator[Finding]:
    errors = [error for error in facts.errors if error.fact in spec.facts]
    if not errors and facts.asked.isdisjoint(spec.facts):
        return
    try:
        found = list(spec.run(Context(spec, facts, target, observed_at)))
    except Exception as error:  # noqa: BLE001 - the one boundary at which a wrong check is caught
        yield _broken(spec.name, f"{type(error).__name__}: {error}")
        return
    yield from found
    if spec.quiet:
        return
    yield from (_failure(spec.name, error) for error in errors)
    if not found and not errors:
        outcome = Outcome.NOT_APPLICABLE if target.device_class in spec.never_on else spec.empty
        yield Finding(spec.name, "", outcome, Message(_EMPTY[outcome]), rule_version=spec.version)


def _failure(check: str, error: FactError, item: str = "") -> Finding:
    message = Message(N_("Not read: %(reason)s"), {"reason": error.message})
    return Finding(check, item, error.outcome, message, evidence=error.evidence)


def _broken(check: str, reason: str) -> Finding:
    message = Message(N_("The rule itself failed: %(reason)s"), {"reason": reason})
    return Finding(check, "", Outcome.PARSE_FAILED, message)


_EMPTY = {
    Outcome.NOT_APPLICABLE: N_("The device has nothing of this kind."),
    Outcome.UNSUPPORTED: N_("The device was asked and told nothing about this."),
    Outcome.OK: N_("Nothing abnormal."),
}
