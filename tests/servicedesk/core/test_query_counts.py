"""A long list costs as many queries as a short one."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from servicedesk.assignment import absences, roster
from servicedesk.assignment.models import Team, TeamMember
from servicedesk.assignment.rules import RuleData, save_rule
from servicedesk.assignment.service import TeamData, save_team
from servicedesk.core.db import db, unit_of_work
from servicedesk.core.permissions import Role
from servicedesk.core.runtime import runtime
from servicedesk.equipment.credentials import save_credential
from servicedesk.equipment.models import Rack, Room
from servicedesk.equipment.service import DeviceData, note_host_key, save_access, save_device
from servicedesk.inspections.levels.service import LevelData, save_level
from servicedesk.inspections.models import Finding, InspectionRecord, InspectionRun
from servicedesk.inspections.own.service import OwnCheckData, save_own_check
from servicedesk.inspections.plans import PlanData, save_plan
from servicedesk.inspections.runs import start_device, start_site
from servicedesk.notifications.models import (
    Channel,
    Delivery,
    InboundMail,
    NotificationEvent,
)
from servicedesk.organisations.service import add_department, save_organisation, save_site
from servicedesk.sla.policies import office_calendar, save_calendar
from servicedesk.sla.promises import PolicyData, save_policy
from servicedesk.staff.service import create_user, grant_role
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import NewTicket, comment, create_ticket
from tests.servicedesk.conftest import Queries
from tests.servicedesk.world import PASSWORD, SYSTEM, Browser, World

FEW, MANY = 3, 60
LISTS = (
    "/",
    "/tickets/?queue=all",
    "/tickets/new/fault",
    "/equipment/devices",
    "/equipment/devices/new",
    "/equipment/devices/1",
    "/equipment/devices/1/rest",
    "/equipment/devices/1/edit",
    "/equipment/devices/1/history",
    "/equipment/devices/1/as-of",
    "/equipment/rooms",
    "/equipment/rooms/1",
    "/equipment/racks/1",
    "/equipment/models",
    "/equipment/imports",
    "/equipment/contracts/",
    "/equipment/fields",
    "/equipment/devices/1/interfaces",
    "/equipment/topology/?site=1",
    "/equipment/topology/?site=1&map=power",
    "/equipment/credentials/",
    "/equipment/host-keys",
    "/accounts",
    "/accounts/new",
    "/accounts/1",
    "/organisations/",
    "/organisations/2",
    "/organisations/contracts/1",
    "/inspections/",
    "/inspections/findings",
    "/inspections/plans/",
    "/inspections/plans/new",
    "/inspections/levels/",
    "/inspections/own-checks/",
    "/inspections/coverage/",
    "/audit/",
    "/tickets/1",
    "/approvals/",
    "/approvals/stand-ins",
    "/approvals/definitions/",
    "/approvals/definitions/new",
    "/notifications/",
    "/notifications/preferences",
    "/notifications/deliveries",
    "/notifications/channels",
    "/notifications/rules",
    "/notifications/rules/2",
    "/notifications/inbound",
    "/service-levels/",
    "/service-levels/calendars/1",
    "/quality/",
    "/assignment/",
    "/assignment/teams/1",
    "/assignment/rules?try=1&client=2&category=fault&priority=3&site=&device=&subtype=",
    "/assignment/rules/new?client=2",
    "/duty/?team=1",
    "/duty/absences",
    "/tickets/hand-over",
)


def add(world: World, number: int) -> None:
    """One more of everything that lists show."""
    now, site, north = world.now, world.sites["north-1"], world.organisations["north"]
    made: dict[str, Any] = {"actor": SYSTEM, "now": now}
    with unit_of_work() as session:
        user, _password = create_user(
            SYSTEM,
            organisation=north,
            username=f"u{number:02}",
            display_name=f"U {number}",
            password=PASSWORD,
            now=now,
        )
        department = add_department(north, name=f"Department {number}", **made)
        client = save_organisation(None, kind="client", name=f"Client {number}", active=True, **made)
        room = Room(client_id=north.id, site_id=site.id, name=f"Room {number}", created_at=now)
        session.add_all([room, department])
        session.flush()
        session.add(Rack(client_id=north.id, room_id=room.id, name="A", created_at=now))
        user.department_id = department.id
        grant_role(user, Role.REQUESTER, **made)
        grant_role(user, Role.ENGINEER, site=site, **made)
        save_site(None, client=client, name="Main", address="", timezone="UTC", active=True, **made)
        credential = save_credential(
            None,
            client_id=north.id,
            name=f"c{number}",
            kind="ssh_password",
            username="u",
            secret={"password": "p"},
            keyring=runtime().keyring,
            **made,
        )
        session.flush()
        data = DeviceData(f"d{number}", site.id, responsible_id=user.id, room_id=room.id)
        device = save_device(None, data, **made)
        session.flush()
        access = save_access(device, protocol="ssh", port=22, credential=credential, **made)
        session.flush()
        note_host_key(access, f"ssh-ed25519 {number}", "SHA256:x", now=now)
        save_plan(None, PlanData(site.id, f"plan {number}"), **made)
        own = OwnCheckData(f"own {number}", "oid", "1.3.6.1.4.1.9.9")
        save_own_check(None, north.id, own, **made)
        level = LevelData("device", "cpu_used", "because", warning=50, device_id=device.id)
        save_level(None, north.id, level, **made)
        hours = office_calendar("UTC")
        calendar = save_calendar(None, hours, client_id=north.id, name=f"hours {number}", **made)
        save_policy(None, north.id, PolicyData(calendar.id, 60, site_id=site.id, priority=5), **made)
        run = start_device(device, **made)
        record = session.scalars(sa.select(InspectionRecord).where(InspectionRecord.run_id == run.id)).one()
        new = NewTicket(north.id, "fault", f"t{number}", device_id=device.id)
        ticket = create_ticket(new, actor=world.actor("rita"), now=now)
        event = session.scalars(sa.select(NotificationEvent).order_by(NotificationEvent.id.desc())).first()
        assert event is not None
        robot = Channel(client_id=north.id, kind="wecom", name=f"robot {number}", created_at=now)
        session.add(robot)
        session.flush()
        session.add(
            Delivery(
                event_id=event.id,
                kind="mail",
                recipient_id=user.id,
                channel_id=robot.id,
                client_id=north.id,
                target=f"user:{user.id}",
                state="failed",
                not_before=now,
                created_at=now,
            )
        )
        session.add(InboundMail(received_at=now, client_id=north.id, size_bytes=1, outcome="broken"))
        ticket.assignee_id = user.id
        give_work(world, user.id, number)
        session.add(
            Finding(
                client_id=north.id,
                site_id=site.id,
                device_id=device.id,
                check="cpu_used",
                outcome="warning",
                message={"template": "hot"},
                first_at=now,
                last_at=now,
                last_record_id=record.id,
                ticket_id=ticket.id,
            )
        )


def give_work(world: World, user_id: int, number: int) -> None:
    """Another team, rule, entry of the roster and absence; the first team has everybody."""
    made: dict[str, Any] = {"actor": SYSTEM, "now": world.now}
    north, session = world.organisations["north"].id, db.session
    data = TeamData(f"team {number}", members={user_id: ("network",)})
    team = save_team(None, north, data, **made)
    hours = (8 * 60, 12 * 60 + number)
    roster.add(team.id, [roster.Entry(user_id, *hours, weekday=number % 7)], **made)
    first = session.scalars(sa.select(Team).order_by(Team.id)).first()
    if first is not None and first.id != team.id:
        session.add(TeamMember(team_id=first.id, user_id=user_id, skills=["server"]))
        session.flush()
        roster.add(first.id, [roster.Entry(user_id, *hours, day=date(2031, 1, number % 28 + 1))], **made)
    # The conditions hold for no ticket that the others are given.
    save_rule(
        None, north, RuleData(f"rule {number}", "round_robin", category="change", team_id=team.id), **made
    )
    start, end = world.now - timedelta(days=30), world.now + timedelta(days=300)
    absences.record(user_id, None, start, end, **made)


def lengthen(world: World, first: int, last: int) -> None:
    """All lists, one ticket's timeline and one run, up to ``last`` rows."""
    for number in range(first, last + 1):
        add(world, number)
    with unit_of_work() as session:
        ticket = session.get_one(Ticket, 1)
        for number in range(first, last + 1):
            comment(ticket, f"comment {number}", internal=False, actor=SYSTEM, now=world.now)
        assert start_site(world.sites["north-1"], actor=SYSTEM, now=world.now).device_count == last


def test_lists_of_three_and_of_sixty_rows_take_the_same_queries(app: Flask, world: World) -> None:
    with unit_of_work():
        for role in Role:
            grant_role(world.users["admin"], role, actor=SYSTEM, now=world.now)
    browser = Browser(app, "admin")

    def count() -> dict[str, int]:
        found = {}
        newest = db.session.scalar(sa.select(sa.func.max(InspectionRun.id)))
        for path in (*LISTS, f"/inspections/{newest}"):
            with Queries() as counted:
                answer = browser.get(path)
            assert answer.status_code == 200, path
            found["/inspections/newest" if path.endswith(f"/{newest}") else path] = counted.count
        return found

    lengthen(world, 1, FEW)
    few = count()
    lengthen(world, FEW + 1, MANY)
    many = count()
    assert {path: (few[path], many[path]) for path in few if few[path] != many[path]} == {}
    assert max(many.values()) <= 30, many
