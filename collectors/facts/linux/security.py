"""Accounts, the SSH service's settings and certificates of a Linux host."""

from __future__ import annotations

import re

from cryptography import x509

from collectors.errors import ParseError
from collectors.facts.host import Account, Certificate, SshdSettings
from collectors.messages import N_


def parse_accounts(passwd: str, shadow: str | None) -> tuple[Account, ...]:
    """Join the two account files as the collecting command prints them.

    Args:
        passwd: ``name:x:uid:gid::home:shell`` a line (passwd(5)).
        shadow: ``name:set|empty|locked:…`` a line, None when it may not be read.
    Raises:
        ParseError: a row with fewer columns, or an uid that is no number.
    """
    states: dict[str, str] = {}
    for line in (shadow or "").splitlines():
        name, _, rest = line.partition(":")
        states[name] = rest.partition(":")[0]
    accounts: list[Account] = []
    for number, line in enumerate(passwd.splitlines(), 1):
        if not line.strip() or line.startswith(("+", "-")):  # NIS markers
            continue
        columns = line.split(":")
        if len(columns) < 7 or not columns[2].isdigit():
            raise ParseError(N_("expected seven columns with a numeric uid"), number)
        in_place = {"": "empty", "set": "set", "*": "locked", "!": "locked"}.get(columns[1], "unknown")
        state = states.get(columns[0], in_place)
        accounts.append(Account(columns[0], int(columns[2]), columns[6], state))
    if not accounts:
        raise ParseError(N_("no account at all"))
    return tuple(accounts)


def parse_sshd(output: str) -> SshdSettings:
    """Parse ``sshd -T``, or ``sshd_config`` where only that can be read.

    Returns:
        lower-case keyword → value; of a configuration file the first occurrence counts and
        ``Match`` blocks are left out (sshd_config(5)).
    Raises:
        ParseError: not a single setting.
    """
    values: dict[str, str] = {}
    in_match = False
    for line in output.splitlines():
        words = re.split(r"[ \t=]+", line.strip(), maxsplit=1)
        if len(words) < 2 or words[0].startswith("#"):
            continue
        keyword, value = words[0].lower(), words[1].strip()
        if keyword == "match":
            in_match = value.lower() != "all"
        elif not in_match:
            values.setdefault(keyword, value.strip('"'))
    if not values:
        raise ParseError(N_("no setting at all"))
    effective = {"port", "permitrootlogin", "passwordauthentication", "ciphers"} <= values.keys()
    return SshdSettings(values, effective)


def parse_certificates(output: str) -> tuple[Certificate, ...]:
    """Parse ``file: PATH`` followed by the first PEM certificate of the file.

    Files without a certificate (keys, parameters) are left out.
    Raises:
        ParseError: a certificate that cannot be decoded, with its line.
    """
    found: list[Certificate] = []
    path, start, lines = "", 0, []
    for number, line in enumerate(output.splitlines(), 1):
        if line.startswith("file: "):
            path = line.removeprefix("file: ").strip()
        elif "BEGIN CERTIFICATE" in line:
            start, lines = number, [line]
        elif lines:
            lines.append(line)
            if "END CERTIFICATE" in line:
                found.append(_certificate(path, "\n".join(lines), start))
                lines = []
    return tuple(found)


def _certificate(path: str, pem: str, line: int) -> Certificate:
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        return Certificate(path, certificate.subject.rfc4514_string(), certificate.not_valid_after_utc)
    except ValueError as error:
        raise ParseError(
            N_("the certificate in %(path)s cannot be decoded") % {"path": path}, line
        ) from error
