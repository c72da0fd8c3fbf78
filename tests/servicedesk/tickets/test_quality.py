"""Service quality: figures of a period, who sees which, the lists behind them, files, ratings afterwards."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from openpyxl import load_workbook

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, InvalidError, NotAllowedError
from servicedesk.core.sheets import safe_cell
from servicedesk.tickets import quality
from servicedesk.tickets.models import ListEntry, Ticket, TimelineEntry
from servicedesk.tickets.periods import parse_period
from servicedesk.tickets.rating import rate
from tests.servicedesk.conftest import Queries
from tests.servicedesk.sla.test_clocks import hours, move
from tests.servicedesk.world import Browser, World, fresh

NOVEMBER = quality.Chosen(datetime(2026, 10, 31, 16, tzinfo=UTC), datetime(2026, 11, 30, 16, tzinfo=UTC))


def finished(
    world: World, after: float = 2, rating: int = 5, who: str = "emma", words: str = "", **values: object
) -> Ticket:
    """A fault begun half an hour after its report and resolved so many hours after it."""
    ticket = world.ticket(**values)  # type: ignore[arg-type]
    move(world, ticket, "start", who, hours(0.5))
    move(world, ticket, "resolve", who, hours(after))
    move(world, ticket, "confirm", "rita", hours(after + 0.5), rating=rating, rating_comment=words)
    return ticket


def by(world: World, who: str, of: str = "category") -> dict[object, quality.Row]:
    fresh()
    return {row.key: row for row in quality.figures(world.actor(who), NOVEMBER, of)}


def test_figures_of_a_month(any_world: World) -> None:
    finished(any_world, 1, rating=5)
    finished(any_world, 2, rating=2, words="too slow")
    finished(any_world, 5, impact=1, urgency=1)  # an hour late
    any_world.ticket()
    row = by(any_world, "sam")["fault"]
    assert (row.created, row.resolved, row.closed, row.rated, row.stars) == (4, 3, 3, 3, 4)
    assert (row.clocks["response"], row.clocks["restore"]) == ((3, 2), (3, 2))  # 15 minutes are P1's response
    assert row.medians == {"response": 1800, "restore": 7200}
    assert row.reopened_share == 0
    fresh()
    assert [c.rating_comment for c in quality.comments(any_world.actor("sam"), NOVEMBER)] == ["too slow"]
    causes = quality.listed(any_world.actor("sam"), NOVEMBER, Ticket.cause_id)
    assert [(isinstance(row.ListEntry, ListEntry), row.count) for row in causes] == [(True, 3)]


def test_a_median_of_two_lies_between_them(any_world: World) -> None:
    finished(any_world, 1)
    finished(any_world, 2)
    assert by(any_world, "sam")["fault"].medians["restore"] == 5400


def test_engineers_see_their_own_and_supervisors_those_of_their_scope(any_world: World) -> None:
    finished(any_world, who="emma")
    finished(any_world, who="sue")
    emma, sue = (any_world.users[name].id for name in ("emma", "sue"))
    assert set(by(any_world, "emma", "engineer")) == {emma}
    assert set(by(any_world, "sam", "engineer")) == {emma, sue}
    assert by(any_world, "stan", "engineer") == {}


def test_another_period_counts_nothing(world: World) -> None:
    finished(world)
    december = quality.Chosen(NOVEMBER.end, NOVEMBER.end + timedelta(days=31))
    assert quality.figures(world.actor("sam"), december, "category") == []


@pytest.mark.parametrize(
    ("text", "expected", "after"),
    [
        ("2026-12", "2026-12", "2027-01"),
        ("2026-Q4", "2026-Q4", "2027-Q1"),
        ("2026-H1", "2026-H1", "2026-H2"),
        ("2026", "2026", "2027"),
        ("2026-13", "2026-11", "2026-12"),
        ("9999", "2026-11", "2026-12"),
        ("<script>", "2026-11", "2026-12"),
        ("", "2026-11", "2026-12"),
    ],
)
def test_periods_of_an_address(text: str, expected: str, after: str) -> None:
    period = parse_period(text, date(2026, 11, 24))
    assert (period.text, period.moved(1).text, period.moved(1).moved(-1)) == (expected, after, period)


def test_the_page_links_to_the_tickets_behind_its_figures(app: Flask, world: World) -> None:
    late, fine = finished(world, 5, impact=1, urgency=1), finished(world, 1, words="<script>good")
    sam = Browser(app, "sam")
    page = sam.get("/quality/?period=2026-11").text
    assert "of=late_restore" in page
    assert "<script>good" not in page
    found = sam.get("/tickets/?queue=all&of=late_restore&period=2026-11").text
    assert late.number in found
    assert fine.number not in found
    other = sam.get("/tickets/?queue=all&of=late_restore&period=2026-10").text
    assert late.number not in other
    for who, expected in (("emma", 200), ("stan", 200), ("rita", 404)):
        browser = Browser(app, who)
        assert browser.get("/quality/?period=2026-11").status_code == expected, who
        assert browser.get("/quality/export.csv").status_code == expected, who
    assert "North" not in Browser(app, "stan").get("/quality/?period=2026-11").text


def test_a_cause_links_to_its_faults(app: Flask, world: World) -> None:
    first, other = finished(world, 1), finished(world, 1)
    with unit_of_work() as session:
        causes = session.query(ListEntry).filter_by(list_name="cause").order_by("id").limit(2).all()
        session.merge(first).cause_id, session.merge(other).cause_id = causes[0].id, causes[1].id
        numbers = [cause.id for cause in causes]
    sam = Browser(app, "sam")
    assert f"of=cause&amp;entry={numbers[0]}" in sam.get("/quality/?period=2026-11").text
    for entry, seen in ((numbers[0], (True, False)), (numbers[1], (False, True)), ("x", (False, False))):
        found = sam.get(f"/tickets/?queue=all&of=cause&entry={entry}&period=2026-11").text
        assert (first.number in found, other.number in found) == seen


def test_the_page_takes_as_many_queries_for_many_tickets(app: Flask, world: World) -> None:
    sam = Browser(app, "sam")
    finished(world)
    sam.get("/quality/?period=2026-11")
    with Queries() as few:
        sam.get("/quality/?period=2026-11")
    for _ in range(5):
        finished(world, words="x")
    with Queries() as many:
        sam.get("/quality/?period=2026-11")
    assert many.count == few.count


def test_the_queue_as_a_file_holds_what_its_filters_show_and_no_formula(app: Flask, world: World) -> None:
    evil = world.ticket()
    with unit_of_work():
        evil.title = '=HYPERLINK("http://x")'
    change = world.ticket(category="general")
    sam = Browser(app, "sam")
    answer = sam.get("/tickets/export.csv?queue=open&category=fault")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [evil.number]
    assert rows[1][2] == '\'=HYPERLINK("http://x")'
    book = load_workbook(io.BytesIO(sam.get("/tickets/export.xlsx?queue=all").data))
    cells = [[cell.value for cell in row] for row in book.active.rows]  # type: ignore[union-attr]
    assert {row[0] for row in cells[1:]} == {evil.number, change.number}
    assert not any(str(value).startswith("=") for row in cells for value in row)
    figures = load_workbook(io.BytesIO(sam.get("/quality/export.xlsx?period=2026-11").data))
    assert figures.active is not None
    assert sam.get("/tickets/export.exe").status_code == 404
    assert evil.number not in Browser(app, "stan").get("/tickets/export.csv?queue=all").text
    rolf = Browser(app, "rolf").get("/tickets/export.csv?queue=all")
    assert rolf.status_code == 200
    assert evil.number not in rolf.text


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", "\n=1"])
def test_a_cell_that_a_spreadsheet_would_carry_out_is_text(text: str) -> None:
    assert str(safe_cell(text)).startswith("'")


def test_plain_cells_stay_as_they_are() -> None:
    assert [safe_cell(value) for value in (None, 5, -1.5, "a=b", "x\x00y")] == ["", 5, -1.5, "a=b", "xy"]


def test_the_requester_corrects_a_rating_and_a_low_one_asks_for_a_talk(any_world: World) -> None:
    ticket = finished(any_world)
    with unit_of_work():
        rate(ticket, 1, "broke again", actor=any_world.actor("rita"), now=any_world.now + timedelta(days=3))
    fresh()
    assert (ticket.rating, ticket.rating_comment) == (1, "broke again")
    entries = db.session.scalars(
        sa.select(TimelineEntry).where(TimelineEntry.ticket_id == ticket.id, TimelineEntry.kind == "rating")
    ).all()
    assert [(entry.internal, entry.data.get("low_rating")) for entry in entries] == [(False, None), (True, 1)]


def test_a_low_rating_at_the_confirmation_asks_for_a_talk_too(any_world: World) -> None:
    ticket = finished(any_world, rating=2)
    fresh()
    entry = db.session.scalars(
        sa.select(TimelineEntry).where(TimelineEntry.ticket_id == ticket.id, TimelineEntry.kind == "rating")
    ).one()
    assert (entry.internal, entry.data["low_rating"]) == (True, 2)


def test_ratings_that_cannot_be_are_refused(app: Flask, world: World) -> None:
    ticket, open_one = finished(world), world.ticket()
    soon, late = world.now + timedelta(days=1), world.now + timedelta(days=15)
    refused = (
        (ticket, 5, "emma", soon, NotAllowedError),
        (ticket, 5, "rita", late, ConflictError),
        (open_one, 5, "rita", soon, ConflictError),
        (ticket, 6, "rita", soon, InvalidError),
        (ticket, None, "rita", soon, InvalidError),
    )
    for about, stars, who, now, error in refused:
        with pytest.raises(error), unit_of_work():
            rate(about, stars, "", actor=world.actor(who), now=now)
    path = f"/tickets/{open_one.id}/rating"
    assert Browser(app, "rita").post(path, rating="5").status_code == 403
    assert Browser(app, "rolf").post(path, rating="5").status_code == 404


def test_the_page_offers_the_rating_to_the_requester_alone(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = finished(world)
    for module in ("views", "fact_views"):
        monkeypatch.setattr(f"servicedesk.tickets.{module}.utcnow", lambda: world.now + hours(9))
    rita, path = Browser(app, "rita"), f"/tickets/{ticket.id}"
    assert "Correct the rating" in rita.get(path).text
    assert "Correct the rating" not in Browser(app, "emma").get(path).text
    assert rita.post(f"{path}/rating", rating="11").status_code == 422
    assert rita.post(f"{path}/rating", rating="3", rating_comment="<script>").status_code == 302
    page = rita.get(path).text
    assert "3 / 5" in page
    assert "<script>" not in page.partition('class="timeline"')[2].partition("</ol>")[0]
