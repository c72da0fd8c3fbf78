"""Models and migrations agree, and there is one head: a fresh database, migrated, against the models."""

from __future__ import annotations

import os
import sys
import tempfile


def ours(name: str | None, kind: str, _parents: object) -> bool:
    """Leave out the tables behind the full-text index."""
    return kind != "table" or not str(name).startswith("search_index")


def main() -> int:
    """Status 1 with the differences when they do not agree."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SERVICEDESK_DATA"] = folder
        os.environ.pop("DATABASE_URL", None)
        from alembic.autogenerate import compare_metadata
        from alembic.migration import MigrationContext
        from alembic.script import ScriptDirectory
        from flask import current_app
        from flask_migrate import upgrade

        from servicedesk import create_app
        from servicedesk.core.db import db

        with create_app().app_context():
            heads = ScriptDirectory(current_app.extensions["migrate"].directory).get_heads()
            if len(heads) != 1:
                print(f"There must be one head, there are: {', '.join(heads)}", file=sys.stderr)
                return 1
            upgrade()
            with db.engine.connect() as connection:
                context = MigrationContext.configure(
                    connection, opts={"compare_type": True, "include_name": ours}
                )
                differences = compare_metadata(context, db.metadata)
    for difference in differences:
        print(f"Models and migrations differ: {difference}", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
