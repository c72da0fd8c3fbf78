"""``python -m servicedesk.gate``: the gate as a process of its own; ends with SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

from collectors.processes import die_with_parent
from servicedesk.config import Settings, SettingsError, load_settings
from servicedesk.gate import opening
from servicedesk.gate.server import Gate

log = logging.getLogger("servicedesk.gate")
LOOK_S = 60.0  # whether the certificate must be renewed, or its files were replaced


async def work(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with opening.listener(settings) as listener:
        gate = Gate(settings.redis_socket, opening.context(opening.certificate(settings)))
        serving = asyncio.create_task(gate.serve(listener))
        keeping = asyncio.create_task(_keep_certificate(gate, settings))
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, keeping, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (serving, keeping, stopping):
            task.cancel()
        ended = await asyncio.gather(serving, keeping, return_exceptions=True)
    for error in ended:
        if not isinstance(error, asyncio.CancelledError | None):
            raise error


async def _keep_certificate(gate: Gate, settings: Settings) -> None:
    """Renew our own in time, and take new ones from the files that are set."""
    files = opening.certificate(settings)
    seen = opening.stamp(files)
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            files = opening.certificate(settings)
            if (now := opening.stamp(files)) != seen:
                gate.context, seen = opening.context(files), now
                log.warning("the certificate was replaced")
        except SettingsError as error:
            # The present one is good for a while yet; perhaps the files are just being written.
            log.warning("the certificate cannot be replaced: %s", error)


def main() -> int:
    """The exit status: 0 stopped, 1 with a sentence why it cannot work."""
    die_with_parent()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("asyncio").setLevel(logging.ERROR)
    try:
        asyncio.run(work(load_settings()))
    except SettingsError as error:
        log.error("%s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
