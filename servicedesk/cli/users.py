"""``servicedesk user``: accounts, for when nobody can sign in."""

from __future__ import annotations

from pathlib import Path

import click

from servicedesk.cli.context import data_option, installation, json_option, show


@click.group()
def user() -> None:
    """List accounts, give a new one-time password."""


@user.command("list")
@data_option
@json_option
def list_users(data: Path, as_json: bool) -> None:
    """All accounts with their roles."""
    with installation(data):
        import sqlalchemy as sa
        from sqlalchemy.orm import joinedload, selectinload

        from servicedesk.core.db import db
        from servicedesk.staff.models import User

        statement = sa.select(User).options(joinedload(User.organisation), selectinload(User.grants))
        rows = [
            {
                "user": user.username,
                "name": user.display_name,
                "organisation": user.organisation.name,
                "roles": ", ".join(sorted({grant.role for grant in user.grants})),
                "state": "active" if user.active else "disabled",
                "last_sign_in": user.last_login_at,
            }
            for user in db.session.scalars(statement.order_by(User.username))
        ]
    show(rows, ("user", "name", "organisation", "roles", "state", "last_sign_in"), as_json=as_json)


@user.command("reset-password")
@click.argument("username")
@data_option
def reset_password(username: str, data: Path) -> None:
    """Give USERNAME a one-time password and unlock the account."""
    with installation(data) as actor:
        import sqlalchemy as sa

        from servicedesk.core.clock import utcnow
        from servicedesk.core.db import db, unit_of_work
        from servicedesk.staff import service
        from servicedesk.staff.models import User

        with unit_of_work():
            found = db.session.scalar(sa.select(User).where(User.username == username.strip().lower()))
            if found is None:
                raise click.ClickException(f"There is no account {username}. See: servicedesk user list")
            one_time = service.reset_password(found, actor=actor, now=utcnow())
    click.echo(f"One-time password of {username}: {one_time}\nIt must be changed at the next sign-in.")
