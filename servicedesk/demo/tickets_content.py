"""The demonstration's tickets: who asked for what, and how far each has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from servicedesk.demo.texts import T


@dataclass(frozen=True, slots=True)
class Step:
    """One thing somebody did: a transition, or a comment when ``name`` is "comment" or "note"."""

    who: str
    name: str
    text: T | None = None
    after_hours: float = 2.0
    assignee: str = ""
    rating: int | None = None
    details: Mapping[str, T | str] = field(default_factory=dict)
    window: tuple[float, float] | None = None  # of a change: begins after so many hours, lasts so many


@dataclass(frozen=True, slots=True)
class DemoTicket:
    """A ticket and its life, beginning ``days_ago``."""

    who: str
    category: str
    title: T
    text: T
    days_ago: float
    steps: tuple[Step, ...] = ()
    site: str = "hq"
    device: str = ""
    impact: int = 2
    urgency: int = 2
    details: Mapping[str, T | str] = field(default_factory=dict)


_THANKS = T("处理很快，谢谢！", "Quick help, thank you!")

TICKETS: tuple[DemoTicket, ...] = (
    DemoTicket(
        "lina",
        "fault",
        T("财务科打印机卡纸", "Printer of the finance office jams"),
        T(
            "今天早上开始，每打几页就卡纸，已经重启过一次。",
            "Since this morning it jams every few pages; I restarted it once.",
        ),
        0.1,
        impact=3,
        urgency=2,
        device="PRT-302",
        details={"place": T("三层 302 室", "3rd floor, room 302")},
    ),
    DemoTicket(
        "wangfang",
        "fault",
        T("大厅 5 号窗口电脑无法上网", "PC at counter 5 has no network"),
        T(
            "其他窗口正常，只有 5 号窗口的业务系统打不开。",
            "All other counters work; only counter 5 cannot open the business system.",
        ),
        0.4,
        (
            Step("zhaolei", "assign", assignee="zhangwei", after_hours=0.2),
            Step("zhangwei", "start", after_hours=0.5),
            Step(
                "zhangwei",
                "comment",
                T("已到现场，正在检查网线和交换机端口。", "On site; checking the cable and the switch port."),
                0.4,
            ),
        ),
        impact=2,
        urgency=1,
        details={"place": T("一层业务大厅", "Service hall, ground floor")},
    ),
    DemoTicket(
        "huangtao",
        "fault",
        T("会议室投影没有信号", "No signal on the meeting-room projector"),
        T(
            "下午三点有视频会议，请尽快看一下。",
            "There is a video conference at three, please have a look soon.",
        ),
        3.2,
        (
            Step("zhangwei", "start", after_hours=0.3),
            Step(
                "zhangwei",
                "resolve",
                T(
                    "HDMI 矩阵输入口松动，重新固定并测试正常。",
                    "The input of the HDMI matrix was loose; fixed and tested.",
                ),
                1,
            ),
        ),
        impact=2,
        urgency=1,
    ),
    DemoTicket(
        "lina",
        "fault",
        T("无法登录财务系统", "Cannot sign in to the finance system"),
        T("提示证书已过期。", "It says the certificate has expired."),
        12,
        (
            Step("zhaolei", "assign", assignee="zhangwei", after_hours=0.5),
            Step("zhangwei", "start", after_hours=0.5),
            Step("zhangwei", "ask", T("请问使用的是哪种浏览器？", "Which browser do you use?"), 0.5),
            Step("lina", "answer", T("是系统自带的浏览器。", "The one that came with the system."), 1),
            Step(
                "zhangwei",
                "resolve",
                T(
                    "更新客户端根证书，并将证书到期检查加入巡检。",
                    "Installed the new root certificate; certificate expiry is now inspected.",
                ),
                2,
            ),
            Step("lina", "confirm", _THANKS, 3, rating=5),
        ),
    ),
    DemoTicket(
        "wangfang",
        "fault",
        T("叫号机无声音", "The queue display has no sound"),
        T("屏幕正常，没有声音。", "The screen works, there is no sound."),
        20,
        (
            Step("liuyang", "start", after_hours=1),
            Step("liuyang", "resolve", T("更换功放电源。", "Replaced the amplifier's power supply."), 5),
            Step("wangfang", "confirm", T("好的。", "Fine."), 20, rating=4),
        ),
        site="east",
        impact=2,
        urgency=2,
    ),
    DemoTicket(
        "huangtao",
        "fault",
        T("误报：电脑蓝屏", "PC crashed"),
        T("重启后好了。", "Works after a restart."),
        8,
        (Step("huangtao", "cancel", T("自己好了，不用处理。", "It recovered by itself."), 0.5),),
        impact=3,
        urgency=3,
    ),
    DemoTicket(
        "huangtao",
        "general",
        T("新同事入职，需要邮箱和门禁", "A new colleague needs mailbox and door access"),
        T("下周一入职，办公室 408。", "Starts next Monday, room 408."),
        1.2,
        impact=3,
        urgency=3,
    ),
    DemoTicket(
        "lina",
        "general",
        T("请教表格批量导入方法", "How do I import a table in bulk?"),
        T("每次手工录入太慢。", "Typing everything by hand takes too long."),
        2.5,
        (
            Step("chenjing", "start", after_hours=1),
            Step("chenjing", "ask", T("方便发一份样例文件吗？", "Could you send a sample file?"), 1),
        ),
        impact=3,
        urgency=3,
    ),
    DemoTicket(
        "wangfang",
        "general",
        T("安装新的高拍仪驱动", "Install the driver of a new document camera"),
        T("2 号和 3 号窗口各一台。", "One each at counters 2 and 3."),
        6,
        (
            Step("zhaolei", "assign", assignee="zhangwei", after_hours=1),
            Step("zhangwei", "start", after_hours=16),
            Step("zhangwei", "resolve", T("两台均已安装并测试。", "Both installed and tested."), 3),
            Step("wangfang", "confirm", _THANKS, 5, rating=5),
        ),
        impact=3,
        urgency=3,
    ),
    DemoTicket(
        "sunmei",
        "general",
        T("协助准备年度资产盘点", "Help with the yearly stock-taking"),
        T("需要导出两处站点的设备清单。", "We need the device lists of both sites."),
        4,
        (Step("zhaolei", "assign", assignee="chenjing", after_hours=4),),
        impact=2,
        urgency=3,
    ),
    DemoTicket(
        "lina",
        "data_request",
        T("提取上半年业务量统计", "Statistics of services in the first half-year"),
        T("用于半年工作总结。", "For the half-year report."),
        0.8,
        details={
            "purpose": T("半年工作总结", "Half-year report"),
            "scope": T("各窗口每月办件量，不含个人信息", "Cases per counter and month, no personal data"),
            "period": T("2026 年 1 月至 6 月", "January to June 2026"),
            "sensitivity": "internal",
            "delivery": T("表格文件", "Spreadsheet"),
            "recipient": T("财务科 李娜", "Linda Li, Finance"),
        },
        impact=3,
        urgency=2,
    ),
    DemoTicket(
        "huangtao",
        "data_request",
        T("调取 11 月 3 日门禁记录", "Door records of 3 November"),
        T("配合内部核查。", "For an internal enquiry."),
        9,
        (
            Step("sunmei", "approve", T("同意，仅限核查组使用。", "Agreed, for the enquiry group alone."), 4),
            Step("zhangwei", "start", after_hours=2),
            Step(
                "zhangwei",
                "resolve",
                T(
                    "已导出并当面移交，签收单已归档。",
                    "Exported and handed over in person; the receipt is filed.",
                ),
                4,
                details={
                    "extraction": T(
                        "门禁系统导出 412 条，孙梅在场。",
                        "412 records exported from the door system, Mei Sun present.",
                    ),
                    "masking": "full",
                },
            ),
            Step("huangtao", "receive", _THANKS, 6, rating=5),
        ),
        details={
            "purpose": T("内部核查", "Internal enquiry"),
            "scope": T("三层机房门禁 8:00–18:00", "Machine room door, 8:00–18:00"),
            "sensitivity": "personal",
            "keep_until": "2027-01-31T18:00",
            "delivery": T("光盘，当面移交", "On a disc, in person"),
            "recipient": T("核查组", "Enquiry group"),
        },
    ),
    DemoTicket(
        "wangfang",
        "data_request",
        T("导出全部用户手机号", "Export all users' phone numbers"),
        T("想做满意度回访。", "For a satisfaction survey."),
        15,
        (
            Step(
                "sunmei",
                "reject",
                T(
                    "范围过大且含个人信息，请改用短信平台统一回访。",
                    "Too broad and personal; please use the message platform instead.",
                ),
                6,
            ),
        ),
        details={
            "purpose": T("满意度回访", "Satisfaction survey"),
            "scope": T("全部用户手机号", "All phone numbers"),
            "sensitivity": "personal",
            "keep_until": "2027-01-31T18:00",
            "recipient": T("业务大厅", "Service hall"),
        },
    ),
    DemoTicket(
        "sunmei",
        "data_request",
        T("提供网络流量月报", "Monthly network traffic report"),
        T("信息中心例会使用。", "For the monthly meeting."),
        5,
        (
            Step(
                "admin",
                "comment",
                T("请数据负责人之外的人员审批。", "Somebody other than the requester must approve."),
                3,
            ),
        ),
        details={
            "purpose": T("例会", "Meeting"),
            "scope": T("出口与核心链路流量", "Traffic of uplinks and core links"),
            "sensitivity": "internal",
            "recipient": T("信息中心", "Information Centre"),
        },
    ),
    DemoTicket(
        "zhangwei",
        "change",
        T("核心交换机软件升级", "Software update of the core switches"),
        T("厂商发布安全补丁。", "The vendor published a security fix."),
        2,
        (
            Step(
                "zhangwei",
                "submit",
                after_hours=3,
                window=(60, 2),
                details={
                    "risk_reach": "everybody",
                    "risk_interruption": "short",
                    "risk_experience": "once",
                    "risk_backout": "easy",
                    "risk_test": "partly",
                    "plan": T(
                        "1. 备份配置\n2. 升级备机并切换\n3. 升级主机\n4. 核对邻居与路由",
                        "1. Back up the configuration\n2. Update the standby, switch over\n"
                        "3. Update the active one\n4. Check neighbours and routes",
                    ),
                    "backout_plan": T(
                        "回退到原版本文件并恢复配置。",
                        "Boot the former version and restore the configuration.",
                    ),
                },
            ),
        ),
        device="SW-CORE-1",
        details={
            "subtype": "normal",
            "reason_for_change": T("修复高危漏洞", "Fixes a serious vulnerability"),
        },
        impact=1,
        urgency=2,
    ),
    DemoTicket(
        "chenjing",
        "change",
        T("防火墙新增视频会议策略", "Firewall rule for video conferences"),
        T("业务部门申请。", "Asked for by the office."),
        7,
        (
            Step(
                "chenjing",
                "submit",
                after_hours=1,
                window=(24, 4),
                details={
                    "risk_reach": "department",
                    "risk_interruption": "none",
                    "risk_experience": "often",
                    "risk_backout": "easy",
                    "risk_test": "partly",
                    "plan": T("新增一条策略并记录。", "Add one rule and log it."),
                    "backout_plan": T("删除该策略。", "Remove the rule."),
                },
            ),
            Step("zhoujie", "approve", T("同意。", "Approved."), 5),
            Step("chenjing", "start", after_hours=20),
        ),
        device="FW-1",
        details={"subtype": "normal", "reason_for_change": T("视频会议需要", "Needed for video conferences")},
        impact=2,
        urgency=2,
    ),
    DemoTicket(
        "liuyang",
        "change",
        T("东区 UPS 更换蓄电池", "New batteries for the UPS at the east branch"),
        T("内阻超标。", "Internal resistance is too high."),
        25,
        (
            Step(
                "liuyang",
                "submit",
                after_hours=2,
                window=(66, 6),
                details={
                    "risk_reach": "department",
                    "risk_interruption": "none",
                    "risk_experience": "once",
                    "risk_backout": "slow",
                    "risk_test": "partly",
                    "plan": T(
                        "切换到旁路，逐组更换，放电测试。", "Bypass, replace group by group, discharge test."
                    ),
                    "backout_plan": T("保持旁路并联系厂商。", "Stay on bypass and call the vendor."),
                },
            ),
            Step("zhoujie", "approve", T("同意，注意现场安全。", "Approved; mind safety on site."), 8),
            Step("liuyang", "start", after_hours=60),
            Step(
                "liuyang",
                "implemented",
                after_hours=5,
                details={
                    "implementation": T("按方案逐组更换，无偏差。", "Replaced group by group as planned."),
                    "change_result": "successful",
                },
            ),
            Step(
                "liuyang",
                "resolve",
                T("两组全部更换，满载放电 32 分钟。", "Both groups replaced; 32 minutes at full load."),
                1,
                details={
                    "verification": T("放电测试合格，告警清除。", "Discharge test passed, alarms gone.")
                },
            ),
            Step("zhaolei", "close", T("已核对放电记录。", "Discharge record checked."), 20),
        ),
        site="east",
        device="UPS-E",
        details={"subtype": "normal", "reason_for_change": T("蓄电池老化", "Aged batteries")},
    ),
    DemoTicket(
        "zhangwei",
        "change",
        T("在工作时间调整核心路由", "Change core routing during working hours"),
        T("缩短跨楼访问路径。", "Shortens the path between buildings."),
        18,
        (
            Step(
                "zhangwei",
                "submit",
                after_hours=1,
                window=(30, 2),
                details={
                    "risk_reach": "everybody",
                    "risk_interruption": "long",
                    "risk_experience": "never",
                    "risk_backout": "slow",
                    "risk_test": "no",
                    "plan": T("修改静态路由。", "Change static routes."),
                    "backout_plan": T("恢复原路由。", "Restore the former routes."),
                },
            ),
            Step(
                "zhoujie",
                "reject",
                T(
                    "不得在办公时间实施，请改到维护窗口。",
                    "Not in working hours; use the maintenance window.",
                ),
                3,
            ),
        ),
        device="SW-CORE-1",
        details={"subtype": "normal", "reason_for_change": T("优化路径", "Better path")},
    ),
)
