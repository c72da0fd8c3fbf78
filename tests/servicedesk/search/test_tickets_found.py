"""Finding tickets, alike on both databases, and never more than one may see."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from servicedesk.core.db import db, unit_of_work
from servicedesk.search.models import SearchText
from servicedesk.tickets import service
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.queries import QUEUES, tickets_found
from servicedesk.tickets.searching import index_missing
from tests.servicedesk.world import World, fresh


def find(world: World, question: str, who: str = "emma") -> list[int]:
    fresh()
    return sorted(db.session.scalars(tickets_found(world.actor(who), queue="all", text=question)))


@pytest.fixture
def ticket(any_world: World) -> Ticket:
    made = any_world.ticket("rita", description="三层 302 室的打印机卡纸，网关 10.1.2.3 也不通。")
    with unit_of_work():
        service.comment(
            made, "Replaced the fuser unit", internal=False, actor=any_world.actor("emma"), now=any_world.now
        )
        service.comment(
            made, "Budget secret", internal=True, actor=any_world.actor("emma"), now=any_world.now
        )
    return made


@pytest.mark.parametrize(
    "question",
    [
        "打印机",
        "印机",
        "机",
        "卡纸",
        "打印机 fuser",
        "302",
        "10.1.2.3",
        "FUSER",
        "fus",
        "printer",
        "jam",
        "FLT-0",
    ],
)
def test_found_by_title_description_number_and_answers(
    any_world: World, ticket: Ticket, question: str
) -> None:
    assert find(any_world, question) == [ticket.id]


@pytest.mark.parametrize(
    "question", ["纸卡", "投影", "打印机 projector", "10.1.2.4", "2.3.1", "", "!!!", '"', "a OR b", "jam AND"]
)
def test_not_found_by_what_is_not_there(any_world: World, ticket: Ticket, question: str) -> None:
    expected = [ticket.id] if not question.strip() else []
    assert find(any_world, question) == expected


def test_internal_notes_are_found_by_those_who_read_them_alone(any_world: World, ticket: Ticket) -> None:
    assert find(any_world, "budget", "emma") == [ticket.id]
    assert find(any_world, "budget", "rita") == []


def test_another_client_finds_nothing(any_world: World, ticket: Ticket) -> None:
    assert find(any_world, "打印机", "stan") == []


def test_a_rolled_back_comment_is_not_found(any_world: World, ticket: Ticket) -> None:
    def comment_and_fail() -> None:
        with unit_of_work():
            actor = any_world.actor("emma")
            service.comment(ticket, "vanished", internal=False, actor=actor, now=any_world.now)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        comment_and_fail()
    assert find(any_world, "vanished") == []


def test_tickets_of_before_are_indexed_after_an_upgrade(any_world: World, ticket: Ticket) -> None:
    with unit_of_work() as session:
        session.execute(sa.delete(SearchText))
    assert find(any_world, "打印机") == []
    assert index_missing() == 1
    assert find(any_world, "打印机") == [ticket.id]
    assert index_missing() == 0


@pytest.mark.parametrize("queue", QUEUES)
def test_what_is_counted_names_no_other_table(any_world: World, queue: str) -> None:
    # PostgreSQL counts in an index alone only then, even if it needs nothing of the other table.
    assert tickets_found(any_world.actor("emma"), queue=queue).get_final_froms() == [Ticket.__table__]
