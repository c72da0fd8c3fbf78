"""Rules that say how the devices of a group are asked

Revision: 0210
After: 0203
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0210"
down_revision = "0203"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("device_class", sa.String(32), nullable=False),
        sa.Column("tag", sa.String(40), nullable=False),
        sa.Column("protocol", sa.String(8), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("snmp_version", sa.String(4), nullable=False),
        sa.Column("credential_id", sa.Integer(), nullable=False),
        sa.Column("jump_host_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_access_rules_client_id_organisations")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_access_rules_site_id_sites")),
        sa.ForeignKeyConstraint(
            ["credential_id"], ["credentials.id"], name=op.f("fk_access_rules_credential_id_credentials")
        ),
        sa.ForeignKeyConstraint(
            ["jump_host_id"], ["jump_hosts.id"], name=op.f("fk_access_rules_jump_host_id_jump_hosts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_rules")),
    )
    for column in ("client_id", "site_id", "credential_id", "jump_host_id"):
        op.create_index(op.f(f"ix_access_rules_{column}"), "access_rules", [column])
    # Not as a batch: on SQLite that drops the table, and with it the host keys that go with a way.
    op.execute(
        "ALTER TABLE device_accesses ADD COLUMN rule_id INTEGER "
        "CONSTRAINT fk_device_accesses_rule_id_access_rules REFERENCES access_rules (id)"
    )
    op.create_index(op.f("ix_device_accesses_rule_id"), "device_accesses", ["rule_id"])
    op.execute(
        "ALTER TABLE credentials ADD COLUMN secret_set_by_id INTEGER "
        "CONSTRAINT fk_credentials_secret_set_by_id_users REFERENCES users (id)"
    )
    op.create_index(op.f("ix_credentials_secret_set_by_id"), "credentials", ["secret_set_by_id"])
    op.create_table(
        "credential_knowers",
        sa.Column("credential_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["credential_id"],
            ["credentials.id"],
            name=op.f("fk_credential_knowers_credential_id_credentials"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_credential_knowers_user_id_users")),
        sa.PrimaryKeyConstraint("credential_id", "user_id", name=op.f("pk_credential_knowers")),
    )
    op.create_index(op.f("ix_credential_knowers_user_id"), "credential_knowers", ["user_id"])
    _remember_authors()


def _remember_authors() -> None:
    """Whoever wrote each secret last, from the audit trail."""
    entries = sa.table(
        "audit_entries",
        sa.column("id", sa.Integer),
        sa.column("action", sa.String),
        sa.column("actor_id", sa.Integer),
        sa.column("object_id", sa.Integer),
        sa.column("after", sa.JSON),
    )
    written = sa.select(entries.c.object_id, entries.c.actor_id, entries.c.after)
    written = written.where(entries.c.action.in_(("credential.created", "credential.updated")))
    authors = {
        row.object_id: row.actor_id
        for row in op.get_bind().execute(written.order_by(entries.c.id))
        if (row.after or {}).get("secret") == "replaced"
    }
    credentials = sa.table(
        "credentials", sa.column("id", sa.Integer), sa.column("secret_set_by_id", sa.Integer)
    )
    users = sa.table("users", sa.column("id", sa.Integer))
    people = set(op.get_bind().scalars(sa.select(users.c.id)))
    for number, author in authors.items():
        if author in people:
            op.execute(credentials.update().where(credentials.c.id == number).values(secret_set_by_id=author))


def downgrade() -> None:
    op.drop_table("credential_knowers")
    op.drop_index(op.f("ix_credentials_secret_set_by_id"), table_name="credentials")
    op.drop_column("credentials", "secret_set_by_id")
    op.drop_index(op.f("ix_device_accesses_rule_id"), table_name="device_accesses")
    op.drop_column("device_accesses", "rule_id")
    op.drop_table("access_rules")
