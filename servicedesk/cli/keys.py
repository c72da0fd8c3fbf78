"""``servicedesk keys`` and ``servicedesk audit``: what must hold behind the records."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import click

from servicedesk.cli.context import data_option, installation


@click.group()
def keys() -> None:
    """The master key that encrypts stored credentials."""


@keys.command()
@data_option
def rotate(data: Path) -> None:
    """Make a new master key and encrypt every credential with it.

    The old keys stay in the file until no backup needs them. Restart the installation afterwards.
    """
    with installation(data):
        from servicedesk.core.crypto import MASTER_KEY_ENV, Keyring
        from servicedesk.core.db import unit_of_work
        from servicedesk.equipment.credentials import rotate_all
        from servicedesk.equipment.software.licences import rotate_all as rotate_licences
        from servicedesk.inspections.zones.keys import rotate_all as rotate_zones
        from servicedesk.notifications.channel_settings import rotate_all as rotate_channels

        if os.environ.get(MASTER_KEY_ENV):
            raise click.ClickException(
                f"The key comes from {MASTER_KEY_ENV}. Put a new one before the old, separated by a comma, "
                "restart, and unset nothing until this command ran without that variable."
            )
        path = data / "master.key"
        old = [line.strip() for line in path.read_text(encoding="ascii").splitlines() if line.strip()]
        new = [secrets.token_urlsafe(48), *old]
        # The file first: if we die in between, both keys are there and all secrets can be opened.
        aside = path.with_name("master.key.new")
        aside.touch(mode=0o600)
        aside.write_text("\n".join(new) + "\n", encoding="ascii")
        aside.replace(path)
        with unit_of_work():
            keyring = Keyring(new)
            count = rotate_all(keyring) + rotate_channels(keyring)
            count += rotate_licences(keyring) + rotate_zones(keyring)
    click.echo(
        f"{count} credentials, licence keys, channels and zones are encrypted with a new key. "
        "Restart the installation."
    )


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command()
@data_option
def verify(data: Path) -> None:
    """Recompute the chain of hashes over all entries; status 1 and the entry when it does not hold."""
    with installation(data):
        from servicedesk.audit import service

        found = service.verify()
    if found.broken_id is not None:
        click.echo(
            f"The chain is broken at entry {found.broken_id}: it or one before it was altered.", err=True
        )
        sys.exit(1)
    click.echo(f"All {found.entries} entries are as they were written.")
