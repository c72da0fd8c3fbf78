"""The documents of a long half-yearly report: 60 pages with 20 charts, all tables and written Chinese texts.

The report is made up; nothing is gathered. Every time another one is written: the typesetter remembers
what it has set before, and the same report again would only measure its memory. ``pdfinfo`` counts the
pages where it is installed.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask_migrate import upgrade

from servicedesk import create_app
from servicedesk.config import Settings
from servicedesk.organisations.models import Organisation
from servicedesk.reports.deep.content import PARTS, Content, Table
from servicedesk.reports.deep.files import WRITERS, Made
from servicedesk.reports.deep.models import DeepReport
from servicedesk.reports.deep.sections import SECTIONS

CHARTS, TIMES = 20, 5
PARAGRAPHS, LETTERS = 10, 150  # of each text, and of each paragraph
BUDGETS_S = {"pdf": 1.5, "docx": 2.0}
AT = datetime(2026, 12, 31, tzinfo=UTC)
CELLS: dict[str, Any] = {
    "share": 0.897,
    "measure": [78.0, "%"],
    "seconds": 5400,
    "day": "2026-12-01",
    "moment": "2026-12-01T08:00:00+00:00",
    "ticket": [1, "F-2026-0001", "The printer on the second floor jams"],
    "record": 1,
    "class": "server",
    "check": "cpu_used",
    "outcome": "warning",
    "reason": "no_plan",
    "phase": "running",
    "refusal": "forecast",
    "yes": "yes",
    "category": "fault",
    "ticket_state": ["fault", "new"],
    "message": {"template": "%(count)s items", "values": {"count": 3}},
    "support": "warranty",
    "figure": "faults",
}


def measure(_options: Sequence[str]) -> Iterator[tuple[str, str, str, str]]:
    """Rows of (what, ours, budget, ratio)."""
    with tempfile.TemporaryDirectory(prefix="servicedesk-files-") as name:
        app = create_app(Settings(data=Path(name), testing=True, locale="zh_CN"))
        with app.app_context():
            upgrade()
        with app.test_request_context():
            for kind, budget in BUDGETS_S.items():
                first, content = _timed(kind, 0)
                spent = statistics.median(_timed(kind, number)[0] for number in range(1, TIMES + 1))
                pages = _pages(content, Path(name)) if kind == "pdf" else "the same report"
                what = f"{kind.upper()}, {pages}, {len(content) / 2**20:.1f} MiB"
                yield what, f"{spent:.2f} s", f"{budget} s", f"{spent / budget:.2f}"
                if kind == "pdf":  # which comes first, so that the process has set nothing before
                    yield "PDF, the first of a process", f"{first:.2f} s", "", ""


def _timed(kind: str, number: int) -> tuple[float, bytes]:
    """Seconds and content of a report that was never written before."""
    made = _made_up(random.Random(f"{kind} {number}"))
    began = time.perf_counter()
    content = WRITERS[kind][1](made)
    return time.perf_counter() - began, content


def _pages(content: bytes, folder: Path) -> str:
    file = folder / "report.pdf"
    file.write_bytes(content)
    try:
        answer = subprocess.run(["pdfinfo", str(file)], capture_output=True, text=True, check=True).stdout
    except FileNotFoundError:
        return "pages not counted"
    return next(line.split()[1] for line in answer.splitlines() if line.startswith("Pages:")) + " pages"


def _made_up(dice: random.Random) -> Made:
    sections = {}
    for section in SECTIONS:
        found = Content(
            figures={column.key: _cell(column.kind, dice) for column in section.figures},
            tables={table.key: _rows(table, dice) for table in section.tables},
        )
        if section.key == "capacity":
            found.charts = [_chart(number, dice) for number in range(CHARTS)]
        sections[section.key] = found.plain()
    report = DeepReport(
        client=Organisation(name=_words(dice, 8)),
        period="2026-H2",
        edition=1,
        reason="",
        as_of=AT.date(),
        timezone="Asia/Shanghai",
        data_sha256="0" * 64,
        created_at=AT,
    )
    slots = [f"{section.key}.{part}" for section in SECTIONS for part in PARTS if section.key != "classes"]
    written = {slot: _written(dice) for slot in [*slots, "summary"]}
    return Made(report, {"sections": sections}, texts=written)


def _words(dice: random.Random, count: int) -> str:
    """Chinese characters; nobody means anything by them."""
    return "".join(chr(dice.randint(0x4E00, 0x6FFF)) for _letter in range(count))


def _written(dice: random.Random) -> str:
    parts = [f"**{_words(dice, 6)}**{_words(dice, LETTERS)}" for _paragraph in range(PARAGRAPHS)]
    return "\n\n".join([*parts, f"- {_words(dice, 30)}\n- `db-{dice.random()}`"])


def _cell(kind: str, dice: random.Random) -> Any:
    if kind in ("device", "site", "contract"):
        return [1, _words(dice, 6)]
    if kind in ("count", "number", "signed"):
        return dice.randint(1, 9999)
    return CELLS.get(kind) or _words(dice, 8)


def _rows(table: Table, dice: random.Random) -> list[list[Any]]:
    return [[_cell(column.kind, dice) for column in table.columns] for _row in range(table.shown)]


def _chart(number: int, dice: random.Random) -> dict[str, Any]:
    points = [[7 * week, 40.0 + week + dice.random()] for week in range(26)]
    ahead = [[182 + 30 * step, 66.0 + step, 68.0 + 2 * step, 70.0 + 3 * step] for step in range(6)]
    return {
        "kind": "line",
        "template": "%(name)s %(item)s",
        "values": {"name": f"db-{number:02}", "item": _words(dice, 4)},
        "check": "filesystem_used",
        "unit": "%",
        "first": "2026-07-01",
        "points": points,
        "ahead": ahead,
        "limit": 90.0,
    }
