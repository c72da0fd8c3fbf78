"""Which files of a server may be read whole: a path's grammar, and what is never read. Data first.

One list serves the form, the collector and the program that runs on the host, where the path is looked at
again once links are resolved.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase

from collectors.messages import N_

MAX_PATH = 250
MAX_PATHS = 60  # of one device
MAX_MATCHES = 50  # of one pattern
MAX_FILE_BYTES = 256 * 1024
MAX_VISIT_BYTES = 1024 * 1024  # of all files of one visit

_PART = r"[A-Za-z0-9_.@%+,=:-]+"
_PATH = re.compile(rf"(?:/{_PART})*/[A-Za-z0-9_.@%+,=:*?-]+")

# Globs on a whole path in small letters, as fnmatch and a shell's ``case`` understand them alike.
NEVER: tuple[str, ...] = (
    # not files that anybody wrote
    "/proc/*", "/sys/*", "/dev/*", "*/environ", "*/cmdline", "*/kcore",
    # accounts' secrets
    "*/shadow*", "*/gshadow*", "*/opasswd*", "*/master.passwd*", "*/security/passwd*", "*_history",
    "*/.netrc", "*/.pgpass", "*/.my.cnf", "*/.mylogin.cnf", "*/.env", "*.env", "*/.git-credentials",
    "*/.htpasswd*", "*htpasswd*", "*password*", "*passwd.db", "*/sasl_passwd*", "*secret*", "*credential*",
    "*cookie*",
    # keys and what holds them
    "*/.ssh/*", "*/.gnupg/*", "*/.aws/*", "*/.azure/*", "*/.kube/*", "*/.docker/*", "*/private/*",
    "*/id_rsa*", "*/id_dsa*", "*/id_ecdsa*", "*/id_ed25519*", "*/ssh_host_*_key", "*.key", "*.p12",
    "*.pfx", "*.jks", "*.ppk", "*.kdbx", "*.keystore", "*.truststore", "*.keytab", "*/krb5cc*", "*.pkcs12",
    "*.gpg", "/run/credentials/*", "/var/lib/kubelet/*", "/var/run/credentials/*",
)  # fmt: skip


def is_pattern(path: str) -> bool:
    """Whether it stands for several files."""
    return "*" in path or "?" in path


def never_read(path: str) -> bool:
    """Whether a file of this name keeps secrets, or is none that anybody wrote."""
    small = path.lower()
    return any(fnmatchcase(small, one) for one in NEVER)


def malformed(path: str) -> str:
    """Why a text is no whole path, or pattern of names in one folder, or ""."""
    if len(path) > MAX_PATH:
        return N_("The path is longer than %(count)s characters.") % {"count": MAX_PATH}
    if not path.isascii() or _PATH.fullmatch(path) is None:
        return N_(
            "Write a whole path such as /etc/ssh/sshd_config: plain letters, digits and _ . - only; * and ?"
            " in the last part alone."
        )
    if any(part in (".", "..") for part in path.split("/")):
        return N_("A path must not go up or stay in place (. and ..).")
    return ""


def refuse_path(path: str) -> str:
    """Why a path or pattern may not be read, or ""."""
    if refusal := malformed(path):
        return refusal
    if never_read(path):
        return N_(
            "This is never read: it may hold passwords, keys or tokens, or belongs to the running system."
        )
    return ""


def permitted(paths: Sequence[str]) -> tuple[str, ...]:
    """Those that may be read, each once, as many as one visit reads."""
    return tuple(dict.fromkeys(path for path in paths if not refuse_path(path)))[:MAX_PATHS]


def matches(path: str, pattern: str) -> bool:
    """Whether a file is one that a chosen path or pattern names, as a shell sees it."""
    folder, _, name = path.rpartition("/")
    wanted_folder, _, wanted = pattern.rpartition("/")
    if folder != wanted_folder or (name.startswith(".") and not wanted.startswith(".")):
        return False
    return fnmatchcase(name, wanted)
