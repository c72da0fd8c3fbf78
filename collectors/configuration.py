"""A device's configuration as text: secrets hidden before it leaves the visit, volatile lines left out.

What is hidden shows a mark that follows from the secret and a key of the installation: that a secret was
changed is seen, the secret is not, and without the key nobody can try words against the mark.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from collectors.errors import ParseError
from collectors.messages import N_
from collectors.model import Evidence, Exchange
from collectors.outcome import Outcome
from collectors.platforms.cli_dialects import Configuring, Dialect

MAX_LINES = 200_000
_HIDDEN = "<hidden{mark}>"
# What may stand between the word and the secret: its kind, a number, a direction.
_BETWEEN = (
    r"(?:\s+(?:\d{1,3}|cipher|simple|irreversible-cipher|plain|plain-?text|hash|encrypted|enc|ascii-text|ascii"
    r"|hex|hexadecimal|md5|sha\d*|sha[12]-\d+|sha2|read|write|ro|rw|level|mode|local|des|3des|des56|aes\d*|aes"
    r"|clear|key-string|unencrypted|unsha256|passive|=)(?=\s))*"
)
_WORDS = (
    r"password|passwd|secret|passphrase|pre-shared-key|psksecret|key-string|shared-key|authentication-key"
    r"|encryption-key|encrypted-password|authentication-mode|privacy-mode|authentication-password|priv-password"
    r"|auth-password|wpa-psk|wpa-passphrase|wep-key|community|cipher|irreversible-cipher|simple|auth|priv|key"
    r"|auth-pwd|priv-pwd|ppp-password|message-digest-key|private-key|passwd-time|sharedsecret|md5"
)
# Words whose next word is a name and no secret.
_NAMES = r"(?!\s+(?:chain|generate|zeroize|config-key|exchange|policy|pair|pairs|type|id)\b)"
_AFTER_WORD = re.compile(
    rf"(?i)(?P<lead>(?:^|[\s\"-])(?:{_WORDS}){_NAMES}{_BETWEEN}[\s=:]+)(?P<secret>\"[^\"]*\"|[^\s\"]+)"
)
# snmp-server host 192.0.2.1 [traps|informs] [version 2c] COMMUNITY
_TRAP_HOST = re.compile(
    r"(?i)(?P<lead>\bsnmp-server\s+host\s+\S+(?:\s+(?:traps?|informs?|version|1|2c|3|noauth|auth|priv|vrf\s+\S+))*"
    r"\s+)(?P<secret>\S+)"
)
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Configuration:
    """The whole text, secrets hidden and volatile lines left out. ``lines`` counts it."""

    text: str
    lines: int
    evidence: Evidence | None = None

    @property
    def sha256(self) -> str:
        """Of the text in UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def marker(key: bytes) -> Callable[[str], str]:
    """What stands for a secret: a mark that follows from it and the key; without a key all are alike."""

    def marked(secret: str) -> str:
        mark = hmac.new(key, secret.strip('"').encode(), hashlib.sha256).hexdigest()[:8] if key else ""
        return _HIDDEN.format(mark=f" {mark}" if mark else "")

    return marked


def hide_secrets(text: str, configuring: Configuring, key: bytes = b"") -> str:
    """The text with every secret replaced by a mark.

    Args:
        key: of the installation; without one, and where a platform writes the same secret differently each
            time, all marks are alike.
    """
    marked = marker(b"" if configuring.salted else key)

    def replaced(match: re.Match[str]) -> str:
        if match["secret"].startswith("<hidden"):
            return match[0]
        return match["lead"] + marked(match["secret"])

    text = _PEM.sub(lambda match: marked(match[0]), text)
    lines = text.split("\n")
    for number, line in enumerate(lines):
        for pattern in (_TRAP_HOST, *configuring.secrets):
            line = pattern.sub(replaced, line)
        # What follows one word may be another's secret: "auth sha X priv aes 128 Y".
        for _turn in range(4):
            changed = _AFTER_WORD.sub(replaced, line)
            if changed == line:
                break
            line = changed
        lines[number] = line
    return "\n".join(lines)


def parse_configuration(text: str, configuring: Configuring) -> Configuration:
    """Rendered answer of the command, volatile lines left out.

    Raises:
        ParseError: too short to be one, or it does not end as a whole one does.
    """
    lines = [line.rstrip() for line in text.split("\n")]
    kept = [line for line in lines if not any(one.search(line) for one in configuring.volatile)]
    while kept and not kept[0]:
        kept.pop(0)
    while kept and not kept[-1]:
        kept.pop()
    if len(kept) < 3:
        raise ParseError(N_("This is no configuration: it has %(count)s lines.") % {"count": len(kept)})
    if len(kept) > MAX_LINES:
        raise ParseError(N_("The configuration has more than %(count)s lines.") % {"count": MAX_LINES})
    if configuring.ends is not None and not configuring.ends.fullmatch(kept[-1].strip()):
        raise ParseError(N_("The configuration is cut off: its last line is not the end."))
    return Configuration("\n".join(kept) + "\n", len(kept))


def configuration_of(exchanges: Sequence[Exchange], dialect: Dialect) -> Exchange | None:
    """The exchange of a transcript that was to bring it; None when it was not asked for."""
    wanted = set(dialect.configuring.ask)
    asked = [one for one in exchanges if one.transport == "ssh" and one.question in wanted]
    return next((one for one in asked if one.outcome is Outcome.OK), asked[-1] if asked else None)
