"""Texts of the demonstration's articles."""

from __future__ import annotations

from dataclasses import dataclass

from servicedesk.demo.texts import T


@dataclass(frozen=True, slots=True)
class DemoArticle:
    title: T
    body: T
    audience: str = "requesters"
    category: str = "general"
    classes: tuple[str, ...] = ()
    words: str = ""


HANDBOOK = T("办公信息化使用手册", "IT handbook for the office")
CHAPTER = T("日常使用", "Every day")
ARTICLES = (
    DemoArticle(
        T("打印机卡纸怎么办", "What to do when the printer jams"),
        T(
            "## 现象\n\n打印机停住，面板显示卡纸。\n\n## 处理\n\n1. 打开前盖，"
            "**顺着走纸方向**慢慢抽出纸张。\n"
            "2. 取下纸盒，检查有没有碎纸。\n3. 合上盖子，等待面板恢复就绪。\n\n三次之后仍卡纸，"
            "请报修，并写明打印机名称。",
            "## What you see\n\nThe printer stops and its panel reports a jam.\n\n## What to do\n\n"
            "1. Open the front and pull the paper **the way it runs**, slowly.\n"
            "2. Take the tray out and look for scraps.\n3. Close it and wait until the panel says ready.\n\n"
            "If it jams three times, report it with the printer's name.",
        ),
        category="fault",
        classes=("printer",),
        words="卡纸 不出纸 paper jam stuck",
    ),
    DemoArticle(
        T("怎样连接会议室投影", "How to show your screen in a meeting room"),
        T(
            "## 有线\n\n1. 把桌面上的 HDMI 线插到电脑。\n2. 按触摸屏上的 **笔记本**。\n"
            "3. 电脑按 `Win+P`，选择 **复制**。\n\n"
            "## 没有图像\n\n| 现象 | 处理 |\n|---|---|\n| 无信号 | 换另一个接口，等 10 秒 |\n"
            "| 画面不全 | 分辨率改为 1920 × 1080 |\n",
            "## With the cable\n\n1. Plug the HDMI cable of the table into the computer.\n"
            "2. Press **Laptop** on the touch panel.\n3. Press `Win+P` and choose **Duplicate**.\n\n"
            "## No picture\n\n| What you see | What to do |\n|---|---|\n"
            "| No signal | Use the other socket and wait 10 s |\n"
            "| Edges are cut | Set 1920 × 1080 |\n",
        ),
        classes=("audio_video",),
        words="投屏 HDMI projector beamer",
    ),
    DemoArticle(
        T("忘记密码或账号被锁定", "Forgotten password or locked account"),
        T(
            "连续输错五次，账号锁定 15 分钟，之后自动解锁。\n\n- 记得密码：等 15 分钟再试。\n"
            "- 忘记密码：请本部门负责人代为提交"
            "**一般性事件**，写明姓名和工号；新密码当面交付，不通过电话或邮件告知。",
            "After five wrong passwords an account is locked for 15 minutes and then opens by itself.\n\n"
            "- You know the password: wait, then try again.\n"
            "- You forgot it: your head of department reports it with your name and badge number. "
            "The new password is handed over in person, **never** by telephone or mail.",
        ),
        words="登录不了 密码 login password locked",
    ),
    DemoArticle(
        T("核心交换机更换光模块", "Changing an optical module of the core switch"),
        T(
            "## 前提\n\n- 变更已批准，窗口已开始。\n- 备件与原模块波长、速率一致。\n\n## 步骤\n\n"
            "1. 记录端口的收发光功率：`display transceiver interface verbose`。\n2. 拔出光纤，盖上防尘帽。\n"
            "3. 更换模块，清洁光纤端面，插回。\n4. 再次记录功率，与更换前对比。\n\n"
            "> 收光低于 -14 dBm 时不要结束变更。",
            "## Before\n\n- The change is approved and its window has begun.\n"
            "- The spare has the same wavelength and speed.\n\n## Steps\n\n"
            "1. Note the optical power: `display transceiver interface verbose`.\n"
            "2. Unplug the fibre and cap it.\n3. Change the module, clean the fibre's end, plug it in.\n"
            "4. Note the power again and compare.\n\n> Do not end the change below -14 dBm.",
        ),
        audience="staff",
        category="change",
        classes=("switch",),
        words="光衰 SFP",
    ),
    DemoArticle(
        T("UPS 电池更换后的检查", "Checks after the UPS got new batteries"),
        T(
            "1. 面板无告警，电池日期已写在标签上。\n2. 放电测试 5 分钟，记录电压。\n"
            "3. 旧电池按危险废物交接并登记。",
            "1. No alarm on the panel; the date is on the label.\n"
            "2. Discharge for 5 minutes and note the voltage.\n"
            "3. Old batteries are handed over as hazardous waste and registered.",
        ),
        audience="staff",
        category="fault",
        classes=("ups",),
        words="蓄电池 battery",
    ),
)
