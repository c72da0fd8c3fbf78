"""Bell, list, preferences; log, channels and rules for those who manage them."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.runtime import runtime
from servicedesk.notifications import preferences, rules
from servicedesk.notifications.models import Channel, Choice, Delivery, Notification, RuleOverride
from servicedesk.tickets.models import Watcher
from tests.servicedesk.conftest import Queries
from tests.servicedesk.notifications.telling import (
    addresses_for,
    channel,
    deliveries,
    move,
    told,
    write,
)
from tests.servicedesk.world import Browser, World, fresh

SMTP = {
    "kind": "smtp",
    "name": "Mail",
    "active": "y",
    "host": "mail.example.com",
    "port": "587",
    "security": "starttls",
    "username": "desk",
    "password": "very-secret-1",
    "sender": "desk@example.com",
    "unknown": "refuse",
    "client_id": "",
    "locale": "",
}
ROBOT = {
    "kind": "dingtalk",
    "name": "Room",
    "active": "y",
    "security": "tls",
    "unknown": "refuse",
    "client_id": "",
    "locale": "",
    "url": "https://oapi.dingtalk.com/robot/send?access_token=hidden-token",
    "key": "SECabcdef",
    "groups": ["new", "deadlines"],
}


def unread(app: Flask, who: str) -> str:
    return Browser(app, who).get("/").text


def test_the_bell_counts_and_opening_one_leads_to_the_ticket(app: Flask, world: World) -> None:
    ticket = world.ticket("rita")
    write(world, ticket, "emma", "Hello.")
    browser = Browser(app, "rita")
    assert "Notifications: 1 unread" in browser.get("/").text
    assert "Emma wrote in" in browser.get("/notifications/?show=unread").text
    number = db.session.scalar(
        sa.select(Notification.id).where(Notification.recipient_id == world.users["rita"].id)
    )
    answer = browser.get(f"/notifications/{number}")
    assert (answer.status_code, answer.location) == (302, f"/tickets/{ticket.id}")
    assert "Notifications: 0 unread" in browser.get("/").text
    assert "Nothing unread" in browser.get("/notifications/?show=unread").text


def test_mark_all_read_is_about_ones_own_alone(app: Flask, world: World) -> None:
    world.ticket("rita")
    assert Browser(app, "emma").post("/notifications/read").status_code == 302
    fresh()
    assert "Notifications: 0 unread" in unread(app, "emma")
    assert "Notifications: 1 unread" in unread(app, "sam")


def test_a_notification_of_somebody_else_does_not_exist(app: Flask, world: World) -> None:
    world.ticket("rita")
    row = db.session.scalars(
        sa.select(Notification).where(Notification.recipient_id == world.users["sam"].id)
    ).one()
    assert Browser(app, "emma").get(f"/notifications/{row.id}").status_code == 404
    assert db.session.get_one(Notification, row.id).read_at is None


def test_what_was_told_before_the_contract_ended_is_out_of_sight(app: Flask, world: World) -> None:
    ticket = world.ticket("rita")
    assert ticket.number in Browser(app, "sam").get("/notifications/").text
    with unit_of_work():
        assert world.contract is not None
        world.contract.ends_on = date(2026, 1, 2)
    page = Browser(app, "sam").get("/notifications/").text
    assert ticket.number not in page
    assert "Notifications: 0 unread" in page


def test_the_bell_costs_one_query_however_much_is_unread(app: Flask, world: World) -> None:
    browser = Browser(app, "sam")
    counts = []
    for _round in range(2):
        for _ in range(30):
            world.ticket("rita")
        for path in ("/notifications/", "/equipment/devices"):
            with Queries() as counted:
                assert browser.get(path).status_code == 200
            counts.append((path, counted.count))
    assert counts[:2] == counts[2:]
    with Queries() as counted:
        browser.get("/equipment/devices")
    assert sum("FROM notifications" in text for text in counted.statements) == 1


def test_more_than_ninety_nine_is_ninety_nine_and_more(app: Flask, world: World) -> None:
    for _ in range(101):
        world.ticket("rita")
    assert "99+" in unread(app, "sam")


def test_preferences_are_kept_and_hold(app: Flask, world: World) -> None:
    browser = Browser(app, "rita")
    page = browser.get("/notifications/preferences").text
    assert "Mentions" in page
    answer = browser.post(
        "/notifications/preferences",
        quiet_from="22:00",
        quiet_to="07:00",
        digest_at="18:00",
        timezone="Asia/Shanghai",
        mode_comments_in_app="never",
        mode_comments_mail="digest",
    )
    assert answer.status_code == 302
    fresh()
    assert preferences.preference_of(world.users["rita"].id).quiet_from == "22:00"
    ticket = world.ticket("rita")
    write(world, ticket, "emma", "Hello.")
    assert told("ticket.comment", world) == set()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"quiet_from": "25:00", "quiet_to": "07:00"}, "Write a time of day"),
        ({"quiet_from": "22:00"}, "a beginning and an end"),
        ({"digest_at": "noon"}, "Write a time of day"),
        ({"timezone": "../../etc/passwd"}, "time zone is not known"),
        ({"timezone": "x" * 65}, "64"),
        ({"mode_comments_mail": "<script>"}, "Choose one of the list"),
        ({"mode_comments_in_app": "digest"}, "Choose one of the list"),
    ],
)
def test_broken_preferences_change_nothing(
    app: Flask, world: World, fields: dict[str, str], words: str
) -> None:
    answer = Browser(app, "rita").post("/notifications/preferences", **{"digest_at": "08:30", **fields})
    assert answer.status_code == 422
    assert words in answer.text
    assert "<script>" not in answer.text
    fresh()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Choice)) == 0


def test_watching_brings_news_until_it_ends(app: Flask, world: World) -> None:
    ticket = world.ticket("rita")
    browser = Browser(app, "carl")
    assert "Watch" in browser.get(f"/tickets/{ticket.id}").text
    for _ in range(2):
        assert browser.post(f"/tickets/{ticket.id}/watch", on="1").status_code == 302
    assert "Stop watching" in browser.get(f"/tickets/{ticket.id}").text
    move(world, ticket, "start", "emma")
    assert told("ticket.moved", world) == {"rita", "carl"}
    browser.post(f"/tickets/{ticket.id}/watch", on="")
    fresh()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Watcher)) == 0


def test_what_one_may_not_see_one_cannot_watch(app: Flask, world: World) -> None:
    ticket = world.ticket("rita")
    assert Browser(app, "rolf").post(f"/tickets/{ticket.id}/watch", on="1").status_code == 404


MANAGED = ("deliveries", "channels", "channels/new", "rules", "inbound")


@pytest.mark.parametrize("path", MANAGED)
def test_only_managers_see_how_messages_go(app: Flask, world: World, path: str) -> None:
    channel(world)
    for who in ("rita", "emma", "sam", "carl"):
        assert Browser(app, who).get(f"/notifications/{path}").status_code == 404
    assert Browser(app, "admin").get(f"/notifications/{path}").status_code == 200


def test_a_channel_is_written_and_never_read_back(app: Flask, world: World) -> None:
    browser = Browser(app, "admin")
    answer = browser.post("/notifications/channels/new", **SMTP)
    assert answer.status_code == 302, answer.text
    page = browser.get(answer.location)
    assert "very-secret-1" not in page.text
    assert "mail.example.com" in page.text
    fresh()
    made = db.session.scalars(sa.select(Channel)).one()
    assert "very-secret-1" not in made.secret
    assert runtime().keyring.decrypt(made.secret) == {"password": "very-secret-1"}
    # Without the secret it stays; with another server it must be written again.
    kept = {**SMTP, "password": "", "name": "Renamed"}
    assert browser.post(f"/notifications/channels/{made.id}", **kept).status_code == 302
    stolen = browser.post(f"/notifications/channels/{made.id}", **{**kept, "host": "evil.example.com"})
    assert stolen.status_code == 422
    assert "Write the password again" in stolen.text
    assert "very-secret-1" not in browser.get("/audit/").text


def test_the_address_of_a_robot_is_a_secret_too(app: Flask, world: World) -> None:
    browser = Browser(app, "admin")
    answer = browser.post("/notifications/channels/new", **ROBOT)
    assert answer.status_code == 302, answer.text
    for path in (answer.location, "/notifications/channels", "/audit/"):
        page = browser.get(path).text
        assert "hidden-token" not in page
        assert "SECabcdef" not in page
    assert "oapi.dingtalk.com" in browser.get("/notifications/channels").text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({**SMTP, "host": "bad host"}, "name or address of the server"),
        ({**SMTP, "port": "0"}, "1"),
        ({**SMTP, "sender": "x\r\nBcc: y@z"}, "no mail address"),
        ({**SMTP, "sender": "nobody"}, "no mail address"),
        ({**SMTP, "password": ""}, "Write the password of this user name"),
        ({**SMTP, "security": "plain"}, "never travels unencrypted"),
        ({**SMTP, "ca": "not a certificate"}, "This is no certificate"),
        ({**SMTP, "kind": "fax"}, "Not a valid choice"),
        ({**ROBOT, "url": "http://10.0.0.1/x"}, "begin with https"),
        ({**ROBOT, "url": "javascript:alert(1)"}, "not a web address"),
        ({**ROBOT, "groups": []}, "at least one group"),
        ({**ROBOT, "kind": "webhook", "key": "short"}, "at least 16 characters"),
        ({**SMTP, "kind": "mail_in", "unknown": "create"}, "name the client and the mail domains"),
        ({**SMTP, "kind": "mail_in", "domains": "a..b"}, "is no mail domain"),
        ({**SMTP, "kind": "mail_in", "folder": 'a"b'}, "cannot contain quotes"),
    ],
)
def test_settings_that_cannot_work_are_refused(
    app: Flask, world: World, fields: dict[str, object], words: str
) -> None:
    answer = Browser(app, "admin").post("/notifications/channels/new", **fields)
    assert answer.status_code == 422
    assert words in answer.text
    fresh()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Channel)) == 0


def test_a_test_is_queued_and_its_outcome_is_asked_for(app: Flask, world: World) -> None:
    addresses_for(world)
    made = channel(world)
    browser = Browser(app, "admin")
    browser.post(f"/notifications/channels/{made.id}/test")
    (delivery,) = deliveries(purpose="test")
    assert delivery.recipient_id == world.users["admin"].id
    part = browser.get(f"/notifications/channels/{made.id}/test").text
    assert "hx-get" in part
    with unit_of_work():
        delivery.state, delivery.error = "failed", "The mail server cannot be reached."
    part = browser.get(f"/notifications/channels/{made.id}/test").text
    assert "The mail server cannot be reached." in part
    assert "hx-get" not in part


def test_trouble_is_first_in_the_log_and_can_be_sent_again(app: Flask, world: World) -> None:
    addresses_for(world)
    channel(world)
    first = world.ticket("rita")
    move(world, first, "start", "emma")
    second = world.ticket("rita")
    move(world, second, "start", "emma")
    (lost, *_rest) = deliveries(kind="mail", recipient_id=world.users["rita"].id)
    with unit_of_work():
        lost.state, lost.rank = "uncertain", 1
    browser = Browser(app, "admin")
    page = browser.get("/notifications/deliveries").text
    assert page.index(first.number) < page.index(second.number)
    assert "Send again" in page
    assert "Printer jams" not in page, "an administrator of the system reads no tickets"
    browser.post(f"/notifications/deliveries/{lost.id}/again")
    assert deliveries(id=lost.id)[0].state == "waiting"
    assert browser.get("/notifications/deliveries?show=trouble&q=rita&kind=mail").status_code == 200
    assert second.number in browser.get(f"/notifications/deliveries?q={second.number}").text
    assert first.number not in browser.get(f"/notifications/deliveries?q={second.number}").text


def test_rules_of_a_client_are_kept_as_differences(app: Flask, world: World) -> None:
    north = world.organisations["north"].id
    browser = Browser(app, "admin")
    assert "Ticket registered" in browser.get(f"/notifications/rules/{north}").text
    chosen = set(rules.DEFAULTS) - {("ticket.created", "worker", "in_app")}
    answer = browser.post(f"/notifications/rules/{north}", rule=["|".join(rule) for rule in sorted(chosen)])
    assert answer.status_code == 302
    fresh()
    row = db.session.scalars(sa.select(RuleOverride)).one()
    assert (row.event, row.part, row.channel, row.enabled) == ("ticket.created", "worker", "in_app", False)
    for broken in (["x|y|z"], ["ticket.created|room|mail"]):
        assert browser.post(f"/notifications/rules/{north}", rule=broken).status_code == 422
    assert browser.post(f"/notifications/rules/{world.organisations['service'].id}").status_code == 404


def test_a_channel_out_of_use_forgets_its_secret(app: Flask, world: World) -> None:
    made = channel(world, secret={"password": "x"})
    browser = Browser(app, "admin")
    assert browser.post(f"/notifications/channels/{made.id}/remove").status_code == 302
    fresh()
    found = db.session.get_one(Channel, made.id)
    assert (found.active, found.secret) == (False, "")
    world.ticket("rita")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Delivery)) == 0
