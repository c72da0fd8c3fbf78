"""Brings the database to this version's tables: ``python -m servicedesk.dbupgrade``."""

from __future__ import annotations

import logging
import sys

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import upgrade
from sqlalchemy.exc import DBAPIError

from servicedesk import create_app
from servicedesk.config import SettingsError
from servicedesk.core.statistics import gather_statistics
from servicedesk.equipment import searching as devices
from servicedesk.extensions import db, migrate
from servicedesk.tickets import searching as tickets


def main() -> int:
    """Run the migrations that are missing; status 1 and one sentence when the database cannot be used."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        with create_app().app_context():
            if _is_later():
                sys.stderr.write(
                    "The database cannot be used: a later version of this program made its tables. "
                    "Install that version, or restore a backup made before.\n"
                )
                return 1
            upgrade()
            tickets.index_missing()
            devices.index_missing()
            gather_statistics()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except DBAPIError as error:
        # Drivers tell in several lines; a sentence is one.
        sys.stderr.write(f"The database cannot be used: {' '.join(str(error.orig).split())}\n")
        return 1
    return 0


def _is_later() -> bool:
    """Whether the tables are those of a migration this program does not have."""
    known = {script.revision for script in ScriptDirectory(migrate.directory).walk_revisions()}
    with db.engine.connect() as connection:
        return not set(MigrationContext.configure(connection).get_current_heads()) <= known


if __name__ == "__main__":
    sys.exit(main())
