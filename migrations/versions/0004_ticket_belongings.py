"""Links, costs, checklists, deliveries, change calendar, drafts, macros and lists of tickets

Revision: 0004
After: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


_COLUMNS = (
    "reopened",
    "window_end",
    "window_start",
    "restored_at",
    "major",
    "handling_id",
    "cause_id",
    "merged_into_id",
    "parent_id",
    "subtype",
)
_TABLES = (
    "data_delivery_downloads",
    "ticket_work",
    "ticket_links",
    "ticket_drafts",
    "ticket_devices",
    "ticket_costs",
    "ticket_checklist",
    "data_deliveries",
    "device_relations",
    "ticket_views",
    "change_calendar",
    "ticket_macros",
    "ticket_list_entries",
)
_CAUSES = (
    ("硬件故障", "Hardware failure"),
    ("软件缺陷", "Software defect"),
    ("配置错误", "Wrong configuration"),
    ("网络与线路", "Network or line"),
    ("供电与环境", "Power or environment"),
    ("容量不足", "Capacity exhausted"),
    ("老化与耗材", "Wear or consumables"),
    ("操作失误", "Operating error"),
    ("安全事件", "Security incident"),
    ("外部原因（运营商、供应商）", "Outside cause (carrier, supplier)"),
    ("变更引起", "Caused by a change"),
    ("原因不明", "Cause unknown"),
)
_HANDLINGS = (
    ("更换部件", "Replaced a part"),
    ("维修", "Repaired"),
    ("重启或复位", "Restarted or reset"),
    ("调整配置", "Changed the configuration"),
    ("升级或打补丁", "Updated or patched"),
    ("从备份恢复", "Restored from backup"),
    ("清理", "Cleaned up"),
    ("转供应商处理", "Handed to the supplier"),
    ("指导用户", "Showed the user how"),
    ("自行恢复，持续观察", "Recovered by itself, being watched"),
    ("未发现故障", "No fault found"),
)


def _fill_lists() -> None:
    entries = sa.table(
        "ticket_list_entries",
        *(sa.column(name) for name in ("list_name", "name_zh", "name_en", "position", "active")),
    )
    rows = [
        {"list_name": list_name, "name_zh": zh, "name_en": en, "position": 10 * at, "active": True}
        for list_name, names in (("cause", _CAUSES), ("handling", _HANDLINGS))
        for at, (zh, en) in enumerate(names, 1)
    ]
    op.bulk_insert(entries, rows)


def upgrade() -> None:
    op.create_table(
        "ticket_list_entries",
        sa.Column("list_name", sa.String(length=24), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("name_zh", sa.String(length=100), nullable=False),
        sa.Column("name_en", sa.String(length=100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_ticket_list_entries_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_list_entries")),
    )
    op.create_index(op.f("ix_ticket_list_entries_client_id"), "ticket_list_entries", ["client_id"])
    op.create_index(
        "ix_ticket_list_entries_list_name_position", "ticket_list_entries", ["list_name", "position"]
    )

    op.create_table(
        "ticket_macros",
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["client_id"], ["organisations.id"], name=op.f("fk_ticket_macros_client_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_macros")),
    )
    op.create_index(op.f("ix_ticket_macros_client_id"), "ticket_macros", ["client_id"])

    op.create_table(
        "change_calendar",
        sa.Column("client_id", sa.Integer(), nullable=False),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_change_calendar_client_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_change_calendar_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_calendar")),
    )
    op.create_index("ix_change_calendar_client_id_start_at", "change_calendar", ["client_id", "start_at"])

    op.create_table(
        "ticket_views",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["organisations.id"], name=op.f("fk_ticket_views_client_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_ticket_views_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_views")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_ticket_views_user_id_name")),
    )
    op.create_index(op.f("ix_ticket_views_client_id"), "ticket_views", ["client_id"])

    op.create_table(
        "device_relations",
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_device_relations_device_id")),
        sa.ForeignKeyConstraint(["other_id"], ["devices.id"], name=op.f("fk_device_relations_other_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_relations")),
        sa.UniqueConstraint(
            "device_id", "other_id", "kind", name=op.f("uq_device_relations_device_id_other_id_kind")
        ),
    )
    op.create_index(op.f("ix_device_relations_other_id"), "device_relations", ["other_id"])

    op.create_table(
        "data_deliveries",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("blob_sha256", sa.String(length=64), nullable=False),
        sa.Column("preview", sa.Text(), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("max_downloads", sa.Integer(), nullable=False),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_data_deliveries_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_deliveries")),
    )
    op.create_index(op.f("ix_data_deliveries_expires_at"), "data_deliveries", ["expires_at"])
    op.create_index(op.f("ix_data_deliveries_ticket_id"), "data_deliveries", ["ticket_id"])

    op.create_table(
        "ticket_checklist",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("mandatory", sa.Boolean(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_checklist_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_checklist")),
    )
    op.create_index(op.f("ix_ticket_checklist_ticket_id"), "ticket_checklist", ["ticket_id"])

    op.create_table(
        "ticket_costs",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("serial_old", sa.String(length=100), nullable=False),
        sa.Column("serial_new", sa.String(length=100), nullable=False),
        sa.Column("quantity", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("unit_price", sa.Numeric(precision=12, scale=2), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_costs_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_costs")),
    )
    op.create_index(op.f("ix_ticket_costs_ticket_id"), "ticket_costs", ["ticket_id"])

    op.create_table(
        "ticket_devices",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("device_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["devices.id"], name=op.f("fk_ticket_devices_device_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_devices_ticket_id")),
        sa.PrimaryKeyConstraint("ticket_id", "device_id", name=op.f("pk_ticket_devices")),
    )
    op.create_index(op.f("ix_ticket_devices_device_id"), "ticket_devices", ["device_id"])

    op.create_table(
        "ticket_drafts",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_drafts_ticket_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_ticket_drafts_user_id")),
        sa.PrimaryKeyConstraint("ticket_id", "user_id", name=op.f("pk_ticket_drafts")),
    )
    op.create_table(
        "ticket_links",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["other_id"], ["tickets.id"], name=op.f("fk_ticket_links_other_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_links_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_links")),
        sa.UniqueConstraint(
            "ticket_id", "other_id", "kind", name=op.f("uq_ticket_links_ticket_id_other_id_kind")
        ),
    )
    op.create_index(op.f("ix_ticket_links_other_id"), "ticket_links", ["other_id"])

    op.create_table(
        "ticket_work",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_work_ticket_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_ticket_work_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_work")),
    )
    op.create_index(op.f("ix_ticket_work_ticket_id"), "ticket_work", ["ticket_id"])
    op.create_index(op.f("ix_ticket_work_user_id"), "ticket_work", ["user_id"])

    op.create_table(
        "data_delivery_downloads",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["data_deliveries.id"], name=op.f("fk_data_delivery_downloads_delivery_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_data_delivery_downloads_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_delivery_downloads")),
    )
    op.create_index(
        op.f("ix_data_delivery_downloads_delivery_id"), "data_delivery_downloads", ["delivery_id"]
    )

    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("subtype", sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column("parent_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("cause_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("handling_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("major", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("restored_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("window_start", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("window_end", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("reopened", sa.Integer(), nullable=False, server_default="0"))
        batch_op.create_index("ix_tickets_category_window_start", ["category", "window_start"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_merged_into_id"), ["merged_into_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tickets_parent_id"), ["parent_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_tickets_merged_into_id"), "tickets", ["merged_into_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_tickets_cause_id"), "ticket_list_entries", ["cause_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_tickets_handling_id"), "ticket_list_entries", ["handling_id"], ["id"]
        )
        batch_op.create_foreign_key(batch_op.f("fk_tickets_parent_id"), "tickets", ["parent_id"], ["id"])
    _fill_lists()


def downgrade() -> None:
    with op.batch_alter_table("tickets") as batch_op:
        for name in ("handling_id", "cause_id", "merged_into_id", "parent_id"):
            batch_op.drop_constraint(op.f(f"fk_tickets_{name}"), type_="foreignkey")
        batch_op.drop_index(op.f("ix_tickets_parent_id"))
        batch_op.drop_index(op.f("ix_tickets_merged_into_id"))
        batch_op.drop_index("ix_tickets_category_window_start")
        for name in _COLUMNS:
            batch_op.drop_column(name)
    for table in _TABLES:
        op.drop_table(table)
