"""An imaginary Linux server: answers for every section of the command table, from a seed.

Nothing is executed. Two hosts of one seed are alike; faults are added and taken away while it runs.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from collectors.platforms.linux_script import INTERPRETER
from collectors.simulator.linux_database import postgresql_that_does_not_archive
from collectors.simulator.linux_files import printed_by
from collectors.simulator.linux_raid import megaraid

FAULTS = frozenset(
    {
        "disk_full",
        "inode_exhaustion",
        "memory_pressure",
        "high_load",
        "failed_unit",
        "clock_drift",
        "degraded_raid",
        "readonly_fs",
        "certificate_expiring",
        "bond_down",
        "zombies",
        "empty_password",
        "disk_failing",
        "controller_disk_failed",
        "log_not_archived",
    }
)

# (os-release rows, kernel, hardware vendor, model)
_SYSTEMS: tuple[tuple[str, str, str, str, str], ...] = (
    ("openEuler", "22.03 (LTS-SP3)", "5.10.0-182.0.0.95.oe2203sp3.x86_64", "Huawei", "2288H V5"),
    ("Kylin Linux Advanced Server", "V10 (Halberd)", "4.19.90-52.22.v2207.ky10.x86_64", "Inspur", "NF5280M6"),
    ("CentOS Linux", "7 (Core)", "3.10.0-1160.el7.x86_64", "Dell Inc.", "PowerEdge R740"),
    ("Ubuntu", "22.04.4 LTS (Jammy Jellyfish)", "5.15.0-105-generic", "Lenovo", "ThinkSystem SR650"),
    ("Debian GNU/Linux", "12 (bookworm)", "6.1.0-18-amd64", "HPE", "ProLiant DL380 Gen10"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a section printed: ``status`` is an exit status, "missing" or "absent"."""

    text: str = ""
    status: str = "0"
    stderr: str = ""


