"""Everything one visit to a command line says, as ``DeviceFacts``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from collectors.configuration import Configuration, configuration_of, parse_configuration
from collectors.errors import ParseError
from collectors.facts.cli.registry import parser_for
from collectors.facts.cli.rows import Alarm, DeviceLog, DeviceTime, ErrorDisabled, Member, Peer, Rows, Startup
from collectors.facts.cli.screen import render
from collectors.facts.host import Clock, Licence, SignatureSet
from collectors.facts.snmp.identity import main_component
from collectors.messages import N_
from collectors.model import (
    Component,
    DeviceFacts,
    Evidence,
    Exchange,
    FactError,
    Identity,
    Interface,
    MemoryPool,
    Neighbour,
    Processor,
    Sensor,
    Volume,
)
from collectors.outcome import Outcome
from collectors.platforms.cli_dialects import GENERIC, CliCommand, Dialect, dialects

_LISTS: dict[type, str] = {
    Processor: "processors",
    MemoryPool: "memory",
    Volume: "storage",
    Interface: "interfaces",
    Sensor: "sensors",
    Component: "inventory",
    Neighbour: "neighbours",
}
_EXTRAS: dict[type, str] = {
    Member: "members",
    DeviceLog: "device_log",
    Startup: "startup",
    Alarm: "alarms",
    ErrorDisabled: "error_disabled",
    Peer: "peers",
    Licence: "licences",
    SignatureSet: "signatures",
}
# Facts of which several commands tell a part: one that fails is no failure while another is read.
_SHARED = frozenset({"sensors", "neighbours", "inventory", "signatures"})
# A clock shown in whole seconds, compared with the collector's.
_RESOLUTION_S = 1.0


def facts_from_cli(
    exchanges: Sequence[Exchange],
    platform: str,
    *,
    started_at: datetime | None = None,
    prompt: str = "",
) -> DeviceFacts:
    """Parse every answer that was had.

    Args:
        exchanges: of one transcript; those of other transports are passed over.
        platform: the dialect's name.
        started_at: when the visit began by the collector's clock, aware UTC.
        prompt: what the device showed; it holds the name where no command tells it.
    Returns: what could be read; everything else that was asked is in ``errors``.
    """
    facts = _Assembly(exchanges, platform, started_at).facts()
    chassis = main_component(facts.inventory)
    known = Identity(
        name=name_in_prompt(prompt),
        model=chassis.model if chassis else "",
        serial=chassis.serial if chassis else "",
        evidence=chassis.evidence if chassis else None,
    )
    return replace(facts, identity=_filled(facts.identity, known))


def name_in_prompt(prompt: str) -> str:
    """The device's name: "SW1" in "<SW1>", "HRP_M<SW1>", "SW1#", "user@SW1>" and "SW1 (root) #"."""
    text = re.sub(r"^(?:HRP|RBM)_[A-Z]+|\s*\([^)]*\)|[\s#>$%]+$", "", prompt.strip())
    return text.strip("<>[]~* ").rpartition("@")[2]


