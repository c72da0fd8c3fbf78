"""``python -m servicedesk.demo``: make the demonstration once, and say who can sign in."""

from __future__ import annotations

import sys

import sqlalchemy as sa
from flask_babel import force_locale

from servicedesk import create_app
from servicedesk.core.clock import utcnow
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.demo.assigning import assign
from servicedesk.demo.building import PASSWORD, build
from servicedesk.demo.following import follow_runbooks
from servicedesk.demo.history import play
from servicedesk.demo.knowing import write_articles
from servicedesk.demo.rounds import look_around
from servicedesk.demo.working import work_tickets
from servicedesk.staff.models import User

_INTERRUPTED = """\
The demonstration was not finished last time. Remove its folder and start again:
  rm -r {data} && make demo
"""


def main() -> int:
    """Build in an empty database; a finished one is kept."""
    app = create_app()
    with app.app_context(), force_locale(runtime().settings.locale):
        marker = runtime().settings.data / "demo-ready"
        if not marker.exists():
            if db.session.scalar(sa.select(User.id).limit(1)) is not None:
                sys.stderr.write(_INTERRUPTED.format(data=runtime().settings.data))
                return 1
            now = utcnow()
            with unit_of_work():
                cast = build(now)
            play(cast, now)
            work_tickets(cast, now)
            assign(cast, now)
            follow_runbooks(cast, now)
            write_articles(cast, now)
            look_around(cast, now)
            marker.touch()
        users = db.session.scalars(sa.select(User).order_by(User.id)).all()
        names = ", ".join(user.username for user in users)
        sys.stdout.write(f"Sign in as one of: {names}\nPassword of all: {PASSWORD}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