@dataclass
class SimulatedHost:
    """A server with a name and its faults; ``sections()`` gives what it would print now.

    ``booted_at`` moves counters and uptime; ``overrides`` replaces single answers by section name.
    """

    name: str = "app01"
    seed: int = 1
    faults: set[str] = field(default_factory=set)
    overrides: dict[str, Answer] = field(default_factory=dict)
    booted_at: datetime = field(default_factory=lambda: datetime.now(UTC) - timedelta(days=41, hours=5))

    encoding: ClassVar[str] = "utf-8"
    interpreter: ClassVar[str] = INTERPRETER
    section_pattern: ClassVar[re.Pattern[str]] = re.compile(r"^m (\w+) (?:\$r|0)$", re.M)

    def __post_init__(self) -> None:
        unknown = self.faults - FAULTS
        if unknown:
            raise ValueError(f"unknown faults: {', '.join(sorted(unknown))}")
        # Reproducible on purpose; nothing secret depends on it.
        rng = random.Random(self.seed)  # noqa: S311 - the same host each time
        self._system = rng.choice(_SYSTEMS)
        self._cores = rng.choice((4, 8, 16))
        self._memory_kb = rng.choice((16, 32, 64)) * 1024 * 1024
        self._octet = rng.randrange(10, 250)
        self._busy = rng.uniform(0.05, 0.35)
        self._fill = {
            "/": rng.uniform(0.2, 0.5),
            "/var": rng.uniform(0.2, 0.6),
            "/data": rng.uniform(0.3, 0.7),
        }
        self._certificate: tuple[bool, str] | None = None

    def sections(self, moment: datetime | None = None) -> dict[str, Answer]:
        """Answers by section name at a moment."""
        now = moment or datetime.now(UTC)
        uptime_s = max(1.0, (now - self.booted_at).total_seconds())
        answers = {
            **self._system_answers(now, uptime_s),
            **self._storage_answers(),
            **self._network_answers(uptime_s),
            **self._service_answers(now),
            **self._security_answers(now),
            "services": Answer(_SERVICES),
            **self._controller_answers(),
            **dict.fromkeys(("pgbackrest", "mysql", "redis", "oracle"), Answer()),
            "postgresql": Answer(postgresql_that_does_not_archive() if self._has("log_not_archived") else ""),
            "files": Answer(printed_by(self.name, self.seed, now)),
        }
        answers.update(self.overrides)
        return answers

    def _has(self, fault: str) -> bool:
        return fault in self.faults

    def _system_answers(self, now: datetime, uptime_s: float) -> dict[str, Answer]:
        name, version, kernel, vendor, model = self._system
        load = self._cores * (12.5 if self._has("high_load") else self._busy)
        drift_s = 95 if self._has("clock_drift") else 0
        return {
            "cpu": Answer(self._cpu(uptime_s)),
            "os_release": Answer(
                f'NAME="{name}"\nVERSION="{version}"\nID="{name.split()[0].lower()}"\n'
                f'PRETTY_NAME="{name} {version}"\n'
            ),
            "hostname": Answer(f"{self.name}\n"),
            "uname": Answer(f"Linux {kernel} x86_64\n"),
            "uptime": Answer(f"{uptime_s:.2f} {uptime_s * self._cores * 0.8:.2f}\n"),
            "meminfo": Answer(self._meminfo()),
            "loadavg": Answer(f"{load:.2f} {load:.2f} {load:.2f} 2/345 {int(uptime_s) % 30000}\n"),
            "date": Answer(f"{int(now.timestamp()) + drift_s}\n"),
            "chrony": Answer(_chrony(drift_s)),
            "ntpq": Answer(status="missing"),
            "timesync": Answer(status="1", stderr="Failed to query server: Unit not found.\n"),
            "timedatectl": Answer(
                f"           System clock synchronized: {'no' if drift_s else 'yes'}\n"
                "                         NTP service: active\n"
            ),
            "reboot": Answer(f"{kernel}\n/lib/modules/{kernel}\n", "2"),
            "dmi": Answer(
                f"/sys/class/dmi/id/sys_vendor:{vendor}\n/sys/class/dmi/id/product_name:{model}\n"
                f"/sys/class/dmi/id/product_serial:SIM{self.seed:08d}\n/sys/class/dmi/id/bios_version:2.15\n"
            ),
            "device_tree": Answer(status="absent"),
        }

    def _cpu(self, uptime_s: float) -> str:
        """Two samples half a second apart; 100 ticks a second."""
        share = 0.97 if self._has("high_load") else self._busy
        copies: list[str] = []
        for seconds in (uptime_s, uptime_s + 0.5):
            ticks = seconds * 100
            rows = [("cpu", self._cores), *((f"cpu{number}", 1) for number in range(self._cores))]
            copies += [
                f"{name} {ticks * share * n:.0f} 0 0 {ticks * (1 - share) * n:.0f} 0 0 0 0 0 0"
                for name, n in rows
            ]
        return "\n".join(copies) + "\n"

    def _meminfo(self) -> str:
        total = self._memory_kb
        available = int(total * (0.03 if self._has("memory_pressure") else 0.55))
        swap = 4 * 1024 * 1024
        free = int(swap * (0.1 if self._has("memory_pressure") else 0.98))
        return (
            f"MemTotal:       {total} kB\nMemFree:        {available // 3} kB\n"
            f"MemAvailable:   {available} kB\nBuffers:        2108 kB\nCached:         {available // 2} kB\n"
            f"SwapTotal:      {swap} kB\nSwapFree:       {free} kB\n"
        )

    def _storage_answers(self) -> dict[str, Answer]:
        fill = dict(self._fill)
        if self._has("disk_full"):
            fill["/data"] = 0.96
        sizes = {"/": 51_200_000, "/var": 102_400_000, "/data": 1_024_000_000}
        devices = {"/": "/dev/mapper/vg0-root", "/var": "/dev/mapper/vg0-var", "/data": "/dev/md0"}
        df, inodes, mounts = [_DF], [_DF_INODES], []
        for mount, size in sizes.items():
            used = int(size * fill[mount])
            df.append(f"{devices[mount]} {size} {used} {size - used} {100 * fill[mount]:.0f}% {mount}")
            total = size // 16
            free = int(total * (0.02 if mount == "/var" and self._has("inode_exhaustion") else 0.9))
            inodes.append(
                f"{devices[mount]} {total} {total - free} {free} {100 - 100 * free // total}% {mount}"
            )
            mode = "ro" if mount == "/data" and self._has("readonly_fs") else "rw"
            mounts.append(f"{devices[mount]} {mount} xfs {mode},relatime 0 0")
        degraded = self._has("degraded_raid")
        members = "sdb1[0] sdc1[1](F)" if degraded else "sdb1[0] sdc1[1]"
        state = "[2/1] [U_]" if degraded else "[2/2] [UU]"
        failing = self._has("disk_failing")
        return {
            "df": Answer("\n".join(df) + "\n"),
            "df_inodes": Answer("\n".join(inodes) + "\n"),
            "df_network": Answer(status="1", stderr="df: no file systems processed\n"),
            "mounts": Answer("\n".join(mounts) + "\n"),
            "mdstat": Answer(
                f"Personalities : [raid1]\nmd0 : active raid1 {members}\n"
                f"      1024000000 blocks super 1.2 {state}\n\nunused devices: <none>\n"
            ),
            "lsblk": Answer(
                'NAME="sda" TYPE="disk" SIZE="480103981056" MODEL="MZ7LH480" '
                f'SERIAL="S{self.seed:07d}" ROTA="0"\n'
            ),
            "smart": Answer(
                "device: /dev/sda\nDevice Model:     MZ7LH480\n"
                f"SMART overall-health self-assessment test result: {'FAILED!' if failing else 'PASSED'}\n"
                "194 Temperature_Celsius     0x0022   070   055   000    Old_age   Always       -       31\n"
            ),
        }

    def _controller_answers(self) -> dict[str, Answer]:
        """Dell's servers have a controller, and the one whose controller has the fault."""
        failed = self._has("controller_disk_failed")
        has_one = failed or self._system[3] == "Dell Inc."
        return {
            "megaraid": Answer(megaraid(self.seed, degraded=failed)) if has_one else Answer(status="absent"),
            **dict.fromkeys(("megacli", "smart_array"), Answer(status="absent")),
        }

    def _network_answers(self, uptime_s: float) -> dict[str, Answer]:
        octets = int(uptime_s * 125_000 * (1 + self._busy))
        packets = octets // 900
        names = ("lo", "eth0", "eth1", "bond0")
        header = (
            "Inter-|   Receive  |  Transmit\n face |bytes packets errs drop fifo frame …|bytes packets …\n"
        )
        rows = "".join(
            f"{name:>6}: {octets} {packets} 0 0 0 0 0 0 {octets // 2} {packets // 2} 0 0 0 0 0 0\n"
            for name in names
        )
        down = self._has("bond_down")
        tree: list[str] = []
        for index, name in enumerate(names, 1):
            broken = down and name == "eth1"
            values = {
                "ifindex": index,
                "operstate": "unknown" if name == "lo" else "down" if broken else "up",
                "flags": "0x9" if name == "lo" else "0x1003",
                "mtu": 65536 if name == "lo" else 1500,
                "address": f"00:16:3e:{self.seed % 256:02x}:{self._octet:02x}:{index:02x}",
                "speed": 10000,
                "type": 772 if name == "lo" else 1,
            }
            tree += [f"/sys/class/net/{name}/{key}:{value}" for key, value in values.items()]
        bond = [
            "Bonding Mode: fault-tolerance (active-backup)",
            "MII Status: up",
            "Slave Interface: eth0",
            "MII Status: up",
            "Slave Interface: eth1",
            f"MII Status: {'down' if down else 'up'}",
        ]
        return {
            "net_dev": Answer(header + rows),
            "sys_net": Answer("\n".join(tree) + "\n"),
            "ip_addr": Answer(
                "1: lo    inet 127.0.0.1/8 scope host lo\n"
                f"4: bond0    inet 10.20.{self._octet}.{self.seed % 250 + 1}/24 scope global bond0\n"
            ),
            "bonding": Answer("".join(f"/proc/net/bonding/bond0:{row}\n" for row in bond)),
            "listening": Answer(
                "Netid State  Recv-Q Send-Q Local Address:Port Peer Address:Port\n"
                "tcp   LISTEN 0      128    0.0.0.0:22        0.0.0.0:*\n"
                "tcp   LISTEN 0      511    0.0.0.0:443       0.0.0.0:*\n"
            ),
            "conntrack": Answer("812\n262144\n"),
            "lldp": Answer(status="missing"),
        }

    def _service_answers(self, now: datetime) -> dict[str, Answer]:
        failed = "nginx.service loaded failed failed A high performance web server\n"
        processes = ["Ss 1 0 systemd", "Ss 812 1 sshd", "S 911 1 nginx", "R 4242 812 ps"]
        if self._has("zombies"):
            processes += [f"Z {5000 + number} 911 worker <defunct>" for number in range(8)]
        return {
            "failed_units": Answer(failed if self._has("failed_unit") else ""),
            "processes": Answer("\n".join(processes) + "\n"),
            "file_nr": Answer("3104 0 3251744\n"),
            "who": Answer(""),
            "last": Answer(
                f"ops      pts/0        10.20.{self._octet}.9"
                f"     {now - timedelta(hours=3):%Y-%m-%dT%H:%M:%S}+00:00"
                " - 00:10  (00:10)\n\nwtmp begins 2024-01-01T00:00:00+00:00\n"
            ),
            "dmesg": Answer(),
            "zpool": Answer(status="absent"),
            "journal": Answer(
                f"{now:%Y-%m-%dT%H:%M:%S}+0000 {self.name} systemd[1]: Failed to start nginx.\n"
                if self._has("failed_unit")
                else "-- No entries --\n"
            ),
            "apt_updates": Answer(status="missing"),
            "hwmon": Answer(
                "/sys/class/hwmon/hwmon0/name:coretemp\n/sys/class/hwmon/hwmon0/temp1_label:Package id 0\n"
                f"/sys/class/hwmon/hwmon0/temp1_input:{41000 + 1000 * (self.seed % 9)}\n"
                "/sys/class/hwmon/hwmon0/temp1_max:84000\n/sys/class/hwmon/hwmon0/temp1_crit:100000\n"
            ),
            "thermal": Answer(status="2"),
        }

    def _security_answers(self, now: datetime) -> dict[str, Answer]:
        guest = "empty" if self._has("empty_password") else "locked"
        return {
            "passwd": Answer(
                "root:x:0:0::/root:/bin/bash\nbin:x:1:1::/bin:/sbin/nologin\n"
                "ops:x:1000:1000::/home/ops:/bin/bash\n"
                "guest:x:1001:1001::/home/guest:/bin/sh\n"
            ),
            "shadow": Answer(
                f"root:set:19700:99999:\nbin:locked:19700:99999:\nops:set:19700:99999:\nguest:{guest}:::\n"
            ),
            "sshd": Answer(
                "port 22\npermitrootlogin no\npasswordauthentication yes\npermitemptypasswords no\n"
                "x11forwarding no\nmaxauthtries 4\nciphers aes256-gcm@openssh.com\n"
                "hostbasedauthentication no\n"
                "ignorerhosts yes\n"
            ),
            "certificates": Answer(f"file: /etc/nginx/ssl/site.crt\n{self._pem(now)}"),
        }

    def _pem(self, now: datetime) -> str:
        expiring = self._has("certificate_expiring")
        if self._certificate is None or self._certificate[0] != expiring:
            end = now + timedelta(days=5 if expiring else 200)
            self._certificate = (expiring, _certificate(f"{self.name}.example.com", end))
        return self._certificate[1]


