"""Technical documents of the equipment with their versions

Revision: 0150
After: 0130
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0150"
down_revision = "0130"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "technical_documents",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("current_number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_technical_documents_client_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_technical_documents_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technical_documents")),
    )
    op.create_index(
        "ix_technical_documents_client_id_title_id", "technical_documents", ["client_id", "title", "id"]
    )
    op.create_index(op.f("ix_technical_documents_site_id"), "technical_documents", ["site_id"])
    op.create_table(
        "technical_document_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("author_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["technical_documents.id"],
            name=op.f("fk_technical_document_versions_document_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_technical_document_versions")),
        sa.UniqueConstraint(
            "document_id", "number", name=op.f("uq_technical_document_versions_document_id_number")
        ),
    )
    op.create_table(
        "technical_document_devices",
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["technical_documents.id"],
            name=op.f("fk_technical_document_devices_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["device_id"],
            ["devices.id"],
            name=op.f("fk_technical_document_devices_device_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("document_id", "device_id", name=op.f("pk_technical_document_devices")),
    )
    op.create_index(
        op.f("ix_technical_document_devices_device_id"), "technical_document_devices", ["device_id"]
    )


def downgrade() -> None:
    op.drop_table("technical_document_devices")
    op.drop_table("technical_document_versions")
    op.drop_table("technical_documents")
