"""Hides secrets in the text of servers' files, whatever program they belong to.

A file's form is not known, so every line is looked at for names that say "secret" and for values that are
recognised by themselves. Where it is unclear how far a value reaches, the rest of the line is hidden: a
hidden word too many costs less than one too few.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?"
    r"(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)
_STATIC_KEY = re.compile(
    r"(?P<lead><(?P<kind>key|tls-auth|tls-crypt(?:-v2)?|secret|pkcs12|auth-user-pass)>\s*\n)(?P<secret>.*?)"
    r"(?=\n\s*</(?P=kind)>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_STATIC_BLOCK = re.compile(
    r"-----BEGIN OpenVPN Static key[^-]*-----.*?(?:-----END OpenVPN Static key[^-]*-----|\Z)", re.DOTALL
)

# A value in quotes that ends as one does, or all that is left of the line.
_QUOTED = r"\"(?:[^\"\\\n]|\\.)*\"(?=[\s,;:)}\]>&|/]|$)|'(?:[^'\\\n]|\\.)*'(?=[\s,;:)}\]>&|/]|$)"
_VALUE = rf"(?P<secret>{_QUOTED}|\S.*)"
# nginx hands requests on with "proxy_pass", which keeps no secret.
_NOT_PASS = "".join(
    f"(?<!{word})" for word in ("proxy_", "fastcgi_", "uwsgi_", "grpc_", "scgi_", "memcached_", "by", "com")
)
_NAMES = (
    r"passwords?|passwd|passphrase|passcode|pwd(?![a-z])|secrets?|tokens?|authtok(?!_type)|api[_.-]?key"
    r"|(?:access|private|preshared|pre-shared|shared|auth|authentication|encryption|encrypt|signing|master"
    r"|account|storage|license|licence|symmetric|hmac|session|cookie|app|consumer|client)[_.-]?key(?![a-z])"
    r"|(?<![a-z])psk(?![a-z])|wep[_-]?key|community|bindpw|(?:root|admin|bind|user|key|trust|store)pw(?![a-z])"
    rf"|(?<![a-z])pw(?![a-z])|requirepass|masterauth|sentinel\s+auth-pass|{_NOT_PASS}pass(?![a-z])|credentials?"
)
# Names that go on so are about secrets and hold none: how long they last, how they are kept.
_ABOUT = (
    r"(?!_(?:min|max|warn|change)_|[\w-]{0,30}(?:_days|lifetime|timeout|authentication|encryption|_length))"
)
# Between a name and its value: quotes that end the name, a sign of assignment or blanks; "', '" in PHP's
# define; the attribute that XML keeps it in.
_BETWEEN = r"[\w.:\[\]*-]{0,60}[\"'`)]{0,2}(?:\s{0,40}(?:=>|:=|\?=|\+=|[=:,>])\s{0,40}|\s{1,40})"
_NAMED = re.compile(rf"(?i)(?P<lead>(?:{_NAMES}){_ABOUT}{_BETWEEN}(?:value\s{{0,9}}=\s{{0,9}})?)(?:{_VALUE})")
_GOES_ON = re.compile(rf"(?i)(?:{_NAMES}){_ABOUT}[\w.-]{{0,60}}[\"']?\s{{0,40}}(?:=>|[=:>])\s*$")
_ELEMENT_END = re.compile(r"</[\w.:-]+>\s*$")
# Settings whose name has such a word and whose value is none.
_PLAIN = re.compile(
    r"(?i)(?:(?:yes|no|true|false|on|off|none|null|nil|enabled?|disabled?|optional|required|never|always"
    r"|prohibit-password|without-password|forced-commands-only)(?![\w-])|[\s,;])+$"
)
_PAM = re.compile(
    r"(?i)(?:required|requisite|sufficient|optional|include|substack|\[[^\]]{0,99}\])\s+\S{0,99}(?:pam_|-)\S*"
)
_NAME_SERVICE = re.compile(
    r"\s*passwd(?:_compat)?:(?:(?:files|compat|sss|systemd|ldap|nis|winbind|db|\[[^\]\s]*\])(?!\w)|\s)+$"
)
# What begins a value of several lines: YAML's signs, an opening bracket.
_BLOCK = re.compile(r"(?:[|>][+-]?\d?|[\[({])\s*$")
_BY_INDENT, _ONE_MORE = "indent", "line"
_QUOTES = ('"""', "'''", '"', "'")

