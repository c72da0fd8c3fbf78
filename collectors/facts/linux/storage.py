"""File systems, software RAID and disk health of a Linux host."""

from __future__ import annotations

import re
from dataclasses import dataclass

from collectors.errors import ParseError
from collectors.facts.host import RaidArray, SmartDisk
from collectors.messages import N_
from collectors.model import Volume

# Kernel interfaces and package images: their fill level says nothing.
PSEUDO_TYPES = frozenset(
    [
        "autofs",
        "binfmt_misc",
        "bpf",
        "cgroup",
        "cgroup2",
        "configfs",
        "debugfs",
        "devpts",
        "devtmpfs",
        "efivarfs",
        "fusectl",
        "hugetlbfs",
        "iso9660",
        "mqueue",
        "nsfs",
        "overlay",
        "proc",
        "pstore",
        "ramfs",
        "rootfs",
        "rpc_pipefs",
        "securityfs",
        "selinuxfs",
        "squashfs",
        "sysfs",
        "tracefs",
        "fuse.gvfsd-fuse",
        "fuse.lxcfs",
        "fuse.portal",
        "fuse.snapfuse",
        "udf",
        "erofs",
        "cramfs",
        "nfsd",
    ]
)


@dataclass(frozen=True, slots=True)
class DfRow:
    source: str
    total: int  # bytes, or inodes
    used: int
    free: int
    used_percent: float
    mount: str


@dataclass(frozen=True, slots=True)
class Mount:
    source: str
    mount: str
    kind: str
    options: tuple[str, ...]

    @property
    def read_only(self) -> bool:
        return "ro" in self.options


_DF = re.compile(
    r"(?P<source>\S.*?)\s+(?P<total>\d+|-)\s+(?P<used>-?\d+|-)\s+(?P<free>-?\d+|-)\s+(?P<percent>\d+%|-)\s+(?P<mount>/.*)"
)


def parse_df(output: str, *, unit: int = 1024) -> tuple[DfRow, ...]:
    """Parse ``df -Pk`` (unit 1024) or ``df -Pi`` (unit 1).

    Returns:
        one row a mount, the first of duplicates; rows that count nothing ("-", or 0 blocks) are
        left out. ``used_percent`` is of what ordinary users can have, as df's own Capacity.
    Raises:
        ParseError: no heading, or a row that is not of df's form.
    Source: POSIX df, "-P"; inodes: GNU df(1).
    """
    lines = [line for line in output.splitlines() if line.strip()]
    if not lines or not lines[0].startswith("Filesystem"):
        raise ParseError(N_("expected df's heading"), 1)
    rows: dict[str, DfRow] = {}
    for number, line in enumerate(_joined(lines[1:]), 2):
        if line.startswith("Filesystem"):  # the fallback command's own heading
            continue
        match = _DF.fullmatch(line.strip())
        if match is None:
            raise ParseError(N_("expected source, total, used, free, percent and mount"), number)
        if "-" in (match["total"], match["used"], match["free"]) or int(match["total"]) == 0:
            continue
        used, free = int(match["used"]), int(match["free"])
        usable = used + max(0, free)
        percent = round(100 * used / usable, 1) if usable > 0 else 100.0
        row = DfRow(
            match["source"], int(match["total"]) * unit, used * unit, free * unit, percent, match["mount"]
        )
        rows.setdefault(row.mount, row)
    return tuple(rows.values())


def _joined(lines: list[str]) -> list[str]:
    """Old df breaks the line after a long device name even with -P."""
    joined: list[str] = []
    for line in lines:
        if joined and len(joined[-1].split()) == 1:
            joined[-1] += " " + line
        else:
            joined.append(line)
    return joined


def parse_mounts(output: str) -> tuple[Mount, ...]:
    """Parse ``/proc/mounts`` (fstab(5)'s form; blanks in names are ``\\040``).

    Raises:
        ParseError: a row with fewer than four columns, or no row at all.
    """
    mounts: list[Mount] = []
    for number, line in enumerate(output.splitlines(), 1):
        if not line.strip():
            continue
        words = line.split()
        if len(words) < 4:
            raise ParseError(N_("expected device, mount point, type and options"), number)
        source, mount = (_unescape(word) for word in words[:2])
        mounts.append(Mount(source, mount, words[2], tuple(words[3].split(","))))
    if not mounts:
        raise ParseError(N_("no mount at all"))
    return tuple(mounts)


def _unescape(word: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), word)


