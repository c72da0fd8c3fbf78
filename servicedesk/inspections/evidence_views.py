"""The raw answers behind a record: looked at, and taken along as files."""

from __future__ import annotations

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import login_required

from collectors import transcripts
from collectors.errors import ParseError
from collectors.model import Transcript
from servicedesk.core.blobs import BlobMissingError
from servicedesk.core.current import current_actor
from servicedesk.core.errors import NotFoundError
from servicedesk.core.forms import whole_number
from servicedesk.core.runtime import runtime
from servicedesk.core.web import name_file
from servicedesk.inspections import queries
from servicedesk.inspections.models import InspectionRecord
from servicedesk.inspections.session_words import told
from servicedesk.inspections.views import bp

__all__ = ["bp"]
EVIDENCE_LINES = 400  # of one page


@bp.get("/records/<int:record_id>/evidence")
@login_required
def evidence(record_id: int) -> ResponseReturnValue:
    """The raw answer behind a reading, with its line marked; without a number: what was asked.

    ``?line=`` is marked and in sight, ``?first=`` is where a long answer is gone on with.
    """
    found = queries.get_visible_record(record_id, current_actor())
    transcript = _transcript(found)
    number = request.args.get("exchange", type=whole_number)
    line = request.args.get("line", type=whole_number)
    exchange = None
    lines: list[tuple[int, str]] = []
    total = 0
    if number is not None:
        text = _text(transcript, number).splitlines()
        exchange, total = transcript.exchanges[number], len(text)
        first = max(0, (line or 1) - EVIDENCE_LINES // 2)
        if wanted := request.args.get("first", type=whole_number):
            first = min(wanted - 1, max(0, total - 1))
        lines = list(enumerate(text[first : first + EVIDENCE_LINES], start=first + 1))
    return render_template(
        "inspections/evidence.html",
        record=found,
        transcript=transcript,
        told=told(transcript.session),
        exchange=exchange,
        number=number,
        line=line,
        lines=lines,
        total=total,
        page_lines=EVIDENCE_LINES,
    )


@bp.get("/records/<int:record_id>/evidence/<int:number>.txt")
@login_required
def answer(record_id: int, number: int) -> ResponseReturnValue:
    """One raw answer, whole, as a text file; the first is number 1."""
    found = queries.get_visible_record(record_id, current_actor())
    file = Response(_text(_transcript(found), number - 1), mimetype="text/plain")
    return _named(file, f"{found.device.name}-{found.run.day.isoformat()}-{number}.txt")


@bp.get("/records/<int:record_id>/transcript")
@login_required
def transcript(record_id: int) -> ResponseReturnValue:
    """The visit as it is kept: ``servicedesk replay`` reads it, and sees by its name if it was altered."""
    found = queries.get_visible_record(record_id, current_actor())
    _transcript(found)  # nothing but a transcript is handed out
    file = Response(runtime().blobs.get(found.transcript_sha256), mimetype="application/octet-stream")
    return _named(file, found.transcript_sha256)


def _transcript(found: InspectionRecord) -> Transcript:
    """What was asked and answered; NotFoundError when there is none, or it was removed by policy."""
    try:
        return transcripts.unpack(runtime().blobs.get(found.transcript_sha256))
    except (BlobMissingError, ParseError):
        raise NotFoundError from None


def _text(visit: Transcript, number: int) -> str:
    if not 0 <= number < len(visit.exchanges):
        raise NotFoundError
    return visit.exchanges[number].answer.decode("utf-8", errors="replace")


def _named(file: Response, name: str) -> Response:
    name_file(file, name)
    file.headers["Cache-Control"] = "no-store"
    return file
