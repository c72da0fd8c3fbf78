"""Devices in the full text: alike on both databases, and never more than one may see."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from servicedesk.core.db import unit_of_work
from servicedesk.equipment.removal import remove_devices
from servicedesk.equipment.searching import KIND, index_missing
from servicedesk.search.models import SearchText
from tests.servicedesk.world import SYSTEM, Browser, World


@pytest.mark.parametrize("asked", ["core-sw", "核心", "交换机", "SN-778", "c9300", "north site", "127.0.0"])
def test_a_device_is_found_by_what_is_known_of_it(any_app: Flask, any_world: World, asked: str) -> None:
    any_world.device("core-sw", serial="SN-7788", model="C9300-48", notes="核心交换机，三层机房")
    assert "core-sw" in Browser(any_app, "emma").get(f"/search?q={asked}").text.split("<main")[1]


def test_nobody_finds_what_they_may_not_see(any_app: Flask, any_world: World) -> None:
    any_world.device("core-sw", notes="confidential gateway")
    ticket = any_world.ticket("rita", description="confidential gateway")
    for who, device, report in (
        ("emma", True, True),
        ("rita", False, True),
        ("rolf", False, False),
        ("stan", False, False),
    ):
        page = Browser(any_app, who).get("/search?q=confidential").text
        assert ("core-sw" in page, ticket.number in page) == (device, report), who


def test_what_was_there_before_an_upgrade_is_indexed_once(any_app: Flask, any_world: World) -> None:
    any_world.device("core-sw")
    with unit_of_work() as session:
        session.execute(sa.delete(SearchText).where(SearchText.kind == KIND))
    assert index_missing() == 1
    assert index_missing() == 0


@pytest.mark.parametrize("asked", ["", "%22*", "%25_", "<script>alert(1)</script>", "a" * 5000, "\U00020bb7"])
def test_odd_questions_are_answered_quietly(any_app: Flask, any_world: World, asked: str) -> None:
    answer = Browser(any_app, "emma").get(f"/search?q={asked}")
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_a_device_that_was_deleted_is_not_in_the_index(any_app: Flask, any_world: World) -> None:
    device = any_world.device("core-sw")
    with unit_of_work() as session:
        remove_devices([session.merge(device)], actor=SYSTEM, now=any_world.now)
    with unit_of_work() as session:
        assert session.query(SearchText).filter_by(kind=KIND).count() == 0
