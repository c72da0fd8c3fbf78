"""Memory and swap of a Linux host."""

from __future__ import annotations

import re
from dataclasses import dataclass

from collectors.errors import ParseError
from collectors.messages import N_
from collectors.model import MemoryPool


@dataclass(frozen=True, slots=True)
class Memory:
    total_bytes: int
    available_bytes: int
    swap_total_bytes: int | None
    swap_free_bytes: int | None


def parse_meminfo(output: str) -> Memory:
    """Parse ``cat /proc/meminfo``.

    Args:
        output: one ``Name: <int> kB`` per line, any order.
    Returns:
        Sizes in bytes; the kernel's "kB" means 1024 bytes. Kernels before 3.14 have no
        MemAvailable: free, buffers and page cache stand for it, as in free(1) of that time.
    Raises:
        ParseError: a needed row is absent or not numeric.
    Source: proc_meminfo(5).
    """
    rows = {
        name: int(value) * 1024 for name, value in re.findall(r"^(\w+):\s+(\d+)(?: kB)?\s*$", output, re.M)
    }
    total = rows.get("MemTotal")
    available = rows.get("MemAvailable")
    if available is None and {"MemFree", "Buffers", "Cached"} <= rows.keys():
        available = rows["MemFree"] + rows["Buffers"] + rows["Cached"]
    if not total or available is None:
        raise ParseError(N_("MemTotal or MemAvailable is missing"))
    return Memory(total, min(available, total), rows.get("SwapTotal"), rows.get("SwapFree"))


def memory_pools(memory: Memory) -> tuple[MemoryPool, ...]:
    """ "RAM", judged by what new processes could have, and "Swap" where the host has any."""
    used = memory.total_bytes - memory.available_bytes
    pools = [MemoryPool("RAM", round(100 * used / memory.total_bytes, 1), memory.total_bytes, used)]
    if memory.swap_total_bytes and memory.swap_free_bytes is not None:
        used = max(0, memory.swap_total_bytes - memory.swap_free_bytes)
        percent = round(100 * used / memory.swap_total_bytes, 1)
        pools.append(MemoryPool("Swap", percent, memory.swap_total_bytes, used))
    return tuple(pools)
