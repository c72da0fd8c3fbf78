"""``servicedesk mail``: a mail server hands messages over through a pipe."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from servicedesk.cli.context import data_option, installation

TRY_LATER = 75  # EX_TEMPFAIL of sysexits(3): the mail server keeps the message and tries again


@click.group()
def mail() -> None:
    """Mail that comes in."""


@mail.command()
@click.option("--mailbox", default="", help="Name of the channel it came to; else the first in use.")
@data_option
def receive(mailbox: str, data: Path) -> None:
    """Take one message from standard input.

    Exit status 0: it is dealt with or noted in the log; 75: the database did not answer, try again.
    """
    with installation(data):
        import sqlalchemy as sa
        from sqlalchemy.exc import OperationalError

        from servicedesk.core.clock import utcnow
        from servicedesk.core.db import db
        from servicedesk.core.runtime import runtime
        from servicedesk.notifications.models import Channel, InboundMail
        from servicedesk.tickets.mail_in import Mailroom

        here = runtime()
        raw = sys.stdin.buffer.read(here.settings.mail_in_max_bytes + 1)
        statement = sa.select(Channel.id).where(Channel.kind == "mail_in", Channel.active)
        if mailbox:
            statement = statement.where(Channel.name == mailbox)
        try:
            channel_id = db.session.scalar(statement.order_by(Channel.id).limit(1))
            if mailbox and channel_id is None:
                raise click.ClickException(f"There is no mailbox {mailbox} in use. See Messages, Channels.")
            number = Mailroom(here.blobs, here.keyring, here.settings).receive(
                raw, channel_id=channel_id, now=utcnow()
            )
            row = db.session.get_one(InboundMail, number)
            click.echo(" ".join(filter(None, (row.outcome, row.subject_label, row.reason))))
        except OperationalError:
            click.echo("The database does not answer. The message was not taken.", err=True)
            sys.exit(TRY_LATER)
