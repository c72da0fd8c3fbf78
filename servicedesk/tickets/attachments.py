"""Files that people attach to what they write, kept by hash."""

from __future__ import annotations

from datetime import datetime

from servicedesk.core.blobs import BlobStore
from servicedesk.core.db import db
from servicedesk.core.uploads import content_type, safe_name
from servicedesk.tickets.models import Attachment, TimelineEntry


def attach(
    entry: TimelineEntry, files: list[tuple[str, bytes]], *, blobs: BlobStore, now: datetime
) -> list[Attachment]:
    """Store files and hang them on a timeline entry. The blobs are written before the rows."""
    attachments = [
        Attachment(
            entry_id=entry.id,
            name=safe_name(name),
            content_type=content_type(content),
            size_bytes=len(content),
            sha256=blobs.put(content),
            created_at=now,
        )
        for name, content in files
    ]
    db.session.add_all(attachments)
    db.session.flush()
    return attachments
