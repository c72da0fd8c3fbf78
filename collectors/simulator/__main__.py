"""``python -m collectors.simulator FILE.json``: run a site of simulated devices until told to stop.

With ``--print-ports`` the first line of stdout is the file as JSON, with ports and host keys filled in.
The last line before it serves is "ready: …". SIGTERM and SIGINT end it with status 0.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from collectors.errors import ParseError
from collectors.simulator.site import Site, read_site

_TICK_S = 1.0


def main(arguments: list[str] | None = None) -> int:
    """Run; the exit status: 0 ended by a signal, 2 the file or a port cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m collectors.simulator", description="Run simulated devices."
    )
    parser.add_argument("file", type=Path, help="JSON list of devices")
    parser.add_argument("--print-ports", action="store_true", help="print the file with ports filled in")
    options = parser.parse_args(arguments)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    try:
        text = options.file.read_text(encoding="utf-8")
        site = Site(read_site(text))
        site.start()
    except (OSError, ParseError, ValueError) as error:
        sys.stderr.write(f"{options.file}: {error}\n")
        return 2
    with_ports = f"{site.document(text)}\n" if options.print_ports else ""
    sys.stdout.write(f"{with_ports}ready: {len(site.specs)} simulated devices\n")
    sys.stdout.flush()
    while not stopping.wait(_TICK_S):
        site.tick()
    site.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