# Programs and the option that is followed by a secret.
_OPTIONS = (
    ("mysql\\w*|mariadb[\\w-]*|mycli", "-p(?=\\S)"),
    ("sshpass|mongo\\w*|mosquitto_\\w+|ipmitool", "-[pP]\\s*"),
    ("redis-cli", "-a\\s*"),
    ("ldap(?:search|modify|add|delete|whoami|passwd)", "-w\\s*"),
    ("curl|smbclient|rpcclient", "(?:-[uU]|--user)[\\s=]*\\S{0,100}?[:%]"),
    ("snmp(?:get|walk|bulkwalk|bulkget|getnext|set|trap|table|inform)", "-[cAX]\\s*"),
    ("plink|pscp|putty", "-pw\\s+"),
)
_ITSELF: tuple[re.Pattern[str], ...] = (
    *(
        re.compile(rf"(?P<lead>\b(?:{program})\b.{{0,300}}?\s{option})(?P<secret>[^\s]+)")
        for program, option in _OPTIONS
    ),
    *(
        re.compile(text)
        for text in (
            # user:secret@ in an address of any scheme
            r"(?i)(?P<lead>\b[a-z][a-z0-9+.-]{0,30}://[^\s:/@]{0,100}:)(?P<secret>[^\s]{1,500})(?=@)",
            # user/secret@database of Oracle's programs
            r"(?i)(?P<lead>\b(?:sqlplus|expdp?|impdp?|rman|sqlldr)\b.{0,200}?\s[\w.$#-]{1,60}/)(?P<secret>[^\s@]+)",
            r"(?i)(?P<lead>\bauthorization[\"']?\s{0,9}[:=,]\s{0,9}[\"']?(?:[a-z]{2,20}\s{1,9})?)(?P<secret>\S.*)",
            r"(?i)(?P<lead>\bbearer\s{1,9})(?P<secret>[^\s\"']{8,})",
            r"(?i)(?P<lead>\b(?:basic|digest)\s{1,9})(?P<secret>(?=[a-z+/]{0,200}[0-9=])[A-Za-z0-9+/=_.~-]{8,})",
            r"(?i)(?P<lead>[?&](?:key|sig|signature|sign|code|ticket)=)(?P<secret>[^\s&\"']+)",
            r"(?P<lead>)(?P<secret>\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*)",
            # hashes of passwords, by crypt(5) and LDAP's marks
            r"(?P<lead>)(?P<secret>\$(?:1|2[abxy]?|5|6|7|y|gy|md5|sha1|apr1|argon2\w{0,3}|scrypt|pbkdf2[\w-]{0,20})"
            r"\$[^\s:\"']+)",
            r"(?i)(?P<lead>\{(?:s?sha\d{0,3}|s?md5|crypt|pbkdf2[\w-]{0,20}|argon2|cleartext|plain)\})"
            r"(?P<secret>[^\s\"']+)",
            r"(?i)(?P<lead>\bSCRAM-SHA-\d{1,3}\$)(?P<secret>[^\s\"']+)",
            # SNMP agents: the community after a source, users with their keys
            r"(?i)(?P<lead>^\s*com2sec6?(?:\s+-Cn\s+\S+)?\s+\S+\s+\S+\s+)(?P<secret>\S.*)",
            r"(?i)(?P<lead>^\s*(?:createuser|usmuser)(?:\s+-e\s+\S+)?\s+\S+\s+)(?P<secret>\S.*)",
            r"(?i)(?P<lead>^\s*(?:trapsink|trap2sink|informsink|trapsess)\s+\S+\s+)(?P<secret>\S.*)",
            # ipsec.secrets, haproxy's page
            r"(?i)(?P<lead>:\s{0,9}(?:psk|eap|xauth|ntlm|pin|rsa|ecdsa|pkcs8)\s{1,9})(?P<secret>[\"'0].+)",
            r"(?i)(?P<lead>\bstats\s{1,9}auth\s{1,9}[^\s:]{1,100}:)(?P<secret>\S.*)",
        )
    ),
)


