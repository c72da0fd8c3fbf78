"""The demonstration's words: each in Chinese and English."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class T:
    """A text in both languages."""

    zh: str
    en: str

    def say(self, chinese: bool) -> str:
        """The text in the installation's language."""
        return self.zh if chinese else self.en


CLIENT = T("滨江市政务服务中心", "Riverside Civic Service Centre")
SERVICE = T("远航信息运维有限公司", "Beacon IT Services")
OPERATOR = T("系统运营方", "Operator")
CONTRACT = T("2026 年信息系统驻场运维服务", "On-site IT operations 2026")
DEPARTMENTS = {
    "it": T("信息中心", "Information Centre"),
    "finance": T("财务科", "Finance"),
    "hall": T("业务大厅", "Service Hall"),
    "office": T("办公室", "General Office"),
}
SITES = {
    "hq": (T("中心大楼", "Main building"), T("滨江大道 100 号", "100 Riverside Avenue")),
    "east": (T("东区分中心", "East branch"), T("东兴路 8 号", "8 Dongxing Road")),
}
ROOMS = {
    "hq-core": ("hq", T("三层主机房", "Machine room, 3rd floor"), 4),
    "hq-floor": ("hq", T("一层弱电间", "Wiring closet, 1st floor"), 1),
    "east-core": ("east", T("二层机房", "Machine room, 2nd floor"), 3),
}
RACK = T("{number} 号机柜", "Rack {number}")
DEEP_PLAN = T("半年深度巡检", "Half-yearly deep inspection")
PLAN = T("每日巡检", "Daily inspection")

# key, user name, name, organisation, department, roles (role, site or "")
PEOPLE: tuple[tuple[str, T, str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        "admin",
        T("管理员", "Administrator"),
        "operator",
        "",
        (("system_admin", ""), ("security_admin", ""), ("audit_admin", ""), ("supervisor", "")),
    ),
    ("lina", T("李娜", "Linda Li"), "client", "finance", (("requester", ""),)),
    ("wangfang", T("王芳", "Fiona Wang"), "client", "hall", (("requester", ""),)),
    ("huangtao", T("黄涛", "Tom Huang"), "client", "office", (("requester", ""),)),
    ("sunmei", T("孙梅", "May Sun"), "client", "it", (("data_owner", ""),)),
    ("zhoujie", T("周杰", "Jay Zhou"), "client", "it", (("change_authority", ""),)),
    ("zhangwei", T("张伟", "David Zhang"), "service", "", (("engineer", "hq"),)),
    ("liuyang", T("刘洋", "Leo Liu"), "service", "", (("engineer", "east"),)),
    ("chenjing", T("陈静", "Jane Chen"), "service", "", (("engineer", ""),)),
    ("zhaolei", T("赵磊", "Ray Zhao"), "service", "", (("supervisor", ""),)),
    ("secadmin", T("吴敏", "Min Wu"), "operator", "", (("security_admin", ""),)),
    ("auditor", T("郑强", "Johnny Zheng"), "operator", "", (("audit_admin", ""),)),
)

RESOLUTIONS = (
    T(
        "现场检查并更换故障部件，观察 30 分钟后恢复正常。",
        "Checked on site, replaced the faulty part, normal after 30 minutes.",
    ),
    T(
        "清理日志与临时文件，已调整日志保留周期。",
        "Removed old logs and temporary files; shortened how long logs are kept.",
    ),
    T(
        "重新插拔线缆并更换水晶头，端口已恢复。",
        "Re-seated the cable and replaced the connector; the port is up.",
    ),
    T("联系厂商处理，已按处理意见升级软件。", "Handled with the vendor; software updated as advised."),
)
CLOSE_REASON = T("巡检已连续恢复正常，予以关闭。", "Normal again in several inspections; closed.")
SIGN_NOTE = T("已核对，异常项已转工单跟踪。", "Checked; abnormal items are followed as tickets.")
CHOSEN_FILES = ("/etc/ssh/sshd_config", "/etc/crontab", "/etc/fstab", "/etc/hosts")
FILES_REASON = T("等级保护测评要求留存关键配置。", "The security baseline asks for these to be kept.")
MISSED_REASON = T(
    "机房配电检修，全站停电，已提前通知。", "The power of the site was off for maintenance, as announced."
)
OBJECTION = T("与原始输出不符，请核对。", "This is not what the raw answer says; look again.")
AMEND_REASON = T(
    "按复核意见核对：数值抄录正确，补充说明。",
    "Looked again as the review asked; the value stands, with a remark.",
)
AMEND_REMARK = T("已现场复查，读数稳定。", "Looked at on the spot again; the reading is steady.")
REVIEW_NOTE = T("同意。", "Agreed.")
