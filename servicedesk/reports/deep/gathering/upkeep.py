"""Cleaning and maintenance work: what people looked after by hand, and tickets of planned runbooks."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from collectors.outcome import Outcome
from servicedesk.core.db import db
from servicedesk.core.sentences import N_
from servicedesk.inspections.manual.models import ManualAnswer, ManualItem
from servicedesk.inspections.models import InspectionRun
from servicedesk.maintenance.models import MaintenanceTask
from servicedesk.maintenance.queries import DONE
from servicedesk.organisations.models import Site
from servicedesk.reports.deep.content import STATE, Column, Content, Drill, Row, Section, Table
from servicedesk.reports.deep.gathering.ground import Ground
from servicedesk.runbooks.models import RunbookRun, RunbookSchedule
from servicedesk.staff.models import User
from servicedesk.tickets.models import Ticket

ABNORMAL = (Outcome.WARNING.value, Outcome.CRITICAL.value)

UPKEEP = Section(
    "upkeep",
    _l("Cleaning and maintenance work"),
    _l(
        "Answers of the half-year to items by hand that are marked as cleaning, cabling or maintenance, runs "
        "of runbooks that a schedule of the site repeats, and tickets of maintenance plans. What was not "
        "recorded is not told."
    ),
    figures=(
        Column("answers", _l("Answers by hand"), "count", Drill("answers")),
        Column("abnormal", _l("Abnormal"), "count", Drill("answers", {"abnormal": "yes"})),
        Column("maintenance", _l("Maintenance tickets"), "count", Drill("maintenance")),
    ),
    tables=(
        Table(
            "answers",
            _l("Cleaning and cabling looked at by hand"),
            (
                Column("at", _l("When"), "moment"),
                Column("by", _l("Answered by")),
                Column("site", _l("Site"), "site"),
                Column("place", _l("Place")),
                Column("item", _l("Item"), "bilingual"),
                Column("outcome", _l("Verdict"), "outcome"),
                Column("abnormal", _l("Abnormal"), "yes"),
                Column("remark", _l("Remark")),
            ),
            shown=30,
        ),
        Table(
            "maintenance",
            _l("Maintenance tickets"),
            (
                Column("ticket", _l("Ticket"), "ticket"),
                Column("device", _l("Device"), "device"),
                Column("began", _l("Began"), "moment"),
                Column("finished", _l("Finished"), "moment"),
                Column("done", _l("Done"), "yes"),
                Column("by", lazy_pgettext("person", "By")),
            ),
            shown=30,
        ),
    ),
)


def gather_upkeep(ground: Ground) -> Content:
    """The newest first; three queries."""
    answers, maintenance = _answers(ground), _maintenance(ground)
    abnormal = sum(row[6] == "yes" for row in answers)
    found = Content(tables={"answers": answers, "maintenance": maintenance})
    found.figures = {"answers": len(answers), "abnormal": abnormal, "maintenance": len(maintenance)}
    if not answers and not maintenance:
        found.empty = N_("Nothing was recorded about cleaning or maintenance in this half-year.")
        return found
    found.say(
        STATE,
        N_(
            "Cleaning and cabling were looked at %(count)s times, %(abnormal)s times with something abnormal."
        ),
        count=len(answers),
        abnormal=abnormal,
    )
    found.say(
        STATE,
        N_("%(count)s maintenance tickets were worked on, %(done)s of them to their end."),
        count=len(maintenance),
        done=sum(row[4] == "yes" for row in maintenance),
    )
    return found


def _answers(ground: Ground) -> list[Row]:
    answer = ManualAnswer
    rows = db.session.execute(
        sa.select(answer, Site.id, Site.name)
        .join(ManualItem, ManualItem.id == answer.item_id)
        .join(InspectionRun, InspectionRun.id == answer.run_id)
        .join(Site, Site.id == InspectionRun.site_id)
        .where(*ground.runs_in, ManualItem.upkeep, answer.answered_at.is_not(None))
        .where(answer.outcome.not_in((Outcome.NOT_INSPECTED.value, Outcome.NOT_APPLICABLE.value)))
        .order_by(answer.answered_at.desc(), answer.id.desc())
    )
    return [
        [
            one.answered_at.isoformat() if one.answered_at else None,
            one.answered_by,
            [site_id, site_name],
            one.place_name,
            [one.item_id, *reversed(one.definition["title"])],
            one.outcome,
            "yes" if one.outcome in ABNORMAL else "no",
            one.remark,
        ]
        for one, site_id, site_name in rows
    ]


def _maintenance(ground: Ground) -> list[Row]:
    start, end = ground.moments
    run, schedule = RunbookRun, RunbookSchedule
    repeated = sa.exists().where(schedule.key == run.key, schedule.site_id == Ticket.site_id)
    rows = db.session.execute(
        sa.select(run, Ticket, User.display_name)
        .join(Ticket, Ticket.id == run.ticket_id)
        .outerjoin(User, User.id == run.owner_id)
        .where(*ground.at(Ticket), Ticket.state != "merged", repeated, run.state != "stopped")
        .where(run.started_at < end, sa.func.coalesce(run.finished_at, run.started_at) >= start)
        .order_by(run.started_at.desc(), run.id.desc())
    )
    begun: list[Row] = [
        [
            [ticket.id, ticket.number, ticket.title],
            [device.id, device.name] if (device := ground.devices.get(one.device_id or 0)) else None,
            one.started_at.isoformat(),
            one.finished_at.isoformat() if one.finished_at else None,
            "yes" if one.state == "done" else "no",
            owner or one.started_by,
        ]
        for one, ticket, owner in rows
    ]
    return sorted([*begun, *_planned(ground)], key=lambda row: str(row[2]), reverse=True)


def _planned(ground: Ground) -> list[Row]:
    """Tickets that plans opened and no run stands for; done when they were resolved."""
    start, end = ground.moments
    opened = sa.select(MaintenanceTask.ticket_id).where(
        MaintenanceTask.ticket_id.not_in(sa.select(RunbookRun.ticket_id))
    )
    rows = db.session.execute(
        sa.select(Ticket, DONE, User.display_name)
        .outerjoin(User, User.id == Ticket.assignee_id)
        .where(*ground.at(Ticket), Ticket.state != "merged", Ticket.id.in_(opened))
        .where(Ticket.created_at < end, sa.func.coalesce(Ticket.resolved_at, Ticket.created_at) >= start)
        .order_by(Ticket.id.desc())
    )
    return [
        [
            [ticket.id, ticket.number, ticket.title],
            [device.id, device.name] if (device := ground.devices.get(ticket.device_id or 0)) else None,
            ticket.created_at.isoformat(),
            ticket.resolved_at.isoformat() if ticket.resolved_at else None,
            "yes" if done else "no",
            owner or "",
        ]
        for ticket, done, owner in rows
    ]