def volumes(
    sizes: tuple[DfRow, ...], inodes: tuple[DfRow, ...], mounts: tuple[Mount, ...]
) -> tuple[Volume, ...]:
    """Join the three tables by mount point; kernel interfaces are left out."""
    inode_rows = {row.mount: row for row in inodes}
    mount_rows = {mount.mount: mount for mount in mounts}  # the last mount hides the earlier ones
    found: list[Volume] = []
    for row in sizes:
        mount = mount_rows.get(row.mount)
        kind = mount.kind if mount else ""
        # A container's root is an overlay, and yet its disk.
        if kind in PSEUDO_TYPES and not (row.mount == "/" and kind == "overlay"):
            continue
        inode = inode_rows.get(row.mount)
        found.append(
            Volume(
                row.mount,
                row.total,
                row.used,
                row.used_percent,
                kind,
                bool(mount and mount.read_only),
                inode.total if inode else None,
                inode.free if inode else None,
                index=row.source,
            )
        )
    return tuple(found)


def parse_mdstat(output: str) -> tuple[RaidArray, ...]:
    """Parse ``/proc/mdstat``; no array gives an empty tuple.

    Raises:
        ParseError: it is not an mdstat at all.
    Source: Linux md(4); ``[2/1] [U_]`` means one of two members is in work.
    """
    if "Personalities" not in output and "unused devices" not in output:
        raise ParseError(N_("expected a 'Personalities' line"))
    arrays: list[RaidArray] = []
    blocks = re.split(r"^(?=md\S+ ?:)", output, flags=re.M)
    for block in blocks:
        head = re.match(r"(md\S+?) ?: (\w+)(?: \((?:auto-)?read-only\))?(.*)", block)
        if head is None:
            continue
        members = re.findall(r"(\S+?)\[\d+\]((?:\(\w\))*)", head[3])
        level = re.search(r"\b(raid\d+|linear|multipath|faulty|container)\b", head[3])
        counts = re.search(r"\[(\d+)/(\d+)\]", block)
        recovery = re.search(r"(?:recovery|resync|reshape|check)\s*=\s*[^\n]+", block)
        failed = tuple(name for name, flags in members if "(F)" in flags)
        arrays.append(
            RaidArray(
                head[1],
                level[1] if level else "",
                head[2],
                int(counts[2]) if counts else None,
                int(counts[1]) if counts else None,
                failed,
                recovery[0].strip() if recovery else "",
            )
        )
    return tuple(arrays)


_COUNTERS = {
    "Reallocated_Sector_Ct",
    "Current_Pending_Sector",
    "Offline_Uncorrectable",
    "Reported_Uncorrect",
    "Power_On_Hours",
    "Wear_Leveling_Count",
}


def parse_smart(output: str) -> tuple[SmartDisk, ...]:
    """Parse ``device: X`` followed by ``smartctl -i -H -A X``, for each disk.

    Source: smartctl(8); ATA, SCSI and NVMe print health and temperature in three ways.
    """
    disks: list[SmartDisk] = []
    for block in re.split(r"^device: ", output, flags=re.M)[1:]:
        device = block.split("\n", 1)[0].strip()
        health = re.search(
            r"(?:overall-health self-assessment test result|SMART Health Status):\s*(\S+)", block
        )
        temperature = re.search(
            r"^(?:194 Temperature_Celsius|190 Airflow_Temperature_Cel)\s+(?:\S+\s+){7}(\d+)"
            r"|^Temperature:\s+(\d+) Celsius|^Current Drive Temperature:\s+(\d+) C",
            block,
            re.M,
        )
        degrees = next((group for group in temperature.groups() if group), None) if temperature else None
        counters = {
            name: int(value)
            for name, value in re.findall(r"^\s*\d+ (\w+)\s+0x\w+\s+(?:\S+\s+){6}(\d+)", block, re.M)
            if name in _COUNTERS
        }
        media = re.search(r"^Media and Data Integrity Errors:\s+([\d,]+)", block, re.M)
        if media:
            counters["Media_Errors"] = int(media[1].replace(",", ""))
        disks.append(
            SmartDisk(
                device,
                health[1].upper().rstrip("!") in ("PASSED", "OK") if health else None,
                _field(block, "Device Model|Model Number|Product"),
                _field(block, "Serial Number|Serial number"),
                float(degrees) if degrees else None,
                counters,
            )
        )
    return tuple(disks)


def _field(block: str, names: str) -> str:
    match = re.search(rf"^(?:{names}):\s*(.+?)\s*$", block, re.M)
    return match[1] if match else ""
