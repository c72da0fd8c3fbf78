"""An interactive shell on a network device: learn its prompt, ask command by command, change nothing.

A small shell of our own instead of Netmiko: host keys that are pinned, deadlines that hold, raw bytes kept as
evidence and a list of read-only commands are what this project is for, and Netmiko's defaults add host keys
by themselves and answer "Y".
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

import paramiko

from collectors.errors import VisitError
from collectors.facts.cli.screen import ends_with_pager, is_log, is_prompt, last_line
from collectors.messages import N_
from collectors.outcome import Outcome
from collectors.platforms.cli_dialects import Dialect
from collectors.transports.ssh_session import Session

WIDTH, HEIGHT = 511, 1000
_QUIET_S = 0.2  # a line without its end that stands so long is a prompt or a question
_NO_ECHO_S = 2.0  # after so much silence a prompt counts although the command was not repeated
_SETTLED_S = 1.0  # after a password
_SILENT_S = 2.0  # a device that says nothing at all for so long is asked with an empty line
_MAX_QUESTIONS = 8
_MAX_TURNS = 20_000  # pages and questions of one answer
_INTERRUPT = b"\x03"
_SECRET = re.compile(r"(?i)(?:old|new|current|confirm|retype|enter)[\w ]*password[\w ()]*:\s*$")
_PASSWORD = re.compile(r"(?i)password\s*:\s*$")
_CLOSED = N_("The connection closed before the answer was complete.")


@dataclass(frozen=True, slots=True)
class Reply:
    """Raw bytes that came after a command, and whether they are the whole answer."""

    raw: bytes
    outcome: Outcome = Outcome.OK
    error: str = ""


class Shell:
    """One channel. Nothing is sent but permitted commands, refusals of questions, space for a pager, newline.

    Args:
        dialect: exchanged for the right one as soon as it is known.
        limit_bytes: of one answer.
    """

    def __init__(self, session: Session, dialect: Dialect, *, timeout_s: float, limit_bytes: int) -> None:
        self._session = session
        self._timeout_s = timeout_s
        self._limit_bytes = limit_bytes
        self.dialect = dialect
        self.prompt = ""
        self.closed = False
        self._echoes = True  # until a command is answered without having been repeated
        self._channel = self._open()

    def _open(self) -> paramiko.Channel:
        try:
            channel = self._session.transport.open_session(timeout=max(0.1, self._session.remaining_s()))
            channel.settimeout(max(0.1, self._session.remaining_s()))
            channel.get_pty("vt100", WIDTH, HEIGHT)
            channel.invoke_shell()
        except (paramiko.SSHException, EOFError, OSError) as error:
            words = N_("The device opens no command line: %(error)s.") % {"error": error}
            raise VisitError(Outcome.UNSUPPORTED, words) from error
        return channel

    def learn_prompt(self) -> bytes:
        """Read the greeting, refuse what it asks, and find out what the prompt is.

        Returns: what was read until the prompt was sure.
        Raises: VisitError: closed, no prompt in time, or a demand for a new password.
        """
        until = self._until()
        raw = bytearray()
        seen = ""
        for _ in range(_MAX_QUESTIONS):
            candidate = self._read_candidate(raw, until)
            if candidate and candidate == seen:
                self.prompt = candidate
                return bytes(raw)
            seen = candidate
            self._send(b"\n")
        raise VisitError(
            Outcome.PARSE_FAILED,
            N_("The device shows no prompt that stays the same: is this a command line?"),
        )

    def ask(self, command: str, *, configuration: bool = False) -> Reply:
        """Send one permitted command and read until the prompt comes again.

        Args:
            configuration: the caller hides the secrets in the answer before it keeps it.

        Raises: CommandRefusedError: not permitted; nothing was sent.
        """
        self.dialect.grammar.require(command, configuration=configuration)
        self._drain()
        self._send(command.encode("ascii") + b"\n")
        return self._answer(command)

    def enable(self, secret: str) -> bool:
        """Ask for the second level with its password, once. The password is in no transcript."""
        command = self.dialect.enable
        self.dialect.grammar.require(command)
        self._drain()
        self._send(command.encode("ascii") + b"\n")
        raw = bytearray()
        until = self._until()
        while not _PASSWORD.search(last_line(raw)):
            if (is_prompt(last_line(raw)) and command.encode() in raw) or not self._receive(raw, until):
                return self.prompt.endswith("#")  # refused, or nothing came
        self._send(secret.encode() + b"\n")
        answer = bytearray()
        while self._receive(answer, min(until, time.monotonic() + _SETTLED_S)):
            pass
        if _PASSWORD.search(
            last_line(answer)
        ):  # wrong; it asks again and gets an empty line, no second guess
            self._send(b"\n")
        self.learn_prompt()
        return self.prompt.endswith("#")

    def _answer(self, command: str) -> Reply:
        raw = bytearray()
        until = self._until()
        answered = turns = 0
        while True:
            if len(raw) > self._limit_bytes:
                return self._flooded(raw)
            tail = last_line(raw[max(answered, len(raw) - 4096) :])
            if self._is_prompt(tail) or (not tail and self._ended_before_log(raw)):
                if self._settled(raw, command, sure=bool(tail)):
                    return Reply(bytes(raw))
                if self.closed or time.monotonic() >= until:
                    return self._unfinished(raw)
                continue
            answer = b" " if ends_with_pager(tail) else self._refusal(tail)
            if answer is not None:
                answered, turns = len(raw), turns + 1
                if turns > _MAX_TURNS:
                    return Reply(bytes(raw), Outcome.TIMEOUT, N_("The device asks again and again."))
                self._send(answer)
            if not self._receive(raw, until):
                return self._unfinished(raw)

    def _flooded(self, raw: bytearray) -> Reply:
        self.closed = True  # it may send for ever: the session ends here
        words = N_("The host sent more than %(bytes)s bytes; the rest was not read.")
        return Reply(bytes(raw[: self._limit_bytes]), Outcome.TIMEOUT, words % {"bytes": self._limit_bytes})

    def _is_prompt(self, tail: str) -> bool:
        """The learned prompt; a pair of firewalls may change its role during the visit."""
        return bool(self.prompt) and _without_role(tail.strip()) == _without_role(self.prompt)

    def _ended_before_log(self, raw: bytearray) -> bool:
        """The prompt came, and then a line of the device's log without a new prompt."""
        for line in reversed(raw[-4096:].split(b"\n")):
            text = last_line(line)
            if self._is_prompt(text):
                return True
            if text.strip() and not is_log(text):
                return False
        return False

    def _settled(self, raw: bytearray, command: str, *, sure: bool) -> bool:
        """Whether the prompt ends this answer; one left over from before comes without the echo."""
        seen = b"".join(bytes(raw[:4096]).replace(b"\x08", b"").split())
        echoed = "".join(command.split()).encode() in seen
        self._echoes = self._echoes or echoed
        if echoed and sure:
            return True
        wait_s = _QUIET_S if echoed or not self._echoes else _NO_ECHO_S
        if self._receive(raw, self._until(wait_s)) or self.closed:
            return False
        self._echoes = echoed
        return True

    def _refusal(self, tail: str) -> bytes | None:
        for question in self.dialect.questions:
            if question.pattern.search(tail.strip()):
                return question.answer.encode("ascii") + b"\n"
        return None

    def _read_candidate(self, raw: bytearray, until: float) -> str:
        """What stands on the last line when the device falls silent; "" when nothing does."""
        begin, turns = len(raw), 0
        silent_until = min(until, self._until(_SILENT_S))
        while True:
            if self._receive(raw, min(until, self._until(_QUIET_S))):
                silent_until = min(until, self._until(_SILENT_S))
                if len(raw) > self._limit_bytes:
                    words = N_("The device sends endless data after the login; it was cut off.")
                    raise VisitError(Outcome.TIMEOUT, words)
                continue
            self._require_open(until)
            tail = last_line(raw[max(begin, len(raw) - 4096) :]).strip()
            if not tail:
                if time.monotonic() >= silent_until:
                    return ""
                continue
            if _SECRET.search(tail):
                words = N_("The device asks for a new password; change it by hand, then visit again.")
                raise VisitError(Outcome.AUTH_FAILED, words)
            answer = b" " if ends_with_pager(tail) else self._refusal(tail)
            if answer is None:
                return tail
            begin, turns = len(raw), turns + 1
            if turns > _MAX_TURNS:
                raise VisitError(Outcome.TIMEOUT, N_("The device asks again and again."))
            self._send(answer)

    def _require_open(self, until: float) -> None:
        if self.closed:
            raise VisitError(Outcome.PARSE_FAILED, N_("The device closed the command line after the login."))
        if time.monotonic() >= until:
            raise VisitError(Outcome.TIMEOUT, N_("The device showed no prompt in time."))

    def _unfinished(self, raw: bytearray) -> Reply:
        if self._session.socket.expired or self._session.remaining_s() == 0:
            self.closed = True
            return Reply(bytes(raw), Outcome.TIMEOUT, N_("The visit's time was over before the answer was."))
        if self.closed:
            flooded = self._session.socket.flooded
            words = N_("The host sent more data than allowed; the rest was not read.") if flooded else _CLOSED
            return Reply(bytes(raw), Outcome.TIMEOUT if flooded else Outcome.PARSE_FAILED, words)
        kept = bytes(raw)
        self._interrupt()
        return Reply(kept, Outcome.TIMEOUT, N_("The device did not finish this command in time."))

    def _interrupt(self) -> None:
        """Break off a command that takes too long; without a prompt after that the session is over."""
        self._send(_INTERRUPT)
        rest = bytearray()
        until = self._until(3.0)
        while self._receive(rest, until):
            if self._is_prompt(last_line(rest[-4096:])):
                return
        self.closed = True

    def _drain(self) -> None:
        """Leftovers (a second prompt after a refused question) belong to nobody."""
        rest = bytearray()
        while not self.closed and self._channel.recv_ready() and self._receive(rest, time.monotonic() + 0.05):
            if len(rest) > self._limit_bytes:
                self.closed = True

    def _until(self, wait_s: float | None = None) -> float:
        """The moment at which waiting ends, never beyond the visit's."""
        wanted_s = self._timeout_s if wait_s is None else wait_s
        return time.monotonic() + min(wanted_s, self._session.remaining_s())

    def _send(self, data: bytes) -> None:
        if self.closed:
            return
        try:
            self._channel.settimeout(max(0.1, self._session.remaining_s()))
            self._channel.sendall(data)
        except (OSError, EOFError, paramiko.SSHException):
            self.closed = True

    def _receive(self, raw: bytearray, until: float) -> bool:
        """Read what there is; False at the moment ``until`` and when the channel has closed."""
        wait_s = until - time.monotonic()
        if self.closed or wait_s <= 0:
            return False
        try:
            self._channel.settimeout(wait_s)
            data = self._channel.recv(65536)
        except TimeoutError:
            return False
        except (OSError, EOFError, paramiko.SSHException):
            data = b""
        if not data:
            self.closed = True
            return False
        raw += data
        return True


def _without_role(prompt: str) -> str:
    # The last is StoneOS: FW1(M0D1)# of the unit that is active in group 0 and disabled in group 1.
    return re.sub(r"^(?:HRP|RBM)_[A-Z]+|\((?:[A-Z]\d?){1,2}\)(?=#$)", "", prompt)
