"""Which commands may be sent to a device's command line: those that read, by a grammar that is data."""

from __future__ import annotations

import re
from dataclasses import dataclass

from collectors.errors import CollectorError

_PRINTABLE = re.compile(r"[\x20-\x7e]{1,160}")
# Letters, digits and what names of commands and interfaces hold. No pipe, redirection, quote, question
# mark (the help key), exclamation mark, semicolon, comma or colon: nothing that joins or sends away.
_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_./-]*[A-Za-z0-9])?")
# Never, on any platform: they write somewhere else, flood, or print secrets.
_NEVER = frozenset(
    {
        "append",
        "clear",
        "copy",
        "current-configuration",
        "delete",
        "diagnostic-information",
        "erase",
        "format",
        "ftp",
        "redirect",
        "reset",
        "running-config",
        "saved-configuration",
        "scp",
        "sftp",
        "startup-config",
        "tech-support",
        "tee",
        "tftp",
        "write",
    }
)


class CommandRefusedError(CollectorError):
    """A command is not on the platform's list; nothing of it was sent."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """What one platform may be asked.

    ``verbs``: first words after which any plain words may follow ("display", "show", "get").
    ``exact``: whole commands allowed beside them (switching the pager off).
    ``never``: words that may not follow, nor be abbreviated: they print secrets or do something.
    ``configuration``: whole commands that print the configuration, for ``collectors.configuration`` alone,
    which hides the secrets before anything is kept.
    """

    verbs: frozenset[str] = frozenset()
    exact: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()
    configuration: frozenset[str] = frozenset()

    def permits(self, command: str) -> bool:
        """Whether the command only reads. Abbreviated verbs are not accepted: they may be ambiguous."""
        if command in self.exact:
            return _PRINTABLE.fullmatch(command) is not None
        words = command.split(" ")
        if _PRINTABLE.fullmatch(command) is None or len(words) < 2 or words[0] not in self.verbs:
            return False
        return all(_WORD.fullmatch(word) and not self._forbidden(word) for word in words[1:])

    def require(self, command: str, *, configuration: bool = False) -> None:
        """Raises: CommandRefusedError: not permitted; the sentence holds no control characters."""
        if configuration and command in self.configuration and _PRINTABLE.fullmatch(command):
            return
        if not self.permits(command):
            raise CommandRefusedError(f"not a permitted read-only command: {ascii(command)[:120]}")

    def _forbidden(self, word: str) -> bool:
        # A device takes any unambiguous beginning of a word for the word.
        return any(one.startswith(word.lower()) for one in self.never | _NEVER)
