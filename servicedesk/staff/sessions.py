"""Who is signed in, as a user and as an actor."""

from __future__ import annotations

from typing import cast

import sqlalchemy as sa
from flask import g, request
from flask_login import current_user
from sqlalchemy.orm import joinedload

from servicedesk.core.actor import Actor
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, kept_by_thread
from servicedesk.staff.actors import actor_for
from servicedesk.staff.models import User


def load_user(session_value: str) -> User | None:
    """For Flask-Login: the account of a session cookie while it is open and its epoch the same."""
    number, _colon, epoch = session_value.partition(":")
    if not number.isdigit() or not epoch.isdigit():
        return None
    user = db.session.scalars(_account(), {"number": int(number)}).unique().one_or_none()
    if user is None or not user.active or user.session_epoch != int(epoch):
        return None
    return user


@kept_by_thread
def _account() -> sa.Select[User]:
    """Asked for by every request."""
    statement = sa.select(User).where(User.id == sa.bindparam("number"))
    return statement.options(joinedload(User.organisation), joinedload(User.grants))


def current_account() -> User:
    """The signed-in user; only for views behind ``login_required``."""
    # The object itself: a proxy handed to login_user would from then on resolve to itself.
    return cast(User, current_user._get_current_object())


def load_actor() -> Actor:
    """The signed-in user as an actor; nobody when not signed in."""
    request_id = g.get("request_id", "")
    address = request.remote_addr or ""
    if not current_user.is_authenticated:
        return Actor(user_id=None, name="", request_id=request_id, address=address)
    account = current_account()
    return actor_for(
        account, today=utcnow().date(), request_id=request_id, address=address, grants=account.grants
    )
