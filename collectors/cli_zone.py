"""The commands of a collector alone in a zone: ``enroll``, ``work`` and ``status``."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from collectors.errors import CollectorError
from collectors.processes import VISITS_AT_ONCE

EXIT_WELL, EXIT_STOPPED, EXIT_USAGE, EXIT_TROUBLE = 0, 1, 2, 3
_SILENT_S = 90.0  # a worker that has written nothing for so long hangs

_data = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    envvar="COLLECTOR_DATA",
    help="The worker's folder: its key, and answers not delivered yet.",
)
_file = click.Path(exists=True, dir_okay=False, path_type=str)


@click.command("work", context_settings={"show_default": True})
@_data
@click.option("--url", envvar="COLLECTOR_REDIS_URL", help="rediss://user@host:port of the server's Redis.")
@click.option("--zone", help="The zone's name.")
@click.option("--key-file", type=_file, help="The zone's key; or the variable COLLECTOR_KEY.")
@click.option("--ca", type=_file, help="The authority that signed the certificate of Redis.")
@click.option("--cert", type=_file, help="A certificate of our own, where Redis asks for one.")
@click.option("--cert-key", type=_file, help="Its private key.")
@click.option("--name", help="What the server calls this worker; the machine's name.")
@click.option(
    "--threads", type=click.IntRange(1, 64), default=VISITS_AT_ONCE, help="Visits at the same time."
)
@click.option("--buffer-mb", type=click.IntRange(1), default=1024, help="Disk space for undelivered answers.")
def work(data: Path, **options: Any) -> None:
    """Take this zone's visits from the queue until SIGTERM.

    After ``collector enroll`` only --data is needed. Exit status: 0 stopped, 2 not set up.
    """
    from collectors.zone import keeper, station

    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    try:
        here = station.load(
            data,
            url=options["url"],
            zone=options["zone"],
            key=_key(options["key_file"]),
            ca=options["ca"],
            certificate=options["cert"],
            certificate_key=options["cert_key"],
            name=options["name"],
            threads=options["threads"],
            limit_bytes=options["buffer_mb"] * 1024 * 1024,
        )
        keeper.run(here)
    except CollectorError as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_USAGE)


def _key(key_file: str | None) -> bytes:
    import os

    if key_file:
        return Path(key_file).read_bytes().strip()
    return os.environ.get("COLLECTOR_KEY", "").encode()


@click.command("enroll")
@_data
@click.option("--server", required=True, help="Where the server's pages are: https://desk.example.org.")
@click.option("--token", envvar="COLLECTOR_TOKEN", help="From the zone's page; asked for when not given.")
@click.option("--name", help="What the server calls this worker; the machine's name.")
@click.option("--server-ca", type=_file, help="The authority that signed the server's own certificate.")
def enroll(data: Path, server: str, token: str | None, name: str | None, server_ca: str | None) -> None:
    """Get the zone's key and a login for this machine with a token that works once.

    Exit status: 0 enrolled, 2 refused.
    """
    from collectors.zone import enrolling, station

    try:
        with station.held(data):  # a worker that runs would go on with what it knows
            token = token or click.prompt("Token", hide_input=True, err=True)
            given = enrolling.ask(server, token, name or station.own_name(), ca=server_ca or "")
            ca = given.pop("ca")
            station.save(data, dict(given), ca=ca)
    except CollectorError as error:
        click.echo(str(error), err=True)
        sys.exit(EXIT_USAGE)
    click.echo(f"Enrolled in zone {given['zone']} as {given['name']}. Now: collector work --data {data}")


@click.command("status")
@_data
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def status(data: Path, as_json: bool) -> None:
    """Say how the worker of this folder is.

    Exit status: 0 well, 1 not running, 3 in trouble: full, silent, or Redis does not answer.
    """
    from collectors.zone import station
    from collectors.zone.keeper import STATUS_FILE

    path = data / STATUS_FILE
    try:
        document = json.loads(path.read_text())
    except (OSError, ValueError):
        document = {}
    running = data.is_dir() and station.is_locked(data)
    document["running"] = running
    code = EXIT_STOPPED if not running else EXIT_TROUBLE if _trouble(document) else EXIT_WELL
    if as_json:
        click.echo(json.dumps(document, indent=2))
    else:
        click.echo(_words(document))
    sys.exit(code)


def _trouble(document: dict[str, Any]) -> bool:
    try:
        silent_s = (datetime.now(UTC) - datetime.fromisoformat(document["at"])).total_seconds()
    except (KeyError, ValueError, TypeError):
        return True
    return silent_s > _SILENT_S or bool(document.get("error")) or document.get("state") == "full"


def _words(document: dict[str, Any]) -> str:
    lines = ["running" if document["running"] else "not running"]
    names = ("zone", "worker", "version", "state", "at", "under_way", "buffered", "delivered", "error")
    lines += [f"{n.replace('_', ' ')}: {document[n]}" for n in names if document.get(n) not in (None, "")]
    return "\n".join(lines)
