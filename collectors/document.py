"""A visit as a JSON document; its schema is ``docs/collect.schema.json``."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from collectors.model import Finding, Levels, Visit


def visit_document(visit: Visit) -> dict[str, Any]:
    """Plain objects, lists, numbers and strings; unknown numbers are null."""
    facts, transcript = visit.facts, visit.transcript
    identity = facts.identity
    return {
        "device": {
            "vendor": identity.vendor,
            "platform": identity.platform,
            "model": identity.model,
            "serial": identity.serial,
            "version": identity.version,
            "name": identity.name,
            "uptime_s": identity.uptime_s,
            "location": identity.location,
        },
        "processors": [_without_evidence(item) for item in facts.processors],
        "memory": [_without_evidence(item) for item in facts.memory],
        "storage": [_without_evidence(item) for item in facts.storage],
        "interfaces": [_without_evidence(item) for item in facts.interfaces],
        "sensors": [_without_evidence(item) for item in facts.sensors],
        "supplies": [_without_evidence(item) for item in facts.supplies],
        "inventory": [_without_evidence(item) for item in facts.inventory],
        "neighbours": [_without_evidence(item) for item in facts.neighbours],
        "findings": [_finding(finding) for finding in visit.findings],
        "errors": [
            {"fact": error.fact, "outcome": error.outcome.value, "message": error.message}
            for error in facts.errors
        ],
        "timing": {
            "started_at": transcript.started_at.isoformat(),
            "duration_s": transcript.duration_s,
            "outcome": transcript.outcome.value,
            "error": transcript.error,
            "exchanges": len(transcript.exchanges),
        },
    }


def _without_evidence(item: Any) -> dict[str, Any]:
    """Its fields, without a deep copy of each: facts are immutable."""
    return {name: _plain(getattr(item, name)) for name in _fields(type(item)) if name != "evidence"}


_names: dict[type[Any], tuple[str, ...]] = {}


def _fields(kind: type[Any]) -> tuple[str, ...]:
    """The names of a dataclass's fields."""
    if kind not in _names:
        _names[kind] = tuple(one.name for one in fields(kind))
    return _names[kind]


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float):
        return value
    if is_dataclass(value):
        return {name: _plain(getattr(value, name)) for name in _fields(type(value))}
    if isinstance(value, tuple):
        return tuple(_plain(one) for one in value)
    return value


def _finding(finding: Finding) -> dict[str, Any]:
    levels = finding.levels
    return {
        "check": finding.check,
        "item": finding.item,
        "outcome": finding.outcome.value,
        "value": finding.value,
        "unit": finding.unit,
        "levels": _levels(levels) if levels else None,
        "provenance": levels.provenance if levels else "",
        "message": str(finding.message),
    }


def _levels(levels: Levels) -> dict[str, float | None]:
    return {
        "warning_upper": levels.warning_upper,
        "critical_upper": levels.critical_upper,
        "warning_lower": levels.warning_lower,
        "critical_lower": levels.critical_lower,
    }
