"""A network device's command line: prompt, pager, questions, and what makes real ones hard to read."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, field

import paramiko

from collectors.simulator.cli_persona import PERSONAS, Persona, outputs_of, with_time


@dataclass(frozen=True, slots=True)
class Traps:
    """What is wrong with this device; nothing by default. Times are in seconds.

    ``banner_lines``: lines before the first prompt. ``expired``: asks for a new password instead of
    showing a prompt. ``disclaimer``: a text that must be accepted before it. ``keeps_pager``: the AAA
    server refuses the command that switches it off. ``wraps_at``: the echo is broken at this column.
    ``log_line``: lands in the middle of every answer. ``log_within``: cuts the middle line of each command's
    first answer in two. ``late_log``: lands after the prompt, without a new one.
    ``encoding``: of Chinese text. ``delay_s``: before every answer. ``slow``: this command
    takes a minute. ``closes_at``: hangs up in the middle of this command's answer. ``floods_at``: never
    ends this command's answer. ``new_role``: the prompt from the second command on, as after a fail-
    over. ``echoes``: repeats what is typed. ``answers_exec``: takes the request to run a program and
    answers with its complaint.
    """

    banner_lines: int = 0
    expired: bool = False
    disclaimer: bool = False
    keeps_pager: bool = False
    wraps_at: int = 0
    log_line: str = ""
    log_within: str = ""
    late_log: str = ""
    encoding: str = "utf-8"
    delay_s: float = 0.0
    slow: str = ""
    closes_at: str = ""
    floods_at: str = ""
    new_role: str = ""
    echoes: bool = True
    answers_exec: bool = False


@dataclass
class CliDevice:
    """Answers exact commands from a table.

    Args:
        outputs: command → what it prints; empty: the persona's own.
        page_lines: rows before the pager stops; 0 for none.
        asks: a question shown after the login; "y" is written down in ``changes``.
        enable_secret: second password, for personas that have a second level.
    Attributes:
        typed: every line that was received, for tests that nothing else is ever sent.
    """

    name: str = "SW01"
    outputs: dict[str, str] = field(default_factory=dict)
    page_lines: int = 24
    asks: str = ""
    changes: list[str] = field(default_factory=list)
    persona: Persona = PERSONAS["huawei_vrp"]
    traps: Traps = Traps()
    enable_secret: str = ""
    typed: list[str] = field(default_factory=list)
    interrupted: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, platform: str, name: str = "SW01", **values: object) -> CliDevice:
        """A healthy device of a platform with the answers of ``simulator/cli``."""
        given = {"outputs": outputs_of(platform, name), "persona": PERSONAS[platform]}
        return cls(name, **(given | values))  # type: ignore[arg-type]  # the fields' own names

    @property
    def prompt(self) -> str:
        return self.persona.prompt % self.name

    @property
    def greeting(self) -> str:
        return self.persona.greeting

    def talk(self, channel: paramiko.Channel) -> None:
        """Serve one shell until the visitor leaves."""
        channel.settimeout(60)
        try:
            with closing(channel):  # which sends too, and fails as sending does
                _Talk(self, channel).run()
        except (OSError, EOFError, paramiko.SSHException):
            return  # the visitor hung up


class _Talk:
    def __init__(self, device: CliDevice, channel: paramiko.Channel) -> None:
        self._device, self._channel = device, channel
        self._page_lines = device.page_lines
        self._prompt = device.prompt
        self._asked = 0

    def run(self) -> None:
        device, traps = self._device, self._device.traps
        for number in range(traps.banner_lines):
            self._print(f"* {number:05d} Authorised use only # this is > no prompt *\r\n")
        if traps.expired:
            self._print("The password has expired.\r\nPlease input the new password:")
            device.typed.append(self._line())
            return
        if traps.disclaimer:
            self._print("Authorised use only. Activity is recorded.\r\n(Press 'a' to accept):")
            if self._channel.recv(1) != b"a":
                return
            self._print("\r\n")
        if device.asks:
            self._print(f"{device.asks} [Y/N]:")
            answer = self._channel.recv(1)
            if answer.lower() == b"y":
                device.changes.append(device.asks)
            self._print(answer.decode("ascii", "replace") + "\r\n")
        self._print(f"\r\n{self._prompt}")
        while True:
            line = self._line()
            device.typed.append(line)
            if not line.strip():
                self._print(f"\r\n{self._prompt}")
            elif not self._command(line.strip()):
                break

    def _line(self) -> str:
        """What is typed until the end of the line. Raises: EOFError: the visitor hung up."""
        line = b""
        while key := self._channel.recv(1):
            if key in b"\r\n":
                return line.decode("utf-8", "replace")
            line += key
        raise EOFError

    def _print(self, text: str) -> None:
        self._channel.sendall(text.encode(self._device.traps.encoding, "replace"))

    def _echo(self, command: str) -> None:
        traps = self._device.traps
        if not traps.echoes:
            return
        shown, column = "", len(self._prompt)
        for char in command:
            if traps.wraps_at and column and column % traps.wraps_at == 0:
                shown += " \r\n"
            shown += char
            column += 1
        self._print(f"{shown}\r\n")

    def _command(self, command: str) -> bool:
        device, traps, persona = self._device, self._device.traps, self._device.persona
        if command in ("quit", "exit"):
            return False
        self._echo(command)
        self._asked += 1
        if traps.new_role and self._asked == 2:
            self._prompt = traps.new_role
        time.sleep(60 if traps.slow == command else traps.delay_s)
        if persona.enable == command:
            return self._enable()
        if command in persona.pager_off:
            output = persona.refusal if traps.keeps_pager else ""
            self._page_lines = self._page_lines if traps.keeps_pager else 0
        else:
            output = with_time(device.outputs.get(command, persona.unknown), time.time())
        if not self._output(command, output):
            return False
        self._print(persona.before_prompt + self._prompt)
        if traps.late_log:
            self._print(f"\r\n{traps.late_log}\r\n")
        return True

    def _output(self, command: str, output: str) -> bool:
        traps, rows = self._device.traps, output.splitlines()
        for number, row in enumerate(rows, 1):
            middle = number == (len(rows) + 1) // 2
            if traps.log_within and middle and command not in self._device.interrupted:
                self._device.interrupted.add(command)
                half = len(row) // 2
                row = f"{row[:half]}\r\n{traps.log_within}\r\n{row[half:]}"
            self._print(f"{row}\r\n")
            if traps.log_line and middle:
                self._print(f"{traps.log_line}\r\n")
            if traps.closes_at == command and number >= len(rows) // 2:
                return False
            if self._page_lines and number % self._page_lines == 0 and number < len(rows):
                self._print(self._device.persona.pager)
                self._channel.recv(1)
                self._print(self._device.persona.erase)
        while traps.floods_at == command:
            self._print("x" * 1000 + "\r\n")
        return True

    def _enable(self) -> bool:
        self._print("Password: ")
        secret = self._line()
        good = bool(self._device.enable_secret) and secret == self._device.enable_secret
        self._device.typed.append("(secret)")
        if good:
            self._prompt = self._prompt.rstrip(">") + "#"
        self._print(f"\r\n{'' if good else self._device.persona.refusal}\r\n{self._prompt}")
        return True
