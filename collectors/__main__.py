"""``python -m collectors`` and the command ``collector``: visiting without the server's packages."""

from __future__ import annotations

import click

import collectors
from collectors.cli import collect
from collectors.cli_replay import replay
from collectors.cli_zone import enroll, status, work


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(collectors.__version__, prog_name="collector")
def main() -> None:
    """Reads devices over SSH, SNMP and locally."""


main.add_command(collect)
main.add_command(replay)
main.add_command(enroll)
main.add_command(work)
main.add_command(status)

if __name__ == "__main__":
    main()
