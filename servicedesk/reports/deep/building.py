"""From records to the data of a report: canonical JSON, so that the same records give the same bytes."""

from __future__ import annotations

import hashlib
import json
import zlib
from datetime import datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from servicedesk.core.blobs import BlobStore
from servicedesk.core.db import db
from servicedesk.reports.deep.gathering.ground import Ground, Progress
from servicedesk.reports.deep.models import DeepReport
from servicedesk.reports.deep.sections import gather
from servicedesk.tickets.periods import parse_period

FORMAT = 1
Data = dict[str, Any]


def ground_of(report: DeepReport, progress: Progress) -> Ground:
    """What the report is about."""
    period = parse_period(report.period, report.as_of)
    zone = ZoneInfo(report.timezone)
    return Ground(report.client_id, report.site_id, period, report.as_of, zone, progress)


def build(report: DeepReport, progress: Progress) -> bytes:
    """Gather everything from one state of the database; nothing is written.

    Returns:
        Canonical JSON: keys sorted, no spaces, UTF-8, no moment of building inside.
    """
    head = {
        "client": [report.client_id, report.client.name],
        "site": [report.site.id, report.site.name] if report.site is not None else None,
        "period": report.period,
        "as_of": report.as_of.isoformat(),
        "timezone": report.timezone,
    }
    ground = ground_of(report, progress)
    contents = {key: content.plain() for key, content in gather(ground).items()}
    return canonical({"format": FORMAT, "report": head, "sections": contents})


def canonical(value: Any) -> bytes:
    """JSON with one way to write anything; numbers that are none are refused."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def read_steadily() -> None:
    """All that follows in this transaction sees one state whoever writes meanwhile; SQLite always does."""
    db.session.rollback()
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})


def store(content: bytes, blobs: BlobStore) -> tuple[str, str]:
    """The hash of the JSON, and the blob of its packed form. A blob nobody names yet is no harm."""
    return hashlib.sha256(content).hexdigest(), blobs.put(zlib.compress(content, 6))


def load(report: DeepReport, blobs: BlobStore) -> Data:
    """The data of a built report.

    Raises:
        BlobMissingError: the file is gone.
        ValueError: the file was altered.
    """
    return cast(Data, json.loads(raw(report, blobs)))


def raw(report: DeepReport, blobs: BlobStore) -> bytes:
    """The canonical JSON itself, checked against its hash."""
    content = zlib.decompress(blobs.get(report.data_blob))
    if hashlib.sha256(content).hexdigest() != report.data_sha256:
        raise ValueError(f"the data of report {report.id} were altered")
    return content


def settle(report_id: int, sha256: str, blob: str, *, now: datetime) -> bool:
    """Make what was built the report's, whole and at once; False when somebody else did."""
    done = db.session.execute(
        sa.update(DeepReport)
        .where(DeepReport.id == report_id, DeepReport.state == "building")
        .values(state="draft", data_sha256=sha256, data_blob=blob, built_at=now, error="")
    )
    return bool(cast("sa.CursorResult[Any]", done).rowcount)
