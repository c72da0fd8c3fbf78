"""``make bench``: what things cost, beside what a user would otherwise use, as ratios in one run.

Absolute figures depend on the machine; the ratios hold. Nothing here is asserted.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks import equipment, inspection, report, report_files, snmp, ssh, web

GROUPS: dict[str, Callable[[Sequence[str]], Iterator[tuple[str, str, str, str]]]] = {
    "snmp": snmp.measure,
    "ssh": ssh.measure,
    "inspection": inspection.measure,
    "web": web.measure,
    "equipment": equipment.measure,
    "report": report.measure,
    "files": report_files.measure,
}


def main(arguments: list[str]) -> None:
    """Measure the named groups, or all; words behind a name that are none are given to it."""
    console = Console()
    for name, options in _chosen(arguments):
        table = Table("what", "ours", "beside it", "ratio", title=name)
        for row in GROUPS[name](options):
            table.add_row(*row)
        console.print(table)
        console.print("load average over 1, 5 and 15 minutes: {:.1f} {:.1f} {:.1f}".format(*os.getloadavg()))


def _chosen(arguments: list[str]) -> list[tuple[str, list[str]]]:
    chosen: list[tuple[str, list[str]]] = []
    for word in arguments:
        if word in GROUPS:
            chosen.append((word, []))
        elif chosen:
            chosen[-1][1].append(word)
        else:
            raise SystemExit(f"{word} is none of {', '.join(GROUPS)}")
    return chosen or [(name, []) for name in GROUPS]


if __name__ == "__main__":
    main(sys.argv[1:])
