"""Everything a visit asks an AIX host: an exact list of commands that only read, none of which needs root.

The sections have the form of Linux' and run in the same program. AIX has no ``timeout``, so what
may wait for a dead file server stands last. Source: the AIX 7.2 commands reference.
"""

from __future__ import annotations

from collectors.platforms.linux_commands import AIX_CERTIFICATES, AIX_SSHD
from collectors.platforms.oracle_commands import EARLIER as EARLIER_ORACLE
from collectors.platforms.oracle_commands import ORACLE
from collectors.platforms.sections import Section, names_of

SECTIONS: tuple[Section, ...] = (
    # First and alone, so that the other commands' work is not measured as the host's load.
    Section("vmstat", "vmstat 1 2"),
    Section("oslevel", "oslevel -s || oslevel", "oslevel"),
    Section("hostname", "hostname"),
    Section("model", "uname -M"),
    Section("serial", "uname -u"),
    Section("uptime", "uptime"),
    Section("memory", "vmstat -v"),
    Section("paging", "lsps -s", "lsps"),
    Section("mount", "mount"),
    Section("interfaces", "netstat -in"),
    Section("ifconfig", "ifconfig -a"),
    Section("listening", "netstat -an -f inet; netstat -an -f inet6"),
    Section("groups", 'for v in $(lsvg -o); do lsvg "$v"; done', "lsvg"),
    # The device's own time first: entries carry minutes without a zone.
    Section("errors", "date +%m%d%H%M%y; errpt | head -n 500", "errpt"),
    Section("ntpq", "ntpq -pn", "ntpq"),
    # Names alone: arguments of programs may hold passwords.
    Section("processes", "ps -e -o pid,ppid,comm"),
    Section("who", "who", "who"),
    # Hashes stand in /etc/security/passwd, which is not asked for.
    Section(
        "passwd",
        """awk -F: '{p=$2; if (p!="") p="x"; print $1 ":" p ":" $3 ":" $4 "::" $6 ":" $7}' /etc/passwd""",
        "awk",
    ),
    Section("sshd", AIX_SSHD, path="/etc/ssh"),
    Section("certificates", AIX_CERTIFICATES, "awk"),
    # There is no /proc/*/cmdline to look at first.
    Section("oracle", ORACLE, "ps", timeout_s=20, earlier=(EARLIER_ORACLE,)),
    Section("df", "df -kv || df -k"),
    Section("time", "perl -e 'print time'", "perl"),  # last: nearest to the moment the answer is printed
)

NAMES: dict[str, str] = names_of(SECTIONS)
