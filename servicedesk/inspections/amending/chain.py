"""Amendments hang on the signed record by hashes: none can be changed, left out or put in between unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from servicedesk.inspections.amending.models import Amendment
from servicedesk.inspections.models import InspectionRun


def link(amendment: Amendment) -> str:
    """sha256 over the amendment and the hash before it, in canonical JSON.

    The review is not part of it, as it comes later; the audit trail, chained itself, holds it.
    """
    content = [
        amendment.previous_hash,
        amendment.run_id,
        amendment.number,
        amendment.record_id,
        amendment.check,
        amendment.item,
        amendment.unit,
        amendment.answer_id,
        amendment.place,
        amendment.before,
        amendment.after,
        amendment.reason,
        amendment.signed_by_id,
        amendment.signed_by,
        amendment.signed_at.isoformat(),
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def intact(run: InspectionRun, amendments: Sequence[Amendment]) -> bool:
    """Whether the amendments, in order, lead from the record's hash to the last of them without a gap."""
    before = run.content_hash
    for number, amendment in enumerate(amendments, start=1):
        if amendment.number != number or amendment.previous_hash != before:
            return False
        if link(amendment) != amendment.content_hash:
            return False
        before = amendment.content_hash
    return True
