"""Pages over 100,000 tickets with 500,000 timeline entries, on both databases.

Beside them the budgets of the design, and django-helpdesk filled alike in the same run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from benchmarks.helpdesk import run_helpdesk
from benchmarks.pages import ROUNDS, filled, median_s, served
from servicedesk.core.db import unit_of_work
from servicedesk.search.models import SearchText
from servicedesk.search.words import index_words
from servicedesk.sla.models import SlaClock, SlaSnapshot
from servicedesk.tickets.models import Ticket, TimelineEntry
from tests.servicedesk.world import Browser, World

TICKETS = 100_000
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
    reporters = world.users["rita"].id, world.users["dora"].id  # one in a hundred is Rita's
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
                "requester_id": reporters[number % 100 > 0],
                "assignee_id": world.users["emma"].id if number % 40 == 0 else None,
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
            {
                "kind": "ticket",
                "object_id": row["id"],
                "words": index_words(str(row["number"]), str(row["title"])),
            }
            for row in tickets
        ]
        with unit_of_work() as session:
            session.execute(sa.insert(Ticket), tickets)
            session.execute(sa.insert(TimelineEntry), entries)
            session.execute(sa.insert(SearchText), texts)


def _clocks(now: datetime) -> None:
    """A running promise for each ticket that is open."""
    with unit_of_work() as session:
        snapshot = SlaSnapshot(digest="bench", calendar={"timezone": "Asia/Shanghai", "always": True})
        session.add(snapshot)
        session.flush()
        due = [
            {
                "ticket_id": number,
                "kind": kind,
                "snapshot_id": snapshot.id,
                "target_seconds": 28_800,
                "state": "running",
                "due_at": now + timedelta(minutes=number % 600 - 60),
                "check_at": now + timedelta(days=1),
            }
            for number in range(20, TICKETS + 1, 20)
            for kind in ("response", "restore")
        ]
        session.execute(sa.insert(SlaClock), due)


def _fill_all(world: World, now: datetime) -> None:
    _fill(world, now)
    _clocks(now)


WORD = "打印机"
PAGES = (
    # path, budget of the design, the page of django-helpdesk that does the same
    ("/tickets/", "25 ms", "queue"),
    ("/tickets/?queue=all", "25 ms", "all"),
    ("/tickets/?queue=mine", "25 ms", ""),
    (f"/tickets/?queue=all&q={quote(WORD)}", "50 ms", "search"),
    (f"/tickets/?queue=all&q={quote(WORD)}+99", "50 ms", ""),
    ("/tickets/50000", "15 ms", "ticket"),
    ("/tickets/50000/rest", "", ""),
    ("/", "25 ms", ""),
)


def measure(_arguments: Sequence[str] = ()) -> Iterator[tuple[str, str, str, str]]:
    """Rows of the table: the median of one user's requests through the whole application.

    Beside SQLite stands django-helpdesk, whose staff page of a ticket is not what a requester sees.
    """
    with tempfile.TemporaryDirectory() as folder:
        beside = run_helpdesk(Path(folder), TICKETS, WORDS, WORD, ROUNDS // 3)
    if beside.missing:
        yield f"django-helpdesk: {beside.missing}", "", "", ""
    for database, app, url in filled(_fill_all):
        if app is None:
            yield f"{database}: not installed here", "", "", ""
            continue
        for who in ("emma", "rita"):
            browser = Browser(app, who)
            for path, budget, other in PAGES:
                median = median_s(browser, path)
                other_s = beside.medians.get(other) if who == "emma" and not url else None
                yield (
                    f"{database} {who} {path}" + (f" (at most {budget})" if budget else ""),
                    f"{1000 * median:.1f} ms, {1 / median:.0f}/s",
                    f"django-helpdesk {1000 * other_s:.0f} ms" if other_s else "",
                    f"{median / other_s:.2f}" if other_s else "",
                )
        yield from served(app, database, url, [(path, budget) for path, budget, _other in PAGES])