# Every pattern above needs one of these in its line, in small letters; most lines have none, which is quick
# to see and saves most of the time. A new pattern adds its own (the tests compare both ways).
_HINTS = (
    *(
        "pass",
        "pw",
        "secret",
        "tok",
        "key",
        "psk",
        "communit",
        "auth",
        "credential",
        "://",
        "?",
        "&",
        "$",
        "{",
    ),
    *(
        "eyj",
        "bearer",
        "basic",
        "digest",
        "scram",
        "mysql",
        "mariadb",
        "mycli",
        "mongo",
        "mosquitto",
        "ipmitool",
    ),
    *("redis-cli", "ldap", "curl", "smbclient", "rpcclient", "snmp", "plink", "pscp", "putty", "sql", "exp"),
    *("imp", "rman", "com2sec", "createuser", "usmuser", "trap", "informsink", "eap", "ntlm", "pin", "rsa"),
    *("ecdsa", "pkcs8"),
)


def hide_in_file(text: str, marker: Callable[[str], str]) -> str:
    """A file's text with every secret replaced.

    Args:
        marker: gives the mark that stands for a secret.
    """

    def marked(secret: str) -> str:
        return marker(secret.strip("\"' \t"))

    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for whole in (_PEM, _STATIC_BLOCK):
        text = whole.sub(lambda match: marked(match[0]), text)
    text = _STATIC_KEY.sub(lambda match: match["lead"] + marked(match["secret"]), text)
    kept: list[str] = []
    follows, indent = "", 0  # how a value goes on in the next lines: by indent, in one more, to a quote
    for line in text.split("\n"):
        blanks = len(line) - len(line.lstrip())
        inside = not line.strip() or blanks > indent or (blanks == indent and line.lstrip().startswith("-"))
        if follows == _BY_INDENT and inside:
            kept.append(line[:blanks] + marked(line.strip()) if line.strip() else line)
        elif follows == _ONE_MORE and line.strip():
            kept.append(marked(line))
            follows = _ONE_MORE if line.rstrip().endswith("\\") else ""
        elif follows in _QUOTES:
            kept.append(marked(line))
            follows = "" if follows in line else follows
        else:
            small = line.lower()
            follows, indent = "", blanks
            if any(hint in small for hint in _HINTS):
                line, follows = _line(line, marked)
            kept.append(line)
    return "\n".join(kept)


def _line(line: str, marked: Callable[[str], str]) -> tuple[str, str]:
    """A line without its secrets, and how the value of the last one goes on."""
    follows = ""

    def named(match: re.Match[str]) -> str:
        nonlocal follows
        secret = match["secret"]
        if secret.startswith("<hidden") or _PLAIN.match(secret) or _PAM.match(secret):
            return match[0]
        if _BLOCK.match(secret):
            follows = _BY_INDENT
            return match[0]
        follows = _ONE_MORE if secret.rstrip().endswith("\\") else _open_quote(secret)
        tail = _ELEMENT_END.search(secret) if match["lead"].rstrip().endswith(">") else None
        end = tail[0] if tail else ""
        return match["lead"] + marked(secret.removesuffix(end)) + end

    def itself(match: re.Match[str]) -> str:
        return match[0] if match["secret"].startswith("<hidden") else match["lead"] + marked(match["secret"])

    if _NAME_SERVICE.match(line):
        return line, ""
    for pattern in _ITSELF:
        line = pattern.sub(itself, line)
    line = _NAMED.sub(named, line)
    if not follows and _GOES_ON.search(line):
        follows = _BY_INDENT
    return line, follows


def _open_quote(secret: str) -> str:
    """The quotes that a value begins with and does not end on its line; "" for none."""
    for quote in _QUOTES:
        if secret.startswith(quote):
            return "" if quote in secret[len(quote) :] else quote
    return ""
