"""The service catalogue, with what most clients ask for

Revision: 0040
After: 0030
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0030"
branch_labels = None
depends_on = None


def _field(name, kind, en, zh, **more):
    return {"name": name, "kind": kind, "label_en": en, "label_zh": zh, **more}


def _choice(name, en, zh, *choices, **more):
    rows = [{"value": value, "en": en_, "zh": zh_} for value, en_, zh_ in choices]
    return _field(name, "choice", en, zh, choices=rows, **more)


_PEOPLE = _field("people", "number", "How many people", "人数")
_SINCE = _field("day", "date", "On which day", "日期", required=True)
_WHO = _field(
    "person",
    "text",
    "For whom",
    "为谁办理",
    required=True,
    help_en="Name and department",
    help_zh="姓名和部门",
)
_PERIOD = _field(
    "period", "text", "Which period", "时间范围", required=True, help_en="From … to …", help_zh="从……到……"
)
_SERVICES = {
    "fault": (
        (
            "Computer",
            "电脑",
            "pc-display",
            [
                _choice(
                    "kind",
                    "What does it do?",
                    "现象",
                    ("dead", "Does not start", "无法开机"),
                    ("slow", "Is slow", "运行缓慢"),
                    ("screen", "Screen or keyboard", "显示器或键盘"),
                    ("other", "Something else", "其他"),
                ),
            ],
        ),
        (
            "Printer",
            "打印机",
            "printer",
            [
                _choice(
                    "kind",
                    "What does it do?",
                    "现象",
                    ("jam", "Paper jam", "卡纸"),
                    ("quality", "Prints badly", "打印不清"),
                    ("offline", "Does not print", "无法打印"),
                    ("toner", "Toner or paper", "缺粉或缺纸"),
                ),
            ],
        ),
        (
            "Network",
            "网络",
            "router",
            [
                _choice(
                    "reach",
                    "What cannot be reached?",
                    "无法访问",
                    ("all", "Nothing at all", "完全不通"),
                    ("inside", "Internal systems", "内部系统"),
                    ("internet", "The internet", "互联网"),
                    ("one", "One address", "某个地址"),
                ),
                _field(
                    "address",
                    "text",
                    "Which address?",
                    "哪个地址？",
                    when={"field": "reach", "values": ["one"]},
                ),
            ],
        ),
        ("Telephone", "电话", "telephone", [_field("number", "text", "Telephone number", "电话号码")]),
        (
            "Application",
            "应用系统",
            "bug",
            [
                _field("system", "text", "Which system", "哪个系统", required=True),
                _field("message", "long", "What the message says", "提示信息"),
            ],
        ),
        (
            "Meeting room",
            "会议室",
            "people",
            [
                _field("running", "flag", "A meeting is going on now", "会议正在进行"),
            ],
        ),
    ),
    "general": (
        (
            "Account and access",
            "账号与权限",
            "key",
            [
                _choice(
                    "what",
                    "What is needed?",
                    "办理事项",
                    ("new", "A new account", "新开账号"),
                    ("reset", "A new password", "重置密码"),
                    ("rights", "Other rights", "调整权限"),
                    ("close", "Close an account", "注销账号"),
                    required=True,
                ),
                _WHO,
                _field(
                    "rights",
                    "long",
                    "Which rights, and why",
                    "需要哪些权限及理由",
                    when={"field": "what", "values": ["new", "rights"]},
                ),
            ],
        ),
        (
            "Software installation",
            "软件安装",
            "download",
            [_field("software", "text", "Which software", "软件名称", required=True)],
        ),
        (
            "Moving equipment",
            "设备搬迁",
            "arrow-repeat",
            [
                _field("target", "text", "Where to", "搬到哪里", required=True),
                _SINCE,
            ],
        ),
        (
            "Meeting support",
            "会议保障",
            "calendar-event",
            [
                _SINCE,
                _field("room", "text", "Room and time", "会议室和时间", required=True),
                _PEOPLE,
                _field("video", "flag", "With other venues by video", "需要视频连线分会场"),
                _field(
                    "venues",
                    "long",
                    "Which venues",
                    "有哪些分会场",
                    when={"field": "video", "values": ["yes"]},
                ),
            ],
        ),
    ),
    "data_request": (
        ("Report", "统计报表", "graph-up", [_PERIOD]),
        (
            "Extract",
            "数据提取",
            "database",
            [_PERIOD, _field("columns", "long", "Which columns", "需要哪些字段")],
        ),
        (
            "Video or door records",
            "视频监控或门禁记录",
            "camera",
            [
                _PERIOD,
                _field("where", "text", "Which camera or door", "哪个摄像头或门", required=True),
            ],
        ),
    ),
    "change": (
        (
            "Firewall opening",
            "防火墙策略开通",
            "shield-check",
            [
                _field("source", "text", "From (address)", "源地址", required=True),
                _field("target", "text", "To (address)", "目的地址", required=True),
                _field("ports", "text", "Protocol and ports", "协议和端口", required=True),
                _choice(
                    "term",
                    "For how long",
                    "开通期限",
                    ("always", "Lasting", "长期"),
                    ("until", "Until a day", "临时"),
                ),
                _field(
                    "until",
                    "date",
                    "Until",
                    "截止日期",
                    required=True,
                    when={"field": "term", "values": ["until"]},
                ),
            ],
        ),
        (
            "New network port",
            "新增网络信息点",
            "hdd-rack",
            [
                _field("room", "text", "Room", "房间", required=True),
                _field("count", "number", "How many", "数量"),
            ],
        ),
        (
            "Server resources",
            "服务器资源",
            "server",
            [
                _field("cpu", "number", "Processors", "CPU 核数"),
                _field("memory_gb", "number", "Memory in GB", "内存（GB）"),
                _field("disk_gb", "number", "Disk in GB", "磁盘（GB）"),
            ],
        ),
        (
            "Software roll-out",
            "软件部署",
            "upload",
            [
                _field("software", "text", "Which software and version", "软件名称和版本", required=True),
                _PEOPLE,
            ],
        ),
    ),
}


def upgrade() -> None:
    table = op.create_table(
        "catalogue_services",
        sa.Column("client_id", sa.Integer(), nullable=True),
        sa.Column("department_id", sa.Integer(), nullable=True),
        sa.Column("site_id", sa.Integer(), nullable=True),
        sa.Column("category", sa.String(length=16), nullable=False),
        sa.Column("title_zh", sa.String(length=100), nullable=False),
        sa.Column("title_en", sa.String(length=100), nullable=False),
        sa.Column("help_zh", sa.String(length=300), nullable=False),
        sa.Column("help_en", sa.String(length=300), nullable=False),
        sa.Column("icon", sa.String(length=40), nullable=False),
        sa.Column("impact", sa.Integer(), nullable=True),
        sa.Column("urgency", sa.Integer(), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["client_id"], ["organisations.id"], name=op.f("fk_catalogue_services_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["department_id"], ["departments.id"], name=op.f("fk_catalogue_services_department_id")
        ),
        sa.ForeignKeyConstraint(["site_id"], ["sites.id"], name=op.f("fk_catalogue_services_site_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_services")),
    )
    op.create_index(op.f("ix_catalogue_services_client_id"), "catalogue_services", ["client_id"])
    op.create_index("ix_catalogue_services_category_position", "catalogue_services", ["category", "position"])
    now = datetime.now(UTC)
    op.bulk_insert(
        table,
        [
            {
                "category": category,
                "title_en": en,
                "title_zh": zh,
                "help_en": "",
                "help_zh": "",
                "icon": icon,
                "fields": fields,
                "position": 10 * place,
                "active": True,
                "created_at": now,
            }
            for category, services in _SERVICES.items()
            for place, (en, zh, icon, fields) in enumerate(services, 1)
        ],
    )


def downgrade() -> None:
    op.drop_table("catalogue_services")
