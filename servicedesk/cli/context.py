"""What commands that touch the installation's records share."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from servicedesk.core.actor import Actor


def data_option(command: Any) -> Any:
    """``--data``: which installation; without it SERVICEDESK_DATA, else ./data."""
    return click.option(
        "--data",
        envvar="SERVICEDESK_DATA",
        default=Path("data"),
        show_default=True,
        type=click.Path(path_type=Path),
        help="Folder of the installation.",
    )(command)


def json_option(command: Any) -> Any:
    """``--json``: one document instead of a table."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON.")(command)


@contextmanager
def installation(data: Path) -> Iterator[Actor]:
    """The application of a data folder; a rule that says no ends the command with its sentence."""
    if not data.is_dir():
        raise click.ClickException(f"There is no installation in {data}. Name its folder with --data.")
    os.environ["SERVICEDESK_DATA"] = str(data.resolve())
    from flask_babel import force_locale

    from servicedesk import create_app
    from servicedesk.config import SettingsError
    from servicedesk.core.errors import DomainError

    try:
        app = create_app()
        with app.app_context(), force_locale("en"):
            yield Actor.system(f"command line ({getpass.getuser()})")
    except (DomainError, SettingsError) as error:
        raise click.ClickException(str(error)) from error


def show(rows: Sequence[Mapping[str, object]], columns: Sequence[str], *, as_json: bool) -> None:
    """Print rows as a table, or as a JSON list."""
    if as_json:
        click.echo(json.dumps(list(rows), ensure_ascii=False, indent=2, default=str))
        return
    table = Table(*columns)
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in columns))
    Console(file=sys.stdout).print(table)
