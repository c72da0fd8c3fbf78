"""Who is told: by the rules, by what they may see, never twice and never themselves."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.permissions import Role
from servicedesk.notifications import rules, service
from servicedesk.notifications.events import Event, Subject
from servicedesk.notifications.models import Delivery, Notification, NotificationEvent, RuleOverride
from servicedesk.notifications.service import notify
from servicedesk.staff.service import create_user, grant_role
from servicedesk.tickets import jobs as ticket_jobs
from servicedesk.tickets.models import Watcher
from tests.servicedesk.conftest import Queries
from tests.servicedesk.notifications.telling import (
    addresses_for,
    channel,
    choose,
    deliveries,
    mailed,
    move,
    told,
    write,
)
from tests.servicedesk.world import PASSWORD, SYSTEM, World

EVERYBODY_OF_NORTH = {"emma", "erik", "sam", "sue"}


def test_a_new_ticket_is_told_to_those_who_work_there(any_world: World) -> None:
    any_world.ticket("rita", site_id=any_world.sites["north-1"].id)
    assert told("ticket.created", any_world) == EVERYBODY_OF_NORTH


def test_staff_of_one_client_never_hear_of_another(any_world: World) -> None:
    ticket = any_world.ticket("rolf")
    write(any_world, ticket, "rolf", "who can help? @emma @rita @sue @stan")
    assert told("ticket.created", any_world) == {"stan"}
    assert told("ticket.mentioned", any_world) == {"stan"}
    assert told("ticket.comment", any_world) == set()


def test_an_engineer_of_one_site_hears_nothing_of_the_next_site(world: World) -> None:
    world.ticket("rita", site_id=world.sites["north-2"].id)
    assert told("ticket.created", world) == EVERYBODY_OF_NORTH - {"erik"}


def test_nobody_hears_of_a_client_whose_contract_has_ended(world: World) -> None:
    with unit_of_work():
        assert world.contract is not None
        world.contract.ends_on = date(2026, 11, 23)
    world.ticket("rita")
    assert told("ticket.created", world) == set()


def test_a_closed_account_is_not_told(world: World) -> None:
    with unit_of_work():
        world.users["sam"].active = False
    world.ticket("rita")
    assert "sam" not in told("ticket.created", world)


def test_whoever_does_it_is_not_told_of_it(world: World) -> None:
    ticket = world.ticket("rita")
    move(world, ticket, "start", "emma")
    write(world, ticket, "emma", "I am on my way.")
    assert told("ticket.moved", world) == {"rita"}
    assert told("ticket.comment", world) == {"rita"}
    write(world, ticket, "rita", "Thank you.")
    assert told("ticket.comment", world) == {"rita", "emma"}


def test_an_internal_note_reaches_those_alone_who_work_on_the_ticket(any_world: World) -> None:
    ticket = any_world.ticket("rita")
    move(any_world, ticket, "start", "emma")
    with unit_of_work() as session:
        for name in ("dora", "sam", "carl"):
            session.add(Watcher(ticket_id=ticket.id, user_id=any_world.users[name].id, since=any_world.now))
    write(any_world, ticket, "sue", "The customer is difficult. @rita @dora @carl @sam", internal=True)
    assert told("ticket.mentioned", any_world) == {"sam"}
    assert told("ticket.comment", any_world) == {"emma"}


def test_a_mention_reaches_whoever_may_see_the_ticket_and_is_one_message(world: World) -> None:
    addresses_for(world)
    channel(world)
    ticket = world.ticket("rita")
    move(world, ticket, "start", "emma")
    write(world, ticket, "sue", "@Emma, please ask @carl. And mail to x@rita.example @nobody @rolf @dora")
    assert told("ticket.mentioned", world) == {"emma", "carl"}
    assert told("ticket.comment", world) == {"rita"}
    assert mailed("ticket.mentioned", world) == {"emma", "carl"}


def test_a_text_of_a_thousand_mentions_asks_the_database_once(world: World) -> None:
    ticket = world.ticket("rita")
    many = " ".join(f"@user{number}" for number in range(1000))
    write(world, ticket, "emma", f"{many} @sue")
    assert told("ticket.mentioned", world) == set()


def test_assignment_is_told_to_the_new_one_and_the_former_one(world: World) -> None:
    ticket = world.ticket("rita", site_id=world.sites["north-1"].id)
    move(world, ticket, "assign", "sam", assignee_id=world.users["emma"].id)
    assert told("ticket.assigned", world) == {"emma", "rita"}
    move(world, ticket, "start", "emma")
    move(world, ticket, "hand_over", "sam", assignee_id=world.users["erik"].id)
    assert told("ticket.assigned", world) == {"emma", "rita", "erik"}


def test_taking_a_ticket_oneself_is_progress_not_assignment(world: World) -> None:
    ticket = world.ticket("rita")
    move(world, ticket, "start", "emma")
    assert told("ticket.assigned", world) == set()
    assert told("ticket.moved", world) == {"rita"}


DATA = {"purpose": "audit", "scope": "invoices", "sensitivity": "internal", "recipient": "finance"}


def test_approval_is_asked_of_those_who_may_give_it(any_world: World) -> None:
    ticket = any_world.ticket("rita", "data_request", details=DATA)
    assert ticket.state == "awaiting_approval"
    assert told("approval.asked", any_world) == {"dora"}
    any_world.decide(ticket, "dora")
    assert told("ticket.moved", any_world) == {"rita"}


def test_nobody_is_asked_to_approve_what_they_asked_for_themselves(world: World) -> None:
    world.ticket("dora", "data_request", details=DATA)
    assert "dora" not in told("approval.asked", world)


def test_the_same_event_again_adds_only_what_is_missing(any_world: World) -> None:
    addresses_for(any_world)
    channel(any_world)
    ticket = any_world.ticket("rita")

    def tell() -> None:
        subject = Subject("ticket", ticket.id, ticket.number, ticket.title, "/x", ticket.client_id)
        people = {"assignee": [any_world.users["emma"].id]}
        with unit_of_work():
            event = Event("ticket.assigned", "once", subject, "%(number)s", {"number": "x"}, people)
            notify(event, actor=SYSTEM, now=any_world.now)

    tell()
    tell()
    assert told("ticket.assigned", any_world) == {"emma"}
    assert len([row for row in deliveries(kind="mail") if row.event and row.event.key == "once"]) == 1
    with unit_of_work() as session:
        session.execute(sa.delete(Notification))
    tell()
    assert told("ticket.assigned", any_world) == {"emma"}


def test_marks_of_a_clock_are_told_once_by_their_weight(world: World) -> None:
    ticket = world.ticket("rita", site_id=world.sites["north-1"].id)
    move(world, ticket, "assign", "sam", assignee_id=world.users["emma"].id)
    with unit_of_work() as session:
        session.execute(sa.text("UPDATE sla_clocks SET check_at = '2020-01-01', due_at = '2020-01-01'"))
        session.execute(
            sa.text("UPDATE sla_intervals SET from_at = '2020-01-01 00:00:00.000000' WHERE to_at IS NULL")
        )
    assert ticket_jobs.check_clocks() > 0
    assert told("ticket.sla_missed", world) == {"emma", "sam", "sue"}
    count = db.session.scalar(sa.select(sa.func.count()).select_from(Notification))
    ticket_jobs.check_clocks()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Notification)) == count


def test_a_client_switches_rules_off_and_on_for_itself_alone(world: World) -> None:
    north = world.organisations["north"].id
    with unit_of_work() as session:
        for part, enabled in (("worker", False), ("supervisor", False), ("requester", True)):
            session.add(
                RuleOverride(
                    client_id=north, event="ticket.created", part=part, channel=rules.IN_APP, enabled=enabled
                )
            )
    world.ticket("rita")
    world.ticket("rolf")
    assert told("ticket.created", world) == {"stan"}


def test_every_rule_names_an_event_a_part_and_a_channel_we_know() -> None:
    for event, part, channel_name in rules.DEFAULTS:
        assert event in rules.EVENTS
        assert part in rules.PART_LABELS
        assert channel_name in rules.CHANNELS
        assert rules.fits(part, channel_name)
        assert part in rules.PARTS_OF[event]
    assert {group for group, _label in rules.EVENTS.values()} == set(rules.GROUPS)


def test_choices_of_a_person_win_over_the_rules(world: World) -> None:
    addresses_for(world)
    channel(world)
    choose(world.users["rita"], "comments", "mail", "never")
    choose(world.users["rita"], "comments", "in_app", "now")
    choose(world.users["rita"], "progress", "in_app", "never")
    ticket = world.ticket("rita")
    move(world, ticket, "start", "emma")
    write(world, ticket, "emma", "Hello.")
    assert told("ticket.comment", world) == {"rita"}
    assert mailed("ticket.comment", world) == set()
    assert told("ticket.moved", world) == set()
    assert mailed("ticket.moved", world) == {"rita"}


def test_without_a_mail_server_or_an_address_no_mail_is_written(world: World) -> None:
    world.ticket("rita")
    assert deliveries() == []
    channel(world)
    world.ticket("rita")
    assert deliveries() == []
    addresses_for(world)
    world.ticket("rita")
    assert {row.kind for row in deliveries()} == {"mail"}


def test_rooms_hear_of_their_client_alone_and_of_nothing_internal(world: World) -> None:
    north = channel(world, "wecom", "north", groups=["new", "mentions"])
    channel(world, "feishu", "south", groups=["new"])
    channel(world, "dingtalk", "north", groups=["deadlines"])
    with unit_of_work() as session:
        client_id = world.organisations["north"].id
        session.add(
            RuleOverride(
                client_id=client_id, event="ticket.mentioned", part="room", channel="room", enabled=True
            )
        )
    ticket = world.ticket("rita")
    assert [row.channel_id for row in deliveries()] == [north.id]
    write(world, ticket, "emma", "@sue secret", internal=True)
    assert [row.channel_id for row in deliveries()] == [north.id]
    write(world, ticket, "emma", "@sue open")
    assert [row.channel_id for row in deliveries()] == [north.id, north.id]


def test_telling_fifty_people_takes_as_many_queries_as_telling_five(
    app: Flask, world: World, queries: Queries
) -> None:
    world.ticket("rita")
    with queries:
        world.ticket("rita")
    with unit_of_work():
        for number in range(45):
            user, _password = create_user(
                SYSTEM,
                organisation=world.organisations["service"],
                username=f"more{number:02}",
                display_name=f"More {number}",
                password=PASSWORD,
                now=world.now,
            )
            db.session.flush()
            grant_role(user, Role.ENGINEER, actor=SYSTEM, now=world.now)
    with Queries() as many:
        world.ticket("rita")
    assert len(told_rows()) >= 45
    assert many.count <= queries.count + 1


def told_rows() -> list[Notification]:
    newest = db.session.scalar(sa.select(sa.func.max(NotificationEvent.id)))
    return list(db.session.scalars(sa.select(Notification).where(Notification.event_id == newest)))


def test_read_notifications_are_forgotten_after_their_time_unread_ones_never(world: World) -> None:
    world.ticket("rita")
    with unit_of_work() as session:
        first = session.scalars(sa.select(Notification).order_by(Notification.id)).first()
        assert first is not None
        first.read_at = world.now
    before = db.session.scalar(sa.select(sa.func.count()).select_from(Notification)) or 0
    with unit_of_work():
        assert service.forget_old(world.now + timedelta(days=91), keep=timedelta(days=90)) == 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Notification)) == before - 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 0
