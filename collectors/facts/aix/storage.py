"""File systems and volume groups of an AIX host. Pure parsers."""

from __future__ import annotations

import re

from collectors.errors import ParseError
from collectors.facts.host import RaidArray
from collectors.facts.linux.storage import DfRow, Mount
from collectors.messages import N_

PSEUDO = frozenset({"procfs", "autofs", "cdrfs", "udfs", "ahafs", "namefs"})
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_MOUNT = re.compile(
    rf"(?P<left>\S.*?)\s+(?P<vfs>\w+)\s+{_MONTH}\s+\d{{1,2}}\s+(?:\d\d:\d\d|\d{{4}})(?:\s+(?P<options>\S+))?\s*"
)
_COLUMNS = {"free": "Free", "iused": "Iused", "ifree": "Ifree"}


def parse_mount(output: str) -> tuple[Mount, ...]:
    """``mount`` without arguments: node, mounted, mounted over, vfs, date, options.

    The node is empty for what is mounted from this host. Names have no blanks.
    Raises:
        ParseError: no heading, or a row of another form.
    """
    lines = output.splitlines()
    begin = next((at for at, line in enumerate(lines) if line.lstrip().startswith("node")), None)
    if begin is None:
        raise ParseError(N_("expected mount's heading"))
    mounts = []
    for number, line in enumerate(lines[begin + 1 :], begin + 2):
        if not line.strip() or set(line.split()[0]) == {"-"}:
            continue
        match = _MOUNT.fullmatch(line.strip())
        words = match["left"].split() if match else []
        if match is None or len(words) not in (2, 3):
            raise ParseError(N_("expected what is mounted, where, its kind and its date"), number)
        options = tuple(filter(None, (match["options"] or "").split(",")))
        mounts.append(Mount(words[-2], words[-1], match["vfs"], options))
    return tuple(mounts)


def parse_df(output: str) -> tuple[tuple[DfRow, ...], tuple[DfRow, ...]]:
    """``df -kv``, or ``df -k`` where that is not known.

    Returns:
        Rows of bytes, and rows of inodes where their free ones are told. What counts nothing is left out.
    Raises:
        ParseError: no heading, or a row of another form.
    """
    lines = [line for line in output.splitlines() if line.strip()]
    if not lines or not lines[0].startswith("Filesystem") or "1024-blocks" not in lines[0]:
        raise ParseError(N_("expected df's heading"), 1)
    head = lines[0].replace("Mounted on", "Mounted").split()
    sizes, inodes = [], []
    for number, line in enumerate(lines[1:], 2):
        words = line.split(None, len(head) - 1)
        if len(words) != len(head) or not words[-1].startswith("/"):
            raise ParseError(N_("expected source, total, used, free, percent and mount"), number)
        row = dict(zip(head, words, strict=True))
        total, free = _count(row["1024-blocks"]), _count(row["Free"])
        if not total or free is None or free > total:
            continue
        sizes.append(_row(row, total, free, 1024))
        used, left = _count(row.get("Iused", "-")), _count(row.get("Ifree", "-"))
        if used is not None and left is not None and used + left:
            inodes.append(_row(row, used + left, left, 1))
    return tuple(sizes), tuple(inodes)


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _row(row: dict[str, str], total: int, free: int, unit: int) -> DfRow:
    used = total - free
    percent = round(100 * used / total, 1)
    return DfRow(row["Filesystem"], total * unit, used * unit, free * unit, percent, row["Mounted"])


def parse_groups(output: str) -> tuple[RaidArray, ...]:
    """``lsvg VG`` of each active group: a disk with stale partitions does not hold its mirror any more.

    Raises:
        ParseError: a group without its counts.
    """
    groups = []
    for part in re.split(r"(?=^VOLUME GROUP:)", output, flags=re.M):
        name = re.match(r"VOLUME GROUP:\s+(\S+)", part)
        if name is None:
            if part.strip():
                raise ParseError(N_("expected a volume group"), 1)
            continue
        total, active, stale = (
            re.search(rf"\b{words}:\s+(\d{{1,6}})\b", part)
            for words in ("TOTAL PVs", "ACTIVE PVs", "STALE PVs")
        )
        if total is None or active is None or stale is None:
            raise ParseError(N_("expected the numbers of physical volumes"))
        state = re.search(r"VG STATE:\s+(\w+)", part)
        good = max(0, int(active[1]) - int(stale[1]))
        groups.append(RaidArray(name[1], "LVM", state[1] if state else "active", good, int(total[1])))
    return tuple(groups)