_SERVICES = """\
Id=nginx.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
MemoryCurrent=52428800
MemoryMax=infinity

Id=redis.service
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
MemoryCurrent=734003200
MemoryMax=2147483648

Id=tomcat.service
LoadState=not-found
ActiveState=inactive
SubState=dead
UnitFileState=
MemoryCurrent=[not set]
MemoryMax=infinity
"""
_DF = "Filesystem 1024-blocks Used Available Capacity Mounted on"
_DF_INODES = "Filesystem Inodes IUsed IFree IUse% Mounted on"


def _chrony(drift_s: float) -> str:
    direction, distance = ("fast", drift_s) if drift_s else ("slow", 0.000213)
    return (
        "Reference ID    : 0A140001 (10.20.0.1)\nStratum         : 3\n"
        f"System time     : {distance:.9f} seconds {direction} of NTP time\nLeap status     : Normal\n"
    )


def _certificate(name: str, end: datetime) -> str:
    key = ed25519.Ed25519PrivateKey.generate()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=398))
        .not_valid_after(end)
        .sign(key, None)
    )
    return certificate.public_bytes(Encoding.PEM).decode()


def simulated_hosts(count: int, *, faults: Iterable[str] = ()) -> list[SimulatedHost]:
    """Hosts app01 … with different seeds; the faults are given to the first of them in turn."""
    hosts = [SimulatedHost(f"app{number:02d}", number) for number in range(1, count + 1)]
    for position, fault in enumerate(faults):
        hosts[position % count].faults.add(fault)
    return hosts
