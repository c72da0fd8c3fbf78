"""Processors, memory and volumes."""

from __future__ import annotations

from collections.abc import Iterator

from collectors.checks.spec import POWER_AND_CLIMATE, CheckSpec, Context
from collectors.messages import N_
from collectors.model import Finding, Levels
from collectors.outcome import Outcome


def check_cpu_used(context: Context) -> Iterator[Finding]:
    """A host's "total" stands for its cores; a device's modules are judged one by one."""
    processors = context.facts.processors
    totals = [processor for processor in processors if processor.name == "total"]
    for processor in totals or processors:
        yield context.judge_upper(processor.name, processor.usage_percent, evidence=processor.evidence)


def is_swap(name: str) -> bool:
    """Swap under the names of Linux, HOST-RESOURCES-MIB and UCD-SNMP-MIB."""
    lowered = name.lower()
    return "swap" in lowered or "virtual memory" in lowered


def is_cache(name: str) -> bool:
    """What net-snmp lists beside the physical memory: a full cache is what caches are for."""
    return name.lower() in ("cached memory", "memory buffers", "shared memory")


def check_memory_used(context: Context) -> Iterator[Finding]:
    for pool in context.facts.memory:
        if not is_swap(pool.name) and not is_cache(pool.name):
            yield context.judge_upper(pool.name, pool.used_percent, evidence=pool.evidence)


def check_swap_used(context: Context) -> Iterator[Finding]:
    """Where net-snmp tells of swap itself, its "virtual memory" (RAM, caches and swap) says nothing more."""
    pools = [pool for pool in context.facts.memory if is_swap(pool.name)]
    named = [pool for pool in pools if "swap" in pool.name.lower()]
    for pool in named or pools:
        if not pool.name.lower().startswith("virtual memory") or not _has_caches(context):
            yield context.judge_upper(pool.name, pool.used_percent, evidence=pool.evidence)


def _has_caches(context: Context) -> bool:
    return any(is_cache(pool.name) for pool in context.facts.memory)


# File systems that are written to in normal operation; a read-only one has met an error.
_WRITABLE = frozenset(
    {"ext2", "ext3", "ext4", "xfs", "btrfs", "reiserfs", "jfs", "f2fs", "zfs", "ntfs", "ufs"}
)


def check_filesystem_used(context: Context) -> Iterator[Finding]:
    """Images and media that are read-only by nature are full by nature."""
    for volume in context.facts.storage:
        if not volume.read_only or volume.kind in _WRITABLE:
            yield context.judge_upper(volume.name, volume.used_percent, evidence=volume.evidence)


def check_inodes_free(context: Context) -> Iterator[Finding]:
    """btrfs and some network file systems make inodes as needed and report none: left out."""
    for volume in context.facts.storage:
        if volume.inodes_total and volume.inodes_free is not None and not volume.read_only:
            free = round(100 * volume.inodes_free / volume.inodes_total, 1)
            yield context.judge_lower(volume.name, free, evidence=volume.evidence)


def check_readonly_filesystem(context: Context) -> Iterator[Finding]:
    for volume in context.facts.storage:
        if volume.kind not in _WRITABLE:
            continue
        if volume.read_only:
            yield context.state(
                volume.name,
                Outcome.CRITICAL,
                N_("Mounted read-only: look for disk errors in the kernel log"),
                evidence=volume.evidence,
            )
        else:
            yield context.state(volume.name, Outcome.OK, N_("Writable"), evidence=volume.evidence)


CHECKS: tuple[CheckSpec, ...] = (
    CheckSpec(
        "cpu_used",
        N_("Processor use"),
        N_("Below %(warning)s %%; critical from %(critical)s %%"),
        ("processors",),
        check_cpu_used,
        "%",
        Levels(warning_upper=80, critical_upper=90),
        Outcome.UNSUPPORTED,
        never_on=POWER_AND_CLIMATE,
    ),
    CheckSpec(
        "memory_used",
        N_("Memory use"),
        N_("Below %(warning)s %%; critical from %(critical)s %%"),
        ("memory",),
        check_memory_used,
        "%",
        Levels(warning_upper=90, critical_upper=95),
        Outcome.UNSUPPORTED,
        never_on=POWER_AND_CLIMATE,
    ),
    CheckSpec(
        "swap_used",
        N_("Swap use"),
        N_("Below %(warning)s %%; critical from %(critical)s %%"),
        ("swap",),
        check_swap_used,
        "%",
        Levels(warning_upper=50, critical_upper=80),
    ),
    CheckSpec(
        "filesystem_used",
        N_("File system use"),
        N_("Below %(warning)s %%; critical from %(critical)s %%"),
        ("storage",),
        check_filesystem_used,
        "%",
        Levels(warning_upper=80, critical_upper=90),
    ),
    CheckSpec(
        "inodes_free",
        N_("Free inodes"),
        N_("Above %(warning)s %%; critical at %(critical)s %% and below"),
        ("inodes",),
        check_inodes_free,
        "%",
        Levels(warning_lower=10, critical_lower=5),
    ),
    CheckSpec(
        "readonly_filesystem",
        N_("File systems writable"),
        N_("No file system has become read-only"),
        ("mounts",),
        check_readonly_filesystem,
    ),
)
