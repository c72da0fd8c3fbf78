"""``make bench``: what things cost, beside what a user would otherwise use, as ratios in one run.

Absolute figures depend on the machine; the ratios hold. Nothing here is asserted.
"""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from benchmarks import snmp, web

GROUPS = {"snmp": snmp.measure, "web": web.measure}


def main(names: list[str]) -> None:
    console = Console()
    for name in names or list(GROUPS):
        table = Table("what", "ours", "beside it", "ratio", title=name)
        for row in GROUPS[name]():
            table.add_row(*row)
        console.print(table)


if __name__ == "__main__":
    main(sys.argv[1:])
