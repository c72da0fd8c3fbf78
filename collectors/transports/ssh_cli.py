"""Visits a network device by its command line: what is it, then ask what its platform lists."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import replace

from collectors.configuration import hide_secrets
from collectors.errors import VisitError
from collectors.facts.cli.screen import has_log_within, render
from collectors.messages import N_
from collectors.model import Exchange, SshAccess, Target
from collectors.outcome import Outcome
from collectors.own import commands_for
from collectors.platforms.cli_dialects import (
    GENERIC,
    CliCommand,
    Dialect,
    by_answer,
    by_greeting,
    by_prompt,
    complaint,
    dialects,
)
from collectors.transports import TransportResult
from collectors.transports.ssh_session import Session
from collectors.transports.ssh_shell import Shell

# Classes of the equipment domain whose devices have a command line of their own and no POSIX shell.
_CLI_CLASSES = frozenset({"switch", "router", "firewall", "wireless"})
# "% Invalid input", "error: unknown command", "Error: Unrecognized command", FortiOS' "Unknown action 0",
# StoneOS' "^-----unrecognized keyword"
_COMPLAINS = re.compile(
    rb"(?im)^\s*(?:% ?\w|%?error:|syntax error|unknown (?:action|command)|command fail"
    rb"|\^-+ ?(?:unrecognized|incomplete|ambiguous)\b)"
)
_AGAIN = 2  # times at most; a device that logs all the time is read without its log's lines
_ASKED_AGAIN = N_("A line of the device's log landed in this answer; it was asked again.")
_POSIX = ("ubuntu", "debian", "raspbian", "dropbear", "freebsd", "paramiko", "libssh")


def wants_cli(target: Target, greeting: str) -> bool:
    """Whether to open the command line at once instead of trying a POSIX shell first."""
    if target.platform in dialects():
        return True
    if by_greeting(greeting):
        return True
    posix = any(word in greeting.lower() for word in _POSIX)
    return target.device_class in _CLI_CLASSES and not posix and target.platform != "linux"


def speaks_cli(answer: bytes) -> bool:
    """Whether what came instead of a shell's answer is a network device's complaint."""
    return len(answer) < 4096 and _COMPLAINS.search(answer) is not None


def visit_cli(target: Target, access: SshAccess, session: Session) -> TransportResult:
    """Ask a device everything its platform lists, in one shell.

    Returns: an exchange for each command; ``session["cli"]`` names the dialect, ``prompt`` what it shows.
    Raises: VisitError: no command line, no prompt.
    """
    visitor = _Visitor(target, access, session)
    return visitor.run()


class _Visitor:
    def __init__(self, target: Target, access: SshAccess, session: Session) -> None:
        self._target, self._access, self._session = target, access, session
        self._started = time.monotonic()
        self._begun_s = 0.0
        self._asked: dict[str, Exchange] = {}
        self._spoilt: dict[str, list[Exchange]] = {}  # what was asked again
        self._shell = Shell(
            session,
            dialects().get(target.platform, dialects()[GENERIC]),
            timeout_s=max(access.command_timeout_s, 1.0),
            limit_bytes=target.max_output_bytes,
        )

    def run(self) -> TransportResult:
        shell, info = self._shell, self._session.info
        shell.learn_prompt()
        info["prompt"] = shell.prompt
        shell.dialect = self._detect()
        info["cli"] = shell.dialect.name
        if shell.dialect.enable and self._access.enable_secret and shell.prompt.endswith(">"):
            info["enabled"] = "yes" if shell.enable(self._access.enable_secret) else "no"
        for command in shell.dialect.pager_off:
            if not shell.closed:
                self._ask(command)
        for entry in () if self._target.only_own else shell.dialect.commands:
            if not shell.closed:
                self._ask_entry(entry)
        for command in commands_for(self._target, shell.dialect.name):
            if not shell.closed:
                self._ask(command)
        if self._target.configuration:
            self._ask_configuration()
        return self._result()

    def _ask_configuration(self) -> None:
        """Last, since it is long. Of the text secrets are hidden; half an answer is not kept."""
        configuring, key = self._shell.dialect.configuring, self._target.hiding_key.encode()
        for command in configuring.ask:
            if self._shell.closed:
                return
            exchange = self._ask(command, configuration=True)
            if exchange.outcome is not Outcome.OK:
                self._asked[command] = replace(exchange, answer=b"")
            else:
                text = hide_secrets(render(exchange.answer, command), configuring, key)
                self._asked[command] = replace(exchange, answer=text.encode())
            if exchange.outcome is not Outcome.UNSUPPORTED:
                return

    def _detect(self) -> Dialect:
        """The platform that was named, when its prompt fits; else the one whose probe says so."""
        named = dialects().get(self._target.platform)
        if named is not None and named.prompt.fullmatch(self._shell.prompt):
            return named
        greeting = str(self._session.transport.remote_version)
        candidates = by_prompt(self._shell.prompt, by_greeting(greeting))
        for probe in dict.fromkeys(one.probe for one in candidates):
            exchange = self._ask(probe)
            if self._shell.closed:
                break
            if exchange.outcome is Outcome.OK:
                found = by_answer(probe, render(exchange.answer, probe), candidates)
                if found is not None:
                    return found
        hinted = [one for one in candidates if one in by_greeting(greeting)]
        return hinted[0] if hinted else dialects()[GENERIC]

    def _ask_entry(self, entry: CliCommand) -> None:
        """Ask the first way; the next ones only where the device does not know it."""
        for command in entry.ask:
            if self._ask(command).outcome is not Outcome.UNSUPPORTED or self._shell.closed:
                return

    def _ask(self, command: str, *, configuration: bool = False) -> Exchange:
        if command in self._asked:
            return self._asked[command]
        exchange = self._once(command, configuration=configuration)
        spoilt: list[Exchange] = []
        while (
            len(spoilt) < _AGAIN
            and exchange.outcome is Outcome.OK
            and not (configuration or self._shell.closed)
            and has_log_within(exchange.answer, command)
        ):
            again = self._once(command)
            if again.outcome is not Outcome.OK:
                spoilt.append(again)
                break  # the answer there is, without the log's lines, is better than none
            spoilt.append(replace(exchange, outcome=Outcome.PARSE_FAILED, error=_ASKED_AGAIN))
            exchange = again
        self._asked[command], self._spoilt[command] = exchange, spoilt
        return exchange

    def _once(self, command: str, *, configuration: bool = False) -> Exchange:
        begun = time.monotonic()
        reply = self._shell.ask(command, configuration=configuration)
        outcome, error = reply.outcome, reply.error
        if outcome is Outcome.OK:
            refused = complaint(self._shell.dialect, render(reply.raw, command))
            if refused is not None:
                outcome, error = refused[0], _refusal(*refused)
        return Exchange(
            transport="ssh",
            question=command,
            answer=reply.raw,
            outcome=outcome,
            error=error,
            started_s=round(begun - self._started, 4),
            duration_s=round(time.monotonic() - begun, 4),
        )

    def _result(self) -> TransportResult:
        # Of several answers to one question the last is read.
        exchanges: Sequence[Exchange] = tuple(
            one for command, kept in self._asked.items() for one in (*self._spoilt.get(command, ()), kept)
        )
        outcome, error = Outcome.OK, ""
        if self._shell.closed and exchanges:
            last = exchanges[-1]
            outcome = last.outcome if last.outcome is not Outcome.OK else Outcome.PARSE_FAILED
            error = last.error or N_("The device closed the command line before everything was asked.")
        elif not exchanges:
            raise VisitError(Outcome.PARSE_FAILED, N_("The device answered no command."))
        name = self._shell.dialect.name
        return TransportResult(
            tuple(exchanges), outcome, error, self._session.info, "" if name == GENERIC else name
        )


def _refusal(outcome: Outcome, words: str) -> str:
    if outcome is Outcome.AUTH_FAILED:
        template = N_("The account may not run this command: %(answer)s")
    else:
        template = N_("The device does not know this command: %(answer)s")
    return template % {"answer": words}