class _Assembly:
    def __init__(self, exchanges: Sequence[Exchange], platform: str, started_at: datetime | None) -> None:
        self._platform, self._started_at = platform, started_at
        self._asked = {
            one.question: (number, one) for number, one in enumerate(exchanges) if one.transport == "ssh"
        }
        self._lists: dict[str, list[Any]] = {name: [] for name in _LISTS.values()}
        self._extras: dict[str, list[Any]] = {}
        self._identity = Identity()
        self._clock: Clock | None = None
        self._errors: list[FactError] = []
        self._read: set[str] = set()
        self._asked_facts: set[str] = set()

    def facts(self) -> DeviceFacts:
        dialect = dialects().get(self._platform, dialects()[GENERIC])
        for entry in dialect.commands:
            self._entry(entry)
        configuration = self._configuration(dialect)
        if dialect.name == GENERIC:
            words = N_("The platform is unknown: its answers are kept as evidence and not read.")
            self._errors = [FactError("identity", Outcome.UNSUPPORTED, words)]
            self._asked_facts.add("identity")
        extra: dict[str, object] = {name: tuple(rows) for name, rows in self._extras.items()}
        if configuration is not None:
            extra["configuration"] = configuration
        # Nothing listed is an answer for these.
        for fact in ("alarms", "error_disabled"):
            if fact in self._read:
                extra.setdefault(fact, ())
        if self._clock is not None:
            extra["clock"] = self._clock
            self._asked_facts.add("clock")
        if self._identity.uptime_s is not None:
            self._asked_facts.add("uptime")
        errors = [one for one in self._errors if not (one.fact in self._read and one.fact in _SHARED)]
        return DeviceFacts(
            identity=self._identity,
            extra=extra,
            errors=tuple(self._once(errors)),
            asked=frozenset(self._asked_facts),
            **{name: self._numbered(name) for name in self._lists},
        )

    def _entry(self, entry: CliCommand) -> None:
        asked = [self._asked[command] for command in entry.ask if command in self._asked]
        if not asked:
            return
        number, exchange = next((one for one in asked if one[1].outcome is Outcome.OK), asked[-1])
        evidence = Evidence(number)
        if entry.optional and exchange.outcome is Outcome.UNSUPPORTED:
            return  # a model without it; the device's words are in the transcript
        self._asked_facts.update(entry.facts)
        if exchange.outcome is not Outcome.OK:
            self._fail(entry, exchange.outcome, exchange.error, evidence)
            return
        parse = parser_for(self._platform, exchange.question)
        if parse is None:
            return
        try:
            rows = parse(render(exchange.answer, exchange.question))
        except ParseError as error:
            words = N_("%(question)s: %(reason)s") % {"question": exchange.question, "reason": error}
            self._fail(entry, Outcome.PARSE_FAILED, words, replace(evidence, line=error.line))
        except Exception as error:  # noqa: BLE001 - a defect of one parser must not cost the other facts
            words = N_("%(question)s: the parser failed (%(error)s)")
            self._fail(
                entry,
                Outcome.PARSE_FAILED,
                words % {"question": exchange.question, "error": type(error).__name__},
                evidence,
            )
        else:
            self._read.update(entry.facts)
            self._take(rows, evidence, exchange)

    def _configuration(self, dialect: Dialect) -> Configuration | None:
        exchange = configuration_of([one for _number, one in self._asked.values()], dialect)
        if exchange is None:
            return None
        evidence = Evidence(self._asked[exchange.question][0])
        self._asked_facts.add("configuration")
        if exchange.outcome is Outcome.OK:
            try:
                parsed = parse_configuration(render(exchange.answer, exchange.question), dialect.configuring)
            except ParseError as error:
                self._errors.append(FactError("configuration", Outcome.PARSE_FAILED, str(error), evidence))
                return None
            return replace(parsed, evidence=evidence)
        self._errors.append(FactError("configuration", exchange.outcome, exchange.error, evidence))
        return None

    def _fail(self, entry: CliCommand, outcome: Outcome, words: str, evidence: Evidence) -> None:
        self._errors += [FactError(fact, outcome, words, evidence) for fact in entry.facts]

    def _take(self, rows: Rows, evidence: Evidence, exchange: Exchange) -> None:
        fresh: dict[str, list[Any]] = {}
        for fact in _facts(rows, evidence):
            if isinstance(fact, Identity):
                self._identity = _filled(self._identity, fact)
            elif isinstance(fact, Clock):
                self._clock = fact if self._clock is None else _clock_of(fact, self._clock)
            elif isinstance(fact, DeviceTime):
                measured = self._measured(fact, exchange, evidence)
                self._clock = measured if self._clock is None else _clock_of(self._clock, measured)
            elif type(fact) in _LISTS:
                fresh.setdefault(_LISTS[type(fact)], []).append(fact)
            elif type(fact) in _EXTRAS:
                self._extras.setdefault(_EXTRAS[type(fact)], []).append(fact)
        for name, items in fresh.items():
            self._lists[name] = _joined(name, self._lists[name], items)

    def _measured(self, shown: DeviceTime, exchange: Exchange, evidence: Evidence) -> Clock:
        """The device's clock against the collector's; in a zone without an offset it says too little."""
        synchronised = False if shown.trusted is False else None
        if self._started_at is None or shown.when.tzinfo is None:
            return Clock("", synchronised, evidence=evidence)
        ours = self._started_at + timedelta(seconds=exchange.started_s + exchange.duration_s)
        offset_s = (shown.when.astimezone(UTC) - ours).total_seconds()
        return Clock(
            "",
            synchronised,
            round(offset_s, 1),
            None,
            "",
            round(_RESOLUTION_S + exchange.duration_s, 1),
            evidence,
        )

    def _numbered(self, name: str) -> tuple[Any, ...]:
        return tuple(self._lists[name])

    @staticmethod
    def _once(errors: Sequence[FactError]) -> Iterator[FactError]:
        """One failure a fact and sentence."""
        seen: set[tuple[str, str]] = set()
        for error in errors:
            if (error.fact, error.message) not in seen:
                seen.add((error.fact, error.message))
                yield error


