"""Quiet hours and digests: in the reader's own time, over midnight and over a change of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from servicedesk.core.db import unit_of_work
from servicedesk.notifications.timing import next_digest, quiet_until, time_of_day, zone_named
from tests.servicedesk.notifications.telling import (
    addresses_for,
    channel,
    choose,
    deliveries,
    move,
    prefer,
    write,
)
from tests.servicedesk.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-24 21:59:59", None),
        ("2026-11-24 22:00", "2026-11-25 07:00"),
        ("2026-11-25 00:00", "2026-11-25 07:00"),
        ("2026-11-25 06:59", "2026-11-25 07:00"),
        ("2026-11-25 07:00", None),
    ],
)
def test_a_night_spans_midnight(now: str, until: str | None) -> None:
    assert quiet_until(at(now), SHANGHAI, "22:00", "07:00") == (at(until) if until else None)


def test_a_rest_at_noon_lies_within_a_day() -> None:
    assert quiet_until(at("2026-11-24 12:30"), SHANGHAI, "12:00", "14:00") == at("2026-11-24 14:00")
    assert quiet_until(at("2026-11-24 14:00"), SHANGHAI, "12:00", "14:00") is None


@pytest.mark.parametrize(("begin", "end"), [("", "07:00"), ("22:00", ""), ("7:00", "9"), ("08:00", "08:00")])
def test_missing_equal_or_broken_times_mean_no_quiet_hours(begin: str, end: str) -> None:
    assert quiet_until(at("2026-11-24 03:00"), SHANGHAI, begin, end) is None


def test_the_night_the_clocks_go_forward_ends_by_the_wall_clock() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    begin = at("2027-03-27 23:00", berlin)
    assert quiet_until(begin, berlin, "22:00", "07:00") == at("2027-03-28 07:00", berlin)
    assert (at("2027-03-28 07:00", berlin) - begin).total_seconds() == 7 * 3600


def test_the_digest_comes_at_the_next_time_strictly_after_now() -> None:
    assert next_digest(at("2026-11-24 08:29"), SHANGHAI, "08:30") == at("2026-11-24 08:30")
    assert next_digest(at("2026-11-24 08:30"), SHANGHAI, "08:30") == at("2026-11-25 08:30")
    assert next_digest(at("2026-11-24 08:30"), SHANGHAI, "nonsense") == at("2026-11-25 08:30")


@pytest.mark.parametrize("text", ["", "24:00", "8:30", "08:60", "08:30 ", "٠٨:٣٠", "08:30\n"])
def test_only_hours_and_minutes_are_a_time_of_day(text: str) -> None:
    assert time_of_day(text) is None


def test_an_unknown_time_zone_gives_way_to_the_next() -> None:
    assert zone_named("", "Mars/Olympus", "../../etc/passwd", "Asia/Shanghai") == SHANGHAI
    assert zone_named("x") == ZoneInfo("UTC")


def test_a_mail_waits_for_the_end_of_the_night_and_the_bell_does_not(world: World) -> None:
    addresses_for(world)
    channel(world)
    prefer(world.users["rita"], quiet_from="22:00", quiet_to="07:00")
    ticket = world.ticket("rita", site_id=world.sites["north-1"].id)
    move(world, ticket, "start", "emma", at("2026-11-24 23:00"))
    (mail,) = [row for row in deliveries() if row.recipient_id == world.users["rita"].id]
    assert mail.state == "waiting"
    assert mail.not_before == at("2026-11-25 07:00")


def test_the_persons_own_time_zone_wins_over_the_sites(world: World) -> None:
    addresses_for(world)
    channel(world)
    prefer(world.users["rita"], quiet_from="22:00", quiet_to="07:00", timezone="Europe/London")
    ticket = world.ticket("rita", site_id=world.sites["north-1"].id)
    move(world, ticket, "start", "emma", at("2026-11-24 23:00"))  # three in the afternoon in London
    (mail,) = [row for row in deliveries() if row.recipient_id == world.users["rita"].id]
    assert mail.not_before == at("2026-11-24 23:00")


def test_a_critical_ticket_wakes_people_and_skips_the_digest(world: World) -> None:
    addresses_for(world)
    channel(world)
    for name in ("rita", "sam"):
        prefer(world.users[name], quiet_from="00:00", quiet_to="23:59")
    choose(world.users["sam"], "new", "mail", "digest")
    ticket = world.ticket("rita", impact=1, urgency=1)
    assert ticket.priority == 1
    move(world, ticket, "start", "emma")
    assert all(row.not_before == world.now and row.state == "waiting" for row in deliveries())


def test_what_is_wanted_in_the_digest_is_collected_until_its_time(world: World) -> None:
    addresses_for(world)
    channel(world)
    prefer(world.users["rita"], digest_at="18:00")
    choose(world.users["rita"], "comments", "mail", "digest")
    ticket = world.ticket("rita", site_id=world.sites["north-1"].id)
    write(world, ticket, "emma", "Hello.")
    (mail,) = [row for row in deliveries() if row.recipient_id == world.users["rita"].id]
    assert (mail.state, mail.not_before) == ("collected", at("2026-11-24 18:00"))


def test_who_chose_nothing_gets_new_tickets_of_the_place_in_a_digest(world: World) -> None:
    addresses_for(world)
    channel(world)
    with unit_of_work():
        world.users["sue"].email = ""
    world.ticket("rita")
    assert {(row.recipient_id, row.state) for row in deliveries()} == {(world.users["sam"].id, "collected")}
