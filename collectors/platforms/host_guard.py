"""Which commands people may add for hosts: one program that only reads, with words that keep it so.

A host has a shell, so the list is of whole programs and what may follow each; all else is refused.
Words are plain: nothing that a shell takes as its own (quotes, pipes, redirections, variables, patterns),
no way up in a path, and no file that keeps secrets.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from collectors.platforms.cli_guard import CommandRefusedError

_MAX = 200
_WORD = r"[A-Za-z0-9][A-Za-z0-9_./:=,@%+-]*"
_PATH = r"/[A-Za-z0-9_./:=,@%+-]*"
_NUMBER = r"[0-9]{1,9}"
_NAME = r"[A-Za-z0-9][A-Za-z0-9_.@:-]*"
# Files whose text is a secret, or holds the arguments and variables of programs.
_SECRET = re.compile(
    r"(?i)(^|/)(g?shadow-?|opasswd|\.ssh|\.gnupg|\.aws|\.kube|\.docker|\.netrc|\.pgpass|\.my\.cnf|\.env"
    r"|environ|cmdline|private|secrets?|security|id_[a-z0-9]+|sudoers(\.d)?|[^/]*_history"
    r"|[^/]*(passw|secret|credential|token)[^/]*|[^/]*\.(key|pem|p12|pfx|jks|keytab|kdbx|htpasswd))(/|$)"
)
_SHOW = "addr|address|link|route|neigh|rule|maddress"

# program: what may follow it, each word with the blank before it
_READS: dict[str, str] = {
    "cat": rf"(?: {_PATH})+",
    "head": rf"(?: -[nc] {_NUMBER}| -{_NUMBER})?(?: {_PATH})+",
    "tail": rf"(?: -[nc] {_NUMBER}| -{_NUMBER})?(?: {_PATH})+",
    "wc": rf"(?: -[lcwm])?(?: {_PATH})+",
    "grep": rf"(?: -(?:[civwxEFn]|m {_NUMBER}))* {_WORD}(?: {_PATH})+",
    "ls": rf"(?: -[1aldtrh]+)?(?: {_PATH})+",
    "stat": rf"(?: -c %[a-zA-Z])?(?: {_PATH})+",
    "df": rf"(?: -[hkPiTlm]+)?(?: {_PATH})*",
    "du": rf" -s[hkbm]?(?: {_PATH})+",
    "free": r"(?: -[bkmgh])?",
    "uptime": "",
    "nproc": "",
    "lscpu": "",
    "lsmod": "",
    "lspci": "",
    "lsusb": "",
    "mount": "",
    "sensors": r"(?: -u)?",
    "getenforce": "",
    "sestatus": "",
    "date": r"(?: -u)?(?: \+[A-Za-z0-9%:_.,-]+)?",
    "uname": r"(?: -[asnrvmpio]+)?",
    "lsblk": r"(?: -[bdflmnoPrS]+)*(?: [A-Z,]+)?",
    "ss": r"(?: -[tulnsa46x]+)?",
    "ip": rf"(?: -(?:[so46]|br|brief|j))* (?:{_SHOW})(?: show)?(?: dev {_NAME})?",
    "ethtool": rf"(?: -[Skigm])? {_NAME}",
    "systemctl": rf" (?:is-active|is-enabled|is-failed|list-units|list-timers|list-sockets)(?: {_NAME})*",
    "sysctl": r" -n(?: [a-z0-9_.]+)+",
    "chronyc": r"(?: -n)? (?:tracking|sources|sourcestats|activity)",
    "ntpq": r" -p?n?p?",
    "timedatectl": r" (?:status|timesync-status)",
    "rpm": rf" -q[ai]?(?: {_NAME})*",
    "dpkg": rf" -[ls](?: {_NAME})*",
    "pvs": rf"(?: --noheadings| --nosuffix| --units {_NAME}| -o [a-z_,]+)*",
    "vgs": rf"(?: --noheadings| --nosuffix| --units {_NAME}| -o [a-z_,]+)*",
    "lvs": rf"(?: --noheadings| --nosuffix| --units {_NAME}| -o [a-z_,]+)*",
    "multipath": r" -ll?",
    "mdadm": rf" (?:--detail|-D)(?: {_PATH})+",
    "smartctl": rf"(?: -[HAiax]| -n standby| -d {_WORD}| -l (?:error|selftest))+ {_PATH}",
    "zpool": rf" (?:status|list|iostat)(?: {_NAME})*",
    "zfs": rf" (?:list|get {_NAME})(?: {_NAME})*",
    "nvidia-smi": r"(?: -L| --query-gpu=[a-z0-9_.,]+| --format=[a-z,]+)*",
    "ipmitool": r" (?:sdr(?: list)?|sensor|chassis status|sel (?:list|info)|fru(?: print)?|power status)",
    "docker": r" (?:ps|images|version)(?: -a| -q)*",
    "podman": r" (?:ps|images|version)(?: -a| -q)*",
    "openssl": rf" x509 -noout(?: -(?:enddate|startdate|dates|subject|issuer|serial))+ -in {_PATH}",
    # AIX
    "oslevel": r"(?: -[srq])?",
    "lsps": r" -[as]",
    "lspv": rf"(?: {_NAME})?",
    "lsvg": rf"(?: -[op])?(?: {_NAME})?",
    "lssrc": rf" (?:-a|-s {_NAME}|-g {_NAME})",
    "lparstat": r" -i",
    "errpt": r"(?: -d [HSOU])?(?: -T [A-Z,]+)?",
    "lsdev": rf" -C(?:c {_NAME})?",
}
_PATTERNS = {program: re.compile(rf"{program}{rest}") for program, rest in _READS.items()}


@dataclass(frozen=True, slots=True)
class HostGrammar:
    """What people may have a host asked; the same questions as ``cli_guard.Grammar`` answers."""

    verbs: frozenset[str] = frozenset(_READS)

    def permits(self, command: str) -> bool:
        """Whether the command is one program of the list and only reads."""
        pattern = _PATTERNS.get(command.split(" ", 1)[0])
        if pattern is None or len(command) > _MAX or not command.isascii():
            return False
        if pattern.fullmatch(command) is None:
            return False
        return not any(
            ".." in word or _SECRET.search(word) or (word.startswith("/dev/") and command.startswith("cat"))
            for word in command.split(" ")[1:]
        )

    def require(self, command: str) -> None:
        """Raises: CommandRefusedError: not permitted; the sentence holds no control characters."""
        if not self.permits(command):
            raise CommandRefusedError(f"not a permitted read-only command: {ascii(command)[:120]}")


HOSTS: dict[str, HostGrammar] = {"linux": HostGrammar(), "aix": HostGrammar()}
