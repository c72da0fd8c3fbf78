"""A network device's command line: prompt, pager, a question that must be answered with "N"."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field

import paramiko

_PAGER = "  ---- More ----"


@dataclass
class CliDevice:
    """Answers exact commands from a table.

    Args:
        outputs: command → what it prints. page_lines: rows before the pager stops; 0 for none.
        asks: a question shown after the login; "y" is written down in ``changes``.
    """

    name: str = "SW01"
    outputs: dict[str, str] = field(default_factory=dict)
    page_lines: int = 24
    asks: str = ""
    changes: list[str] = field(default_factory=list)

    @property
    def prompt(self) -> str:
        return f"<{self.name}>"

    def talk(self, channel: paramiko.Channel) -> None:
        """Serve one shell until the visitor leaves."""
        channel.settimeout(60)
        try:
            with closing(channel):  # which sends too, and fails as sending does
                self._talk(channel)
        except (OSError, EOFError, paramiko.SSHException):
            return  # the visitor hung up

    def _talk(self, channel: paramiko.Channel) -> None:
        if self.asks:
            channel.sendall(f"{self.asks} [Y/N]:".encode())
            if channel.recv(1).lower() == b"y":
                self.changes.append(self.asks)
            channel.sendall(b"\r\n")
        channel.sendall(f"\r\n{self.prompt}".encode())
        line = b""
        while key := channel.recv(1):
            if key not in b"\r\n":
                line += key
                continue
            if line and not self._command(channel, line.decode("utf-8", "replace").strip()):
                break
            line = b""

    def _command(self, channel: paramiko.Channel, command: str) -> bool:
        if command in ("quit", "exit"):
            return False
        if command in ("screen-length 0 temporary", "terminal length 0"):
            self.page_lines = 0
            output = ""
        else:
            output = self.outputs.get(command, "Error: Unrecognized command found at '^' position.")
        channel.sendall(f"{command}\r\n".encode())
        for number, row in enumerate(output.splitlines(), 1):
            channel.sendall(f"{row}\r\n".encode())
            if self.page_lines and number % self.page_lines == 0:
                channel.sendall(_PAGER.encode())
                channel.recv(1)
                channel.sendall(b"\r" + b" " * len(_PAGER) + b"\r")
        channel.sendall(self.prompt.encode())
        return True
