"""Assignment: teams, duty roster, absences, rules

Revision: 0050
After: 0046
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _teams()
    _absences()
    _rules()
    _team_of_tickets()


def _team_of_tickets() -> None:
    # Not with batch_alter_table: on SQLite it would drop the table, which timelines refer to.
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "ALTER TABLE tickets ADD COLUMN team_id INTEGER "
            "CONSTRAINT fk_tickets_team_id REFERENCES teams (id)"
        )
    else:
        op.add_column("tickets", sa.Column("team_id", sa.Integer(), nullable=True))
        op.create_foreign_key(op.f("fk_tickets_team_id"), "tickets", "teams", ["team_id"], ["id"])
    op.create_index("ix_tickets_team_id_updated_at_id", "tickets", ["team_id", "updated_at", "id"])


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _teams() -> None:
    op.create_table(
        "teams",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("last_user_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        _key("teams", "client_id", "organisations"),
        _key("teams", "site_id", "sites"),
        _key("teams", "leader_id", "users"),
        _key("teams", "last_user_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("client_id", "name", name=op.f("uq_teams_client_id_name")),
    )
    op.create_table(
        "team_members",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("skills", sa.JSON(), nullable=False),
        _key("team_members", "team_id", "teams"),
        _key("team_members", "user_id", "users"),
        sa.PrimaryKeyConstraint("team_id", "user_id", name=op.f("pk_team_members")),
    )
    op.create_index(op.f("ix_team_members_user_id"), "team_members", ["user_id"])
    op.create_table(
        "team_duties",
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("until_minute", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        _key("team_duties", "team_id", "teams"),
        _key("team_duties", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_duties")),
    )
    op.create_index("ix_team_duties_team_id_day", "team_duties", ["team_id", "day"])
    op.create_index(op.f("ix_team_duties_user_id"), "team_duties", ["user_id"])


def _absences() -> None:
    op.create_table(
        "absences",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("substitute_id", sa.Integer(), nullable=True),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        _key("absences", "user_id", "users"),
        _key("absences", "substitute_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index("ix_absences_user_id_until_at", "absences", ["user_id", "until_at"])
    op.create_index("ix_absences_until_at_id", "absences", ["until_at", "id"])


def _rules() -> None:
    op.create_table(
        "assignment_rules",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("subtype", sa.String(length=24), nullable=False),
        sa.Column("device_class", sa.String(length=32), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=True),
        sa.Column("duty", sa.String(length=8), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("skill", sa.String(length=16), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        _key("assignment_rules", "client_id", "organisations"),
        _key("assignment_rules", "site_id", "sites"),
        _key("assignment_rules", "team_id", "teams"),
        _key("assignment_rules", "user_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_rules")),
    )
    op.create_index("ix_assignment_rules_client_id_position", "assignment_rules", ["client_id", "position"])
    op.create_index(op.f("ix_assignment_rules_team_id"), "assignment_rules", ["team_id"])


def downgrade() -> None:
    op.drop_index("ix_tickets_team_id_updated_at_id", "tickets")
    op.execute("ALTER TABLE tickets DROP COLUMN team_id")  # takes its foreign key along
    for table in ("assignment_rules", "absences", "team_duties", "team_members", "teams"):
        op.drop_table(table)
