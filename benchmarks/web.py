"""Pages over many rows; beside them what other desks took on the same kind of machine."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from flask_migrate import upgrade

from servicedesk import create_app
from servicedesk.config import Settings
from servicedesk.core.db import db, unit_of_work
from servicedesk.search.models import SearchText
from servicedesk.search.words import index_words
from servicedesk.tickets.models import Ticket, TimelineEntry
from tests.servicedesk.world import Browser, World

TICKETS = 100_000
ROUNDS = 30
WORDS = (
    "打印机卡纸",
    "网络不通",
    "服务器磁盘已满",
    "Printer jams",
    "No network",
    "Disk full",
    "账号申请",
    "证书过期",
)


def _fill(world: World, now: datetime) -> None:
    client, site = world.organisations["north"].id, world.sites["north-1"].id
    for start in range(0, TICKETS, 5000):
        numbers = range(start + 1, start + 5001)
        tickets = [
            {
                "id": number,
                "client_id": client,
                "site_id": site,
                "number": f"FLT-{number:06d}",
                "category": "fault",
                "state": "closed" if number % 20 else "new",
                "phase": "closed" if number % 20 else "open",
                "title": f"{WORDS[number % len(WORDS)]} {number}",
                "requester_id": world.users["rita"].id,
                "created_at": now - timedelta(minutes=number),
                "updated_at": now - timedelta(minutes=number),
            }
            for number in numbers
        ]
        entries = [
            {
                "ticket_id": number,
                "kind": "comment",
                "actor_name": "Rita",
                "at": now,
                "body": f"Answer {turn} of {number}",
            }
            for number in numbers
            for turn in range(5)
        ]
        texts = [
            {"kind": "ticket", "object_id": row["id"], "words": index_words(row["number"], row["title"])}
            for row in tickets
        ]
        with unit_of_work() as session:
            session.execute(sa.insert(Ticket), tickets)
            session.execute(sa.insert(TimelineEntry), entries)
            session.execute(sa.insert(SearchText), texts)


def measure() -> Iterator[tuple[str, str, str, str]]:
    """Rows of the table: median of one user's requests through the whole application."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data=Path(folder), testing=True, locale="en"))
        now = datetime.now(UTC)
        with app.app_context():
            upgrade()
            world = World.make(now)
            _fill(world, now)
            browser = Browser(app, "emma")
        for path, beside in (
            ("/tickets/", "NetBox 379 ms, django-helpdesk 117 ms"),
            ("/tickets/?queue=all", "RT 1,310 ms"),
            ("/tickets/?queue=all&q=打印机", ""),
            ("/tickets/?queue=all&q=打印机+99", ""),
            ("/tickets/50000", ""),
            ("/", ""),
        ):
            times = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                answer = browser.get(path)
                times.append(time.perf_counter() - began)
                if answer.status_code != 200:
                    raise SystemExit(f"{path}: {answer.status_code}")
            yield f"{path} of {TICKETS:,} tickets", f"{1000 * statistics.median(times):.1f} ms", beside, ""
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
