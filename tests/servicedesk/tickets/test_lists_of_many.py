"""Lists over many rows: the clocks of a page are asked for once, and SQLite is told of its tables."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask, render_template_string
from flask_babel import force_locale

from servicedesk.core.db import db
from servicedesk.core.statistics import gather_statistics
from tests.servicedesk.world import Browser, World


def test_each_row_shows_when_it_is_due(any_app: Flask, any_world: World) -> None:
    tickets = [any_world.ticket("rita", description=f"number {number}") for number in range(3)]
    page = Browser(any_app, "emma").get("/tickets/").text
    rows = page.split("<tbody>")[1].split("</tbody>")[0]
    assert rows.count("<time") >= 2 * len(tickets)  # due and updated


def test_sqlite_learns_what_its_indexes_are_good_for(any_app: Flask, any_world: World) -> None:
    any_world.ticket("rita")
    gather_statistics()
    if db.engine.dialect.name == "sqlite":
        assert db.session.scalar(sa.text("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'tickets'"))


def test_a_language_that_is_forced_for_a_while_is_that_of_templates_too(app: Flask) -> None:
    with app.test_request_context():
        said = []
        for locale in ("zh_CN", "en", "zh_CN"):
            with force_locale(locale):
                said.append(render_template_string("{{ _('Tickets') }}"))
        assert said == ["工单", "Tickets", "工单"]
        with force_locale("en"):
            outer = render_template_string("{{ _('Tickets') }}")
            with force_locale("zh_CN"):
                inner = render_template_string("{{ _('Tickets') }}")
            assert (outer, inner, render_template_string("{{ _('Tickets') }}")) == (
                "Tickets",
                "工单",
                "Tickets",
            )


def test_the_bell_alone_is_a_small_part(app: Flask, world: World) -> None:
    part = Browser(app, "emma").get("/notifications/bell").text
    assert "<html" not in part
    assert 'class="icon-button bell"' in part
    assert Browser(app).get("/notifications/bell").status_code == 302
