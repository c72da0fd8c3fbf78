"""Chosen files of an imaginary Linux server, as the part of a visit's program that reads them prints them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

_SSHD = """\
# Ansible managed
Port 22
PermitRootLogin no
PasswordAuthentication yes
MaxAuthTries 4
X11Forwarding no
Subsystem sftp /usr/libexec/openssh/sftp-server
"""
_CRONTAB = """\
SHELL=/bin/sh
30 2 * * * root /usr/local/bin/backup --target nas01 --password Demo-Backup-1
15 4 * * 0 root /usr/sbin/logrotate /etc/logrotate.conf
"""


_NEWEST = re.compile(r'd=\S+; for f in (\S+); do \[ -f "\$f" \] && \{ ')


def newest_of(program: str, at: datetime) -> dict[str, str]:
    """What a host's program that looks for newest files prints: each night at 2 one is written"""
    written = at.replace(hour=2, minute=0, second=0, microsecond=0)
    if written > at:
        written -= timedelta(days=1)
    size = 50_000_000 + written.toordinal() % 997 * 1000
    told = f"{int(at.timestamp())}\n{int(written.timestamp())} {size}"
    names = (one.replace("*", f"{written:%Y%m%d}").replace("?", "0") for one in _NEWEST.findall(program))
    return {f"newest_{number}": f"{told} {name}\n" for number, name in enumerate(names)}


def files_of(name: str, seed: int, at: datetime) -> Mapping[str, str]:
    """The texts by path. Every third server's host table gets a line with each month."""
    hosts = f"127.0.0.1 localhost\n127.0.1.1 {name}\n10.20.0.1 ntp1\n10.20.0.53 dns1\n"
    if seed % 3 == 0:
        hosts += f"10.20.7.{at.month} batch{at.month:02d}\n"
    fstab = (
        "/dev/mapper/vg0-root / xfs defaults 0 0\n/dev/mapper/vg0-var /var xfs defaults 0 0\n"
        "/dev/md0 /data xfs defaults,noatime 0 0\n"
        "//nas01/backup /backup cifs username=backup,password=Demo-Share-1,ro 0 0\n"
    )
    return {"/etc/ssh/sshd_config": _SSHD, "/etc/crontab": _CRONTAB, "/etc/fstab": fstab, "/etc/hosts": hosts}


def printed_by(name: str, seed: int, at: datetime) -> str:
    """What the section prints; the reader takes what was asked for."""
    printed = ""
    for path, text in files_of(name, seed, at).items():
        lines = "".join(f" {line}" for line in text.splitlines(keepends=True))
        printed += f"=file {path}\n=at {path}\n{lines}=end {path}\n"
    return printed
