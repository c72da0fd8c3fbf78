"""Articles where they are needed: made of tickets, beside them, while one reports, in the palette; votes."""

from __future__ import annotations

import pytest
from flask import Flask

from servicedesk.core.db import db, unit_of_work
from servicedesk.core.errors import ConflictError, NotAllowedError
from servicedesk.knowledge import helping, making, queries
from servicedesk.knowledge.models import Article, ArticleSolved, ArticleVersion, ArticleVote
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.service import TransitionInput, transition
from tests.servicedesk.conftest import Queries
from tests.servicedesk.knowledge.articles import draft, published
from tests.servicedesk.world import Browser, World, fresh


def solved_ticket(world: World, **values: object) -> Ticket:
    ticket = world.ticket(**values)  # type: ignore[arg-type]  # as the world's
    emma = world.actor("emma")
    with unit_of_work():
        transition(ticket, "start", TransitionInput(), actor=emma, now=world.now)
        fields = {"diagnosis": "Roller worn, said Rita (13812345678)", **world.mended()}
        said = TransitionInput(resolution="Cleaned it. Rita's mail is rita@north.example.cn", details=fields)
        transition(ticket, "resolve", said, actor=emma, now=world.now)
    return ticket


def test_an_article_is_made_of_a_solved_ticket_without_the_people(app: Flask, world: World) -> None:
    device = world.device("prn", device_class="printer")
    ticket = solved_ticket(world, device_id=device.id, description="Emma saw the printer jam, not Emmanuel")
    emma = Browser(app, "emma")
    panel = f"/knowledge/beside/{ticket.id}"
    assert "Make an article of this ticket" in emma.get(panel).text
    answer = emma.post(f"/knowledge/of-ticket/{ticket.id}")
    page = emma.get(answer.headers["Location"]).text
    assert "Write: Printer jams" in page
    fresh()
    version = db.session.query(ArticleVersion).one()
    assert "… saw the printer jam, not Emmanuel" in version.body
    assert "Roller worn, said … (…)" in version.body
    for hidden in ("Rita", "rita@", "13812345678"):
        assert hidden not in version.body
    assert (version.class_names, version.category, version.cause_id) == (
        ["printer"],
        "fault",
        ticket.cause_id,
    )
    assert (version.audience, version.state) == ("staff", "draft")
    beside = emma.get(panel).text
    assert f"/knowledge/{version.article_id}" in beside
    assert "Make an article" not in beside
    assert ticket.number in emma.get(f"/knowledge/{version.article_id}").text
    assert Browser(app, "rita").get(panel).text.strip() == "", "a requester sees no draft"


def test_only_who_works_makes_an_article_and_only_of_what_is_solved(app: Flask, world: World) -> None:
    open_ticket = world.ticket()
    with pytest.raises(NotAllowedError), unit_of_work():
        making.make(open_ticket, actor=world.actor("emma"), now=world.now)
    ticket = solved_ticket(world)
    with pytest.raises(NotAllowedError), unit_of_work():
        making.make(ticket, actor=world.actor("rita"), now=world.now)
    assert Browser(app, "stan").post(f"/knowledge/of-ticket/{ticket.id}").status_code == 404
    assert Browser(app, "stan").get(f"/knowledge/beside/{ticket.id}").status_code == 404
    with unit_of_work():
        making.make(ticket, actor=world.actor("emma"), now=world.now)
    with pytest.raises(ConflictError), unit_of_work():
        making.make(ticket, actor=world.actor("sue"), now=world.now)
    fresh()
    assert db.session.query(Article).count() == 1


@pytest.mark.parametrize("typed", ["打印机又卡纸了", "The printer jams", "paper jam again please help"])
def test_what_is_typed_brings_articles(any_app: Flask, any_world: World, typed: str) -> None:
    published(any_world, title="打印机卡纸的处理", body="printer paper jams jam", language="zh_CN")
    published(any_world, title="Please help me with the VPN again", body="Nothing")
    published(any_world, title="打印机卡纸内部手册 paper jam printer jams", audience="staff")
    rita = Browser(any_app, "rita").client.get("/tickets/suggest", query_string={"title": typed}).text
    assert "打印机卡纸的处理" in rita
    assert "VPN" not in rita
    assert "内部手册" not in rita
    emma = Browser(any_app, "emma").client.get("/tickets/suggest", query_string={"title": typed}).text
    assert "内部手册" in emma
    rolf = Browser(any_app, "rolf").client.get("/tickets/suggest", query_string={"title": typed}).text
    assert "卡纸" not in rolf


