"""Two runbooks under way in the demonstration, and one that is followed every morning."""

from __future__ import annotations

from datetime import datetime, timedelta

from servicedesk.core.db import unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.demo.building import Cast
from servicedesk.demo.texts import T
from servicedesk.runbooks import answering, library, rounds, service
from servicedesk.runbooks.answering import Answer
from servicedesk.runbooks.rounds import ScheduleData
from servicedesk.staff.actors import actor_for
from servicedesk.tickets import service as tickets
from servicedesk.tickets.service import NewTicket, TransitionInput

# runbook, device, title, answers in order: step, answer, remark
FOLLOWED: tuple[tuple[str, str, T, tuple[tuple[str, str, T], ...]], ...] = (
    (
        "ups-battery-weak",
        "UPS-2",
        T("UPS-2 电池老化告警", "UPS-2 reports weak batteries"),
        (
            ("measure", "", T("面板显示电池需更换。", "The panel says that batteries are to be replaced.")),
            ("age", "4.5", T("标签日期 2022 年 5 月。", "Label of May 2022.")),
        ),
    ),
    (
        "linux-disk-full",
        "NAS-1",
        T("NAS-1 存储卷空间不足", "NAS-1 runs out of space"),
        (
            ("measure", "", T("卷 1 已用 94 %。", "Volume 1 is 94 % full.")),
            ("find", "", T("监控录像占 60 %。", "Video recordings take 60 %.")),
            ("what", "data", T("录像须保留 90 天。", "Recordings are kept for 90 days.")),
        ),
    ),
)


def follow_runbooks(cast: Cast, now: datetime) -> None:
    """Reported this morning, and followed as far as the answers go."""
    at = now - timedelta(hours=3)
    engineer = actor_for(cast.users["zhangwei"], today=at.date())
    for key, device, title, answers in FOLLOWED:
        with unit_of_work():
            new = NewTicket(
                client_id=cast.organisations["client"].id,
                category="fault",
                title=title.say(cast.chinese),
                device_id=cast.devices[device].id,
            )
            ticket = tickets.create_ticket(new, actor=engineer, now=at)
            tickets.transition(
                ticket, "start", TransitionInput(), actor=engineer, now=at + timedelta(minutes=4)
            )
            moment = at + timedelta(minutes=6)
            run = service.start(ticket, library.get(key), actor=engineer, now=moment)
            for step, answer, note in answers:
                moment += timedelta(minutes=7)
                given = Answer(answer=answer, note=note.say(cast.chinese))
                answering.complete(run, step, given, blobs=runtime().blobs, actor=engineer, now=moment)
    _every_morning(cast, now)


def _every_morning(cast: Cast, now: datetime) -> None:
    """The round through the machine room, on working days."""
    site = next(iter(cast.sites.values()))
    data = ScheduleData(
        key="machine-room-round",
        site_id=site.id,
        device_id=None,
        unit="week",
        every=1,
        weekdays="12345",
        at="09:00",
        starts_on=now.date(),
        assignee_id=cast.users["zhangwei"].id,
    )
    with unit_of_work():
        rounds.save(None, data, actor=actor_for(cast.users["zhaolei"], today=now.date()), now=now)
