"""``servicedesk run``: the whole installation under one supervising process."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from servicedesk.supervisor.main import run as supervise
from servicedesk.supervisor.plan import Options


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=int, help="Port to listen on.")
@click.option(
    "--data",
    default=Path("data"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="Folder of database, files, keys and logs.",
)
@click.option("--workers", default=0, type=click.IntRange(0, 64), help="Collecting processes; 0: one a core.")
@click.option("--demo", is_flag=True, help="A made-up client whose devices are simulated on this machine.")
def run(host: str, port: int, data: Path, workers: int, demo: bool) -> None:
    """Start web server, workers, scheduler and, without REDIS_URL, the embedded Redis; Ctrl-C stops all."""
    sys.exit(supervise(Options(data=data, host=host, port=port, workers=workers, demo=demo)))
