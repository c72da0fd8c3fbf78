"""The demonstration's models, relations and contracts with vendors. All makers are made up."""

from __future__ import annotations

from dataclasses import dataclass

from servicedesk.demo.texts import T


@dataclass(frozen=True, slots=True)
class DemoModel:
    """``ends``: days from now to the ends of sale, support and life; None: not announced."""

    maker: T
    name: str
    device_class: str
    height: int
    ports: int
    devices: tuple[str, ...]
    ends: tuple[int | None, int | None, int | None] = (None, None, None)


@dataclass(frozen=True, slots=True)
class DemoDocument:
    """``review``: days from now; a file and what changed for each version."""

    kind: str
    title: T
    note: T
    review: int
    files: tuple[str, ...]
    changes: tuple[T, ...]
    devices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoContract:
    """``runs``: days from now to the first and the last day."""

    kind: str
    vendor: T
    number: str
    title: T
    promise: T
    runs: tuple[int, int]
    devices: tuple[str, ...]


SERVERS = ("APP-1", "APP-2", "DB-1", "DB-2", "WEB-1", "FILE-1", "BACKUP-1", "LOG-1")
EAST_SERVERS = ("APP-E1", "APP-E2", "DB-E1", "MON-E1")
FLOOR_SWITCHES = ("SW-1F-1", "SW-1F-2", "SW-2F-1", "SW-3F-1", "SW-4F-1", "SW-5F-1")
_NORTHWIND, _RIVER = T("北辰网络", "Northwind Networks"), T("江河电源", "River Power")
_PINE = T("青松计算", "Pine Computing")

MODELS: tuple[DemoModel, ...] = (
    DemoModel(
        _NORTHWIND, "NX-7700", "switch", 1, 48, ("SW-CORE-1", "SW-CORE-2", "SW-E-CORE"), (400, 1900, 2200)
    ),
    DemoModel(
        _NORTHWIND, "NX-2400", "switch", 1, 24, (*FLOOR_SWITCHES, "SW-E-1F", "SW-E-2F"), (-900, 120, 480)
    ),
    DemoModel(_NORTHWIND, "NF-600", "firewall", 1, 12, ("FW-1", "FW-2", "FW-E"), (-200, 900, None)),
    DemoModel(_PINE, "PS-220", "server", 2, 4, (*SERVERS[:4], *EAST_SERVERS), (-300, 700, 1100)),
    DemoModel(_PINE, "PS-120", "server", 2, 2, SERVERS[4:], (-1800, -40, 300)),
    DemoModel(_RIVER, "UP-10K", "ups", 6, 0, ("UPS-1", "UPS-2", "UPS-E"), (None, 1500, None)),
)

# device, relation, other
RELATIONS: tuple[tuple[str, str, str], ...] = (
    ("PDU-A", "powered_by", "UPS-1"),
    *((name, "powered_by", "PDU-A") for name in SERVERS),
    *((name, "powered_by", "UPS-2") for name in (*SERVERS[:4], "SW-CORE-1", "SW-CORE-2")),
    *((name, "powered_by", "UPS-1") for name in ("SW-CORE-1", "SW-CORE-2", "FW-1", "RT-1")),
    ("FW-2", "powered_by", "UPS-2"),
    ("APP-1", "depends_on", "DB-1"),
    ("APP-2", "depends_on", "DB-1"),
    ("WEB-1", "depends_on", "APP-1"),
    ("DB-2", "backs_up", "DB-1"),
    ("BACKUP-1", "backs_up", "FILE-1"),
    ("BACKUP-1", "depends_on", "NAS-1"),
    ("FILE-1", "depends_on", "NAS-1"),
    ("FW-1", "depends_on", "RT-1"),
    ("SW-CORE-1", "connected_to", "FW-1"),
    ("SW-CORE-2", "connected_to", "FW-2"),
    *((name, "connected_to", "SW-CORE-1") for name in FLOOR_SWITCHES),
    *((name, "powered_by", "UPS-E") for name in (*EAST_SERVERS, "SW-E-CORE", "FW-E", "NAS-E")),
    ("APP-E1", "depends_on", "DB-E1"),
    ("APP-E2", "depends_on", "DB-E1"),
    *((name, "connected_to", "SW-E-CORE") for name in ("SW-E-1F", "SW-E-2F")),
)

DOCUMENTS: tuple[DemoDocument, ...] = (
    DemoDocument(
        "drawing",
        T("核心网络拓扑图", "Drawing of the core network"),
        T("设备或线路变动后更新。", "To be updated whenever devices or lines change."),
        30,
        ("topology-1.txt", "topology-2.txt"),
        (T("首次归档", "First edition"), T("增加第二台防火墙", "The second firewall was added")),
        ("SW-CORE-1", "SW-CORE-2", "FW-1", "FW-2"),
    ),
    DemoDocument(
        "acceptance",
        T("服务器验收报告", "Acceptance report of the servers"),
        T("含开箱清单与压力测试结果。", "With the packing list and the results of the load test."),
        -5,
        ("acceptance-draft.txt", "acceptance-signed.txt"),
        (T("草稿", "Draft"), T("双方签字", "Signed by both sides")),
        SERVERS[:3],
    ),
)

CONTRACTS: tuple[DemoContract, ...] = (
    DemoContract(
        "maintenance",
        _NORTHWIND,
        "NW-2026-031",
        T("网络设备维保", "Maintenance of network gear"),
        T(
            "7×24 受理，4 小时到场，次日备件。",
            "Calls around the clock, on site in 4 hours, parts the next day.",
        ),
        (-340, 25),
        ("SW-CORE-1", "SW-CORE-2", "FW-1", "FW-2", "RT-1"),
    ),
    DemoContract(
        "warranty",
        _PINE,
        "PC-W-88120",
        T("服务器原厂保修", "Maker's warranty of the servers"),
        T("5×8 受理，次日到场。", "Calls in working hours, on site the next day."),
        (-500, 590),
        (*SERVERS[:4], *EAST_SERVERS),
    ),
    DemoContract(
        "warranty",
        _PINE,
        "PC-W-61377",
        T("旧服务器原厂保修", "Maker's warranty of the old servers"),
        T("", ""),
        (-1500, -40),
        SERVERS[4:],
    ),
    DemoContract(
        "maintenance",
        _RIVER,
        "RP-2026-07",
        T("UPS 及电池年度维护", "Yearly maintenance of UPSes and batteries"),
        T("每半年放电测试一次，8 小时到场。", "A discharge test every half-year, on site in 8 hours."),
        (-120, 245),
        ("UPS-1", "UPS-2", "UPS-E", "PDU-A"),
    ),
)