def _facts(rows: Rows, evidence: Evidence) -> Iterator[object]:
    for row in rows:
        for fact in row.facts:
            known = "evidence" in getattr(type(fact), "__dataclass_fields__", {})
            yield replace(fact, evidence=evidence) if known else fact  # type: ignore[type-var]  # just looked


def _filled(have: Identity, more: Identity) -> Identity:
    values = {
        field.name: getattr(have, field.name)
        if getattr(have, field.name) not in ("", None)
        else getattr(more, field.name)
        for field in fields(Identity)
    }
    return Identity(**values)


def _clock_of(service: Clock, other: Clock) -> Clock:
    """The time service's word first; the offset from whoever knows it."""
    synchronised = service.synchronised if service.synchronised is not None else other.synchronised
    if service.offset_s is None and other.offset_s is not None:
        return replace(
            service, synchronised=synchronised, offset_s=other.offset_s, uncertainty_s=other.uncertainty_s
        )
    return replace(service, synchronised=synchronised)


def _joined(name: str, have: list[Any], items: list[Any]) -> list[Any]:
    """Interfaces are one by name, filled up by later commands; other lists grow without repeating."""
    if name == "interfaces":
        return _interfaces(have, items)
    seen = {
        (type(one), one.name, getattr(one, "kind", ""), getattr(one, "serial", ""))
        for one in have
        if hasattr(one, "name")
    }
    return [
        *have,
        *(
            one
            for one in items
            if not hasattr(one, "name")
            or (type(one), one.name, getattr(one, "kind", ""), getattr(one, "serial", "")) not in seen
        ),
    ]


def _interfaces(have: list[Interface], items: list[Interface]) -> list[Interface]:
    if not have:
        return items
    named = {one.name: one for one in items}
    joined = []
    # Without a name of its own a port is known by its short one, where that is nobody else's.
    spare: dict[str, list[Interface]] = {}
    for one in items:
        spare.setdefault(_short(one.name), []).append(one)
    shared = {name for name, count in Counter(_short(one.name) for one in have).items() if count > 1}
    for one in have:
        short = _short(one.name)
        candidates = [] if short in shared else spare.get(short, [])
        other = named.get(one.name) or (candidates[0] if len(candidates) == 1 else None)
        values = (
            {}
            if other is None
            else {
                field.name: getattr(other, field.name)
                for field in fields(Interface)
                if getattr(one, field.name) in (None, "", (), "unknown")
                and getattr(other, field.name) not in (None, "", ())
            }
        )
        joined.append(replace(one, **values))
    return joined


def _short(name: str) -> str:
    """Gi1/0/1 and GigabitEthernet1/0/1 are the same port: two letters and the numbers tell.

    10GE1/0/1 and 100GE1/0/1 are two: numbers before the letters are the speed.
    """
    match = re.match(r"(\d+)?([^\d]*)(.*)$", name)
    speed, letters, numbers = match.groups() if match else ("", name, "")
    return f"{speed or ''}{letters[:2].lower()}{numbers}"