def test_beside_a_ticket_its_device_s_class_comes_first(world: World) -> None:
    device = world.device("prn", device_class="printer")
    published(world, title="Paper jams in the scanner")
    published(world, title="Jams: a long text on printers", body="x " * 50, classes=("printer",))
    ticket = world.ticket(device_id=device.id, description="paper jams in it")
    found = queries.beside(ticket, world.actor("rita"), language="en")
    assert [one.title for one in found] == ["Jams: a long text on printers", "Paper jams in the scanner"]


def test_one_vote_a_person_and_the_last_word_holds(any_world: World) -> None:
    world, rita = any_world, any_world.actor("rita")
    version = published(world)
    with unit_of_work():
        helping.vote(version, True, actor=rita, now=world.now)
        helping.vote(version, False, "  Which lid? ", actor=rita, now=world.now)
        helping.vote(version, True, actor=world.actor("dora"), now=world.now)
    fresh()
    row = queries.counts(version)
    assert (row.helpful, row.unhelpful, row.solved) == (1, 1, 0)
    assert [one.word for one in queries.words_on(version)] == ["Which lid?"]


def test_solved_is_counted_once_a_day_and_closes_nothing(app: Flask, world: World) -> None:
    version, ticket = published(world), world.ticket()
    rita = Browser(app, "rita")
    for _time in range(2):
        answer = rita.post(f"/knowledge/{version.article_id}/solved", ticket_id=ticket.id)
        assert answer.status_code == 302
    fresh()
    assert db.session.query(ArticleSolved).one().ticket_id == ticket.id
    assert db.session.query(ArticleVote).one().helpful
    assert ticket.phase == "open"
    fragment = rita.client.post(
        f"/knowledge/{version.article_id}/solved",
        data={"csrf_token": rita.token},
        headers={"HX-Request": "true"},
    )
    assert "Nothing needs to be sent" in fragment.text


def test_others_neither_vote_nor_name_foreign_tickets(app: Flask, world: World) -> None:
    version, writing = published(world), draft(world)
    south = world.ticket("rolf")
    rolf, rita = Browser(app, "rolf"), Browser(app, "rita")
    assert rolf.post(f"/knowledge/versions/{version.id}/vote", helpful=1).status_code == 404
    assert rolf.post(f"/knowledge/{version.article_id}/solved").status_code == 404
    assert rita.post(f"/knowledge/versions/{writing.id}/vote", helpful=1).status_code == 404
    assert rita.post(f"/knowledge/{version.article_id}/solved", ticket_id=south.id).status_code == 404
    with pytest.raises(ConflictError), unit_of_work():
        helping.vote(writing, True, actor=world.actor("emma"), now=world.now)
    fresh()
    assert db.session.query(ArticleVote).count() == db.session.query(ArticleSolved).count() == 0


def test_a_reader_s_word_is_shown_as_text_to_those_who_write(app: Flask, world: World) -> None:
    version = published(world)
    rita, emma = Browser(app, "rita"), Browser(app, "emma")
    rita.post(f"/knowledge/versions/{version.id}/vote", helpful=0, word="<script>x</script>" + "y" * 900)
    page = emma.get(f"/knowledge/{version.article_id}").text
    assert "&lt;script&gt;x" in page
    assert "y" * 483 not in page
    assert "You said: not helpful" in rita.get(f"/knowledge/{version.article_id}").text


def test_the_palette_finds_articles_within_reach(app: Flask, world: World) -> None:
    version = published(world, title="打印机卡纸")
    for who, seen in (("rita", True), ("emma", True), ("rolf", False), ("stan", False)):
        page = Browser(app, who).client.get("/search", query_string={"q": "卡纸", "list": "1"}).text
        assert (f"/knowledge/{version.article_id}" in page) is seen, who


def test_suggestions_and_panel_ask_as_much_for_many_as_for_few(
    app: Flask, world: World, queries: Queries
) -> None:
    ticket = world.ticket(description="paper jam in the printer")
    emma = Browser(app, "emma")
    for path in ("/tickets/suggest?title=paper+jam", f"/knowledge/beside/{ticket.id}"):
        counts = []
        published(world)
        emma.get(path)
        for more in (0, 7):
            for _number in range(more):
                published(world)
            with queries:
                page = emma.get(path)
            counts.append(queries.count)
            queries.statements.clear()
        assert counts[0] == counts[1] <= 16, (path, counts)
        assert "Paper jam in the printer" in page.text


def test_an_article_knows_its_own_ticket_only_for_those_who_see_it(app: Flask, world: World) -> None:
    ticket = solved_ticket(world)
    with unit_of_work():
        version = making.make(ticket, actor=world.actor("emma"), now=world.now)
    assert queries.origin(version.article, world.actor("rita")) is not None
    assert queries.origin(version.article, world.actor("dora")) is None
